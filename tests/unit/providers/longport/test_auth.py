"""Signing in with the browser: OAuth 2.0 with PKCE against the simulated Longport."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from capflow_gui.clock import SystemClock
from capflow_gui.credentials import AppKey, OAuthTokens
from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import AuthFailed, ConnectFailed, NotSignedIn, SettingsError
from capflow_gui.providers.longport.auth import LongportOAuth, OAuthLogin, redirect_uri
from capflow_gui.providers.longport.config import LongportConfig
from capflow_gui.providers.longport.http import LongportHttp
from capflow_gui.providers.longport.login import KeyLogin
from capflow_gui.providers.longport.provider import LongportProvider
from capflow_gui.simulator.longport.server import LongportConfig as ServerConfig
from capflow_gui.simulator.longport.server import LongportSimulator
from tests.reasons import said
from tests.unit.simulator.longport.client import simulated


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Browser:
    """Follows the address it is given, as a browser would, and remembers what it saw."""

    def __init__(self, change: Callable[[str], str] = lambda url: url) -> None:
        self.pages: list[tuple[int, str]] = []
        self.url = ""
        self._change = change
        self._tasks: list[asyncio.Task[None]] = []

    def open(self, url: str) -> None:
        self.url = url
        self._tasks.append(asyncio.ensure_future(self._visit(url)))

    async def _visit(self, url: str) -> None:
        async with aiohttp.ClientSession() as session:
            async with session.get(url, allow_redirects=False) as response:
                target = self._change(response.headers["Location"]).replace("localhost", "127.0.0.1")
            async with session.get(target) as response:
                self.pages.append((response.status, await response.text()))

    async def gone(self) -> None:
        await asyncio.gather(*self._tasks)


async def signed_in(simulator: LongportSimulator, port: int, browser: Browser, **more: Any) -> OAuthTokens:
    oauth = LongportOAuth(simulator.http_url, SystemClock())
    client_id = await oauth.register(port)
    try:
        return await oauth.sign_in(client_id, browser.open, port=port, **more)
    finally:
        await browser.gone()


async def test_signing_in_and_reading_quotes(port: int) -> None:
    async with simulated() as simulator:
        browser = Browser()
        tokens = await signed_in(simulator, port, browser, scope="3")
        assert browser.pages[0][0] == 200
        assert "signed in" in browser.pages[0][1]
        for part in ("code_challenge_method=S256", "scope=3", "state=", "response_type=code"):
            assert part in browser.url
        assert redirect_uri(port) == f"http://localhost:{port}/callback"
        assert tokens.access_token not in repr(tokens)
        clock = SystemClock()
        oauth = LongportOAuth(simulator.http_url, clock)
        kept: list[OAuthTokens] = []
        login = OAuthLogin(tokens, oauth, clock, keeper(kept))
        provider = LongportProvider(LongportConfig(simulator.http_url, simulator.ws_url), login, clock)
        running = asyncio.create_task(provider.run())
        try:
            await provider.wait_ready(clock.monotonic() + 5)
            assert len(await provider.get_capital_flow(Symbol.parse("700.HK"))) > 100
            assert provider.link.phase is LinkPhase.READY
        finally:
            running.cancel()
            await asyncio.wait({running})
        assert kept == []


def keeper(kept: list[OAuthTokens]) -> Callable[[OAuthTokens], Coroutine[Any, Any, None]]:
    async def keep(tokens: OAuthTokens) -> None:
        kept.append(tokens)

    return keep


async def ask(login: OAuthLogin) -> dict[str, str]:
    return await login.headers("GET", "/v1/socket/token", "", None)


async def test_a_token_is_renewed_before_it_expires_and_once_for_all_who_ask(port: int) -> None:
    async with simulated() as simulator:
        simulator.account.oauth_s = 200.0
        tokens = await signed_in(simulator, port, Browser())
        simulator.account.oauth_s = 10_000.0
        clock, kept = SystemClock(), list[OAuthTokens]()
        login = OAuthLogin(tokens, LongportOAuth(simulator.http_url, clock), clock, keeper(kept))
        first, second = await asyncio.gather(ask(login), ask(login))
        assert len(kept) == 1
        assert kept[0].access_token != tokens.access_token
        assert first["Authorization"] == second["Authorization"] == f"Bearer {kept[0].access_token}"
        assert await login.renew()
        assert len(kept) == 2


async def test_tokens_another_program_has_renewed_are_taken_up(port: int, expect_log: Callable[[str], None]) -> None:
    """A window and a command share one grant: whoever comes second finds its refresh token spent."""
    expect_log("token verification failed")
    async with simulated() as simulator:
        tokens = await signed_in(simulator, port, Browser())
        clock, kept = SystemClock(), [tokens]

        async def latest() -> OAuthTokens:
            return kept[-1]

        oauth = LongportOAuth(simulator.http_url, clock)
        first = OAuthLogin(tokens, oauth, clock, keeper(kept), latest)
        second = OAuthLogin(tokens, oauth, clock, keeper(kept), latest)
        assert await first.renew()
        provider = LongportProvider(LongportConfig(simulator.http_url, simulator.ws_url), second, clock)
        running = asyncio.create_task(provider.run())
        try:
            await provider.wait_ready(clock.monotonic() + 5)
        finally:
            running.cancel()
            await asyncio.wait({running})
        assert len(kept) == 2
        assert (await ask(first))["Authorization"] == (await ask(second))["Authorization"]


async def test_a_revoked_grant_asks_for_a_new_sign_in(port: int) -> None:
    async with simulated() as simulator:
        tokens = await signed_in(simulator, port, Browser())
        clock = SystemClock()
        oauth = LongportOAuth(simulator.http_url, clock)
        await oauth.revoke(tokens)
        assert simulator.account.grants == []
        with pytest.raises(AuthFailed, match="invalid_grant"):
            await OAuthLogin(tokens, oauth, clock, keeper([])).renew()


async def test_tokens_that_cannot_be_kept_are_used_all_the_same(port: int, expect_log: Callable[[str], None]) -> None:
    expect_log("could not be kept")

    async def fail(tokens: OAuthTokens) -> None:
        raise SettingsError("keyring", said("this computer has no keyring"))

    async with simulated() as simulator:
        tokens = await signed_in(simulator, port, Browser())
        clock = SystemClock()
        login = OAuthLogin(tokens, LongportOAuth(simulator.http_url, clock), clock, fail)
        assert await login.renew()
        assert (await ask(login))["Authorization"] != f"Bearer {tokens.access_token}"


async def test_the_user_says_no(port: int) -> None:
    async with simulated(ServerConfig(refuse_consent=True)) as simulator:
        browser = Browser()
        with pytest.raises(NotSignedIn, match="access_denied"):
            await signed_in(simulator, port, browser)
        assert browser.pages[0][0] == 400


async def test_a_strangers_answer_is_not_taken(port: int, expect_log: Callable[[str], None]) -> None:
    expect_log("not ours")
    async with simulated() as simulator:
        browser = Browser(lambda url: url.replace("state=", "state=x"))
        with pytest.raises(NotSignedIn, match="nobody_signed_in"):
            await signed_in(simulator, port, browser, timeout_s=0.3)
        assert browser.pages[0][0] == 400


async def test_nobody_comes_back(port: int) -> None:
    async with simulated() as simulator:
        oauth = LongportOAuth(simulator.http_url, SystemClock())
        with pytest.raises(NotSignedIn, match="nobody_signed_in"):
            await oauth.sign_in("client", lambda _url: None, port=port, timeout_s=0.05)


async def test_a_taken_port_is_named(port: int) -> None:
    async with simulated() as simulator:
        with socket.socket() as held:
            held.bind(("127.0.0.1", port))
            held.listen()
            opened: list[str] = []
            oauth = LongportOAuth(simulator.http_url, SystemClock())
            with pytest.raises(NotSignedIn, match=f"callback_port_taken port={port}"):
                await oauth.sign_in("client", opened.append, port=port)
            assert opened == []


async def test_no_server_there() -> None:
    with pytest.raises(ConnectFailed, match="unreachable"):
        await LongportOAuth("http://127.0.0.1:1", SystemClock()).register()


@pytest.mark.parametrize(
    ("said", "life_s"),
    [
        (7200, 7200.0),
        ("7200", 7200.0),
        (-5, 3600.0),
        (0, 3600.0),
        (True, 3600.0),
        (None, 3600.0),
        ("soon", 3600.0),
        ([], 3600.0),
        (float("nan"), 3600.0),
        ("nan", 3600.0),
        (float("inf"), 366 * 86400.0),
        (1e300, 366 * 86400.0),
        (10**400, 3600.0),
    ],
)
async def test_how_long_a_token_is_good_is_a_time_that_can_be(said: object, life_s: float) -> None:
    async def act(_request: web.BaseRequest) -> web.Response:
        return web.Response(body=json.dumps({"access_token": "a", "expires_in": said}).encode())

    async with served(act) as url:
        clock = SystemClock()
        tokens = await LongportOAuth(url, clock).refresh(OAuthTokens("id", "old", "r", 0.0))
        assert abs(tokens.expires - clock.wall() - life_s) < 60


async def test_a_token_that_no_header_can_carry_is_no_token() -> None:
    async def act(_request: web.BaseRequest) -> web.Response:
        return web.Response(body=json.dumps({"access_token": "a\r\nb: c"}).encode())

    async with served(act) as url:
        with pytest.raises(ConnectFailed):
            await LongportOAuth(url, SystemClock()).refresh(OAuthTokens("id", "old", "r", 0.0))


async def test_an_answer_without_end_is_read_to_a_limit() -> None:
    sent = 0

    async def act(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):
            while True:
                await response.write(b"x" * (1 << 20))
                sent += 1
        return response

    async with served(act) as url:
        clock = SystemClock()
        http = LongportHttp("longport", url, KeyLogin(AppKey("k", "s", "t"), clock), clock, "en")
        for asked in (LongportOAuth(url, clock).register(), http.ask("GET", "/")):
            with pytest.raises(ConnectFailed, match="answer_too_long most=8"):
                await asked
        await http.close()
        assert sent < 100


@asynccontextmanager
async def served(act: Callable[[web.BaseRequest], Any]) -> AsyncIterator[str]:
    """A server on loopback that does as it is told; its address."""
    runner = web.ServerRunner(web.Server(act, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()
