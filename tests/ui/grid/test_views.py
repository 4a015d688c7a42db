"""The main window with one chart, several, or the wall."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.settings import Appearance, Settings
from capflow_gui.ui.theme import Theme, build_theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, alert_of, row_of
from tests.ui.window_fixture import TENCENT, open_window, shut

CODES = ("700.HK", "3690.HK", "9988.HK", "1211.HK", "5.HK")
SYMBOLS = [Symbol.parse(code) for code in CODES]


@pytest.fixture
def board() -> HandBoard:
    return HandBoard.of(*(row_of(code, code, -5e6 * (9 - place), 1e9) for place, code in enumerate(CODES)))


@pytest.fixture
def window(board: HandBoard, theme: Theme, qtbot: QtBot) -> Iterator[MainWindow]:
    opened = open_window(board)
    opened.go_to(TENCENT)
    qtbot.waitUntil(lambda: opened.chart.chart is not None)
    yield opened
    shut(opened)


def key(window: MainWindow, name: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget() or window, name, modifiers)
    QApplication.processEvents()


CTRL_ALT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def test_a_key_shows_four_charts_and_another_one_again_with_every_part_at_its_place(window: MainWindow) -> None:
    sizes = window.views.central.outer.sizes(), window.views.central.inner.sizes()
    key(window, Qt.Key.Key_2, CTRL_ALT)
    grid = window.views.grid()
    assert grid.isVisible()
    assert not window.chart.isVisible()
    assert grid.symbols() == SYMBOLS[:4]
    assert grid.active() == TENCENT
    assert window.views.central.outer.sizes()[0] < sizes[0][0]
    key(window, Qt.Key.Key_1, CTRL_ALT)
    assert window.chart.isVisible()
    assert (window.views.central.outer.sizes(), window.views.central.inner.sizes()) == sizes


def test_with_large_text_four_charts_stand_in_the_window_and_more_are_scrolled_in_their_own_place(
    board: HandBoard, qtbot: QtBot
) -> None:
    window = open_window(board, Settings(appearance=Appearance(font_scale=2.0)))
    try:
        window.go_to(TENCENT)
        window.views.show(4)
        QApplication.processEvents()
        (around,) = (each for each in window.findChildren(QScrollArea) if each.widget() is window.views._area)
        (inside,) = window.views.grid().findChildren(QScrollArea)
        bars = [bar for area in (around, inside) for bar in (area.horizontalScrollBar(), area.verticalScrollBar())]
        assert [bar.maximum() for bar in bars] == [0, 0, 0, 0]
        window.views.show(16)
        qtbot.waitUntil(lambda: [bar.maximum() > 0 for bar in bars] == [False, False, True, True])
        tile = window.views.grid().tile(15)
        tile.entered.emit()
        assert not tile.visibleRegion().isEmpty(), "the tile that the keys follow is seen"
    finally:
        shut(window)


def test_list_and_active_tile_follow_each_other_and_the_tabs_follow_both(window: MainWindow) -> None:
    window.views.show(4)
    grid = window.views.grid()
    window.go_to(SYMBOLS[2])
    assert grid.active() == SYMBOLS[2]
    grid.tile(3).entered.emit()
    assert window.current_symbol() == SYMBOLS[3]
    assert window.detail.selected() == SYMBOLS[3]
    window.go_to(SYMBOLS[4])
    assert grid.active() == SYMBOLS[3]
    window.watchlist.symbol_activated.emit(SYMBOLS[4])
    assert grid.active() == SYMBOLS[4]
    assert grid.symbols()[3] == SYMBOLS[4]


def test_rows_carried_onto_a_tile_are_shown_there(window: MainWindow) -> None:
    window.views.show(4)
    grid = window.views.grid()
    point = grid.tile(0).mapToGlobal(grid.tile(0).rect().center())
    window.watchlist.table.carried.emit([SYMBOLS[4]], point, False, False)
    window.watchlist.table.carried.emit([SYMBOLS[4]], point, True, False)
    assert grid.symbols()[0] == SYMBOLS[4]
    assert grid.places.pinned == {0}


def test_what_is_looked_at_is_asked_for_first(window: MainWindow, board: HandBoard) -> None:
    window.views.show(4)
    shown = window.bridge._subscription.shown
    assert list(shown[:4]) == SYMBOLS[:4]
    window.views.show(0)
    assert list(window.bridge._subscription.shown) == window.views.wall().symbols()
    window.views.show(1)
    assert set(window.bridge._subscription.shown) == set(SYMBOLS)


def test_the_wall_covers_the_window_acknowledges_and_leads_to_the_chart(window: MainWindow, board: HandBoard) -> None:
    window.views.show(4)
    board.raise_alert(alert_of(board.rows[SYMBOLS[1]]))
    key(window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    wall = window.views.wall()
    assert wall.isVisible()
    assert not window.toolbar.isVisible()
    window.bridge.drain()
    wall.current = SYMBOLS[1]
    key(window, Qt.Key.Key_A)
    assert board.alerts[0].acknowledged
    key(window, Qt.Key.Key_Escape)
    assert window.views.grid().isVisible()
    key(window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    wall.chosen.emit(SYMBOLS[3])
    assert window.chart.isVisible()
    assert window.current_symbol() == SYMBOLS[3]


def test_f11_fills_the_screen_and_makes_a_window_again_on_the_wall_too(window: MainWindow) -> None:
    for view in (1, 0):
        window.views.show(view)
        key(window, Qt.Key.Key_F11)
        assert window.window().isFullScreen()
        assert window.views.view == view
        key(window, Qt.Key.Key_F11)
        assert not window.window().isFullScreen()


def test_what_belongs_to_the_one_chart_shows_it(window: MainWindow, board: HandBoard) -> None:
    window.views.show(4)
    key(window, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert window.views.grid().isVisible(), "a period is chosen for all of them"
    assert window.views.grid().period is Period.DAY
    assert window.chart.period is Period.INTRADAY
    window.views.show(9)
    window.show_alert(alert_of(board.rows[TENCENT]))
    assert window.chart.isVisible()
    window.views.show(4)
    action = next(each for each in window._actions() if each.key == "H")
    action.run()
    assert window.chart.isVisible()


def test_new_figures_reach_the_charts_shown_and_no_other(window: MainWindow, board: HandBoard, qtbot: QtBot) -> None:
    window.views.show(4)
    grid = window.views.grid()
    qtbot.waitUntil(lambda: grid.tile(3).chart is not None)
    hidden, tile = window.chart.chart, grid.tile(0).chart
    assert hidden is not None
    assert tile is not None
    before = hidden.plot.data
    board.put(row_of("700.HK", "Tencent", -99e6, 1e9))
    window.bridge.drain()
    window._tick()
    assert tile.plot.data is not None
    assert tile.plot.data.values[0, tile.plot.data.last] == pytest.approx(-99e6)
    assert hidden.plot.data is before
    board.remove_symbols([TENCENT])
    window.bridge.drain()
    assert grid.symbols() == [SYMBOLS[4], *SYMBOLS[1:4]]


def test_it_is_as_it_was_at_the_next_start(window: MainWindow, board: HandBoard, theme: Theme) -> None:
    window.views.show(9)
    window.views.grid().pin(window.views.grid().tile(8), SYMBOLS[4])
    single = window.views.central.sizes()
    kept = window.kept_state()
    assert kept.splitter != single
    again = open_window(board, Settings(window=kept))
    assert again.views.view == 9
    assert again.views.grid().symbols()[-1] == SYMBOLS[4]
    assert again.kept_state().grid == kept.grid
    window.views.show(0)
    assert window.kept_state().grid["view"] == 9
    for view in (window, again):
        view.set_theme(build_theme("light", "colour_blind"))
    window.set_theme(theme)
    shut(again)


@pytest.mark.parametrize("grid", [{"view": "wide"}, {"view": 4, "around": "?", "tiles": -1}, {"symbols": 3}])
def test_odd_settings_leave_the_window_usable(board: HandBoard, theme: Theme, grid: dict[str, object]) -> None:
    opened = open_window(board, Settings(window=Settings().window.__class__(grid=grid)))
    assert opened.current_symbol() is not None
    shut(opened)
