"""One source at work, told by hand: what it takes, refuses and passes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from capflow_gui.domain.flow import Flag, FlowSeries, Period
from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.domain.quote import Quote
from capflow_gui.domain.session import Calendar, MarketNow
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import ConnectionLost, NoLines, RequestTimeout, UnknownSymbol
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.gaps import WatchGap
from capflow_gui.feed.intake.asked import Pace
from capflow_gui.feed.intake.pushed import PushedIntake
from capflow_gui.feed.rows import build_row
from capflow_gui.feed.source import Source
from capflow_gui.feed.source_feed import SourceFeed
from capflow_gui.feed.spending import poll_budget
from capflow_gui.providers.base import Capabilities, Pushed
from capflow_gui.quota.limiter import RateLimit
from capflow_gui.quota.limiters import Limiters
from capflow_gui.reason import Code, Reason
from tests.unit.conftest import HandClock
from tests.unit.domain.lines import hong_kong, series

TENCENT, ALIBABA = Symbol.parse("700.HK"), Symbol.parse("9988.HK")
DOWN = Reason.of(Code.LINK_DOWN)


@dataclass
class Quiet:
    """A provider whose link is moved by hand; nothing is asked of it here."""

    source: str = "opend"
    capabilities: Capabilities = field(
        default_factory=lambda: Capabilities(frozenset(Period), True, {"capital_flow": RateLimit(30, 30.0)})
    )
    link: LinkState = field(default_factory=lambda: LinkState("opend", LinkPhase.CONNECTING, 0.0))
    tell: Callable[[LinkState], None] = print

    def on_link(self, callback: Callable[[LinkState], None]) -> None:
        self.tell = callback

    def move(self, phase: LinkPhase) -> None:
        self.link = LinkState("opend", phase, 0.0)
        self.tell(self.link)


class Told:
    """Notes what a feed tells, by name."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args: self.calls.append((name, *args))

    def of(self, name: str) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.calls if call[0] == name]


@dataclass
class Rig:
    feed: SourceFeed
    provider: Quiet
    told: Told
    clock: HandClock


@pytest.fixture
def rig(calendar: Calendar, new_clock: Callable[..., HandClock]) -> Rig:
    """In Hong Kong, on 2026-06-10 at 10:00, both clocks alike."""
    clock = new_clock(wall=float(hong_kong("2026-06-10T10:00")))
    provider, told = Quiet(), Told()
    source = Source("opend", provider, Limiters("opend/x", provider.capabilities.limits, clock=clock))
    feed = SourceFeed(source, calendar=calendar, clock=clock, pace=Pace(), listener=told)
    feed.watch([TENCENT, ALIBABA])
    feed.market.answered(clock.now, clock.now, clock.wall())
    return Rig(feed, provider, told, clock)


def lines(until: str, symbol: Symbol = TENCENT, count: int = 30) -> FlowSeries:
    """That many lines, the last one at `until` of 2026-06-10."""
    last = hong_kong(f"2026-06-10T{until}")
    stamps = last - 60 * np.arange(count)[::-1]
    return series(stamps, symbol=symbol, last_valid=float(last), source="opend")


def test_a_reply_is_judged_stored_and_passed_on(rig: Rig) -> None:
    rig.feed._take(lines("09:59"))
    ((feed, put),) = rig.told.of("judged")
    assert feed is rig.feed
    assert put.new.confirmed is not None
    assert rig.feed.freshness(TENCENT) is Freshness.LIVE
    assert rig.feed.age(TENCENT) == 60.0
    assert rig.feed.freshness(ALIBABA) is Freshness.NEVER_POLLED
    assert rig.feed.age(ALIBABA) is None


def test_a_reply_without_lines_in_mid_session_keeps_those_there_are(rig: Rig) -> None:
    rig.feed._take(lines("09:59"))
    held = rig.feed.store.get(TENCENT).series
    with pytest.raises(NoLines) as caught:
        rig.feed._take(series([], source="opend"))
    assert caught.value.since == rig.clock.wall()
    assert rig.feed.store.get(TENCENT).series is held


def test_the_first_reply_without_lines_names_the_time_and_a_later_one_the_same(rig: Rig) -> None:
    with pytest.raises(NoLines) as first:
        rig.feed._take(series([], source="opend"))
    rig.feed._failed(TENCENT, first.value)
    rig.clock.move(30)
    with pytest.raises(NoLines) as second:
        rig.feed._take(series([], source="opend"))
    assert second.value.since == first.value.since


