"""What the chart's actions are called, and the comparison of rows of the list."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from capflow_gui.domain.symbol import Symbol
from capflow_gui.ui.actions.chart import chart_actions
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, row_of


@pytest.fixture
def ready(window: MainWindow, qtbot: QtBot) -> MainWindow:
    qtbot.waitUntil(lambda: window.chart.chart is not None)
    return window


def test_a_view_that_is_on_is_offered_the_other_way_round(ready: MainWindow) -> None:
    actions = chart_actions(ready.chart, list)[:4]
    names = [action.name for action in actions]
    for action in actions:
        action.run()
    others = [action.name for action in chart_actions(ready.chart, list)]
    assert [name == other for name, other in zip(names, others, strict=False)] == [False, False, False, True]
    assert ready.chart.views.choices.flags == ("stacked", "price", "in_out")


def test_selected_rows_are_compared_until_they_are_not(ready: MainWindow, board: HandBoard) -> None:
    chart, table, said = ready.chart, ready.watchlist.table, list[str]()
    chart.said.connect(said.append)
    QTest.keyClick(ready, Qt.Key.Key_X)
    assert said == ["Select two to six rows of the list, then compare them."]
    table.selectAll()
    chosen = table.selected_symbols()[:6]
    QTest.keyClick(ready, Qt.Key.Key_X)
    assert chart.views.choices.compared == tuple(chosen)
    shown = chart.chart.compare
    assert chart.chart.plotted is shown
    assert shown.lines[0].name == str(ready.current_symbol()), "the selected row is the first line"
    assert chart.state()["compared"] == [str(symbol) for symbol in chosen]
    other = next(symbol for symbol in chosen if symbol != ready.current_symbol())
    before = shown.lines[1].shares
    board.put(row_of(str(other), "", 99e6, 1e9))
    ready.bridge.drain()
    assert shown.lines[1].shares is not before, "news of a compared symbol is news"
    table.select(other)
    take_out = chart_actions(chart, table.selected_symbols)[-1]
    assert take_out.name == f"Take {other} out of the comparison"
    take_out.run()
    assert other not in chart.views.choices.compared
    add = chart_actions(chart, lambda: [other])[-1]
    assert add.name == f"Add {other} to the comparison"
    add.run()
    assert chart.views.choices.compared[-1] == other
    QTest.keyClick(ready, Qt.Key.Key_X)
    assert chart.views.choices.compared == ()
    assert chart.chart.plotted is chart.chart.plot
    chart.restore({"compared": ["1.HK", "2.HK"]})
    assert chart.chart.plotted is chart.chart.plot, "none of them is on the list"
    assert Symbol.parse("1.HK") not in board.symbols
