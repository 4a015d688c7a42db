"""A rule in the session on screen: where its level lies in the chart, when it would have alerted, and that in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from capflow_gui.domain.alert import Kind, Rule, RuleState, Step, advance
from capflow_gui.domain.flow import COLUMNS, FlowSeries
from capflow_gui.domain.measures.readings import Readings, readings
from capflow_gui.domain.session import TradingDay
from capflow_gui.feed.board import Row
from capflow_gui.present.language.texts import N_, _, listed, one_after_other
from capflow_gui.present.numbers import clock_time
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.rules.words import NEEDS_RECORDING
from capflow_gui.reason import Reason

_NO_LINE = {
    Kind.CHANGE: N_("A change begins from another figure every minute: no line is drawn."),
    Kind.UNUSUAL: N_("What is unusual differs from minute to minute: no line is drawn."),
    Kind.DIVERGENCE: N_("Price and flow are compared with each other: no line is drawn."),
    Kind.SHARE: N_("The turnover is not known yet: no line is drawn."),
    Kind.DRAWDOWN: N_("There is no high of the session yet: no line is drawn."),
}
_MOVES_WITH = {
    Kind.SHARE: N_("The line stands for the turnover so far, and moves with it."),
    Kind.DRAWDOWN: N_("The line stands for the high so far, and moves with it."),
}
_NAMED = 4


@dataclass(frozen=True, slots=True)
class RulePreview:
    """What is known of a rule in a session.

    level  of the rule's metric, at which it is reached now; None where no amount is
    fired  the labels of the lines on which it would have alerted; None where that is not known
    words  both, for the user
    """

    level: float | None
    fired: tuple[int, ...] | None
    words: str


def preview(
    rule: Rule, row: Row, recorded: Sequence[int] | None = None, unjudged: Reason | None = None
) -> RulePreview | None:
    """A rule in a row's session, whichever its scope names; None where the row has no session.

    `recorded` are the labels at which it would have alerted by the recording of the session, where there is one, and
    `unjudged` is why it could not always be judged by that.
    """
    series, day = row.series, row.day
    if series is None or day is None or not len(series):
        return None
    found = None if rule.kind in NEEDS_RECORDING else readings(rule, series, day, None)
    fired = recorded if found is None else _fired(rule, found)
    level = _level(rule, row, series)
    parts = [_fired_words(row, day, fired, unjudged if found is None else found.unknown)]
    if fired and rule.early:
        parts.append(_("The early mark comes within the minute before."))
    parts.append(_line_words(rule, level))
    return RulePreview(level, None if fired is None else tuple(fired), one_after_other(parts))


def _fired(rule: Rule, found: Readings) -> list[int]:
    __, said = advance(rule, RuleState(), found)
    return [each.time for each in said if each.step is Step.RAISED]


def _level(rule: Rule, row: Row, series: FlowSeries) -> float | None:
    match rule.kind:
        case Kind.LEVEL | Kind.CROSSES:
            return rule.level
        case Kind.SHARE:
            return rule.level * row.turnover if row.turnover else None
        case Kind.DRAWDOWN:
            figures = series.values[COLUMNS.index(rule.metric)][series.confirmed & (series.line_flags == 0)]
            return float(np.nanmax(figures)) - rule.level if np.isfinite(figures).any() else None
        case _:
            return None


def _fired_words(row: Row, day: TradingDay, fired: Sequence[int] | None, unknown: Reason | None) -> str:
    if fired is None:
        return _("No minute is marked: that is known where the session is recorded.")
    if not fired:
        if unknown is None:
            return _("In the session of {symbol} on screen it would not have alerted.").format(symbol=row.symbol)
        return _("In the session of {symbol} on screen it cannot be judged: {why}.").format(
            symbol=row.symbol, why=reason_words(unknown)
        )
    times = [clock_time(label, day.zone, seconds=False) for label in fired]
    text = _("In the session of {symbol} on screen it would have alerted at {times}.")
    if len(times) > _NAMED:
        text = _("In the session of {symbol} on screen it would have alerted at {times} and {count} times more.")
    return text.format(symbol=row.symbol, times=listed(times[:_NAMED]), count=len(times) - _NAMED)


def _line_words(rule: Rule, level: float | None) -> str:
    if level is None:
        return _(_NO_LINE[rule.kind])
    return _(_MOVES_WITH[rule.kind]) if rule.kind in _MOVES_WITH else ""
