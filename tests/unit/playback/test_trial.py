from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from capflow_gui.archive.heads import Heads
from capflow_gui.archive.model import DayKey, Outage
from capflow_gui.archive.reader import open_archive
from capflow_gui.archive.schema import FILE_NAME, SCHEMA
from capflow_gui.domain.alert import level_rule, parse_rule
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Level, Share
from capflow_gui.playback.dry_run import Outcome, dry_run
from capflow_gui.playback.trial import Trial, TriedDay, try_rule
from capflow_gui.present.check_lines import expectation_words, trial_words
from capflow_gui.reason import Code, Reason
from capflow_gui.storage.database import Database
from tests.unit.archive.files import damage
from tests.unit.playback.files import keep
from tests.unit.playback.recorded import CALENDAR, TENCENT, Poll, reply, simulated_polls

OTHER = Symbol.parse("941.HK")


def falling(
    session: date, *, lines: int = 331, turnover: float | None = 1e9, source: str = "opend"
) -> tuple[TradingDay, list[Poll]]:
    """A session in which net falls by a million a minute from zero, polled once every hundred lines."""
    day = CALENDAR.day(TENCENT.market, session)
    assert day is not None
    labels, polls = day.labels(), list[Poll]()
    values = np.full((6, len(labels)), np.nan)
    values[0] = -1e6 * np.arange(len(labels))
    for count in (1, 101, 201, min(301, lines), lines):
        at = float(labels[count - 1]) + 400
        raw = reply(labels[:count], values[:, :count], at - 60, DayKey(source, TENCENT, session))
        polls.append(Poll(at, raw, None if turnover is None else Turnover(turnover, at - 60)))
    return day, polls


def days_of(first: date, count: int) -> list[date]:
    found, day = list[date](), first.toordinal()
    while len(found) < count:
        if CALENDAR.day(TENCENT.market, date.fromordinal(day)) is not None:
            found.append(date.fromordinal(day))
        day += 1
    return found


def tried(data: Path, level: Level | str, *symbols: Symbol) -> Trial:
    rule = parse_rule(level) if isinstance(level, str) else level_rule(level)
    with open_archive(data) as archive:
        return try_rule(archive, symbols, rule)


def test_the_last_ten_sessions_say_where_a_level_would_have_alerted(tmp_path: Path) -> None:
    sessions = days_of(date(2022, 6, 8), 12)
    keep(tmp_path, *(falling(each) for each in sessions))
    trial = tried(tmp_path, -150e6, TENCENT)
    assert trial.symbols == 1
    assert [each.day.day for each in trial.days] == sessions[2:]
    for each in trial.days:
        assert each.fired == [(int(each.day.labels()[150]), -150e6)]
        assert (each.raised, each.symbols, each.complete) == (1, 1, True)
        assert each.values.tolist() == [-1e6 * place for place in range(331)]


def test_a_share_is_drawn_as_one_where_turnover_was_known(tmp_path: Path) -> None:
    known, unknown = days_of(date(2022, 6, 8), 2)
    keep(tmp_path, falling(known), falling(unknown, turnover=None))
    first, second = tried(tmp_path, Share(-0.15), TENCENT).days
    assert first.values[-1] == pytest.approx(-0.33)
    assert len(second.values) == len(second.labels) == 0
    assert [reason.code for reason in second.unjudged] == [Code.TURNOVER_UNKNOWN]
    assert (second.missed, second.partly) == (1, 0)


@pytest.mark.parametrize(("age_s", "raised"), [(120.0, 1), (400.0, 0)], ids=["fresh", "stale"])
def test_stale_figures_would_have_alerted_nobody(tmp_path: Path, age_s: float, raised: int) -> None:
    day, polls = falling(date(2022, 6, 8), lines=300)
    newest = polls[-1].raw
    true_at = float(newest.timestamps[-1])
    raw = replace(newest, last_valid=true_at)
    keep(tmp_path, (day, [Poll(true_at + age_s + 30.0 * turn, raw, None) for turn in range(5)]))
    with closing(Database.open(tmp_path / FILE_NAME, SCHEMA, simulated=False)) as database:
        outage = Outage("opend", TENCENT, true_at + 180.0, None, Reason.of(Code.TIME_STANDS))
        Heads().store(database, {}, [], [outage])
    (tried_day,) = tried(tmp_path, -150e6, TENCENT).days
    assert (tried_day.raised, len(tried_day.fired), tried_day.unjudged) == (raised, raised, [])


@pytest.mark.parametrize(
    ("rule", "first", "last", "fired"),
    [
        ("*: net change 5m <= -5M", (5, -5e6), (330, -5e6), [5]),
        ("*: net drawdown >= 150M", (0, 0.0), (330, 330e6), [150]),
        ("*: net crosses -20M band 5M", (0, 0.0), (330, -330e6), [26]),
        ("*: net <= -100M skip first 200m", (0, 0.0), (330, -330e6), [200]),
    ],
)
def test_what_a_rule_measures_is_drawn_with_where_it_would_have_alerted(
    tmp_path: Path, rule: str, first: tuple[int, float], last: tuple[int, float], fired: list[int]
) -> None:
    keep(tmp_path, falling(date(2022, 6, 8)))
    (day,) = tried(tmp_path, rule, TENCENT).days
    labels = day.day.labels().tolist()
    drawn = [(labels.index(label), value) for label, value in zip(day.labels.tolist(), day.values, strict=True)]
    assert (drawn[0], drawn[-1]) == (first, last)
    assert [labels.index(label) for label, _ in day.fired] == fired


