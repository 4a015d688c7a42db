"""The truth: the newest series of every symbol of one source, and what went wrong since.

A reply is the whole day so far: it replaces what was there, and is never appended. An error keeps the last good
series. Who looks at the store is told what moved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from capflow_gui.domain.flow import FlowSeries, Ints
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.validation import difference
from capflow_gui.errors import CapflowError


@dataclass(slots=True)
class Held:
    """What is kept of one symbol. `replied_at` and `failed_at` are monotonic seconds.

    Before the first reply `series` is what an earlier run recorded, or None.
    """

    series: FlowSeries | None = None
    replied_at: float | None = None
    error: CapflowError | None = None
    failed_at: float | None = None
    replies: int = 0


class Put(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What a reply changed. Labels are (k,) UTC epoch seconds, ascending.

    old        the series kept until now, None before the first; it may be of another session, or of an earlier run
    new        the series kept from now on
    changed    lines that came, went, or have other figures: all of them in a new session
    confirmed  lines that are confirmed and were not
    revised    lines that had been confirmed with other figures
    """

    old: FlowSeries | None
    new: FlowSeries
    changed: Ints
    confirmed: Ints
    revised: Ints

    @property
    def unchanged(self) -> bool:
        """Whether the reply has the same lines as the one before."""
        return self.old is not None and not len(self.changed)


class FlowStore:
    """Series by symbol; `on_change` is called with each symbol whose row must be looked at again."""

    def __init__(self, on_change: Callable[[Symbol], None]) -> None:
        self._held: dict[Symbol, Held] = {}
        self._on_change = on_change

    def get(self, symbol: Symbol) -> Held:
        """What is kept of the symbol; empty for one that was never asked."""
        return self._held.get(symbol, _NOTHING)

    def put(self, series: FlowSeries, replied_at: float) -> Put:
        """Keep a judged intraday series. One without lines replaces nothing: the last lines stay."""
        held = self._held.get(series.symbol)
        if held is None:
            held = self._held[series.symbol] = Held()
        held.replied_at, held.error, held.failed_at = replied_at, None, None
        held.replies += 1
        return self._keep(held, series if len(series) or held.series is None else held.series)

    def recall(self, series: FlowSeries) -> None:
        """Keep what an earlier run recorded, until the first reply; of no effect once there was one."""
        held = self._held.setdefault(series.symbol, Held())
        if held.replied_at is None:
            held.series = series
            self._on_change(series.symbol)

    def judged_again(self, series: FlowSeries) -> Put:
        """Replace the held series by the same lines with other flags. Raises KeyError where none is held."""
        return self._keep(self._held[series.symbol], series)

    def _keep(self, held: Held, series: FlowSeries) -> Put:
        old, held.series = held.series, series
        self._on_change(series.symbol)
        return Put(old, series, *difference(old, series))

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
