from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.archive.model import DayKey, Outage, apply
from capflow_gui.domain.alert import Rule, parse_rule
from capflow_gui.domain.flow import Flag, FlowSeries
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.events import AlertEvent, FlowEvent
from capflow_gui.playback.player import PlayedEvent, Player, raises
from capflow_gui.playback.recording import Recording
from capflow_gui.present.watch_lines import to_json
from capflow_gui.reason import Code, Reason
from tests.unit.alerts.shelf import Shelf, StoreInMemory
from tests.unit.playback.recorded import (
    AMOUNTS,
    CALENDAR,
    OPEN,
    SESSION,
    SHORT_DAY,
    TENCENT,
    Poll,
    any_polls,
    any_rule,
    live,
    recorded,
    reply,
    simulated_polls,
    told,
    usual_of,
)


@settings(max_examples=80)
@given(any_polls(), any_rule())
def test_a_replay_says_what_live_did(polls: list[Poll], rule: Rule) -> None:
    rules = RuleTable(rules=[rule])
    player = Player([recorded(polls, SHORT_DAY)], calendar=CALENDAR, rules=rules, usual=usual_of(rule))
    assert told(player.play_to(player.end)) == told(live(polls, SHORT_DAY, [rule]).events)


def replayed(recording: Recording) -> list[tuple[FlowSeries, FlowSeries]]:
    """Each reply as it was judged when it was recorded, and as it is judged when it is played."""
    played, found, kept = player(recording), [], None
    shown = iter(event.series for event in played.play_to(played.end) if isinstance(event, FlowEvent) and event.replied)
    for state in recording.states:
        kept = apply(recording.key, kept, state)
        found.append((kept, next(shown)))
        if state.same:
            found.append((kept, next(shown)))
    return found


@settings(max_examples=60)
@given(any_polls())
def test_replies_are_judged_once_more_as_they_were(polls: list[Poll]) -> None:
    for kept, now in replayed(recorded(polls, SHORT_DAY)):
        assert np.array_equal(kept.values, now.values, equal_nan=True)
        for name in ("timestamps", "line_flags", "confirmed"):
            assert np.array_equal(getattr(kept, name), getattr(now, name))
        assert (kept.flags, kept.last_valid, kept.session) == (now.flags, now.last_valid, now.session)


def test_a_recorded_judgement_that_is_not_todays_is_not_played() -> None:
    recording = day_of((3, -30e6))
    nothing = np.zeros(0, np.int64)
    other = [replace(state, flags=Flag.SUM, confirmed=nothing) for state in recording.states]
    recording = dataclasses.replace(recording, states=other)
    kept, now = replayed(recording)[-1]
    assert (kept.flags, kept.confirmed.any()) == (Flag.SUM, False)
    assert (now.flags, now.confirmed[:-1].all()) == (Flag.NONE, True)
    played = player(recording, rules=("*: net <= -20M",))
    assert [each[1] for each in told(played.play_to(played.end))] == ["raised"]


def test_what_was_found_out_of_other_figures_is_played_as_it_was() -> None:
    recording = day_of((3, -30e6), until=300.0)
    recording = dataclasses.replace(recording, states=[replace(state, flags=Flag.SCALE) for state in recording.states])
    assert {now.flags for _, now in replayed(recording)} == {Flag.SCALE}
    played = player(recording, rules=("*: net <= -20M",))
    assert [each[1] for each in told(played.play_to(played.end))] == ["blocked"]


def test_an_infinite_amount_is_still_beyond_any_market() -> None:
    labels, values = SHORT_DAY.labels()[:4], np.zeros((6, 4))
    values[2:, 1] = np.inf
    (kept, now), *_ = replayed(recorded([Poll(OPEN + 300.0, reply(labels, values, OPEN + 300.0), None)], SHORT_DAY))
    assert now.flags == kept.flags == Flag.BEYOND
    assert not np.isinf(now.values).any()


