from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from capflow_gui.archive.schema import SCHEMA, count, file_beside, first_date, moment
from capflow_gui.errors import StorageError
from capflow_gui.reason import Code
from capflow_gui.storage.database import Database


@pytest.mark.parametrize(
    ("why", "simulated", "name"),
    [
        (Code.FILE_NEWER, False, "archive.version-1.db"),
        (Code.FILE_OF_SIMULATED, False, "archive.real.db"),
        (Code.FILE_OF_REAL, True, "archive.simulated.db"),
    ],
)
def test_beside_a_file_that_is_left_alone_is_a_file_of_its_own(why: Code, simulated: bool, name: str) -> None:
    assert file_beside(Path("folder/archive.db"), why, simulated=simulated) == Path("folder", name)


def test_a_file_can_be_opened_again_and_gives_room_back(tmp_path: Path) -> None:
    for _ in range(2):
        database = Database.open(tmp_path / "archive.db", SCHEMA, simulated=False)
        with database.transaction() as connection:
            assert connection.execute("PRAGMA auto_vacuum").fetchone() == (2,)
        database.close()
    assert not database.notices


@pytest.mark.parametrize("cell", ["7", b"7", None, 7.0, -1, 2**62])
def test_a_damaged_cell_is_no_number_of_polls(cell: object) -> None:
    assert count(7) == 7
    with pytest.raises(StorageError, match=r"recording_damaged"):
        count(cell)


@pytest.mark.parametrize("cell", ["7", b"7", None, float("inf"), float("nan"), -1.0, 1e300])
def test_a_damaged_cell_is_no_time(cell: object) -> None:
    assert moment(7) == 7.0
    with pytest.raises(StorageError, match=r"recording_damaged"):
        moment(cell)


def test_the_first_session_that_is_a_date_is_found() -> None:
    assert first_date([("[]",), (b"2022",), (None,), ("2022-06-08",), ("2022-06-07",)]) == date(2022, 6, 8)
    assert first_date([("2022-13-08",)]) is None
