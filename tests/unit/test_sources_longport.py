from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from capflow_gui.clock import SystemClock
from capflow_gui.credentials import LongportEnvironment
from capflow_gui.errors import InvalidInput, NotSignedIn, SettingsError
from capflow_gui.paths import Paths
from capflow_gui.present.sentences import error_sentence
from capflow_gui.providers.longport.config import GLOBAL, MAINLAND
from capflow_gui.settings import LongportSettings, Settings
from capflow_gui.sources import longport_config, open_source, parse_source

NONE = LongportEnvironment()
ENVIRONMENT = ("APP_KEY", "APP_SECRET", "ACCESS_TOKEN", "HTTP_URL", "QUOTE_WS_URL", "QUOTE_URL", "REGION", "LANGUAGE")


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*ENVIRONMENT, "QUOTE_TRANSPORT"):
        monkeypatch.delenv(f"LONGBRIDGE_{name}", raising=False)
        monkeypatch.delenv(f"LONGPORT_{name}", raising=False)


def test_how_longport_is_asked_for() -> None:
    assert parse_source("longport:", Settings()).kind == "longport"
    assert parse_source("LongPort:?transport=tcp", Settings()).transport == "tcp"
    assert parse_source(None, Settings(source="longport")).kind == "longport"
    assert parse_source("longport:", Settings(longport=LongportSettings(budget=7))).budget == 7


@pytest.mark.parametrize("text", ["longport:host", "longport:?transport=pigeon", "longport:?rsa-key=x", "longport"])
def test_what_is_no_longport(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_source(text, Settings())


def test_regions() -> None:
    assert longport_config(LongportSettings(), NONE) == GLOBAL
    assert longport_config(LongportSettings(region="mainland"), NONE) == MAINLAND
    assert longport_config(LongportSettings(), LongportEnvironment(region="cn")) == MAINLAND
    assert longport_config(LongportSettings(region="mainland"), LongportEnvironment(region="hk")) == GLOBAL
    own = LongportSettings(region="custom", http_url="http://h", ws_url="ws://w", tcp="t:1", transport="tcp")
    found = longport_config(own, NONE)
    assert (found.http_url, found.ws_url, found.tcp, found.transport) == ("http://h", "ws://w", "t:1", "tcp")
    with pytest.raises(SettingsError, match="http_url"):
        longport_config(LongportSettings(region="custom"), NONE)


def test_the_environment_overrides_settings_and_the_source_both() -> None:
    environment = LongportEnvironment(
        http_url="http://e", ws_url="ws://e", tcp_url="tcp://e:1", language="zh-HK", transport="http"
    )
    found = longport_config(LongportSettings(transport="tcp"), environment)
    assert dataclasses.astuple(found) == ("http://e", "ws://e", "tcp://e:1", "zh-HK", "http")
    assert longport_config(LongportSettings(), environment, "websocket").transport == "websocket"
    with pytest.raises(SettingsError, match="QUOTE_TRANSPORT"):
        longport_config(LongportSettings(), LongportEnvironment(transport="pigeon"))


async def test_accounts_have_quotas_of_their_own_and_stay_unnamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    paths = Paths.resolve(config_dir=tmp_path, data_dir=tmp_path)
    keys = []
    for account in ("the-app-key", "another"):
        for name, value in (("APP_KEY", account), ("APP_SECRET", "s"), ("ACCESS_TOKEN", "t")):
            monkeypatch.setenv(f"LONGBRIDGE_{name}", value)
        async with open_source("longport:", clock=SystemClock(), paths=paths, settings=Settings()) as source:
            assert source.limiters.of("snapshot") is source.limiter
            assert source.limiters.of("groups") is not source.limiter
            keys.append(source.limiter.key)
    assert keys[0] != keys[1]
    assert "the-app-key" not in keys[0]


async def test_without_credentials_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    paths = Paths.resolve(config_dir=tmp_path, data_dir=tmp_path)
    with pytest.raises(NotSignedIn, match="no_keyring") as caught:
        async with open_source("longport:", clock=SystemClock(), paths=paths, settings=Settings()):
            pass
    assert "or set LONGBRIDGE_APP_KEY" in error_sentence(caught.value)
