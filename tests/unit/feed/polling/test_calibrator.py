from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, cast

import numpy as np
import pytest
from msgspec.structs import replace

from capflow_gui.domain.calibration import Kind, Scale, Sign
from capflow_gui.domain.flow import STRUCTURAL, Flag, FlowSeries
from capflow_gui.domain.link import RateLimit
from capflow_gui.domain.quote import Distribution, Turnover
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import RequestTimeout
from capflow_gui.feed.polling.calibrator import Calibrator
from capflow_gui.providers.base import Provider
from capflow_gui.quota.limiters import Limiters
from tests.reasons import said
from tests.unit.alerts.test_book import CALENDAR, DAY, MOBILE, NEXT, TENCENT, series
from tests.unit.conftest import HandClock

TURNOVER = 8e9
SMOOTH = tuple(np.cumsum(np.full(40, -10.0)).tolist())
RESTLESS = tuple((-10.0 + 30.0 * (-1.0) ** place) for place in range(40))


class Asked:
    """A source that gives money in and out, and what it was asked."""

    source = "longport"

    def __init__(self, money_in: float, money_out: float) -> None:
        self.sides = money_in, money_out
        self.asked: list[Symbol] = []
        self.error: Exception | None = None
        self.at = DAY.label(39) + 20.0

    async def get_distribution(self, symbol: Symbol) -> Distribution:
        self.asked.append(symbol)
        if self.error is not None:
            raise self.error
        return Distribution(symbol, self.at, {"large": self.sides[0]}, {"large": self.sides[1]})


class Rig:
    def __init__(self, clock: HandClock, source: Asked, held: dict[Symbol, FlowSeries | None]) -> None:
        self.clock, self.source, self.held, self.told = clock, source, held, list[Symbol]()
        self.turnover, self.taken, self.resting = TURNOVER, list[Symbol](), set[Symbol]()
        limits = Limiters("longport/x", {"distribution": RateLimit(10, 1.0)}, clock=clock)
        self.limiter = limits.of("distribution")
        self.calibrator = Calibrator(
            cast("Provider", source),
            limits,
            clock,
            wanted=lambda resting: [each for each in self.held.items() if resting or each[0] not in self.resting],
            turnover=lambda _: Turnover(self.turnover, self.source.at),
            calendar=lambda: CALENDAR,
            may_ask=lambda: True,
            on_verdict=self.told.append,
            on_snapshot=self.taken.append,
        )


@pytest.fixture
def turn(hand_clock: HandClock, settle_tasks: Callable[[], Awaitable[None]]) -> Callable[[Rig, int], Awaitable[None]]:
    async def run(rig: Rig, turns: int) -> None:
        running = asyncio.create_task(rig.calibrator.run())
        await settle_tasks()
        for _ in range(turns - 1):
            hand_clock.move(1.0)
            await settle_tasks()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    return run


Turn = Callable[[Rig, int], Awaitable[None]]


async def test_each_symbol_is_asked_once_and_its_verdict_told(hand_clock: HandClock, turn: Turn) -> None:
    rig = Rig(hand_clock, Asked(3.0e9, 3.4e9), {TENCENT: series(*SMOOTH), MOBILE: series(*SMOOTH, symbol=MOBILE)})
    await turn(rig, 6)
    assert rig.source.asked == [TENCENT, MOBILE]
    assert rig.told == rig.taken == [TENCENT, MOBILE]
    verdict = rig.calibrator.verdict(rig.held[TENCENT])
    assert verdict is not None
    assert (verdict.scale, verdict.sign, verdict.kind) == (Scale.PLAIN, Sign.SAME, Kind.RUNNING_TOTAL)
    judged = rig.held[TENCENT]
    assert judged is not None
    assert rig.calibrator.flagged(judged) is judged
    assert rig.calibrator.verdict(series(*SMOOTH, day=NEXT)) is None


@pytest.mark.parametrize(
    ("source", "lines", "flag", "structural"),
    [
        (Asked(3.0e5, 3.4e5), SMOOTH, Flag.SCALE, True),
        (Asked(3.4e9, 3.0e9), SMOOTH, Flag.SIGN, False),
        (Asked(3.0e9, 3.4e9), RESTLESS, Flag.PER_MINUTE, True),
    ],
    ids=["ten thousands", "sign", "per minute"],
)
async def test_what_does_not_fit_is_flagged_and_left_as_it_came(
    hand_clock: HandClock, turn: Turn, source: Asked, lines: tuple[float, ...], flag: Flag, *, structural: bool
) -> None:
    told = series(*lines)
    rig = Rig(hand_clock, source, {TENCENT: told})
    await turn(rig, 1)
    flagged = rig.calibrator.flagged(told)
    assert flagged.flags & flag
    assert bool(flagged.flags & STRUCTURAL) is structural
    assert np.array_equal(flagged.values, told.values, equal_nan=True)
    assert (flagged.line_flags & flag.value).all()


