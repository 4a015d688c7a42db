"""Which rules hold for which symbol: the net-outflow threshold, and the rules given on the command line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from capflow_gui.domain.alert import Rule, level_rule
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Choice, Level, ThresholdChoice


class RuleTable:
    """The default threshold, thresholds of single symbols (None: none), and further rules.

    A threshold is an amount in each symbol's own currency or a share of its turnover. `groups` names the watchlist
    groups a symbol stands in, for rules with `@group`.
    """

    def __init__(
        self,
        default: Level | None = None,
        overrides: Mapping[Symbol, Level | None] | None = None,
        rules: Iterable[Rule] = (),
        groups: Callable[[Symbol], Collection[str]] = lambda _symbol: (),
    ) -> None:
        self.default = default
        self.overrides = dict(overrides or {})
        self._rules = tuple(rules)
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

    def wants_classes(self, symbol: Symbol) -> bool:
        """Whether a rule in force needs more than the net total."""
        further = [rule for rule in self._rules if rule.metric != "net"]
        return bool(further) and any(rule.scope.covers(symbol, self._groups(symbol)) for rule in further)

    def rules_for(self, symbol: Symbol) -> tuple[Rule, ...]:
        """The rules in force for a symbol, its threshold first; no two of the same text."""
        key = symbol, *self.threshold(symbol), frozenset(self._groups(symbol))
        found = self._in_force.get(key)
        if found is None:
            found = self._in_force[key] = self._find(*key)
        return found

    def _find(self, symbol: Symbol, level: Level | None, own: bool, groups: frozenset[str]) -> tuple[Rule, ...]:
        threshold = [] if level is None else [level_rule(level, symbol if own else None)]
        found = threshold + [rule for rule in self._rules if rule.scope.covers(symbol, groups)]
        return tuple(dict.fromkeys(found))
