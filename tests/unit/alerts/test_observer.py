from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from capflow_gui.alerts.book import AlertBook
from capflow_gui.alerts.observer import AlertObserver, _turn_of
from capflow_gui.alerts.rules import RuleTable
from capflow_gui.domain.alert_record import AlertChange
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.session import SESSION_END_S
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.events import AlertEvent
from capflow_gui.reason import Code
from tests.unit.alerts.shelf import Shelf, StoreInMemory
from tests.unit.alerts.test_book import CALENDAR, DAY, NEXT, series
from tests.unit.conftest import HandClock, run_pending

TENCENT = Symbol(Market.HK, "700")


@dataclass
class Feed:
    """What the observer reads of a source."""

    clock: HandClock
    name: str = "opend"
    simulated: bool = False
    known: bool = True
    is_ready: bool = True
    has_connected: bool = True
    state: Freshness = Freshness.LIVE
    watched: tuple[Symbol, ...] = (TENCENT,)
    states: dict[Symbol, Freshness] = field(default_factory=dict)
    unanswered_since: float | None = None
    answered_at: float | None = None
    ready_since: float | None = 0.0
    store: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(get=lambda _symbol: SimpleNamespace(error=None, replied_at=1e9))
    )

    @property
    def time(self) -> SimpleNamespace:
        return SimpleNamespace(now=self.clock.wall)

    @property
    def market(self) -> SimpleNamespace:
        return SimpleNamespace(known=self.known, now=self.clock.wall, rate=1.0)

    @property
    def intake(self) -> SimpleNamespace:
        return SimpleNamespace(unanswered_since=self.unanswered_since, answered_at=self.answered_at)

    def age(self, _symbol: Symbol) -> float:
        return 240.0

    @property
    def provider(self) -> SimpleNamespace:
        phase = LinkPhase.READY if self.is_ready else LinkPhase.WAITING
        return SimpleNamespace(link=LinkState(self.name, phase, 0.0))

    def freshness(self, _symbol: Symbol) -> Freshness:
        return self.state

    def cycle_s(self, _symbol: Symbol) -> float:
        return 10.0


class Rig:
    """An observer at work, ten minutes after the open."""

    def __init__(self, *feeds: Feed, shelf: Shelf | None = None, profile: bool | None = None) -> None:
        self.clock = feeds[0].clock if feeds else HandClock(wall=DAY.open + 600.0)
        self.book = AlertBook(CALENDAR, RuleTable(-200e6))
        self.events: list[AlertEvent] = []
        self.changes = self.turns = 0
        self.shelves = {False: shelf, True: Shelf()}
        self.opened: list[bool] = []
        for feed in feeds:
            self.book.watch(feed.name, feed.watched)
        self.observer = AlertObserver(
            self.book,
            feeds,  # type: ignore[arg-type]
            self.clock,
            open_alerts=None if shelf is None else self.open,
            simulated=profile,
            tell=self.tell,
            changed=self.changed,
            each_turn=self.turn,
        )

    def open(self, simulated: bool) -> StoreInMemory:
        self.opened.append(simulated)
        return StoreInMemory(self.shelves[simulated] or Shelf(), simulated=simulated)

    def tell(self, events: Iterable[AlertEvent]) -> None:
        self.events += events

    def changed(self) -> None:
        self.changes += 1

    def turn(self) -> None:
        self.turns += 1

    async def watch(self, seconds: int) -> None:
        running = asyncio.create_task(self.observer.run())
        for _ in range(seconds):
            await run_pending()
            self.clock.move(1.0)
        await run_pending()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@pytest.fixture
def feed() -> Feed:
    return Feed(HandClock(wall=DAY.open + 600.0))


async def test_what_cannot_be_judged_is_found_by_looking_once_a_second(feed: Feed) -> None:
    feed.state = Freshness.ERROR
    rig = Rig(feed)
    await rig.watch(25)
    assert [event.change for event in rig.events] == [AlertChange.CANNOT_JUDGE]
    assert rig.turns == 26
    assert rig.changes == 1


@pytest.mark.parametrize(
    ("known", "ready", "looked"), [(False, True, False), (False, False, True), (True, False, True)]
)
async def test_a_source_that_never_connected_is_looked_at_and_one_whose_time_is_asked_for_is_not(
    feed: Feed, known: bool, ready: bool, looked: bool
) -> None:
    feed.known, feed.is_ready, feed.state = known, ready, Freshness.NEVER_POLLED
    rig = Rig(feed)
    await rig.watch(25)
    assert bool(rig.events) is looked


async def test_a_profile_shows_what_it_keeps_before_any_source_has_answered(feed: Feed) -> None:
    shelf = Shelf()
    first = Rig(feed, shelf=shelf, profile=False)
    await first.watch(1)
    first.tell(first.book.evaluate(series(0, -210, -1), DAY, None, DAY.open + 600))
    assert len(shelf.records) == 1
    feed.known = feed.is_ready = False
    again = Rig(feed, shelf=shelf, profile=False)
    await again.watch(1)
    assert [record.id for record in again.book.records()] == list(shelf.records)
    assert again.changes
    alone = Rig(shelf=shelf, profile=False)
    await alone.watch(1)
    assert [record.id for record in alone.book.records()] == list(shelf.records)
    assert again.opened == alone.opened == [False]


