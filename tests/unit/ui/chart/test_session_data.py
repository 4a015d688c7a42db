"""What a chart draws of lines whose figures cannot be."""

from __future__ import annotations

import msgspec
import numpy as np

from capflow_gui.domain.flow import NET, Flag, FlowSeries
from capflow_gui.ui.chart.session_data import session_data
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
    assert np.flatnonzero(~data.sound).tolist() == [30]


def test_a_line_beyond_the_turnover_is_drawn_and_has_no_steps() -> None:
    data = session_data(flagged(Flag.TURNOVER, 57, 58, 59, amount=-11.2e9), hk_day())
    assert data.values[NET, 57:60].tolist() == [-11.2e9] * 3
    assert np.isnan(data.deltas[:, 57:60]).all()
    assert np.isfinite(data.deltas[NET, 1:57]).all()
    assert data.last == 59
