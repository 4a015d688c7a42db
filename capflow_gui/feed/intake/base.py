"""What a source's feed needs of the way its replies come."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Protocol

from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import Budget


class Intake(Protocol):
    """Replies of the watched symbols. Times named `now` are monotonic seconds."""

    @property
    def answered_at(self) -> float | None:
        """When the source answered last (monotonic), a refusal being an answer; None before it did."""

    @property
    def unanswered_since(self) -> float | None:
        """Since when it has answered nothing it was asked; None where no question is open."""

    @property
    def room(self) -> int:
        """How many symbols it can keep up with."""

    @property
    def at_rest(self) -> bool:
        """Whether nothing is to come before a market wakes."""

    def watch(self, symbols: Sequence[Symbol], since: Mapping[Symbol, float] | None = None) -> None:
        """The symbols to have replies of. `since`: when those of another source were answered there last."""

    def show(self, symbols: Iterable[Symbol]) -> None:
        """The rows on screen."""

    def set_near(self, symbol: Symbol, near: bool) -> None:
        """Whether the symbol's newest figure is near its threshold."""

    def ask_again(self, symbol: Symbol) -> None:
        """The user wants the symbol now, whatever was answered before."""

    def use_calendar(self, calendar: Calendar) -> None:
        """The calendar from now on."""

    def pause(self) -> None:
        """The link is down: the time until the next reply says nothing about the pace."""

    def poke(self) -> None:
        """Something changed that may let a reply in."""

    def stored(self, judged: FlowSeries, now: float, received: float) -> None:
        """A reply was judged, and is about to be stored; `received` is the market time of it."""

    def cycle_s(self, symbol: Symbol) -> float:
        """Seconds between two replies of a symbol: the plan at first, then as measured."""

    def next_poll(self, symbol: Symbol, now: float) -> float | None:
        """When the symbol is due; None while it is asked, at rest for good, or nobody says it."""

    def budget(self) -> Budget:
        """The quota of capital flow, and what it is spent on."""

    def parts(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """What is to run, by name; each until cancelled."""
