"""How the window signs in to Longport: tested and kept, against the simulated broker."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from capflow_gui.app.longport_sign_in import LongportSignIn
from capflow_gui.clock import SystemClock
from capflow_gui.credentials import AppKey, Backend, OAuthTokens
from capflow_gui.errors import NotSignedIn, SettingsError
from capflow_gui.present.sentences import error_sentence
from capflow_gui.settings import LongportSettings
from capflow_gui.simulator.longport.server import LongportConfig, LongportSimulator
from capflow_gui.ui.ports import LongportEntry, LongportStanding, LongportWay
from tests.unit.providers.longport.test_auth import Browser
from tests.unit.simulator.longport.client import simulated
from tests.unit.test_credentials import Ring

NAMES = ("APP_KEY", "APP_SECRET", "ACCESS_TOKEN", "HTTP_URL", "QUOTE_WS_URL", "QUOTE_URL", "REGION", "LANGUAGE")


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NAMES, "QUOTE_TRANSPORT"):
        monkeypatch.delenv(f"LONGBRIDGE_{name}", raising=False)
        monkeypatch.delenv(f"LONGPORT_{name}", raising=False)


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def ring() -> Ring:
    return Ring()


@pytest.fixture
def sign_in(ring: Ring, browser: Browser) -> Iterator[LongportSignIn]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    made = sign_in_of(ring, browser, port)
    yield made
    made.close()


class Told:
    """Remembers what is to be hidden."""

    def __init__(self) -> None:
        self.texts: set[str] = set()

    def __call__(self, text: str, *, lasting: bool = True) -> None:
        self.texts.add(text)

    def clean(self, text: str) -> str:
        return text


def sign_in_of(ring: Backend | None, browser: Browser, port: int | None = None) -> LongportSignIn:
    return LongportSignIn(SystemClock(), browser.open, lambda: ring, port)


def entry_of(simulator: LongportSimulator, way: LongportWay, *, secret: str | None = None) -> LongportEntry:
    place = LongportSettings(
        region="custom", http_url=simulator.http_url, ws_url=simulator.ws_url, transport="websocket"
    )
    if way != "key":
        return LongportEntry(way, place)
    account = simulator.account
    return LongportEntry(
        way, place, key=account.app_key, secret=secret or account.app_secret, token=account.access_token
    )


async def test_an_app_key_is_tested_and_kept(sign_in: LongportSignIn, ring: Ring) -> None:
    async with simulated() as simulator:
        entry = entry_of(simulator, "key")
        report = await sign_in.test(entry)
        assert (report.usable, report.title) == (True, "A simulated Longport answered.")
        await sign_in.keep(entry)
    assert sign_in.note == ""
    assert isinstance(sign_in.secrets, AppKey)
    assert simulator.account.app_secret in next(iter(ring.kept.values()))
    for secret in (entry.secret, entry.token):
        assert secret not in repr(entry) + repr(sign_in.secrets)


async def test_the_log_is_told_of_every_secret(sign_in: LongportSignIn, browser: Browser) -> None:
    told = Told()
    sign_in.use_log(told)
    async with simulated() as simulator:
        entry = entry_of(simulator, "key")
        await sign_in.test(entry)
        assert {entry.key, entry.secret, entry.token} <= told.texts
        await sign_in.keep(entry_of(simulator, "browser"))
        await browser.gone()
        grant = simulator.account.grants[-1]
        assert {grant.access, grant.refresh} <= told.texts
    again = Told()
    sign_in.use_log(again)
    assert {grant.access, grant.refresh} <= again.texts


async def test_a_wrong_secret_is_said_in_a_sentence_that_helps(
    sign_in: LongportSignIn, expect_log: Callable[[str], None]
) -> None:
    expect_log("signature invalid")
    async with simulated() as simulator:
        report = await sign_in.test(entry_of(simulator, "key", secret="nonsense"))
    assert (report.usable, report.title) == (False, "Longport refused the login.")
    assert "copy the app secret and the token anew" in report.advice
    assert "nonsense" not in report.advice


async def test_the_browser_is_asked_once_for_test_and_connect(
    sign_in: LongportSignIn, browser: Browser, ring: Ring
) -> None:
    async with simulated() as simulator:
        entry = entry_of(simulator, "browser")
        report = await sign_in.test(entry)
        assert report.usable, report
        first = browser.url
        await sign_in.keep(entry)
        assert browser.url == first
        await browser.gone()
    assert isinstance(sign_in.secrets, OAuthTokens)
    assert ring.kept


async def test_a_refused_consent_is_said(sign_in: LongportSignIn, browser: Browser) -> None:
    async with simulated(LongportConfig(refuse_consent=True)) as simulator:
        report = await sign_in.test(entry_of(simulator, "browser"))
        await browser.gone()
    assert not report.usable
    assert "refused" in report.advice


async def test_a_port_that_is_taken_is_said(browser: Browser) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        sign_in = sign_in_of(None, browser, int(other.getsockname()[1]))
        async with simulated() as simulator:
            report = await sign_in.test(entry_of(simulator, "browser"))
        sign_in.close()
    assert report.title == "The sign-in failed."
    assert "is taken" in report.advice


async def test_nobody_listening_is_said(sign_in: LongportSignIn, expect_log: Callable[[str], None]) -> None:
    expect_log("unreachable")
    async with simulated() as simulator:
        entry = entry_of(simulator, "key")
    report = await sign_in.test(entry)
    assert (report.usable, report.title) == (False, "Longport did not answer.")


async def test_without_a_keyring_the_secrets_are_held_and_it_is_said(browser: Browser) -> None:
    sign_in = sign_in_of(None, browser)
    async with simulated() as simulator:
        await sign_in.keep(entry_of(simulator, "key"))
    sign_in.close()
    assert "no keyring" in sign_in.note
    assert isinstance(sign_in.secrets, AppKey)


async def test_the_environment_is_used_and_not_kept(
    sign_in: LongportSignIn, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sign_in.environment_words().startswith("Set LONGBRIDGE_APP_KEY")
    with pytest.raises(SettingsError, match="no_credentials"):
        await sign_in.keep(LongportEntry("environment", LongportSettings()))
    async with simulated() as simulator:
        for name, value in simulator.environment.items():
            monkeypatch.setenv(name, value)
        assert sign_in.environment_words() == "App key, secret and access token are set."
        entry = LongportEntry("environment", LongportSettings())
        assert (await sign_in.test(entry)).usable
        await sign_in.keep(entry)
    assert (sign_in.secrets, ring.kept) == (None, {})
    monkeypatch.delenv("LONGBRIDGE_APP_SECRET")
    assert sign_in.environment_words().startswith("LONGBRIDGE_APP_SECRET is not set")


# --- what was kept


def standing_of(way: str | None, *, keyring: bool = True) -> LongportStanding:
    return LongportStanding(way, keyring)  # type: ignore[arg-type]


async def test_how_one_is_signed_in_is_known(
    sign_in: LongportSignIn, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await sign_in.standing() == standing_of(None)
    async with simulated() as simulator:
        await sign_in.keep(entry_of(simulator, "key"))
        assert await sign_in.standing() == standing_of("key")
        await sign_in.keep(entry_of(simulator, "browser"))
        await browser.gone()
        assert await sign_in.standing() == standing_of("browser")
        assert (await sign_in.test(entry_of(simulator, "kept"))).usable
        for name, value in simulator.environment.items():
            monkeypatch.setenv(name, value)
        await sign_in.keep(entry_of(simulator, "environment"))
        assert await sign_in.standing() == standing_of("environment")
        assert (await sign_in.find()).keep is None


async def test_signing_out_ends_the_grant_and_empties_the_keyring(
    sign_in: LongportSignIn, browser: Browser, ring: Ring
) -> None:
    async with simulated() as simulator:
        entry = entry_of(simulator, "browser")
        await sign_in.keep(entry)
        await browser.gone()
        running = (await sign_in.find()).keep
        assert (len(simulator.account.grants), len(ring.kept)) == (1, 1)
        assert await sign_in.sign_out(entry.settings) == ""
        assert (simulator.account.grants, ring.kept, sign_in.secrets) == ([], {}, None)
        # The source that still runs renews its tokens at the last moment: they are not kept any more.
        assert running is not None
        await running(OAuthTokens("client", "access", "refresh"))
        assert (ring.kept, sign_in.secrets) == ({}, None)
        with pytest.raises(NotSignedIn, match="keyring_empty"):
            await sign_in.find()


async def test_an_app_key_is_forgotten_and_longport_is_not_asked(sign_in: LongportSignIn, ring: Ring) -> None:
    async with simulated() as simulator:
        entry = entry_of(simulator, "key")
        await sign_in.keep(entry)
    assert await sign_in.sign_out(entry.settings) == ""
    assert ring.kept == {}


async def test_a_grant_that_cannot_be_ended_is_forgotten_and_said(
    sign_in: LongportSignIn, browser: Browser, ring: Ring
) -> None:
    async with simulated() as simulator:
        entry = entry_of(simulator, "browser")
        await sign_in.keep(entry)
        await browser.gone()
    left = await sign_in.sign_out(entry.settings)
    assert left.startswith("Longport could not be told (127.0.0.1:")
    assert left.endswith("): end Capflow's access on Longport's own page.")
    assert ring.kept == {}


class Locked(Ring):
    """A keyring nobody unlocks."""

    def get_password(self, service: str, username: str) -> str | None:
        raise PermissionError("a-secret of the backend")


async def test_a_locked_keyring_is_said_and_nothing_is_done(browser: Browser) -> None:
    sign_in = sign_in_of(Locked(), browser)
    with pytest.raises(NotSignedIn) as caught:
        await sign_in.find()
    assert error_sentence(caught.value) == (
        "The keyring cannot be used (PermissionError): unlock it and reconnect, sign in under Connections, or set "
        "LONGBRIDGE_APP_KEY, LONGBRIDGE_APP_SECRET, LONGBRIDGE_ACCESS_TOKEN."
    )
    with pytest.raises(SettingsError, match="PermissionError"):
        await sign_in.sign_out(LongportSettings())
    with pytest.raises(SettingsError, match="PermissionError"):
        await sign_in.standing()
    sign_in.close()


async def test_tokens_renewed_without_a_keyring_last_for_the_run(browser: Browser) -> None:
    sign_in = sign_in_of(None, browser)
    async with simulated() as simulator:
        await sign_in.keep(entry_of(simulator, "key"))
    keep = (await sign_in.find()).keep
    assert keep is not None
    new = AppKey("k", "s", "t")
    await keep(new)
    sign_in.close()
    assert sign_in.secrets == new
    assert [sign_in.asks_once(), sign_in.asks_once()] == [True, False]
