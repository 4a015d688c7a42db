"""Replies that are asked for, in the quota of the source."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from capflow_gui.clock import Clock
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError, UnknownSymbol
from capflow_gui.feed.board import Budget
from capflow_gui.feed.freshness import needs_an_equal
from capflow_gui.feed.market_clock import MarketClock
from capflow_gui.feed.polling.cycle import PollCycle
from capflow_gui.feed.polling.poller import Poller
from capflow_gui.feed.polling.schedule import OTHERS_INTERVAL_S, VISIBLE_INTERVAL_S, Schedule
from capflow_gui.feed.source import Source
from capflow_gui.feed.store import FlowStore


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two replies of a symbol on screen and of any other, and whether sessions are heeded."""

    visible_s: float = VISIBLE_INTERVAL_S
    others_s: float = OTHERS_INTERVAL_S
    ignore_calendar: bool = False


class AskedIntake:
    """See feed.intake.base.Intake. `gate`: whether questions may leave now."""

    def __init__(
        self,
        source: Source,
        store: FlowStore,
        market: MarketClock,
        calendar: Calendar,
        *,
        clock: Clock,
        pace: Pace,
        gate: Callable[[], bool],
        on_series: Callable[[FlowSeries], None],
        on_error: Callable[[Symbol, CapflowError], None],
    ) -> None:
        self.limiter = source.limiter
        self.schedule = Schedule(
            calendar, visible_s=pace.visible_s, others_s=pace.others_s, ignore_calendar=pace.ignore_calendar
        )
        self.cycle = PollCycle(self.schedule, self.limiter)
        self.poller = Poller(
            source.provider,
            self.limiter,
            self.schedule,
            market,
            self.cycle,
            clock=clock,
            gate=gate,
            on_series=on_series,
            on_error=on_error,
        )
        self._name = source.name
        self._store = store
        self._market = market
        self._clock = clock
        self._symbols: tuple[Symbol, ...] = ()

    @property
    def answered_at(self) -> float | None:
        """When the source answered last."""
        return self.poller.answered_at

    @property
    def unanswered_since(self) -> float | None:
        """Since when it has answered nothing it was asked."""
        return self.poller.unanswered_since

    @property
    def room(self) -> int:
        """As many symbols as the quota asks in the interval of rows off screen."""
        limiter = self.limiter
        return max(1, int(limiter.allowed * OTHERS_INTERVAL_S / limiter.limit.window_s))

    @property
    def at_rest(self) -> bool:
        """Whether no symbol is due before its market wakes."""
        return self.schedule.at_rest(self._clock.monotonic(), self._market.now())

    def watch(self, symbols: Sequence[Symbol], since: Mapping[Symbol, float] | None = None) -> None:
        """The symbols to poll."""
        self._symbols = tuple(symbols)
        self.schedule.set_symbols(symbols, self._clock.monotonic(), since)
        self.poller.watch(symbols)

    def show(self, symbols: Iterable[Symbol]) -> None:
        """The rows on screen."""
        self.schedule.set_visible(symbols)
        self.poller.poke()

    def set_near(self, symbol: Symbol, near: bool) -> None:
        """Whether the symbol's newest figure is near its threshold; if so, it is asked more often."""
        self.schedule.set_near(symbol, near)

    def ask_again(self, symbol: Symbol) -> None:
        """Ask the symbol now."""
        self.schedule.ask_again(symbol)
        self.poller.poke()

    def use_calendar(self, calendar: Calendar) -> None:
        """The calendar from now on."""
        self.schedule.calendar = calendar
        self.poller.poke()

    def pause(self) -> None:
        """The link is down."""
        self.schedule.pause()

    def poke(self) -> None:
        """Something changed that may make a symbol due."""
        self.poller.poke()

    def stored(self, judged: FlowSeries, now: float, received: float) -> None:
        """A reply was judged, and is about to be stored."""
        self.schedule.stored(judged.symbol, now, received, again=needs_an_equal(judged))
        self.cycle.answered(judged.symbol, now, received)

    def cycle_s(self, symbol: Symbol) -> float:
        """Seconds between two replies of a symbol: the plan at first, then as measured."""
        return self.cycle.seconds(symbol, self._clock.monotonic(), self._market.now())

    def next_poll(self, symbol: Symbol, now: float) -> float | None:
        """When the symbol is due; None while asked or at rest for good."""
        return self.schedule.due_at(symbol, now, self._market.now(), self._market.rate)

    def budget(self) -> Budget:
        """The quota of capital flow, and what it is spent on."""
        now, market = self._clock.monotonic(), self._market.now()
        resting = self.schedule.resting(market)
        active = [symbol for symbol in self._symbols if symbol not in resting and not self._is_unknown(symbol)]
        replied = (self._store.get(symbol).replied_at for symbol in active)
        ages = [now - at for at in replied if at is not None]
        return Budget(
            source=self._name,
            used=self.limiter.used,
            limit=self.limiter.allowed,
            window_s=self.limiter.limit.window_s,
            cycle_s=max(map(self.cycle_s, active), default=None),
            open_symbols=len(active),
            resting_symbols=len(resting),
            next_symbol=self.schedule.next_symbol(now, market, self.cycle.slot_s),
            oldest_reply_s=max(ages, default=None),
            refused=self.limiter.stats.refused,
            requests=self.limiter.stats.requests,
        )

    def parts(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """The poller."""
        return {"polling": self.poller.run}

    def _is_unknown(self, symbol: Symbol) -> bool:
        return isinstance(self._store.get(symbol).error, UnknownSymbol)
