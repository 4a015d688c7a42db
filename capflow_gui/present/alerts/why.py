"""Why an alert was raised: its rule, the lines around its minute, where it stands, and who was told. As plain text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

import numpy as np

from capflow_gui.domain.alert import Kind, Rule, parse_rule, readings
from capflow_gui.domain.alert_record import AlertRecord, AlertState, Delivery
from capflow_gui.domain.flow import COLUMNS, FlowSeries
from capflow_gui.domain.session import TradingDay
from capflow_gui.errors import InvalidInput
from capflow_gui.present.alerts.handling import snoozed_words
from capflow_gui.present.names import source_title
from capflow_gui.present.numbers import clock_time, compact, count_of
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.rules.words import metric_words
from capflow_gui.present.sentences import measured, rule_words

READING = "reading …"
NO_LINES = "The lines of this session are not on screen, and not recorded."
UNREAD_RULE = "This version of Capflow cannot read the rule."
OF_SOURCE = "No rule: it is about the source, while a market of its symbols is open."
NO_LINES_OF_SOURCE = "It is about no line."
NO_DELIVERY = "It was sent to no channel."
# Lines before and behind the one that raised it.
_AROUND = 3
# What the figures of these kinds are made of beside the lines.
_NEEDS_MORE = {
    Kind.SHARE: ("a share was taken of what was traded until then",),
    Kind.UNUSUAL: ("what the rule measures needs earlier sessions",),
    Kind.DIVERGENCE: ("what the rule measures needs the prices and the turnover of then",),
}
# One would show neighbours on both sides of a level alike.
_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of an alert's session."""

    series: FlowSeries
    day: TradingDay


def why_text(record: AlertRecord, zone: tzinfo | str, lines: Lines | str, deliveries: Sequence[Delivery] | str) -> str:
    """All of it, in four parts; a text in place of lines or deliveries says why there are none."""
    rule = _rule_of(record)
    parts = {
        "Rule": _rule_lines(record, rule),
        "State": _state_lines(record, zone),
        "Lines around the minute": [lines] if isinstance(lines, str) else _figures(record, rule, lines, zone),
        "Deliveries": [deliveries] if isinstance(deliveries, str) else _deliveries(deliveries, zone),
    }
    return "\n\n".join("\n".join([name, *(f"  {line}" for line in found)]) for name, found in parts.items())


def _rule_of(record: AlertRecord) -> Rule | None:
    try:
        return parse_rule(record.rule_text)
    except InvalidInput:
        return None  # of another version of Capflow: its text is shown


def _rule_lines(record: AlertRecord, rule: Rule | None) -> list[str]:
    if record.of_source:
        return [OF_SOURCE]
    found = [rule_words(record.rule_text), f"version {record.version or 'not known'}"]
    if rule is not None and rule.kind is not Kind.CROSSES:
        level, rearm = (measured(record.rule, each, _DECIMALS) for each in (rule.level, rule.rearm_level))
        found.append(f"level {level}, armed again at {rearm}")
    return found


def _state_lines(record: AlertRecord, zone: tzinfo | str) -> list[str]:
    at, line = clock_time(record.raised_at, zone), clock_time(record.line_time, zone, seconds=False)
    whose = "" if record.of_source else f"{record.symbol}, "
    found = [f"{whose}session {record.session}, {source_title(record.source)}"]
    if record.of_source:
        found.append(f"noted at {at}, began in the minute of {line}")
    elif record.cannot_judge:
        found.append(f"cannot be judged since {at}")
    else:
        began = "since" if record.late else "by"
        found.append(f"raised at {at} {began} the line of {line}, at {measured(record.rule, record.value, _DECIMALS)}")
    if record.escalations:
        found.append(f"escalated {record.escalations}×")
    found.append(_told_words(record))
    if record.standing:
        found.append(snoozed_words(record, zone) or "it stands")
    elif record.cleared_at is not None:
        word = "cleared" if record.state is AlertState.CLEARED else "ended with its session"
        found.append(f"{word} at {clock_time(record.cleared_at, zone)}")
    if record.reason is not None:
        found.append(f"reason: {reason_words(record.reason)}")
    return found


def _told_words(record: AlertRecord) -> str:
    told = {0: "not told", 1: "told once"}.get(record.told, f"told {record.told} times")
    if not record.seen:
        return f"{told}, not acknowledged"
    return f"{told}, acknowledged{'' if record.seen >= record.told else f' up to number {record.seen}'}"


def _figures(record: AlertRecord, rule: Rule | None, lines: Lines, zone: tzinfo | str) -> list[str]:
    """A line each: its minute, what the rule measures there, and how far that is from the level."""
    if rule is None:
        return [NO_LINES_OF_SOURCE if record.of_source else UNREAD_RULE]
    series = lines.series
    found = readings(rule, series, lines.day, None)
    # Of these the lines say the totals alone; what was measured at the alert's own line is in its record.
    of_rule = rule.kind not in _NEEDS_MORE and bool(np.isfinite(found.values).any())
    totals = series.timestamps, series.values[COLUMNS.index(rule.metric)]
    labels, values = (found.labels, found.values) if of_rule else totals
    place = int(np.searchsorted(labels, record.line_time))
    first, last = max(place - _AROUND, 0), place + _AROUND + 1
    rows = []
    for label, value in zip(labels[first:last].tolist(), values[first:last].tolist(), strict=True):
        mark = "▸" if label == record.line_time else " "
        figure = measured(record.rule, value, _DECIMALS) if of_rule else compact(value)
        rest = f"   {_distance(record, rule, value)}" if of_rule and math.isfinite(value) else ""
        rows.append(f"{mark} {clock_time(label, zone, seconds=False)}  {figure:>9}{rest}")
    head = [] if of_rule else ["; ".join([f"{metric_words(rule.metric)} so far", *_NEEDS_MORE.get(rule.kind, ())])]
    return [*head, *rows] if rows else [NO_LINES]


def _distance(record: AlertRecord, rule: Rule, value: float) -> str:
    size = abs(value) if rule.is_two_sided else value
    far = measured(record.rule, abs(size - rule.level), _DECIMALS).lstrip("+")
    if rule.kind is Kind.CROSSES:
        return f"{far} {'above' if size > rule.level else 'below'} the level"
    return f"{far} past the level" if rule.past(value) else f"{far} short of the level"


def _deliveries(deliveries: Sequence[Delivery], zone: tzinfo | str) -> list[str]:
    found = []
    for each in deliveries:
        words = [f"{each.channel}: {each.state.replace('_', ' ')}"]
        if each.done_at is not None:
            words.append(f"at {clock_time(each.done_at, zone)}")
        if each.in_digest:
            words.append("in a digest")
        if each.attempts > 1:
            words.append(f"after {count_of(each.attempts, 'attempt')}")
        if each.receipt:
            words.append(f"receipt {each.receipt}")
        if each.reason is not None:
            words.append(reason_words(each.reason))
        found.append(", ".join(words))
    return found or [NO_DELIVERY]
