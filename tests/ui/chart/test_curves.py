"""The curves of the upper pane."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.chart.intraday import IntradayPlot
from capflow_gui.ui.chart.layers.plot_state import PlotState
from capflow_gui.ui.chart.look import BESIDE, build_look
from capflow_gui.ui.chart.session_data import beside, session_data
from capflow_gui.ui.theme import Theme, build_theme, contrast
from tests.ui import market_day as md
from tests.ui.chart.screens import make_plot, screen, up_to


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_curves_are_as_thick_on_any_screen(qtbot: QtBot, theme: Theme, ratio: float) -> None:
    """Level curves are rendered at device pixels: net is one stroke, a class half as thick, in logical pixels."""
    day, count = md.hk_day(), 200
    series = md.flow(count)
    levels = np.array([-4e8, -1e8, -1e8, -2e8, 1e8, 2e8])
    level = msgspec.structs.replace(series, values=np.repeat(levels[:, None], count, axis=1))
    host = QWidget()
    host.resize(700, 600)
    plot = IntradayPlot(build_look(theme, ratio=ratio), host)
    plot.setGeometry(host.rect())
    qtbot.addWidget(host)
    with qtbot.waitExposed(host):
        host.show()
    plot.show_session(session_data(level, day), PlotState(key="level"))
    image = QImage(round(700 * ratio), round(600 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    with QPainter(image) as painter:
        plot.render(painter, QRectF(plot.rect()), plot.rect())
    across = round(plot.lines_frame.at_x(100) * ratio)
    for column, width in ((0, 2.0), (3, 1.0), (4, 1.0)):
        middle = plot.lines_frame.at_y(float(levels[column])) * ratio
        strip = [image.pixelColor(across, y) for y in range(round(middle - 6 * ratio), round(middle + 6 * ratio))]
        ink, ground = theme.curve(column), strip[0]
        shares = [
            _share(color, strip[-1] if place > len(strip) / 2 else ground, ink) for place, color in enumerate(strip)
        ]
        assert sum(shares) == pytest.approx(round(width * ratio), abs=0.35)
        solid = [place for place, share in enumerate(shares) if share > 0.1]
        assert solid == list(range(solid[0], solid[-1] + 1))


def _share(color: QColor, ground: QColor, ink: QColor) -> float:
    """How much of a pixel is ink, by the channel that tells it best from the ground."""
    channels = [
        (c - g, i - g) for c, g, i in zip(color.getRgb()[:3], ground.getRgb()[:3], ink.getRgb()[:3], strict=True)
    ]
    part, whole = max(channels, key=lambda pair: abs(pair[1]))
    return part / whole


def test_another_session_behind_is_drawn_alike_whatever_was_exposed(
    qapp: QApplication, qtbot: QtBot, theme: Theme
) -> None:
    """After appended and revised minutes the screen is that of a full repaint: no edge of a strip shows."""
    series, day = md.flow(243), md.hk_day()
    other = beside(md.flow(331, seed=9), day, day, "Thu 19 Nov")
    plot = make_plot(qtbot, theme, (700, 500), antialias=True)
    for lines in range(236, 244):
        plot.show_session(up_to(series, lines), PlotState(key="day"), other)
        seen = screen(qapp, plot)
    plot.viewport().update()
    assert int((seen != screen(qapp, plot)).sum()) == 0
    plot.show_session(up_to(series, 243), PlotState(key="day"))
    assert int((seen != screen(qapp, plot)).sum()) > 500


def test_a_session_of_another_length_is_laid_minute_by_minute(qtbot: QtBot, theme: Theme) -> None:
    day, half = md.hk_day(), md.half_day()
    short = beside(md.flow(151, day=half), half, day, "half")
    assert short.values.shape == (331,)
    assert np.isfinite(short.values[:151]).all()
    assert np.isnan(short.values[151:]).all()
    long = beside(md.flow(331), day, half, "whole")
    assert long.values.shape == (151,)
    assert long.extent(0, 150) is not None
    assert short.extent(200, 300) is None


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_another_session_can_be_told_from_the_ground(scheme: str) -> None:
    theme = build_theme(scheme)
    assert contrast(build_look(theme).curve[BESIDE].color(), theme.panel) >= 3
