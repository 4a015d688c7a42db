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
from capflow_gui.present.language.texts import N_, _, ngettext, said_together
from capflow_gui.present.names import channel_title, source_title
from capflow_gui.present.numbers import clock_time, compact, counted
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.rules.words import metric_words
from capflow_gui.present.sentences import measured, rule_words

READING = N_("reading …")
NO_LINES = N_("The lines of this session are not on screen, and not recorded.")
UNREAD_RULE = N_("This version of Capflow cannot read the rule.")
OF_SOURCE = N_("No rule: it is about the source, while a market of its symbols is open.")
NO_LINES_OF_SOURCE = N_("It is about no line.")
NO_DELIVERY = N_("It was sent to no channel.")
# Lines before and behind the one that raised it.
_AROUND = 3
# What the figures of these kinds are made of beside the lines.
_NEEDS_MORE = {
    Kind.SHARE: (N_("a share was taken of what was traded until then"),),
    Kind.UNUSUAL: (N_("what the rule measures needs earlier sessions"),),
    Kind.DIVERGENCE: (N_("what the rule measures needs the prices and the turnover of then"),),
}
# By the state of a delivery.
DELIVERED = {
    "waiting": N_("waiting"),
    "sending": N_("sending"),
    "held": N_("held"),
    "sent": N_("sent"),
    "bundled": N_("bundled"),
    "expired": N_("expired"),
    "settled": N_("settled"),
    "set_up_wrong": N_("set up wrong"),
    "failed": N_("failed"),
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
        _("Rule"): _rule_lines(record, rule),
        _("State"): _state_lines(record, zone),
        _("Lines around the minute"): [lines] if isinstance(lines, str) else _figures(record, rule, lines, zone),
        _("Deliveries"): [deliveries] if isinstance(deliveries, str) else _deliveries(deliveries, zone),
    }
    return "\n\n".join("\n".join([name, *(f"  {line}" for line in found)]) for name, found in parts.items())


def _rule_of(record: AlertRecord) -> Rule | None:
    try:
        return parse_rule(record.rule_text)
    except InvalidInput:
        return None  # of another version of Capflow: its text is shown


def _rule_lines(record: AlertRecord, rule: Rule | None) -> list[str]:
    if record.of_source:
        return [_(OF_SOURCE)]
    found = [
        rule_words(record.rule_text),
        _("version {version}").format(version=record.version) if record.version else _("version not known"),
    ]
    if rule is not None and rule.kind is not Kind.CROSSES:
        level, rearm = (measured(record.rule, each, _DECIMALS) for each in (rule.level, rule.rearm_level))
        found.append(_("level {level}, armed again at {rearm}").format(level=level, rearm=rearm))
    return found


def _state_lines(record: AlertRecord, zone: tzinfo | str) -> list[str]:
    at, line = clock_time(record.raised_at, zone), clock_time(record.line_time, zone, seconds=False)
    whose = _("session {session}, {source}") if record.of_source else _("{symbol}, session {session}, {source}")
    found = [whose.format(symbol=record.symbol, session=record.session, source=source_title(record.source))]
    if record.desk:
        found.append(_("shared by the desk: its collector judges the rule"))
    if record.of_source:
        found.append(_("noted at {at}, began in the minute of {line}").format(at=at, line=line))
    elif record.cannot_judge:
        found.append(_("cannot be judged since {at}").format(at=at))
    else:
        late, live = (
            _("raised at {at} since the line of {line}, at {value}"),
            _("raised at {at} by the line of {line}, at {value}"),
        )
        value = measured(record.rule, record.value, _DECIMALS)
        found.append((late if record.late else live).format(at=at, line=line, value=value))
    if record.escalations:
        found.append(_("escalated {escalations}×").format(escalations=record.escalations))
    found.append(_told_words(record, zone))
    if record.standing:
        found.append(snoozed_words(record, zone) or _("it stands"))
    elif record.cleared_at is not None:
        cleared, ended = _("cleared at {time}"), _("ended with its session at {time}")
        text = cleared if record.state is AlertState.CLEARED else ended
        found.append(text.format(time=clock_time(record.cleared_at, zone)))
    if record.reason is not None:
        found.append(_("reason: {why}").format(why=reason_words(record.reason)))
    return found


def _told_words(record: AlertRecord, zone: tzinfo | str) -> str:
    told = ngettext("told once", "told {count} times", record.told).format(count=record.told)
    if not record.told:
        told = _("not told")
    if not record.seen:
        return _("{told}, not acknowledged").format(told=told)
    if record.seen >= record.told and record.seen_by and record.seen_at is not None:
        at = clock_time(record.seen_at, zone)
        return _("{told}, acknowledged by {user} at {at}").format(told=told, user=record.seen_by, at=at)
    if record.seen >= record.told:
        return _("{told}, acknowledged").format(told=told)
    return _("{told}, acknowledged up to number {number}").format(told=told, number=record.seen)


def _figures(record: AlertRecord, rule: Rule | None, lines: Lines, zone: tzinfo | str) -> list[str]:
    """A line each: its minute, what the rule measures there, and how far that is from the level."""
    if rule is None:
        return [_(NO_LINES_OF_SOURCE) if record.of_source else _(UNREAD_RULE)]
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
    head = (
        []
        if of_rule
        else [
            "; ".join(
                [
                    _("{metric} so far").format(metric=metric_words(rule.metric)),
                    *map(_, _NEEDS_MORE.get(rule.kind, ())),
                ]
            )
        ]
    )
    return [*head, *rows] if rows else [_(NO_LINES)]


def _distance(record: AlertRecord, rule: Rule, value: float) -> str:
    size = abs(value) if rule.is_two_sided else value
    far = measured(record.rule, abs(size - rule.level), _DECIMALS).lstrip("+")
    if rule.kind is Kind.CROSSES:
        return (_("{far} above the level") if size > rule.level else _("{far} below the level")).format(far=far)
    return (
        _("{far} past the level").format(far=far) if rule.past(value) else _("{far} short of the level").format(far=far)
    )


def _deliveries(deliveries: Sequence[Delivery], zone: tzinfo | str) -> list[str]:
    found = []
    for each in deliveries:
        words = [_("{channel}: {state}").format(channel=channel_title(each.channel), state=_(DELIVERED[each.state]))]
        if each.done_at is not None:
            words.append(_("at {time}").format(time=clock_time(each.done_at, zone)))
        if each.in_digest:
            words.append(_("in a digest"))
        if each.attempts > 1:
            words.append(_("after {attempts}").format(attempts=counted(each.attempts, "attempt")))
        if each.receipt:
            words.append(_("receipt {receipt}").format(receipt=each.receipt))
        if each.reason is not None:
            words.append(reason_words(each.reason))
        found.append(said_together(words))
    return found or [_(NO_DELIVERY)]
