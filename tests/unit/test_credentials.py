from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator

import pytest

from capflow_gui.clock import SystemClock
from capflow_gui.credentials import (
    AppKey,
    Backend,
    OAuthTokens,
    SecretStore,
    desk_place,
    desk_secret,
    find_secret,
    no_log,
    read_environment,
    system_keyring,
)
from capflow_gui.diagnostics import Redaction
from capflow_gui.errors import NotSignedIn, SettingsError
from capflow_gui.present.sentences import error_sentence
from capflow_gui.reason import Code, Reason

KEY = AppKey("the-key", "the-secret", "the-token", 1_800_000_000.0)
TOKENS = OAuthTokens("client", "access", "refresh", 1_800_000_000.0)
PARTS = {"APP_KEY": "k", "APP_SECRET": "s", "ACCESS_TOKEN": "t"}


class Ring:
    """A keyring in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


def store_of(backend: Backend | None, deadline_s: float = 5.0) -> SecretStore:
    return SecretStore(SystemClock(), lambda: backend, deadline_s)


@pytest.fixture
def ring() -> Ring:
    return Ring()


@pytest.fixture
def store(ring: Ring) -> Iterator[SecretStore]:
    made = store_of(ring)
    yield made
    made.close()


@pytest.mark.parametrize("secrets", [KEY, TOKENS])
async def test_secrets_come_back_as_they_were(store: SecretStore, secrets: AppKey | OAuthTokens) -> None:
    assert await store.available()
    assert await store.load_longport() is None
    await store.save_longport(secrets)
    assert await store.load_longport() == secrets
    await store.forget_longport()
    await store.forget_longport()
    assert await store.load_longport() is None


def test_secrets_hide_from_repr() -> None:
    shown = repr(KEY) + repr(TOKENS)
    assert not any(word in shown for word in ("the-key", "the-secret", "the-token", "access'", "refresh'"))


async def test_what_cannot_be_read_is_not_shown(store: SecretStore, ring: Ring) -> None:
    for text in ("not json but a-secret", json.dumps({"kind": "key", "names": ["a-secret"]}), '{"kind": 1}'):
        ring.kept["capflow", "longport"] = text
        with pytest.raises(SettingsError, match="unreadable") as caught:
            await store.load_longport()
        assert caught.value.__cause__ is None or "a-secret" not in str(caught.value.__cause__)


async def test_without_a_keyring_it_says_so() -> None:
    store = store_of(None)
    assert not await store.available()
    assert await store.load_longport() is None
    with pytest.raises(SettingsError, match="no_keyring"):
        await store.save_longport(KEY)
    store.close()


async def test_a_keyring_that_prompts_for_ever_is_given_up() -> None:
    released = threading.Event()

    class Locked(Ring):
        def get_password(self, service: str, username: str) -> str | None:
            released.wait()
            return None

    store = store_of(Locked(), 0.05)
    with pytest.raises(SettingsError, match="keyring_silent"):
        await store.load_longport()
    released.set()
    store.close()


async def test_a_keyring_that_breaks_is_said_without_its_words() -> None:
    class Broken(Ring):
        def get_password(self, service: str, username: str) -> str | None:
            raise OSError("a-secret of the backend")

    store = store_of(Broken())
    with pytest.raises(SettingsError, match="OSError") as caught:
        await store.load_longport()
    assert "a-secret" not in str(caught.value)
    store.close()


def test_the_system_is_asked() -> None:
    backend = system_keyring()
    assert backend is None or hasattr(backend, "get_password")


def test_longbridge_variables_go_before_longport_ones() -> None:
    environ = {f"LONGPORT_{name}": f"\ufeffold-{value}\u200b " for name, value in PARTS.items()}
    found = read_environment(environ | {"LONGPORT_REGION": "cn", "LONGPORT_HTTP_URL": " "})
    assert found.key == AppKey("old-k", "old-s", "old-t", variable="LONGPORT_ACCESS_TOKEN")
    assert (found.region, found.http_url) == ("cn", None)
    found = read_environment(environ | {f"LONGBRIDGE_{name}": value for name, value in PARTS.items()})
    assert found.key == AppKey("k", "s", "t", variable="LONGBRIDGE_ACCESS_TOKEN")
    assert read_environment({}).key is None


def test_half_a_key_is_named() -> None:
    with pytest.raises(SettingsError, match="LONGBRIDGE_APP_SECRET"):
        read_environment({"LONGBRIDGE_APP_KEY": "k", "LONGPORT_ACCESS_TOKEN": "t"})


HOOK = "https://hooks.example.com/T0/B0/hush-hush"


@pytest.mark.parametrize("place", ["keyring", "env:HOOK"])
async def test_a_secret_of_a_setting_is_found_where_it_is_said_to_be(
    store: SecretStore, ring: Ring, place: str
) -> None:
    redaction = Redaction()
    environ = {"HOOK": f"{HOOK}\n"} if place != "keyring" else {}
    if place == "keyring":
        ring.kept["capflow", "channels.team.address"] = HOOK
    assert await find_secret("channels.team.address", place, store, environ, redaction) == HOOK
    assert "hush" not in redaction.clean(f"POST {HOOK} and GET /T0/B0/hush-hush")


@pytest.mark.parametrize(("place", "code"), [("keyring", "secret_not_kept"), ("env:HOOK", "variable_not_set")])
async def test_a_secret_that_is_not_there_is_named_by_its_setting(store: SecretStore, place: str, code: str) -> None:
    with pytest.raises(SettingsError, match=code) as caught:
        await find_secret("channels.team.address", place, store, {"HOOK": " "}, no_log)
    assert caught.value.key == "channels.team.address"


async def test_a_keyring_that_fails_is_said_of_the_setting() -> None:
    class Broken(Ring):
        def get_password(self, service: str, username: str) -> str | None:
            raise OSError("hush-hush")

    store = store_of(Broken())
    with pytest.raises(SettingsError, match="keyring_failed") as caught:
        await find_secret("channels.team.address", "keyring", store, {}, no_log)
    assert caught.value.key == "channels.team.address"
    assert "hush" not in error_sentence(caught.value)
    store.close()


async def test_the_secret_of_a_desk_is_of_a_file_of_the_environment_or_of_the_keyring(tmp_path, hand_clock):
    file = tmp_path / "secret"
    file.write_text(" of-the-file\n", encoding="utf-8")
    file.chmod(0o600)
    place = desk_place("ws01", "h", 4222)
    assert place == "desk ws01@h:4222"
    ring = Ring()
    ring.set_password("capflow", place, "of-the-keyring")
    store = SecretStore(hand_clock, lambda: ring)
    about = {"user": "ws01", "address": "h:4222"}
    environ = {"CAPFLOW_DESK_SECRET": "of-the-environment"}
    assert await desk_secret(place, file, store, environ, **about) == "of-the-file"
    assert await desk_secret(place, None, store, environ, **about) == "of-the-environment"
    assert await desk_secret(place, None, store, {}, **about) == "of-the-keyring"
    ring.kept.clear()
    with pytest.raises(NotSignedIn) as missing:
        await desk_secret(place, None, store, {}, **about)
    assert missing.value.reason == Reason.of(Code.DESK_SECRET_MISSING, user="ws01", address="h:4222")
    store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="the rights of its folder count there")
@pytest.mark.parametrize(
    ("mode", "content", "code"),
    [(0o644, "x", Code.SECRET_FILE_OPEN), (0o600, " \n", Code.SECRET_EMPTY), (None, "", Code.KEY_FILE_UNREADABLE)],
)
async def test_a_file_of_a_secret_that_cannot_be_used_is_said(tmp_path, hand_clock, mode, content, code):
    file = tmp_path / "secret"
    if mode is not None:
        file.write_text(content, encoding="utf-8")
        file.chmod(mode)
    with pytest.raises(SettingsError) as caught:
        await desk_secret("x", file, SecretStore(hand_clock), {}, user="ws01", address="h:1")
    assert caught.value.reason.code is code
