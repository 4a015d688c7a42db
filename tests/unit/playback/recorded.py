"""Days to play: what a live feed saw of them, and what the archive keeps of that."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TypeVar

import numpy as np
from hypothesis import strategies as st
from msgspec.structs import replace

from capflow_gui.alerts.book import AlertBook
from capflow_gui.alerts.past import Past, PastKey
from capflow_gui.alerts.rules import RuleTable
from capflow_gui.archive.codec import decode_final, encode_final
from capflow_gui.archive.model import DayKey, DaySummary, FinalDay, Outage, State, same_state, state_of
from capflow_gui.domain.alert import Rule, parse_rule
from capflow_gui.domain.alert_record import AlertChange, News
from capflow_gui.domain.flow import COLUMNS, Floats, FlowSeries, Ints, Period
from capflow_gui.domain.measures.usual import UsualChanges
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import SESSION_END_S, Calendar, TradingDay
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.validation import checked_again, judge
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.events import AlertEvent
from capflow_gui.feed.freshness import freshness, quiet_seconds
from capflow_gui.paths import resource
from capflow_gui.playback.dry_run import Outcome, dry_run
from capflow_gui.playback.player import PlayedEvent
from capflow_gui.playback.recording import Recording
from capflow_gui.reason import Reason
from capflow_gui.simulator.market.flow_reply import all_lines
from capflow_gui.simulator.market.market import SimulatedMarket
from capflow_gui.simulator.market.scenario import find_scenario
from capflow_gui.simulator.market.universe import build_universe
from tests.unit.alerts.shelf import Shelf, StoreInMemory
from tests.unit.archive.recorded import as_kept

T = TypeVar("T")
TENCENT = Symbol(Market.HK, "700")
CALENDAR = Calendar.from_json(resource("sessions.json").read_bytes())
SESSION = date(2022, 6, 8)
KEY = DayKey("opend", TENCENT, SESSION)
OPEN = 1654651800
# Twelve minutes, a break, and twelve minutes more.
SHORT_DAY = TradingDay(Market.HK, SESSION, "Asia/Hong_Kong", ((OPEN, OPEN + 720), (OPEN + 1800, OPEN + 2520)))
LOOK_S = 20.0
# What the symbol did in twelve sessions before, in the minutes of the short day but for the last.
USUAL = UsualChanges(
    [np.array([math.nan, *((-1e6, 0.0, 3e6)[(day + at) % 3] for at in range(10))], np.float32) for day in range(12)]
)
PAST = Past(USUAL, {})


def usual_of(rule: Rule, key: DayKey = KEY) -> dict[PastKey, UsualChanges]:
    """The same, for a player."""
    return {PastKey(*key, rule.metric, rule.minutes): USUAL}


Told = tuple[str, str, int | None, float | None, float, Reason | None]


@dataclass(frozen=True, slots=True, eq=False)
class Poll:
    """A reply as it came, and the turnover that was known then. `received` twice is one reply: a turnover came."""

    received: float
    raw: FlowSeries
    turnover: Turnover | None


def reply(labels: Ints, values: Floats, last_valid: float | None, key: DayKey = KEY) -> FlowSeries:
    return FlowSeries(key.symbol, key.source, Period.INTRADAY, labels, values, last_valid=last_valid)


def judged(polls: Sequence[Poll], day: TradingDay) -> list[FlowSeries]:
    """What the feed makes of them."""
    calendar, found = CALENDAR.with_day(day), list[FlowSeries]()
    for poll in polls:
        held = found[-1] if found else None
        if held is not None and held.received == poll.received and poll.turnover is not None:
            found.append(checked_again(held, poll.turnover))
        else:
            found.append(judge(poll.raw, calendar, turnover=poll.turnover, previous=held, received=poll.received))
    return found


def recorded(polls: Sequence[Poll], day: TradingDay, key: DayKey = KEY, outages: Sequence[Outage] = ()) -> Recording:
    """What the archive keeps of them."""
    states: list[State] = []
    held: FlowSeries | None = None
    turnover: Turnover | None = None
    number, before = 0, -math.inf
    for poll, series in zip(polls, judged(polls, day), strict=True):
        apart = day.part(before) != day.part(poll.received)
        again, before = poll.received == before, poll.received
        number += not again
        state = state_of(held, series, poll=number, wall=poll.received, turnover=poll.turnover, old_turnover=turnover)
        if state is None and apart:
            state = same_state(series, poll=number, wall=poll.received, turnover=poll.turnover)
        if state is not None:
            states.append(state)
            held, turnover = as_kept(series), poll.turnover
        elif not again:
            last, received = states[-1], as_kept(series).received
            states[-1] = replace(last, same=last.same + 1, same_received=received, same_wall=received)
    return Recording(key, day, states, "HKD", assumed=False, outages=outages)


def cycle_of(polls: Sequence[Poll]) -> float:
    """Mean seconds between two replies."""
    times = sorted({poll.received for poll in polls})
    return (times[-1] - times[0]) / max(1, len(times) - 1)


@dataclass(frozen=True, slots=True, eq=False)
class Lived:
    """What the alert engine said, and what of it was recorded beside the replies."""

    events: list[AlertEvent]
    outages: list[Outage]


Spell = tuple[float, float, Freshness]


def live(
    polls: Sequence[Poll],
    day: TradingDay,
    rules: Iterable[Rule],
    key: DayKey = KEY,
    spells: Sequence[Spell] = (),
    *,
    looks: bool = False,
    speed: float = 1.0,
    store_after: int = 0,
    past_after: int = 0,
) -> Lived:
    """Watch a day, and on to the end of the session if the close was seen.

    `spells` are times in which the symbol is in another state than its figures give it; `speed` is that of the
    market's clock. `looks`: somebody looks between two polls, too. The store of alerts is read after so many polls, and
    earlier sessions after so many.
    """
    calendar, cycle_s = CALENDAR.with_day(day), cycle_of(polls)
    shown: FlowSeries | None = None
    outages: dict[float, Outage] = {}

    def note(outage: Outage) -> None:
        outages[outage.start] = outage

    known: list[Past | None] = [None if past_after else PAST]
    book = AlertBook(calendar, RuleTable(rules=rules), note=note, find_past=lambda _key: known[0])
    book.watch(key.source, [key.symbol])
    events: list[AlertEvent] = []
    store = StoreInMemory(Shelf())
    if store_after:
        book.use_store(store, key.source, polls[0].received)

    def fresh(at: float) -> Freshness:
        quiet = None if shown is None else quiet_seconds(shown, calendar, at)
        now = calendar.now(key.symbol.market, at)
        return freshness(shown, None, now, halted=False, quiet_s=quiet, cycle_s=cycle_s)

    def look(at: float) -> None:
        states = [state for begin, end, state in spells if begin <= at < end]
        state = states[0] if states else Freshness.LIVE if shown is None else fresh(at)
        kept = {"freshness": state, "error": None, "link": None, "cycle_s": 30.0 / speed}
        events.extend(book.observe(key.symbol, key.source, mono_now=at / speed, market_now=at, **kept))  # type: ignore[arg-type]

    def hear(news: News) -> None:
        events.extend(book.heard(store, news, lambda _source: at))

    # Looks and replies never share a moment: their order would not be recorded.
    at = day.open - 60.0 if polls[0].received <= day.open + 180 else polls[0].received - 0.25
    look(at)
    for number, (poll, series) in enumerate(zip(polls, judged(polls, day), strict=True), 1):
        while (spells or looks) and (at := at + LOOK_S) < poll.received:
            look(at)
        at, shown = poll.received, series
        events += book.evaluate(series, day, poll.turnover, at, held=fresh(at) is Freshness.STALE)
        look(at + 0.25)
        if number == min(store_after, len(polls)):
            store.start(hear)
        if number == min(past_after, len(polls)):
            known[0] = PAST
            events += book.judge_waiting(key.symbol, key.source)
    if at >= day.close:
        end = max(at, day.close + SESSION_END_S)
        while (spells or looks) and (at := at + LOOK_S) < end:
            look(at)
        look(end)
    return Lived(events, list(outages.values()))


def closed(recording: Recording) -> tuple[DaySummary, FinalDay]:
    """What is left of a recording after years."""
    key, states = recording.key, recording.states
    final = decode_final(key, encode_final(states, key, recording.day))
    newest = states[-1]
    last = newest.received if newest.same_received is None else newest.same_received
    polls, unchanged = newest.poll + newest.same, sum(state.same for state in states)
    summary = DaySummary(
        key,
        recording.day,
        recording.currency,
        recording.assumed,
        polls,
        unchanged,
        first_received=recording.start,
        last_received=last,
        complete=last >= recording.day.close,
        journal=False,
    )
    return summary, final


def tried(recording: Recording, rule: Rule) -> list[Told]:
    """What a dry run says of a recording, as `told` does."""
    return tried_on(rule, *closed(recording), recording.outages)


def tried_on(rule: Rule, summary: DaySummary, final: FinalDay, outages: Sequence[Outage] = ()) -> list[Told]:
    """The same, of what a file holds."""
    words = {Outcome.UNJUDGED: AlertChange.CANNOT_JUDGE, Outcome.JUDGED_AGAIN: AlertChange.JUDGED_AGAIN}
    return [
        (
            each.key.source,
            words.get(each.outcome, each.outcome).value,
            each.time,
            each.value,
            each.threshold,
            each.reason,
        )
        for each in dry_run(rule, summary, final, outages, USUAL)
        if not each.all_day
    ]


def told(events: Iterable[PlayedEvent]) -> list[Told]:
    """Of alerts what live and replay must agree on."""
    return [
        (event.record.source, event.change.value, event.time, known(event.value), event.threshold, event.reason)
        for event in events
        if isinstance(event, AlertEvent)
    ]


def known(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value


def finished(said: list[Told]) -> list[Told]:
    """What a dry run must agree on too: it has no minutes that are not over."""
    return [each for each in said if each[1] not in ("early", "withdrawn")]


# A day of the simulator


def simulated_polls(
    symbol: Symbol = TENCENT,
    *,
    scenario: str = "calm",
    session: date = SESSION,
    every_s: float = 30.0,
    start_s: float = -60.0,
    end_s: float = 800.0,
    source: str = "opend",
) -> tuple[TradingDay, list[Poll]]:
    """Polls from `start_s` after the open to `end_s` after the close."""
    day, polls = _simulated_polls(DayKey(source, symbol, session), scenario, every_s, (start_s, end_s))
    return day, list(polls)


@lru_cache(maxsize=8)
def _simulated_polls(
    key: DayKey, scenario: str, every_s: float, around_s: tuple[float, float]
) -> tuple[TradingDay, list[Poll]]:
    (source, symbol, session), (start_s, end_s) = key, around_s
    market = SimulatedMarket(build_universe(), find_scenario(scenario), 3, CALENDAR)
    day = CALENDAR.day(symbol.market, session)
    assert day is not None
    polls = []
    at = day.open + start_s
    while at <= day.close + end_s:
        shown = market.intraday(symbol, at)
        if shown.session.day == session:
            lines = all_lines(shown)
            values = np.full((len(COLUMNS), len(lines)), math.nan)
            values[0] = [line.net for line in lines]
            values[2:] = np.array([line.classes for line in lines]).T
            values[1] = values[2] + values[3]
            labels = np.array([line.label for line in lines], np.int64)
            valid = None if shown.last_valid is None else float(shown.last_valid)
            tape = market.tape(symbol, at)
            turnover = Turnover(tape.turnover, float(tape.time), tape.price) if tape.turnover > 0 else None
            polls.append(Poll(at, reply(labels, values, valid, DayKey(source, symbol, session)), turnover))
        at += every_s
    return day, polls


# Any day


_AMOUNTS = (-40e6, -21e6, -20e6, -18e6, -10e6, -1e6, 0.0, 1e6, 10e6, 20e6, 22e6, 30e6)
AMOUNTS = st.sampled_from(_AMOUNTS)
_CHOICES = 14  # about a poll, at most
_CYCLES = (15.0, 30.0, 60.0, 61.0, 130.0, 400.0)
# For how many replies the figures stand, 0: they do not.
_STANDS = (*[0] * 9, 1, 2, 4, 9, 20)
_STANDS_AGAIN = (0, 2, 9)


def _chooser(draw: st.DrawFn, count: int) -> Callable[[Sequence[T]], T]:
    """Up to `count` choices, a byte each, that hypothesis draws at once: one by one they take most of a test's time."""
    drawn = iter(draw(st.binary(min_size=count, max_size=count)))
    return lambda among: among[next(drawn) % len(among)]


