"""What a subscriber is sent: the objects of `watch`, with currency, flags and SIMULATED beside each number."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import closing
from typing import Any

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import Subscription
from capflow_gui.feed.events import AlertEvent, ErrorEvent, Event, FaultEvent, FlowEvent, LinkEvent
from capflow_gui.feed.source_feed import SourceFeed
from capflow_gui.monitor import Monitor
from capflow_gui.present.names import flag_list
from capflow_gui.present.watch_lines import event_facts

Facts = dict[str, Any]
# The topic of each sort of event; an error is about a symbol's flow.
_TOPICS: dict[type, str] = {AlertEvent: "alert", LinkEvent: "link", FlowEvent: "flow", ErrorEvent: "flow"}


def notice_facts(monitor: Monitor, event: Event) -> Facts:
    """The object of `watch`, and what its numbers need to be understood by themselves."""
    facts = event_facts(event, monitor.calendar)
    match event:
        case FlowEvent(source=source, symbol=symbol):
            currency, assumed = monitor.money(source, symbol)
            facts |= {"currency": currency, "currency_assumed": assumed, "cumulative": event.series.cumulative}
            facts |= {"flags": flag_list(event.series.flags)}
        case AlertEvent(record=record):
            source, symbol = record.source, record.symbol
            currency, assumed = monitor.money(source, symbol)
            facts |= {"id": record.id, "currency": currency, "currency_assumed": assumed}
            if record.of_source:
                facts["symbol"] = None
        case LinkEvent(state=state):
            source = state.source
        case ErrorEvent(source=source):
            pass
        case FaultEvent():
            return facts | {"simulated": monitor.simulated}
    return facts | {"simulated": any(feed.simulated for feed in monitor.feeds if feed.name == source)}


def standing_flow(feed: SourceFeed, symbol: Symbol) -> FlowEvent:
    """What is known of a symbol now; nothing need have happened."""
    series = feed.store.get(symbol).series
    assert series is not None  # noqa: S101 - the caller looked
    facts = feed.market.now(), feed.name, symbol, series, feed.age(symbol), feed.freshness(symbol)
    return FlowEvent(*facts, unchanged=True, replied=False)


class Notices:
    """One client's subscription. `write` is given each object, and waited for: flow of a slow reader is conflated.

    Alerts, and faults of Capflow itself, are never left out: faults are sent whatever the topic.
    """

    def __init__(self, monitor: Monitor, write: Callable[[str, Facts], Awaitable[None]]) -> None:
        self.topics: set[str] = set()
        self._monitor = monitor
        self._write = write
        self._events: Subscription | None = None
        self._sending: asyncio.Task[None] | None = None

    def subscribe(self, topics: Collection[str]) -> None:
        """Send these too, beginning with how things stand. To be called on the loop."""
        new = [topic for topic in dict.fromkeys(topics) if topic not in self.topics]
        self.topics |= {*new}
        if self._events is None:
            self._events = self._monitor.subscribe("serve", events=True)
            self._sending = asyncio.create_task(self._send_all(self._events), name="notices")
        for feed in self._monitor.feeds:
            if "link" in new:
                link = feed.provider.link
                retry = None if link.retry_at is None else max(0.0, link.retry_at - self._monitor.monotonic_now())
                self._events.put(LinkEvent(feed.market.now(), link, retry))
            for symbol in self._monitor.symbols if "flow" in new else ():
                if feed.store.get(symbol).series is not None:
                    self._events.put(standing_flow(feed, symbol))
        self._show()

    def unsubscribe(self, topics: Collection[str]) -> None:
        """Send these no more."""
        self.topics -= {*topics}
        self._show()

    def _show(self) -> None:
        """Who is sent flow looks at every row: the rows are asked as those on a screen are."""
        if self._events is not None:
            self._events.show(self._monitor.symbols if "flow" in self.topics else ())

    async def _send_all(self, events: Subscription) -> None:
        with closing(events):
            async for event in events:
                if events.changes().watchlist:
                    self._show()
                if isinstance(event, FaultEvent) or _TOPICS[type(event)] in self.topics:
                    facts = notice_facts(self._monitor, event)
                    await self._write(facts["type"], facts)

    async def close(self) -> None:
        """Stop; what waits is not sent."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.wait({self._sending})