def test_before_the_open_a_reply_may_have_no_lines(rig: Rig) -> None:
    rig.clock.move(hong_kong("2026-06-11T08:00") - rig.clock.wall())
    rig.feed._take(series([], source="opend"))
    assert len(rig.told.of("judged")) == 1


def test_time_alone_turns_a_row_stale_and_says_so_once(rig: Rig) -> None:
    rig.feed._take(lines("09:59"))
    rig.clock.move(400)
    for _ in range(3):
        rig.feed._look_at_freshness()
    assert rig.told.of("freshness_changed") == [(rig.feed, TENCENT, Freshness.STALE)]


def test_at_rest_the_states_of_a_market_are_looked_at_once_and_when_it_opens(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Symbol] = []
    freshness = rig.feed.freshness

    def look(symbol: Symbol, *state: MarketNow) -> Freshness:
        looked.append(symbol)
        return freshness(symbol, *state)

    rig.feed._take(lines("09:59"))
    monkeypatch.setattr(rig.feed, "freshness", look)
    rig.clock.move(hong_kong("2026-06-10T18:00") - rig.clock.wall())
    for _ in range(3):
        rig.feed._look_at_freshness()
    assert looked == [TENCENT, ALIBABA]
    assert [call[2] for call in rig.told.of("freshness_changed")] == [Freshness.CLOSED]
    rig.feed.ask_again(ALIBABA)
    rig.feed._look_at_freshness()
    assert looked == [TENCENT, ALIBABA] * 2
    rig.clock.move(hong_kong("2026-06-11T09:30") - rig.clock.wall())
    for _ in range(3):
        rig.feed._look_at_freshness()
    assert looked == [TENCENT, ALIBABA] * 5
    assert rig.told.of("freshness_changed")[-1] == (rig.feed, TENCENT, Freshness.PREVIOUS_SESSION)


def test_while_a_market_trades_figures_that_are_young_are_looked_at_once_they_may_be_stale(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Symbol] = []
    freshness = rig.feed.freshness

    def look(symbol: Symbol, *state: MarketNow) -> Freshness:
        looked.append(symbol)
        return freshness(symbol, *state)

    def looked_at() -> list[Symbol]:
        looked.clear()
        rig.feed._look_at_freshness()
        return list(looked)

    rig.feed._take(lines("09:59"))
    monkeypatch.setattr(rig.feed, "freshness", look)
    assert looked_at() == [TENCENT, ALIBABA]  # for the first time
    assert looked_at() == [ALIBABA]  # nothing is known of it
    rig.clock.move(100)
    assert looked_at() == [ALIBABA]
    rig.feed.ask_again(TENCENT)
    assert looked_at() == [TENCENT, ALIBABA]
    rig.feed._told_slowly([TENCENT])  # it may have been halted
    assert looked_at() == [TENCENT, ALIBABA]
    rig.clock.move(100)
    assert looked_at() == looked_at() == [TENCENT, ALIBABA]


def test_it_is_at_rest_when_the_link_is_up_and_the_last_figures_of_closed_markets_are_here(rig: Rig) -> None:
    rig.clock.move(hong_kong("2026-06-10T18:00") - rig.clock.wall())
    rig.feed._take(lines("16:00"))
    rig.feed._take(lines("16:00", ALIBABA))
    assert not rig.feed.at_rest
    rig.provider.move(LinkPhase.READY)
    assert rig.feed.at_rest
    rig.feed.ask_again(ALIBABA)
    assert not rig.feed.at_rest


def test_an_error_of_the_symbol_stands_in_its_row_and_one_of_the_link_does_not(rig: Rig) -> None:
    own, links = RequestTimeout("opend", DOWN), ConnectionLost("opend", DOWN)
    for error in (own, links):
        rig.feed._failed(TENCENT, error)
    assert rig.feed.store.get(TENCENT).error is own
    assert rig.feed.freshness(TENCENT) is Freshness.ERROR
    assert rig.told.of("failed") == [(rig.feed, TENCENT, own), (rig.feed, TENCENT, links)]


def test_asking_again_forgets_the_error(rig: Rig) -> None:
    rig.feed._failed(TENCENT, UnknownSymbol("opend", -1, "no"))
    assert rig.feed.budget().open_symbols == 1
    rig.feed.ask_again(TENCENT)
    assert rig.feed.store.get(TENCENT).error is None
    assert rig.feed.budget().open_symbols == 2


