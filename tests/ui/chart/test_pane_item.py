"""A pane paints only what was exposed."""

from __future__ import annotations

from PySide6.QtGui import QPainter
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
