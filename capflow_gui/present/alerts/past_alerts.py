"""The alerts of a profile, as `capflow alerts` prints them: a table for people, CSV or JSON for programs."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from capflow_gui.delivery.model import Failed, Result, RetryAt, Sent, SetUpWrong
from capflow_gui.domain.alert_record import AlertRecord, AlertState
from capflow_gui.domain.session import Calendar
from capflow_gui.present.alerts.channel_words import found_here
from capflow_gui.present.alerts.handling import meaning
from capflow_gui.present.alerts.why import DELIVERED
from capflow_gui.present.export import moment
from capflow_gui.present.language.columns import table
from capflow_gui.present.language.texts import N_, _, listed, one_after_other, said_together
from capflow_gui.present.names import channel_title, source_title
from capflow_gui.present.numbers import MISSING, clock_time, compact, percent
from capflow_gui.present.reasons import reason_in_english, reason_words
from capflow_gui.present.recorded_words import spreadsheet_cell
from capflow_gui.present.sentences import is_share, rule_words
from capflow_gui.storage.alert_history import Delivery, PastAlert

_HEADERS = (
    *(N_("id"), N_("session"), N_("time"), N_("symbol"), N_("source"), N_("rule"), N_("value"), N_("state")),
    N_("delivered"),
)
_STATES = {AlertState.ACTIVE: N_("active"), AlertState.CLEARED: N_("cleared"), AlertState.ENDED: N_("ended")}
_RIGHT = frozenset({6})
_COLUMNS = (
    *("id", "symbol", "source", "session", "rule", "state", "cannot_judge", "acknowledged", "time", "raised_at"),
    *("cleared_at", "value", "threshold", "escalations", "late", "reason", "simulated", "deliveries"),
    *("shared", "acknowledged_by", "acknowledged_at"),
)


def to_json(alerts: Sequence[PastAlert], calendar: Calendar) -> str:
    """One array, an object an alert."""
    return json.dumps([alert_facts(each, calendar) for each in alerts], ensure_ascii=False, allow_nan=False) + "\n"


def to_csv(alerts: Sequence[PastAlert], calendar: Calendar) -> str:
    """A header row, and a row an alert; `deliveries` is `CHANNEL:STATE`, with spaces between."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for facts in (alert_facts(each, calendar) for each in alerts):
        facts["deliveries"] = " ".join(f"{each['channel']}:{each['state']}" for each in facts["deliveries"])
        writer.writerow([_cell(facts[name]) for name in _COLUMNS])
    return text.getvalue()


def to_table(alerts: Sequence[PastAlert], calendar: Calendar) -> str:
    """A row an alert under a header; nothing where there is none."""
    if not alerts:
        return ""
    rows = [tuple(map(_, _HEADERS)), *(_row(each, calendar) for each in alerts)]
    return "\n".join(table(rows, _RIGHT)) + "\n"


def result_words(channel: str, result: Result) -> str:
    """How the test of a channel went."""
    channel = channel_title(channel)
    match result:
        case Sent(receipt):
            text = _("{channel}: sent, receipt {receipt}.") if receipt else _("{channel}: sent.")
            return text.format(channel=channel, receipt=receipt)
        case RetryAt(__, reason):
            return _("{channel}: not reached: {why}.").format(channel=channel, why=reason_words(reason))
        case SetUpWrong(reason) if found_here(reason):
            return _("{channel}: not sent, its set-up is wrong: {why}.").format(
                channel=channel, why=reason_words(reason)
            )
        case SetUpWrong(reason):
            return _("{channel}: refused, its set-up is wrong: {why}.").format(
                channel=channel, why=reason_words(reason)
            )
        case Failed(reason):
            return _("{channel}: refused: {why}.").format(channel=channel, why=reason_words(reason))


def alert_facts(alert: PastAlert, calendar: Calendar) -> dict[str, Any]:
    """One alert as the object that `to_json` writes."""
    record = alert.record
    zone = calendar.zone(record.symbol.market)
    return {
        "id": record.id,
        "symbol": None if record.of_source else str(record.symbol),
        "source": record.source,
        "session": record.session,
        "rule": record.rule_text,
        "state": record.state.value,
        "cannot_judge": record.cannot_judge,
        "acknowledged": record.acknowledged,
        "time": moment(record.line_time, zone),
        "raised_at": moment(record.raised_at, UTC),
        "cleared_at": None if record.cleared_at is None else moment(record.cleared_at, UTC),
        "value": record.value if math.isfinite(record.value) else None,
        "threshold": record.threshold,
        "escalations": record.escalations,
        "late": record.late,
        "reason": reason_in_english(record.reason),
        "simulated": record.simulated,
        "deliveries": [_delivery_facts(each) for each in alert.deliveries],
        "shared": bool(record.desk),
        "acknowledged_by": record.seen_by or None,
        "acknowledged_at": None if record.seen_at is None else moment(record.seen_at, UTC),
    }


def _delivery_facts(each: Delivery) -> dict[str, Any]:
    return {
        "channel": each.channel,
        "state": each.state,
        "attempts": each.attempts,
        "created": moment(each.created, UTC),
        "done": None if each.done_at is None else moment(each.done_at, UTC),
        "receipt": each.receipt,
        "reason": reason_in_english(each.reason),
        "digest": each.in_digest,
    }


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case str():
            return spreadsheet_cell(value)
        case _:
            return str(value)


def _row(alert: PastAlert, calendar: Calendar) -> tuple[str, ...]:
    record = alert.record
    zone = calendar.zone(record.symbol.market)
    amount = percent if is_share(record.rule) else compact
    sent = [(channel_title(each.channel), _(DELIVERED[each.state])) for each in alert.deliveries]
    channels = dict.fromkeys(map(one_after_other, sent))
    return (
        record.id,
        record.session,
        clock_time(record.line_time, zone, seconds=False),
        MISSING if record.of_source else str(record.symbol),
        source_title(record.source),
        meaning(record) if record.of_source else rule_words(record.rule_text),
        amount(record.value),
        _state(record),
        listed(channels) or MISSING,
    )


def _state(record: AlertRecord) -> str:
    cannot_judge = record.cannot_judge and record.standing and not record.of_source
    words = [_("cannot judge") if cannot_judge else _(_STATES[record.state])]
    if not record.acknowledged:
        words.append(_("not seen"))
    if record.simulated:
        words.append(_("SIMULATED"))
    return said_together(words)
