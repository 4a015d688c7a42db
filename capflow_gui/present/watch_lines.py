"""Events as `capflow watch` prints them: a JSON object or a line of text each, a contract of the command line."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from capflow_gui.domain.alert_grammar import Kind, Rule
from capflow_gui.domain.alert_record import AlertChange, AlertRecord
from capflow_gui.domain.flow import MAIN, NET, FlowSeries
from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.events import AlertEvent, ErrorEvent, Event, FaultEvent, FlowEvent, LinkEvent
from capflow_gui.present.export import error_facts, moment
from capflow_gui.present.language.columns import right
from capflow_gui.present.language.texts import N_, _, english, one_after_other
from capflow_gui.present.numbers import age, clock_time, compact, counted, exact
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.sentences import error_sentence, link_reason, measured, source_title
from capflow_gui.reason import Code


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole watch: `cycle_s` is the mean time between two replies of a symbol, None without two.

    run  of the playback it is of; empty: it is live
    """

    at: float
    requests: int
    refused: int
    flows: int
    alerts: int
    cycle_s: float | None
    reconnects: int
    run: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert that stands since before the watch began. `at` is market now of its source."""

    at: float
    record: AlertRecord


Told = Event | Summary | Standing


def to_json(event: Told, calendar: Calendar) -> str:
    """One object, on one line, in English. One of a playback says so, and not of which: each run prints the same."""
    return json.dumps(event_facts(event, calendar), ensure_ascii=False, allow_nan=False)


def event_facts(event: Told, calendar: Calendar) -> dict[str, Any]:
    """The object that `to_json` writes."""
    with english():
        facts = _facts(event, calendar)
    return facts | {"playback": True} if _is_played(event) else facts


def _is_played(event: Told) -> bool:
    return isinstance(event, FlowEvent | AlertEvent | Summary) and bool(event.run)


def _facts(event: Told, calendar: Calendar) -> dict[str, Any]:
    at = {"at": datetime.fromtimestamp(event.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")}
    match event:
        case FlowEvent():
            return {"type": "flow"} | at | _flow_facts(event)
        case AlertEvent() | Standing():
            return _of_alert(event, at, calendar)
        case LinkEvent():
            retry = None if event.retry_in_s is None else round(event.retry_in_s, 3)
            link = {"source": event.state.source, "state": event.state.phase.value, "reason": link_reason(event.state)}
            return {"type": "link"} | at | link | {"retry_in_s": retry}
        case ErrorEvent():
            named = {"symbol": str(event.symbol), "source": event.source}
            return {"type": "error"} | at | named | error_facts(event.error) | _conflated(event)
        case FaultEvent():
            return {"type": "error"} | at | {"symbol": None, "source": None} | error_facts(event.error)
        case Summary():
            counts = {"requests": event.requests, "refused": event.refused, "flows": event.flows}
            cycle = None if event.cycle_s is None else round(event.cycle_s, 3)
            rest = {"alerts": event.alerts, "cycle_s": cycle, "reconnects": event.reconnects}
            return {"type": "summary"} | at | counts | rest


def _flow_facts(event: FlowEvent) -> dict[str, Any]:
    session = event.series.session
    return {
        "symbol": str(event.symbol),
        "source": event.source,
        "session": session.isoformat() if session is not None else None,
        "lines": len(event.series),
        "net": _newest(event.series, NET),
        "main": _newest(event.series, MAIN),
        "age_s": None if event.age_s is None else round(event.age_s, 3),
        "state": event.freshness.value,
        "unchanged": event.unchanged,
    } | _conflated(event)


def _conflated(event: FlowEvent | ErrorEvent) -> dict[str, Any]:
    """How many earlier events a slow reader did not take, where there are any."""
    return {"conflated": event.conflated} if event.conflated else {}


def _of_alert(event: AlertEvent | Standing, at: dict[str, Any], calendar: Calendar) -> dict[str, Any]:
    if isinstance(event, Standing):
        return {"type": "standing"} | at | _standing_facts(event.record, calendar)
    return {"type": "alert"} | at | _alert_facts(event, calendar)


def _alert_facts(event: AlertEvent, calendar: Calendar) -> dict[str, Any]:
    record, ended = event.record, event.change is AlertChange.JUDGED_AGAIN
    facts: dict[str, Any] = {
        "symbol": str(record.symbol),
        "source": record.source,
        "rule": record.rule_text,
        "state": (AlertChange.CLEARED if ended else event.change).value,
        "value": _finite(event.value),
        "threshold": event.threshold,
        "time": None if event.time is None else moment(event.time, calendar.zone(record.symbol.market)),
        "reason": "" if event.reason is None else reason_words(event.reason),
    }
    if ended:
        facts["ends"] = AlertChange.CANNOT_JUDGE.value
    return facts | {"late": True} if event.late else facts


def _standing_facts(record: AlertRecord, calendar: Calendar) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "symbol": str(record.symbol),
        "source": record.source,
        "rule": record.rule_text,
        "state": (AlertChange.CANNOT_JUDGE if record.cannot_judge else AlertChange.RAISED).value,
        "value": _finite(record.value),
        "threshold": record.threshold,
        "time": None if record.cannot_judge else moment(record.line_time, calendar.zone(record.symbol.market)),
        "reason": "" if record.reason is None else reason_words(record.reason),
        "raised_at": moment(record.raised_at, UTC),
        "acknowledged": record.acknowledged,
    }
    return facts | {"late": True} if record.late else facts


def _newest(series: FlowSeries, column: int) -> float | None:
    return _finite(float(series.values[column, -1])) if len(series) else None


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def to_text(event: Told, calendar: Calendar) -> str:
    """One line; symbol events begin with the exchange's time of day, others with UTC. One of a playback says so."""
    return f"{_('PLAYBACK')}  {_text(event, calendar)}" if _is_played(event) else _text(event, calendar)