async def test_a_store_is_opened_once_the_source_has_said_what_it_is(feed: Feed) -> None:
    other = Feed(feed.clock, "longport", has_connected=False)
    third = Feed(feed.clock, "third", simulated=True)
    rig = Rig(feed, other, third, shelf=Shelf())
    await rig.watch(1)
    assert rig.opened == []
    rig.observer.answered(feed, [feed, other, third])  # type: ignore[arg-type, list-item]
    await run_pending()
    assert rig.opened == [False, True]
    rig.observer.answered(feed, [feed])  # type: ignore[arg-type, list-item]
    assert rig.opened == [False, True]


async def test_that_alerts_are_saved_again_is_told_to_the_channels(feed: Feed) -> None:
    rig, told, stores = Rig(feed, shelf=Shelf(), profile=False), list[tuple[Code, bool]](), list[StoreInMemory]()
    rig.observer = AlertObserver(
        rig.book,
        [feed],  # type: ignore[list-item]
        rig.clock,
        open_alerts=lambda simulated: stores.append(StoreInMemory(Shelf(), simulated=simulated)) or stores[-1],  # type: ignore[func-returns-value]
        simulated=False,
        tell=rig.tell,
        changed=rig.changed,
        each_turn=rig.turn,
        tell_health=lambda problem, over: told.append((problem.code, over)),
    )
    await rig.watch(1)
    for stores[0].working in (False, True):
        assert told == []
        stores[0].look()
        await run_pending()
    assert told == [(Code.ALERTS_SAVED_AGAIN, True)]


async def test_without_a_store_nothing_is_opened(feed: Feed) -> None:
    rig = Rig(feed)
    rig.observer.answered(feed)  # type: ignore[arg-type]
    await rig.watch(1)
    assert rig.opened == []


async def test_how_far_rules_got_is_written_every_ten_seconds(feed: Feed) -> None:
    shelf = Shelf()
    rig = Rig(feed, shelf=shelf, profile=False)
    await rig.watch(1)
    for upto in (2, 3):
        rig.tell(rig.book.evaluate(series(*[0.0] * (upto + 1)), DAY, None, DAY.open + 600))
    assert [state.upto for state in shelf.states.values()] == [DAY.label(1)]
    await rig.watch(12)
    assert [state.upto for state in shelf.states.values()] == [DAY.label(2)]


async def test_the_session_of_another_programs_alert_ends_by_the_computers_clock(feed: Feed) -> None:
    shelf = Shelf()
    first = Rig(feed, shelf=shelf, profile=False)
    await first.watch(1)
    first.book.evaluate(series(0, -210, -1), DAY, None, DAY.open + 600)
    alone = Rig(shelf=shelf, profile=False)
    alone.clock.step_wall(2 * 86400.0)
    await alone.watch(2)
    assert [record.standing for record in alone.book.records()] == [False]
    kept: Callable[[], list[bool]] = lambda: [record.standing for record in shelf.records.values()]  # noqa: E731
    assert kept() == [False]


