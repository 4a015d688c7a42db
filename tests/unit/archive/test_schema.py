from __future__ import annotations

from pathlib import Path

import pytest

from capflow_gui.archive.schema import SCHEMA, file_beside
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
