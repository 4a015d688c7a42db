"""Several charts: which symbol is where, which is active, and the crosshair over all of them."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import HistoryState
from capflow_gui.playback.board import ShownBoard
from capflow_gui.ui.chart.view import PlotView
from capflow_gui.ui.flow_views.crosshair_hub import CrosshairHub
from capflow_gui.ui.grid.view import ChartGrid
from capflow_gui.ui.theme import Theme, build_theme
from tests.ui.boards import HandBoard, row_of
from tests.ui.chart.bars import history

CODES = ("700.HK", "3690.HK", "9988.HK", "1211.HK", "5.HK", "388.HK")
SYMBOLS = [Symbol.parse(code) for code in CODES]


@pytest.fixture
def board() -> HandBoard:
    return HandBoard.of(*(row_of(code, code, -5e6 * (place + 1), 1e9) for place, code in enumerate(CODES)))


@pytest.fixture
def grid(board: HandBoard, theme: Theme, qtbot: QtBot) -> ChartGrid:
    made = ChartGrid(ShownBoard(board), theme, lambda: board.symbols, CrosshairHub(), whole=True)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    made.build_soon(ready=True)
    qtbot.waitUntil(lambda: all(made.tile(place).chart is not None for place in range(4)))
    return made


def shown(grid: ChartGrid) -> list[str]:
    return [str(grid.tile(place).symbol) for place in range(grid.size_now)]


def unsettled(grid: ChartGrid) -> list[bool]:
    """Whether each tile's chart is still to come, or to have its size."""
    return [tile.waits or tile.is_outgrown for tile in grid._tiles]


def test_the_bar_marks_what_is_shown_from_the_start(grid: ChartGrid) -> None:
    choices = grid.bar.periods, grid.bar.minutes, grid.bar.shares
    assert [[key for key, button in each._buttons.items() if button.isChecked()] for each in choices] == [
        [Period.INTRADAY],
        [False],
        [False],
    ]


def test_days_weeks_and_months_are_shown_side_by_side_too(grid: ChartGrid, board: HandBoard) -> None:
    asked = list[tuple[Symbol, Period]]()
    grid.history_wanted.connect(lambda *what: asked.append(what))
    grid.bar.periods._buttons[Period.DAY].click()
    assert asked == [(symbol, Period.DAY) for symbol in SYMBOLS[:4]]
    for symbol in SYMBOLS[:2]:
        board.histories[symbol, Period.DAY] = HistoryState(series=replace(history(Period.DAY), symbol=symbol))
    grid.refresh(set(SYMBOLS[:2]))
    first, second, third = (grid.tile(place).chart for place in range(3))
    assert first is not None
    assert second is not None
    assert third is not None
    assert first.plotted is first.history
    assert third.plotted is None, "its bars are on their way"
    first.history.stand(3)
    assert second.history.index == 3, "the crosshair stands on the same day"
    assert not second.history._has_table
    QTest.mouseDClick(first.history.viewport(), Qt.MouseButton.LeftButton)
    assert grid.enlarged is grid.tile(0)
    grid.shrink()
    state = grid.state()
    assert state["period"] == Period.DAY.value
    assert not grid.bar.shares.isEnabled()
    grid.set_period(Period.INTRADAY)
    assert first.plotted is first.plot
    grid.restore(state)
    assert first.plotted is first.history


def test_more_charts_are_made_one_after_the_other_and_those_there_are_stay(grid: ChartGrid, qtbot: QtBot) -> None:
    charts = [grid.tile(place).chart for place in range(4)]
    assert shown(grid) == list(CODES[:4])
    grid.set_size(9)
    assert [grid.tile(place).chart for place in range(4)] == charts
    qtbot.waitUntil(lambda: all(grid.tile(place).chart is not None for place in range(9)))
    assert shown(grid)[:7] == [*CODES, "None"]
    grid.set_size(4)
    assert [grid.tile(place).chart for place in range(4)] == charts


def test_the_crosshair_stands_on_the_same_minute_in_every_tile(grid: ChartGrid) -> None:
    first, second = grid.tile(0).chart, grid.tile(1).chart
    assert first is not None
    assert second is not None
    first.pointer.stand(120)
    assert second.pointer.index == 120
    first.pointer.leave()
    assert second.pointer.index is None


