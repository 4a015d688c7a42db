"""What a chart draws of lines whose figures cannot be."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from capflow_gui.domain.flow import NET, Flag, FlowSeries
from capflow_gui.ui.chart.session_data import session_data
from tests.ui import market_day as md
from tests.ui.market_day import flow, hk_day


def flagged(flag: Flag, *lines: int, amount: float) -> FlowSeries:
    series = flow(60)
    values, flags = series.values.copy(), series.line_flags.copy()
    values[:, list(lines)] = amount
    flags[list(lines)] = flag.value
    return msgspec.structs.replace(series, values=values, line_flags=flags, flags=flag)


def test_a_line_beyond_any_market_is_missing_and_so_are_the_steps_at_it() -> None:
    data = session_data(flagged(Flag.BEYOND, 30, amount=1.7e308), hk_day())
    assert np.isnan(data.values[:, 30]).all()
    assert np.flatnonzero(np.isnan(data.deltas[NET, 1:60])).tolist() == [29, 30]
    assert data.sound is not None
    assert np.flatnonzero(~data.sound).tolist() == [30]


def test_a_line_beyond_the_turnover_is_drawn_and_has_no_steps() -> None:
    data = session_data(flagged(Flag.TURNOVER, 57, 58, 59, amount=-11.2e9), hk_day())
    assert data.values[NET, 57:60].tolist() == [-11.2e9] * 3
    assert np.isnan(data.deltas[:, 57:60]).all()
    assert np.isfinite(data.deltas[NET, 1:57]).all()
    assert data.last == 59


def test_a_gap_is_one_step_outside_the_per_minute_figures() -> None:
    """The example of domain rule 1: 09:30 to 09:33, then 09:35 and 10:46."""
    day = md.hk_day()
    keep = np.array([0, 1, 2, 3, 5, 76])
    series = md.flow(77)
    part = type(series)(
        series.symbol,
        series.source,
        series.period,
        series.timestamps[keep].copy(),
        series.values[:, keep].copy(),
    )
    data = session_data(part, day)
    assert [(gap.anchor, gap.end, gap.minutes) for gap in data.gaps] == [(3, 5, 2), (5, 76, 71)]
    assert np.isnan(data.deltas[0, 76])
    assert data.gap_at(76) is data.gaps[1]
    assert data.gaps[1].delta[0] == pytest.approx(series.net[76] - series.net[5])
    assert data.deltas[0, 2] == pytest.approx(series.net[2] - series.net[1])