def _text(event: Told, calendar: Calendar) -> str:
    match event:
        case FlowEvent():
            net, main = (right(_amount(event.series, column), _AMOUNT) for column in (NET, MAIN))
            figures = [_("net {amount}").format(amount=net), _("main {amount}").format(amount=main)]
            state = _(_STATES[event.freshness])
            parts = [*figures, one_after_other((state, age(event.age_s))) if event.freshness in _AGED else state]
            if event.unchanged:
                parts.append(_("unchanged"))
            return _line(event.at, calendar, event.symbol, event.source, "  ".join(parts))
        case AlertEvent(at=at, record=record) | Standing(at=at, record=record):
            words = _alert_text(event, calendar) if isinstance(event, AlertEvent) else _standing_text(record, calendar)
            return _line(at, calendar, record.symbol, record.source, words)
        case LinkEvent():
            words = one_after_other((source_title(event.state.source), _(_PHASES[event.state.phase])))
            if why := link_reason(event.state):
                words = _("{what}: {why}").format(what=words, why=why)
            if event.retry_in_s is not None:
                words = _("{what}, next try in {seconds:.1f} s").format(what=words, seconds=event.retry_in_s)
            return f"{_utc(event.at)}  {words}"
        case ErrorEvent():
            return _line(event.at, calendar, event.symbol, event.source, error_sentence(event.error))
        case FaultEvent():
            return f"{_utc(event.at)}  {error_sentence(event.error)}"
        case Summary():
            return _summary_text(event)


def _summary_text(summary: Summary) -> str:
    words = _("{requests}, {refused} refused, {flows}, {alerts}, {reconnects}").format(
        requests=counted(summary.requests, "request"),
        refused=summary.refused,
        flows=counted(summary.flows, "flow"),
        alerts=counted(summary.alerts, "alert"),
        reconnects=counted(summary.reconnects, "reconnect"),
    )
    if summary.cycle_s is None:
        return words
    return _("{counts}, a reply every {seconds:.1f} s a symbol").format(counts=words, seconds=summary.cycle_s)