@pytest.mark.parametrize(
    ("source", "unit", "flag"),
    [
        (Asked(3.0e9, 3.4e9), 1.0, Flag.NONE),
        (Asked(3.4e9, 3.0e9), 1.0, Flag.SIGN),
        (Asked(3.0e9, 3.4e9), 1e4, Flag.SCALE),
    ],
    ids=["good", "sign", "ten thousands"],
)
async def test_class_lines_are_checked_too_and_shown_as_the_source_gives_them(
    hand_clock: HandClock, turn: Turn, source: Asked, unit: float, flag: Flag
) -> None:
    net = np.linspace(0, -4e8, 40) / unit
    told = replace(series(*net), values=np.vstack([net, net / 2, *([net / 4] * 4)]))
    rig = Rig(hand_clock, source, {TENCENT: told})
    await turn(rig, 1)
    assert rig.calibrator.flagged(told).flags == told.flags | flag
    assert (rig.calibrator.verdict(told), rig.calibrator.class_flow(told)) == (None, None)
    assert rig.taken == [TENCENT], "its row shows the newest money in and out"
    newest = rig.calibrator.distribution(told)
    assert newest is not None
    assert (newest.time, newest.inflow) == (source.at, {"large": source.sides[0]})
    assert rig.calibrator.distribution(replace(told, session=NEXT.day)) is None


async def test_nothing_is_asked_before_there_is_something_to_judge(hand_clock: HandClock, turn: Turn) -> None:
    rig = Rig(hand_clock, Asked(1.0, 1.0), {TENCENT: None, MOBILE: series(symbol=MOBILE)})
    await turn(rig, 3)
    assert rig.source.asked == []


async def test_rules_wait_for_the_first_answer_about_a_symbol_and_not_for_long(
    hand_clock: HandClock, turn: Turn
) -> None:
    total, other = series(*SMOOTH), series(*SMOOTH, symbol=MOBILE)
    rig = Rig(hand_clock, Asked(1e9, 1.39e9), {TENCENT: total})
    awaited = rig.calibrator.is_awaited
    few, classes = series(*SMOOTH[:29]), replace(total, values=np.zeros((6, 40)))
    assert [awaited(each) for each in (total, other, few, classes)] == [True, True, False, False]
    await turn(rig, 2)
    assert [awaited(each) for each in (total, other)] == [False, True]
    hand_clock.move(20.0)
    assert not awaited(other)


async def test_a_refusal_is_tried_again_after_a_while(hand_clock: HandClock, turn: Turn) -> None:
    rig = Rig(hand_clock, Asked(3.0e9, 3.4e9), {TENCENT: series(*SMOOTH)})
    rig.source.error = RequestTimeout("longport", said("no answer"))
    await turn(rig, 50)
    assert rig.source.asked == [TENCENT]
    rig.source.error = None
    await turn(rig, 10)
    assert rig.told == [TENCENT]


def polled(received: float) -> FlowSeries:
    """A reply of that second."""
    return replace(series(*SMOOTH), received=received)


async def test_a_symbol_is_asked_again_once_a_minute_while_it_is_polled(hand_clock: HandClock, turn: Turn) -> None:
    source = Asked(3.0e9, 3.4e9)
    rig = Rig(hand_clock, source, {TENCENT: polled(1.0)})
    await turn(rig, 150)
    assert source.asked == [TENCENT]  # no reply since: the market rests
    source.at, source.sides = source.at + 60, (3.1e9, 3.4e9)
    rig.held = {TENCENT: polled(2.0)}
    await turn(rig, 70)
    assert source.asked == rig.taken == [TENCENT, TENCENT]
    assert rig.told == [TENCENT]  # the verdict is the same: nothing has to be judged again
    flow = rig.calibrator.class_flow(rig.held[TENCENT])
    assert flow is not None
    assert flow.net[0].tolist() == pytest.approx([-4e8, -3e8])
    assert rig.calibrator.class_flow(series(*SMOOTH, day=NEXT)) is None


