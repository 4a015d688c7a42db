"""Replies that are pushed: when they are judged, and what is said of the quota they cost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

import pytest

from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError, NoData, PartFailed, ProviderError
from capflow_gui.feed.intake.pushed import PushedIntake
from capflow_gui.feed.store import FlowStore
from capflow_gui.providers.base import Pushed, PushedQuota
from capflow_gui.reason import Code, Reason
from tests.unit.conftest import HandClock, run_pending
from tests.unit.domain.lines import series

TENCENT, ALIBABA = Symbol.parse("700.HK"), Symbol.parse("9988.HK")


def quota(**changes: object) -> PushedQuota:
    said = {
        "source": "opend", "used": 12, "limit": 30, "window_s": 30.0, "cycle_s": 20.0, "next_symbol": None,
        "oldest_reply_s": 4.0, "refused": 1, "requests": 90, "open_symbols": 2, "resting_symbols": 3, "heard_at": 999.0,
    }  # fmt: skip
    return PushedQuota(**(said | changes))


@dataclass
class Collector:
    """A Pushing moved by hand."""

    held: dict[Symbol, Pushed] = field(default_factory=dict)
    quotas: tuple[PushedQuota, ...] = ()
    wants: list[tuple[Sequence[Symbol], Sequence[Symbol]]] = field(default_factory=list)
    tell: Callable[[Symbol], None] = print
    refused: dict[Symbol, ProviderError] = field(default_factory=dict)

    def on_pushed(self, callback: Callable[[Symbol], None]) -> None:
        self.tell = callback

    def pushed(self, symbol: Symbol) -> Pushed | None:
        return self.held.get(symbol)

    def want(self, watched: Sequence[Symbol], shown: Sequence[Symbol]) -> None:
        self.wants.append((tuple(watched), tuple(shown)))

    def refusal(self, symbol: Symbol) -> ProviderError | None:
        return self.refused.get(symbol)

    def push(self, symbol: Symbol) -> None:
        self.held[symbol] = Pushed(series([60], symbol=symbol), 990.0)
        self.tell(symbol)


@dataclass
class Rig:
    intake: PushedIntake
    collector: Collector
    store: FlowStore
    open: bool = True
    taken: list[Symbol] = field(default_factory=list)
    failed: list[tuple[Symbol, CapflowError]] = field(default_factory=list)
    fault: Exception | None = None

    def take(self, pushed: Pushed) -> None:
        if self.fault is not None:
            raise self.fault
        self.taken.append(pushed.series.symbol)


@pytest.fixture
async def rig(hand_clock: HandClock) -> AsyncIterator[Rig]:
    collector, store = Collector(), FlowStore(lambda _: None)
    found: list[Rig] = []
    intake = PushedIntake(
        "desk",
        collector,
        store,
        clock=hand_clock,
        gate=lambda: found[0].open,
        on_pushed=lambda pushed: found[0].take(pushed),  # noqa: PLW0108 - it is not there yet
        on_error=lambda symbol, error: found[0].failed.append((symbol, error)),
    )
    found.append(Rig(intake, collector, store))
    (run,) = intake.parts().values()
    running = asyncio.ensure_future(run())
    yield found[0]
    running.cancel()


async def test_a_symbol_that_cannot_be_asked_for_is_said(rig: Rig):
    rig.collector.refused[TENCENT] = NoData("desk", 0, reason=Reason.of(Code.NOT_A_SUBJECT, text="A-.US"))
    rig.intake.watch([TENCENT, ALIBABA])
    await run_pending()
    assert rig.failed == [(TENCENT, rig.collector.refused[TENCENT])]
    rig.collector.push(TENCENT)  # another window's list had it after all
    await run_pending()
    assert rig.taken == [TENCENT]


async def test_what_is_there_already_is_taken_when_a_symbol_is_added(rig: Rig):
    rig.collector.push(TENCENT)
    rig.intake.watch([TENCENT])
    await run_pending()
    assert rig.taken == [TENCENT]
    rig.intake.watch([TENCENT, ALIBABA])
    await run_pending()
    assert rig.taken == [TENCENT]  # nothing is there of the other yet
    rig.collector.push(ALIBABA)
    await run_pending()
    assert rig.taken == [TENCENT, ALIBABA]


async def test_replies_wait_until_they_can_be_judged_and_the_newest_counts(rig: Rig):
    rig.open = False
    rig.intake.watch([TENCENT])
    for _ in range(3):
        rig.collector.push(TENCENT)
    await run_pending()
    assert rig.taken == []
    rig.open = True
    rig.intake.poke()
    await run_pending()
    assert rig.taken == [TENCENT]


async def test_a_symbol_that_is_not_watched_is_left_alone(rig: Rig):
    rig.intake.watch([TENCENT])
    rig.collector.push(ALIBABA)
    await run_pending()
    assert rig.taken == []
    rig.intake.ask_again(TENCENT)
    rig.collector.push(TENCENT)
    rig.intake.watch([])
    await run_pending()
    assert rig.taken == []


async def test_the_collector_is_told_what_is_wanted_and_what_is_on_screen(rig: Rig):
    rig.intake.show([ALIBABA, TENCENT])
    rig.intake.watch([TENCENT])
    assert rig.collector.wants == [((), ()), ((TENCENT,), (TENCENT,))]


async def test_a_fault_of_ours_in_one_reply_stops_no_other(rig: Rig, expect_log):
    expect_log("ERROR capflow_gui.feed.intake.pushed: the figures of 700.HK could not be judged")
    rig.fault = ValueError()
    rig.intake.watch([TENCENT, ALIBABA])
    rig.collector.push(TENCENT)
    await run_pending()
    assert [(symbol, type(error)) for symbol, error in rig.failed] == [(TENCENT, PartFailed)]
    rig.fault = None
    rig.collector.push(ALIBABA)
    await run_pending()
    assert rig.taken == [ALIBABA]


async def test_quota_cycle_and_next_symbol_are_the_collectors(rig: Rig):
    intake, collector = rig.intake, rig.collector
    assert (intake.cycle_s(TENCENT), intake.next_poll(TENCENT, 1000.0), intake.at_rest) == (15.0, None, False)
    assert intake.budget().limit == 0
    collector.quotas = quota(), quota(used=3, cycle_s=9.0, next_symbol=ALIBABA, oldest_reply_s=None)
    budget = intake.budget()
    assert (budget.used, budget.limit, budget.cycle_s, budget.next_symbol) == (15, 60, 20.0, ALIBABA)
    assert (budget.open_symbols, budget.resting_symbols, budget.refused, budget.requests) == (4, 6, 2, 180)
    assert budget.oldest_reply_s == 5.0
    assert intake.next_poll(ALIBABA, 1000.0) == 1000.0
    assert intake.next_poll(TENCENT, 1000.0) is None
    rig.store.put(series([60], symbol=TENCENT), 990.0)
    assert intake.next_poll(TENCENT, 1000.0) == 1010.0
    collector.quotas = (quota(open_symbols=0),)
    assert (intake.at_rest, intake.next_poll(TENCENT, 1000.0)) == (True, None)


async def test_it_keeps_up_with_any_list_and_is_asked_nothing(rig: Rig, calendar):
    assert rig.intake.room > 100_000
    assert (rig.intake.answered_at, rig.intake.unanswered_since) == (None, None)
    rig.intake.stored(series([60], symbol=TENCENT), 5.0, 6.0)
    assert rig.intake.answered_at == 5.0
    rig.intake.pause()
    rig.intake.use_calendar(calendar)
    rig.intake.set_near(TENCENT, near=True)
