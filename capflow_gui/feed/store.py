"""The truth: the newest series of every symbol of one source, and what went wrong since.

A reply is the whole day so far: it replaces what was there, and is never appended. An error keeps the last good
series. Who looks at the store is told what moved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from capflow_gui.domain.flow import FlowSeries, equal_lines
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.validation import revisions
from capflow_gui.errors import CapflowError


@dataclass(slots=True)
class Held:
    """What is kept of one symbol. `replied_at` and `failed_at` are monotonic seconds.

    previous   the last series of the session before, for the ghost curve
    revisions  confirmed lines that changed afterwards, in this session
    """

    series: FlowSeries | None = None
    previous: FlowSeries | None = None
    replied_at: float | None = None
    error: CapflowError | None = None
    failed_at: float | None = None
    revisions: int = 0
    replies: int = 0


@dataclass(frozen=True, slots=True)
class Put:
    """What a reply changed. `unchanged`: it said, line by line, what the one before had said."""

    series: FlowSeries
    unchanged: bool
    rolled_over: bool
    revised: int


class FlowStore:
    """Series by symbol; `on_change` is called with each symbol whose row must be looked at again."""

    def __init__(self, on_change: Callable[[Symbol], None]) -> None:
        self._held: dict[Symbol, Held] = {}
        self._on_change = on_change

    def get(self, symbol: Symbol) -> Held:
        """What is kept of the symbol; empty for one that was never asked."""
        return self._held.get(symbol, _NOTHING)

    def put(self, series: FlowSeries, replied_at: float) -> Put:
        """Keep a judged intraday series."""
        held = self._held.setdefault(series.symbol, Held())
        old = held.series
        rolled_over = old is not None and old.session != series.session
        revised = 0 if old is None or rolled_over else len(revisions(old, series))
        unchanged = old is not None and not rolled_over and equal_lines(old, series)
        if rolled_over and series.session is not None:
            held.previous, held.revisions = old, 0
        held.series, held.replied_at, held.error, held.failed_at = series, replied_at, None, None
        held.revisions += revised
        held.replies += 1
        self._on_change(series.symbol)
        return Put(series, unchanged, rolled_over, revised)

    def put_error(self, symbol: Symbol, error: CapflowError, failed_at: float) -> None:
        """The newest question failed; the last good series stays."""
        held = self._held.setdefault(symbol, Held())
        held.error, held.failed_at = error, failed_at
        self._on_change(symbol)

    def forget_error(self, symbol: Symbol) -> None:
        """The question is open again."""
        held = self._held.get(symbol)
        if held is not None and held.error is not None:
            held.error = held.failed_at = None
            self._on_change(symbol)

    def keep_only(self, symbols: frozenset[Symbol]) -> None:
        """Let go of symbols that left the watchlist."""
        for symbol in [each for each in self._held if each not in symbols]:
            del self._held[symbol]


_NOTHING = Held()
