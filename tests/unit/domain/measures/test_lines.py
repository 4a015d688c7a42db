from __future__ import annotations

import math

import numpy as np
import pytest
from msgspec.structs import replace

from capflow_gui.domain.flow import Flag, FlowSeries
from capflow_gui.domain.measures.lines import usable_lines
from capflow_gui.reason import Code, Reason
from tests.unit.domain.test_alert import DAY, run, series


def test_confirmed_and_unflagged_lines_with_a_figure_are_usable() -> None:
    day = series(run(0, 1, math.nan, 3, 3, 2), unconfirmed={5}, flagged={1: Flag.SUM})
    lines = usable_lines(day, DAY, "net")
    assert lines.places.tolist() == [0, 3, 4]
    assert lines.labels.tolist() == [DAY.label(each) for each in (0, 3, 4)]
    assert lines.figures.tolist() == [0.0, 3e6, 3e6]
    assert (lines.unknown, lines.missing, lines.has_moved) == (None, False, True)
    assert lines.moved.tolist() == [0, DAY.label(3), DAY.label(3)]
    assert usable_lines(day, DAY, "net") is lines


def test_a_line_that_is_flagged_is_not_usable_where_the_flags_of_the_whole_reply_are_not_known() -> None:
    told = replace(series(run(0, 1, 2), flagged={1: Flag.TURNOVER}), flags=Flag.NONE)
    assert usable_lines(told, DAY, "net").places.tolist() == [0, 2]


@pytest.mark.parametrize("figures", [(0, 1, 1, 3, 3), (2, 2, 2), (0, 0), (5, 4, 4)])
def test_when_money_had_last_moved_is_the_same_for_one_line_as_for_all(figures: tuple[float, ...]) -> None:
    lines = usable_lines(series(run(*figures)), DAY, "net")
    assert [lines.moved_by(place) for place in range(len(figures))] == lines.moved.tolist()


def test_a_drawdown_is_from_the_highest_so_far() -> None:
    assert usable_lines(series(run(1, 3, 2, 5, 1)), DAY, "net").drawdowns.tolist() == [0.0, 0.0, 1e6, 0.0, 4e6]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (series(run(0, 0), flagged={1: Flag.SUM}), Reason.of(Code.NEWEST_FLAGGED, flags=int(Flag.SUM))),
        (series(run(0, math.nan)), Reason.of(Code.NEWEST_MISSING, metric="net")),
        (replace(series(run(0, 0)), timestamps=DAY.labels()[:2] - 3600), Reason.of(Code.NEWEST_OUTSIDE)),
        (series({}), None),
    ],
)
def test_why_the_newest_line_does_not_count(told: FlowSeries, why: Reason | None) -> None:
    lines = usable_lines(told, DAY, "net")
    assert (lines.unknown, lines.missing, lines.has_moved) == (why, False, False)


def test_without_any_figure_of_the_metric_no_line_is_usable() -> None:
    lines = usable_lines(series(run(math.nan, math.nan)), DAY, "net")
    assert lines.missing
    assert lines.unknown is not None
    assert lines.unknown.code is Code.NO_METRIC
    assert not np.any(lines.figures)
