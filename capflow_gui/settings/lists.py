"""The watchlist, its groups and thresholds as the settings have them, and as a running monitor takes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from capflow_gui.domain.lists.groups import Group, Groups
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Choice, ThresholdChoice, parse_level
from capflow_gui.settings.checks import NO_THRESHOLD
from capflow_gui.settings.types import GroupSettings, Settings, Thresholds


def own_groups(settings: Settings) -> Groups:
    """The user's own groups."""
    kept = settings.watchlist.groups
    return Groups(tuple(Group(each.name, tuple(map(Symbol.parse, each.symbols)), each.color) for each in kept))


def kept_groups(groups: Groups) -> list[GroupSettings]:
    """Groups as settings keep them; their colours are among those that there are."""
    return [GroupSettings(each.name, [*map(str, each.symbols)], each.color) for each in groups]  # type: ignore[arg-type]


class Edited(Protocol):
    """A profile: its settings, and the watchlist and groups among them as they are to be watched."""

    @property
    def settings(self) -> Settings:
        """All settings, as they hold now."""

    @property
    def symbols(self) -> Sequence[Symbol]:
        """The watchlist."""

    @property
    def groups(self) -> Groups:
        """The user's own groups."""


class Watching(Protocol):
    """The intents of a monitor that settings become."""

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The watchlist in the user's order."""

    def add_symbols(self, symbols: Iterable[Symbol]) -> None:
        """Put symbols at the end of the watchlist."""

    def remove_symbols(self, symbols: Iterable[Symbol]) -> None:
        """Take symbols off the watchlist."""

    def reorder(self, symbols: Sequence[Symbol]) -> None:
        """The watchlist in a new order."""

    def set_groups(self, groups: Groups) -> None:
        """Have other groups."""

    def choose_source(self, symbol: Symbol, source: str | None) -> None:
        """Have a symbol asked at one source (None: automatic again)."""

    def set_threshold(self, symbol: Symbol | None, choice: ThresholdChoice) -> None:
        """Change the threshold of a symbol, or (None) the one for all."""


def pass_on(before: Settings, profile: Edited, monitor: Watching) -> None:
    """Give a monitor the watchlist, its groups and the thresholds of edited settings."""
    wanted = profile.symbols
    monitor.remove_symbols([symbol for symbol in monitor.symbols if symbol not in wanted])
    monitor.add_symbols([symbol for symbol in wanted if symbol not in monitor.symbols])
    monitor.reorder(wanted)
    monitor.set_groups(profile.groups)
    old, new = before.watchlist.sources, profile.settings.watchlist.sources
    for name in old.keys() | new.keys():
        if old.get(name) != new.get(name):
            monitor.choose_source(Symbol.parse(name), new.get(name))
    _set_thresholds(before.thresholds, profile.settings.thresholds, monitor)


def _set_thresholds(before: Thresholds, now: Thresholds, monitor: Watching) -> None:
    if before.default != now.default:
        monitor.set_threshold(None, _choice(now.default or NO_THRESHOLD))
    for name in before.symbols.keys() | now.symbols.keys():
        if before.symbols.get(name) != now.symbols.get(name):
            text = now.symbols.get(name)
            monitor.set_threshold(Symbol.parse(name), Choice.INHERIT if text is None else _choice(text))


def _choice(text: str) -> ThresholdChoice:
    return Choice.NONE if text == NO_THRESHOLD else parse_level(text)