def test_a_symbol_no_longer_watched_is_forgotten_unless_kept(rig: Rig) -> None:
    for symbol in (TENCENT, ALIBABA):
        rig.feed._take(lines("09:59", symbol))
    rig.feed.watch([], kept=[ALIBABA])
    assert rig.feed.watched == ()
    assert rig.feed.store.get(TENCENT).series is None
    assert rig.feed.store.get(ALIBABA).series is not None


def test_connections_are_counted_once_each(rig: Rig) -> None:
    assert not rig.feed.has_connected
    for phase in (LinkPhase.READY, LinkPhase.READY, LinkPhase.WAITING, LinkPhase.READY):
        rig.provider.move(phase)
    assert (rig.feed.is_ready, rig.feed.has_connected, rig.feed.reconnects) == (True, True, 1)
    assert len(rig.told.of("link_changed")) == 4


def test_polls_wait_a_little_for_prices_and_no_longer(rig: Rig) -> None:
    assert not rig.feed._may_ask()
    rig.provider.move(LinkPhase.READY)
    assert not rig.feed._may_ask(), "no turnover is known to check replies by"
    rig.clock.move(3.0)
    assert rig.feed._may_ask()


async def test_a_refusal_our_count_cannot_explain_is_told_with_the_link(rig: Rig) -> None:
    assert rig.feed.link.facts == ()
    async with rig.feed.intake.limiter.slot() as slot:
        slot.refused()
    (fact,) = rig.feed.link.facts
    assert fact == (
        LinkFact.QUOTA_SHARED,
        Reason.of(Code.QUOTA_SHARED, source="opend", allowed=rig.feed.intake.limiter.allowed, budget=30),
    )
    assert rig.feed.troubles() == [fact[1]]


def test_a_gap_counts_where_a_watched_market_was_trading(rig: Rig) -> None:
    def gap(start: str, end: str) -> WatchGap:
        return WatchGap(*(float(hong_kong(f"2026-06-10T{text}")) for text in (start, end)), 0.0)

    assert rig.feed.missed(gap("09:40", "09:50"))
    assert not rig.feed.missed(gap("12:05", "12:55"))
    assert not rig.feed.missed(gap("18:00", "19:00"))


def test_lines_of_today_open_a_day_that_the_calendar_has_as_closed(rig: Rig, calendar: Calendar) -> None:
    days = [(date(2026, 6, 9), "whole"), (date(2026, 6, 11), "whole")]
    closed = calendar.with_overrides(TENCENT.market, days)
    rig.feed.use_calendar(closed)
    rig.feed._take(lines("09:59"))
    assert [reason.code for reason in rig.feed.troubles()] == [Code.LINES_ON_CLOSED_DAY]
    ((opened,),) = rig.told.of("calendar_changed")
    assert opened.day(TENCENT.market, date(2026, 6, 10)) is not None