def test_a_symbol_dropped_on_a_tile_is_pinned_there(grid: ChartGrid) -> None:
    tile = grid.tile(1)
    point = tile.mapToGlobal(tile.rect().center())
    changes = list[list[Symbol]]()
    grid.changed.connect(lambda: changes.append(grid.symbols()))
    grid.hover(point)
    assert tile.head._flags[2]
    assert grid.drop(point, SYMBOLS[4])
    assert not tile.head._flags[2]
    assert grid.active() == SYMBOLS[4]
    assert changes[-1] == grid.symbols()
    grid.fill()
    assert shown(grid) == ["700.HK", "5.HK", "3690.HK", "9988.HK"]
    assert not grid.drop(QPoint(-500, -500), SYMBOLS[0])


def test_the_menu_of_a_tile_pins_unpins_enlarges_and_tears_off(grid: ChartGrid) -> None:
    grid.selected = lambda: SYMBOLS[5]
    torn = list[Symbol]()
    grid.torn.connect(torn.append)

    def act(start: str) -> None:
        grid.tile(0).menu_requested.emit(QPoint(5, 5))
        menu = grid.findChild(QMenu)
        assert menu is not None
        next(entry for entry in menu.actions() if entry.text().startswith(start)).trigger()
        menu.close()
        menu.deleteLater()
        menu.setParent(None)

    act("Pin 700.HK")
    assert grid.places.pinned == {0}
    act("Unpin 700.HK")
    assert grid.places.pinned == set()
    act("Show 388.HK")
    assert shown(grid)[0] == "388.HK"
    act("Tear off")
    assert torn == [SYMBOLS[5]]
    act("Enlarge")
    assert grid.symbols() == [SYMBOLS[5]]


def test_enter_enlarges_the_active_tile_and_esc_shows_all(grid: ChartGrid) -> None:
    grid.follow(SYMBOLS[2])
    assert grid.active() == SYMBOLS[2]
    QTest.keyClick(grid, Qt.Key.Key_Return)
    assert grid.symbols() == [SYMBOLS[2]]
    assert [grid.tile(place).isVisible() for place in range(4)] == [False, False, True, False]
    chart = grid.tile(2).chart
    assert chart is not None
    assert len(chart.plot.columns) > 2
    QTest.keyClick(grid, Qt.Key.Key_Escape)
    assert len(grid.symbols()) == 4
    assert len(chart.plot.columns) == 2
    assert not grid.shrink()


def test_the_list_goes_into_the_active_tile_when_it_is_asked_for(grid: ChartGrid) -> None:
    said = list[Symbol]()
    grid.activated.connect(said.append)
    grid.show_in_active(SYMBOLS[5])
    assert shown(grid)[0] == "388.HK"
    grid.show_in_active(SYMBOLS[3])
    assert grid.active() == SYMBOLS[3]
    assert shown(grid) == ["388.HK", "3690.HK", "9988.HK", "1211.HK"]
    assert said[-1] == SYMBOLS[3]


def test_a_symbol_off_the_list_gives_its_tile_away_and_a_new_order_moves_nothing(
    grid: ChartGrid, board: HandBoard
) -> None:
    board.reorder(list(reversed(SYMBOLS)))
    grid.reload()
    assert shown(grid) == list(CODES[:4])
    board.remove_symbols([SYMBOLS[1]])
    grid.reload()
    assert shown(grid) == ["700.HK", "388.HK", "9988.HK", "1211.HK"]


def test_its_state_brings_it_back_and_odd_values_lose_nothing_else(grid: ChartGrid, theme: Theme) -> None:
    grid.set_per_minute(True)
    grid.pin(grid.tile(3), SYMBOLS[5])
    state = grid.state()
    grid.restore({"tiles": 9, "symbols": ["??", 7, "388.HK", "388.HK", "1.HK"], "pinned": [0, 2, "x", 40]})
    assert grid.size_now == 9
    assert shown(grid)[2] == "388.HK"
    assert len(set(shown(grid)[:6])) == 6
    assert grid.places.pinned == {2}
    grid.restore({"tiles": "many", "symbols": 3, "pinned": None, "unknown": {}})
    assert grid.size_now == 9
    grid.restore(state)
    assert grid.state() == state
    grid.set_theme(build_theme("light", "red_up"))
    assert grid.tile(0).chart is not None
    grid.set_theme(theme)