@st.composite
def any_polls(draw: st.DrawFn, *, stands: bool = False) -> list[Poll]:
    """Replies of the short day: revisions, gaps, flags, disorder, missing figures, no last valid time.

    `stands`: the source's figures may come late, or stand for a while, and are stale then.
    """
    grid = SHORT_DAY.labels()
    size = len(grid)
    amount = _chooser(draw, size)
    net = [amount(_AMOUNTS) for _ in range(size)]
    values = np.full((len(COLUMNS), size), math.nan)
    values[0] = net
    if draw(st.booleans()):
        values[2], values[3], values[4], values[5] = net, 0.0, 0.0, 0.0
        values[1] = net
    dated = draw(st.booleans())
    late = draw(st.sampled_from([0.0, 0.0, 500.0])) if stands else 0.0
    cycles: Sequence[float] = range(15, 401, 2) if stands and draw(st.booleans()) else _CYCLES
    frozen = stands and draw(st.booleans())
    absent = draw(st.sets(st.integers(0, size - 1), max_size=2))
    disordered = 0
    stood, ended, seen = 0, False, float(OPEN)
    begins = (500.0, 650.0, 2100.0) if stands and draw(st.booleans()) else (-5.0, 20.0, 60.0, 400.0, 1500.0, 2600.0)
    at, polls = OPEN + draw(st.sampled_from(begins)), list[Poll]()
    for _ in range(draw(st.integers(1, 40 if stands else 25))):
        one = _chooser(draw, _CHOICES)
        match one(["", "", "", "", "revise", "fill", "missing"]):
            case "revise":
                place = one(range(size))
                values[0, place] = one(_AMOUNTS)
            case "fill":
                absent = set(list(absent)[1:])
            case "missing":
                values[0, one(range(size))] = math.nan
        stood_before = stood
        stood = max(stood - 1, one(_STANDS_AGAIN if ended else _STANDS)) if stands else 0
        ended = stood_before > stood == 0
        seen = seen if stood else at - late
        shown = np.array([i for i in range(size) if grid[i] < seen + 60 and i not in absent], np.int64)
        if frozen and stood and polls:
            polls.append(Poll(at, polls[-1].raw, polls[-1].turnover))
        elif len(shown):
            labels = grid[shown]
            # A fault right after a spell is of another kind than one in it.
            disordered = max(disordered - 1, one([0, 0, 1, 2] if ended else [0] * 30 + [1, 2, 5]))
            if len(labels) > 2 and disordered:
                labels = labels.copy()
                labels[[-2, -1]] = labels[[-1, -2]]
            valid = min(seen - one([0.0, 0.0, 2.0, 61.0]), float(SHORT_DAY.close)) if dated else None
            traded = one([2e9, 2e9, 2e9, 4e8, 25e6, None])
            price = one([100.0, 100.0, 100.6, 99.2, 101.0, None])
            age = one([0.0, 30.0, 300.0])
            turnover = None if traded is None else Turnover(traded, at - age, price)
            if stands and polls and one([False, False, True]):
                turnover = polls[-1].turnover
            polls.append(Poll(at, reply(labels, values[:, shown].copy(), valid), turnover))
        if polls and one(range(10)) == 0:
            polls.append(Poll(polls[-1].received, polls[-1].raw, Turnover(2e9, polls[-1].received)))
        at += float(one(cycles))
    if not polls:
        polls.append(Poll(OPEN + 1.0, reply(grid[:1], values[:, :1].copy(), None), None))
    return polls


