"""How the window signs in to Longport: tested and kept, against the simulated broker."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from capflow_gui.app.longport_door import LongportDoor
from capflow_gui.clock import SystemClock
from capflow_gui.credentials import AppKey, Backend, OAuthTokens
from capflow_gui.errors import NotSignedIn, SettingsError
from capflow_gui.present.sentences import error_sentence
from capflow_gui.settings import LongportSettings
from capflow_gui.simulator.longport.server import LongportConfig, LongportSimulator
from capflow_gui.ui.ports import LongportEntry, LongportStanding, LongportWay
from tests.integration.test_longport_sign_in import Browser
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
def door(ring: Ring, browser: Browser) -> Iterator[LongportDoor]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    made = door_of(ring, browser, port)
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


def door_of(ring: Backend | None, browser: Browser, port: int | None = None) -> LongportDoor:
    return LongportDoor(SystemClock(), browser.open, lambda: ring, port)


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


async def test_an_app_key_is_tested_and_kept(door: LongportDoor, ring: Ring) -> None:
    async with simulated() as simulator:
        entry = entry_of(simulator, "key")
        report = await door.test(entry)
        assert (report.usable, report.title) == (True, "A simulated Longport answered.")
        await door.keep(entry)
    assert door.note == ""
    assert isinstance(door.secrets, AppKey)
    assert simulator.account.app_secret in next(iter(ring.kept.values()))
    for secret in (entry.secret, entry.token):
        assert secret not in repr(entry) + repr(door.secrets)


async def test_the_log_is_told_of_every_secret(door: LongportDoor, browser: Browser) -> None:
    told = Told()
    door.use_log(told)
    async with simulated() as simulator:
        entry = entry_of(simulator, "key")
        await door.test(entry)
        assert {entry.key, entry.secret, entry.token} <= told.texts
        await door.keep(entry_of(simulator, "browser"))
        await browser.gone()
        grant = simulator.account.grants[-1]
        assert {grant.access, grant.refresh} <= told.texts
    again = Told()
    door.use_log(again)
    assert {grant.access, grant.refresh} <= again.texts


async def test_a_wrong_secret_is_said_in_a_sentence_that_helps(
    door: LongportDoor, expect_log: Callable[[str], None]
) -> None:
    expect_log("signature invalid")
    async with simulated() as simulator:
        report = await door.test(entry_of(simulator, "key", secret="nonsense"))
    assert (report.usable, report.title) == (False, "Longport would not let Capflow in.")
    assert "copy the app secret and the token anew" in report.advice
    assert "nonsense" not in report.advice


async def test_the_browser_is_asked_once_for_test_and_connect(door: LongportDoor, browser: Browser, ring: Ring) -> None:
    async with simulated() as simulator:
        entry = entry_of(simulator, "browser")
        report = await door.test(entry)
        assert report.usable, report
        first = browser.url
        await door.keep(entry)
        assert browser.url == first
        await browser.gone()
    assert isinstance(door.secrets, OAuthTokens)
    assert ring.kept


async def test_a_refused_consent_is_said(door: LongportDoor, browser: Browser) -> None:
    async with simulated(LongportConfig(refuse_consent=True)) as simulator:
        report = await door.test(entry_of(simulator, "browser"))
        await browser.gone()
    assert not report.usable
    assert "refused" in report.advice


async def test_a_port_that_is_taken_is_said(browser: Browser) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        door = door_of(None, browser, int(other.getsockname()[1]))
        async with simulated() as simulator:
            report = await door.test(entry_of(simulator, "browser"))
        door.close()
    assert report.title == "The sign-in did not come about."
    assert "is taken" in report.advice


async def test_nobody_listening_is_said(door: LongportDoor, expect_log: Callable[[str], None]) -> None:
    expect_log("cannot be reached")
    async with simulated() as simulator:
        entry = entry_of(simulator, "key")
    report = await door.test(entry)
    assert (report.usable, report.title) == (False, "Longport did not answer.")


async def test_without_a_keyring_the_secrets_are_held_and_it_is_said(browser: Browser) -> None:
    door = door_of(None, browser)
    async with simulated() as simulator:
        await door.keep(entry_of(simulator, "key"))
    door.close()
    assert "no keyring" in door.note
    assert isinstance(door.secrets, AppKey)


async def test_the_environment_is_used_and_not_kept(
    door: LongportDoor, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert door.environment_words().startswith("Set LONGBRIDGE_APP_KEY")
    with pytest.raises(SettingsError, match="no credentials"):
        await door.keep(LongportEntry("environment", LongportSettings()))
    async with simulated() as simulator:
        for name, value in simulator.environment.items():
            monkeypatch.setenv(name, value)
        assert door.environment_words() == "App key, secret and access token are set."
        entry = LongportEntry("environment", LongportSettings())
        assert (await door.test(entry)).usable
        await door.keep(entry)
    assert (door.secrets, ring.kept) == (None, {})
    monkeypatch.delenv("LONGBRIDGE_APP_SECRET")
    assert door.environment_words().startswith("LONGBRIDGE_APP_SECRET is not set")


# --- what was kept


def standing_of(way: str | None, *, keyring: bool = True) -> LongportStanding:
    return LongportStanding(way, keyring)  # type: ignore[arg-type]


async def test_how_one_is_signed_in_is_known(
    door: LongportDoor, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await door.standing() == standing_of(None)
    async with simulated() as simulator:
        await door.keep(entry_of(simulator, "key"))
        assert await door.standing() == standing_of("key")
        await door.keep(entry_of(simulator, "browser"))
        await browser.gone()
        assert await door.standing() == standing_of("browser")
        assert (await door.test(entry_of(simulator, "kept"))).usable
        for name, value in simulator.environment.items():
            monkeypatch.setenv(name, value)
        await door.keep(entry_of(simulator, "environment"))
        assert await door.standing() == standing_of("environment")
        assert (await door.find()).keep is None


async def test_signing_out_ends_the_grant_and_empties_the_keyring(
    door: LongportDoor, browser: Browser, ring: Ring
) -> None:
    async with simulated() as simulator:
        entry = entry_of(simulator, "browser")
        await door.keep(entry)
        await browser.gone()
        running = (await door.find()).keep
        assert (len(simulator.account.grants), len(ring.kept)) == (1, 1)
        assert await door.sign_out(entry.settings) == ""
        assert (simulator.account.grants, ring.kept, door.secrets) == ([], {}, None)
        # The source that still runs renews its tokens at the last moment: they are not kept any more.
        assert running is not None
        await running(OAuthTokens("client", "access", "refresh"))
        assert (ring.kept, door.secrets) == ({}, None)
        with pytest.raises(NotSignedIn, match="holds nothing"):
            await door.find()


async def test_an_app_key_is_forgotten_and_longport_is_not_asked(door: LongportDoor, ring: Ring) -> None:
    async with simulated() as simulator:
        entry = entry_of(simulator, "key")
        await door.keep(entry)
    assert await door.sign_out(entry.settings) == ""
    assert ring.kept == {}


async def test_a_grant_that_cannot_be_ended_is_forgotten_and_said(
    door: LongportDoor, browser: Browser, ring: Ring
) -> None:
    async with simulated() as simulator:
        entry = entry_of(simulator, "browser")
        await door.keep(entry)
        await browser.gone()
    left = await door.sign_out(entry.settings)
    assert left.startswith("Longport could not be told (127.0.0.1:")
    assert left.endswith("): end Capflow's access on Longport's own page.")
    assert ring.kept == {}


class Locked(Ring):
    """A keyring nobody unlocks."""

    def get_password(self, service: str, username: str) -> str | None:
        raise PermissionError("a-secret of the backend")


async def test_a_locked_keyring_is_said_and_nothing_is_done(browser: Browser) -> None:
    door = door_of(Locked(), browser)
    with pytest.raises(NotSignedIn) as caught:
        await door.find()
    assert error_sentence(caught.value) == (
        "The keyring cannot be used (PermissionError): unlock it and reconnect, sign in under Connections, or set "
        "LONGBRIDGE_APP_KEY, LONGBRIDGE_APP_SECRET and LONGBRIDGE_ACCESS_TOKEN."
    )
    with pytest.raises(SettingsError, match="PermissionError"):
        await door.sign_out(LongportSettings())
    with pytest.raises(SettingsError, match="PermissionError"):
        await door.standing()
    door.close()


async def test_tokens_renewed_without_a_keyring_last_for_the_run(browser: Browser) -> None:
    door = door_of(None, browser)
    async with simulated() as simulator:
        await door.keep(entry_of(simulator, "key"))
    keep = (await door.find()).keep
    assert keep is not None
    new = AppKey("k", "s", "t")
    await keep(new)
    door.close()
    assert door.secrets == new
    assert [door.asks_once(), door.asks_once()] == [True, False]