def rule_line(rule: Rule) -> str:
    """A rule as it was understood, its amounts written out: `rule *: net <= -200M · level −200,000,000`."""
    amounts: dict[str, float | None] = {"band": rule.band, "floor": rule.floor}
    if rule.kind not in (Kind.SHARE, Kind.UNUSUAL, Kind.DIVERGENCE):
        amounts = {"level": rule.level, "band": rule.band, "again": rule.again}
    written = [f"{_(_AMOUNTS[name])} {exact(value)}" for name, value in amounts.items() if value]
    return " · ".join((_("rule {rule}").format(rule=rule.text), *written))


_AGED = frozenset({Freshness.LIVE, Freshness.STALE})
_AMOUNT = 9  # columns
_AMOUNTS = {"level": N_("level"), "band": N_("band"), "again": N_("again"), "floor": N_("floor")}
_STATES = {
    Freshness.NEVER_POLLED: N_("never polled"),
    Freshness.ERROR: N_("error"),
    Freshness.NO_PERMISSION: N_("no quote right"),
    Freshness.PREVIOUS_SESSION: N_("previous session"),
    Freshness.CLOSED: N_("closed"),
    Freshness.LUNCH: N_("lunch"),
    Freshness.HALTED: N_("halted"),
    Freshness.STALE: N_("stale"),
    Freshness.LIVE: N_("live"),
}
_PHASES = {
    LinkPhase.CONNECTING: N_("connecting"),
    LinkPhase.READY: N_("ready"),
    LinkPhase.LOST: N_("lost"),
    LinkPhase.WAITING: N_("waiting"),
    LinkPhase.FAILED: N_("failed"),
}
_CHANGES = {
    AlertChange.RAISED: N_("RAISED"),
    AlertChange.ESCALATED: N_("ESCALATED"),
    AlertChange.CLEARED: N_("CLEARED"),
    AlertChange.CANNOT_JUDGE: N_("BLOCKED"),
    AlertChange.JUDGED_AGAIN: N_("JUDGED AGAIN"),
    AlertChange.EARLY: N_("EARLY"),
    AlertChange.WITHDRAWN: N_("WITHDRAWN"),
}


def _alert_text(event: AlertEvent, calendar: Calendar) -> str:
    words = [_(_CHANGES[event.change]), event.record.rule]
    if event.time is not None:
        zone = calendar.zone(event.record.symbol.market)
        value = measured(event.record.rule, event.value)
        at = clock_time(event.time, zone, seconds=False)
        words.append(_("at {time}: {value}").format(time=at, value=value))
    if event.late:
        words.append(_("(began before it was watched)"))
    if event.reason is not None and event.reason.code is not Code.JUDGED_AGAIN:
        words.append(f"({reason_words(event.reason)})")
    return one_after_other(words)


def _standing_text(record: AlertRecord, calendar: Calendar) -> str:
    words = [_("STANDING"), *([_(_CHANGES[AlertChange.CANNOT_JUDGE])] if record.cannot_judge else []), record.rule]
    if not record.cannot_judge:
        at = clock_time(record.line_time, calendar.zone(record.symbol.market), seconds=False)
        words.append(_("at {time}: {value}").format(time=at, value=measured(record.rule, record.value)))
    if record.reason is not None:
        words.append(f"({reason_words(record.reason)})")
    if record.acknowledged:
        words.append(_("(acknowledged)"))
    return one_after_other(words)


def _amount(series: FlowSeries, column: int) -> str:
    return compact(_newest(series, column))


def _utc(at: float) -> str:
    return f"{clock_time(at, UTC)}Z"


def _line(at: float, calendar: Calendar, symbol: Symbol, source: str, rest: str) -> str:
    return f"{clock_time(at, calendar.zone(symbol.market))}  {symbol!s:<10} {source}  {rest}"
