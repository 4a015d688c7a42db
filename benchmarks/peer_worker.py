"""A peer's own chart in the peers' environment: `peer_worker.py PEER DAYS`, then a number of calls a line.

PEER is vnpy, finplot, PythonQwt or QtCharts; DAYS the file of peer_vnpy.write_days. One call shows one new minute and
paints it, on 960×540, as the peer's documentation does it: vnpy a bar of its own through update_bar (candles and
volume); the others five lines and bars below, finplot through update_data, PythonQwt through setData and replot,
QtCharts through replace. Of several ways that a peer has for the same, the fastest was taken: sticks instead of filled
steps in PythonQwt, the newest points instead of whole series in QtCharts.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
SIZE, LINES = (960, 540), 331
COLORS = ("#71849a", "#4cc4de", "#8b6ff0", "#c4a5ff", "#3f4a57")
UP, DOWN = "#35c48b", "#ff6470"


class Shown(NamedTuple):
    """A day, and the same with its newest minute moved."""

    lines: Any  # [day, line, minute]
    bars: Any  # [day, minute]


def vnpy_call(_shown: Shown) -> Any:
    """A vnpy chart with a day on it, and what shows the next minute."""
    os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"
    from PySide6.QtWidgets import QApplication
    from vnpy.chart import CandleItem, ChartWidget, VolumeItem
    from vnpy.trader.constant import Exchange, Interval
    from vnpy.trader.object import BarData

    app = QApplication([])
    chart = ChartWidget()
    chart.add_plot("candle", hide_x_axis=True)
    chart.add_plot("volume", maximum_height=100)
    chart.add_item(CandleItem, "candle", "candle")
    chart.add_item(VolumeItem, "volume", "volume")
    chart.add_cursor()
    begin = datetime(2026, 11, 20, 9, 30)  # noqa: DTZ001 - vnpy's own example has none

    def bar(n: int, lift: float) -> Any:
        price = 400 + (n * 7 % 23) * 0.2
        return BarData(
            gateway_name="bench",
            symbol="700",
            exchange=Exchange.SEHK,
            datetime=begin + timedelta(minutes=n),
            interval=Interval.MINUTE,
            volume=1000 + n % 50,
            open_price=price,
            high_price=price + 2 + lift,
            low_price=price - 2,
            close_price=price + 1 + lift,
        )

    chart.update_history([bar(n, 0) for n in range(LINES)])
    chart.resize(*SIZE)
    chart.show()
    state = {"n": 0}

    def call() -> None:
        state["n"] += 1
        chart.update_bar(bar(LINES + state["n"], 0.3))
        app.processEvents()

    return call


def finplot_call(shown: Shown) -> Any:
    """A finplot chart of five lines and bars, and what shows the next minute."""
    os.environ["PYQTGRAPH_QT_LIB"] = "PyQt6"
    import finplot as fplt
    import pandas as pd
    from PyQt6.QtWidgets import QApplication

    index = pd.date_range("2026-11-20 09:30", periods=LINES, freq="min")
    lines = [[pd.Series(line, index=index) for line in day] for day in shown.lines]
    bars = [pd.DataFrame({"open": 0.0, "close": day, "volume": np.abs(day)}, index=index) for day in shown.bars]
    top, low = fplt.create_plot("bench", rows=2, init_zoom_periods=LINES, maximize=False)
    plots = [fplt.plot(line, ax=top) for line in lines[0]]
    volume = fplt.volume_ocv(bars[0], ax=low)
    fplt.show(qt_exec=False)
    app = QApplication.instance()
    top.vb.win.resize(*SIZE)
    state = {"n": 0}

    def call() -> None:
        state["n"] += 1
        for plot, line in zip(plots, lines[state["n"] % 2], strict=True):
            plot.update_data(line.copy())
        volume.update_data(bars[state["n"] % 2].copy())
        app.processEvents()

    return call


def qwt_call(shown: Shown) -> Any:
    """Two plots of PythonQwt, and what shows the next minute. Bars are sticks: it has no histogram."""
    os.environ["QT_API"] = "pyside6"
    from PySide6.QtGui import QColor, QPen
    from PySide6.QtWidgets import QApplication
    from qwt import QwtPlot, QwtPlotCurve

    app = QApplication([])
    top, low = QwtPlot(), QwtPlot()

    def curve(plot: Any, color: str, width: int) -> Any:
        made = QwtPlotCurve()
        made.setPen(QPen(QColor(color), width))
        made.attach(plot)
        return made

    lines = [curve(top, color, 1) for color in COLORS]
    up, down = (curve(low, color, 2) for color in (UP, DOWN))
    for bars in (up, down):
        bars.setStyle(QwtPlotCurve.Sticks)
    window = stacked(top, low)
    minutes = np.arange(LINES, dtype=float)
    state: dict[str, Any] = {"n": 0, "window": window}  # the window lives as long as the call

    def call() -> None:
        state["n"] += 1
        for line, values in zip(lines, shown.lines[state["n"] % 2], strict=True):
            line.setData(minutes, values)
        deltas = shown.bars[state["n"] % 2]
        rises = deltas >= 0
        up.setData(minutes[rises], deltas[rises])
        down.setData(minutes[~rises], deltas[~rises])
        top.replot()
        low.replot()
        app.processEvents()

    return call


def qtcharts_call(shown: Shown) -> Any:
    """Two chart views of QtCharts, and what shows the next minute: the newest point of each series is replaced."""
    from PySide6.QtCharts import QBarSet, QChart, QChartView, QLineSeries, QStackedBarSeries, QValueAxis
    from PySide6.QtCore import QPointF, Qt
    from PySide6.QtGui import QColor, QPen
    from PySide6.QtWidgets import QApplication

    app = QApplication([])

    def add(chart: Any, series: list[Any], values: Any, ticks: int) -> None:
        x, y = QValueAxis(), QValueAxis()
        x.setRange(0, LINES)
        y.setRange(float(values.min()), float(values.max()))
        y.setLabelFormat("%.0e")
        y.setTickCount(ticks)
        chart.addAxis(x, Qt.AlignmentFlag.AlignBottom)
        chart.addAxis(y, Qt.AlignmentFlag.AlignLeft)
        for each in series:
            chart.addSeries(each)
            each.attachAxis(x)
            each.attachAxis(y)

    lines = [QLineSeries() for _ in COLORS]
    for line, color, values in zip(lines, COLORS, shown.lines[0], strict=True):
        line.setPen(QPen(QColor(color), 1))
        line.replace([QPointF(minute, value) for minute, value in enumerate(values.tolist())])
    bars, up, down = QStackedBarSeries(), QBarSet("in"), QBarSet("out")
    for part, color, values in ((up, UP, np.maximum(shown.bars[0], 0)), (down, DOWN, np.minimum(shown.bars[0], 0))):
        part.setBrush(QColor(color))
        part.setPen(QPen(Qt.PenStyle.NoPen))
        part.append(values.tolist())
    bars.append([up, down])
    bars.setBarWidth(0.8)
    top, low = QChart(), QChart()
    for chart, series, values, ticks in ((top, lines, shown.lines, 5), (low, [bars], shown.bars, 3)):
        chart.legend().hide()
        chart.layout().setContentsMargins(0, 0, 0, 0)
        add(chart, series, values, ticks)
    window = stacked(QChartView(top), QChartView(low))
    state: dict[str, Any] = {"n": 0, "window": window}  # the window lives as long as the call

    def call() -> None:
        state["n"] += 1
        day = state["n"] % 2
        for line, value in zip(lines, shown.lines[day, :, -1].tolist(), strict=True):
            line.replace(LINES - 1, LINES - 1, value)
        newest = float(shown.bars[day, -1])
        up.replace(LINES - 1, max(newest, 0.0))
        down.replace(LINES - 1, min(newest, 0.0))
        app.processEvents()

    return call


def stacked(top: Any, low: Any) -> Any:
    """A window of the usual size with two of PySide6's widgets, three quarters and one."""
    from PySide6.QtWidgets import QVBoxLayout, QWidget

    window = QWidget()
    layout = QVBoxLayout(window)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for widget, share in ((top, 3), (low, 1)):
        widget.setMinimumSize(1, 1)  # PythonQwt's own would make the window higher
        layout.addWidget(widget, share)
    window.resize(*SIZE)
    window.show()
    return window


CALLS = {"vnpy": vnpy_call, "finplot": finplot_call, "PythonQwt": qwt_call, "QtCharts": qtcharts_call}


def main() -> None:
    """Obey until stdin ends."""
    with np.load(Path(sys.argv[2])) as file:
        shown = Shown(file["lines"], file["bars"])
    call = CALLS[sys.argv[1]](shown)
    for _ in range(5):
        call()
    for line in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(int(line)):
            call()
        print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
