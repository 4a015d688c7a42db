"""A profile with recorded days, and commands on it in this process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from capflow_gui.cli.main import main
from tests.unit.archive.files import compact, record, whole_day

BEFORE = date(2026, 6, 9)
Told = tuple[int, str, str]


@pytest.fixture(scope="module")
def recorded_days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile's data folder: two sessions of 700.HK, one of 600519.SH at two sources."""
    folder = tmp_path_factory.mktemp("data")
    record(
        folder / "archive.db",
        whole_day("700.HK", BEFORE),
        whole_day("700.HK"),
        whole_day("600519.SH"),
        whole_day("600519.SH", source="longport"),
    )
    compact(folder / "archive.db")
    return folder


@pytest.fixture
def ask_archive(recorded_days: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Told]:
    """Run a command on that folder, or another one; status, stdout and stderr."""

    def run(*arguments: str, data: Path = recorded_days) -> Told:
        try:
            status = main([*arguments, "--data-dir", str(data), "--config-dir", str(tmp_path)])
        except SystemExit as error:
            status = int(str(error.code))
        told = capsys.readouterr()
        return status, told.out, told.err

    return run
