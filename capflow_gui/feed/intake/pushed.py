"""Replies that a collector polls and pushes: there is an interest instead of a quota."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from msgspec.structs import replace

from capflow_gui.clock import Bell, Clock
from capflow_gui.domain.flow import STRUCTURAL, Flag, FlowSeries
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.validation import with_flags
from capflow_gui.errors import CapflowError, PartFailed
from capflow_gui.feed.board import Budget
from capflow_gui.feed.store import FlowStore
from capflow_gui.providers.base import Pushed, PushedQuota, Pushing
from capflow_gui.reason import Code, Reason

# Until the collector says its own.
_CYCLE_S = 15.0
# More symbols than any watchlist has.
_ROOM = 1_000_000
# What `domain.calibration` finds, and no check of lines.
_CALIBRATED = Flag.SCALE | Flag.PER_MINUTE | Flag.SIGN
# The loop's turn is given to others after so many replies.
_AT_ONCE = 8

log = logging.getLogger(__name__)


class PushedIntake:
    """See feed.intake.base.Intake.

    `gate`: whether replies may be judged now; those that come before wait. on_pushed(reply) judges and keeps it,
    on_error(symbol, error) hears that it cannot be.
    """

    def __init__(
        self,
        name: str,
        pushing: Pushing,
        store: FlowStore,
        *,
        clock: Clock,
        gate: Callable[[], bool],
        on_pushed: Callable[[Pushed], None],
        on_error: Callable[[Symbol, CapflowError], None],
    ) -> None:
        self.answered_at: float | None = None
        self.unanswered_since: float | None = None
        self._name = name
        self._pushing = pushing
        self._store = store
        self._clock = clock
        self._gate = gate
        self._on_pushed = on_pushed
        self._on_error = on_error
        self._bell = Bell(clock)
        self._watched: tuple[Symbol, ...] = ()
        self._is_watched: frozenset[Symbol] = frozenset()
        self._shown: tuple[Symbol, ...] = ()
        self._waiting: dict[Symbol, None] = {}  # in the order in which they came
        self._timed: Sequence[PushedQuota] | None = None  # the quotas that `_cycle_s` was made of
        self._cycle_s = _CYCLE_S
        pushing.on_pushed(self._came)

    @property
    def room(self) -> int:
        """The collector makes room."""
        return _ROOM

    @property
    def at_rest(self) -> bool:
        """Whether the collector has no symbol whose market is open."""
        quotas = self._pushing.quotas
        return bool(quotas) and not self._waiting and not any(quota.open_symbols for quota in quotas)

    def watch(self, symbols: Sequence[Symbol], since: Mapping[Symbol, float] | None = None) -> None:
        """The symbols to have replies of: what is here already is one."""
        del since
        new = set(symbols).difference(self._watched)
        self._watched, self._is_watched = tuple(symbols), frozenset(symbols)
        self._waiting |= dict.fromkeys(symbol for symbol in symbols if symbol in new)
        self._want()
        self._bell.ring()

    def show(self, symbols: Iterable[Symbol]) -> None:
        """The rows on screen: they weigh as those on the collector's own screen would."""
        self._shown = tuple(symbols)
        self._want()

    def _want(self) -> None:
        shown = [symbol for symbol in self._shown if symbol in self._is_watched]
        self._pushing.want(self._watched, shown)

    def set_near(self, symbol: Symbol, near: bool) -> None:
        """The collector judges by its own rules what is near."""

    def ask_again(self, symbol: Symbol) -> None:
        """Look at what is here once more."""
        self._came(symbol)

    def use_calendar(self, calendar: Calendar) -> None:
        """The collector goes by its own."""

    def pause(self) -> None:
        """Nothing is timed."""

    def poke(self) -> None:
        """Replies that wait may be judged now."""
        self._bell.ring()

    def stored(self, judged: FlowSeries, now: float, received: float) -> None:
        """A reply is about to be stored."""
        del judged, received
        self.answered_at = now

    def cycle_s(self, symbol: Symbol) -> float:
        """The longest of the collector's sources."""
        del symbol
        quotas = self._pushing.quotas
        if quotas is not self._timed:  # asked for each symbol, again and again
            self._timed = quotas
            self._cycle_s = max((quota.cycle_s for quota in quotas if quota.cycle_s is not None), default=_CYCLE_S)
        return self._cycle_s

    def next_poll(self, symbol: Symbol, now: float) -> float | None:
        """A cycle after the last reply, as far as that can be known here; at once for the collector's next symbol."""
        replied_at = self._store.get(symbol).replied_at
        quotas = self._pushing.quotas
        if any(quota.next_symbol == symbol for quota in quotas):
            return now
        if replied_at is None or not any(quota.open_symbols for quota in quotas):
            return None
        return replied_at + self.cycle_s(symbol)

    def budget(self) -> Budget:
        """The quotas of the collectors together, as they said them last."""
        quotas, now = self._pushing.quotas, self._clock.monotonic()
        oldest = (quota.oldest_reply_s + now - quota.heard_at for quota in quotas if quota.oldest_reply_s is not None)
        return Budget(
            source=self._name,
            used=sum(quota.used for quota in quotas),
            limit=sum(quota.limit for quota in quotas),
            window_s=max((quota.window_s for quota in quotas), default=0.0),
            cycle_s=max((quota.cycle_s for quota in quotas if quota.cycle_s is not None), default=None),
            open_symbols=sum(quota.open_symbols for quota in quotas),
            resting_symbols=sum(quota.resting_symbols for quota in quotas),
            next_symbol=next((quota.next_symbol for quota in quotas if quota.next_symbol is not None), None),
            oldest_reply_s=max(oldest, default=None),
            refused=sum(quota.refused for quota in quotas),
            requests=sum(quota.requests for quota in quotas),
        )

    def parts(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """What judges replies as they come."""
        return {"following": self.run}

    async def run(self) -> None:
        """Judge what comes until cancelled; of several replies of one symbol the newest counts."""
        while True:
            await self._bell.wait()
            while self._waiting and self._gate():
                for symbol in list(self._waiting)[:_AT_ONCE]:
                    del self._waiting[symbol]
                    self._take(symbol)
                if self._waiting:
                    await asyncio.sleep(0)

    def _came(self, symbol: Symbol) -> None:
        if symbol in self._is_watched:
            self._waiting[symbol] = None
            self._bell.ring()

    def _take(self, symbol: Symbol) -> None:
        """Hand a reply on. A failure here is no fault of the source."""
        if symbol not in self._is_watched:
            return
        pushed = self._pushing.pushed(symbol)
        if pushed is None:
            if (refusal := self._pushing.refusal(symbol)) is not None:
                self._on_error(symbol, refusal)
            return
        try:
            self._on_pushed(pushed)
        except Exception as error:
            log.exception("the figures of %s could not be judged", symbol)
            reason = Reason.of(Code.PART_FAILED, part=f"judging {symbol}", error=type(error).__name__)
            self._on_error(symbol, PartFailed(reason))


def agreed(judged: FlowSeries, elsewhere: FlowSeries) -> FlowSeries:
    """A judged series with what was found elsewhere alone: the kind of its amounts, and lines that are confirmed.

    `elsewhere` has the same lines, judged where more was known: all replies, and the day's money in and out.
    """
    series = with_flags(judged, elsewhere.flags & _CALIBRATED)
    more = elsewhere.confirmed & ~series.confirmed
    if not more.any() or series.flags & STRUCTURAL:
        return series
    return replace(series, confirmed=series.confirmed | more, checked=None)
