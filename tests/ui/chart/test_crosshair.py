"""The crosshair over both panes."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.chart.chart import FlowChart
from capflow_gui.ui.chart.intraday import IntradayPlot
from capflow_gui.ui.chart.layers.plot_state import PlotState
from capflow_gui.ui.chart.look import build_look
from capflow_gui.ui.chart.pointer import Pointer
from capflow_gui.ui.theme import Theme
from tests.ui import market_day as md
from tests.ui.chart.screens import screen, up_to


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


def test_what_changes_under_the_crosshair_alone_is_seen(qtbot: QtBot, qapp: QApplication, theme: Theme) -> None:
    """No words stand beside the curves here: all that is dirty lies where the crosshair is painted anew, too."""
    host = QWidget()
    host.resize(812, 618)
    plot = IntradayPlot(build_look(theme), host)
    plot.setGeometry(host.rect())
    qtbot.addWidget(host)
    pointer = Pointer(plot, lambda _readout: None)
    plot.placed.connect(pointer.refresh)
    with qtbot.waitExposed(host):
        host.show()
    series, state = md.flow(243), PlotState(key="day", currency="HKD")
    plot.show_session(up_to(series, 243), state)
    for index in (200, 201, 202, 203, 242):
        pointer.stand(index)
        screen(qapp, plot)
    plot.show_session(up_to(series, 243, lift=1e6), state)
    moved = screen(qapp, plot)
    plot.viewport().update()
    assert np.count_nonzero(moved != screen(qapp, plot)) == 0
