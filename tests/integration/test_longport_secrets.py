"""No secret of Longport's shows anywhere: logs, streams, files and the process list are searched."""

from __future__ import annotations

import asyncio
import base64
import logging
import secrets
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest

from capflow_gui.cli.options import build_parser
from capflow_gui.clock import SystemClock
from capflow_gui.credentials import AppKey, OAuthTokens, SecretStore, conceal_secrets
from capflow_gui.diagnostics import configure_logging
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import AuthFailed
from capflow_gui.providers.longport.auth import LongportOAuth, OAuthLogin
from capflow_gui.providers.longport.config import LongportConfig
from capflow_gui.providers.longport.login import KeyLogin
from capflow_gui.providers.longport.provider import LongportProvider
from capflow_gui.simulator.longport.account import Account, Grant, HttpRefusalError
from capflow_gui.simulator.longport.server import LongportConfig as ServerConfig
from capflow_gui.simulator.longport.server import LongportSimulator
from tests.forked import COMMAND, STARTED
from tests.integration.test_longport_command import ROOT, command, environment
from tests.unit.simulator.longport.client import simulated

FREE = ServerConfig(calls=None)
_PIECE = 12  # a secret's piece of that length is a secret, too


@dataclass(slots=True)
class Recorded(Account):
    """Remembers every secret that was shown or handed out."""

    seen: set[str] = field(default_factory=set)

    def check(self, method: str, path: str, query: str, body: bytes, headers: Mapping[str, str]) -> None:
        self.seen.add(headers.get("X-Api-Signature", "").rpartition("=")[2])
        self.seen.add(headers.get("Authorization", "").removeprefix("Bearer "))
        Account.check(self, method, path, query, body, headers)

    def new_password(self) -> str:
        password = Account.new_password(self)
        self.seen.add(password)
        return password

    def new_session(self) -> tuple[str, float]:
        session, expires = Account.new_session(self)
        self.seen.add(session)
        return session, expires

    def refresh_access_token(self, expires: float) -> str:
        token = Account.refresh_access_token(self, expires)
        self.seen.add(token)
        return token

    def redeem(self, client_id: str, code: str, redirect_uri: str, verifier: str) -> Grant | None:
        self.seen |= {code, verifier}
        return self._noted(Account.redeem(self, client_id, code, redirect_uri, verifier))

    def renew(self, client_id: str, refresh: str) -> Grant | None:
        self.seen.add(refresh)
        return self._noted(Account.renew(self, client_id, refresh))

    def _noted(self, grant: Grant | None) -> Grant | None:
        if grant is not None:
            self.seen |= {grant.access, grant.refresh}
        return grant


@dataclass(slots=True)
class Talkative(Recorded):
    """Refuses while `talks`, and repeats what it was shown: plain, percent-encoded, in base64 and cut off."""

    talks: bool = True

    def check(self, method: str, path: str, query: str, body: bytes, headers: Mapping[str, str]) -> None:
        Recorded.check(self, method, path, query, body, headers)
        if self.talks:
            token, signature = headers.get("Authorization", ""), headers.get("X-Api-Signature", "")
            encoded = base64.b64encode(f"{self.app_key}:{token}".encode()).decode()
            forms = f"{token} {quote(token, safe='')} {encoded} {token[:20]}"
            raise HttpRefusalError(401004, f"this does not do: {forms}, signed {signature.rpartition('=')[2]}")


def recorded(simulator: LongportSimulator, kind: type[Recorded] = Recorded) -> Recorded:
    """Put an account with secrets of its own in place of the simulator's."""
    # With characters that look otherwise percent-encoded.
    key, secret, token = (f"{secrets.token_hex(15)}+/{secrets.token_hex(5)}=" for _ in range(3))
    account = kind(simulator.clock.wall, app_key=key, app_secret=secret, access_token=token)
    account.seen |= {key, secret, token}
    simulator.account = account
    return account


def forms(secret: str) -> set[str]:
    """How a secret may look: as it is, percent-encoded, and in base64 wherever in a text."""
    inside = {base64.b64encode(b"\0" * before + secret.encode()).decode()[4:-4] for before in range(3)}
    return {secret, quote(secret, safe=""), *inside, *(each.translate(_URL_SAFE) for each in inside)}


_URL_SAFE = str.maketrans("+/", "-_")


def assert_clean(texts: Mapping[str, str], seen: set[str]) -> None:
    """No piece of a secret, however it is written, stands in any of the texts."""
    assert leaks(texts, seen) == []


