"""Edited settings as the running monitor takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from capflow_gui.domain.lists.groups import Groups
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Choice, ThresholdChoice, parse_level
from capflow_gui.settings import NO_THRESHOLD, Settings, Thresholds

if TYPE_CHECKING:
    from capflow_gui.monitor import Monitor


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


def pass_on(before: Settings, profile: Edited, monitor: Monitor) -> None:
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


def _set_thresholds(before: Thresholds, now: Thresholds, monitor: Monitor) -> None:
    if before.default != now.default:
        monitor.set_threshold(None, _choice(now.default or NO_THRESHOLD))
    for name in before.symbols.keys() | now.symbols.keys():
        if before.symbols.get(name) != now.symbols.get(name):
            text = now.symbols.get(name)
            monitor.set_threshold(Symbol.parse(name), Choice.INHERIT if text is None else _choice(text))


def _choice(text: str) -> ThresholdChoice:
    return Choice.NONE if text == NO_THRESHOLD else parse_level(text)
