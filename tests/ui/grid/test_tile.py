"""A tile: one symbol's figures and chart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import MAIN, NET
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import Freshness
from capflow_gui.ui.grid.tile import GridTile
from capflow_gui.ui.theme import Theme
from tests.ui.boards import HandBoard
from tests.ui.window_fixture import TENCENT


@pytest.fixture
def tile(board: HandBoard, theme: Theme, qtbot: QtBot) -> Iterator[GridTile]:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(700, 500)
    made = GridTile(board, theme, parent)
    made.resize(700, 500)
    made.show_symbol(TENCENT)
    made.build()
    parent.show()
    yield made
    parent.hide()


def test_in_a_grid_it_draws_net_and_main_and_all_order_sizes_when_it_is_large(tile: GridTile) -> None:
    chart = tile.chart
    assert chart is not None
    assert chart.plot.columns == (MAIN, NET)
    tile.set_large(True)
    assert len(chart.plot.columns) > 2
    tile.set_large(False)
    assert chart.plot.columns == (MAIN, NET)
    tile.set_per_minute(True)
    assert chart.plot.per_minute


def test_a_stale_symbol_is_grey_in_head_and_chart(tile: GridTile, board: HandBoard) -> None:
    chart = tile.chart
    assert chart is not None
    assert chart.plot.look.true
    board.put(replace(board.rows[TENCENT], freshness=Freshness.STALE))
    tile.refresh()
    assert not chart.plot.look.true
    tile.tick()
    assert "Stale" in tile.head.toolTip()


def test_without_a_symbol_it_says_what_to_do_and_one_off_the_list_is_none(tile: GridTile) -> None:
    tile.show_symbol(None)
    assert tile.chart is not None
    assert tile.chart.plotted is None
    assert "list" in tile.chart.accessibleDescription()
    tile.show_symbol(Symbol.parse("5.HK"))
    assert tile.chart.plotted is None


def test_a_click_enters_it_and_a_double_click_opens_it(tile: GridTile) -> None:
    said = list[str]()
    tile.entered.connect(lambda: said.append("entered"))
    tile.opened.connect(lambda: said.append("opened"))
    QTest.mouseDClick(tile.head, Qt.MouseButton.LeftButton)
    assert said == ["opened"]
    assert tile.chart is not None
    QTest.mouseDClick(tile.chart.plot.viewport(), Qt.MouseButton.LeftButton)
    assert said[-1] == "opened"
    said.clear()
    QTest.mouseClick(tile.head, Qt.MouseButton.LeftButton)
    assert "entered" in said