def leaks(texts: Mapping[str, str], seen: set[str]) -> list[str]:
    """The places where a piece of a secret stands, however it is written."""
    known = {form for secret in seen if secret for form in forms(secret)}
    assert known
    short = {form for form in known if len(form) < _PIECE}
    pieces = {form[at : at + _PIECE] for form in known - short for at in range(len(form) - _PIECE + 1)}

    def leaky(text: str) -> bool:
        found = not pieces.isdisjoint(text[at : at + _PIECE] for at in range(len(text) - _PIECE + 1))
        return found or any(form in text for form in short)

    return [place for place, text in texts.items() if leaky(text)]


def files_below(folder: Path) -> dict[str, str]:
    """Every file: settings, logs, quota, database."""
    return {str(path): path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file()}


def listed(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")


async def run_command(
    home: Path, *arguments: str, python: Sequence[str] = COMMAND, **more: str
) -> tuple[int, dict[str, str]]:
    """Run `capflow`; its status, and what it wrote, what the process list said of it, and the files it left.

    With `python=STARTED` the list shows its own command line.
    """
    process = await asyncio.create_subprocess_exec(
        *(*python, *command(home, *arguments)[len(COMMAND) :]),
        cwd=ROOT,
        env=environment(home, **more),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    line = listed(process.pid) if sys.platform == "linux" else " ".join(arguments)
    out, err = await process.communicate()
    assert process.returncode is not None
    texts = {"stdout": out.decode(), "stderr": err.decode(), "the process list": line}
    return process.returncode, texts | files_below(home)


@pytest.mark.parametrize("transport", ["websocket", "tcp", "http"])
async def test_fetch_and_watch_show_no_secret(tmp_path: Path, transport: str) -> None:
    async with simulated(FREE) as simulator:
        account = recorded(simulator)
        more = simulator.environment | {"LONGBRIDGE_QUOTE_URL": f"tcp://{simulator.tcp}"}
        source = ["--source", f"longport:?transport={transport}", "--log-level", "debug"]
        for verb, words in (("fetch", []), ("watch", ["--for", "1", "--ignore-calendar"])):
            folder, python = tmp_path / verb, STARTED if transport == "websocket" else COMMAND
            status, texts = await run_command(folder, verb, "700.HK", *source, *words, python=python, **more)
            assert status == 0, texts["stderr"]
            assert any(place.endswith(f"{verb}.log") for place in texts)
            assert_clean(texts, account.seen)
    # A key, a secret, a token; a signature and a password for each process at least.
    assert len(account.seen) >= 7


@pytest.mark.parametrize(("wrong", "code"), [("APP_SECRET", 403201), ("ACCESS_TOKEN", 401004), ("APP_KEY", 403203)])
async def test_a_login_that_fails_shows_no_secret(tmp_path: Path, wrong: str, code: int) -> None:
    async with simulated(FREE) as simulator:
        account = recorded(simulator)
        mine = secrets.token_hex(20)
        account.seen.add(mine)
        more = simulator.environment | {f"LONGBRIDGE_{wrong}": mine}
        source = ["--source", "longport:", "--log-level", "debug"]
        for verb, words in (("fetch", []), ("watch", ["--for", "1"])):
            status, texts = await run_command(tmp_path / verb, verb, "700.HK", *source, *words, **more)
            assert status != 0
            assert f"({code})" in texts["stderr"]
            assert_clean(texts, account.seen)


async def test_a_broker_that_repeats_what_it_was_shown(tmp_path: Path) -> None:
    async with simulated(FREE) as simulator:
        account = recorded(simulator, Talkative)
        for verb, words in (("fetch", ["--format", "json"]), ("watch", ["--for", "1", "--format", "jsonl"])):
            source = ["--source", "longport:", "--log-level", "debug", *words]
            status, texts = await run_command(tmp_path / verb, verb, "700.HK", *source, **simulator.environment)
            assert status != 0
            assert "this does not do: ‹hidden›" in texts["stderr"]
            assert_clean(texts, account.seen)


class Noise:
    """Everything that can be logged is logged: asyncio's own debug lines name handles, tasks and futures."""

    def __init__(self, folder: Path) -> None:
        self.diagnostics = configure_logging(folder, "debug", None)
        self._levels = {name: logging.getLogger(name).level for name in ("asyncio", "aiohttp", "aiohttp.access")}
        self._loop = asyncio.get_running_loop()
        self._before = (self._loop.get_debug(), self._loop.slow_callback_duration)

    def __enter__(self) -> Noise:
        for name in self._levels:
            logging.getLogger(name).setLevel(logging.DEBUG)
        self._loop.set_debug(True)
        self._loop.slow_callback_duration = 0.0  # every callback is slow, and said
        return self

    def __exit__(self, *_error: object) -> None:
        debug, duration = self._before
        self._loop.set_debug(debug)
        self._loop.slow_callback_duration = duration
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)
        self.diagnostics.close()


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Kept:
    """A keyring in memory."""

    def __init__(self) -> None:
        self.texts: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.texts.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.texts[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.texts[service, username]


def say(seen: set[str]) -> None:
    """Log every secret: each must be known by now, whatever it would be named."""
    for secret in seen:
        logging.getLogger("test").info("said aloud: %s", secret)


async def ask_once(provider: LongportProvider) -> None:
    running = asyncio.create_task(provider.run())
    try:
        await provider.wait_ready(SystemClock().monotonic() + 10)
        await provider.get_capital_flow(Symbol.parse("700.HK"))
    finally:
        running.cancel()
        await asyncio.wait({running})


async def test_a_browser_sign_in_shows_no_secret(tmp_path: Path, port: int, expect_log: Callable[[str], None]) -> None:
    expect_log("asyncio: Executing|the grant is over")
    clock, visits = SystemClock(), list[asyncio.Task[None]]()

    async def visit(url: str) -> None:
        async with aiohttp.ClientSession() as session:
            async with session.get(url, allow_redirects=False) as response:
                target = response.headers["Location"].replace("localhost", "127.0.0.1")
            async with session.get(target) as response:
                assert response.status == 200

    async with simulated(FREE) as simulator:
        account = recorded(simulator)
        account.seen.clear()  # the app key has no part in this
        with Noise(tmp_path) as noise:
            conceal = noise.diagnostics.redaction
            store = SecretStore(clock, Kept, conceal=conceal)
            oauth = LongportOAuth(simulator.http_url, clock, conceal)
            client_id = await oauth.register(port)
            tokens = await oauth.sign_in(
                client_id, lambda url: visits.append(asyncio.ensure_future(visit(url))), port=port
            )
            await asyncio.gather(*visits)
            await store.save_longport(tokens)
            assert await store.load_longport() == tokens
            login = OAuthLogin(tokens, oauth, clock, store.save_longport)
            await login.renew()
            config = LongportConfig(simulator.http_url, simulator.ws_url)
            await ask_once(LongportProvider(config, login, clock, conceal=conceal))
            for grant in account.grants:
                await oauth.revoke(OAuthTokens(client_id, grant.access, grant.refresh))
            try:
                await login.renew()
            except AuthFailed:
                logging.getLogger("test").exception("the grant is over: %r", tokens)
            store.close()
            say(account.seen)
        text = noise.diagnostics.file.read_text(encoding="utf-8")
        assert "Executing" in text
        assert "the grant is over" in text
        assert len(account.seen) >= 9
        assert_clean(files_below(tmp_path), account.seen)


async def test_a_changed_access_token_shows_nowhere(tmp_path: Path, expect_log: Callable[[str], None]) -> None:
    expect_log("asyncio: Executing")
    clock = SystemClock()
    async with simulated(FREE) as simulator:
        account = recorded(simulator)
        with Noise(tmp_path) as noise:
            conceal = noise.diagnostics.redaction
            key = AppKey(account.app_key, account.app_secret, account.access_token, clock.wall() + 86_400)
            conceal_secrets(key, conceal)
            store = SecretStore(clock, Kept, conceal=conceal)
            login = KeyLogin(key, clock, store.save_longport, conceal)
            config = LongportConfig(simulator.http_url, simulator.ws_url, simulator.tcp, transport="tcp")
            await ask_once(LongportProvider(config, login, clock, conceal=conceal))
            held = await store.load_longport()
            store.close()
            assert isinstance(held, AppKey)
            assert held.access_token == account.access_token != key.access_token
            say(account.seen)
        assert_clean(files_below(tmp_path), account.seen)


def test_no_secret_is_an_argument() -> None:
    """What a command line takes is seen in the process list: there is no option for a secret."""
    text = build_parser().format_help().lower()
    assert not any(word in text for word in ("token", "secret", "password"))
