"""Sessions out of the ordinary, recorded in a file and read again: live, replay and dry run say the same of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.archive import open_archive
from capflow_gui.archive.model import DayKey
from capflow_gui.domain.alert import parse_rule
from capflow_gui.domain.flow import Flag, FlowSeries
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Symbol
from capflow_gui.playback.player import Player
from capflow_gui.playback.recording import Recording
from tests.unit.playback.files import keep
from tests.unit.playback.recorded import (
    CALENDAR,
    KEY,
    OPEN,
    SHORT_DAY,
    Poll,
    finished,
    live,
    reply,
    simulated_polls,
    told,
    tried_on,
)

RULES = [parse_rule(f"*: {text}") for text in ("net <= 0", "net change 5m <= -1", "net crosses 0", "main <= 0")]


def three_ways(data: Path, day: TradingDay, polls: list[Poll], key: DayKey) -> FlowSeries:
    """Record the day in a file, and compare; its final lines as they are read from there."""
    keep(data, (day, polls))
    with open_archive(data) as archive:
        (summary,) = archive.sessions(key.symbol, start=key.session, end=key.session)
        found = archive.day(key.symbol, key.session)
        assert found is not None
        states, final, faults = found.states(), found.final(), list(archive.verify())
    assert faults == []
    assert (summary.key, summary.day) == (key, day)
    expected = told(live(polls, day, RULES, key).events)
    player = Player([Recording(key, day, states)], calendar=CALENDAR, rules=RuleTable(rules=RULES))
    assert told(player.play_to(player.end)) == expected
    said = [each for rule in RULES for each in tried_on(rule, summary, final)]
    assert sorted(said, key=repr) == sorted(finished(expected), key=repr)
    return final.series


@pytest.mark.parametrize(
    ("symbol", "session", "minutes"),
    [
        ("AAPL.US", date(2026, 3, 6), 390),  # the clocks of New York change in the night to Sunday
        ("AAPL.US", date(2026, 3, 9), 390),
        ("AAPL.US", date(2025, 11, 3), 390),
        ("AAPL.US", date(2025, 11, 28), 210),
        ("700.HK", date(2025, 12, 24), 150),
    ],
)
def test_half_days_and_days_beside_a_change_of_the_clocks(
    tmp_path: Path, symbol: str, session: date, minutes: int
) -> None:
    """A session of New York lies on both sides of midnight for a computer in Hong Kong."""
    day, polls = simulated_polls(Symbol.parse(symbol), session=session, every_s=300.0)
    assert day.minutes == minutes
    series = three_ways(tmp_path, day, polls, DayKey("opend", Symbol.parse(symbol), session))
    assert series.confirmed[:-1].all()
    assert int(series.timestamps[-1]) == day.close


def test_a_session_of_one_line(tmp_path: Path) -> None:
    values = np.full((6, 1), np.nan)
    values[0] = -5.0
    polls = [Poll(OPEN + at, reply(SHORT_DAY.labels()[:1], values, OPEN + at), None) for at in (30.0, 90.0, 150.0)]
    assert len(three_ways(tmp_path, SHORT_DAY, polls, KEY)) == 1


@pytest.mark.parametrize("what", ["sums that differ", "off the minutes"])
def test_a_session_of_which_every_line_is_flagged(tmp_path: Path, what: str) -> None:
    labels, values, polls = SHORT_DAY.labels(), np.full((6, 10), -5.0), list[Poll]()
    if what == "off the minutes":
        labels = labels + 7
    for count in range(1, 11):
        at = float(labels[count - 1]) + 20.0
        polls.append(Poll(at, reply(labels[:count], values[:, :count], at), None))
    series = three_ways(tmp_path, SHORT_DAY, polls, KEY)
    assert series.line_flags.all()
    assert series.flags & (Flag.SUM | Flag.GRID)
