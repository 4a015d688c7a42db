"""What goes wrong when one signs in to Longport: the same sentence in the test, while running, and on the command line.

Every row is acted out against real servers on loopback.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from capflow_gui.app.longport_sign_in import LongportSignIn
from capflow_gui.clock import Clock, SystemClock
from capflow_gui.credentials import OAuthTokens, SecretStore
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.paths import Paths
from capflow_gui.present.sentences import link_sentence
from capflow_gui.settings import LongportSettings, Settings
from capflow_gui.simulator.longport.server import LongportConfig, LongportSimulator
from capflow_gui.sources import open_source
from capflow_gui.ui.ports import LongportEntry
from tests.integration import file_keyring
from tests.integration.inspecting_proxy import Proxy, inspecting_proxy
from tests.integration.test_longport_command import ROOT, command, environment
from tests.unit.providers.longport.test_auth import Browser
from tests.unit.simulator.longport.client import simulated
from tests.unit.test_credentials import Ring

FREE = LongportConfig(calls=None)
HTTP, QUOTES = "openapi.longbridge.com", "openapi-quote.longbridge.com"
_CERTIFICATE_HELP = (
    "If a proxy signs with an authority of its own, add that authority to this computer's certificates, or name its "
    "file in SSL_CERT_FILE and start Capflow again."
)
_PROXY_HELP = "Check the proxy in the environment variable HTTPS_PROXY, its user and password included."
_PROXY_NAMES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "WSS_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True)
class Row:
    """`log` is what the log has to say of it; `title` what stands over the sentence in the dialog."""

    title: str
    sentence: str
    status: int
    log: str


WRONG_SECRET = Row(
    "Longport refused the login.",
    "Longport does not accept the credentials: “signature invalid” (403201). The signature is wrong: copy the app "
    "secret and the token anew, and check this computer's clock.",
    4,
    "signature invalid",
)
EXPIRED = Row(
    "Longport refused the login.",
    "Longport does not accept the credentials: “token expired” (401003). The access token has expired: get a new one "
    "on Longport's developer page, or sign in with the browser.",
    4,
    "token expired",
)
REVOKED = Row(
    "Longport refused the login.",
    "Longport has ended the sign-in: “invalid_grant”. Sign in again under Connections.",
    4,
    "token verification failed|invalid_grant",
)
UNTRUSTED = Row(
    "Longport did not answer.",
    f"Longport cannot be reached: the certificate of {HTTP} is not trusted (unable to get local issuer certificate). "
    f"{_CERTIFICATE_HELP}",
    3,
    "not_trusted",
)
PROXY_REFUSES = Row(
    "Longport did not answer.",
    "Longport cannot be reached: the proxy refused: Proxy Authentication Required (407). " + _PROXY_HELP,
    3,
    "proxy_refused",
)
PROXY_GONE = Row(
    "Longport did not answer.",
    "Longport cannot be reached: the proxy 127.0.0.1 cannot be reached: Connect call failed ('127.0.0.1', 1). "
    + _PROXY_HELP,
    3,
    "proxy_unreachable host=127.0.0.1",
)
BAD_FILE = Row(
    "Longport did not answer.",
    "Longport cannot be reached: the file /no/such.pem that SSL_CERT_FILE names holds no certificates that can be "
    f"read. {_CERTIFICATE_HELP}",
    3,
    "/no/such.pem",
)


@dataclass
class Stage:
    """Everything the ways in need: where Longport is, what the environment says, what the keyring holds."""

    simulator: LongportSimulator
    place: LongportSettings
    environ: dict[str, str]
    ring: Ring
    entry: LongportEntry
    proxy: Proxy | None = None

    def sign_in(
        self, clock: Clock | None = None, browser: Browser | None = None, port: int | None = None
    ) -> LongportSignIn:
        return LongportSignIn(clock or SystemClock(), (browser or Browser()).open, lambda: self.ring, port)


def place_of(simulator: LongportSimulator) -> LongportSettings:
    return LongportSettings(
        region="custom", http_url=simulator.http_url, ws_url=simulator.ws_url, transport="websocket"
    )


@asynccontextmanager
async def staged(row: Row, folder: Path) -> AsyncIterator[Stage]:
    """The servers of a row, and the user who does that."""
    async with simulated(FREE) as simulator:
        account = simulator.account
        secret = "not-the-secret" if row is WRONG_SECRET else account.app_secret
        place, environ = place_of(simulator), dict(simulator.environment)
        if row in (UNTRUSTED, PROXY_REFUSES, PROXY_GONE, BAD_FILE):
            # Longport's own addresses: who took another way than the proxy would be strangers' guest.
            place = LongportSettings(transport="websocket")
            environ = {name: value for name, value in environ.items() if not name.endswith("_URL")}
            environ["HTTPS_PROXY"] = "http://127.0.0.1:1"
        environ["LONGBRIDGE_APP_SECRET"] = secret
        entry = LongportEntry("key", place, key=account.app_key, secret=secret, token=account.access_token)
        stage = Stage(simulator, place, environ, Ring(), entry)
        if row is EXPIRED:
            account.token_expires = 0.0
        elif row is REVOKED:
            await _grant_and_revoke(stage)
        elif row is BAD_FILE:
            environ["SSL_CERT_FILE"] = "/no/such.pem"
        if row not in (UNTRUSTED, PROXY_REFUSES):
            yield stage
            return
        port = int(simulator.http_url.rpartition(":")[2])
        async with inspecting_proxy(folder, (HTTP, QUOTES), port, refuses=row is PROXY_REFUSES) as stage.proxy:
            environ["HTTPS_PROXY"] = stage.proxy.url
            yield stage


async def _grant_and_revoke(stage: Stage) -> None:
    """A sign-in that is kept, and that the user ended on Longport's own page."""
    grant = stage.simulator.account.register(("x",)), "access", "refresh"
    store = SecretStore(SystemClock(), lambda: stage.ring)
    await store.save_longport(OAuthTokens(*grant, SystemClock().wall() + 10_000))
    store.close()
    stage.entry = LongportEntry("kept", stage.place)
    for name in ("APP_KEY", "APP_SECRET", "ACCESS_TOKEN"):
        del stage.environ[f"LONGBRIDGE_{name}"]


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("APP_KEY", "APP_SECRET", "ACCESS_TOKEN", "HTTP_URL", "QUOTE_WS_URL", "QUOTE_URL", "REGION", "LANGUAGE")
    for name in (*names, "QUOTE_TRANSPORT"):
        monkeypatch.delenv(f"LONGBRIDGE_{name}", raising=False)
        monkeypatch.delenv(f"LONGPORT_{name}", raising=False)
    for name in _PROXY_NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


