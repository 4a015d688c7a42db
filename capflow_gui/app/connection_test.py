"""Tries an OpenD once, over a connection of its own, and says in words that help how it went."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from capflow_gui.clock import Clock
from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.domain.quote import GlobalState
from capflow_gui.errors import CapflowError, ConnectFailed, ConnectFault, RequestTimeout, SettingsError
from capflow_gui.present.sentences import error_sentence
from capflow_gui.providers.opend.link import OpendConfig
from capflow_gui.providers.opend.provider import OpendProvider
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
        error = ConnectFailed("opend", f"{host}:{port} took the connection, but did not answer", ConnectFault.KEYS)
        return ConnectionReport(False, *_failure(error, rsa_key), clock.monotonic() - began)
    except CapflowError as error:
        return ConnectionReport(False, *_failure(error, rsa_key), clock.monotonic() - began)
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


def _failure(error: CapflowError, rsa_key: str | None) -> tuple[str, str]:
    """Title and advice of a test that failed."""
    match error:
        case SettingsError():
            return "The key file cannot be used.", error_sentence(error)
        case ConnectFailed(fault=ConnectFault.FOREIGN):
            advice = "OpenD's window shows its own port; 11111 is the default."
            return "Another program answers at this port.", f"{_sentence(error.reason)} {advice}"
        case ConnectFailed(fault=ConnectFault.KEYS):
            advice = (
                "Either OpenD has no RSA key, then leave the field empty, or it has another one, then choose that file."
                if rsa_key
                else "If OpenD has an RSA key, choose the same file here."
            )
            why = _sentence(error.reason.partition(";")[0])
            return "Somebody is there, but does not understand Capflow.", f"{why} {advice} Or this is not OpenD's port."
        case ConnectFailed():
            return "OpenD did not answer.", _sentence(error.reason)
        case RequestTimeout():
            return "OpenD did not answer.", error_sentence(error)
    return "OpenD answered, but would not work with Capflow.", error_sentence(error)


def _sentence(text: str) -> str:
    """A reason with a full stop and a capital, unless it begins with an address."""
    first = text if ":" in text.partition(" ")[0] else text[:1].upper() + text[1:]
    return first + ("" if text.endswith(("?", ".")) else ".")


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
