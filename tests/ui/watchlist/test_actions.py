"""Own groups by hand: made, named, coloured, moved and deleted, and symbols put into them and taken out, with undo."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from capflow_gui.domain.lists.groups import Group, Groups
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.rule_entry import new_entry
from capflow_gui.ui.models.columns import SortOrder
from capflow_gui.ui.watchlist.group_tabs import key_of_group
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard

TENCENT, MEITUAN, BYD, HSBC = map(Symbol.parse, ("700.HK", "3690.HK", "1211.HK", "5.HK"))
CORE, TECH = Group("Core", (MEITUAN, TENCENT), "violet"), Group("Tech", (TENCENT,))


@pytest.fixture
def grouped(window: MainWindow, board: HandBoard) -> MainWindow:
    """The group Core is shown."""
    board.set_groups(Groups((CORE, TECH)))
    window.bridge.drain()
    window.watchlist.tabs.choose(key_of_group("Core"))
    return window


def shown(window: MainWindow) -> list[Symbol]:
    return [figures.row.symbol for figures in window.watchlist.model.shown()]


def run(window: MainWindow, name: str) -> None:
    """As from the search box."""
    next(command for command in window.keys.commands() if command.name == name).run()


def members(board: HandBoard, name: str) -> tuple[Symbol, ...]:
    group = board.groups.get(name)
    assert group is not None
    return group.symbols


def type_name(window: MainWindow, name: str) -> None:
    box = window.watchlist.tabs.box
    box.clear()
    QTest.keyClicks(box, name)
    QTest.keyClick(box, Qt.Key.Key_Return)


def test_a_group_is_made_by_its_name_and_shown_and_undone(window: MainWindow, board: HandBoard) -> None:
    tabs = window.watchlist.tabs
    QTest.mouseClick(tabs.add_button, Qt.MouseButton.LeftButton)
    assert tabs.box.hasFocus()
    type_name(window, "all")
    assert window.notice.text() == "'all': there is a group of this name already."
    assert not tabs.box.isHidden()
    long = f"{'x' * 39}👨\u200d👩\u200d👧"
    tabs.box.setText("")
    tabs.box.insert(long)
    QTest.keyClick(tabs.box, Qt.Key.Key_Return)
    assert window.notice.text().endswith("a group's name has at most 40 characters.")
    assert (tabs.box.isHidden(), tabs.box.text(), board.groups) == (False, long, Groups())
    type_name(window, " HK  core ")
    assert board.groups == Groups((Group("HK core"),))
    assert (tabs.box.isHidden(), window.watchlist.group(), shown(window)) == (True, "HK core", [])
    assert window.watchlist._empty.text() == "Nothing is in HK core yet."
    window.intents.undo()
    assert (board.groups, window.watchlist.group(), len(shown(window))) == (Groups(), None, 3)
    run(window, "New group")
    QTest.keyClick(tabs.box, Qt.Key.Key_Escape)
    assert (tabs.box.isHidden(), board.groups) == (True, Groups())


def test_the_keyboard_is_in_a_group_that_was_made_and_stays_with_what_is_pasted_into_it(window: MainWindow) -> None:
    QTest.mouseClick(window.watchlist.tabs.add_button, Qt.MouseButton.LeftButton)
    type_name(window, "HK core")
    focused = QApplication.focusWidget()
    assert (window.watchlist.hasFocus(), focused) == (True, window.watchlist._empty_button)
    window.lists.add_typed("00700 9988 3690 1810")
    dialog = window.dialogs.current
    assert dialog is not None
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    QApplication.processEvents()
    window.activateWindow()
    QApplication.processEvents()
    assert len(shown(window)) == 4
    assert window.watchlist.table.hasFocus()


def test_what_is_added_goes_into_the_group_shown_and_is_undone(grouped: MainWindow, board: HandBoard) -> None:
    search = grouped.toolbar.search
    search.begin()
    QTest.keyClicks(search, "5.HK")
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert (search.hasFocus(), search.text()) == (True, "")
    assert members(board, "Core") == (MEITUAN, TENCENT, HSBC)
    assert grouped.notice.text() == "Added 5.HK to Core."
    QApplication.clipboard().setText("700 1211")
    grouped.lists.paste()
    assert grouped.notice.text() == "Added 1211.HK to Core. 1 symbol was in Core already."
    assert members(board, "Core") == (MEITUAN, TENCENT, HSBC, BYD)
    for _ in range(2):
        grouped.intents.undo()
    assert (members(board, "Core"), HSBC in board.symbols, BYD in board.symbols) == (CORE.symbols, False, True)


def test_out_of_a_group_is_not_off_the_list(grouped: MainWindow, board: HandBoard) -> None:
    table = grouped.watchlist.table
    table.select(TENCENT)
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert (members(board, "Core"), members(board, "Tech")) == ((MEITUAN,), (TENCENT,))
    assert TENCENT in board.symbols
    assert grouped.notice.text() == "Took 700.HK out of Core. On the list it stays."
    grouped.intents.undo()
    assert board.groups == Groups((CORE, TECH))
    table.select(TENCENT)
    QTest.keyClick(table, Qt.Key.Key_Delete, Qt.KeyboardModifier.ShiftModifier)
    assert (TENCENT in board.symbols, members(board, "Core"), members(board, "Tech")) == (False, (MEITUAN,), ())
    assert grouped.notice.text() == "Removed 700.HK."
    grouped.intents.undo()
    assert (board.symbols[0], board.groups) == (TENCENT, Groups((CORE, TECH)))


def test_symbols_are_copied_and_moved_by_name(grouped: MainWindow, board: HandBoard) -> None:
    grouped.watchlist.table.select(MEITUAN)
    run(grouped, "Copy 3690.HK to Tech")
    assert (members(board, "Core"), members(board, "Tech")) == (CORE.symbols, (TENCENT, MEITUAN))
    run(grouped, "Move 3690.HK to Tech")
    assert (members(board, "Core"), grouped.notice.text()) == ((TENCENT,), "Moved 3690.HK to Tech.")
    for _ in range(2):
        grouped.intents.undo()
    assert board.groups == Groups((CORE, TECH))
    grouped.watchlist.table.select(TENCENT)
    run(grouped, "Copy 700.HK to Tech")
    assert grouped.notice.text() == "700.HK is in Tech already."


def test_the_menu_of_rows_has_both_verbs_and_a_new_group(grouped: MainWindow, board: HandBoard) -> None:
    panel = grouped.watchlist
    panel.table.selectAll()
    menu = QMenu(grouped)
    panel._fill_row_menu(menu, TENCENT)
    texts = [action.text() for action in menu.actions()]
    assert {"Copy to", "Move to", "Take 2 symbols out of Core\tDel", "Remove 2 symbols from the list\t⇧Del"} <= {*texts}
    into = {action.text(): action.menu() for action in menu.actions() if action.menu() is not None}
    assert [action.text() for action in into["Move to"].actions()] == ["Tech"]
    assert [action.text() for action in into["Copy to"].actions()] == ["Tech", "New group…"]
    into["Copy to"].actions()[1].trigger()
    type_name(grouped, "Both")
    assert members(board, "Both") == (MEITUAN, TENCENT)
    menu.deleteLater()
    panel.tabs.choose("")
    panel.table.selectAll()
    menu = QMenu(grouped)
    panel._fill_row_menu(menu, TENCENT)
    assert "Remove 3 symbols from the list\tDel" in [action.text() for action in menu.actions()]
    menu.deleteLater()


def test_a_group_is_renamed_in_place_and_its_rules_go_along(grouped: MainWindow, board: HandBoard) -> None:
    rule = new_entry("@Core: main <= -80M for 2m")
    board.set_rule(rule)
    QTest.keyClick(grouped, Qt.Key.Key_F2)
    box = grouped.watchlist.tabs.box
    assert (box.text(), box.selectedText(), box.hasFocus()) == ("Core", "Core", True)
    type_name(grouped, "HK core")
    assert [group.name for group in board.groups] == ["HK core", "Tech"]
    assert board.rules[0] == rule.written("@HK core: main <= -80M for 2m")
    assert grouped.watchlist.group() == "HK core"
    assert grouped.notice.text() == "Core is called HK core now. 1 rule for it changed with it."
    grouped.intents.undo()
    assert (board.groups, board.rules[0], grouped.watchlist.group()) == (Groups((CORE, TECH)), rule, "Core")


def test_a_group_is_coloured_moved_and_deleted_by_name(grouped: MainWindow, board: HandBoard) -> None:
    board.set_rule(new_entry("@Core: main <= -80M"))
    run(grouped, "Colour of Core: pink")
    assert next(iter(board.groups)).color == "pink"
    QTest.keyClick(grouped, Qt.Key.Key_BracketRight, Qt.KeyboardModifier.ControlModifier)
    assert [group.name for group in board.groups] == ["Tech", "Core"]
    assert grouped.watchlist.group() == "Core"
    run(grouped, "Move Core to the right")
    run(grouped, "Delete Core")
    assert [group.name for group in board.groups] == ["Tech"]
    assert len(board.symbols) == 3
    assert grouped.notice.text() == (
        "Deleted the group Core. Its 2 symbols stay on the list. "
        "1 rule for @Core holds for the broker's group of that name, if there is one."
    )
    for _ in range(3):
        grouped.intents.undo()
    assert board.groups == Groups((CORE, TECH))
    grouped.watchlist.tabs.choose("")
    for name in ("Rename the group", "Delete the group", "Move the group to the left"):
        grouped.notice.dismiss()
        run(grouped, name)
        assert grouped.notice.text().startswith("This tab is no group of your own")


def test_the_menu_of_a_tab(grouped: MainWindow, board: HandBoard) -> None:
    tabs = grouped.watchlist.tabs
    tabs.menu_requested.emit(key_of_group("Tech"), QPoint(40, 40))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [action.text() for action in menu.actions() if action.text()] == [
        "Rename…\tF2",
        "Colour",
        "Delete Tech",
        "New group…",
        "Import groups from the broker…",
    ]
    colors = menu.actions()[1].menu()
    assert colors is not None
    assert [action.text() for action in colors.actions() if action.isChecked()] == ["None"]
    colors.actions()[2].trigger()
    assert board.groups.order[1].color == "cyan"
    menu.actions()[0].trigger()
    assert (tabs.box.text(), grouped.watchlist.group()) == ("Tech", "Tech")
    menu.close()


def test_a_group_has_an_order_of_its_own(grouped: MainWindow, board: HandBoard) -> None:
    table = grouped.watchlist.table
    assert shown(grouped) == [MEITUAN, TENCENT]
    table.select(TENCENT)
    QTest.keyClick(table, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert members(board, "Core") == (TENCENT, MEITUAN)
    assert board.symbols == (TENCENT, MEITUAN, BYD)
    assert grouped.notice.text() == "Core is in your own order now, no longer sorted."
    grouped.intents.undo()
    assert (board.groups, grouped.watchlist.model.sort_order) == (Groups((CORE, TECH)), SortOrder())


def test_a_market_moved_by_hand_leaves_the_others_where_they_are(window: MainWindow, board: HandBoard) -> None:
    for code in ("AAPL.US", "NVDA.US"):
        board.add_symbols([Symbol.parse(code)], 1)
    window.bridge.drain()
    window.watchlist.tabs.choose("HK")
    window.watchlist.sort(SortOrder(None))
    window.watchlist.table.moved.emit(BYD, TENCENT)
    assert list(map(str, board.symbols)) == ["1211.HK", "NVDA.US", "AAPL.US", "700.HK", "3690.HK"]


@pytest.mark.parametrize("copied", [False, True])
def test_rows_are_dropped_on_the_tab_of_a_group(grouped: MainWindow, board: HandBoard, copied: bool) -> None:
    panel = grouped.watchlist
    table, tab = panel.table, panel.tabs.tab(key_of_group("Tech"))
    table.selectAll()
    viewport, high = table.viewport(), table.verticalHeader().defaultSectionSize()
    keys = Qt.KeyboardModifier.ControlModifier if copied else Qt.KeyboardModifier.NoModifier
    there = viewport.mapFromGlobal(tab.mapToGlobal(tab.rect().center()))
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=QPoint(60, high // 2))
    for point in (QPoint(70, high), there):
        QTest.mouseMove(viewport, point)
    assert tab.drop
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, keys, pos=there)
    assert not tab.drop
    assert members(board, "Tech") == (TENCENT, MEITUAN)
    assert members(board, "Core") == (CORE.symbols if copied else ())


def test_a_click_on_one_of_several_chosen_rows_chooses_that_one(grouped: MainWindow) -> None:
    table = grouped.watchlist.table
    table.selectAll()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, 10))
    assert table.selected_symbols() == [MEITUAN]


def test_groups_of_the_broker_become_own_ones_of_their_name(window: MainWindow, board: HandBoard) -> None:
    board.set_groups(Groups((TECH,)))
    window.lists.import_groups([("tech", (TENCENT, HSBC)), ("All", (BYD, BYD))])
    assert board.groups == Groups((Group("Tech", (TENCENT, HSBC)), Group("All 2", (BYD,))))
    assert (window.notice.text(), board.symbols[-1]) == ("Imported 2 groups: 1 new symbol.", HSBC)
    window.intents.undo()
    assert (board.groups, HSBC in board.symbols) == (Groups((TECH,)), False)
    window.lists.import_groups([("Mine", (BYD,))])
    assert window.notice.text() == "Imported Mine: 0 new symbols."
