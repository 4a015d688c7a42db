"""The table beside the chart: what it shows, that it keeps up, and the ways out of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.ui.chart_table.view import ChartTableView
from capflow_gui.ui.theme import build_theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.asked_files import asked_file
from tests.ui.boards import HandBoard, row_of
from tests.ui.flow_views.test_in_out import FOUR
from tests.ui.window_fixture import TENCENT

MEITUAN = Symbol.parse("3690.HK")


@pytest.fixture
def view(window: MainWindow, qtbot: QtBot) -> ChartTableView:
    window.go_to(TENCENT)
    qtbot.waitUntil(lambda: window.chart.chart is not None)
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_D, Qt.KeyboardModifier.ShiftModifier)
    shown = window.panels.table.panel()._view
    assert isinstance(shown, ChartTableView)
    return shown


def headers(view: ChartTableView) -> tuple[str, ...]:
    shown = view.table.shown.table
    return () if shown is None else shown.headers


def test_the_key_shows_the_chart_as_a_table_that_keeps_up_with_it(
    view: ChartTableView, window: MainWindow, board: HandBoard
) -> None:
    assert view.isVisible()
    assert view._title.text() == "Flow chart of 700.HK"
    assert "since the open −263.2M HKD at 14:31" in view._words.text()
    assert "live" in view._words.text()
    assert view.table.shown.rowCount() == 242
    board.put(row_of("700.HK", "Tencent Holdings", -300e6, 7056e6))
    window._flows_changed(frozenset({TENCENT}))
    view.refresh()
    assert view.table.shown.index(0, 1).data() == "−300.00"
    window.go_to(MEITUAN)
    view.refresh()
    assert view._title.text() == "Flow chart of 3690.HK"
    window.choose_period(Period.DAY)
    view.refresh()
    assert view.table.shown.rowCount() == 0
    assert view.table._nothing.isVisible()


def test_the_grids_active_tile_and_the_wall_are_shown_as_tables_too(
    view: ChartTableView, window: MainWindow, qtbot: QtBot
) -> None:
    window.views.show(4)
    qtbot.waitUntil(lambda: window.views.grid().active_tile().chart is not None)
    view.refresh()
    assert view._title.text() == "Flow chart of 700.HK"
    window.views.show(0)
    view.refresh()
    assert (view._title.text(), view.table.shown.rowCount()) == ("Wall", 2)
    assert headers(view)[0] == "Symbol"


def test_money_in_and_out_has_a_table_below(view: ChartTableView, window: MainWindow, board: HandBoard) -> None:
    assert not view.in_out.isVisible()
    board.put(replace(board.rows[TENCENT], distribution=FOUR))
    window.resize(1400, 1000)
    window.chart.views.toggle("in_out")
    view.refresh()
    assert view.in_out.isVisible()
    assert view.in_out.shown.rowCount() == 5
    assert view.in_out.height() >= view.in_out.least_height() + 4 * 24
    view.in_out.setFocus()
    view.in_out.hasFocus = lambda: True  # type: ignore[method-assign]
    view.copy()
    assert QApplication.clipboard().text().startswith("Order size\tIn (HKD)")


def test_lines_are_copied_and_saved_in_full(view: ChartTableView) -> None:
    QTest.keySequence(view.table, QKeySequence(QKeySequence.StandardKey.Copy))
    copied = QApplication.clipboard().text().splitlines()
    assert copied[0].startswith("symbol\tsource\tperiod")
    assert len(copied) == 243
    assert view._told.text() == "Copied 242 lines of 700.HK 2026-11-20."
    QTest.keySequence(view.table, QKeySequence(QKeySequence.StandardKey.Save))
    dialog = asked_file(view)
    assert dialog.selectedFiles()[0].endswith("700.HK 2026-11-20.csv")
    dialog.reject()


def test_a_comparison_and_the_wall_are_copied_and_saved_as_shown(view: ChartTableView, window: MainWindow) -> None:
    window.chart.views.compare([TENCENT, MEITUAN])
    view.refresh()
    view.copy_button.click()
    assert QApplication.clipboard().text().splitlines()[0].split("\t")[1:] == [
        "700.HK (% of turnover)",
        "3690.HK (% of turnover)",
    ]
    view.save_button.click()
    dialog = asked_file(view)
    assert dialog.windowTitle() == "Save the table as CSV"
    dialog.reject()


def test_other_colours_hold_in_the_table(view: ChartTableView, window: MainWindow) -> None:
    light = build_theme("light")
    window.set_theme(light)
    assert view.table.shown.theme is light
    view.restore(view.state())
