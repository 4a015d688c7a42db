"""A broker that repeats secrets, and what is heard of it; what a link says while it was never up."""

from __future__ import annotations

import asyncio
import inspect
import socket
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from capflow_gui.clock import SystemClock
from capflow_gui.credentials import AppKey, Conceal, no_log
from capflow_gui.diagnostics import Redaction
from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import (
    ConnectFailed,
    ConnectionLost,
    RemoteProtocolError,
    RequestRejected,
    SettingsError,
)
from capflow_gui.providers.backoff import Backoff
from capflow_gui.providers.base import Provider
from capflow_gui.providers.link import clean_error, reason_of
from capflow_gui.providers.longport.config import LongportConfig
from capflow_gui.providers.longport.login import KeyLogin
from capflow_gui.providers.longport.provider import LongportProvider
from capflow_gui.providers.opend.link import OpendConfig
from capflow_gui.providers.opend.provider import OpendProvider
from capflow_gui.reason import Code, Reason
from tests.reasons import said

TOKEN = "a-token-nobody-may-see"
# get_market_states asks Longport nothing.
CALLS = [name for name, _ in inspect.getmembers(Provider, inspect.iscoroutinefunction) if name.startswith("get_")]
CALLS = [*CALLS, "search"]
ARGUMENTS: dict[str, Any] = {
    "symbol": Symbol.parse("700.HK"),
    "symbols": [Symbol.parse("700.HK")],
    "market": Market.HK,
    "name": "mine",
    "keyword": "700",
}


def redaction() -> Redaction:
    hiding = Redaction()
    hiding.register_secret(TOKEN)
    return hiding


def opend(conceal: Conceal) -> OpendProvider:
    return OpendProvider(OpendConfig(port=1), SystemClock(), conceal=conceal)


def longport(conceal: Conceal) -> LongportProvider:
    config = LongportConfig("http://127.0.0.1:1", "ws://127.0.0.1:1")
    return LongportProvider(config, KeyLogin(AppKey("k", "s", "t"), SystemClock()), SystemClock(), conceal=conceal)


@pytest.mark.parametrize("make", [opend, longport])
@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    "error",
    [
        RequestRejected("x", 7, f"{TOKEN}?"),
        ConnectionLost("x", Reason.of(Code.OPEND_REFUSED, why=said(TOKEN))),
        RemoteProtocolError(Reason.of(Code.NOT_A_NUMBER, text=TOKEN)),
        KeyError(TOKEN),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_every_call_hides_secrets_in_its_errors(
    make: Callable[[Conceal], Any], name: str, error: Exception
) -> None:
    provider = make(redaction())
    if name == "get_market_states" and make is longport:
        return

    def fail(*_: object) -> None:
        raise type(error)(*error.args) if isinstance(error, KeyError) else error

    provider._down = provider.check_ready = fail  # the one way into a link that is not up
    parameters = inspect.signature(getattr(Provider, name)).parameters.values()
    needed = [ARGUMENTS.get(each.name, date(2026, 6, 10)) for each in parameters if each.default is each.empty][1:]
    with pytest.raises(type(error)) as caught:
        await getattr(provider, name)(*needed)
    assert TOKEN not in f"{caught.value!r} {caught.value} {vars(caught.value)}"


def test_a_call_keeps_a_secret_nobody_told_of() -> None:
    """Without redaction the same error shows it: this test can fail."""
    error = RequestRejected("x", 7, TOKEN)
    clean_error(error, "x", no_log)
    assert TOKEN in str(error)


def test_the_broker_is_named_where_the_wire_did_not_know_it() -> None:
    error = RemoteProtocolError(said("odd"))
    clean_error(error, "longport", no_log)
    assert error.source == "longport"
    clean_error(error, "opend", no_log)
    assert error.source == "longport"


@pytest.mark.parametrize(
    "error",
    [
        SettingsError("rsa_key", said(TOKEN), said(TOKEN)),
        UnicodeDecodeError("utf-8", b"x", 0, 1, TOKEN),
        ConnectFailed(
            "opend", Reason.of(Code.KEYS_MAY_DIFFER, why=Reason.of(Code.UNREACHABLE, address="h", why=TOKEN))
        ),
    ],
    ids=lambda error: type(error).__name__,
)
def test_secrets_are_hidden_however_deep(error: Exception) -> None:
    clean_error(error, "opend", redaction())
    assert TOKEN not in f"{error.args} {vars(error)}"


async def test_a_link_that_never_was_up_is_not_lost(expect_log: Callable[[str], None]) -> None:
    expect_log("nothing_listens")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        provider = OpendProvider(OpendConfig(port=taken.getsockname()[1]), SystemClock())
        waiting = asyncio.get_running_loop().create_future()
        provider.on_link(lambda link: waiting.done() or link.phase is not LinkPhase.WAITING or waiting.set_result(link))
        running = asyncio.create_task(provider.run())
        link: LinkState = await asyncio.wait_for(waiting, 5)
        running.cancel()
        await asyncio.wait({running})
    assert not link.was_up
    assert link.reason is not None
    assert link.reason.code is Code.NOTHING_LISTENS
    assert link.error is not None
    assert reason_of(link.error) == link.reason


async def test_link_states_hide_secrets(expect_log: Callable[[str], None]) -> None:
    expect_log("address_silent|unreachable|nothing_listens")
    provider = OpendProvider(OpendConfig(host=f"{TOKEN}.invalid"), SystemClock(), "opend", Backoff(), redaction())
    provider._facts.set(LinkFact.KICKED_OUT, said(TOKEN))
    seen: list[LinkState] = []
    ended = asyncio.Event()

    def note(link: LinkState) -> None:
        seen.append(link)
        if link.phase is LinkPhase.WAITING:
            ended.set()

    provider.on_link(note)
    running = asyncio.create_task(provider.run())
    await asyncio.wait_for(ended.wait(), 10)
    provider._facts.set(LinkFact.KICKED_OUT, said(TOKEN))
    provider._publish()
    running.cancel()
    await asyncio.wait({running})
    assert seen[-1].fact(LinkFact.KICKED_OUT) == said("‹hidden›")
    assert TOKEN not in f"{seen} {[vars(link.error) for link in seen if link.error is not None]}"
