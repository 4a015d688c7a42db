"""The chart while a rule is edited: the rule's level in the place of the threshold, and where it would have alerted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from capflow_gui.domain.alert_grammar import Kind, Rule
from capflow_gui.domain.flow import COLUMNS
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Share
from capflow_gui.feed.board import Row
from capflow_gui.present.sentences import measure_words
from capflow_gui.reason import Reason

if TYPE_CHECKING:
    from capflow_gui.present.rules.preview import RulePreview
    from capflow_gui.ui.chart.layers.plot_state import PlotState
    from capflow_gui.ui.chart.session_data import SessionData


class TriedRule:
    """The rule that is being edited, None where none is; the symbols it is for; its alerts of a recorded session.

    With them is why it could not always be judged there.
    """

    def __init__(self) -> None:
        self.rule: Rule | None = None
        self.symbols: Collection[Symbol] = ()
        self.recorded: tuple[Symbol, Sequence[int], Reason | None] | None = None

    def preview(self, row: Row) -> RulePreview | None:
        """The rule in a row's session; None where it is not for its symbol."""
        from capflow_gui.present.rules.preview import preview  # noqa: PLC0415 - loads numpy

        if self.rule is None or row.symbol not in self.symbols:
            return None
        recorded = self.recorded
        return preview(self.rule, row, *(recorded[1:] if recorded is not None and recorded[0] == row.symbol else ()))

    def state(self, row: Row, data: SessionData) -> PlotState | None:
        """What the chart shows in place of threshold and alert; None: these."""
        from capflow_gui.ui.chart.layers.plot_state import PlotState  # noqa: PLC0415 - loads the chart

        rule, found = self.rule, self.preview(row)
        if rule is None or found is None:
            return None
        fired = found.fired or ()
        outflow = rule.metric == "net" and rule.operator == "<=" and rule.kind in (Kind.LEVEL, Kind.SHARE)
        return PlotState(
            key=(row.symbol, row.source, data.day.day),
            currency=row.money,
            threshold=found.level,
            share=Share(rule.level) if rule.kind is Kind.SHARE else None,
            fired=tuple(round(data.day.index(label)) for label in fired),
            words=measure_words(rule.condition),
            column=COLUMNS.index(rule.metric),
            shaded=outflow,
        )
