"""What a recorded session's states say of its source."""

from __future__ import annotations

import msgspec
import numpy as np

from capflow_gui.archive.model import Gap, State, state_of
from capflow_gui.archive.quality import quality_of, revisions
from capflow_gui.domain.flow import Flag, FlowSeries
from tests.ui.recorded_days import cut, flagged, recorded


def test_a_confirmed_line_that_changes_is_a_revision_with_both_figures() -> None:
    session = recorded()
    found = revisions(session.states)
    assert [(each.label, round(each.before - each.after)) for each in found] == [
        (int(session.series.timestamps[60]), 2_400_000)
    ]
    assert found[0].received == session.states[1].received


def test_a_provisional_line_may_change_without_being_revised() -> None:
    series = recorded().series
    early, late = cut(series, 90, 1e9), cut(series, 91, 2e9)
    moved = early.values.copy()
    moved[0, -1] += 5e6
    early = msgspec.structs.replace(early, values=moved, confirmed=np.arange(90) < 89)
    assert revisions(states_of_pair(early, late)) == []


def states_of_pair(early: FlowSeries, late: FlowSeries) -> list[State]:
    first = state_of(None, early, poll=1, wall=0.0, turnover=None, old_turnover=None)
    second = state_of(early, late, poll=2, wall=1.0, turnover=None, old_turnover=None)
    assert first is not None
    assert second is not None
    return [first, second]


def test_a_line_that_goes_and_comes_back_is_no_revision_of_another() -> None:
    """Places move when a line is missing in one reply: figures are compared by label."""
    series = cut(recorded().series, 100, 1e9)
    keep = np.arange(100) != 40
    holed = msgspec.structs.replace(
        series,
        timestamps=series.timestamps[keep],
        values=series.values[:, keep],
        confirmed=series.confirmed[keep],
        line_flags=series.line_flags[keep],
        received=2e9,
    )
    assert revisions(states_of_pair(series, holed)) == []
    assert revisions(states_of_pair(holed, msgspec.structs.replace(series, received=3e9))) == []


def test_a_gap_is_healed_by_the_next_reply() -> None:
    session = recorded()
    gap = session.gaps[0]
    quality = quality_of(session.summary, session.series, session.states, session.gaps)
    (hole,) = quality.holes
    assert (hole.start, hole.end) == (gap.start, gap.end)
    assert hole.healed == min(state.received for state in session.states if state.received >= gap.end)


def test_a_gap_to_the_end_is_not_healed_and_others_are_not_this_session_s() -> None:
    session = recorded()
    open_end = Gap("opend", float(session.summary.day.close) - 60, float(session.summary.day.close) + 7200)
    other = Gap("longport", open_end.start, open_end.end)
    before = Gap("opend", float(session.summary.day.open) - 7200, float(session.summary.day.open))
    early = [state for state in session.states if state.received < open_end.start]
    quality = quality_of(session.summary, session.series, early, (open_end, other, before))
    assert [(hole.end, hole.healed) for hole in quality.holes] == [(float(session.summary.day.close), None)]


def test_without_states_the_newest_reply_of_the_summary_heals() -> None:
    session = recorded()
    quality = quality_of(session.summary, session.series, (), session.gaps)
    assert not quality.journal
    assert quality.holes[0].healed == session.summary.last_received


def test_missing_minutes_and_flagged_lines_are_counted() -> None:
    session = flagged(recorded())
    keep = np.arange(331) != 50
    holed = msgspec.structs.replace(
        session.series,
        timestamps=session.series.timestamps[keep],
        values=session.series.values[:, keep],
        confirmed=session.series.confirmed[keep],
        line_flags=session.series.line_flags[keep],
    )
    quality = quality_of(session.summary, holed, session.states, ())
    assert (quality.lines, quality.missing, quality.flags) == (330, 1, Flag.SUM)
    assert [line.flags for line in quality.flagged] == [Flag.SUM]