@pytest.mark.parametrize(("count", "turns"), [(0, 1), (50, 1), (120, 3), (1000, 10)])
def test_a_long_list_is_looked_at_in_turns_and_all_of_it_within_ten(count: int, turns: int) -> None:
    symbols = [Symbol(Market.HK, str(code)) for code in range(1, count + 1)]
    looked = [symbol for turn in range(turns) for symbol in _turn_of(symbols, turn)]
    assert looked == symbols
    assert max(len(_turn_of(symbols, turn)) for turn in range(turns)) <= max(50, count // 10)


def listening(rig: Rig) -> list[tuple[Code, bool, object]]:
    said: list[tuple[Code, bool, object]] = []
    rig.observer._tell_health = lambda problem, over: said.append((problem.code, over, problem.get("since")))
    return said


async def test_a_lost_source_is_said_once_for_all_its_symbols_while_a_market_is_open(feed: Feed) -> None:
    feed.is_ready, feed.watched = False, tuple(Symbol.parse(f"{code}.HK") for code in range(1, 41))
    rig = Rig(feed)
    said = listening(rig)
    await rig.watch(14)
    assert said == [(Code.SOURCE_LOST, False, None)]
    (record,) = (each for each in rig.book.records() if each.of_source)
    assert record.symbol == feed.watched[0]
    feed.is_ready = True
    await rig.watch(1)
    assert said[1:] == [(Code.SOURCE_LOST, True, None)]


async def test_a_source_that_answers_nothing_is_said_within_fifteen_seconds_of_the_question(feed: Feed) -> None:
    feed.states = {TENCENT: Freshness.LIVE}
    rig = Rig(feed)
    said = listening(rig)
    await rig.watch(5)
    feed.answered_at, feed.unanswered_since = rig.clock.monotonic(), rig.clock.monotonic() + 2.0
    await rig.watch(11)
    assert said == []
    await rig.watch(2)
    assert said == [(Code.SOURCE_SILENT, False, "09:40:07")]
    feed.ready_since = rig.clock.monotonic()  # it connects anew, and answers nothing again
    await rig.watch(5)
    assert len(said) == 1
    feed.unanswered_since = None
    await rig.watch(1)
    assert said[1:] == [(Code.SOURCE_SILENT, True, "09:40:07")]


async def test_a_source_whose_figures_stand_is_said_with_the_time_since(feed: Feed) -> None:
    other = Symbol.parse("5.HK")
    feed.states = {TENCENT: Freshness.STALE, other: Freshness.STALE}
    feed.state = Freshness.STALE
    beside = Feed(feed.clock, "longport", states={TENCENT: Freshness.LIVE})
    rig = Rig(feed, beside)
    said = listening(rig)
    await rig.watch(12)
    # Of its rules alone nothing is announced.
    assert [event.is_of_lost_source for event in rig.events] == [True]
    assert [(code, over) for code, over, _ in said] == [(Code.SOURCE_STALLED, False)]
    feed.states[other] = Freshness.LIVE
    await rig.watch(1)
    assert [(code, over) for code, over, _ in said[1:]] == [(Code.SOURCE_STALLED, True)]


async def test_nothing_is_said_of_a_source_whose_markets_are_closed(feed: Feed) -> None:
    feed.is_ready, feed.unanswered_since = False, -900.0
    rig = Rig(feed)
    said = listening(rig)
    rig.clock.step_wall(86400.0 / 2)
    await rig.watch(12)
    assert said == []
    # What was asked long ago counts from the open.
    rig.clock.step_wall(86400.0 / 2)
    feed.is_ready = True
    await rig.watch(9)
    assert said == []
    await rig.watch(2)
    assert [code for code, *_ in said] == [Code.SOURCE_SILENT]


async def test_what_is_wrong_with_a_source_that_never_answered_is_kept(feed: Feed) -> None:
    feed.is_ready, feed.known = False, False
    shelf = Shelf()
    rig = Rig(feed, shelf=shelf)
    await rig.watch(8)
    assert rig.opened == [False]
    await rig.watch(4)
    assert [record.reason and record.reason.code for record in shelf.records.values() if record.of_source] == [
        Code.SOURCE_LOST
    ]


@dataclass
class CountedFeed(Feed):
    looks: int = 0

    def freshness(self, symbol: Symbol) -> Freshness:
        self.looks += 1
        return super().freshness(symbol)


async def test_a_symbol_of_a_market_at_rest_is_looked_at_until_its_session_is_over_and_when_the_rest_is() -> None:
    feed = CountedFeed(HandClock(wall=DAY.close + SESSION_END_S - 3.0))
    rig = Rig(feed)
    await rig.watch(3)
    assert feed.looks == 4
    await rig.watch(20)
    assert feed.looks == 4
    rig.book.set_threshold(None, -300e6, lambda _source: feed.clock.wall())
    await rig.watch(3)
    assert feed.looks == 5, "a new rule is looked at once more"
    feed.clock.move(NEXT.open - feed.clock.wall())
    await rig.watch(3)
    assert feed.looks == 9, "while it trades it is looked at every second"


@pytest.mark.parametrize("runs_on", [True, False], ids=["monotonic clock runs on", "monotonic clock stands"])
async def test_after_a_sleep_the_first_answer_is_waited_for_before_figures_are_said_to_stand(
    feed: Feed, runs_on: bool
) -> None:
    """They grew old because nobody asked. If nothing comes, that is said."""
    rig = Rig(feed)
    held = SimpleNamespace(error=None, replied_at=feed.clock.monotonic())
    feed.store = SimpleNamespace(get=lambda _symbol: held)
    running = asyncio.create_task(rig.observer.run())

    async def pass_seconds(count: int) -> None:
        for _ in range(count):
            await run_pending()
            feed.clock.move(1.0)
        await run_pending()

    await pass_seconds(3)
    feed.state = Freshness.STALE
    if runs_on:
        feed.clock.move(1800.0)
    else:
        feed.clock.step_wall(1800.0)
        feed.ready_since = feed.clock.monotonic()
    await pass_seconds(15)
    assert rig.events == []
    held.replied_at, feed.state = feed.clock.monotonic(), Freshness.LIVE
    await pass_seconds(30)
    assert rig.events == []
    feed.state = Freshness.STALE  # by an answer
    await pass_seconds(2)
    assert [event.reason.code for event in rig.events if event.reason] == [Code.TIME_STANDS]
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_after_a_sleep_without_any_answer_that_is_said(feed: Feed) -> None:
    feed.store = SimpleNamespace(get=lambda _symbol: SimpleNamespace(error=None, replied_at=-1.0))
    feed.state = Freshness.STALE
    rig = Rig(feed)
    await rig.watch(30)
    assert [event.reason.code for event in rig.events if event.reason] == [Code.NO_ANSWER_YET]