def test_figures_from_the_future_have_the_time_asked_anew(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(rig.feed.time, "ask_now", lambda: asked.append(True))
    rig.feed._take(lines("10:01"))
    assert asked == []
    rig.feed._take(lines("10:10"))
    assert asked == [True]


def test_what_the_slow_lane_brings_is_passed_on(rig: Rig) -> None:
    def told() -> list[list[Symbol]]:
        return [list(symbols) for (symbols,) in rig.told.of("rows_changed") if isinstance(symbols, Iterable)]

    rig.feed._told_slowly([TENCENT])
    assert told()[-1] == [TENCENT]


def test_a_row_has_the_turnover_of_its_lines_session_alone(rig: Rig) -> None:
    def quoted(turnover: float) -> None:
        slow = rig.feed.slow_lane
        slow.quotes[TENCENT] = Quote(TENCENT, None, 1.0, 1.0, turnover, 1, rig.feed.market.now(), halted=False)
        slow._quoted_at[TENCENT] = rig.clock.monotonic()

    def shown() -> float | None:
        return build_row(rig.feed, TENCENT, (None, False), None, rig.clock.monotonic()).turnover

    rig.feed._take(lines("09:59"))
    assert shown() is None
    quoted(8e9)
    assert shown() == 8e9
    # The next morning, before the first line of the new session.
    rig.clock.move(23.6 * 3600)
    quoted(1e6)
    assert rig.feed.freshness(TENCENT) is Freshness.PREVIOUS_SESSION
    assert shown() is None


class Collector:
    """A Pushing that pushes nothing by itself."""

    quotas = ()

    def on_pushed(self, callback: Callable[[Symbol], None]) -> None:
        self.tell = callback

    def pushed(self, symbol: Symbol) -> None:
        return None

    def want(self, watched: Iterable[Symbol], shown: Iterable[Symbol]) -> None:
        self.watched = watched

    def refusal(self, symbol: Symbol) -> None:
        return None


@pytest.fixture
def pushed_rig(calendar: Calendar, new_clock: Callable[..., HandClock]) -> Rig:
    clock = new_clock(wall=float(hong_kong("2026-06-10T10:00")))
    provider, told = Quiet("desk"), Told()
    source = Source("desk", provider, Limiters("desk", {}, clock=clock), Collector())
    feed = SourceFeed(source, calendar=calendar, clock=clock, pace=Pace(), listener=told)
    feed.watch([TENCENT, ALIBABA])
    feed.market.answered(clock.now, clock.now, clock.wall())
    return Rig(feed, provider, told, clock)


def pushed(until: str, received: str, **changes: Any) -> Pushed:
    """A reply that came to the collector so long after its newest line."""
    made = lines(until)
    series = replace(made, received=float(hong_kong(f"2026-06-10T{received}")))
    return Pushed(series, 990.0, **changes)


def test_a_pushed_reply_goes_the_way_of_one_that_was_asked_for(pushed_rig: Rig) -> None:
    feed = pushed_rig.feed
    quote = Quote(TENCENT, "Tencent", 400.0, 390.0, 9e9, 5, None, halted=False)
    feed._take_pushed(pushed("09:59", "09:59:30", quote=quote))
    ((_, put),) = pushed_rig.told.of("judged")
    assert put.new.session == date(2026, 6, 10)
    assert put.new.received == hong_kong("2026-06-10T09:59:30")
    assert feed.store.get(TENCENT).replied_at == 990.0
    assert feed.quote(TENCENT) == quote
    assert feed.freshness(TENCENT) is Freshness.LIVE
    assert feed.freshness(ALIBABA) is Freshness.NEVER_POLLED


def test_the_same_reply_pushed_twice_is_one(pushed_rig: Rig) -> None:
    """After every repair the whole list comes again."""
    for _ in range(2):
        pushed_rig.feed._take_pushed(pushed("09:59", "09:59:30"))
    assert len(pushed_rig.told.of("judged")) == 1
    pushed_rig.feed._take_pushed(pushed("09:59", "09:59:50"))
    assert len(pushed_rig.told.of("judged")) == 2


def test_an_error_of_the_collector_is_the_symbols_and_its_figures_stay(pushed_rig: Rig) -> None:
    feed, error = pushed_rig.feed, UnknownSymbol("desk", 3, "unknown")
    feed._take_pushed(pushed("09:59", "09:59:30"))
    feed._take_pushed(pushed("09:59", "09:59:30", error=error))
    assert feed.store.get(TENCENT).error is error
    assert len(feed.store.get(TENCENT).series) == 30
    assert pushed_rig.told.of("failed") == [(feed, TENCENT, error)]


def test_what_the_collector_alone_can_know_is_taken_over(pushed_rig: Rig) -> None:
    """A source without a last valid time confirms a line by two equal replies: the collector saw both."""
    made = lines("09:59")
    confirmed = np.ones(len(made), np.bool_)
    series = replace(
        made,
        last_valid=None,
        received=float(hong_kong("2026-06-10T09:59:30")),
        flags=Flag.PER_MINUTE,
        confirmed=confirmed,
    )
    pushed_rig.feed._take_pushed(Pushed(series, 990.0))
    kept = pushed_rig.feed.store.get(TENCENT).series
    assert kept is not None
    assert kept.flags & Flag.PER_MINUTE
    assert not kept.confirmed.any() or kept.confirmed.all()


def test_a_source_that_pushes_is_asked_nothing(pushed_rig: Rig) -> None:
    feed = pushed_rig.feed
    assert isinstance(feed.intake, PushedIntake)
    assert not feed.at_rest
    assert feed.budget().limit == 0
    assert poll_budget(feed, 1000.0).turns == ()
