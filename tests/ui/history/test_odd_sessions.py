"""A session of one line, and one of which every line is flagged, wherever a recorded session is shown."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from capflow_gui.archive.model import state_of
from capflow_gui.domain.flow import Flag
from capflow_gui.ui.ports import RecordedSession
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.asked_files import asked_file
from tests.ui.recorded_days import TENCENT, cut, recorded
from tests.ui.typed_keys import CTRL
from tests.ui.window_fixture import Answers

TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 11, day) for day in (17, 18, 19))


def odd(kind: str) -> RecordedSession:
    """Tuesday's session, as it was recorded in one reply."""
    session = recorded(TENCENT, TUESDAY)
    series = session.series
    if kind == "one line":
        series = cut(series, 1, float(series.timestamps[0]) + 100)
    else:
        flags = np.full(len(series), Flag.SUM.value, np.uint16)
        series = structs.replace(series, flags=Flag.SUM, line_flags=flags)
    state = state_of(None, series, poll=1, wall=0.0, turnover=None, old_turnover=None)
    assert state is not None
    summary = replace(session.summary, complete=kind != "one line", polls=1, unchanged=0)
    return RecordedSession(summary, series, [state], ())


@pytest.mark.parametrize(
    ("kind", "lines", "quality"),
    [
        ("one line", 1, "1 poll, 0 unchanged · 1 line, none missing · no revisions · no gaps · flags: none"),
        ("all flagged", 331, "1 poll, 0 unchanged · 331 lines, none missing · no revisions · no gaps · flags: sum"),
    ],
)
def test_an_odd_session_is_shown_compared_and_taken_out(
    window: MainWindow, answers: Answers, kind: str, lines: int, quality: str
) -> None:
    session, days = odd(kind), answers.recorded
    days.found[session.summary.key] = session
    window.chart.show_date(TUESDAY)
    chart = window.chart.chart
    chart.grab()
    assert chart.plot.data.last + 1 == lines

    QTest.keyClick(window.watchlist.table, Qt.Key.Key_C, CTRL)
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_E, CTRL)
    dialog = asked_file(window)
    dialog.fileSelected.emit("day.csv")
    dialog.reject()
    for text, delimiter in (
        (QApplication.clipboard().text(), "\t"),
        (answers.saved["day.csv"].decode("utf-8-sig"), ","),
    ):
        rows = list(csv.DictReader(io.StringIO(text), delimiter=delimiter))
        assert len(rows) == lines
        assert {row["flags"] for row in rows} == {"sum" if kind == "all flagged" else ""}
    said = window.exports.picture().text("Description")
    assert said.endswith("flags: sum") is (kind == "all flagged")

    window.detail.focus_quality()
    window.detail.grab()
    assert window.detail.quality().line.toolTip() == f"700.HK · Tue 17 Nov 2026 · {quality} · Amount in HKD"

    behind = []
    for shown, other in ((TUESDAY, THURSDAY), (THURSDAY, TUESDAY), (WEDNESDAY, None)):
        window.chart.show_date(shown)
        window.recorded.compare(other)
        window.recorded.set_ghost(other is None)
        chart.grab()
        (summary,) = (each.summary for key, each in days.found.items() if key.session == shown)
        drawn = window.recorded.behind(summary.day, "opend")
        behind.append((drawn.name, drawn.compared))
    assert behind == [("Thu 19 Nov", True), ("Tue 17 Nov", True), ("Tue 17 Nov", False)]