def test_a_moved_line_is_the_threshold_of_its_tiles_symbol(grid: ChartGrid) -> None:
    said = list[tuple[Symbol, object]]()
    grid.threshold_changed.connect(lambda *what: said.append(what))
    grid.tile(1).threshold_changed.emit(-2e6)
    assert said == [(SYMBOLS[1], -2e6)]


def test_on_one_scale_the_same_height_is_the_same_share_of_turnover(
    grid: ChartGrid, board: HandBoard, qtbot: QtBot
) -> None:
    own = [grid.tile(place).chart.plot.lines_frame.y for place in range(4)]  # type: ignore[union-attr]
    board.put(row_of("3690.HK", "twice the turnover", -60e6, 2e9))
    board.put(row_of("9988.HK", "no turnover", -9e6, 0))
    grid.set_by_share(True)
    grid.refresh()
    spans = [grid.tile(place).chart.plot.lines_frame.y for place in range(4)]  # type: ignore[union-attr]
    assert spans[1].low == pytest.approx(2 * spans[0].low)
    assert spans[1].high == pytest.approx(2 * spans[0].high)
    assert spans[0].low < -0.03 * 1e9
    assert spans[2].low > spans[0].low
    assert grid.tile(2).head._own_scale
    assert grid.state()["by_share"]
    plots = [grid.tile(place).chart.plot for place in range(4)]  # type: ignore[union-attr]
    shares = [[tick / plot.lines_unit.factor for tick in plot.money.ticks()] for plot in plots[:2]]
    assert shares[0] == pytest.approx(shares[1]), "the axis is in % of turnover: the same on each tile"
    assert plots[0].money.texts[-1] == "+1"
    assert plots[0].lines_unit.suffix == "%"
    assert any("% of turnover" in text for text in plots[0].marks._marks["caption lines"].stamp)
    assert plots[2].lines_unit.suffix != "%", "without a turnover there is no share"
    grid.toggle_large(grid.tile(0))
    assert grid.tile(0).chart.plot.fixed is None  # type: ignore[union-attr]
    grid.shrink()
    grid.set_by_share(False)
    qtbot.waitUntil(lambda: not any(unsettled(grid)))
    assert grid.tile(0).chart.plot.lines_frame.y == own[0]  # type: ignore[union-attr]
    assert not grid.tile(2).head._own_scale


def test_charts_that_nobody_sees_wait_and_come_one_in_a_turn(grid: ChartGrid, qtbot: QtBot) -> None:
    tiles = [grid.tile(place) for place in range(4)]
    looks = [tile.chart.plot.look for tile in tiles if tile.chart is not None]
    grid.hide()
    assert all(tile.waits for tile in tiles)
    grid.set_theme(build_theme("light"))
    grid.set_per_minute(True)
    grid.resize(900, 600)
    assert [tile.chart.plot.look for tile in tiles if tile.chart is not None] == looks
    grid.show()
    come = list[int]()
    while not come or come[-1] < 4:
        QApplication.processEvents()
        come.append(sum(not tile.waits for tile in tiles))
    assert set(come) >= {1, 2, 3, 4}
    for tile in tiles:
        assert tile.chart is not None
        assert tile.chart.isVisible()
        assert not tile.chart.plot.look.theme.dark
        assert tile.chart.plot.per_minute


