"""The board of the chart while a rule is edited: the rule's level stands in the place of the threshold."""

from __future__ import annotations

from dataclasses import replace

from capflow_gui.domain.alert_grammar import Kind, Rule
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Share
from capflow_gui.domain.typed.rule_entry import RuleEntry
from capflow_gui.feed.board import Row
from capflow_gui.playback.board import ShownBoard


class TriedBoard(ShownBoard):
    """A BoardView of another one; `rule` is what is being edited, None where nothing is."""

    rule: Rule | None = None

    def row(self, symbol: Symbol) -> Row:
        """The symbol's row; a rule on net outflow is its threshold, and no alert of another rule is shown then."""
        row, rule = super().row(symbol), self.rule
        if rule is None or not _is_outflow(rule) or symbol not in self.covered(RuleEntry(rule)):
            return row
        level = Share(rule.level) if rule.kind is Kind.SHARE else rule.level
        return replace(row, threshold=level, threshold_own=True, alert=None)


def _is_outflow(rule: Rule) -> bool:
    """Whether the rule's level is one of the net curve, below zero."""
    return rule.metric == "net" and rule.kind in (Kind.LEVEL, Kind.SHARE) and rule.operator == "<=" and rule.level < 0
