"""The problem report on screen: read first, then saved; and the one the program itself makes."""

from __future__ import annotations

import asyncio
import errno
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from capflow_gui.app.problem_report import ProblemReports
from capflow_gui.app.profile import Profile
from capflow_gui.app.request import Request
from capflow_gui.clock import SystemClock
from capflow_gui.diagnostics import Diagnostics, configure_logging
from capflow_gui.domain.session import Calendar
from capflow_gui.errors import StorageError
from capflow_gui.monitor import Monitor
from capflow_gui.paths import resource
from capflow_gui.ui.dialogs.report import ReportSheet
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, row_of
from tests.ui.window_fixture import Answers, open_window, shut


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def window(theme: Theme, answers: Answers, qtbot: QtBot) -> Iterator[MainWindow]:
    opened = open_window(HandBoard.of(row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6)), answers=answers)
    yield opened
    shut(opened)


def sheet_of(window: MainWindow) -> ReportSheet:
    """Opened as a person does."""
    window.toolbar.menu_button.click()
    menu = window.findChildren(QMenu)[-1]
    next(action for action in menu.actions() if action.text() == "Save problem report…").trigger()
    menu.close()
    sheet = window.dialogs.current
    assert isinstance(sheet, ReportSheet)
    return sheet


def test_everything_can_be_read_before_it_is_saved(window: MainWindow, answers: Answers) -> None:
    sheet = sheet_of(window)
    assert [sheet.list.item(row).text() for row in range(sheet.list.count())] == ["README.txt", "state.txt"]
    assert sheet.text.toPlainText() == "Read me."
    sheet.list.setCurrentRow(1)
    assert sheet.text.toPlainText() == "All is well."
    assert sheet.text.isReadOnly()
    assert answers.asked == [("gather",)]


def test_the_place_is_asked_for_without_a_nested_loop(window: MainWindow, answers: Answers) -> None:
    sheet = sheet_of(window)
    sheet.save_button.click()
    dialog = sheet.findChild(QFileDialog)
    assert dialog is not None
    assert Path(dialog.selectedFiles()[0]).name == "capflow-report-20261122-1640.zip"
    assert dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave
    dialog.fileSelected.emit("/place/x.zip")
    dialog.close()
    assert answers.asked[-1] == ("save", 2, "/place/x.zip")
    assert sheet.answer.said() == "The report is saved. Nothing was sent. /place/x.zip"


def test_a_place_that_cannot_be_written_is_said_and_another_one_can_be_tried(
    window: MainWindow, answers: Answers
) -> None:
    sheet = sheet_of(window)
    answers.error = StorageError("The report cannot be saved in /place: permission denied; choose another folder.")
    sheet.save_to("/place/x.zip")
    assert sheet.answer.said().startswith("The report is not saved. The report cannot be saved in /place")
    answers.error = None
    assert sheet.save_button.isEnabled()
    sheet.save_to("/other/x.zip")
    assert sheet.answer.said().startswith("The report is saved.")


# what the program makes


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
        (OSError(errno.ENOSPC, "No space left on device"), "no space left on device; make room there"),
        (PermissionError(errno.EACCES, "Permission denied"), "permission denied; choose another folder"),
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

    with pytest.raises(StorageError, match=advice):
        asyncio.run(make())
    assert [(file.name, file.read_text()) for file in place.iterdir()] == [("x.zip", "an older one")]
