from __future__ import annotations

import numpy as np
import pytest

from capflow_gui.domain.class_flow import ClassFlow
from capflow_gui.domain.quote import Distribution
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market
from capflow_gui.paths import resource
from tests.unit.domain.lines import SESSION, TENCENT, hong_kong

CALENDAR = Calendar.from_json(resource("sessions.json").read_bytes())


def told(large: float | None, medium: float | None = 3.0, small: float | None = 1.0) -> Distribution:
    """What went in; a quarter of it went out."""
    inflow = {"extra_large": None, "large": large, "medium": medium, "small": small}
    return Distribution(TENCENT, None, inflow, {name: each and each / 4 for name, each in inflow.items()})


def test_snapshots_are_kept_in_their_order_and_one_of_the_same_second_replaces() -> None:
    flow = ClassFlow().joined(told(4.0), 100.0).joined(told(8.0), 160.0)
    assert flow.times.tolist() == [100.0, 160.0]
    assert flow.net.tolist() == [[3.0, 6.0], [2.25, 2.25], [0.75, 0.75]]
    assert flow.joined(told(12.0), 160.0).net[0].tolist() == [3.0, 9.0]
    assert flow.joined(told(1.0), 99.0) is flow


def test_a_missing_class_is_missing_and_the_rest_still_counts() -> None:
    flow = ClassFlow().joined(told(None), 100.0).joined(told(None, None, None), 160.0)
    assert np.isnan(flow.net[0]).all()
    money_in, money_out = flow.totals
    assert (money_in[0], money_out[0]) == (4.0, 1.0)
    assert np.isnan([money_in[1], money_out[1]]).all()


@pytest.mark.parametrize(
    ("clock", "index"),
    [("09:30:00", 0), ("09:31:59", 1), ("11:59:30", 149), ("12:30:00", 150), ("13:00:30", 150), ("16:08:00", 330)],
)
def test_a_snapshot_stands_in_the_minute_it_was_taken_in(clock: str, index: int) -> None:
    day = CALENDAR.day(Market.HK, SESSION)
    assert day is not None
    axis, places = ClassFlow().joined(told(4.0), hong_kong(f"{SESSION}T{clock}")).on_axis(day)
    assert (axis.tolist(), places.tolist()) == ([index], [0])


def test_the_newest_snapshot_of_a_minute_stands() -> None:
    day = CALENDAR.day(Market.HK, SESSION)
    assert day is not None
    flow = ClassFlow()
    for clock in ("10:00:05", "10:00:50", "10:02:10"):
        flow = flow.joined(told(4.0), hong_kong(f"{SESSION}T{clock}"))
    axis, places = flow.on_axis(day)
    assert (axis.tolist(), places.tolist()) == ([30, 32], [1, 2])
    assert [each.tolist() for each in ClassFlow().on_axis(day)] == [[], []]


def test_totals_count_every_class_the_source_gives() -> None:
    side = {"extra_large": 10.0, "large": 4.0, "medium": 3.0, "small": float("nan")}
    flow = ClassFlow().joined(Distribution(TENCENT, None, side, {"small": 2.0}), 100.0)
    assert flow.totals.tolist() == [[17.0], [2.0]]
