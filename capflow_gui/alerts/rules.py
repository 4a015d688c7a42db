"""Which rules hold for which symbol: the net-outflow threshold, the profile's rules, those of the command line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import chain

from capflow_gui.domain.alert import Rule, RuleEntry, level_rule
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Choice, Level, ThresholdChoice


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
        self._entries = {entry.rule.id: entry for entry in entries}
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

    def set_entry(self, entry: RuleEntry) -> None:
        """Add a rule of the profile behind the others, or change the one of its id in its place."""
        self._entries[entry.rule.id] = entry
        self._in_force.clear()

    def remove_entry(self, rule_id: str) -> None:
        """Remove a rule of the profile, where there is one of this id."""
        if self._entries.pop(rule_id, None) is not None:
            self._in_force.clear()

    def _further(self) -> Iterator[RuleEntry]:
        return chain(self._rules, self._entries.values())

    def wants_classes(self, symbol: Symbol) -> bool:
        """Whether a rule in force needs more than the net total."""
        further = [entry for entry in self._further() if entry.rule.metric != "net"]
        return bool(further) and any(entry.covers(symbol, self._groups(symbol)) for entry in further)

    def rules_for(self, symbol: Symbol) -> tuple[Rule, ...]:
        """The rules in force for a symbol, its threshold first; no two of the same text."""
        key = symbol, *self.threshold(symbol), frozenset(self._groups(symbol))
        found = self._in_force.get(key)
        if found is None:
            found = self._in_force[key] = self._find(*key)
        return found

    def _find(self, symbol: Symbol, level: Level | None, own: bool, groups: frozenset[str]) -> tuple[Rule, ...]:
        threshold = [] if level is None else [level_rule(level, symbol if own else None)]
        found = threshold + [entry.rule for entry in self._further() if entry.covers(symbol, groups)]
        unique: dict[str, Rule] = {}
        for rule in found:
            unique.setdefault(rule.text, rule)
        return tuple(unique.values())
