"""The tape of feeds made by hand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec import structs

from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.routing.live_tape import LiveTape
from capflow_gui.feed.store import FlowStore, Put
from tests.unit.conftest import HandClock, run_pending
from tests.unit.domain.tape.days import DAY, TENCENT, lines, moves, noisy, said, zigzag

MOBILE, CNOOC = Symbol.parse("941.HK"), Symbol.parse("883.HK")


@dataclass
class HandFeed:
    """As much of a SourceFeed as the tape touches."""

    name: str
    is_ready: bool = True
    watched: tuple[Symbol, ...] = (TENCENT,)
    now: float = float(DAY.close)
    store: FlowStore = field(default_factory=lambda: FlowStore(lambda _symbol: None))

    @property
    def market(self) -> SimpleNamespace:
        return SimpleNamespace(now=lambda: self.now)


class Tapes:
    """A LiveTape of two feeds; `shown` is the one that the row shows."""

    def __init__(self, calendar: Calendar) -> None:
        self.first, self.second = HandFeed("opend"), HandFeed("longport")
        self.shown = self.first
        self.changes = 0
        feed_of: Any = lambda _symbol: self.shown  # noqa: E731
        self.tape = LiveTape(feed_of, lambda: calendar, self._changed)

    def _changed(self) -> None:
        self.changes += 1

    def answer(self, feed: Any, series: FlowSeries, state: Freshness = Freshness.LIVE) -> Put:
        put = feed.store.put(structs.replace(series, source=feed.name), 1.0)
        self.tape.judged(feed, put, state)
        return put

    def aged(self, feed: Any, state: Freshness) -> None:
        self.tape.aged(feed, TENCENT, state)


@pytest.fixture
def tapes(calendar: Calendar) -> Tapes:
    return Tapes(calendar)


def test_events_are_said_once_and_a_reply_that_says_the_same_says_nothing(tapes: Tapes) -> None:
    tapes.answer(tapes.first, lines(zigzag()))
    assert tapes.changes == 0
    for _ in range(2):
        tapes.answer(tapes.first, lines(moves(zigzag(), 60)))
        assert said(tapes.tape.events) == [("high", 40, 111.0), ("burst", 40, 60.0)]
        assert tapes.changes == 1


def test_a_source_that_the_row_does_not_show_gives_no_event(tapes: Tapes) -> None:
    tapes.answer(tapes.second, lines(noisy(1)))
    tapes.aged(tapes.second, Freshness.STALE)
    assert tapes.tape.events == ()


def test_a_symbol_that_changes_its_source_has_no_event_twice(tapes: Tapes) -> None:
    day = noisy(3)
    tapes.answer(tapes.first, lines(day))
    whole = tapes.tape.events
    tapes.shown = tapes.second
    tapes.answer(tapes.second, lines(day))
    assert tapes.tape.events == whole


async def test_what_is_recorded_stands_at_its_own_minute_and_the_first_reply_adds_to_it(
    tapes: Tapes, hand_clock: HandClock
) -> None:
    day = noisy(3)
    half = lines(day[:200])
    tapes.first.store.recall(half)
    feeds: Any = [tapes.first, tapes.second]
    task = asyncio.create_task(tapes.tape.run(hand_clock))
    for _ in range(2):
        tapes.tape.recalled(feeds)
        await run_pending()
        hand_clock.move(3.0)
    before = tapes.tape.events
    assert before
    assert all(event.at == event.line <= DAY.label(199) for event in before)
    tapes.answer(tapes.first, lines(day))
    assert tapes.tape.events[-len(before) :] == before
    tapes.tape.recalled(feeds)
    await run_pending()
    assert len(set(map(repr, tapes.tape.events))) == len(tapes.tape.events)
    task.cancel()


async def test_recalled_days_are_taken_one_by_one_and_only_of_symbols_that_are_still_watched(
    tapes: Tapes, hand_clock: HandClock
) -> None:
    tapes.first.watched = (TENCENT, MOBILE, CNOOC)
    for symbol in tapes.first.watched:
        tapes.first.store.recall(structs.replace(lines(noisy(3)), symbol=symbol))
    feeds: Any = [tapes.first]
    tapes.tape.recalled(feeds)
    assert tapes.tape.events == ()
    task = asyncio.create_task(tapes.tape.run(hand_clock))
    await run_pending()
    hand_clock.move(2.9)
    await run_pending()
    assert tapes.tape.events == ()  # a start shows its list and its chart first
    hand_clock.move(0.1)
    await run_pending()
    assert {event.symbol for event in tapes.tape.events} == {TENCENT}
    tapes.first.watched = (TENCENT, CNOOC)
    hand_clock.move(1.0)
    await run_pending()
    assert {event.symbol for event in tapes.tape.events} == {TENCENT, CNOOC}
    task.cancel()


def test_a_large_revision_is_an_event(tapes: Tapes) -> None:
    net = zigzag()
    tapes.answer(tapes.first, lines(net))
    tapes.answer(tapes.first, lines([*net[:10], 90.0, *net[11:]]))
    assert said(tapes.tape.events) == [("revision", 10, 40.0)]


def test_stale_figures_are_an_event_while_the_link_is_up(tapes: Tapes) -> None:
    tapes.answer(tapes.first, lines(zigzag()))
    tapes.first.is_ready = False
    tapes.aged(tapes.first, Freshness.STALE)
    assert tapes.tape.events == ()
    tapes.first.is_ready = True
    tapes.aged(tapes.first, Freshness.STALE)
    tapes.first.is_ready = False
    tapes.aged(tapes.first, Freshness.STALE)
    tapes.first.is_ready = True
    tapes.first.now += 600
    tapes.answer(tapes.first, lines(moves(zigzag(), 0)))
    assert [each.kind.value for each in tapes.tape.events] == ["back", "stale"]
    assert tapes.tape.events[0].at == DAY.close + 600


def test_lines_without_a_session_give_no_event(tapes: Tapes) -> None:
    tapes.answer(tapes.first, structs.replace(lines(noisy(3)), session=None))
    assert tapes.tape.events == ()


def test_symbols_that_left_the_list_are_forgotten(tapes: Tapes) -> None:
    tapes.answer(tapes.first, lines(noisy(3)))
    tapes.tape.keep_only([])
    assert tapes.tape.events == ()