def test_a_newer_turnover_is_no_reply() -> None:
    labels, values = SHORT_DAY.labels()[:4], np.full((6, 4), np.nan)
    values[0] = 5e6
    first = recorded([Poll(OPEN + 300.0, reply(labels, values, None), Turnover(9e6, OPEN + 290.0))], SHORT_DAY)
    (state,) = first.states
    again = replace(
        state,
        turnover=Turnover(2e6, OPEN + 290.0),
        places=np.zeros(0, np.int64),
        labels=np.zeros(0, np.int64),
        values=np.zeros((6, 0)),
        flag_places=np.arange(4),
        line_flags=np.full(4, Flag.TURNOVER.value, np.uint16),
        flags=Flag.TURNOVER,
    )
    second = [now for _, now in replayed(dataclasses.replace(first, states=[state, again]))]
    assert [now.flags for now in second] == [Flag.NONE, Flag.TURNOVER]
    played = player(dataclasses.replace(first, states=[state, again]))
    assert played.turnover(first.key) is None
    played.play_to(played.end)
    assert played.turnover(first.key) == again.turnover
    # A second reply would have confirmed what it repeats.
    assert not second[-1].confirmed.any()


def player(*recordings: Recording, rules: tuple[str, ...] = ()) -> Player:
    return Player(recordings, calendar=CALENDAR, rules=RuleTable(rules=[parse_rule(rule) for rule in rules]))


def facts(events: list[PlayedEvent]) -> list[str]:
    """Everything that is told, as a line each."""
    return [to_json(event, CALENDAR) for event in events]


def day_of(*changes: tuple[float, float], until: float = 900.0) -> Recording:
    """The short day polled every half minute: net is 0, and another amount from each minute on."""
    grid = SHORT_DAY.labels()
    values = np.full((6, len(grid)), np.nan)
    values[0] = 0.0
    for minute, amount in changes:
        values[0, int(minute) :] = amount
    polls = []
    for at in np.arange(OPEN + 5.0, OPEN + until, 30.0).tolist():
        size = int(np.count_nonzero(grid < at + 60))
        polls.append(Poll(at, reply(grid[:size], values[:, :size].copy(), min(at, float(SHORT_DAY.close))), None))
    return recorded(polls, SHORT_DAY)


def test_what_is_told_is_the_same_each_time() -> None:
    day, polls = simulated_polls(scenario="calm")
    played = [player(recorded(polls, day), rules=("*: net change 5m <= -20M",)) for _ in range(2)]
    first, second = (facts(each.play_to(each.end)) for each in played)
    assert first == second
    assert sum('"raised"' in line for line in first) > 3


def test_going_back_tells_the_same_once_more() -> None:
    played = player(day_of((3, -30e6), (8, 0.0)), rules=("*: net <= -20M",))
    whole = facts(played.play_to(played.end))
    middle = facts(played.seek(OPEN + 300.0))
    assert played.now == OPEN + 300.0
    assert 0 < len(middle) < len(whole)
    assert middle + facts(played.play_to(played.end)) == whole


def test_time_can_be_cut_anywhere() -> None:
    day, polls = simulated_polls(every_s=45.0)
    whole, cut = (player(recorded(polls, day), rules=("*: net change 5m <= -20M",)) for _ in range(2))
    found: list[PlayedEvent] = []
    while not cut.is_over:
        found += cut.step_minute()
        assert cut.now % 60 == 0
    assert facts(found) == facts(whole.play_to(whole.end))


def test_three_hundred_symbols_at_120_times_lose_nothing_and_stall_for_one_moment_at_most() -> None:
    """A turn of the window is 100 ms, twelve seconds at 120×; it may end after each step, and goes on there."""
    states = day_of((1, -30e6)).states[:2]
    recordings = [
        Recording(
            DayKey("opend", Symbol(Market.HK, str(1000 + number)), SESSION),
            SHORT_DAY,
            [replace(each, received=each.received + number / 20) for each in states],
        )
        for number in range(300)
    ]
    whole, cut = (player(*recordings, rules=("*: net <= -20M",)) for _ in range(2))
    found: list[PlayedEvent] = []
    most = 0
    while not cut.is_over:
        until = cut.now + 12.0
        while cut.now < until:
            steps: list[str] = []
            found += cut.play_on(until, lambda _happened, revised, steps=steps: steps.append(revised) is None)
            most = max(most, len(steps))
    assert most == 1
    assert facts(found) == facts(whole.play_to(whole.end))
    replies = Counter(event.symbol for event in found if isinstance(event, FlowEvent) and event.replied)
    assert sorted(replies.values()) == [len(states)] * 300


def to_alert(run: Player) -> list[PlayedEvent]:
    return run.play_on(run.end, lambda happened, _revised: raises(happened))


