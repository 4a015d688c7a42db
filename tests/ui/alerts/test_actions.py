"""What is done with alerts in the window, over the program's monitor: by key, by menu, for several at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from capflow_gui.domain.alert_record import AlertState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.rule_entry import new_entry
from capflow_gui.feed.board import AlertRecord
from capflow_gui.present.alerts.handling import NO_ALERT_CHOSEN, NO_RULE_ANY_MORE, NOTHING_STANDS
from capflow_gui.ui.alerts.model import AlertColumn
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, alert_of
from tests.ui.window_fixture import TENCENT

OTHER = Symbol.parse("3690.HK")
FIRST, SECOND = new_entry("*: main <= -80M"), new_entry("700.HK: large <= -1M")


def raised(board: HandBoard, symbol: Symbol, number: int, **facts: object) -> AlertRecord:
    record = alert_of(board.rows[symbol], number=number, **({"rule_id": "default"} | facts))
    board.raise_alert(record)
    return record


def snoozed(board: HandBoard) -> dict[str, bool]:
    return {alert.id: alert.snoozed for alert in board.alerts}


def choose_all(window: MainWindow) -> None:
    window.bridge.drain()
    QTest.keyClicks(window.watchlist.table, "l")
    window.detail.alerts.selectAll()


def entries(window: MainWindow) -> dict[str, tuple[bool, Callable[[], None]]]:
    """The open menu: what is offered, whether it can be done, and how."""
    (menu,) = [each for each in window.findChildren(QMenu) if each.isVisible()]
    found = {each.text().partition("\t")[0]: (each.isEnabled(), each.trigger) for each in menu.actions() if each.text()}
    menu.close()
    return found


def test_the_selected_symbols_alerts_are_snoozed_by_key_and_undone(window: MainWindow, board: HandBoard) -> None:
    raised(board, TENCENT, 1)
    raised(board, OTHER, 2)
    window.bridge.drain()
    window.watchlist.show_symbol(TENCENT)
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_Z)
    assert snoozed(board) == {"1": True, "2": False}
    assert [each.snoozed_until for each in board.alerts if each.snoozed] == [board.now + 900]
    assert "for 15 minutes" in window.notice.text()
    assert [each.id for each in board.alerts if each.waiting] == ["2"]
    window.intents.undo()
    assert snoozed(board) == {"1": False, "2": False}


def test_several_rows_are_handled_as_one(window: MainWindow, board: HandBoard) -> None:
    raised(board, TENCENT, 1)
    raised(board, OTHER, 2)
    choose_all(window)
    QTest.keyClick(window.detail.alerts, Qt.Key.Key_Z, Qt.KeyboardModifier.ShiftModifier)
    assert snoozed(board) == {"1": True, "2": True}
    window.bridge.drain()
    words = {window.detail.alerts.alerts.words(each, AlertColumn.STATE) for each in board.alerts}
    assert words == {"Snoozed until the next session"}
    assert len(window.detail.alerts.selected()) == 2  # they stay chosen
    window.alerts.open_menu(QPoint())
    offered = entries(window)
    assert offered["End the snooze"][0]
    offered["End the snooze"][1]()
    assert snoozed(board) == {"1": False, "2": False}
    QTest.keyClick(window.detail.alerts, Qt.Key.Key_A)
    assert not any(each.waiting for each in board.alerts)


def test_thousands_are_acknowledged_over_several_turns_and_the_snoozed_ones_wait(
    window: MainWindow, board: HandBoard, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capflow_gui.ui.window.intents._AT_ONCE", 2)
    for number in range(1, 8):
        raised(board, TENCENT, number)
    board.snooze(["7"], None)
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    assert sum(each.acknowledged for each in board.alerts) == 2
    qtbot.waitUntil(lambda: sum(each.acknowledged for each in board.alerts) == 6)
    assert [len(ids) for what, ids in board.said if what == "acknowledge"] == [2, 2, 2]
    assert snoozed(board)["7"]
    assert not next(each for each in board.alerts if each.id == "7").acknowledged


def test_thousands_are_snoozed_over_several_turns_and_what_was_said_last_holds(
    window: MainWindow, board: HandBoard, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capflow_gui.ui.window.intents._AT_ONCE", 2)
    records = [raised(board, TENCENT, number) for number in range(1, 8)]
    turns: list[int] = []
    window.intents.snoozed.connect(lambda ids, _minutes: turns.append(len(ids)))
    window.intents.snooze(records, 15)
    assert (turns, sum(snoozed(board).values())) == ([2], 2)
    assert window.notice.text().startswith("Snoozed 7 alerts")
    qtbot.waitUntil(lambda: all(snoozed(board).values()))
    assert turns == [2, 2, 2, 1]
    window.intents.undo()
    window.intents.snooze(records[:3], None)  # while the others are still woken
    qtbot.waitUntil(lambda: sum(snoozed(board).values()) == 3)
    assert {number for number, on in snoozed(board).items() if on} == {each.id for each in records[:3]}


def test_the_log_of_thousands_is_read_in_a_turn_of_its_own(
    window: MainWindow, board: HandBoard, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capflow_gui.ui.window.detail_tabs._THOUSANDS", 2)
    log = window.detail.alerts.alerts
    for number in range(1, 4):
        raised(board, TENCENT, number)
        window.detail.reload()
        assert log.rowCount() == min(number, 2)
    qtbot.waitUntil(lambda: log.rowCount() == 3)


def test_what_is_over_can_be_acknowledged_and_not_snoozed(window: MainWindow, board: HandBoard) -> None:
    raised(board, TENCENT, 1, state=AlertState.CLEARED)
    choose_all(window)
    QTest.keyClick(window.detail.alerts, Qt.Key.Key_Z)
    assert window.notice.text() == NOTHING_STANDS
    window.alerts.open_menu(QPoint())
    offered = entries(window)
    assert (offered["Acknowledge"][0], offered["Snooze for 15 minutes"][0]) == (True, False)


def test_the_menu_is_of_the_row_under_the_mouse_and_without_an_alert_it_is_said(
    window: MainWindow, board: HandBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_M)
    assert window.notice.text() == NO_ALERT_CHOSEN
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_Z)
    assert window.notice.text() == NO_ALERT_CHOSEN
    window.notice.dismiss()
    monkeypatch.setattr(window.intents, "acknowledge", pytest.fail)
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_A)
    assert window.notice.text() == NO_ALERT_CHOSEN
    monkeypatch.undo()
    raised(board, TENCENT, 1)
    raised(board, OTHER, 2, rule_id="rule:gone")
    window.bridge.drain()
    table = window.detail.alerts
    table.selectRow(0)
    at = table.visualRect(table.alerts.index(1, 0)).center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, table.viewport().mapToGlobal(at))
    QApplication.sendEvent(table.viewport(), event)
    assert [each.id for each in table.selected()] == [table.alerts.alert(1).id]
    entries(window)["Snooze for 60 minutes"][1]()
    assert snoozed(board)[table.alerts.alert(1).id]
    window.watchlist.show_symbol(OTHER)
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_M)
    assert window.notice.text() == NO_RULE_ANY_MORE


def test_a_rule_is_muted_for_the_alerts_symbol_and_one_of_a_symbol_alone_is_switched_off(
    window: MainWindow, board: HandBoard
) -> None:
    for entry in (FIRST, SECOND):
        board.set_rule(entry)
    raised(board, TENCENT, 1, rule_id=FIRST.id)
    raised(board, TENCENT, 2, rule_id=SECOND.id)
    choose_all(window)
    QTest.keyClick(window.detail.alerts, Qt.Key.Key_M)
    known = {entry.id: entry for entry in board.rules}
    assert known[FIRST.id].muted == {TENCENT}
    assert not known[SECOND.id].enabled
    window.intents.undo()
    assert {entry.id: entry for entry in board.rules}[FIRST.id] == FIRST


def test_the_rules_of_alerts_are_switched_off_and_a_threshold_is_muted_for_its_symbol(
    window: MainWindow, board: HandBoard
) -> None:
    board.set_rule(FIRST)
    board.set_threshold(None, -50e6)
    raised(board, TENCENT, 1, rule_id=FIRST.id)
    raised(board, OTHER, 2, rule_id="default")
    choose_all(window)
    QTest.keyClick(window.detail.alerts, Qt.Key.Key_M)
    assert {entry.id: entry for entry in board.rules}[FIRST.id].muted == {TENCENT}
    assert (board.row(OTHER).threshold, board.row(OTHER).threshold_own) == (None, True)
    QTest.keyClick(window.detail.alerts, Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    assert {entry.id for entry in board.rules if entry.enabled and entry.id in (FIRST.id, "default")} == set()
    for standing in ({TENCENT}, frozenset()):  # one Ctrl+Z for each of the two
        window.intents.undo()
        assert {entry.id: entry for entry in board.rules}[FIRST.id] == replace(FIRST, muted=frozenset(standing))
    assert board.row(OTHER).threshold == -50e6
    window.intents.undo()
