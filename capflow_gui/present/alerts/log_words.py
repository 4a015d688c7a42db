"""The log of alerts in words: what can be searched for, and a row an alert."""

from __future__ import annotations

from datetime import tzinfo

from capflow_gui.domain.alert_record import AlertKind, AlertRecord
from capflow_gui.domain.symbol import Symbol
from capflow_gui.present.alerts.handling import rule_told, state_words, subject
from capflow_gui.present.numbers import clock_time, count_of
from capflow_gui.present.sentences import measured

LOG_TITLES = ("Noted", "Symbol", "Rule", "Raised at", "State")
# None: every kind.
KINDS: dict[AlertKind | None, str] = {
    None: "Every kind",
    AlertKind.LEVEL: "Amounts",
    AlertKind.SHARE: "Shares of turnover",
    AlertKind.CHANGE: "Changes",
    AlertKind.DRAWDOWN: "Drawdowns",
    AlertKind.CROSSES: "Crossings",
    AlertKind.UNUSUAL: "Unusual changes",
    AlertKind.DIVERGENCE: "Divergences",
    AlertKind.CANNOT_JUDGE: "Could not be judged",
    AlertKind.SOURCE: "Sources",
}
SEARCHING = "Searching …"
NOTHING_FOUND = "No alert was found."
NOT_RECORDED = "No sessions are recorded here, so that none can be played back."
KEEPS_NONE = "The demo keeps no alerts."


def searched(text: str) -> str:
    """What was typed, as rules are kept: the signs on screen are others."""
    return text.strip().replace("≤", "<=").replace("≥", ">=").replace("−", "-")


def not_on_list(symbol: Symbol) -> str:
    """Why the minute of an alert cannot be shown."""
    return f"{symbol} is not on the list: add it to see its recorded sessions."


def found_words(count: int, *, more: bool) -> str:
    """How many were found."""
    return f"The newest {count_of(count, 'alert')}; there are more." if more else f"{count_of(count, 'alert')}."


def log_row(record: AlertRecord, zone: tzinfo | str) -> tuple[str, ...]:
    """The cells of LOG_TITLES."""
    at = f"{record.session} {clock_time(record.raised_at, zone, seconds=False)}"
    value = measured(record.rule, record.value)
    return at, subject(record), rule_told(record), value, state_words(record, zone)
