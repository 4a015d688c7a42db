"""Takes up what is edited in the profile's files while a collector runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from capflow_gui.desk.collector import Collector
from capflow_gui.domain.lists.groups import Groups
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import ThresholdChoice
from capflow_gui.domain.typed.rule_entry import RuleEntry
from capflow_gui.serve.profile import ServedProfile


class OwnGroups:
    """The groups of a profile that a symbol stands in, as they are now."""

    def __init__(self, profile: ServedProfile) -> None:
        self._profile = profile
        self._settings = profile.settings
        self._groups = profile.groups

    def of(self, symbol: Symbol) -> set[str]:
        """Their names. It is asked of every rule and symbol, and the settings are seldom others."""
        if self._settings is not self._profile.settings:
            self._settings, self._groups = self._profile.settings, self._profile.groups
        return {group.name for group in self._groups if symbol in group.symbols}


class Edited:
    """What the intents of edited settings do to a collector: serve.profile.Following.

    The list is polled beside what windows want, as far as the shards are held. What stands of rules that are as they
    were goes on.
    """

    def __init__(self, collector: Collector, listed: Sequence[Symbol], also: Sequence[Symbol]) -> None:
        """`listed` is the watchlist as it is; `also` are the symbols of the command line, which stay."""
        self.symbols = tuple(listed)
        self._collector = collector
        self._also = also

    def add_symbols(self, symbols: Iterable[Symbol]) -> None:
        """Poll these too."""
        self._list((*self.symbols, *symbols))

    def remove_symbols(self, symbols: Iterable[Symbol]) -> None:
        """Poll these no longer, unless a window wants them."""
        gone = set(symbols)
        self._list(tuple(symbol for symbol in self.symbols if symbol not in gone))

    def reorder(self, symbols: Sequence[Symbol]) -> None:
        """No order is kept: a desk has none."""

    def _list(self, symbols: tuple[Symbol, ...]) -> None:
        if symbols != self.symbols:
            self.symbols = symbols
            self._collector.set_own((*self._also, *symbols))

    def set_groups(self, groups: Groups) -> None:
        """Have rules for other groups; symbols that are polled by another collector are not polled by this one."""
        monitor = self._collector.monitor
        monitor.set_groups(groups.keep_only(monitor.symbols))

    def choose_source(self, symbol: Symbol, source: str | None) -> None:
        """Have a symbol asked at one source."""
        self._collector.monitor.choose_source(symbol, source)

    def set_threshold(self, symbol: Symbol | None, choice: ThresholdChoice) -> None:
        """Change the threshold of a symbol, or (None) the one for all."""
        self._collector.monitor.set_threshold(symbol, choice)

    def set_rules(self, entries: Sequence[RuleEntry]) -> None:
        """Replace the rules of the profile."""
        self._collector.monitor.set_rules(entries)
