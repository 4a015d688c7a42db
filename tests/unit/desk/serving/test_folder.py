from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from capflow_gui.desk.serving.folder import locked, prepare
from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Code
from capflow_gui.settings import Settings
from capflow_gui.sources import parse_source

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_secrets_are_made_once_long_random_and_private(tmp_path: Path) -> None:
    desk = prepare(tmp_path / "a desk", "127.0.0.1", 4222, ["ws01", "ws02"], NOW)
    users = ("collector", "ws01", "ws02")
    secrets = {user: desk.secret_file(user).read_text(encoding="utf-8").strip() for user in users}
    assert len(set(secrets.values())) == 3
    assert min(map(len, secrets.values())) >= 43
    if os.name != "nt":
        private = [desk.secret_file(user) for user in users] + [desk.folder / "users.conf"]
        assert {path.stat().st_mode & 0o777 for path in private} == {0o600}
    desk.secret_file("ws02").unlink()
    again = prepare(tmp_path / "a desk", "127.0.0.1", 4222, ["ws01", "ws02", "ws03"], NOW)
    now = {user: again.secret_file(user).read_text(encoding="utf-8").strip() for user in users}
    assert (now["collector"], now["ws01"]) == (secrets["collector"], secrets["ws01"])
    assert now["ws02"] != secrets["ws02"]
    assert '"ws03"' in (again.folder / "users.conf").read_text(encoding="utf-8")


def test_a_secret_that_was_emptied_is_made_anew(tmp_path: Path) -> None:
    """A server lets everybody in whose secret is to be empty."""
    desk = prepare(tmp_path, "127.0.0.1", 4222, ["ws01"], NOW)
    desk.secret_file("ws01").write_text(" \n", encoding="utf-8")
    prepare(tmp_path, "127.0.0.1", 4222, ["ws01"], NOW)
    assert len(desk.secret_file("ws01").read_text(encoding="utf-8").strip()) >= 43
    assert 'password: ""' not in (tmp_path / "users.conf").read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [b"abc\xff\xad", b"abc\ndef\n", b"abc\x01", b"x" * 1025])
def test_a_secret_that_was_spoiled_is_said_and_nothing_is_written(tmp_path: Path, content: bytes) -> None:
    desk = prepare(tmp_path, "127.0.0.1", 4222, ["ws01"], NOW)
    desk.secret_file("ws01").write_bytes(content)
    before = (tmp_path / "users.conf").read_bytes()
    with pytest.raises(InvalidInput, match="ws01") as caught:
        prepare(tmp_path, "127.0.0.1", 4222, ["ws01"], NOW)
    assert (caught.value.reason.code, caught.value.suggestion.code) == (Code.DESK_SECRET_UNUSABLE, Code.REMOVE_SECRET)
    assert caught.value.__cause__ is None  # it would have a piece of the secret
    assert desk.secret_file("ws01").read_bytes() == content
    assert (tmp_path / "users.conf").read_bytes() == before


def test_who_is_named_no_longer_has_no_access(tmp_path: Path) -> None:
    prepare(tmp_path, "127.0.0.1", 4222, ["ws01", "ws02"], NOW)
    prepare(tmp_path, "127.0.0.1", 4222, ["ws01"], NOW)
    users = (tmp_path / "users.conf").read_text(encoding="utf-8")
    assert '"ws01"' in users
    assert "ws02" not in users


def test_a_desk_that_was_moved_is_the_same_to_its_windows(tmp_path: Path) -> None:
    """What is written anew at each start leads to the new folder; what windows were given stays."""
    given = "authority.pem", "secrets/collector", "secrets/ws01"
    old = prepare(tmp_path / "old", "127.0.0.1", 4222, ["ws01"], NOW)
    before = [(old.folder / name).read_bytes() for name in given]
    new = prepare(old.folder.rename(tmp_path / "new"), "127.0.0.1", 4222, ["ws01"], NOW)
    assert [(new.folder / name).read_bytes() for name in given] == before
    assert str(old.folder) not in new.server_file.read_text(encoding="utf-8")


def test_what_is_typed_is_a_source_and_has_no_secret_in_it(tmp_path: Path) -> None:
    desk = prepare(tmp_path / "a & b", "::1", 4222, ["ws01"], NOW)
    text = desk.address("ws01", "::1", 4223)
    found = parse_source(text, Settings())
    assert (found.kind, found.user, found.host, found.port) == ("desk", "ws01", "::1", 4223)
    assert (found.ca, found.secret) == (desk.authority, desk.secret_file("ws01"))
    assert desk.secret_file("ws01").read_text(encoding="utf-8").strip() not in text


def test_one_program_alone_serves_from_a_folder(tmp_path: Path) -> None:
    with locked(tmp_path / "desk"), pytest.raises(InvalidInput, match="desk_served"), locked(tmp_path / "desk"):
        pass
    with locked(tmp_path / "desk"):
        pass
