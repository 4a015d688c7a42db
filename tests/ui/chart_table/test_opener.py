"""What the chart shows is said when it is asked for; it is never called out by itself."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from capflow_gui.ui.chart.layers import chart_stack
from capflow_gui.ui.chart_table import opener
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, row_of
from tests.ui.window_fixture import TENCENT


def test_who_hears_the_chart_hears_new_figures_when_asked_for_alone(
    window: MainWindow, board: HandBoard, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(opener, "announce", lambda _widget, text: said.append(text))
    monkeypatch.setattr(chart_stack, "is_read_aloud", lambda: True)
    window.go_to(TENCENT)
    qtbot.waitUntil(lambda: window.chart.chart is not None)
    chart = window.chart.chart
    assert chart is not None
    chart.setFocus()
    monkeypatch.setattr(chart, "hasFocus", lambda: True)
    before = chart.accessibleDescription()
    assert "−263.2M HKD" in before
    board.put(row_of("700.HK", "Tencent Holdings", -300e6, 7056e6))
    window._flows_changed(frozenset({TENCENT}))
    assert chart.accessibleDescription() == before
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier)
    assert said == [f"Flow chart of 700.HK. {chart.told}"]
    assert "−300.0M HKD" in said[0]
    monkeypatch.setattr(chart, "hasFocus", lambda: False)
    chart.tell(chart.told)
    assert "−300.0M HKD" in chart.accessibleDescription()


def test_a_key_pressed_before_there_are_charts_waits_for_them_and_imports_nothing(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(opener, "announce", lambda _widget, text: said.append(text))
    qtbot.waitUntil(lambda: window.chart.chart is not None)
    there = sys.modules[opener.MODULE]
    monkeypatch.delitem(sys.modules, opener.MODULE)
    for key in (Qt.Key.Key_S, Qt.Key.Key_D):
        QTest.keyClick(window.watchlist.table, key, Qt.KeyboardModifier.ShiftModifier)
    assert (said, window.panels.table.panel.made) == ([], None)
    assert opener.MODULE not in sys.modules
    monkeypatch.setitem(sys.modules, opener.MODULE, there)
    qtbot.waitUntil(lambda: window.panels.table.panel.is_shown)
    assert said == []  # the last key counts
    window.panels.table.panel().close()
