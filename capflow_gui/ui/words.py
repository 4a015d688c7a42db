"""Short texts several widgets share: what a pill says, how sources are called."""

from __future__ import annotations

from capflow_gui.feed.board import AlertRecord, Row
from capflow_gui.present.alerts.handling import snoozed_words
from capflow_gui.present.numbers import clock_time
from capflow_gui.present.row_sentence import alert_source
from capflow_gui.present.sentences import measure_words, source_title


def pill_texts(row: Row) -> tuple[tuple[str, ...], bool]:
    """What a row's pill may say, longest first, and whether it is filled (nobody acknowledged it yet)."""
    alert = row.alert
    if row.flagged and not (alert is not None and alert.cannot_judge):
        return ("check failed",), False
    if alert is None:
        return (), False
    if is_snoozed(row):
        return _snoozed_texts(row, alert), False
    if alert.cannot_judge:
        return ("cannot judge",), alert.waiting
    text = measure_words(alert.rule)
    if alert.early or not alert.standing:
        word = "early" if alert.early else "cleared"
        return (f"{text}, {word}", word), alert.waiting
    elsewhere = alert_source(row)
    if elsewhere is not None:
        label = source_label(elsewhere)
        short: tuple[str, ...] = (label,)
        text = f"{label}: {text}"
    else:
        metric, _, level = text.partition(" ≤ ")
        short = (f"≤ {level}", level) if level and metric else ()
    return (text, *short), alert.waiting


def is_snoozed(row: Row) -> bool:
    """Whether a row's pill is of an alert that stands and is snoozed: it is drawn in no amber."""
    alert = row.alert
    return alert is not None and alert.standing and alert.snoozed and (alert.cannot_judge or not row.flagged)


def _snoozed_texts(row: Row, alert: AlertRecord) -> tuple[str, ...]:
    text = "cannot judge" if alert.cannot_judge else measure_words(alert.rule)
    if row.day is None or alert.snoozed_until is None or "session" in snoozed_words(alert, row.day.zone):
        return f"z {text}", "z"
    hour = clock_time(alert.snoozed_until, row.day.zone, seconds=False)
    return f"z {hour} {text}", f"z {hour}"


def source_label(source: str) -> str:
    """How a source is called where there is room for a word or two."""
    title = source_title(source).removeprefix("the ")
    return title[:1].upper() + title[1:]


def row_source(row: Row) -> str:
    """The source of a row, where rows may differ in that, and for which other one it stands in."""
    if not row.shared:
        return ""
    return (
        f"{source_label(row.source)} for {source_label(row.instead_of)}" if row.instead_of else source_label(row.source)
    )