async def test_what_was_proved_stays_until_it_is_refuted(hand_clock: HandClock, turn: Turn) -> None:
    source = Asked(3.0e9, 3.4e9)
    rig = Rig(hand_clock, source, {TENCENT: replace(series(*RESTLESS), received=1.0)})
    await turn(rig, 1)
    source.at, source.sides = source.at + 60, (0.0, 0.0)
    rig.held = {TENCENT: replace(series(*RESTLESS[:20]), received=2.0)}  # too few lines to say anything
    await turn(rig, 62)
    verdict = rig.calibrator.verdict(rig.held[TENCENT])
    assert verdict is not None
    assert (len(source.asked), verdict.kind) == (2, Kind.PER_MINUTE)


async def test_what_two_symbols_prove_holds_for_those_that_prove_nothing(hand_clock: HandClock, turn: Turn) -> None:
    """The third one's balance is even: its lines may be either."""
    source = Asked(3.0e9, 3.4e9)
    proving = [TENCENT, MOBILE]
    even, later = Symbol.parse("5.HK"), Symbol.parse("388.HK")
    rig = Rig(hand_clock, source, {even: series(*([0.1, -0.1] * 20), symbol=even)})
    source.sides = (1e9, 1e9)
    await turn(rig, 1)
    assert rig.calibrator.verdict(rig.held[even]).kind is Kind.UNDECIDED
    source.sides = (3.0e9, 3.4e9)
    rig.held |= {symbol: series(*RESTLESS, symbol=symbol) for symbol in proving}
    await turn(rig, 1)
    assert rig.calibrator.verdict(rig.held[even]).kind is Kind.UNDECIDED  # one symbol alone may be an accident
    await turn(rig, 1)
    assert rig.told == [even, *proving, even]
    assert rig.calibrator.verdict(rig.held[even]).kind is Kind.PER_MINUTE
    assert rig.calibrator.flagged(rig.held[even]).flags & Flag.PER_MINUTE
    assert rig.calibrator.flagged(series(1.0, symbol=later)).flags & Flag.PER_MINUTE  # nobody asked about it yet
    american = series(1.0, symbol=Symbol.parse("AAPL.US"))
    assert rig.calibrator.flagged(american) is american


@pytest.mark.parametrize("at", [DAY.open - 1800.0, DAY.close + 86_400.0])
async def test_a_snapshot_of_another_day_is_not_kept(hand_clock: HandClock, turn: Turn, at: float) -> None:
    rig = Rig(hand_clock, Asked(3.0e9, 3.4e9), {TENCENT: series(*SMOOTH)})
    rig.source.at = at
    await turn(rig, 2)
    assert (len(rig.source.asked), rig.taken) == (1, [])
    assert rig.calibrator.class_flow(rig.held[TENCENT]) is None


async def test_a_busy_quota_is_left_to_flow(hand_clock: HandClock, turn: Turn) -> None:
    """One call in seven and a half seconds, where there would be one a second."""
    symbols = [Symbol.parse(f"{code}.HK") for code in range(1, 31)]
    rig = Rig(hand_clock, Asked(3.0e9, 3.4e9), {each: series(*SMOOTH, symbol=each) for each in symbols})
    await turn(rig, 12)
    assert len(rig.source.asked) == 12
    for _ in range(6):
        assert rig.limiter.try_reserve() is not None  # on its way for the next twelve seconds
    await turn(rig, 13)
    assert len(rig.source.asked) == 12 + 1


def test_without_a_verdict_nothing_is_flagged(hand_clock: HandClock) -> None:
    rig = Rig(hand_clock, Asked(1.0, 1.0), {})
    told: Any = series(*SMOOTH)
    assert rig.calibrator.flagged(told) is told


async def test_a_symbol_off_screen_at_rest_is_asked_about_now_and_then(hand_clock: HandClock, turn: Turn) -> None:
    held = {symbol: series(*SMOOTH, symbol=symbol) for symbol in (TENCENT, MOBILE)}
    rig = Rig(hand_clock, Asked(3.0e9, 3.4e9), dict(held))
    rig.resting = {MOBILE}
    await turn(rig, 5)
    assert rig.source.asked == [TENCENT]
    await turn(rig, 8)
    assert rig.source.asked == [TENCENT, MOBILE]


async def test_a_reply_is_checked_within_a_second(hand_clock: HandClock, turn: Turn) -> None:
    rig = Rig(hand_clock, Asked(3.0e9, 3.4e9), {})
    await turn(rig, 30)
    rig.held[TENCENT] = series(*SMOOTH)
    rig.calibrator.poke()
    await turn(rig, 1)
    assert rig.source.asked == [TENCENT]
