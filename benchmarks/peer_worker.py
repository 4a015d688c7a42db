"""A peer's own chart in the peers' environment: `peer_worker.py vnpy | finplot`, then a number of calls a line.

One call shows one new minute and paints it, on 960×540, as the peer's documentation does it: vnpy a bar through
update_bar (candles and volume), finplot five lines and bars through update_data.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import datetime, timedelta
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
SIZE, LINES = (960, 540), 331


def vnpy_call() -> Any:
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


def finplot_call() -> Any:
    """A finplot chart of five lines and bars, and what shows the next minute."""
    os.environ["PYQTGRAPH_QT_LIB"] = "PyQt6"
    import finplot as fplt
    import numpy as np
    import pandas as pd
    from PyQt6.QtWidgets import QApplication

    rng = np.random.default_rng(7)
    index = pd.date_range("2026-11-20 09:30", periods=LINES, freq="min")
    lines = [pd.Series(np.cumsum(rng.standard_normal(LINES)) * 1e6, index=index) for _ in range(5)]
    top, low = fplt.create_plot("bench", rows=2, init_zoom_periods=LINES)
    plots = [fplt.plot(line, ax=top) for line in lines]
    ones = np.abs(np.diff(lines[0], prepend=0))
    bars = pd.DataFrame({"open": 0.0, "close": np.diff(lines[0], prepend=0), "volume": ones}, index=index)
    volume = fplt.volume_ocv(bars, ax=low)
    fplt.show(qt_exec=False)
    app = QApplication.instance()
    top.vb.win.resize(*SIZE)
    state = {"n": 0}

    def call() -> None:
        state["n"] += 1
        for plot, line in zip(plots, lines, strict=True):
            moved = line.copy()
            moved.iloc[-1] += state["n"] % 2 * 1e5
            plot.update_data(moved)
        changed = bars.copy()
        changed.iloc[-1, 2] += state["n"] % 2 * 1e5
        volume.update_data(changed)
        app.processEvents()

    return call


def main() -> None:
    """Obey until stdin ends."""
    call = {"vnpy": vnpy_call, "finplot": finplot_call}[sys.argv[1]]()
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
