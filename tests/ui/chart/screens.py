"""Panes on a screen, and what a day looks like up to a line."""

from __future__ import annotations

import msgspec
import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import FlowSeries
from capflow_gui.ui.chart.annotations import Annotations
from capflow_gui.ui.chart.intraday import IntradayPlot
from capflow_gui.ui.chart.look import build_look
from capflow_gui.ui.chart.session_data import SessionData, session_data
from capflow_gui.ui.theme import Theme
from tests.ui import market_day as md


def screen(app: QApplication, plot: IntradayPlot) -> np.ndarray:
    """What the window shows: its backing store, not a new rendering."""
    for _ in range(4):
        app.processEvents()
    image = plot.screen().grabWindow(plot.window().winId()).toImage().convertToFormat(QImage.Format.Format_RGB32)
    assert (image.width(), image.height()) == (plot.width(), plot.height())
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1)[:, : image.width()].copy()


def make_plot(qtbot: QtBot, theme: Theme, size: tuple[int, int], *, antialias: bool) -> IntradayPlot:
    host = QWidget()
    host.resize(*size)
    plot = IntradayPlot(build_look(theme), host, antialias=antialias)
    plot.setGeometry(host.rect())
    notes = Annotations(plot)
    plot.placed.connect(notes.place)
    qtbot.addWidget(host)
    with qtbot.waitExposed(host):
        host.show()
    plot.host, plot.notes = host, notes  # keeps them alive: a connection does not
    return plot


# Some minutes apart and, from 13:00 on, one a minute.
SNAPSHOTS = md.snapshots((10, 5, 3), (11, 0, 9), (12, 0, 30), (12, 40, 0), *((13, at, 5) for at in range(3, 40)))


def up_to(series: FlowSeries, lines: int, *, lift: float = 0.0) -> SessionData:
    """The first `lines` lines, the newest one `lift` away from where it will end."""
    values = series.values[:, :lines].copy()
    values[:, -1] += lift
    part = msgspec.structs.replace(
        series,
        timestamps=series.timestamps[:lines].copy(),
        values=values,
        confirmed=np.arange(lines) < lines - 1,
        line_flags=np.zeros(lines, np.uint16),
    )
    return session_data(part, md.hk_day(), None if series.has_classes else SNAPSHOTS)
