"""Which rules hold for which symbol: the net-outflow threshold, the profile's rules, those of the command line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import chain

from capflow_gui.domain.alert import Rule, level_rule
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Choice, Level, ThresholdChoice
from capflow_gui.domain.typed.rule_entry import RuleEntry, threshold_entry


class RuleTable:
    """The default threshold, thresholds of single symbols (None: none), and further rules.

    A threshold is an amount in each symbol's own currency or a share of its turnover. `rules` are in force as long as
    the table is, `entries` can be changed. `groups` names the watchlist groups a symbol stands in, for rules with
    `@group`.
    """

    def __init__(
        self,
        default: Level | None = None,
        overrides: Mapping[Symbol, Level | None] | None = None,
        rules: Iterable[Rule] = (),
        groups: Callable[[Symbol], Collection[str]] = lambda _symbol: (),
        entries: Iterable[RuleEntry] = (),
    ) -> None:
        self.default = default
        self.overrides = dict(overrides or {})
        self._rules = tuple(map(RuleEntry, rules))
        self._entries = {entry.id: entry for entry in entries}
        self._groups = groups
        self._in_force: dict[tuple[Symbol, Level | None, bool, frozenset[str]], tuple[Rule, ...]] = {}

    def threshold(self, symbol: Symbol) -> tuple[Level | None, bool]:
        """The threshold in force for a symbol, and whether it is its own."""
        if symbol in self.overrides:
            return self.overrides[symbol], True
        return self.default, False

    def set_threshold(self, symbol: Symbol | None, choice: ThresholdChoice) -> None:
        """Change the threshold of a symbol, or (None) the one for all."""
        level = None if isinstance(choice, Choice) else choice
        if symbol is None:
            self.default = level
        elif choice is Choice.INHERIT:
            self.overrides.pop(symbol, None)
        else:
            self.overrides[symbol] = level

    @property
    def entries(self) -> tuple[RuleEntry, ...]:
        """The profile's rules, in order; those that are not in force too."""
        return tuple(self._entries.values())

    @property
    def shown(self) -> tuple[RuleEntry, ...]:
        """The profile's rules, then the thresholds, the default first."""
        without = [symbol for symbol, level in self.overrides.items() if level is None]
        default = [] if self.default is None else [threshold_entry(self.default, None, without)]
        single = [threshold_entry(level, symbol) for symbol, level in self.overrides.items() if level is not None]
        return (*self._entries.values(), *default, *single)

    def set_entry(self, entry: RuleEntry, index: int | None = None) -> None:
        """Change the rule of the entry's id in its place, or add it at `index` (None: behind the others)."""
        is_new = entry.id not in self._entries
        self._entries[entry.id] = entry
        if is_new and index is not None:
            for other in [*self._entries][index:-1]:
                self._entries[other] = self._entries.pop(other)
        self._in_force.clear()

    def set_entries(self, entries: Iterable[RuleEntry]) -> None:
        """Replace the rules of the profile."""
        self._entries = {entry.id: entry for entry in entries}
        self._in_force.clear()

    def remove_entry(self, rule_id: str) -> None:
        """Remove a rule of the profile, where there is one of this id."""
        if self._entries.pop(rule_id, None) is not None:
            self._in_force.clear()

    def _further(self) -> Iterator[RuleEntry]:
        return chain(self._rules, self._entries.values())

    def covered(self, entry: RuleEntry, symbols: Iterable[Symbol]) -> tuple[Symbol, ...]:
        """Those of some symbols that a rule is in force for; whether another rule says the same is not asked."""
        is_default = self.default is not None and entry.rule == level_rule(self.default)
        own = self.overrides if is_default else ()
        return tuple(each for each in symbols if each not in own and entry.covers(each, self._groups(each)))

    def wants_classes(self, symbol: Symbol) -> bool:
        """Whether a rule in force needs more than the net total."""
        return any(
            entry.rule is not None and entry.rule.metric != "net" and entry.covers(symbol, self._groups(symbol))
            for entry in self._further()
        )

    def rules_for(self, symbol: Symbol) -> tuple[Rule, ...]:
        """The rules in force for a symbol, its threshold first; no two that say the same of it."""
        key = symbol, *self.threshold(symbol), frozenset(self._groups(symbol))
        found = self._in_force.get(key)
        if found is None:
            found = self._in_force[key] = self._find(*key)
        return found

    def _find(self, symbol: Symbol, level: Level | None, own: bool, groups: frozenset[str]) -> tuple[Rule, ...]:
        threshold = [] if level is None else [level_rule(level, symbol if own else None)]
        further = (entry.rule for entry in self._further() if entry.covers(symbol, groups))
        found = threshold + [rule for rule in further if rule is not None]
        unique: dict[str, Rule] = {}
        for rule in found:
            unique.setdefault(rule.condition, rule)
        return tuple(unique.values())