TABLE = pytest.mark.parametrize(
    "row",
    [WRONG_SECRET, EXPIRED, REVOKED, UNTRUSTED, PROXY_REFUSES, PROXY_GONE, BAD_FILE],
    ids=["wrong secret", "expired", "revoked", "untrusted", "proxy refuses", "proxy gone", "bad file"],
)


def put(monkeypatch: pytest.MonkeyPatch, environ: Mapping[str, str]) -> None:
    """What a proxy needs; the way that is tested brings its own credentials."""
    for name, value in environ.items():
        if not name.startswith("LONGBRIDGE_"):
            monkeypatch.setenv(name, value)


@TABLE
async def test_the_dialogs_test_says_it(
    row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log(row.log)
    async with staged(row, tmp_path) as stage:
        put(monkeypatch, stage.environ)
        sign_in = stage.sign_in()
        report = await sign_in.test(stage.entry)
        sign_in.close()
    assert (report.usable, report.title, report.advice) == (False, row.title, row.sentence)


@TABLE
async def test_the_running_link_says_it(
    row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log(row.log)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    paths, clock = Paths.resolve(config_dir=tmp_path, data_dir=tmp_path), SystemClock()
    async with staged(row, tmp_path) as stage:
        put(monkeypatch, stage.environ)
        sign_in = stage.sign_in()
        await sign_in.keep(stage.entry)
        links: list[LinkState] = []
        stopped = asyncio.Event()

        def follow(link: LinkState) -> None:
            links.append(link)
            if link.phase is not LinkPhase.CONNECTING:
                stopped.set()

        settings = Settings(source="longport", longport=stage.place)
        async with open_source("longport:", clock=clock, paths=paths, settings=settings, find=sign_in.find) as source:
            source.provider.on_link(follow)
            running = asyncio.create_task(source.provider.run())
            async with asyncio.timeout(20):
                await stopped.wait()
            running.cancel()
            await asyncio.wait({running})
        sign_in.close()
    assert links[-1].phase is (LinkPhase.FAILED if row.status == 4 else LinkPhase.WAITING)
    said = link_sentence(links[-1], clock.monotonic())
    assert (said.state, said.text.partition(" · try")[0]) == ("Longport needs you", row.sentence)


async def run_command(home: Path, environ: Mapping[str, str], *arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *command(home, *arguments),
        cwd=ROOT,
        env=environment(home, **environ),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await process.communicate()
    return process.returncode, err.decode()


@TABLE
async def test_fetch_and_watch_say_the_same(row: Row, tmp_path: Path) -> None:
    async with staged(row, tmp_path) as stage:
        kept = tmp_path / "keyring.json"
        kept.write_text(json.dumps({"/".join(name): text for name, text in stage.ring.kept.items()}), encoding="utf-8")
        more = {
            **stage.environ,
            "PYTHON_KEYRING_BACKEND": file_keyring.NAME,
            file_keyring.VARIABLE: str(kept),
            "LONGBRIDGE_QUOTE_TRANSPORT": "ws",
        }
        symbol = ("700.HK", "--source", "longport:")
        fetched = await run_command(tmp_path / "fetch", more, "fetch", *symbol)
        watched = await run_command(tmp_path / "watch", more, "watch", *symbol, "--for", "1.5")
    sentence = row.sentence
    if row is EXPIRED:  # here the token is the environment's, and a new one in the keyring would not help
        sentence = sentence.partition(" The access token")[0] + (
            " The token comes from the environment variable LONGBRIDGE_ACCESS_TOKEN, which goes before the keyring: "
            "give LONGBRIDGE_ACCESS_TOKEN a new one, or unset it, and start Capflow again."
        )
    assert fetched == (row.status, f"capflow fetch: error: {sentence}\n")
    lines = [line for line in watched[1].splitlines() if line.endswith(sentence)]
    assert watched[0] == row.status, watched[1]
    assert [line.removeprefix("longport: could not connect. ") for line in lines] == [sentence], watched[1]


# --- the browser


class NoPatience(SystemClock):
    """Five minutes are over at once."""

    async def sleep_until(self, deadline: float) -> None:
        if deadline - self.monotonic() < 100:
            await super().sleep_until(deadline)


class ClosedBrowser(Browser):
    """Whoever opens it closes it again."""

    def open(self, url: str) -> None:
        self.url = url


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_a_browser_that_is_closed_is_said_when_the_time_is_over(port: int) -> None:
    async with simulated(FREE) as simulator:
        sign_in = LongportSignIn(NoPatience(), ClosedBrowser().open, Ring, port)
        report = await sign_in.test(LongportEntry("browser", place_of(simulator)))
        sign_in.close()
    assert (report.title, report.advice) == (
        "The sign-in failed.",
        "Nobody signed in within 5 minutes; the browser may have been closed: start the sign-in again.",
    )


async def test_a_port_another_program_holds_is_named(port: int) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", port))
        held.listen()
        async with simulated(FREE) as simulator:
            sign_in = LongportSignIn(SystemClock(), Browser().open, Ring, port)
            report = await sign_in.test(LongportEntry("browser", place_of(simulator)))
            sign_in.close()
    assert (report.title, report.advice) == (
        "The sign-in failed.",
        (
            f"Port {port} is taken by another program, and the browser must come back to it: close that program, then "
            "sign in again."
        ),
    )


async def test_a_cancelled_sign_in_frees_its_port_at_once(port: int) -> None:
    async with simulated(FREE) as simulator:
        browser = ClosedBrowser()
        sign_in = LongportSignIn(SystemClock(), browser.open, Ring, port)
        entry = LongportEntry("browser", place_of(simulator))
        signing_in = asyncio.create_task(sign_in.test(entry))
        async with asyncio.timeout(10):
            while not browser.url:
                await asyncio.sleep(0.01)
        # The browser holds its connection open, as browsers do.
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        signing_in.cancel()
        await asyncio.wait({signing_in})
        with socket.socket() as again:
            if sys.platform != "win32":
                again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            again.bind(("127.0.0.1", port))
        writer.close()
        del reader
        # And the next sign-in is as good as the first.
        second = LongportSignIn(SystemClock(), (patient := Browser()).open, Ring, port)
        assert (await second.test(entry)).usable
        await patient.gone()
        for each in (sign_in, second):
            each.close()


# --- the proxy that is known


@pytest.mark.parametrize("transport", ["websocket", "http"])
async def test_a_proxy_with_its_own_authority_is_gone_through(
    transport: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with simulated(FREE) as simulator:
        port = int(simulator.http_url.rpartition(":")[2])
        account = simulator.account
        async with inspecting_proxy(tmp_path, (HTTP, QUOTES), port) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url.removeprefix("http://"))
            monkeypatch.setenv("SSL_CERT_FILE", str(proxy.authority))
            place = LongportSettings(transport=transport)  # type: ignore[arg-type]
            sign_in = LongportSignIn(SystemClock(), Browser().open, lambda: None)
            entry = LongportEntry(
                "key", place, key=account.app_key, secret=account.app_secret, token=account.access_token
            )
            report = await sign_in.test(entry)
            sign_in.close()
            assert report.usable, report
            hosts = {each.partition(":")[0] for each in proxy.asked}
            # The WebSocket takes the proxy, too.
            assert hosts == ({HTTP, QUOTES} if transport == "websocket" else {HTTP})


async def test_the_browser_way_goes_through_the_proxy_too(
    port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with simulated(FREE) as simulator:
        behind = int(simulator.http_url.rpartition(":")[2])
        async with inspecting_proxy(tmp_path, (HTTP, QUOTES), behind) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            monkeypatch.setenv("SSL_CERT_FILE", str(proxy.authority))
            # The browser finds its own way.
            browser = Browser()
            there = LongportSignIn(
                SystemClock(), lambda url: browser.open(url.replace(f"https://{HTTP}", simulator.http_url)), None, port
            )
            report = await there.test(LongportEntry("browser", LongportSettings()))
            await browser.gone()
            there.close()
            assert report.usable, report
