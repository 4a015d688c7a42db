"""Tries a broker once, over a connection of its own, and words the result."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from capflow_gui.clock import Clock
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.quote import GlobalState
from capflow_gui.errors import CapflowError, ConnectFailed, ConnectFault, RequestRejected
from capflow_gui.present.connection_words import test_failed_words, test_passed_words
from capflow_gui.providers.base import Provider
from capflow_gui.providers.opend.link import OpendConfig
from capflow_gui.providers.opend.provider import OpendProvider
from capflow_gui.reason import Code, Reason
from capflow_gui.ui.ports import ConnectionReport

LIMIT_S = 14.0


async def try_connection(clock: Clock, host: str, port: int, rsa_key: str | None) -> ConnectionReport:
    """Try an OpenD. Answers within LIMIT_S seconds, whatever the peer does."""
    provider = OpendProvider(OpendConfig(host, port, rsa_key), clock)
    return await try_provider(provider, clock, f"{host}:{port}", rsa_key)


async def try_provider(provider: Provider, clock: Clock, address: str, rsa_key: str | None = None) -> ConnectionReport:
    """Connect, ask for the global state, disconnect. Answers within LIMIT_S seconds, whatever the peer does."""
    began = clock.monotonic()
    try:
        async with asyncio.timeout(LIMIT_S):
            state = await _ask(provider, clock)
    except TimeoutError:
        silent = Reason.of(Code.CONNECTED_BUT_SILENT, address=address)
        return failed(ConnectFailed(provider.source, silent, ConnectFault.KEYS), rsa_key=rsa_key)
    except CapflowError as error:
        return failed(error, clock.monotonic() - began, rsa_key)
    usable, title, advice = test_passed_words(state, provider.link)
    return ConnectionReport(usable, title, advice, clock.monotonic() - began)


def failed(error: CapflowError, seconds: float | None = None, rsa_key: str | None = None) -> ConnectionReport:
    """The report of a test that failed. `seconds` counts where the broker answered at all."""
    answered = isinstance(error, RequestRejected)
    return ConnectionReport(False, *test_failed_words(error, rsa_key), seconds if answered else None)


async def _ask(provider: Provider, clock: Clock) -> GlobalState:
    settled = asyncio.Event()

    def follow(link: LinkState) -> None:
        if link.phase is not LinkPhase.CONNECTING:
            settled.set()

    provider.on_link(follow)
    running = asyncio.create_task(provider.run(), name="connection test")
    try:
        await settled.wait()
        # One attempt is all a test makes: if it failed, this raises what it failed with.
        await provider.wait_ready(clock.monotonic())
        return await provider.get_global_state()
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
