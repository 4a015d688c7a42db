"""The log of alerts in words: what can be searched for, and a row an alert."""

from __future__ import annotations

from datetime import tzinfo

from capflow_gui.domain.alert_record import AlertKind, AlertRecord
from capflow_gui.domain.money import stated_currency
from capflow_gui.domain.symbol import Symbol
from capflow_gui.present.alerts.handling import acknowledged_words, rule_told, state_words, subject
from capflow_gui.present.language.texts import N_, _
from capflow_gui.present.numbers import clock_time, count_of
from capflow_gui.present.rules.conditions import condition_words
from capflow_gui.present.sentences import amounts_told, is_amount, measured

LOG_TITLES = (N_("Noted"), N_("Symbol"), N_("Rule"), N_("Raised at"), N_("State"))
# None: every kind.
KINDS: dict[AlertKind | None, str] = {
    None: N_("Every kind"),
    AlertKind.LEVEL: N_("Amounts"),
    AlertKind.SHARE: N_("Shares of turnover"),
    AlertKind.CHANGE: N_("Changes"),
    AlertKind.DRAWDOWN: N_("Drawdowns"),
    AlertKind.CROSSES: N_("Crossings"),
    AlertKind.UNUSUAL: N_("Unusual changes"),
    AlertKind.DIVERGENCE: N_("Divergences"),
    AlertKind.CANNOT_JUDGE: N_("Could not be judged"),
    AlertKind.SOURCE: N_("Sources"),
    AlertKind.SHARED: N_("Shared by a desk"),
}
SEARCHING = N_("Searching …")
NOTHING_FOUND = N_("No alert was found.")
NOT_RECORDED = N_("No sessions are recorded here, so that none can be played back.")
KEEPS_NONE = N_("The demo keeps no alerts.")


def searched(text: str) -> str:
    """What was typed, as rules are kept: the signs on screen are others."""
    return text.strip().replace("≤", "<=").replace("≥", ">=").replace("−", "-")


def rule_searched(rule: str) -> str:
    """A rule as it is shown, to be searched by what is typed of it; "" where it cannot be read."""
    return searched(condition_words(rule) or "")


def not_on_list(symbol: Symbol) -> str:
    """Why the minute of an alert cannot be shown."""
    return _("{symbol} is not on the list: add it to see its recorded sessions.").format(symbol=symbol)


def found_words(count: int, *, more: bool) -> str:
    """How many were found."""
    return (
        _("The newest {alerts}; there are more.").format(alerts=count_of(count, "alert"))
        if more
        else _("{words}.").format(words=count_of(count, "alert"))
    )


def money_told(record: AlertRecord) -> str:
    """The currency of what was measured; "" where that is no amount."""
    if record.of_source or not is_amount(record.rule):
        return ""
    currency, assumed = stated_currency(record.symbol)
    return amounts_told(f"{currency}?" if assumed else currency)


def log_row(record: AlertRecord, zone: tzinfo | str) -> tuple[str, ...]:
    """The cells of LOG_TITLES."""
    at = f"{record.session} {clock_time(record.raised_at, zone, seconds=False)}"
    value = measured(record.rule, record.value)
    # While it stands its state says who acknowledged it.
    acknowledged = "" if record.standing else acknowledged_words(record, zone)
    state = f"{state_words(record, zone)} · {acknowledged}" if acknowledged else state_words(record, zone)
    return at, subject(record), rule_told(record), value, state