def test_charts_of_another_size_are_laid_out_one_in_a_turn_and_each_gets_its_turn(
    grid: ChartGrid, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: not any(unsettled(grid)))
    charts = [chart for place in range(4) if (chart := grid.tile(place).chart) is not None]
    fitted: list[int] = []
    for width in (1000, 1010, 1020, 1030):  # as while the window's edge is dragged
        sizes = [chart.size() for chart in charts]
        grid.resize(width, 600)
        assert [chart.size() for chart in charts] == sizes, "they show what they showed"
        assert all(chart.isVisible() for chart in charts)
        while not (moved := [chart.size() != size for chart, size in zip(charts, sizes, strict=True)]).count(True):
            QApplication.processEvents()
        assert moved.count(True) == 1
        fitted.append(moved.index(True))
    assert sorted(fitted) == [0, 1, 2, 3]
    qtbot.waitUntil(lambda: not any(unsettled(grid)))
    in_turns = grid.grab().toImage()
    for chart in charts:
        chart.plot.lay_out()
    assert grid.grab().toImage() == in_turns
    assert all(chart.geometry().bottom() == chart.parentWidget().rect().bottom() for chart in charts)


def test_charts_that_are_to_have_another_size_are_painted_from_pictures_until_something_is_new(
    grid: ChartGrid, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    qtbot.waitUntil(lambda: not any(unsettled(grid)))
    grid.repaint()
    painted: list[object] = []
    paint = PlotView._paint

    def counted(plot: PlotView, *arguments: Any) -> None:
        painted.append(plot)
        paint(plot, *arguments)

    monkeypatch.setattr(PlotView, "_paint", counted)
    charts = [chart for place in range(4) if (chart := grid.tile(place).chart) is not None]
    plots = [chart.plot for chart in charts]
    looked = [chart.grab().toImage() for chart in charts]
    assert painted == plots
    grid.resize(1000, 600)
    assert [chart.grab().toImage() for chart in charts] == looked
    assert painted == plots, "they were not painted again"
    grid.tile(1).refresh()
    assert [chart.grab().toImage() for chart in charts] == looked
    assert painted == [*plots, plots[1]], "what may show something new is"
    qtbot.waitUntil(lambda: not any(unsettled(grid)))
    painted.clear()
    assert [chart.grab().toImage().size() for chart in charts] == [chart.size() for chart in charts]
    assert painted == plots
    assert all(plot.picture is not None and plot.picture.is_there for plot in plots)
    grid.hide()
    assert not any(plot.picture is None or plot.picture.is_there for plot in plots), "no memory for what is not seen"


def test_of_many_tiles_four_are_read_at_once_and_the_others_one_in_a_turn(
    grid: ChartGrid, board: HandBoard, qtbot: QtBot
) -> None:
    grid.set_size(9)
    qtbot.waitUntil(lambda: not any(unsettled(grid)))
    tiles = [grid.tile(place) for place in range(6)]
    for place, code in enumerate(CODES):
        board.put(row_of(code, code, 7e6 * (place + 1), 1e9))

    def shown_new() -> int:
        plots = [tile.chart.plot for tile in tiles if tile.chart is not None]
        return sum(plot.data is not None and plot.data.values[0, plot.data.last] > 0 for plot in plots)

    grid.refresh()
    assert shown_new() == 4
    come = [4]
    while come[-1] < 6:
        QApplication.processEvents()
        come.append(shown_new())
    assert 5 in come
    grid.set_per_minute(True)
    grid.hide()
    grid.show()
    qtbot.waitUntil(lambda: not any(unsettled(grid)))
    assert all(tile.chart is not None and tile.chart.plot.per_minute for tile in tiles)


def test_charts_behind_an_enlarged_one_wait_and_are_true_when_they_come_back(
    grid: ChartGrid, board: HandBoard, qtbot: QtBot
) -> None:
    grid.toggle_large(grid.tile(0))
    assert [tile.waits for tile in grid._tiles] == [False, True, True, True]
    qtbot.waitUntil(lambda: not grid.tile(0).is_outgrown)
    board.put(row_of(CODES[1], CODES[1], 7e6, 1e9))
    grid.refresh()
    grid.shrink()
    chart = grid.tile(1).chart
    assert chart is not None
    assert not chart.isVisible(), "nothing old is seen"
    qtbot.waitUntil(lambda: not any(unsettled(grid)))
    assert chart.isVisible()
    assert chart.plot.data is not None
    assert chart.plot.data.values[0, chart.plot.data.last] > 0