def to_revision(run: Player) -> list[PlayedEvent]:
    return run.play_on(run.end, lambda _happened, revised: bool(revised))


def test_it_stops_at_the_next_alert() -> None:
    played = player(day_of((3, -30e6), (5, 0.0), (9, -30e6)), rules=("*: net <= -20M",))
    assert [each[2] for each in told(to_alert(played)) if each[1] == "raised"] == [OPEN + 180]
    assert OPEN + 180 < played.now < OPEN + 300
    assert [each[2] for each in told(to_alert(played)) if each[1] == "raised"] == [OPEN + 540]
    assert not raises(to_alert(played))
    assert (played.now, played.is_over) == (played.end, True)


def test_it_stops_at_the_next_revision() -> None:
    values = np.zeros((6, 4))
    values[2:] = np.nan
    revised = values.copy()
    revised[0, 1] = 5e6
    labels = SHORT_DAY.labels()[:4]
    polls = [
        Poll(OPEN + 300.0 + 30 * i, reply(labels, each, OPEN + 300.0), None)
        for i, each in enumerate((values, values, revised, revised))
    ]
    played = player(recorded(polls, SHORT_DAY))
    to_revision(played)
    assert played.now == OPEN + 360.0
    to_revision(played)
    assert played.is_over


def test_replies_that_said_the_same_are_one_event_that_stands_for_all() -> None:
    labels, values = SHORT_DAY.labels()[:4], np.zeros((6, 4))
    polls = [Poll(OPEN + 300.0 + 30 * i, reply(labels, values, OPEN + 300.0), None) for i in range(4)]
    played = player(recorded(polls, SHORT_DAY))
    flows = [event for event in played.play_to(played.end) if isinstance(event, FlowEvent)]
    assert [(event.at - OPEN, event.unchanged, event.conflated) for event in flows] == [
        (300.0, False, 0),
        (390.0, True, 2),
    ]
    assert flows[1].series.received == OPEN + 390.0


def test_a_source_whose_time_stood_is_said_to_be_no_judge_of_the_rules() -> None:
    labels, values = SHORT_DAY.labels()[:4], np.zeros((6, 4))
    polls = [Poll(OPEN + 200.0 + 10 * i, reply(labels, values, OPEN + 200.0), None) for i in range(40)]
    outage = Outage("opend", TENCENT, OPEN + 420.5, OPEN + 580.0, Reason.of(Code.TIME_STANDS))
    played = player(recorded(polls, SHORT_DAY, outages=[outage]), rules=("*: net <= -20M",))
    events = played.play_to(played.end)
    said = [event for event in events if isinstance(event, AlertEvent)]
    assert [(event.change, event.at - OPEN) for event in said] == [("blocked", 420.5), ("judged_again", 580.0)]
    assert [event.freshness for event in events if isinstance(event, FlowEvent)][-1] is Freshness.STALE


def test_a_recording_that_stopped_in_mid_session_ends_no_alert() -> None:
    stopped = player(day_of((3, -30e6)), rules=("*: net <= -20M",))
    assert [each[1] for each in told(stopped.play_to(stopped.end))] == ["raised"]
    whole = player(day_of((3, -30e6), until=2700.0), rules=("*: net <= -20M",))
    assert [each[1] for each in told(whole.play_to(whole.end))] == ["raised", "cleared"]


def test_sources_and_symbols_are_played_in_the_order_of_their_replies() -> None:
    day, mine = simulated_polls(every_s=60.0)
    _, others = simulated_polls(Symbol(Market.HK, "941"), every_s=60.0, start_s=-45.0, source="longport")
    other_key = DayKey("longport", Symbol(Market.HK, "941"), day.day)
    played = player(
        recorded(mine, day), recorded(others, day, other_key), rules=("700.HK: net <= -20M", "*: net >= 1M")
    )
    events = played.play_to(played.end)
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert {(event.source, str(event.symbol)) for event in events if isinstance(event, FlowEvent)} == {
        ("opend", "700.HK"),
        ("longport", "941.HK"),
    }
    assert {
        event.record.rule for event in events if isinstance(event, AlertEvent) and event.record.source == "longport"
    } <= {"net >= 1M"}


