"""The curves of the upper pane."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.chart.intraday import IntradayPlot, PlotState
from capflow_gui.ui.chart.look import build_look
from capflow_gui.ui.chart.session_data import session_data
from capflow_gui.ui.theme import Theme
from tests.ui import market_day as md


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
