"""A pane paints only what was exposed."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QPainter, QPixmap, QRegion
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.ui.chart.layers.plot_state import PlotState
from capflow_gui.ui.theme import Theme
from tests.ui import market_day as md
from tests.ui.chart.screens import make_plot, screen, up_to


def test_a_strip_paints_less_than_the_pane(qtbot: QtBot, qapp: QApplication, theme: Theme) -> None:
    series = md.flow(331)
    state = PlotState(key="day", currency="HKD")
    plot = make_plot(qtbot, theme, (760, 460), antialias=True)
    for lines in (331, 200):  # the first one sets the range
        plot.show_session(up_to(series, lines), state)
    screen(qapp, plot)
    painted: list[tuple[int, int]] = []
    original = plot.curves.paint_strokes

    def noted(painter: QPainter, first: int, last: int) -> None:
        painted.append((first, last))
        original(painter, first, last)

    plot.curves.paint_strokes = noted
    plot.show_session(up_to(series, 200, lift=1e6), state)
    screen(qapp, plot)
    assert painted
    assert min(first for first, _ in painted) > 180


def test_curves_are_drawn_with_one_rectangle_to_clip_them(qtbot: QtBot, qapp: QApplication, theme: Theme) -> None:
    """Where words stand beside them, what is dirty is no rectangle."""
    series = md.flow(250)
    state = PlotState(key="day", currency="HKD")
    plot = make_plot(qtbot, theme, (760, 460), antialias=True)
    plot.show_session(up_to(series, 250), state)
    screen(qapp, plot)
    devices: list[object] = []
    original = plot.curves.paint_strokes

    def noted(painter: QPainter, first: int, last: int) -> None:
        devices.append(painter.device())
        original(painter, first, last)

    plot.curves.paint_strokes = noted
    plot.viewport().update(QRegion(0, 0, 760, 300) + QRegion(0, 300, 300, 100))
    partly = screen(qapp, plot)
    assert [type(each) for each in devices] == [QPixmap]
    plot.viewport().update()
    assert np.count_nonzero(partly != screen(qapp, plot)) == 0
    assert len(devices) == 2
    assert type(devices[1]) is not QPixmap
