"""Strips instead of whole repaints must not show: after any history the screen is what a fresh chart would paint."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import FlowSeries
from capflow_gui.ui.chart import FlowChart
from capflow_gui.ui.chart.annotations import Annotations
from capflow_gui.ui.chart.intraday import IntradayPlot, PlotState
from capflow_gui.ui.chart.look import build_look
from capflow_gui.ui.chart.session_data import SessionData, session_data
from capflow_gui.ui.theme import Theme
from tests.ui import market_day as md

FIRST, APPENDED, REVISED = 180, 50, 20


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
    plot.host = host  # keeps it alive
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


def day_with_gap(lines: int) -> FlowSeries:
    whole = md.flow(lines)
    keep = np.r_[0:90, 97:331]
    return msgspec.structs.replace(
        whole,
        timestamps=whole.timestamps[keep].copy(),
        values=whole.values[:, keep].copy(),
        confirmed=whole.confirmed[keep].copy(),
        line_flags=whole.line_flags[keep].copy(),
    )


def day_of_snapshots(lines: int) -> FlowSeries:
    return md.flow(lines, classes=False)


LARGE, SMALL = (760, 460), (431, 150)


@pytest.mark.parametrize(
    ("size", "antialias", "make"),
    [
        pytest.param(LARGE, True, md.flow, id="two panes"),
        pytest.param(LARGE, False, md.flow, id="two panes, not antialiased"),
        pytest.param(SMALL, True, md.flow, id="one pane"),
        pytest.param(SMALL, False, md.flow, id="one pane, not antialiased"),
        pytest.param(LARGE, True, day_with_gap, id="two panes, a gap"),
        pytest.param(LARGE, True, day_of_snapshots, id="two panes, classes from snapshots"),
        pytest.param(LARGE, False, day_of_snapshots, id="two panes, classes from snapshots, not antialiased"),
        pytest.param(SMALL, False, day_with_gap, id="one pane, a gap, not antialiased"),
    ],
)
def test_after_appends_and_revisions_the_screen_is_a_fresh_charts(
    qtbot: QtBot, theme: Theme, size: tuple[int, int], antialias: bool, make: Callable[[int], FlowSeries]
) -> None:
    qapp = QApplication.instance()
    assert isinstance(qapp, QApplication)
    series = make(331)
    state = PlotState(key="day", currency="HKD", threshold=-1.1e8, fired=150, reached="12:00")
    replies = [up_to(series, 331), *(up_to(series, n) for n in range(FIRST, FIRST + APPENDED + 1))]
    replies += [up_to(series, FIRST + APPENDED, lift=1e6 * (step % 7)) for step in range(REVISED)]

    plot = make_plot(qtbot, theme, size, antialias=antialias)
    for reply in replies:
        plot.show_session(reply, state)
        qapp.processEvents()
    strips = screen(qapp, plot)
    plot.viewport().update()
    assert np.count_nonzero(strips != screen(qapp, plot)) == 0

    fresh = make_plot(qtbot, theme, size, antialias=antialias)
    for reply in replies:  # scales remember what they have seen; nothing is painted before the last one
        fresh.show_session(reply, state)
    fresh.viewport().update()
    assert np.count_nonzero(strips != screen(qapp, fresh)) == 0
    assert len(np.unique(strips)) > 20, "nothing was drawn"


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


def test_an_equal_reply_paints_nothing(qtbot: QtBot, qapp: QApplication, theme: Theme) -> None:
    series = md.flow(331)
    state = PlotState(key="day", currency="HKD", threshold=-2e8)
    plot = make_plot(qtbot, theme, (760, 460), antialias=True)
    plot.show_session(up_to(series, 200), state)
    screen(qapp, plot)
    painted: list[int] = []
    original = plot.curves.paint_fills

    def noted(painter: QPainter, first: int, last: int) -> None:
        painted.append(first)
        original(painter, first, last)

    plot.curves.paint_fills = noted
    plot.show_session(up_to(series, 200), state)
    screen(qapp, plot)
    assert not painted


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
