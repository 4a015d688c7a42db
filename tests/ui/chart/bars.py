"""Bars of days, weeks and months."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from capflow_gui.domain.flow import FlowSeries, Period
from tests.ui import market_day as md


def history(period: Period, count: int = 60) -> FlowSeries:
    rng = np.random.default_rng(3)
    values = np.full((6, count), np.nan)
    values[2:] = rng.standard_normal((4, count)) * 1e8
    values[0] = values[2:].sum(axis=0)
    values[1] = values[2] + values[3]
    first = datetime(2026, 9, 22, tzinfo=md.HK)
    step = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 31}[period]
    days = [first + timedelta(days=step * (n - count + 60)) for n in range(count)]
    stamps = np.array([int(day.timestamp()) for day in days])
    return FlowSeries(md.TENCENT, "opend", period, stamps, values)
