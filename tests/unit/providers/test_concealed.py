"""A provider that repeats secrets, and what is heard of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from capflow_gui.diagnostics import Redaction
from capflow_gui.domain.flow import Period
from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import ConnectFailed, RemoteProtocolError, RequestRejected, SettingsError
from capflow_gui.providers.base import Capabilities, Provider
from capflow_gui.providers.concealed import ConcealedProvider

TOKEN = "a-token-nobody-may-see"
CALLS = [name for name, _ in inspect.getmembers(Provider, inspect.iscoroutinefunction)]


class Chatterbox:
    """Answers everything with the same error."""

    source = "longport"
    capabilities = Capabilities(frozenset({Period.INTRADAY}), classes=False, limits={})

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.heard: list[Callable[[LinkState], None]] = []
        self.link = LinkState("longport", LinkPhase.WAITING, 0.0, reason=f"{TOKEN} is over")

    def on_link(self, callback: Callable[[LinkState], None]) -> None:
        self.heard.append(callback)

    def __getattr__(self, name: str) -> Any:
        async def fail(*_arguments: object) -> None:
            raise self._error

        return fail


def concealed(error: Exception) -> ConcealedProvider:
    redaction = Redaction()
    redaction.register_secret(TOKEN)
    return ConcealedProvider(Chatterbox(error), redaction)


@pytest.mark.parametrize("name", CALLS)
async def test_every_call_is_cleaned(name: str) -> None:
    parameters = inspect.signature(getattr(Provider, name)).parameters.values()
    needed = [None for each in parameters if each.default is each.empty and each.name != "self"]
    with pytest.raises(RequestRejected) as caught:
        await getattr(concealed(RequestRejected("longport", 7, f"{TOKEN}?")), name)(*needed)
    error = caught.value
    assert (error.message, error.reason, error.code) == ("‹hidden›?", "‹hidden›? (7)", 7)
    assert TOKEN not in f"{error!r} {error} {vars(error)}"


@pytest.mark.parametrize(
    "error",
    [
        ConnectFailed("longport", TOKEN),
        RemoteProtocolError(f"not a number: {TOKEN}"),
        SettingsError("longport", TOKEN, TOKEN),
        KeyError(TOKEN),
        UnicodeDecodeError("utf-8", b"x", 0, 1, TOKEN),
    ],
)
async def test_whatever_the_error_is(error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        await concealed(error).get_capital_flow(Symbol.parse("700.HK"))
    assert caught.value is error
    assert TOKEN not in f"{error!r} {vars(error)}"


def test_link_states_are_cleaned_once() -> None:
    chatterbox, redaction = Chatterbox(KeyError()), Redaction()
    redaction.register_secret(TOKEN)
    provider = ConcealedProvider(chatterbox, redaction)
    heard: list[LinkState] = []
    provider.on_link(heard.append)
    assert provider.link.reason == "‹hidden› is over"
    assert provider.link is provider.link
    chatterbox.link = LinkState("longport", LinkPhase.READY, 0.0, facts=((LinkFact.SIMULATED, TOKEN),))
    chatterbox.heard[0](chatterbox.link)
    assert heard[0].facts == ((LinkFact.SIMULATED, "‹hidden›"),)
    assert provider.link is heard[0]
    chatterbox.link = LinkState("longport", LinkPhase.FAILED, 0.0, error=ConnectFailed("longport", TOKEN))
    assert TOKEN not in f"{provider.link}"
    assert str(provider.link.error) == "longport: ‹hidden›"
    assert provider.link.phase is LinkPhase.FAILED
    chatterbox.link = LinkState("longport", LinkPhase.READY, 0.0)
    assert provider.link is chatterbox.link
