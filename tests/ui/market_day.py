"""A made-up Hong Kong session for chart tests: seeded, with the shapes of a real day."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from capflow_gui.domain.class_flow import ClassFlow
from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.quote import Distribution, Quote
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.typed.level import Level
from capflow_gui.errors import CapflowError
from capflow_gui.feed.board import AlertRecord, AlertState, Freshness, Row

TENCENT = Symbol(Market.HK, "700")
DAY = date(2026, 11, 20)
HK = ZoneInfo("Asia/Hong_Kong")


def at(hour: int, minute: int, second: int = 0, day: date = DAY) -> int:
    """UTC epoch seconds of a Hong Kong clock time."""
    return int(datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=HK).timestamp())


def hk_day(day: date = DAY) -> TradingDay:
    """An ordinary Hong Kong session."""
    periods = ((at(9, 30, day=day), at(12, 0, day=day)), (at(13, 0, day=day), at(16, 0, day=day)))
    return TradingDay(Market.HK, day, "Asia/Hong_Kong", periods)


def us_day() -> TradingDay:
    """An ordinary New York session."""
    zone = ZoneInfo("America/New_York")
    begin = int(datetime(2026, 11, 20, 9, 30, tzinfo=zone).timestamp())
    return TradingDay(Market.US, DAY, zone.key, ((begin, begin + 390 * 60),))


def half_day() -> TradingDay:
    """Hong Kong closing at noon."""
    return TradingDay(Market.HK, DAY, "Asia/Hong_Kong", ((at(9, 30), at(12, 0)),), half=True)


def flow(lines: int = 243, *, day: TradingDay | None = None, seed: int = 7, classes: bool = True) -> FlowSeries:
    """The first `lines` lines of a day that bleeds, then flushes after 13:56."""
    day = day or hk_day()
    rng = np.random.default_rng(seed)
    size = day.minutes + 1
    minute = np.arange(size)
    calm = np.where(minute < 45, 1.8, 0.55)[None, :] * rng.standard_normal((4, size)) * 1e6
    drift = np.zeros((4, size))
    drift[:, 1:25] = np.array([[0.75], [0.55], [1.0], [0.5]]) * 1e6
    drift[:, 25:60] = np.array([[-0.15], [-0.8], [-1.2], [-0.6]]) * 1e6
    drift[:, 60:206] = np.array([[0.12], [-0.22], [-0.12], [-0.02]]) * 1e6
    drift[:, 206:240] = np.array([[-0.1], [-2.5], [-1.7], [-1.5]]) * 1e6
    steps = calm + drift
    steps[:, 0] = 0
    classed = np.round(np.cumsum(steps, axis=1), -1)
    values = np.empty((6, size))
    values[2:] = classed
    values[0] = classed.sum(axis=0)
    values[1] = classed[0] + classed[1]
    if not classes:
        values[1:] = np.nan
    labels = day.labels()[:lines]
    confirmed = np.ones(lines, np.bool_)
    confirmed[-1] = lines == size
    return FlowSeries(
        TENCENT,
        "opend",
        Period.INTRADAY,
        labels.copy(),
        values[:, :lines].copy(),
        last_valid=float(labels[-1]) + 28,
        session=day.day,
        received=float(labels[-1]) + 30,
        confirmed=confirmed,
    )


def row(
    series: FlowSeries | None,
    *,
    day: TradingDay | None = None,
    freshness: Freshness = Freshness.LIVE,
    threshold: Level | None = None,
    alert: AlertRecord | None = None,
    error: CapflowError | None = None,
    flagged: bool = False,
) -> Row:
    """A board row around a series."""
    return Row(
        symbol=TENCENT,
        source="opend",
        name="Tencent Holdings",
        currency="HKD",
        currency_assumed=False,
        series=series,
        day=(day or hk_day()) if series is not None else None,
        quote=Quote(TENCENT, "Tencent Holdings", 412.6, 420.33, 7.06e9, 17_000_000, None, False),
        turnover=7.06e9,
        freshness=freshness,
        flagged=flagged,
        error=error,
        age_s=8.0,
        cycle_s=10.0,
        polled_at=100.0,
        next_poll_at=106.0,
        next_open=None,
        threshold=threshold,
        threshold_own=threshold is not None,
        alert=alert,
    )


def breach(series: FlowSeries, threshold: float) -> AlertRecord:
    """The alert of the first line at or below `threshold`."""
    index = int(np.flatnonzero(series.net <= threshold)[0])
    return AlertRecord(
        id="1",
        source="opend",
        symbol=TENCENT,
        rule=f"net <= {threshold / 1e6:g}M",
        state=AlertState.ACTIVE,
        session=DAY.isoformat(),
        line_time=int(series.timestamps[index]),
        value=float(series.net[index]),
        threshold=threshold,
        raised_at=float(series.timestamps[index]) + 2,
    )


def snapshots(*clocks: tuple[int, int, int], series: FlowSeries | None = None) -> ClassFlow:
    """A source's own three classes at Hong Kong clock times: parts of the net of `series` then."""
    series = series or flow(classes=False)
    told = ClassFlow()
    for clock in clocks:
        net = float(series.net[max(int(np.searchsorted(series.timestamps, at(*clock), side="right")) - 1, 0)])
        money = {"large": 2e9 + 0.6 * net, "medium": 1e9 + 0.3 * net, "small": 1e9 + 0.1 * net}
        told = told.joined(Distribution(TENCENT, None, money, {"large": 2e9, "medium": 1e9, "small": 1e9}), at(*clock))
    return told