def test_runs_are_told_apart_from_each_other_and_from_live() -> None:
    recording = day_of((3, -30e6), (8, 0.0))
    runs = [player(recording, rules=("*: net <= -20M",)) for _ in range(2)]
    found = [each.play_to(each.end) for each in runs]
    assert [{event.run for event in events} for events in found] == [{each.run} for each in runs]
    assert runs[0].run != runs[1].run
    ids = {event.record.id for events in found for event in events if isinstance(event, AlertEvent)}
    assert len(ids) == 2
    polls = [
        Poll(series.received or 0.0, series, None)
        for series in (event.series for event in found[0] if isinstance(event, FlowEvent) and event.replied)
    ]
    lived = {event.record.id for event in live(polls, SHORT_DAY, [parse_rule("*: net <= -20M")]).events}
    assert lived
    assert not lived & ids


def test_alerts_of_a_run_are_kept_nowhere() -> None:
    played = player(day_of((3, -30e6)), rules=("*: net <= -20M",))
    shelf = Shelf()
    with pytest.raises(ValueError, match="not kept"):
        played.book.use_store(StoreInMemory(shelf), "opend", played.now)
    played.play_to(played.end)
    played.book.flush()
    assert len(played.book.records()) == 1
    assert (shelf.records, shelf.states) == ({}, {})


def test_nothing_to_play_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing to play"):
        player()


class AnyWay(RuleBasedStateMachine):
    """However somebody moves about in a session, what is shown is what a player shows that is put there at once."""

    @initialize(minutes=st.lists(st.tuples(st.integers(0, 11), AMOUNTS), max_size=4), late=st.booleans())
    def open(self, minutes: list[tuple[int, float]], late: bool) -> None:
        changes = sorted({minute: (float(minute), amount) for minute, amount in minutes}.values())
        self.recordings = [day_of(*changes, until=1300.0 if late else 400.0)]
        other = day_of((4, 25e6), (7, -30e6), until=600.0)
        self.recordings.append(dataclasses.replace(other, key=DayKey("opend", Symbol(Market.HK, "941"), SESSION)))
        self.rules = ("*: net <= -20M", "*: net change 3m >= 15M")
        self.played = player(*self.recordings, rules=self.rules)
        self.seen: dict[Symbol, PlayedEvent] = {}
        self.take(self.played.seek(self.played.start))

    def take(self, events: list[PlayedEvent]) -> None:
        self.seen |= {event.symbol: event for event in events if isinstance(event, FlowEvent)}

    def move(self, act: Callable[[Player], list[PlayedEvent]]) -> None:
        before, run = self.played.now, self.played
        events = act(run)
        if run.now < before:
            self.seen.clear()
        self.take(events)

    @rule(seconds=st.sampled_from([0.1, 12.0, 60.0, 700.0]))
    def play(self, seconds: float) -> None:
        self.move(lambda run: run.play_to(min(run.now + seconds, run.end)))

    @rule()
    def minute(self) -> None:
        self.move(lambda run: run.step_minute())

    @rule()
    def alert(self) -> None:
        self.move(to_alert)

    @rule()
    def revision(self) -> None:
        self.move(to_revision)

    @rule(share=st.floats(0.0, 1.0))
    def scrub(self, share: float) -> None:
        self.move(lambda run: run.seek(run.start + share * (run.end - run.start)))

    @rule(turns=st.integers(1, 20))
    def play_in_turns(self, turns: int) -> None:
        """As a window does that has no time: a step at a time."""
        for _ in range(turns):
            self.move(lambda run: run.play_on(run.end, lambda _happened, _revised: True))

    @invariant()
    def is_what_is_there(self) -> None:
        fresh = player(*self.recordings, rules=self.rules)
        shown = {event.symbol: event for event in fresh.seek(self.played.now) if isinstance(event, FlowEvent)}
        assert fresh.now == self.played.now
        assert fresh.next_at == self.played.next_at
        assert {symbol: facts([event]) for symbol, event in shown.items()} == {
            symbol: facts([event]) for symbol, event in self.seen.items()
        }
        assert standing(fresh) == standing(self.played)


def standing(played: Player) -> list[tuple[object, ...]]:
    """The alerts of a run, but for the ids."""
    records = sorted(played.book.records(), key=lambda each: (str(each.symbol), each.rule, each.line_time))
    return [
        (each.symbol, each.rule, each.state, each.raised_at, each.cleared_at, each.value, each.told, each.reason)
        for each in records
    ]


TestAnyWay = AnyWay.TestCase
TestAnyWay.settings = settings(max_examples=10, stateful_step_count=6)
