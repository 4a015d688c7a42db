"""Subscriptions: what each consumer of the feed has not taken yet.

The feed and the alert engine only put something into them. No code of a consumer runs in their call stack, so a
consumer that raises, hangs or is slow disturbs neither them nor another consumer.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.events import AlertEvent, ErrorEvent, Event, FaultEvent, FlowEvent, LinkEvent


@dataclass(frozen=True, slots=True)
class Changes:
    """What a consumer has to read from the board again. `links` includes quotas and troubles."""

    symbols: frozenset[Symbol] = frozenset()
    histories: frozenset[tuple[Symbol, Period]] = frozenset()
    watchlist: bool = False
    links: bool = False
    alerts: bool = False
    tape: bool = False

    def __bool__(self) -> bool:
        return bool(self.symbols or self.histories or self.watchlist or self.links or self.alerts or self.tape)


class PendingChanges:
    """The changes since a consumer took them last. At first there are none."""

    def __init__(self) -> None:
        self._symbols: set[Symbol] = set()
        self._histories: set[tuple[Symbol, Period]] = set()
        self._watchlist = self._links = self._alerts = self._tape = False

    def note(self, changes: Changes) -> None:
        """Add changes."""
        self._symbols |= changes.symbols
        self._histories |= changes.histories
        self._watchlist |= changes.watchlist
        self._links |= changes.links
        self._alerts |= changes.alerts
        self._tape |= changes.tape

    def keep_only(self, symbols: frozenset[Symbol]) -> None:
        """Forget rows that are not on the board any more."""
        self._symbols &= symbols

    def take(self) -> Changes:
        """Everything pending; nothing is pending afterwards."""
        changes = Changes(
            frozenset(self._symbols), frozenset(self._histories), self._watchlist, self._links, self._alerts, self._tape
        )
        self._symbols.clear()
        self._histories.clear()
        self._watchlist = self._links = self._alerts = self._tape = False
        return changes


class EventQueue:
    """The events a consumer has not taken yet.

    Alert and fault events are kept, every one, and come first. Of a source's link events the newest of each state is
    kept. Flow and error events of a symbol are conflated: the newest stays, with a count of those it stands for.
    """

    def __init__(self) -> None:
        self._first: OrderedDict[Hashable, AlertEvent | FaultEvent | LinkEvent] = OrderedDict()
        self._others: OrderedDict[tuple[type, str, Symbol], FlowEvent | ErrorEvent] = OrderedDict()
        self._numbers = itertools.count()

    def __len__(self) -> int:
        return len(self._first) + len(self._others)

    def put(self, event: Event) -> None:
        """Add an event."""
        if isinstance(event, AlertEvent | FaultEvent):
            self._first[next(self._numbers)] = event
        elif isinstance(event, LinkEvent):
            key = event.state.source, event.state.phase
            self._first[key] = event
            self._first.move_to_end(key)
        else:
            self._put_conflated(event)

    def _put_conflated(self, event: FlowEvent | ErrorEvent) -> None:
        key = type(event), event.source, event.symbol
        other = ErrorEvent if isinstance(event, FlowEvent) else FlowEvent, event.source, event.symbol
        waiting = self._others.get(key)
        if waiting is not None:
            event = replace(event, conflated=waiting.conflated + 1)
            if isinstance(event, FlowEvent) and isinstance(waiting, FlowEvent):
                unchanged = waiting.unchanged and event.unchanged
                event = replace(event, unchanged=unchanged, replied=waiting.replied or event.replied)
        self._others[key] = event
        if other in self._others:
            # The last one told about a symbol is the newest. Otherwise it keeps its place: no symbol waits for ever.
            self._others.move_to_end(key)

    def take(self) -> Event:
        """The next event. Raises KeyError where none waits."""
        return (self._first or self._others).popitem(last=False)[1]


class Subscription:
    """One consumer's view of the feed, from `subscribe` until `close`. Read the board once after subscribing.

    Use `changes()` to show the newest state, `async for event in subscription` to get every event.
    """

    def __init__(self, name: str, *, events: bool, on_show: Callable[[], None], on_close: Callable[[], None]) -> None:
        self.name = name
        self.shown: tuple[Symbol, ...] = ()
        self.closed = False
        self.pending = PendingChanges()
        self._events = EventQueue() if events else None
        self._arrived = asyncio.Event()
        self._on_show = on_show
        self._on_close = on_close

    def changes(self) -> Changes:
        """What changed since the last call."""
        return self.pending.take()

    def show(self, symbols: Iterable[Symbol]) -> None:
        """The rows this consumer shows, in their order there: the feed asks for those first."""
        shown = tuple(symbols)
        if shown != self.shown:
            self.shown = shown
            self._on_show()

    def put(self, event: Event) -> None:
        """Queue an event, if this consumer wants events. Called by the feed."""
        if self._events is not None:
            self._events.put(event)
            self._arrived.set()

    def close(self) -> None:
        """Stop collecting. Events that wait can still be taken; then the iteration ends."""
        if not self.closed:
            self.closed = True
            self._on_close()
            self._arrived.set()

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> Event:
        while not self._events:
            if self.closed:
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        return self._events.take()


class Subscriptions:
    """All subscriptions. `on_show` is called when the union of what they show changes.

    It exists before there is a feed, so that a window can subscribe from its first paint on.
    """

    def __init__(self) -> None:
        self.shown: tuple[Symbol, ...] = ()
        self.on_show: Callable[[], None] = lambda: None
        self._open: list[Subscription] = []

    def subscribe(self, name: str, *, events: bool = False) -> Subscription:
        """A new subscription. Without `events` nobody has to take them."""

        def closed() -> None:
            self._open.remove(subscription)
            self._count_shown()

        subscription = Subscription(name, events=events, on_show=self._count_shown, on_close=closed)
        self._open.append(subscription)
        return subscription

    def _count_shown(self) -> None:
        shown = tuple(dict.fromkeys(symbol for each in self._open for symbol in each.shown))
        if shown != self.shown:
            self.shown = shown
            self.on_show()

    # what the feed tells

    def changed(
        self,
        symbols: Iterable[Symbol] = (),
        *,
        history: tuple[Symbol, Period] | None = None,
        links: bool = False,
        alerts: bool = False,
        tape: bool = False,
    ) -> None:
        """Something on the board changed."""
        histories = frozenset() if history is None else frozenset((history,))
        self._note(Changes(frozenset(symbols), histories, links=links, alerts=alerts, tape=tape))

    def watchlist_changed(self, symbols: Iterable[Symbol]) -> None:
        """The watchlist or its order changed."""
        kept = frozenset(symbols)
        for each in self._open:
            each.pending.keep_only(kept)
        self._note(Changes(watchlist=True))

    def all_changed(self, symbols: Iterable[Symbol]) -> None:
        """Another board answers from now on."""
        self._note(Changes(frozenset(symbols), watchlist=True, links=True, alerts=True, tape=True))

    def _note(self, changes: Changes) -> None:
        for each in self._open:
            each.pending.note(changes)

    def tell(self, event: Event) -> None:
        """Something happened."""
        for each in self._open:
            each.put(event)
