"""The problem report that the program makes."""

from __future__ import annotations

import asyncio
import errno
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from capflow_gui.app.problem_report import ProblemReports
from capflow_gui.app.profile import Profile
from capflow_gui.app.request import Request
from capflow_gui.clock import SystemClock
from capflow_gui.diagnostics import Diagnostics, configure_logging
from capflow_gui.domain.session import Calendar
from capflow_gui.errors import StorageError
from capflow_gui.monitor import Monitor
from capflow_gui.paths import resource
from capflow_gui.present.sentences import error_sentence


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Diagnostics]:
    diagnostics = configure_logging(tmp_path / "data" / "log", "debug", None)
    yield diagnostics
    diagnostics.close()


@pytest.fixture
def reports(tmp_path: Path, log: Diagnostics, qapp: object) -> ProblemReports:
    clock = SystemClock()
    profile = Profile(Request(folders=(tmp_path / "config", tmp_path / "data")), demo=False)
    calendar = Calendar.from_json(resource("sessions.json").read_bytes())
    return ProblemReports(log, profile, Monitor([], [], calendar=calendar, clock=clock), clock, dict)


def test_it_is_written_whole_with_the_end_of_the_log_and_the_last_crash(
    reports: ProblemReports, log: Diagnostics, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("capflow_gui.app.problem_report._LOG_BYTES", 1000)
    log.file.write_text("".join(f"line {number} of {tmp_path}/x\n" for number in range(200)), encoding="utf-8")
    log.file.with_name("crash.log").write_text("Fatal Python error: Segmentation fault\n", encoding="utf-8")
    log.redaction.register_secret("line 198")  # became a secret after it was logged

    async def make() -> Path:
        draft = await reports.gather()
        assert draft.place.endswith(".zip")
        assert "capflow-report-" in draft.place
        await reports.save(draft, str(tmp_path / "report.zip"))
        return tmp_path / "report.zip"

    with zipfile.ZipFile(asyncio.run(make())) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert list(texts) == ["README.txt", "state.txt", "settings.toml", "capflow.log", "crash.log"]
    lines = texts["capflow.log"].splitlines()
    assert lines[-1] == "line 199 of ~/x"
    assert lines[-2] == "‹hidden› of ~/x"
    assert lines[0].startswith("line 1")
    assert "Segmentation fault" in texts["crash.log"]
    for words in ("PySide6 6.", "numpy ", "screen", "offscreen"):
        assert words in texts["state.txt"]


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full; make room there"),
        (PermissionError(errno.EACCES, "Permission denied"), "Permission denied; choose another folder"),
    ],
)
def test_a_disk_that_refuses_is_a_sentence_and_leaves_nothing_half_written(
    reports: ProblemReports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, advice: str
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    (place / "x.zip").write_text("an older one")

    def refuse(_handle: int) -> None:
        raise error

    monkeypatch.setattr("os.fsync", refuse)

    async def make() -> None:
        await reports.save(await reports.gather(), str(place / "x.zip"))

    with pytest.raises(StorageError) as caught:
        asyncio.run(make())
    assert error_sentence(caught.value).startswith(f"The report cannot be saved in {place}: {advice}")
    assert [(file.name, file.read_text()) for file in place.iterdir()] == [("x.zip", "an older one")]
