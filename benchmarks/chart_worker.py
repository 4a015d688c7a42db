"""One chart, or sixteen, in a process of its own: `chart_worker.py VARIANT KIND`, then a number of calls a line.

VARIANT  ours    the chart as the window shows it: curves, bars, names, tags, threshold
         panes   the same widget without names, tags and threshold: what the others draw
         naive   what a good programmer writes first with pyqtgraph: PlotDataItem, BarGraphItem(brushes=), autorange;
                 no grid, though ours has one: pyqtgraph's translucent grid alone would triple its time
         tuned   fixed ranges, PlotCurveItem, single-brush bars
KIND     full    the whole day is replaced          full16, strip16   the same on sixteen charts that fill 1920×1080
         strip   the newest minute moves            hz16              sixteen charts once a second; a call is a second
         cross   the mouse moves over two panes     pan               the x range moves, 1920×1080
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any, Protocol

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import pyqtgraph as pg  # noqa: E402
from PySide6.QtCore import QEvent, QEventLoop, QPointF, Qt, QTimer  # noqa: E402
from PySide6.QtGui import QMouseEvent  # noqa: E402
from PySide6.QtWidgets import QApplication, QGridLayout, QWidget  # noqa: E402

from tests.ui import market_day as md  # noqa: E402

SINGLE, WALL, CHARTS = (960, 540), (1920, 1080), 16
COLORS = ("#71849a", "#4cc4de", "#8b6ff0", "#c4a5ff", "#e6ebf1")
ROWS = (5, 4, 3, 2, 0)
LINES = 331


class Chart(Protocol):
    """What every variant can do."""

    widget: QWidget

    def show(self, values: Any, deltas: Any) -> None:
        """Show a day."""

    def view(self) -> Any:
        """The ViewBox of the upper pane."""


class Naive:
    """Written without a thought for speed."""

    def __init__(self) -> None:
        self.widget = pg.GraphicsLayoutWidget()
        top = self.widget.addPlot(row=0, col=0)
        low = self.widget.addPlot(row=1, col=0)
        low.setXLink(top)
        self.curves = [top.plot(pen=color) for color in COLORS]
        self.green, self.red = pg.mkBrush("#35c48b"), pg.mkBrush("#ff6470")
        self.bars = pg.BarGraphItem(x=[0], height=[0], width=0.8, brushes=[self.green])
        low.addItem(self.bars)
        self.top = top
        self.x = np.arange(LINES)

    def view(self) -> Any:
        return self.top.getViewBox()

    def show(self, values: Any, deltas: Any) -> None:
        for curve, row in zip(self.curves, ROWS, strict=True):
            curve.setData(self.x, values[row])
        brushes = [self.green if delta >= 0 else self.red for delta in deltas]
        self.bars.setOpts(x=self.x, height=deltas, width=0.8, brushes=brushes)


class Tuned:
    """pyqtgraph as its documentation says to make it fast."""

    def __init__(self) -> None:
        self.widget = pg.GraphicsLayoutWidget()
        self.top = self.widget.addPlot(row=0, col=0)
        low = self.widget.addPlot(row=1, col=0)
        low.setXLink(self.top)
        for plot, span in ((self.top, 4e8), (low, 2e7)):
            plot.disableAutoRange()
            plot.setXRange(0, LINES)
            plot.setYRange(-span, span / 2)
        self.curves = [pg.PlotCurveItem(pen=color, skipFiniteCheck=True) for color in COLORS]
        for curve in self.curves:
            self.top.addItem(curve, ignoreBounds=True)
        self.up = pg.BarGraphItem(x=[0], height=[0], width=0.8, brush="#35c48b", pen=None)
        self.down = pg.BarGraphItem(x=[0], height=[0], width=0.8, brush="#ff6470", pen=None)
        for bars in (self.up, self.down):
            low.addItem(bars, ignoreBounds=True)
        self.x = np.arange(LINES)

    def view(self) -> Any:
        return self.top.getViewBox()

    def show(self, values: Any, deltas: Any) -> None:
        for curve, row in zip(self.curves, ROWS, strict=True):
            curve.setData(self.x, values[row])
        self.up.setOpts(x=self.x, height=np.maximum(deltas, 0), width=0.8)
        self.down.setOpts(x=self.x, height=np.minimum(deltas, 0), width=0.8)


class Ours:
    """The product's chart; `whole` with everything that stands on it."""

    def __init__(self, *, whole: bool) -> None:
        from capflow_gui.ui.chart.chart import FlowChart
        from capflow_gui.ui.chart.intraday import IntradayPlot
        from capflow_gui.ui.chart.layers.plot_state import PlotState
        from capflow_gui.ui.chart.look import build_look
        from capflow_gui.ui.chart.session_data import SessionData
        from capflow_gui.ui.theme import apply_theme, build_theme

        app = QApplication.instance()
        theme = build_theme()
        if isinstance(app, QApplication) and not app.styleSheet():
            apply_theme(app, theme)
        self.day = md.hk_day()
        self.make = SessionData
        self.whole = whole
        if whole:
            self.widget: QWidget = FlowChart(theme)
            self.plot: Any = self.widget.plot
            self.state = PlotState("bench", "HKD", threshold=-2e8, fired=(230,), reached="14:20")
            self.widget.stack.setCurrentWidget(self.plot)
        else:
            self.widget = QWidget()
            layout = QGridLayout(self.widget)
            layout.setContentsMargins(0, 0, 0, 0)
            self.plot = IntradayPlot(build_look(theme))
            layout.addWidget(self.plot)
            self.state = PlotState("bench", "HKD")

    def view(self) -> Any:
        return self.plot.lines_plot.getViewBox()

    def show(self, values: Any, deltas: Any) -> None:
        flow = np.full((6, LINES), np.nan)
        flow[0] = deltas
        data = self.make(self.day, values, flow, (), LINES - 1, provisional=False, classes=True)
        self.plot.show_session(data, self.state)


