"""Series made by hand, and the API page's samples as series."""

import json
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.symbol import Symbol

ROOT = Path(__file__).parents[3]
HONG_KONG = ZoneInfo("Asia/Hong_Kong")
TENCENT = Symbol.parse("700.HK")
SEED_DAY = json.loads((ROOT / "resources" / "seed_day.json").read_bytes())
SEED_SAMPLES = json.loads((ROOT / "tests" / "data" / "seed_samples.json").read_bytes())


def hong_kong(text: str) -> int:
    """Epoch seconds of a Hong Kong wall time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=HONG_KONG).timestamp())


def series(
    stamps, values=None, *, symbol=TENCENT, period=Period.INTRADAY, last_valid=None, source="test"
) -> FlowSeries:
    """A series; `values` are net inflows alone (n,), or net and four classes (5, n); default: 0, 1, 2, …"""
    stamps = np.array(stamps, np.int64)
    given = np.atleast_2d(np.arange(len(stamps)) if values is None else np.array(values, float))
    rows = np.full((6, len(stamps)), np.nan)
    rows[0] = given[0]
    if len(given) == 5:
        rows[2:] = given[1:]
        rows[1] = rows[2] + rows[3]
    return FlowSeries(symbol, source, period, stamps, rows, last_valid=last_valid)


def sample(name: str) -> FlowSeries:
    """An intraday sample of the page by the language it stands under."""
    found = next(entry for entry in [*SEED_DAY["replies"], *SEED_SAMPLES["samples"]] if entry["sample"] == name)
    day = found.get("session", SEED_DAY["session"])
    stamps = [hong_kong(f"{day}T{line[0]}") for line in found["lines"]]
    figures = np.array([line[1:] for line in found["lines"]], float).T
    return series(stamps, figures, last_valid=hong_kong(f"{day}T{found['last_valid']}"))


def day_sample() -> FlowSeries:
    """The printed lines of the DAY sample."""
    stamps = [hong_kong(f"{day}T00:00") for day, _ in SEED_DAY["day"]]
    made = series(stamps, [net for _, net in SEED_DAY["day"]], period=Period.DAY)
    values = made.values.copy()
    main = dict(SEED_DAY["day_main"])
    values[1] = [main.get(day, np.nan) for day, _ in SEED_DAY["day"]]
    return FlowSeries(TENCENT, "test", Period.DAY, made.timestamps, values)


SESSION = date.fromisoformat(SEED_DAY["session"])


def equal_lines(a: FlowSeries, b: FlowSeries) -> bool:
    """Whether two series say exactly the same, line by line (NaN equals NaN)."""
    return np.array_equal(a.timestamps, b.timestamps) and np.array_equal(a.values, b.values, equal_nan=True)
