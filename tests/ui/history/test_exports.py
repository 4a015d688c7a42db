"""What is taken out of the window says whose figures it is, when, and that they are simulated."""

from __future__ import annotations

import csv
import io
import math
from datetime import date

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from capflow_gui.archive.model import DamagedEntry
from capflow_gui.domain.flow import Period
from capflow_gui.errors import StorageError
from capflow_gui.reason import Code, Reason
from capflow_gui.ui.history.exports import _packed, _wrapped
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.asked_files import asked_file
from tests.ui.boards import HandBoard
from tests.ui.recorded_days import HandDays
from tests.ui.typed_keys import CTRL
from tests.ui.window_fixture import Answers
from tests.visual.approved import channels

THURSDAY = date(2026, 11, 19)


def test_the_lines_of_the_live_session_are_copied_for_a_spreadsheet(window: MainWindow, board: HandBoard) -> None:
    board.simulated = True
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_C, CTRL)
    rows = list(csv.DictReader(io.StringIO(QApplication.clipboard().text()), delimiter="\t"))
    assert rows[0]["time"] == "2026-11-20T09:30:00+08:00"
    assert {row["symbol"] for row in rows} == {"700.HK"}
    assert {row["simulated"] for row in rows} == {"true"}
    assert rows[-1]["provisional"] == "true"
    assert "Copied" in window.notice.text()


def test_a_recorded_session_is_saved_as_csv_that_excel_reads(window: MainWindow, answers: Answers) -> None:
    window.chart.show_date(THURSDAY)
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_E, CTRL)
    dialog = asked_file(window)
    assert dialog.selectedFiles()[0].endswith("700.HK 2026-11-19.csv")
    dialog.fileSelected.emit("day.csv")
    dialog.reject()
    content = answers.saved["day.csv"]
    assert content.startswith(b"\xef\xbb\xbfsymbol,source,period,session,time")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == 331
    assert rows[-1] | {"net": ""} == rows[-1] | {
        "net": "",
        "symbol": "700.HK",
        "session": "2026-11-19",
        "time": "2026-11-19T16:00:00+08:00",
        "provisional": "false",
        "cumulative": "true",
        "currency": "HKD",
        "currency_assumed": "false",
        "zone": "Asia/Hong_Kong",
    }
    assert float(rows[-1]["net"]) == round(float(rows[-1]["net"]), 6)
    assert "Saved" in window.notice.text()


@pytest.mark.parametrize("period", [Period.DAY, Period.WEEK])
def test_bars_that_lack_a_damaged_session_say_so_wherever_they_go(
    window: MainWindow, days: HandDays, period: Period
) -> None:
    days.found = {key: each for key, each in days.found.items() if key.session != THURSDAY}
    days.damaged.append(DamagedEntry("opend", "700.HK", "2026-11-19"))
    window.choose_period(period)
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_C, CTRL)
    rows = list(csv.DictReader(io.StringIO(QApplication.clipboard().text()), delimiter="\t"))
    assert [row["damaged"] for row in rows if row["damaged"]] == ["2026-11-19"]
    lacks = next(row for row in rows if row["damaged"])
    assert lacks["recorded"] == "incomplete"
    assert (lacks["net"] == "") is (period is Period.DAY)
    image = window.exports.picture()
    assert image is not None
    assert "damaged and left out: Thu 19 Nov 2026" in image.text("Description")


def test_what_cannot_be_saved_is_said(window: MainWindow, answers: Answers) -> None:
    answers.error = StorageError(Reason.of(Code.VERBATIM, text="the disk is full"))
    window.exports.save_to("full/day.csv", b"x")
    assert window.notice.text() == "Nothing was saved. The disk is full. Nothing shown is lost."


def test_the_picture_has_a_line_that_says_what_it_is(window: MainWindow, board: HandBoard, answers: Answers) -> None:
    board.simulated = True
    window.chart.show_date(THURSDAY)
    image = window.exports.picture()
    assert image is not None
    assert image.text("Description") == (
        "SIMULATED · 700.HK Tencent Holdings · session 2026-11-19 · RECORDED · OpenD · HKD · "
        "cumulative since the open, and per minute · Asia/Hong_Kong"
    )
    plot = window.chart.chart.plot
    assert image.width() == plot.width()
    assert image.height() > plot.height() + window.chart.head.height()
    foot = channels(image.convertToFormat(QImage.Format.Format_RGB32))[-30:]
    assert len(np.unique(foot.reshape(-1, 3), axis=0)) > 20
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_S, CTRL)
    dialog = asked_file(window)
    dialog.fileSelected.emit("chart.png")
    dialog.reject()
    assert QImage.fromData(answers.saved["chart.png"]).size() == image.size()
    assert ("make and save", "chart.png") in answers.asked, "it is packed in a thread of its own"


def test_a_picture_that_cannot_be_packed_is_a_fault() -> None:
    with pytest.raises(OSError, match="Image is empty"):
        _packed(QImage())


def test_the_picture_names_the_session_compared_and_how_far_was_played(window: MainWindow, days: HandDays) -> None:
    window.chart.show_date(THURSDAY)
    window.recorded.compare(date(2026, 11, 18))
    image = window.exports.picture()
    assert image is not None
    assert "· RECORDED · beside it Wed 18 Nov ·" in image.text("Description")
    window.chart.play_or_pause()
    window.playback.pause()
    window.playback.slice_s = math.inf
    window.playback.seek(window.playback.span[0] + 3600)
    image = window.exports.picture()
    assert image is not None
    assert "· session 2026-11-19 · RECORDED · PLAYBACK at 11:59:20 ·" in image.text("Description")


def test_where_there_is_nothing_it_is_said(window: MainWindow, days: HandDays) -> None:
    window.chart.show_date(date(2026, 11, 13))
    for take in (window.exports.copy_table, window.exports.save_csv, window.exports.save_picture):
        take()
        assert window.notice.text().startswith("There is no ")
    assert window.exports.picture() is None


def test_a_picture_does_not_offer_to_be_dragged(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    notes, plot = window.chart.chart.notes, window.chart.chart.plot
    hints: list[str] = []

    def grab() -> QPixmap:
        hints.append(notes._hint(inside=True))
        assert plot.grip is None
        return QPixmap(plot.size())

    monkeypatch.setattr(plot, "grab", grab)
    grip = plot.grip
    assert grip is not None
    assert "drag" in notes._hint(inside=True)
    assert window.exports.picture() is not None
    assert "drag" not in hints[0]
    assert plot.grip == grip


def test_the_words_under_a_picture_are_broken_between_words_alone() -> None:
    lines = _wrapped(lambda text: float(len(text)), "cumulative · Asia/Hong_Kong", 18.0)
    assert lines == ["cumulative ·", "Asia/Hong_Kong"]
