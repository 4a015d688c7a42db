"""The log of alerts: whole rules in low windows, and colour for what is true now."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QFontMetricsF, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from capflow_gui.domain.alert_record import AlertState
from capflow_gui.domain.flow import MAIN
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.typed.level import Choice
from capflow_gui.present.language.catalogues import speak
from capflow_gui.ui import shapes
from capflow_gui.ui.alerts.model import AlertColumn
from capflow_gui.ui.alerts.table import NO_ALERT, NO_RULE, AlertDelegate, AlertsTable
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.window.detail_table import LEAD, PADDING
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import NOW, HandBoard, alert_of, unjudged_of
from tests.ui.window_fixture import TENCENT, open_window, shut


def test_the_rule_is_whole_in_a_low_window_and_no_row_is_cut(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    reason = "the source's time is not moving"
    board.raise_alert(unjudged_of(board.rows[TENCENT], reason))
    window = open_window(board, size=(1280, 720))
    table = window.detail.alerts
    assert table.isColumnHidden(AlertColumn.FIRED)
    metrics = QFontMetricsF(theme.font(Role.CELL))
    assert table.columnWidth(AlertColumn.RULE) > metrics.horizontalAdvance(f"net ≤ −200M · {reason}") + 14
    rows = table.viewport().height() / table.verticalHeader().defaultSectionSize()
    assert rows == int(rows) >= 2
    window.resize(1600, 1000)
    qtbot.waitUntil(lambda: not table.isColumnHidden(AlertColumn.FIRED))
    shut(window)


def test_the_figure_an_alert_was_raised_at_is_told_where_it_has_no_column(board: HandBoard, window: MainWindow) -> None:
    board.raise_alert(alert_of(board.rows[TENCENT]))
    window.bridge.drain()
    table, hover, heard = window.detail.alerts, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole
    model = table.alerts
    raised = f"Raised at {model.words(model.alert(0), AlertColumn.FIRED)}"
    rule, now = model.index(0, AlertColumn.RULE), model.index(0, AlertColumn.NOW)
    for room, told in ((1000, False), (300, True)):
        table.fit_columns(room)
        assert table.isColumnHidden(AlertColumn.FIRED) is told
        assert [raised in model.data(*each) for each in ((rule, hover), (now, hover), (now, heard))] == [told] * 3


def test_the_columns_of_thousands_are_fitted_in_the_turn_after_they_are_read(
    board: HandBoard, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capflow_gui.ui.alerts.table._THOUSANDS", 1)
    table, fitted = window.detail.alerts, []
    for number in (1, 2):
        board.raise_alert(alert_of(board.rows[TENCENT], number=number))
    window.bridge.drain()
    QApplication.processEvents()
    QApplication.processEvents()
    monkeypatch.setattr(table, "fit_columns", fitted.append)
    table.reload()
    table.reload()
    assert (table.alerts.rowCount(), fitted) == (2, [])
    QApplication.processEvents()
    assert fitted == [table.viewport().width()]


@pytest.mark.parametrize("language", ["en", "zh_CN", "zh_HK"])
def test_every_header_is_whole_in_a_narrow_window(board: HandBoard, theme: Theme, language: str) -> None:
    board.raise_alert(alert_of(board.rows[TENCENT]))
    speak(language)
    try:
        window = open_window(board, size=(911, 900))
        table = window.detail.alerts
        table.fit_columns(400)
        face = theme.face(Role.CAPTION)
        for column in AlertColumn:
            title = table.alerts.headerData(column, Qt.Orientation.Horizontal)
            if not table.isColumnHidden(column):
                assert table.columnWidth(column) >= face.width(title) + 2 * PADDING, title
        shut(window)
    finally:
        speak("en")


def test_a_long_reason_of_one_rule_takes_no_figure_of_another_out(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    board.raise_alert(alert_of(board.rows[TENCENT]))
    other = next(row for symbol, row in board.rows.items() if symbol != TENCENT)
    unjudged = unjudged_of(other, "the source's time is not moving, as it was said once before")
    board.raise_alert(replace(unjudged, id="unjudged"))
    window = open_window(board, size=(1280, 900))
    for width in (1280, 1500):
        window.resize(width, 900)
        QApplication.processEvents()
        table = window.detail.alerts
        assert not table.isColumnHidden(AlertColumn.FIRED)
    shut(window)


def test_now_is_of_what_the_rule_measures(
    window: MainWindow, board: HandBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = board.rows[TENCENT]
    assert row.series is not None
    assert row.turnover is not None
    log, main = window.detail.alerts.alerts, float(row.series.values[MAIN, -1])
    for rule, value, told in (
        ("net <= -200M", float(row.series.net[-1]), "Net inflow since the open\nAmount in HKD"),
        ("main <= -80M for 2m", main, "Main inflow since the open\nAmount in HKD"),
        ("main/turnover <= -1%", main / row.turnover, "Main inflow since the open, of turnover"),
    ):
        record = alert_of(row, rule=rule)
        assert log.now(record)[1] == pytest.approx(value)
        assert log.now_told(record) == told
    measures = {"net change 5m <= -20M": -21.5e6, "net drawdown >= 150M": 163e6}
    monkeypatch.setattr(board, "measure", lambda record: measures.get(record.rule, -3.4))
    for rule, words, told in (
        ("net change 5m <= -20M", "−21.5M", "Net inflow: its change over 5 trading minutes, now\nAmount in HKD"),
        (
            "net drawdown >= 150M",
            "+163.0M",
            "Net inflow: its fall from the high of the session, now\nAmount in HKD",
        ),
        (
            "main change 3m unusual 3 floor 5M early",
            "−3.4",
            "Main inflow: its change over 3 trading minutes, in deviations from what is usual then, now",
        ),
        (
            "net divergence 30m price 0.5% flow 0.3%",
            "−340.0%",
            "Net inflow: its change against the price over 30 trading minutes, of turnover, now",
        ),
    ):
        record = alert_of(row, number=len(rule), rule=rule)
        assert (log.now(record)[0], log.now_told(record)) == (words, told)
    board.put(replace(row, series=None))
    assert math.isnan(log.now(alert_of(row, rule="main <= -80M"))[1])


def test_a_fall_from_the_high_has_neither_direction_nor_its_colour(window: MainWindow, board: HandBoard) -> None:
    row, delegate = board.rows[TENCENT], window.detail.alerts.itemDelegate()
    assert isinstance(delegate, AlertDelegate)
    theme = delegate.theme
    fall, net = alert_of(row, rule="net drawdown >= 150M"), alert_of(row)
    assert delegate.figure_pen(fall, 163e6, true=True) == theme.text
    assert delegate.figure_pen(fall, 163e6, true=False) == delegate.figure_pen(fall, math.nan, true=True) == theme.none
    assert delegate.figure_pen(net, 163e6, true=True) == theme.up
    assert delegate.figure_pen(replace(net, cannot_judge=True), math.nan, true=True) == theme.dim


def test_a_cell_that_is_kept_looks_as_if_it_were_painted_anew(window: MainWindow, board: HandBoard) -> None:
    table, record = window.detail.alerts, alert_of(board.rows[TENCENT])
    delegate = table.itemDelegate()
    assert isinstance(delegate, AlertDelegate)
    seen = replace(record, seen=record.told)
    ended = replace(seen, state=AlertState.CLEARED, cleared_at=NOW)
    looks = []
    for each in (record, seen, replace(seen, snoozed_until=NOW + 600), ended, replace(ended, value=5e6)):
        board.hold_alerts(each)
        table.reload()
        for choose in (table.clearSelection, lambda: table.selectRow(0)):
            choose()
            kept = table.viewport().grab().toImage()
            delegate.set_theme(delegate.theme)
            assert table.viewport().grab().toImage() == kept
            looks.append(kept)
    assert all(one != other for one, other in itertools.pairwise(looks))


def test_where_a_rule_has_no_room_its_options_go_before_what_follows(
    board: HandBoard, theme: Theme, qtbot: QtBot
) -> None:
    table = AlertsTable(board, theme)
    qtbot.addWidget(table)
    for width, same in ((500, True), (1300, False)):
        table.resize(width, 200)
        looks = []
        for rule in ("net/turnover <= -2% rearm 50% skip first 30m", "net/turnover <= -2%"):
            board.hold_alerts(alert_of(board.rows[TENCENT], rule=rule, late=True))
            table.reload()
            table.fit_columns(width)
            looks.append(table.grab().toImage())
        assert (looks[0] == looks[1]) is same
    whole = table.alerts.data(table.alerts.index(0, AlertColumn.RULE), Qt.ItemDataRole.ToolTipRole)
    assert "since" in whole


def test_in_a_very_narrow_log_the_condition_of_a_rule_is_whole(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    table = AlertsTable(board, theme)
    qtbot.addWidget(table)
    rule = "net/turnover <= -2% rearm 50% skip first 30m"
    alert = alert_of(board.rows[TENCENT], rule=rule, late=True)
    board.hold_alerts(alert)
    table.reload()
    face, drawn = theme.face(Role.CELL), "net/turnover ≤ −2%"
    assert table.alerts.rule_forms(alert)[2:] == (drawn, "≤ −2%")
    table.fit_columns(460)  # in a window of 1366 × 768 at 1.5
    assert table.columnWidth(AlertColumn.RULE) >= face.width(drawn) + PADDING + 4
    assert sum(table.columnWidth(column) for column in AlertColumn if not table.isColumnHidden(column)) <= 460


def test_the_log_gives_colour_to_what_is_true_now(window: MainWindow, board: HandBoard) -> None:
    record = alert_of(board.rows[TENCENT])
    board.raise_alert(record)
    assert window.detail.alerts.alerts.now(record)[2]
    board.links = (LinkState("opend", LinkPhase.WAITING, 0.0),)
    assert not window.detail.alerts.alerts.now(record)[2]


def test_dates_of_another_day_push_no_column_out(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    old = alert_of(board.rows[TENCENT], session="2026-11-19", state=AlertState.CLEARED, cleared_at=NOW - 86400)
    board.raise_alert(replace(old, raised_at=NOW - 86400 - 360))
    window = open_window(board, size=(1000, 640))
    table = window.detail.alerts
    for width in (1000, 1600):
        window.resize(width, 800)
        QApplication.processEvents()
        right = table.columnViewportPosition(AlertColumn.NOW) + table.columnWidth(AlertColumn.NOW)
        assert right <= table.viewport().width()
        face = theme.face(Role.CELL)
        words = table.alerts.words(table.alerts.alert(0), AlertColumn.TIME)
        assert face.width(words) + 12 <= table.columnWidth(AlertColumn.TIME)
        assert words.startswith("19 Nov 14:26")
    shut(window)


def test_the_state_of_an_acknowledged_alert_has_room_behind_hundreds_that_wait(
    window: MainWindow, board: HandBoard, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capflow_gui.ui.alerts.table._MEASURED", 1)
    for number in (1, 2, 3):
        board.raise_alert(alert_of(board.rows[TENCENT], number=number, rule_id=str(number)))
    board.acknowledge(["2"])
    window.bridge.drain()
    table = window.detail.alerts
    words = table.alerts.words(table.alerts.alert(2), AlertColumn.STATE)
    assert words == "Acknowledged"
    room = table.columnWidth(AlertColumn.STATE) - LEAD
    assert shapes.pill_size(words, theme, diamond=False)[0] <= room


def test_a_menu_over_another_row_chooses_it_alone_whatever_key_is_held(window: MainWindow, board: HandBoard) -> None:
    for number in (1, 2, 3):
        board.raise_alert(alert_of(board.rows[TENCENT], number=number, rule_id=str(number)))
    window.bridge.drain()
    table = window.detail.alerts
    table.selectRow(0)
    QTest.keyClick(table, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    assert QGuiApplication.keyboardModifiers() is Qt.KeyboardModifier.ShiftModifier
    place = table.visualRect(table.alerts.index(2, 0)).center()
    with_menu = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, table.mapToGlobal(place))
    QApplication.sendEvent(table.viewport(), with_menu)
    assert [index.row() for index in table.selectionModel().selectedRows()] == [2]
    for menu in window.findChildren(QMenu):
        menu.close()


def test_with_all_of_very_many_rows_chosen_an_alert_and_an_acknowledgement_cost_one_choice(
    window: MainWindow, board: HandBoard
) -> None:
    """Chosen row by row the window stood still for minutes."""
    board.hold_alerts(*(alert_of(board.rows[TENCENT], number=number, raised_at=NOW - number) for number in range(1000)))
    board.raise_alert(alert_of(board.rows[TENCENT], number=1000, raised_at=NOW - 1000))
    window.bridge.drain()
    table, log = window.detail.alerts, window.detail.alerts.alerts
    table.setCurrentIndex(log.index(400, 0))
    table.selectAll()
    chosen: list[object] = []
    table.selectionModel().selectionChanged.connect(lambda *_: chosen.append(_))
    board.raise_alert(alert_of(board.rows[TENCENT], number=1001, raised_at=NOW + 1))
    window.bridge.drain()
    assert (len(table.selected_ids()), log.alert(0).id) == (1001, "1001")
    board.acknowledge(["400"])
    window.bridge.drain()
    assert len(chosen) == 2
    assert (len(table.selected_ids()), "1001" in table.selected_ids()) == (1001, False)
    # The keyboard stays at the row it was at, which has gone below those that wait.
    assert (log.alert(table.currentIndex().row()).id, table.currentIndex().row()) == ("400", 1001)


def test_an_empty_table_says_whether_anything_is_watched(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    table = AlertsTable(board, theme)
    qtbot.addWidget(table)
    assert table._nothing.text() == NO_ALERT
    for symbol in (None, *board.symbols):
        board.set_threshold(symbol, Choice.NONE)
    table.reload()
    assert table._nothing.text() == NO_RULE