def make(variant: str) -> Chart:
    """A chart of a variant."""
    if variant in ("ours", "panes"):
        return Ours(whole=variant == "ours")
    return Naive() if variant == "naive" else Tuned()


def days() -> list[tuple[Any, Any]]:
    """Two different days that need the same ranges, and the first one with its newest minute moved."""
    first, second = md.flow(LINES, seed=7).values, md.flow(LINES, seed=7).values[:, ::-1].copy()
    second = second - second[:, :1] + first[:, -1:] * 0
    second *= 0.9
    moved = first.copy()
    moved[:, -1] += 2e6
    return [(values, np.diff(values[0], prepend=values[0, 0])) for values in (first, second, moved)]


class Bench:
    """Charts in a window, and one action a call."""

    def __init__(self, variant: str, kind: str, app: QApplication) -> None:
        self.app, self.kind = app, kind
        self.days = days()
        many = kind.endswith("16")
        self.window = QWidget()
        grid = QGridLayout(self.window)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        self.charts = [make(variant) for _ in range(CHARTS if many else 1)]
        for n, chart in enumerate(self.charts):
            grid.addWidget(chart.widget, n // 4, n % 4)
        self.window.resize(*(WALL if many or kind == "pan" else SINGLE))
        self.window.show()
        self.n = 0
        for day in (*self.days, self.days[0]):
            for chart in self.charts:
                chart.show(*day)
            app.processEvents()
        if variant in ("naive", "tuned") and kind == "cross":
            self._add_crosshair()

    def _add_crosshair(self) -> None:
        chart: Any = self.charts[0]
        view = chart.view()
        lines = [pg.InfiniteLine(angle=90), pg.InfiniteLine(angle=0)]
        text = pg.TextItem("", anchor=(0, 1))
        for item in (*lines, text):
            view.addItem(item, ignoreBounds=True)

        def moved(position: Any) -> None:
            at = view.mapSceneToView(position)
            lines[0].setPos(at.x())
            lines[1].setPos(at.y())
            index = min(max(round(at.x()), 0), LINES - 1)
            text.setText("\n".join(f"{self.days[0][0][row][index]:,.0f}" for row in ROWS))
            text.setPos(at.x(), at.y())

        pg.setConfigOption("mouseRateLimit", -1)
        chart.widget.scene().sigMouseMoved.connect(moved)

    def call(self) -> None:
        """One action and its paint."""
        self.n += 1
        if self.kind == "hz16":
            self._second()
            return
        if self.kind == "cross":
            self._move_mouse()
        elif self.kind == "pan":
            low = -20 + 40 * ((self.n % 20) / 20)
            self.charts[0].view().setXRange(low + 60, low + 240, padding=0)
        else:
            other = 1 if self.kind.startswith("full") else 2
            for chart in self.charts:
                chart.show(*self.days[self.n % 2 * other])
        self.app.processEvents()

    def _move_mouse(self) -> None:
        widget: Any = self.charts[0].widget
        view = widget.plot if hasattr(widget, "plot") else widget
        viewport = view.viewport()
        at = QPointF(60 + self.n * 7 % (viewport.width() - 200), viewport.height() / 3)
        none = Qt.MouseButton.NoButton
        event = QMouseEvent(
            QEvent.Type.MouseMove, at, QPointF(viewport.mapToGlobal(at.toPoint())), none, none, Qt.KeyboardModifier(0)
        )
        QApplication.sendEvent(viewport, event)

    def _second(self) -> None:
        loop = QEventLoop()
        QTimer.singleShot(1000, loop.quit)
        for chart in self.charts:
            chart.show(*self.days[self.n % 2 * 2])
        loop.exec()


def main() -> None:
    """Obey until stdin ends."""
    app = QApplication([])
    bench = Bench(sys.argv[1], sys.argv[2], app)
    for line in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(int(line)):
            bench.call()
        print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}), flush=True)
    os._exit(0)  # pyqtgraph's own clean-up at exit is not what is measured


if __name__ == "__main__":
    main()
