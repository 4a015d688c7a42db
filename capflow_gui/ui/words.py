"""Short texts several widgets share: what a pill says, how sources are called."""

from __future__ import annotations

from datetime import tzinfo

from capflow_gui.feed.board import AlertRecord, Row
from capflow_gui.present.alerts.handling import over_words, snoozed_words, until_next_session
from capflow_gui.present.language.texts import N_, _, said_together
from capflow_gui.present.numbers import clock_time
from capflow_gui.present.row_sentence import alert_source
from capflow_gui.present.sentences import measure_words, rule_words, source_title

NO_SYMBOL = N_("No symbol is selected: choose another tab of the list, or add symbols (Ctrl+K).")


def pill_texts(row: Row) -> tuple[tuple[str, ...], bool]:
    """What a row's pill may say, longest first, and whether it is filled (nobody acknowledged it yet)."""
    alert = row.alert
    if row.flagged and not (alert is not None and alert.cannot_judge):
        return (_("check failed"),), False
    if alert is None:
        return (), False
    if is_snoozed(row):
        return _snoozed_texts(row, alert), False
    if alert.cannot_judge:
        return (_("cannot judge"), "?"), alert.waiting  # a diamond alone would look like an alert that stands
    text = measure_words(alert.rule)
    if alert.early or not alert.standing:
        word = _("early") if alert.early else over_words(alert)
        return (said_together((text, word)), word), alert.waiting
    elsewhere = alert_source(row)
    if elsewhere is not None:
        label = source_label(elsewhere)
        short: tuple[str, ...] = (label,)
        text = f"{label}: {text}"
    else:
        metric, __, level = text.partition(" ≤ ")
        short = (f"≤ {level}", level) if level and metric else ()
    return (text, *short), alert.waiting


def is_snoozed(row: Row) -> bool:
    """Whether a row's pill is of an alert that stands and is snoozed: it is drawn in no amber."""
    alert = row.alert
    return alert is not None and alert.standing and alert.snoozed and (alert.cannot_judge or not row.flagged)


def _snoozed_texts(row: Row, alert: AlertRecord) -> tuple[str, ...]:
    text = _("cannot judge") if alert.cannot_judge else measure_words(alert.rule)
    if row.day is None or alert.snoozed_until is None or until_next_session(alert, row.day.zone):
        return f"z {text}", _("snoozed")
    hour = clock_time(alert.snoozed_until, row.day.zone, seconds=False)
    return f"z {hour} {text}", f"z {hour}"


def alert_words(alert: AlertRecord, zone: str | tzinfo) -> str:
    """An alert of a row in words, and until when it is snoozed, on the exchange's clock."""
    rule = _("alert {rule}").format(rule=rule_words(alert.rule))
    return said_together(filter(None, (rule, snoozed_words(alert, zone) if alert.standing else "")))


def source_label(source: str) -> str:
    """How a source is called where there is room for a word or two."""
    title = source_title(source).removeprefix("the ")
    return title[:1].upper() + title[1:]


_COLORS = {
    "": N_("none"),
    "violet": N_("violet"),
    "cyan": N_("cyan"),
    "pink": N_("pink"),
    "indigo": N_("indigo"),
    "grey": N_("grey"),
}


def color_name(color: str) -> str:
    """How a colour of groups is called; "" is none."""
    return _(_COLORS[color])


def row_source(row: Row) -> str:
    """The source of a row, where rows may differ in that, and for which other one it stands in."""
    if not row.shared:
        return ""
    if not row.instead_of:
        return source_label(row.source)
    return _("{source} for {other}").format(source=source_label(row.source), other=source_label(row.instead_of))
