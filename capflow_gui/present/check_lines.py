"""What a dry run found as `capflow check-rule` prints it: a JSON object a line, or a table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from capflow_gui.archive.model import DayKey
from capflow_gui.domain.alert_grammar import Kind, Rule
from capflow_gui.domain.symbol import Symbol
from capflow_gui.playback.dry_run import Outcome, Tried
from capflow_gui.present.export import moment
from capflow_gui.present.names import source_title
from capflow_gui.present.numbers import MISSING, clock_time, compact, percent
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.recorded_words import count_of

_HEADERS = ("session", "symbol", "source", "time", "what", "value", "threshold", "")
_RIGHT = frozenset({5, 6})


@dataclass(slots=True)
class Tally:
    """What was tried, and what came of it."""

    sessions: set[date] = field(default_factory=set)
    symbols: set[Symbol] = field(default_factory=set)
    raised: int = 0
    unjudged: int = 0

    def add(self, key: DayKey, found: Sequence[Tried]) -> None:
        """Count a session of a symbol, and what the rule would have done in it."""
        self.sessions.add(key.session)
        self.symbols.add(key.symbol)
        self.raised += sum(each.outcome is Outcome.RAISED for each in found)
        self.unjudged += sum(each.outcome is Outcome.UNJUDGED for each in found)


def to_json(each: Tried, zone: ZoneInfo) -> str:
    """One object, on one line; `time` is the line's label with the exchange's offset."""
    facts = {
        "type": each.outcome.value,
        "symbol": str(each.key.symbol),
        "source": each.key.source,
        "session": each.key.session.isoformat(),
        "time": None if each.time is None else moment(each.time, zone),
        "value": each.value,
        "threshold": each.threshold,
        "reason": "" if each.reason is None else reason_words(each.reason),
    }
    return json.dumps(facts | {"late": True} if each.late else facts, ensure_ascii=False, allow_nan=False)


def tally_json(tally: Tally) -> str:
    """The last object of all."""
    counts = {"sessions": len(tally.sessions), "symbols": len(tally.symbols)}
    return json.dumps({"type": "summary"} | counts | {"raised": tally.raised, "unjudged": tally.unjudged})


def to_table(rule: Rule, found: Sequence[tuple[Tried, ZoneInfo]]) -> str:
    """A row for each thing the rule would have done, under a header; nothing where it would have done nothing."""
    if not found:
        return ""
    rows = [_HEADERS, *(_row(rule, each, zone) for each, zone in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADERS))]
    lines = [
        "  ".join(
            cell.rjust(width) if column in _RIGHT else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def tally_words(tally: Tally) -> str:
    """`Raised 3 times in 10 sessions of 2 symbols; 1 could not be judged.`"""
    times = "once" if tally.raised == 1 else f"{tally.raised} times"
    words = f"Raised {times}" if tally.raised else "Never raised"
    words += f" in {count_of(len(tally.sessions), 'session')} of {count_of(len(tally.symbols), 'symbol')}"
    return f"{words}; not judged: {tally.unjudged}." if tally.unjudged else f"{words}."


def threshold_words(tally: Tally) -> str:
    """What a threshold would have done: `It would have alerted 3 times in the last 10 sessions.`"""
    count = len(tally.sessions)
    if not count:
        return "No session is recorded to try it on."
    sessions = "the recorded session" if count == 1 else f"the last {count} recorded sessions"
    times = "once" if tally.raised == 1 else f"{tally.raised} times"
    words = (
        f"It would have alerted {times} in {sessions}" if tally.raised else f"It would not have alerted in {sessions}"
    )
    return f"{words}; not judged: {tally.unjudged}." if tally.unjudged else f"{words}."


def _row(rule: Rule, each: Tried, zone: ZoneInfo) -> tuple[str, ...]:
    amount = percent if rule.kind is Kind.SHARE else compact
    notes = [reason_words(each.reason)] if each.reason is not None else []
    if each.late:
        notes.append("began before it was recorded")
    return (
        each.key.session.isoformat(),
        str(each.key.symbol),
        source_title(each.key.source),
        MISSING if each.time is None else clock_time(each.time, zone, seconds=False),
        each.outcome.value,
        MISSING if each.value is None else amount(each.value),
        amount(each.threshold),
        "; ".join(notes),
    )
