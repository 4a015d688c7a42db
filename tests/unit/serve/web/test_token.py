from __future__ import annotations

import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from capflow_gui.credentials import no_log
from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code, Reason
from capflow_gui.serve.web.token import FILE_NAME, token_in
from tests.full_disk import fill, small_disk

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")


def test_it_is_made_once_for_its_owner_alone_and_told_to_who_hides_it(tmp_path: Path) -> None:
    hidden: list[str] = []
    folder = tmp_path / "state"

    def conceal(text: str, *, lasting: bool = True) -> None:
        hidden.append(text)

    token = token_in(folder, conceal)
    assert len(token) >= 40
    assert token_in(folder, no_log) == token
    assert hidden == [token]
    assert [each.name for each in folder.iterdir()] == [FILE_NAME]
    if os.name == "posix":
        assert stat.S_IMODE((folder / FILE_NAME).stat().st_mode) == 0o600


@posix
@pytest.mark.parametrize(
    ("mode", "text", "words"),
    [
        (0o644, "x" * 43, "token_not_own mode=644"),
        (0o620, "x" * 43, "token_not_own mode=620"),
        (0o600, "", "no_token_in_file"),
        (0o600, "short", "no_token_in_file"),
        (0o600, "x" * 20 + "\n" + "y" * 20, "no_token_in_file"),
        (0o600, "x" * 300, "no_token_in_file"),
    ],
)
def test_a_file_that_keeps_no_secret_is_refused(tmp_path: Path, mode: int, text: str, words: str) -> None:
    file = tmp_path / FILE_NAME
    file.write_text(text, "ascii")
    file.chmod(mode)
    with pytest.raises(SettingsError, match=words) as refused:
        token_in(tmp_path, no_log)
    assert "x" * 20 not in str(refused.value)
    assert file.read_text("ascii") == text


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(b"")
    with pytest.raises(SettingsError, match="state"):
        token_in(tmp_path / "state", no_log)


def test_programs_that_start_together_have_one_token(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _number: token_in(tmp_path, no_log), range(16)))
    assert len(set(found)) == 1
    assert [each.name for each in tmp_path.iterdir()] == [FILE_NAME]


def test_on_a_full_disk_room_is_asked_for_and_a_token_that_is_there_serves(tmp_path: Path) -> None:
    with small_disk(tmp_path / "state") as filler:
        fill(filler)
        with pytest.raises(SettingsError) as refused:
            token_in(filler.parent, no_log)
        assert refused.value.reason.code is Code.CANNOT_BE_WRITTEN
        assert refused.value.suggestion == Reason.of(Code.MAKE_ROOM)
        filler.unlink()
        token = token_in(filler.parent, no_log)
        fill(filler)
        assert token_in(filler.parent, no_log) == token
