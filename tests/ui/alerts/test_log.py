"""The log of alerts: searched while one types, paged, and the minute of an alert played back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from capflow_gui.domain.alert_record import PAGE, AlertKind, AlertRecord, AlertSearch
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import StorageError
from capflow_gui.present.alerts.log_words import KEEPS_NONE, LOG_TITLES, NOT_RECORDED, NOTHING_FOUND
from capflow_gui.present.recorded_words import NOTHING_TO_PLAY
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.types import Appearance, Settings
from capflow_gui.ui.alerts.log import LogSheet
from capflow_gui.ui.alerts.why import WhySheet
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.alerts.test_why import Kept
from tests.ui.boards import HandBoard, alert_of
from tests.ui.recorded_days import HandDays, minute_by_minute, recorded, two_weeks
from tests.ui.window_fixture import TENCENT, Answers, open_window, shut


class Log(Kept):
    """Alerts that were kept, and what they were searched for."""

    def __init__(self, *records: AlertRecord) -> None:
        self.records = list(records)
        self.asked: list[tuple[AlertSearch, AlertRecord | None]] = []

    async def search(self, asked: AlertSearch, after: AlertRecord | None) -> Sequence[AlertRecord]:
        self.asked.append((asked, after))
        if self.error is not None:
            raise self.error
        first = 0 if after is None else self.records.index(after) + 1
        return self.records[first : first + PAGE]


def opened(window: MainWindow, log: Log, **services: object) -> LogSheet:
    window.dialogs.services = replace(window.services, alerts=log, **services)  # type: ignore[arg-type]
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    sheet = window.dialogs.current
    assert isinstance(sheet, LogSheet)
    return sheet


def test_a_further_page_comes_where_the_end_of_the_log_is_scrolled_to(window: MainWindow, board: HandBoard) -> None:
    log = Log(*(alert_of(board.rows[TENCENT], number=number) for number in range(2 * PAGE + 3)))
    sheet = opened(window, log)
    bar = sheet.table.verticalScrollBar()
    for rows in (2 * PAGE, 2 * PAGE + 3, 2 * PAGE + 3):
        QApplication.processEvents()
        bar.setValue(bar.maximum())
        assert sheet.model.rowCount() == rows
    assert len(log.asked) == 3
    sheet.close()


def test_the_log_is_searched_by_text_kind_and_dates_and_read_by_pages(window: MainWindow, board: HandBoard) -> None:
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    assert window.notice.text() == KEEPS_NONE
    log = Log(*(alert_of(board.rows[TENCENT], number=number) for number in range(PAGE + 3)))
    sheet = opened(window, log)
    assert sheet.model.rowCount() == PAGE
    assert sheet.more.isVisible()
    sheet.more.click()
    assert (sheet.model.rowCount(), sheet.more.isVisible()) == (PAGE + 3, False)
    assert sheet.said.text() == "103 alerts."
    sheet.text.setText("net ≤ −200M")
    sheet.kind.setCurrentIndex(sheet.kind.findText("Crossings"))
    asked, after = log.asked[-1]
    assert (asked.text, asked.kind, after) == ("net <= -200M", AlertKind.CROSSES, None)
    assert asked.worded is None
    assert (asked.last - asked.first).days == 400
    sheet.first.setDate(sheet.first.date().addDays(10))
    sheet.search()
    assert (log.asked[-1][0].last - log.asked[-1][0].first).days == 390
    sheet.text.setText("净流入")  # no word of the grammar: rules are searched as they are shown, too
    sheet.search()
    asked, _ = log.asked[-1]
    assert asked.worded is not None
    assert asked.worded("net <= -200M") == "net <= -200M"
    figures = sheet.model.index(0, LOG_TITLES.index("Raised at")).data(Qt.ItemDataRole.TextAlignmentRole)
    assert figures & Qt.AlignmentFlag.AlignRight
    raised_at = sheet.model.index(0, LOG_TITLES.index("Raised at"))
    assert raised_at.data(Qt.ItemDataRole.ToolTipRole) == "Amount in HKD"
    for edit in (sheet.first, sheet.last):
        line = edit.findChild(QLineEdit)
        assert line.contentsRect().width() > line.fontMetrics().horizontalAdvance(line.text()) + 4
    sheet.why.click()
    assert isinstance(window.dialogs.current, WhySheet)


def test_what_cannot_be_searched_or_played_is_said(window: MainWindow, board: HandBoard) -> None:
    log = Log()
    sheet = opened(window, log)
    assert (sheet.said.text(), sheet.play.isEnabled()) == (NOTHING_FOUND, False)
    log.error = StorageError(Reason.of(Code.FILE_UNREADABLE, path="capflow.db", why="it is gone"))
    sheet.search()
    assert "it is gone" in sheet.said.text()
    log.error = None
    other = Symbol.parse("1.HK")
    log.records = [alert_of(board.rows[TENCENT]), replace(alert_of(board.rows[TENCENT]), id="2", symbol=other)]
    sheet.search()
    sheet.play.click()
    assert sheet.said.text() == NOT_RECORDED
    days = two_weeks()
    sheet = opened(window, log, recorded=days)
    sheet.play.click()
    assert "Nothing is recorded of 700.HK" in sheet.said.text()
    sheet.table.selectRow(1)
    sheet.table.doubleClicked.emit(sheet.table.currentIndex())
    assert "1.HK is not on the list" in sheet.said.text()
    key, session = next(iter(days.found.items()))
    days.found[key] = replace(session, states=())
    log.records = [alert_of(board.rows[TENCENT], session=key.session.isoformat(), source=key.source)]
    sheet.search()
    sheet.play.click()
    assert sheet.said.text() == NOTHING_TO_PLAY


def test_the_minute_of_an_alert_is_played_back(board: HandBoard, theme: Theme) -> None:
    days = HandDays.of([minute_by_minute(recorded(TENCENT, date(2026, 11, 19), -120e6))])
    ((key, session),) = days.found.items()
    record = alert_of(board.rows[TENCENT], session=key.session.isoformat(), source=key.source)
    record = replace(record, raised_at=float(session.series.timestamps[60]) + 5)
    window = open_window(board, answers=Answers(recorded=days))
    try:
        window.playback.slice_s = math.inf
        sheet = opened(window, Log(record))
        QTest.keyClick(sheet.table, Qt.Key.Key_Return)
        assert (window.dialogs.current, window.playback.now) == (None, record.raised_at)
        assert not window.playback.running
    finally:
        shut(window)


def test_at_large_text_the_rule_gives_way_and_the_state_stays_whole(board: HandBoard) -> None:
    window = open_window(board, Settings(appearance=Appearance(font_scale=2.0)), size=(1200, 800))
    standing = alert_of(board.rows[TENCENT])
    long = replace(standing, rule="net change 30m unusual 3.5 floor 500M from 10:00 to 15:30", seen=standing.told)
    sheet = opened(window, Log(long))
    for width in (1160, 4000):
        sheet.resize(width, 700)
        QCoreApplication.processEvents()  # the table looks at its columns later
        table = sheet.table
        assert table.horizontalHeader().length() == table.viewport().width()
        assert not table.horizontalScrollBar().isVisible()
        for name in ("Noted", "Symbol", "Raised at", "State"):
            column = LOG_TITLES.index(name)
            assert table.columnWidth(column) >= table.sizeHintForColumn(column)
    shut(window)


@pytest.mark.parametrize("width", [860, 960])
def test_without_room_beside_the_rule_the_state_stands_below_it(board: HandBoard, width: int) -> None:
    window = open_window(board, Settings(appearance=Appearance(font_scale=2.0)), size=(1200, 800))
    standing = alert_of(board.rows[TENCENT])
    long = replace(standing, rule="net change 30m unusual 3.5 floor 500M from 10:00 to 15:30", seen=standing.told)
    sheet = opened(window, Log(long))
    table, (rule, state) = sheet.table, map(LOG_TITLES.index, ("Rule", "State"))
    sheet.resize(4000, 700)
    QCoreApplication.processEvents()
    assert not table.isColumnHidden(state)
    row, said = table.rowHeight(0), sheet.model.index(0, state).data()
    table.setFixedWidth(width)
    QCoreApplication.processEvents()
    assert table.isColumnHidden(state)
    assert sheet.model.index(0, rule).data().partition("\n")[2] == said
    assert sheet.model.headerData(rule, Qt.Orientation.Horizontal) == "Rule · State"
    assert table.rowHeight(0) > row
    assert table.columnWidth(rule) >= sheet.table._theme.px(90)
    for name in ("Noted", "Symbol", "Raised at"):
        column = LOG_TITLES.index(name)
        assert table.columnWidth(column) >= table.sizeHintForColumn(column)
    assert not table.horizontalScrollBar().isVisible()
    assert table.horizontalHeader().length() == table.viewport().width()
    shut(window)


def test_a_date_stands_as_far_in_as_other_words(window: MainWindow) -> None:
    sheet = opened(window, Log())
    for field in (sheet.first, sheet.last):
        edit = field.lineEdit()
        assert edit.textMargins().left() == 9
        assert field.width() >= edit.fontMetrics().horizontalAdvance(edit.text()) + 2 * 9
