"""The committed trading calendar is the generated one, and checking it can fail."""

import functools
import runpy
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import cast

import pytest

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "resources" / "sessions.json"


@pytest.fixture(scope="module")
def main() -> FunctionType:
    """What `packaging/generate_calendar.py` runs. It makes the table, which takes long, once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas' notices about its own future
        names = runpy.run_path(str(ROOT / "packaging" / "generate_calendar.py"))
    found = cast("FunctionType", names["main"])
    found.__globals__["render"] = functools.cache(names["render"])
    return found


@pytest.fixture
def check(main: FunctionType, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], object]:
    """Compare a table as `make lint` does; what the program would exit with."""
    monkeypatch.setattr(sys, "argv", ["generate_calendar.py", "--check"])

    def run(table: Path) -> object:
        monkeypatch.setitem(main.__globals__, "TARGET", table)
        return main()

    return run


def test_committed_table_is_up_to_date(main, check, capsys):
    assert main.__globals__["TARGET"] == TABLE
    assert (check(TABLE), capsys.readouterr().err) == (0, "")


def test_check_names_what_differs(check, tmp_path, capsys):
    changed = tmp_path / "sessions.json"
    changed.write_text(TABLE.read_text(encoding="utf-8").replace("02-17 02-18 02-19", "02-17 02-18"), "utf-8")
    assert check(changed) == 1
    said = capsys.readouterr().err
    assert "02-17 02-18 02-19" in said
    assert "out of date" in said
