"""Subscriptions: each consumer has its own pending changes, events and shown symbols."""

from __future__ import annotations

import asyncio
from datetime import date

import numpy as np
import pytest

from capflow_gui.domain.alert_record import AlertRecord, AlertState
from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import NoData
from capflow_gui.feed.events import AlertEvent, ErrorEvent, Event, FlowEvent, LinkEvent
from capflow_gui.feed.freshness import Freshness
from capflow_gui.feed.subscriptions import Changes, Subscription, Subscriptions

A, B, C = (Symbol.parse(text) for text in ("700.HK", "3690.HK", "1299.HK"))


def flow(symbol: Symbol, at: float, *, unchanged: bool = False, replied: bool = True) -> FlowEvent:
    empty = np.empty(0, np.int64)
    series = FlowSeries(symbol, "opend", Period.INTRADAY, empty, np.empty((6, 0)), None, date(2026, 6, 10), at)
    return FlowEvent(at, "opend", symbol, series, None, Freshness.LIVE, unchanged, replied)


def failure(symbol: Symbol, at: float) -> ErrorEvent:
    return ErrorEvent(at, "opend", symbol, NoData("opend", 0, "nothing"))


def link(phase: LinkPhase, at: float, source: str = "opend") -> LinkEvent:
    return LinkEvent(at, LinkState(source, phase, at), None)


def alert(symbol: Symbol, at: float) -> AlertEvent:
    record = AlertRecord(
        id=int(at),
        source="opend",
        symbol=symbol,
        rule="net <= -1M",
        state=AlertState.ACTIVE,
        session="2026-06-10",
        line_time=int(at),
        value=-2e6,
        threshold=-1e6,
        raised_at=at,
    )
    return AlertEvent(at, "raised", record, "*: net <= -1M", int(at), -2e6, -1e6)


async def waiting(subscription: Subscription) -> list[Event]:
    """Everything that waits, taken by closing."""
    subscription.close()
    return [event async for event in subscription]


def test_each_consumer_has_its_own_changes() -> None:
    hub = Subscriptions()
    first, second = hub.subscribe("first"), hub.subscribe("second")
    assert not first.changes()
    hub.changed([A, B], history=(A, Period.DAY), links=True)
    assert first.changes() == Changes(frozenset({A, B}), frozenset({(A, Period.DAY)}), links=True)
    assert not first.changes()
    hub.changed([C], alerts=True)
    assert first.changes() == Changes(frozenset({C}), alerts=True)
    hub.changed(tape=True)
    assert (first.changes(), first.changes()) == (Changes(tape=True), Changes())
    assert second.changes().symbols == {A, B, C}


def test_a_row_that_left_the_watchlist_is_no_change_any_more() -> None:
    hub = Subscriptions()
    window = hub.subscribe("window")
    hub.changed([A, B])
    hub.watchlist_changed([B, C])
    assert window.changes() == Changes(frozenset({B}), watchlist=True)


def test_what_is_shown_is_the_union_and_told_when_it_changes() -> None:
    told: list[tuple[Symbol, ...]] = []
    hub = Subscriptions()
    hub.on_show = lambda: told.append(hub.shown)
    first, second = hub.subscribe("first"), hub.subscribe("second")
    first.show([A, B])
    second.show([B])
    second.show([B, C])
    second.show([B, C])
    first.close()
    second.close()
    assert told == [(A, B), (A, B, C), (B, C), ()]


def test_a_closed_consumer_is_told_nothing_and_closes_once() -> None:
    hub = Subscriptions()
    window = hub.subscribe("window", events=True)
    window.close()
    window.close()
    hub.changed([A])
    hub.tell(alert(A, 1))
    assert not window.changes()


async def test_a_consumer_that_keeps_up_takes_every_event_in_order() -> None:
    hub = Subscriptions()
    taken: list[Event] = []
    subscription = hub.subscribe("printer", events=True)

    async def take() -> None:
        async for event in subscription:
            taken.append(event)  # noqa: PERF401 - as they come

    taking = asyncio.create_task(take())
    told = [link(LinkPhase.READY, 1), flow(A, 2), flow(A, 3), alert(A, 4), failure(A, 5), flow(A, 6)]
    for event in told:
        hub.tell(event)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    subscription.close()
    await taking
    assert taken == told


async def test_a_slow_consumer_gets_every_alert_first_and_the_newest_flow_with_a_count() -> None:
    hub = Subscriptions()
    slow = hub.subscribe("slow", events=True)
    alerts = [alert(A, at) for at in range(10, 110)]
    for at, event in enumerate(alerts):
        hub.tell(flow(A, at, unchanged=at > 0))
        hub.tell(event)
        hub.tell(flow(B, at, replied=at == 0))
    events = await waiting(slow)
    assert events[:100] == alerts
    newest_a, newest_b = events[100:]
    assert isinstance(newest_a, FlowEvent)
    assert isinstance(newest_b, FlowEvent)
    assert (newest_a.symbol, newest_a.at, newest_a.conflated, newest_a.unchanged) == (A, 99, 99, False)
    assert (newest_b.symbol, newest_b.at, newest_b.conflated, newest_b.replied) == (B, 99, 99, True)


@pytest.mark.parametrize("last", [flow, failure])
async def test_the_last_event_about_a_symbol_tells_how_it_stands(last) -> None:
    hub = Subscriptions()
    slow = hub.subscribe("slow", events=True)
    for make in (flow, failure, flow, failure, last):
        hub.tell(make(A, 1))
    hub.tell(last(A, 9))
    events = await waiting(slow)
    assert len(events) == 2
    assert events[-1].at == 9


async def test_a_link_that_flaps_leaves_its_newest_states() -> None:
    hub = Subscriptions()
    slow = hub.subscribe("slow", events=True)
    for at in range(0, 300, 3):
        for step, phase in enumerate((LinkPhase.CONNECTING, LinkPhase.READY, LinkPhase.LOST)):
            hub.tell(link(phase, at + step))
    hub.tell(link(LinkPhase.CONNECTING, 300))
    states = [(event.at, event.state.phase) for event in await waiting(slow) if isinstance(event, LinkEvent)]
    assert states == [(298, LinkPhase.READY), (299, LinkPhase.LOST), (300, LinkPhase.CONNECTING)]


async def test_without_events_nothing_is_queued() -> None:
    hub = Subscriptions()
    window = hub.subscribe("window")
    hub.tell(alert(A, 1))
    assert await waiting(window) == []
