"""Prints kilobytes resident: memory_worker.py running | eager | series | frames.

running  everything the demo's window has imported once its chart is built
eager    that, and what it imports only when it is used: Longport's HTTP, the keyring, encryption, SQLite
series   per symbol, 500 days of 390 lines as the store keeps them
frames   per symbol, the same as a client makes them: a DataFrame of times as text and figures
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
RUNNING = (
    "capflow_gui.app.run",
    "capflow_gui.app.session",
    "capflow_gui.app.open_sources",
    "capflow_gui.monitor",
    "capflow_gui.simulator.opend.server",
    "capflow_gui.ui.chart.chart",
)
LATER = ("aiohttp", "keyring", "truststore", "cryptography.hazmat.primitives.ciphers", "sqlite3")
SYMBOLS, LINES = 500, 390
NAMES = ("in_flow", "main_in_flow", "super_in_flow", "big_in_flow", "mid_in_flow", "sml_in_flow")


def resident() -> float:
    """Kilobytes of this process that are in memory."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return float(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def imported(names: tuple[str, ...]) -> float:
    """Kilobytes with these modules."""
    for name in names:
        importlib.import_module(name)
    return resident()


def series() -> float:
    """Kilobytes a symbol in our store."""
    import numpy as np

    from capflow_gui.domain.flow import FlowSeries, Period
    from capflow_gui.domain.symbol import Market, Symbol
    from capflow_gui.feed.store import FlowStore

    store = FlowStore(lambda _symbol: None)
    symbols = [Symbol(Market.US, f"S{place}") for place in range(SYMBOLS)]
    random = np.random.default_rng(1)
    gc.collect()
    before = resident()
    for symbol in symbols:
        labels = np.arange(LINES, dtype=np.int64) * 60 + 1_780_000_000
        values = random.normal(0, 1e6, (6, LINES))
        store.put(FlowSeries(symbol, "opend", Period.INTRADAY, labels, values, 1.78e9, date(2026, 6, 10), 1.78e9), 0.0)
    gc.collect()
    return (resident() - before) / SYMBOLS


def frames() -> float:
    """Kilobytes a symbol as DataFrames."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(1)
    kept = [pd.DataFrame([{"first": 1.0}])]  # what pandas itself keeps from its first one
    begin = datetime(2026, 6, 10, 9, 30)  # noqa: DTZ001 - the clients write the exchange's time, without a zone
    gc.collect()
    before = resident()
    for _ in range(SYMBOLS):
        figures = random.normal(0, 1e6, (LINES, 6)).tolist()
        lines = []
        for minute, line in enumerate(figures):
            at = (begin + timedelta(minutes=minute)).strftime("%Y-%m-%d %H:%M:%S")
            lines.append({"capital_flow_item_time": at, **dict(zip(NAMES, line, strict=True))})
        kept.append(pd.DataFrame(lines))
    gc.collect()
    return (resident() - before) / SYMBOLS


def main() -> None:
    """Print one number."""
    kind = sys.argv[1]
    if kind == "series":
        found = series()
    elif kind == "frames":
        found = frames()
    else:
        found = imported(RUNNING if kind == "running" else RUNNING + LATER)
    print(found)


if __name__ == "__main__":
    main()