@st.composite
def any_spells(draw: st.DrawFn) -> list[Spell]:
    """Times in which nothing could be judged, or the market looked so."""
    at, found = OPEN + draw(st.sampled_from([-120.1, 100.1, 700.1])), list[Spell]()
    for _ in range(draw(st.integers(0, 3))):
        end = at + draw(st.sampled_from([10.0, 61.0, 90.0, 300.0, 1300.0]))
        found.append(
            (at, end, draw(st.sampled_from([Freshness.ERROR, Freshness.NO_PERMISSION, Freshness.PREVIOUS_SESSION])))
        )
        at = end + draw(st.sampled_from([1.0, 30.0, 400.0]))
    return found


MEASURES = (
    "net <= -20M",
    "net >= 20M",
    "main <= -18M",
    "net/turnover <= -1%",
    "net/turnover >= 0.5%",
    "net change 1m <= -10M",
    "net change 3m >= 15M",
    "net drawdown >= 25M",
    "net crosses 0",
    "net crosses 0 band 5M",
    "net crosses 10M for 2m",
    "net change 1m unusual 3 floor 5M",
    "net change 3m unusual 5 floor 10M",
    "net divergence 2m price 0.5% flow 0.5%",
)


PARTS = (
    "from 09:34 to 10:05",
    "from 10:00",
    "to 09:42",
    "skip first 3m last 4m",
    "until 2022-06-08",
    "until 2022-06-07",
)


@st.composite
def any_rule(draw: st.DrawFn) -> Rule:
    measure = draw(st.sampled_from(MEASURES))
    options = draw(st.lists(st.sampled_from(["for 2m", "cooldown 3m", "once"]), unique=True))
    if "crosses" in measure:
        options = [option for option in options if not (option.startswith("for") and "for" in measure)]
    else:
        again = "again 1" if "unusual" in measure else "again 5M"
        again = "again 0.5%" if "turnover" in measure or "divergence" in measure else again
        options += draw(st.lists(st.sampled_from(["rearm 0%", "rearm 50%", again]), max_size=1))
    options += draw(st.lists(st.sampled_from(PARTS), max_size=1)) + draw(st.lists(st.just("early"), max_size=1))
    return parse_rule(" ".join([f"*: {measure}", *options]))