def test_what_is_unusual_is_tried_by_the_sessions_before_each(tmp_path: Path) -> None:
    keep(tmp_path, *(falling(each) for each in days_of(date(2022, 6, 8), 12)))
    days = tried(tmp_path, "*: net change 5m unusual 3 floor 4M", TENCENT).days
    unjudged = [[reason.code for reason in day.unjudged] for day in days]
    assert unjudged == [[Code.NEEDS_SESSIONS]] * 8 + [[], []]
    assert [(day.missed, day.partly) for day in days] == [(1, 0)] * 8 + [(0, 0)] * 2
    # Every change was the same before: the floor alone decides, and the figure is as far beyond the level.
    assert [len(day.fired) for day in days] == [0] * 8 + [1, 1]
    assert float(days[-1].values[-1]) == pytest.approx(3 * 5 / 4)


def test_of_many_symbols_alerts_are_counted_and_nothing_is_drawn(tmp_path: Path) -> None:
    session = date(2022, 6, 8)
    keep(
        tmp_path,
        falling(session),
        simulated_polls(OTHER, every_s=600.0, end_s=1500.0),
        falling(date(2022, 6, 9), lines=300),
    )
    trial = tried(tmp_path, -150e6, TENCENT, OTHER, Symbol.parse("5.HK"))
    first, second = trial.days
    assert (trial.symbols, first.symbols, second.symbols) == (2, 2, 1)
    assert (first.complete, second.complete) == (True, False)
    assert len(first.values) == 0
    with open_archive(tmp_path) as archive:
        found = [
            each
            for summary, final in archive.finals(start=session, end=session)
            for each in dry_run(level_rule(-150e6, summary.key.symbol), summary, final)
        ]
    assert first.raised == sum(each.outcome is Outcome.RAISED for each in found)


def test_a_session_of_two_sources_is_tried_once_where_it_is_complete(tmp_path: Path) -> None:
    first, second = days_of(date(2022, 6, 8), 2)
    keep(
        tmp_path,
        falling(first, source="longport"),
        falling(first, lines=300),
        falling(second, lines=300, source="longport"),
        falling(second),
    )
    days = tried(tmp_path, -320e6, TENCENT).days
    assert [(each.day.day, each.symbols, each.raised) for each in days] == [(first, 1, 1), (second, 1, 1)]


def test_nothing_recorded_is_nothing_tried_and_a_trial_nobody_wants_ends(tmp_path: Path) -> None:
    keep(tmp_path, *(falling(each) for each in days_of(date(2022, 6, 8), 3)))
    assert tried(tmp_path, -1e6, OTHER).days == []
    turns = iter([True, True, False])
    with open_archive(tmp_path) as archive:
        days: Sequence[TriedDay] = try_rule(archive, [TENCENT], level_rule(-1e6), lambda: next(turns)).days
    assert len(days) == 1


def test_damaged_entries_of_the_sessions_tried_are_named(tmp_path: Path) -> None:
    """Those of sessions before are not: nobody would have tried the rule on them."""
    sessions = days_of(date(2022, 6, 8), 13)
    keep(tmp_path, *(falling(each) for each in sessions))
    for session in (sessions[0], sessions[-1]):
        damage(tmp_path / FILE_NAME, f"UPDATE day SET zone = 'Mars' WHERE session = '{session}'")  # noqa: S608 - ours
    trial = tried(tmp_path, -150e6, TENCENT)
    said = f"700.HK at OpenD, session {sessions[-1]}: its entry is damaged."
    assert trial_words(trial) == f"It would have alerted 10 times in the last 10 recorded sessions. {said}"
    assert expectation_words(trial).endswith(f" a day. {said}")
    damage(tmp_path / FILE_NAME, "UPDATE day SET zone = 'Mars'")
    words = trial_words(tried(tmp_path, -150e6, TENCENT))
    assert words.startswith(f"No session is recorded to try it on. {said} ")
    assert words.endswith(" So are 10 more: capflow archive verify names them.")


def test_on_a_session_that_cannot_be_read_a_rule_could_not_be_judged(tmp_path: Path) -> None:
    sound, broken = days_of(date(2022, 6, 8), 2)
    keep(tmp_path, falling(sound), falling(broken))
    for table in ("state", "head"):
        damage(tmp_path / FILE_NAME, f"UPDATE {table} SET body = x'00' WHERE day = 2")  # noqa: S608 - names of ours
    trial = tried(tmp_path, -150e6, TENCENT)
    assert [(each.day.day, each.raised, len(each.unjudged)) for each in trial.days] == [(sound, 1, 0), (broken, 0, 1)]
    assert trial_words(trial) == "It would have alerted once in the recorded session; not judged: 1."
