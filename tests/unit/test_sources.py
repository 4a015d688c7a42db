"""SRC, read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from capflow_gui.clock import SystemClock
from capflow_gui.errors import InvalidInput
from capflow_gui.paths import Paths
from capflow_gui.present.sentences import error_sentence
from capflow_gui.reason import Code
from capflow_gui.settings import DeskSettings, OpendSettings, Settings
from capflow_gui.sources import Address, connected, open_source, parse_source, quota_path

CONFIGURED = Settings(source="opend", opend=OpendSettings(host="10.0.0.5", port=22222, rsa_key="/k.pem", budget=12))


@pytest.mark.parametrize(
    ("text", "host", "port", "key"),
    [
        ("opend://127.0.0.1:11111", "127.0.0.1", 11111, None),
        ("OPEND://Host.example:1", "host.example", 1, None),
        ("opend://127.0.0.1", "127.0.0.1", 11111, None),
        ("opend://[::1]:7/", "::1", 7, None),
        ("opend://h:1?rsa-key=/a/b%20c.pem", "h", 1, "/a/b c.pem"),
    ],
)
def test_an_opend_address(text: str, host: str, port: int, key: str | None) -> None:
    assert parse_source(text, Settings()) == Address("opend", host, port, Path(key) if key else None, 30)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("desk://ws01@10.0.0.5:4333", Address("desk", "10.0.0.5", 4333, user="ws01")),
        ("Desk://ws-1@[::1]/", Address("desk", "::1", 4222, user="ws-1")),
        (
            "desk://ws01@h:1?ca=/a/b%20c.pem&secret=/s",
            Address("desk", "h", 1, user="ws01", ca=Path("/a/b c.pem"), secret=Path("/s")),
        ),
    ],
)
def test_a_desk(text: str, address: Address) -> None:
    assert parse_source(text, Settings()) == address


def test_the_configured_source_may_be_a_desk() -> None:
    settings = Settings(source="desk", desk=DeskSettings("10.0.0.5", 4333, "ws02", "/ca.pem"))
    assert parse_source(None, settings) == Address("desk", "10.0.0.5", 4333, user="ws02", ca=Path("/ca.pem"))


async def test_a_desk_is_a_source_whose_replies_are_pushed(tmp_path: Path) -> None:
    paths = Paths.resolve(data_dir=tmp_path)
    async with open_source("desk://ws01@127.0.0.1:1", clock=SystemClock(), paths=paths, settings=Settings()) as source:
        assert source.name == "desk"
        assert source.pushing is source.provider


def test_none_is_the_configured_source() -> None:
    assert parse_source(None, CONFIGURED) == Address("opend", "10.0.0.5", 22222, Path("/k.pem"), 12)
    with pytest.raises(InvalidInput, match=Code.NO_SOURCE_YET):
        parse_source(None, Settings())


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1:11111",
        "opend:",
        "opend://",
        "opend://h:99999",
        "opend://h:x",
        "opend://h:1/x",
        "opend://u@h:1",
        "opend://h:1?rsa-key=",
        "opend://h:1?key=x",
        "demo:x",
        "longport:elsewhere",
        "ftp://h:1",
        "desk:",
        "desk://h:1",
        "desk://a.b@h:1",
        "desk://u:p@h:1",
        "desk://u@h:1/x",
        "desk://u@h:x",
        "desk://u@h:1?ca=",
        "desk://u@h:1?rsa-key=x",
        "desk://u@h:0",
        "desk://u@h:1?secret=%00",
    ],
)
def test_what_is_no_source_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_source(text, Settings())


@pytest.mark.parametrize("rest", ["u:hush@h:1", "u:hush/hush@h:1", "u:hu@sh@h", "u:hush@[h", ":hush@h:x"])
def test_a_secret_typed_as_a_password_is_not_repeated(rest: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_source(f"desk://{rest}", Settings())
    assert "hu" not in error_sentence(refused.value)


def test_loopback_has_one_name_in_the_quota() -> None:
    ends = {Address("opend", host, 1).endpoint for host in ("localhost", "127.0.0.1", "::1")}
    assert ends == {"opend/127.0.0.1:1"}


def test_the_quota_file_is_the_users_whatever_the_data_folder(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_args, **_named: tmp_path / "user" / "capflow")
    paths = Paths.resolve(data_dir=tmp_path / "elsewhere")
    assert quota_path(paths) == tmp_path / "user" / "capflow" / "quota"
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_args, **_named: tmp_path / "file" / "capflow")
    assert quota_path(paths) == paths.state / "quota"


async def test_the_demo_is_a_simulator_that_ends_with_its_context(tmp_path: Path) -> None:
    clock = SystemClock()
    paths = Paths.resolve(config_dir=tmp_path, data_dir=tmp_path)
    async with (
        open_source("demo:", clock=clock, paths=paths, settings=Settings()) as opened,
        connected(opened, clock=clock, within_s=10.0) as source,
    ):
        assert source.name == "demo"
        assert (await source.provider.get_global_state()).simulated
    assert not os.listdir(tmp_path)  # noqa: PTH208 - the loop's work is done
