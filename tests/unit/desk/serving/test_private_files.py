from __future__ import annotations

import os
from pathlib import Path

import pytest

from capflow_gui.desk.serving.private_files import read_kept, write_private
from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Code


@pytest.mark.skipif(os.name == "nt", reason="there is no mode")
def test_nobody_else_reads_it_even_where_one_was_there_before(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"old")
    path.chmod(0o644)
    write_private(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["secret"]


def test_what_cannot_be_read_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="gone") as caught:
        read_kept(tmp_path / "gone")
    assert (caught.value.reason.code, caught.value.suggestion.code) == (Code.CANNOT_BE_READ, Code.GIVE_ACCESS)
