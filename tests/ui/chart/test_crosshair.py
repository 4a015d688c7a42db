"""The crosshair over both panes."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.ui.chart import FlowChart
from capflow_gui.ui.theme import Theme
from tests.ui import market_day as md
from tests.ui.chart.screens import screen


def test_a_moved_crosshair_leaves_nothing_behind(qtbot: QtBot, qapp: QApplication, theme: Theme) -> None:
    chart = FlowChart(theme)
    chart.resize(812, 618)
    qtbot.addWidget(chart)
    with qtbot.waitExposed(chart):
        chart.show()
    series = md.flow(243)
    chart.show_row(md.row(series, threshold=-2e8, alert=md.breach(series, -2e8)), 0.0)
    for index in (20, 21, 60, 204, 205, 206, 130, 242, 131):
        chart.pointer.stand(index)
        moved = screen(qapp, chart.plot)
        chart.plot.viewport().update()
        assert np.count_nonzero(moved != screen(qapp, chart.plot)) == 0, f"at {index}"
    with_it = moved
    chart.pointer.leave()
    assert np.count_nonzero(with_it != screen(qapp, chart.plot)) > 100
