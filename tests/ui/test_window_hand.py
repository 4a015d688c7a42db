"""The window under hand and key: where the focus is, what an arrow does, what can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Choice
from capflow_gui.ui.dialogs.threshold import ThresholdDialog
from capflow_gui.ui.models.columns import Column, SortOrder
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.frame import Frame
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, alert_of, row_of
from tests.ui.typed_keys import ALT, BYD, CTRL, MEITUAN, TENCENT, press
from tests.ui.window_fixture import open_window, shut


@pytest.fixture
def board() -> HandBoard:
    return HandBoard.of(
        row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6, threshold=-200e6, threshold_own=True),
        row_of("3690.HK", "Meituan-W", -151.8e6, 2919e6),
        row_of("1211.HK", "BYD", 21.2e6, 2355e6),
    )


@pytest.fixture
def window(board: HandBoard, theme: Theme, qtbot: QtBot) -> Iterator[MainWindow]:
    opened = open_window(board)
    qtbot.waitUntil(lambda: opened.chart.chart is not None)
    yield opened
    shut(opened)


def shown(window: MainWindow) -> list[str]:
    return [str(figures.row.symbol) for figures in window.watchlist.model.shown()]


def test_after_a_start_the_list_has_the_keyboard(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    frame = Frame("", theme, simulated=False)
    frame.show()
    window = open_window(board, show=False)
    frame.hold(window, QApplication.instance())
    QApplication.processEvents()
    assert window.watchlist.table.hasFocus()
    assert window.current_symbol() == MEITUAN
    for key, symbol in ((Qt.Key.Key_Down, TENCENT), (Qt.Key.Key_J, BYD), (Qt.Key.Key_K, TENCENT)):
        press(key)
        assert window.current_symbol() == symbol
    frame.may_close()
    window.may_close()
    window.close()
    frame.close()
    frame.deleteLater()


def test_an_empty_list_gives_the_keyboard_to_its_one_button(theme: Theme, qtbot: QtBot) -> None:
    window = open_window(HandBoard())
    assert window.watchlist._empty_button.hasFocus()
    shut(window)


def test_removing_the_last_row_leaves_the_keyboard_in_the_list(window: MainWindow, board: HandBoard) -> None:
    for _ in range(3):
        press(Qt.Key.Key_Delete)
    assert board.symbols == ()
    assert window.watchlist._empty_button.hasFocus()
    press(Qt.Key.Key_Z, CTRL)
    assert window.watchlist.table.hasFocus()


def test_enter_shows_that_the_chart_has_the_keyboard(window: MainWindow, board: HandBoard) -> None:
    window.go_to(TENCENT)
    press(Qt.Key.Key_Return)
    chart = window.chart.chart
    assert chart is not None
    assert chart.hasFocus()
    assert chart._ring.isVisible()
    for _ in range(3):
        press(Qt.Key.Key_Down)
    assert board.rows[TENCENT].threshold == -200e6
    assert window.current_symbol() == BYD, "arrows go through the list from the chart, too"
    press(Qt.Key.Key_Escape)
    assert window.watchlist.table.hasFocus()


def test_the_keyboard_goes_to_the_alerts(window: MainWindow, board: HandBoard) -> None:
    board.raise_alert(alert_of(board.rows[MEITUAN], number=7, level=-150e6))
    board.raise_alert(alert_of(board.rows[TENCENT], number=8))
    window.bridge.drain()
    press(Qt.Key.Key_L)
    assert window.detail.alerts.hasFocus()
    assert window.detail.alerts.selected_ids() == ["8"]
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_A)
    assert {alert.id: alert.acknowledged for alert in board.alerts} == {"7": True, "8": False}
    press(Qt.Key.Key_Up)
    press(Qt.Key.Key_Return)
    assert window.watchlist.table.hasFocus()
    assert window.current_symbol() in (TENCENT, MEITUAN)


def test_a_level_moved_by_key_is_said_and_one_undo_takes_all_steps_back(window: MainWindow, board: HandBoard) -> None:
    window.go_to(TENCENT)
    press(Qt.Key.Key_Return)
    for _ in range(3):
        press(Qt.Key.Key_Down, ALT)
    assert board.rows[TENCENT].threshold == -206e6
    assert window.notice.text() == "Threshold of 700.HK: net ≤ −200M → net ≤ −206M."
    press(Qt.Key.Key_Z, CTRL)
    assert board.rows[TENCENT].threshold == -200e6
    assert window.notice.text() == ""


def test_a_level_of_the_others_comes_back_as_that(window: MainWindow, board: HandBoard) -> None:
    board.set_threshold(None, -500e6)
    window.bridge.drain()
    window.go_to(MEITUAN)
    press(Qt.Key.Key_E)
    dialog = window.dialogs.current
    assert isinstance(dialog, ThresholdDialog)
    dialog.none.click()
    dialog._ok.click()
    assert window.notice.text() == "Threshold of 3690.HK: like all others → none."
    window.intents.undo()
    assert (board.rows[MEITUAN].threshold, board.rows[MEITUAN].threshold_own) == (-500e6, False)


def test_changes_come_back_newest_first(window: MainWindow, board: HandBoard) -> None:
    window.intents.remove([BYD])
    window.intents.choose_threshold(TENCENT, -90e6)
    window.intents.undo()
    assert (board.rows[TENCENT].threshold, BYD in board.symbols) == (-200e6, False)
    window.intents.undo()
    assert BYD in board.symbols
    window.intents.undo()


def carry(window: MainWindow, row: int, end: QPoint, *, release: bool = True) -> None:
    """Take a row with the mouse to a point of the list."""
    table = window.watchlist.table
    viewport, height = table.viewport(), table.verticalHeader().defaultSectionSize()
    start = QPoint(60, height * row + height // 2)
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.3, 0.6, 1.0):
        QTest.mouseMove(viewport, start + (end - start) * share)
    if release:
        QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=end)
    window.bridge.drain()


@pytest.mark.parametrize("outside", [QPoint(60, -60), QPoint(-30, 100), QPoint(3000, 100), QPoint(60, 3000)])
def test_a_row_dropped_outside_the_list_stays_and_so_does_the_order(
    window: MainWindow, board: HandBoard, outside: QPoint
) -> None:
    carry(window, 0, outside)
    assert board.said == []
    assert window.watchlist.model.sort_order == SortOrder()
    assert shown(window) == ["3690.HK", "700.HK", "1211.HK"]


def test_escape_lets_a_carried_row_go_back(window: MainWindow, board: HandBoard) -> None:
    carry(window, 0, QPoint(60, 140), release=False)
    assert window.watchlist.table.busy()
    press(Qt.Key.Key_Escape)
    QTest.mouseRelease(window.watchlist.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, 140))
    assert board.said == []
    assert window.watchlist.model.sort_order == SortOrder()


def test_an_order_by_hand_says_that_it_ends_the_sort_and_can_be_taken_back(
    window: MainWindow, board: HandBoard
) -> None:
    before = board.symbols
    window.go_to(MEITUAN)
    press(Qt.Key.Key_Down, ALT)
    assert window.watchlist.model.sort_order == SortOrder(None)
    assert "your own order" in window.notice.text()
    press(Qt.Key.Key_Z, CTRL)
    assert board.symbols == before
    assert window.watchlist.model.sort_order == SortOrder()


def test_adding_by_enter_keeps_the_box_for_the_next(window: MainWindow, board: HandBoard) -> None:
    press(Qt.Key.Key_K, CTRL)
    search = window.toolbar.search
    for code in ("5.HK", "388.HK"):
        QTest.keyClicks(search, code)
        press(Qt.Key.Key_Return)
        assert str(board.symbols[-1]) == code
        assert search.hasFocus()
        assert search.text() == ""
    assert window.current_symbol() == Symbol.parse("388.HK")
    press(Qt.Key.Key_Escape)
    assert window.watchlist.table.hasFocus()


def test_a_name_that_came_after_the_list_is_searched_for(window: MainWindow, board: HandBoard) -> None:
    board.put(replace(board.rows[BYD], name="Build Your Dreams"))
    window.bridge.drain()
    press(Qt.Key.Key_K, CTRL)
    QTest.keyClicks(window.toolbar.search, "dreams")
    assert [entry.text for entry in window.toolbar.search.entries()] == ["1211.HK  Build Your Dreams"]


def test_digits_typed_in_the_list_search(window: MainWindow, board: HandBoard) -> None:
    QTest.keyClicks(window.watchlist.table, "3")
    search = window.toolbar.search
    assert search.hasFocus()
    QTest.keyClicks(search, "88")
    assert search.text() == "388"
    assert search.entries()[0].text.startswith("388.HK")
    press(Qt.Key.Key_Return)
    assert str(board.symbols[-1]) == "388.HK"


def test_the_list_is_sorted_by_key(window: MainWindow, qtbot: QtBot) -> None:
    press(Qt.Key.Key_S)
    menu = window.watchlist.findChild(QMenu)
    assert menu is not None
    texts = [action.text() for action in menu.actions()]
    assert texts[:2] == ["% of turnover, lowest first", "% of turnover, highest first"]
    assert "Symbol, A to Z" in texts
    assert "Your own order" in texts
    next(action for action in menu.actions() if action.text() == "Net, lowest first").trigger()
    menu.close()
    assert window.watchlist.model.sort_order == SortOrder(Column.NET)
    assert shown(window) == ["700.HK", "3690.HK", "1211.HK"]


def test_undo_in_a_text_field_is_the_fields_own(window: MainWindow, board: HandBoard) -> None:
    window.intents.remove([BYD])
    press(Qt.Key.Key_K, CTRL)
    QTest.keyClicks(window.toolbar.search, "ten")
    press(Qt.Key.Key_Z, CTRL)
    assert BYD not in board.symbols
    assert window.toolbar.search.text() != "ten"


def test_the_list_keeps_its_top_while_rows_move(theme: Theme, qtbot: QtBot) -> None:
    board = HandBoard.of(*(row_of(f"{code}.HK", "", -code * 1e6, 1e9) for code in range(1, 61)))
    window = open_window(board)
    table, bar = window.watchlist.table, window.watchlist.table.verticalScrollBar()
    first = Symbol.parse("60.HK")
    window.go_to(first)
    assert (shown(window)[0], bar.value()) == ("60.HK", 0)
    # The selected row recovers: it goes to the end, and the list does not go with it.
    board.put(row_of("60.HK", "", 5e6, 1e9))
    board.raise_alert(alert_of(board.rows[Symbol.parse("59.HK")], level=-50e6))
    window.bridge.drain()
    board.monotonic += 20
    window.watchlist.tick()
    QApplication.processEvents()
    assert (shown(window)[0], shown(window)[-1], bar.value()) == ("59.HK", "60.HK", 0)
    assert window.current_symbol() == first
    assert first not in table.visible_symbols()
    board.add_symbols([Symbol.parse("700.HK")])
    window.bridge.drain()
    QApplication.processEvents()
    assert bar.value() == 0, "nor when the list changes"
    window.watchlist.sort(SortOrder(Column.SYMBOL))
    assert bar.value() == 0, "nor when it is sorted"
    bar.setValue(200)
    board.put(row_of("3.HK", "", -99e6, 1e9))
    window.bridge.drain()
    board.monotonic += 20
    window.watchlist.tick()
    assert bar.value() == 200
    shut(window)


def test_an_undo_takes_back_one_of_setting_moving_and_deleting_a_threshold(
    window: MainWindow, board: HandBoard
) -> None:
    set_to, choose = window.intents.threshold_of, window.intents.choose_threshold
    choose(TENCENT, Choice.INHERIT)
    choose(TENCENT, -90e6)
    choose(TENCENT, -80e6)
    choose(TENCENT, -70e6)
    choose(TENCENT, Choice.INHERIT)
    undone = []
    for _step in range(4):
        window.intents.undo()
        undone.append(set_to(TENCENT))
    assert undone == [-70e6, -90e6, Choice.INHERIT, -200e6], "steps of a level in a row are one"
