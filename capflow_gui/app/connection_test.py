"""Tries an OpenD once, over a connection of its own, and says in words that help how it went."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from capflow_gui.clock import Clock
from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.domain.quote import GlobalState
from capflow_gui.errors import CapflowError, ConnectFailed, RequestTimeout, SettingsError
from capflow_gui.present.sentences import error_sentence
from capflow_gui.providers.opend import OpendConfig, OpendProvider
from capflow_gui.ui.ports import ConnectionReport

LIMIT_S = 14.0


async def try_connection(clock: Clock, host: str, port: int, rsa_key: str | None) -> ConnectionReport:
    """Connect, ask for the global state, disconnect. Answers within LIMIT_S seconds, whatever the peer does."""
    began = clock.monotonic()
    try:
        async with asyncio.timeout(LIMIT_S):
            provider = OpendProvider(OpendConfig(host, port, rsa_key), clock)
            state = await _ask(provider, clock)
    except TimeoutError:
        error = ConnectFailed("opend", "no answer")
        return ConnectionReport(False, _title(error), error_sentence(error), clock.monotonic() - began)
    except CapflowError as error:
        return ConnectionReport(False, _title(error), error_sentence(error), clock.monotonic() - began)
    return _report(state, provider.link, clock.monotonic() - began)


async def _ask(provider: OpendProvider, clock: Clock) -> GlobalState:
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


def _title(error: CapflowError) -> str:
    if isinstance(error, SettingsError):
        return "The key file cannot be used."
    if isinstance(error, ConnectFailed | RequestTimeout):
        return "OpenD did not answer."
    return "OpenD answered, but would not work with Capflow."


def _report(state: GlobalState, link: LinkState, seconds: float) -> ConnectionReport:
    if not state.quote_logged_in:
        advice = "Log in inside the OpenD window, then test again. Nothing here needs your password."
        return ConnectionReport(False, "OpenD answered, but is not logged in.", advice, seconds)
    if state.simulated:
        advice = "It says of itself that it is a simulator: its figures are not the market's."
        return ConnectionReport(True, "A simulated OpenD answered.", advice, seconds)
    advice = f"Version {state.server_version}, logged in."
    if link.fact(LinkFact.UNENCRYPTED_REMOTE) is not None:
        advice += " It runs on another computer without encryption: give both sides an RSA key."
    return ConnectionReport(True, "OpenD answered.", advice, seconds)
