"""What the source says about trading days, beside the calendar; and the turnover that lines are checked against."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from capflow_gui.domain.link import LinkPhase, LinkState, RateLimit
from capflow_gui.domain.quote import MarketPhase, MarketState, Quote, SecurityKind, StaticInfo, TradeDate, Turnover
from capflow_gui.domain.session import Calendar, Phase
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import NoData, RequestTimeout
from capflow_gui.feed.market_clock import MarketClock
from capflow_gui.feed.polling.slow_lane import SlowLane
from capflow_gui.present.reasons import reason_words
from capflow_gui.providers.base import Provider
from capflow_gui.quota.limiters import Limiters
from capflow_gui.reason import Code, Reason
from tests.unit.conftest import HandClock, run_pending

TENCENT, APPLE = Symbol.parse("700.HK"), Symbol.parse("AAPL.US")
WEDNESDAY, THURSDAY, FRIDAY, MONDAY = date(2026, 6, 10), date(2026, 6, 11), date(2026, 6, 12), date(2026, 6, 15)
TEN = datetime(2026, 6, 11, 10, 0, tzinfo=ZoneInfo("Asia/Hong_Kong")).timestamp()


@dataclass
class Asked:
    """A source that says what a test gives it."""

    source: str = "opend"
    link: LinkState = field(default_factory=lambda: LinkState("opend", LinkPhase.READY, 0.0))
    days: dict[Market, list[date]] = field(default_factory=dict)
    failing: set[Market] = field(default_factory=set)
    phase: MarketPhase = MarketPhase.OPEN
    turnover: float = 1e9
    quote_time: float | None = None
    nameless: set[Symbol] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)

    async def get_trade_dates(self, market: Market, begin: date, end: date) -> list[TradeDate]:
        self.calls.append(f"dates {market}")
        if market in self.failing:
            raise RequestTimeout(self.source, Reason.of(Code.NO_ANSWER_IN_TIME, seconds=10.0))
        return [TradeDate(market, day, "whole") for day in self.days.get(market, []) if begin <= day <= end]

    async def get_snapshots(self, symbols: Sequence[Symbol]) -> list[Quote]:
        self.calls.append("prices")
        return [Quote(each, None, 1.0, 1.0, self.turnover, 1, self.quote_time, halted=False) for each in symbols]

    async def get_static_info(self, symbols: Sequence[Symbol]) -> list[StaticInfo]:
        if self.nameless & set(symbols):
            raise NoData(self.source, 301603, "no quotes")
        return [StaticInfo(each, str(each), SecurityKind.STOCK, 100) for each in symbols]

    async def get_market_states(self, symbols: Sequence[Symbol]) -> list[MarketState]:
        return [MarketState(symbol, 0, self.phase) for symbol in symbols]


@dataclass
class Rig:
    source: Asked
    lane: SlowLane
    market: MarketClock
    clock: HandClock
    calendars: list[Calendar] = field(default_factory=list)
    contradicted: list[Market] = field(default_factory=list)

    async def minutes(self, count: int) -> None:
        """Let slow-lane rounds pass, two a minute."""
        for _ in range(2 * count):
            self.clock.move(30.0)
            await run_pending()

    @property
    def said(self) -> list[str]:
        return [reason_words(reason) for reason in self.lane.contradictions.values()]


@pytest.fixture
def running(calendar: Calendar, hand_clock: HandClock) -> Callable[..., object]:
    @asynccontextmanager
    async def build(source: Asked, *symbols: Symbol, now: float | None = TEN) -> AsyncIterator[Rig]:
        market = MarketClock(hand_clock)
        if now is not None:
            market.answered(hand_clock.now, hand_clock.now, now)
        limit = RateLimit(30, 30.0)
        names = ("trade_dates", "snapshot", "static_info", "market_state")
        calendars: list[Calendar] = []
        contradicted: list[Market] = []
        lane = SlowLane(
            cast("Provider", source),
            Limiters("opend/x", dict.fromkeys(names, limit), clock=hand_clock),
            market,
            calendar,
            clock=hand_clock,
            on_change=lambda symbols: None,
            on_calendar=calendars.append,
            on_contradiction=contradicted.append,
        )
        lane.watch(list(symbols))
        task = asyncio.create_task(lane.run())
        await run_pending()
        try:
            yield Rig(source, lane, market, hand_clock, calendars, contradicted)
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    return build


async def test_dates_beyond_the_last_one_listed_stay_as_assumed(running) -> None:
    async with running(Asked(days={Market.HK: [date(2026, 6, 9), WEDNESDAY]}), TENCENT) as rig:
        assert rig.source.calls.count("dates HK") == 1
        assert rig.lane.calendar.now(Market.HK, TEN).phase is Phase.OPEN
        assert rig.lane.calendar.day(Market.HK, FRIDAY) is not None


async def test_dates_before_the_first_one_listed_stay_as_they_were(running) -> None:
    async with running(Asked(days={Market.HK: [WEDNESDAY, THURSDAY]}), TENCENT) as rig:
        assert rig.lane.calendar.day(Market.HK, date(2026, 6, 9)) is not None


async def test_a_day_left_out_between_those_listed_is_closed(running) -> None:
    async with running(Asked(days={Market.HK: [WEDNESDAY, FRIDAY, MONDAY]}), TENCENT) as rig:
        assert rig.lane.calendar.day(Market.HK, THURSDAY) is None
        assert rig.lane.calendar.day(Market.HK, MONDAY) is not None


async def test_one_markets_failure_does_not_skip_the_others(running) -> None:
    days = {Market.HK: [WEDNESDAY, FRIDAY], Market.US: [date(2026, 6, 9), WEDNESDAY, FRIDAY]}
    for failing, other in ((Market.HK, Market.US), (Market.US, Market.HK)):
        async with running(Asked(days=days, failing={failing}), TENCENT, APPLE) as rig:
            assert rig.lane.calendar.day(other, THURSDAY) is None
            assert rig.lane.calendar.day(failing, THURSDAY) is not None
            rig.source.failing.clear()
            await rig.minutes(1)
            assert rig.lane.calendar.day(failing, THURSDAY) is None


async def test_dates_are_asked_as_soon_as_the_time_is_known(running) -> None:
    async with running(Asked(days={Market.HK: [THURSDAY]}), TENCENT, now=None) as rig:
        assert set(rig.source.calls) == {"prices"}  # they need no time, and flow is checked against them
        assert rig.lane.has_asked
        rig.market.answered(rig.clock.now, rig.clock.now, TEN)
        rig.lane.poke()
        await run_pending()
        assert "dates HK" in rig.source.calls


async def test_lines_of_today_overrule_a_closed_calendar_and_it_is_said(running) -> None:
    days = {Market.HK: [WEDNESDAY, FRIDAY]}
    async with running(Asked(days=days), TENCENT) as rig:
        assert rig.lane.calendar.day(Market.HK, THURSDAY) is None
        rig.lane.lines_on(Market.HK, THURSDAY)
        assert rig.calendars[-1].now(Market.HK, TEN).phase is Phase.OPEN
        assert rig.calendars[-1].day(Market.HK, FRIDAY) is not None
        assert rig.said == ["OpenD sends lines of today for HK, though the calendar says closed"]
        await rig.minutes(5)
        assert rig.said == ["OpenD sends lines of today for HK, though the calendar says closed"]
        for _ in range(2):  # hours at once are believed when they are said twice
            rig.market.answered(rig.clock.now, rig.clock.now, TEN + 86400)
        await rig.minutes(5)
        assert rig.said == []


async def test_dates_asked_after_lines_of_today_do_not_close_the_day_again(running) -> None:
    async with running(Asked(failing={Market.HK}, days={Market.HK: [WEDNESDAY, FRIDAY]}), TENCENT) as rig:
        rig.lane.lines_on(Market.HK, THURSDAY)
        rig.source.failing.clear()
        await rig.minutes(1)
        assert rig.source.calls.count("dates HK") >= 2
        assert rig.lane.calendar.day(Market.HK, THURSDAY) is not None


@pytest.mark.parametrize(
    ("days", "phase", "words", "asked"),
    [
        ([WEDNESDAY, THURSDAY], MarketPhase.CLOSED, "OpenD says HK is closed, the calendar says open", []),
        ([WEDNESDAY, FRIDAY], MarketPhase.OPEN, "OpenD says HK is open, the calendar says closed", [Market.HK]),
    ],
)
async def test_a_contradiction_is_said_in_both_directions_after_three_minutes(
    running, days: list[date], phase: MarketPhase, words: str, asked: list[Market]
) -> None:
    async with running(Asked(days={Market.HK: days}, phase=phase), TENCENT) as rig:
        assert rig.said == []
        await rig.minutes(1)
        assert rig.said == []
        await rig.minutes(1)
        assert (rig.said, rig.contradicted) == ([words], asked)
        await rig.minutes(3)
        assert rig.contradicted == asked  # once
        rig.source.phase = MarketPhase.OPEN if phase is MarketPhase.CLOSED else MarketPhase.CLOSED
        await rig.minutes(1)
        assert rig.said == []


async def test_turnover_is_that_of_the_session_and_as_old_as_the_quote(running, calendar: Calendar) -> None:
    today, before = calendar.day(Market.HK, THURSDAY), calendar.day(Market.HK, WEDNESDAY)
    assert today is not None
    assert before is not None
    async with running(Asked(), TENCENT) as rig:
        assert rig.lane.turnover(TENCENT, today) == Turnover(1e9, pytest.approx(TEN), 1.0)
        assert rig.lane.turnover(TENCENT, before) is None
        assert rig.lane.turnover(APPLE, today) is None
    async with running(Asked(quote_time=TEN - 900), TENCENT) as rig:  # a delayed source
        assert rig.lane.turnover(TENCENT, today) == Turnover(1e9, TEN - 900, 1.0)


@pytest.mark.parametrize("turnover", [0.0, -1.0, float("nan"), float("inf")])
async def test_what_is_no_turnover_is_not_known(running, calendar: Calendar, turnover: float) -> None:
    today = calendar.day(Market.HK, THURSDAY)
    async with running(Asked(turnover=turnover), TENCENT) as rig:
        assert rig.lane.turnover(TENCENT, today) is None


async def test_yesterdays_quote_says_nothing_about_today(running, calendar: Calendar) -> None:
    today, before = calendar.day(Market.HK, THURSDAY), calendar.day(Market.HK, WEDNESDAY)
    async with running(Asked(quote_time=TEN - 66600), TENCENT) as rig:  # 15:30 the day before
        assert rig.lane.turnover(TENCENT, today) is None
        assert rig.lane.turnover(TENCENT, before) == Turnover(1e9, TEN - 66600, 1.0)


async def test_prices_of_the_session_are_kept_one_a_minute(running, calendar: Calendar) -> None:
    today, before = calendar.day(Market.HK, THURSDAY), calendar.day(Market.HK, WEDNESDAY)
    async with running(Asked(), TENCENT) as rig:
        await rig.minutes(3)
        track = rig.lane.prices(TENCENT, today)
        assert track is not None
        assert [*track.prices] == [1.0] * len(track)
        assert 3 <= len(track) <= 4
        assert rig.lane.prices(TENCENT, before) is None
        rig.lane.watch([])
        assert rig.lane.prices(TENCENT, today) is None
    async with running(Asked(quote_time=TEN - 3600), TENCENT) as rig:  # before the open: no price of this session
        assert rig.lane.prices(TENCENT, today) is None


async def test_a_symbol_whose_name_is_refused_leaves_the_others_theirs_and_is_asked_again(running) -> None:
    async with running(Asked(nameless={APPLE}), TENCENT, APPLE) as rig:
        assert set(rig.lane.infos) == {TENCENT}
        await rig.minutes(1)
        assert set(rig.lane.infos) == {TENCENT}
        rig.source.nameless.clear()
        await rig.minutes(1)
        assert set(rig.lane.infos) == {TENCENT, APPLE}
