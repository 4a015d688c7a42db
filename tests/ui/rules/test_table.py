"""The table of rules: what gives way where there is no room, and what is asked for by key and by mouse."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.domain.typed.rule_entry import RuleEntry, new_entry
from capflow_gui.ui.rules.model import RuleColumn
from capflow_gui.ui.rules.table import RulesTable
from capflow_gui.ui.theme import Role, Theme
from tests.ui.boards import HandBoard, row_of

FIRST, SECOND = new_entry("*: main <= -80M"), new_entry("*: large <= -1M")


@pytest.fixture
def board() -> HandBoard:
    made = HandBoard.of(row_of("700.HK", "Tencent", -263.2e6, 7056e6))
    for entry in (FIRST, SECOND):
        made.set_rule(entry)
    return made


@pytest.fixture
def table(board: HandBoard, theme: Theme, qtbot: QtBot) -> RulesTable:
    made = RulesTable(board, theme)
    qtbot.addWidget(made)
    made.resize(700, 200)
    made.show()
    return made


def test_the_chosen_rule_stays_chosen_while_others_come_and_go(table: RulesTable, board: HandBoard) -> None:
    table.choose(SECOND.id)
    board.remove_rule(FIRST.id)
    table.reload()
    assert table.current() == SECOND
    board.set_rule(replace(SECOND, enabled=False))
    table.reload()
    current = table.current()
    assert current is not None
    assert not current.enabled
    board.remove_rule(SECOND.id)
    table.reload()
    assert table.current() is None
    assert table._nothing.isVisible()


def test_where_there_is_no_room_the_last_alert_and_then_the_scope_go(table: RulesTable) -> None:
    gone = []
    for width in (700, 400, 300):
        table.resize(width, 200)
        QApplication.processEvents()
        gone.append([column.name for column in RuleColumn if table.isColumnHidden(column)])
        assert sum(table.columnWidth(column) for column in RuleColumn) == table.viewport().width()
    assert gone == [[], ["LAST"], ["SCOPE", "LAST"]]


def test_the_options_of_a_rule_go_before_the_scope(table: RulesTable, board: HandBoard, theme: Theme) -> None:
    board.set_rule(new_entry("*: net/turnover <= -2% rearm 50% skip first 30m"))
    table.reload()
    table.resize(450, 200)
    QApplication.processEvents()
    face, shown = theme.face(Role.CELL), table.columnWidth(RuleColumn.RULE)
    assert not table.isColumnHidden(RuleColumn.SCOPE)
    assert face.width("net/turnover ≤ −2%") < shown < face.width("net/turnover ≤ −2% rearm 50% skip first 30m")


def test_a_long_rule_has_the_room_that_no_state_needs(table: RulesTable, board: HandBoard, theme: Theme) -> None:
    board.set_rule(new_entry("*: net/turnover <= -2% rearm 50% skip first 30m"))
    table.reload()
    longest = max(theme.face(Role.CELL).width(table.rules.words(row, RuleColumn.RULE)) for row in range(3))
    assert table.columnWidth(RuleColumn.RULE) > longest > table.viewport().width() / 3
    assert table.columnWidth(RuleColumn.STATE) >= theme.px(110)


def test_keys_and_clicks_ask_for_what_they_mean(table: RulesTable) -> None:
    asked: list[tuple[str, RuleEntry | None]] = []
    table.asked.connect(lambda what, entry: asked.append((what, entry)))
    table.clearSelection()
    QTest.keyClick(table, Qt.Key.Key_Delete)
    QTest.keyClick(table, Qt.Key.Key_Insert)
    assert asked == [("new", None)]  # nothing is chosen yet
    table.setFocus(Qt.FocusReason.ShortcutFocusReason)
    table.selectRow(0)
    asked.clear()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_M, Qt.Key.Key_Delete):
        QTest.keyClick(table, key)
    assert asked == [("edit", FIRST), ("switch", FIRST), ("mute", FIRST), ("delete", FIRST)]
    QTest.keyClick(table, Qt.Key.Key_Down)
    assert table.current() == SECOND
    table.doubleClicked.emit(table.rules.index(1, 1))
    assert asked[-1] == ("edit", SECOND)


def test_the_menu_opens_on_the_row_under_the_pointer_or_at_the_chosen_one(table: RulesTable) -> None:
    opened: list[tuple[RuleEntry | None, QPoint]] = []
    table.menu_requested.connect(lambda entry, place: opened.append((entry, place)))
    place = table.visualRect(table.rules.index(1, 0)).center()
    everywhere = table.viewport().mapToGlobal(place)
    for reason in (QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard):
        QApplication.sendEvent(table.viewport(), QContextMenuEvent(reason, place, everywhere))
    assert [entry for entry, _ in opened] == [SECOND, SECOND]
    assert opened[0][1] == everywhere
    below = QPoint(20, table.viewport().height() - 5)
    QApplication.sendEvent(
        table.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, below, table.mapToGlobal(below))
    )
    assert len(opened) == 3


def test_no_row_is_cut(table: RulesTable) -> None:
    for height in range(table.least_height(), 300, 7):
        assert table.whole_rows(table.whole_rows(height)) == table.whole_rows(height) <= height
