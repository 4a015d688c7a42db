"""A row's freshness in a sentence: the right end of the chart head, and what stands across a row without figures."""

from __future__ import annotations

import math
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np

from capflow_gui.domain.calibration import Calibration, Kind, Scale, Sign
from capflow_gui.domain.class_flow import CLASSES
from capflow_gui.domain.flow import EXTRA_LARGE, HARMLESS, Flag, FlowSeries
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.typed.level import level_condition
from capflow_gui.errors import NoLines, NoQuoteRight, PartFailed, RequestRejected, UnknownSymbol
from capflow_gui.feed.board import Freshness, Row
from capflow_gui.present.alerts.handling import snoozed_words
from capflow_gui.present.numbers import age, clock_time, compact, date_time, long_day, percent
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.sentences import (
    Action,
    Sentence,
    Tone,
    duration,
    error_sentence,
    link_sentence,
    rule_words,
    source_title,
)

NEAR = 0.8  # the share of its level from which a threshold meter turns amber

_FLAG_WORDS = (
    (Flag.BEYOND, "an amount beyond any market"),
    (Flag.ORDER, "lines out of order"),
    (Flag.SESSION, "lines of another session"),
    (Flag.SCALE, "amounts are in units of 10,000"),
    (Flag.PER_MINUTE, "lines look like amounts per minute, not running totals"),
    (Flag.SUM, "Σ order sizes ≠ net"),
    (Flag.TURNOVER, "net above turnover"),
    (Flag.SIGN, "the sign contradicts the day's money in and out"),
    (Flag.GRID, "a line that is not on a whole minute"),
)


def row_sentence(  # noqa: PLR0911 - one return a state
    row: Row, link: LinkState | None, market_now: float, mono_now: float, zone: str | ZoneInfo
) -> Sentence:
    """The chart head's sentence: a state word, since when it is true, and one action when there is one.

    `market_now` in UTC epoch seconds, `mono_now` in monotonic seconds, `zone` the exchange's.
    """
    if row.freshness in (Freshness.ERROR, Freshness.NO_PERMISSION):
        trouble = _trouble(row, mono_now, zone)
        if trouble is not None and (isinstance(row.error, RequestRejected | PartFailed) or not _is_down(link)):
            return trouble
    resting = row.freshness in (Freshness.CLOSED, Freshness.PREVIOUS_SESSION, Freshness.LUNCH)
    if link is not None and _is_down(link) and not resting:
        return _disconnected(row, link, market_now, mono_now, zone)
    if row.flagged and row.series is not None and row.freshness is not Freshness.NEVER_POLLED:
        return Sentence("Check failed", f"{_faults(row.series)} · alerts off for it", Action.DETAILS, Tone.TROUBLE)
    match row.freshness:
        case Freshness.NEVER_POLLED:
            return Sentence(*_never_polled(row, market_now, zone))
        case Freshness.STALE:
            parts = (_true_at(row, zone), "source time not moving", _next_poll(row, mono_now))
            return Sentence(f"Stale {age(row.age_s)}", _listed(*parts), tone=Tone.TROUBLE)
        case Freshness.LUNCH:
            resumes = _resumes(row, market_now, zone)
            return Sentence(
                "Lunch", _listed(_true_at(row, zone), resumes and f"resumes {resumes}", "resting until then")
            )
        case Freshness.CLOSED:
            return Sentence("Closed", _closed(row, zone))
        case Freshness.PREVIOUS_SESSION:
            day = f", {long_day(row.series.session)}" if row.series is not None and row.series.session else ""
            return Sentence(f"Previous session{day}", _listed(_opens(row, market_now, zone), "rules resting"))
        case Freshness.HALTED:
            return Sentence("Halted", _listed(_last_line(row, zone), "suspended by the exchange, not by us"))
        case Freshness.LIVE:
            return Sentence("Live", _live(row, mono_now, zone), tone=Tone.LIVE)
        case _:
            return Sentence("No answer", "the reason is not known", tone=Tone.TROUBLE)


def row_message(row: Row, link: LinkState | None, mono_now: float) -> Sentence | None:
    """The text across a row without figures; None where it has some. `link` is its source's."""
    if row.series is not None and len(row.series):
        return None
    if row.error is not None:
        return _trouble(row, mono_now)
    if link is not None and link.phase is not LinkPhase.READY:
        return replace(link_sentence(link, mono_now), action=None)
    if row.freshness is Freshness.NEVER_POLLED:
        return Sentence("", "waiting for the first answer")
    return Sentence("", "no figures from this source yet")


def _listed(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


def _is_down(link: LinkState | None) -> bool:
    return link is not None and link.phase is not LinkPhase.READY


def _true_time(row: Row) -> float | None:
    if row.series is None:
        return None
    return row.series.last_valid if row.series.last_valid is not None else row.series.received


def _true_at(row: Row, zone: str | ZoneInfo, word: str = "true at") -> str:
    at = _true_time(row)
    return "" if at is None else f"{word} {clock_time(at, zone)}"


def is_recorded(row: Row) -> bool:
    """Whether a row shows what an earlier run recorded, for its source has not answered yet."""
    return row.polled_at is None and row.series is not None and len(row.series) > 0


def _never_polled(row: Row, market_now: float, zone: str | ZoneInfo) -> tuple[str, str]:
    waiting = "waiting for the first answer"
    if not is_recorded(row):
        return "Never polled", waiting
    return f"Recorded, {age(row.age_s)} old", _listed(_recorded_at(row, market_now, zone), waiting)


def _recorded_at(row: Row, market_now: float, zone: str | ZoneInfo) -> str:
    """When recorded figures were true, with the day where it is not today."""
    at, session = _true_time(row), row.series.session if row.series is not None else None
    today = date_time(market_now, zone)
    if at is None or session is None or today is None or session == today.date():
        return _true_at(row, zone)
    return f"{long_day(session)}, {_true_at(row, zone)}"


def _next_poll(row: Row, mono_now: float) -> str:
    if row.next_poll_at is None:
        return "asking again"
    return f"asking again in {duration(row.next_poll_at - mono_now)}"


def _disconnected(row: Row, link: LinkState, market_now: float, mono_now: float, zone: str | ZoneInfo) -> Sentence:
    said = link_sentence(link, mono_now)
    showing = _true_at(row, zone, "showing")
    if is_recorded(row):
        showing = f"recorded, {age(row.age_s)} old, {_recorded_at(row, market_now, zone)}"
    if link.phase in (LinkPhase.LOST, LinkPhase.WAITING) and row.series is not None and not is_recorded(row):
        retry = f"try {link.attempt + 1} in {duration(link.retry_at - mono_now)}" if link.retry_at is not None else ""
        lost_at = clock_time(market_now - (mono_now - link.since), zone) if link.phase is LinkPhase.LOST else ""
        state = f"{source_title(link.source)} lost {lost_at}".strip()
        return Sentence(state, _listed(showing, retry), Action.RECONNECT, Tone.TROUBLE)
    return Sentence(said.state, _listed(showing, said.text), said.action, said.tone)


def _trouble(row: Row, mono_now: float, zone: str | ZoneInfo | None = None) -> Sentence | None:
    error = row.error
    match error:
        case None:
            return None
        case NoLines():
            since = "" if zone is None else f" since {clock_time(error.since, zone)}"
            showing = "" if zone is None else _true_at(row, zone, "showing")
            said = f"{source_title(row.source)} sent no lines{since}"
            return Sentence("No lines", _listed(said, showing, _next_poll(row, mono_now)), None, Tone.TROUBLE)
        case UnknownSymbol():
            return Sentence("Unknown symbol", f"{_own_words(error)} · not asked again", Action.REMOVE)
        case NoQuoteRight():
            return Sentence("No quote right", _own_words(error), Action.WHAT_TO_DO, Tone.TROUBLE)
        case RequestRejected():
            return Sentence("Refused", _listed(_own_words(error), _next_poll(row, mono_now)), None, Tone.TROUBLE)
        case _:
            word = "Capflow failed" if isinstance(error, PartFailed) else "No answer"
            return Sentence(word, error_sentence(error), None, Tone.TROUBLE)


def _own_words(error: RequestRejected) -> str:
    return f"{source_title(error.source)}: {error.message or reason_words(error.reason)}"


def _faults(series: FlowSeries) -> str:
    """The gravest fault of a reply; for the sum, by how much."""
    found = series.flags & ~HARMLESS
    for flag, words in _FLAG_WORDS:
        if found & flag:
            return f"{words} by {compact(_sum_error(series), signed=False)}" if flag is Flag.SUM else words
    return "a check"


def _sum_error(series: FlowSeries) -> float:
    gap = np.abs(series.values[EXTRA_LARGE:].sum(axis=0) - series.net)
    gap = gap[(series.line_flags & Flag.SUM.value) != 0]
    return float(np.nanmax(gap)) if np.isfinite(gap).any() else math.nan


def _resumes(row: Row, market_now: float, zone: str | ZoneInfo) -> str:
    later = [begin for begin, _ in row.day.periods if begin > market_now] if row.day is not None else []
    return clock_time(later[0], zone, seconds=False) if later else ""


def _opens(row: Row, market_now: float, zone: str | ZoneInfo) -> str:
    if row.next_open is None:
        return ""
    assumed = " (assumed)" if row.next_open_assumed else ""
    opens = clock_time(row.next_open, zone, seconds=False)
    return f"opens {opens}, in {duration(row.next_open - market_now)}{assumed}"


def _last_line(row: Row, zone: str | ZoneInfo) -> str:
    if row.series is None or not len(row.series):
        return ""
    return f"last line {clock_time(int(row.series.timestamps[-1]), zone, seconds=False)}"


def _closed(row: Row, zone: str | ZoneInfo) -> str:
    series = row.series
    if series is None or not len(series):
        return "no lines"
    confirmed = int(series.confirmed.sum())
    if confirmed < len(series):
        return _listed(_true_at(row, zone), "closing figures still settling")
    received = f"received {clock_time(series.received, zone)}" if series.received is not None else ""
    return _listed("final", received, f"{confirmed} lines confirmed")


def _live(row: Row, mono_now: float, zone: str | ZoneInfo) -> str:
    polled = f"polled {duration(mono_now - row.polled_at)} ago" if row.polled_at is not None else ""
    if polled and row.polled_at is not None and mono_now - row.polled_at > row.cycle_s:
        polled += f", usually every {duration(row.cycle_s)}"
    urgent = _alert(row, zone) or _near(row)
    name, _, about = source_words(row).partition(", ")
    return _listed(_true_at(row, zone), name, urgent, "" if urgent else polled, _moving(row), about)


def source_words(row: Row) -> str:
    """Whose figures these are, where that is a question: instead of whom, what is missing, what was checked."""
    if not (row.shared or not row.classes):
        return ""
    name = source_title(row.source)
    parts = [f"{name} instead of {source_title(row.instead_of)} (not connected)" if row.instead_of else name]
    if not row.classes:
        parts.append(f"order sizes from snapshots, newest {_snapshot_time(row)}" if row.class_flow else "totals only")
        parts.append(calibration_words(row.calibration))
    return ", ".join(part for part in parts if part)


def snapshot_words(row: Row) -> str:
    """The newest snapshot's classes and what they are not; empty where there is none."""
    if row.class_flow is None or not len(row.class_flow):
        return ""
    amounts = zip(CLASSES, row.class_flow.net[:, -1].tolist(), strict=True)
    told = ", ".join(f"{name} {compact(amount)}" for name, amount in amounts)
    source = source_title(row.source)
    return (
        f"{told} {row.money}, derived from {source}'s snapshot at {_snapshot_time(row)}. "
        f"These are {source}'s own order sizes: its large is not extra-large plus large, and no rule judges them."
    )


def _snapshot_time(row: Row) -> str:
    if row.class_flow is None or row.day is None:
        return ""
    return clock_time(float(row.class_flow.times[-1]), row.day.zone, seconds=False)


def calibration_words(found: Calibration | None) -> str:
    """What a source's amounts turned out to be; nobody at the source says so."""
    if found is None:
        return "unit not checked yet"
    unit = {
        Scale.PLAIN: "unit fits the turnover",
        Scale.TEN_THOUSANDS: "amounts in units of 10,000",
        Scale.UNKNOWN: "unit not known",
    }[found.scale]
    sign = {Sign.SAME: "sign checked", Sign.OPPOSITE: "sign contradicts money in and out", Sign.UNDECIDED: ""}[
        found.sign
    ]
    kind = {
        Kind.RUNNING_TOTAL: "running totals",
        Kind.PER_MINUTE: "lines look like amounts per minute",
        Kind.UNDECIDED: "taken for running totals",
    }[found.kind]
    return ", ".join(part for part in (unit, sign, kind) if part)


def _alert(row: Row, zone: str | ZoneInfo) -> str:
    alert = row.alert
    if alert is None:
        return ""
    elsewhere = alert_source(row)
    at = f" at {source_title(elsewhere)}" if elsewhere else ""
    if alert.cannot_judge:
        why = "" if alert.reason is None else f": {reason_words(alert.reason)}"
        return f"cannot judge {rule_words(alert.rule)}{at}{why}"
    if alert.early:
        minute = clock_time(alert.line_time, zone, seconds=False)
        return f"early: {rule_words(alert.rule)} at {minute}{at}, whose minute is not over"
    if alert.standing and not alert.waiting:
        return f"{snoozed_words(alert, zone) or 'acknowledged'} · still breached{at}"
    breached = f"breached {clock_time(alert.line_time, zone, seconds=False)}{at}"
    if alert.standing or alert.cleared_at is None:
        return breached
    return f"{breached}, cleared {clock_time(alert.cleared_at, zone, seconds=False)}, not seen"


def alert_source(row: Row) -> str | None:
    """The source a row's alert was raised at, where the row shows the figures of another one."""
    return row.alert.source if row.alert is not None and row.alert.source != row.source else None


def _near(row: Row) -> str:
    """How far a figure is on the way to its level, from where the meter turns amber."""
    if row.threshold is None or not row.level or row.series is None or not len(row.series):
        return ""
    share = float(row.series.net[-1]) / row.level
    if not NEAR <= share < 1:
        return ""
    way = percent(share, 0, signed=False).replace("%", " %")
    return f"{way} of the way to {rule_words(level_condition(row.threshold))}"


def _moving(row: Row) -> str:
    if row.series is None or not len(row.series) or bool(row.series.confirmed[-1]):
        return ""
    return "newest minute still moving"
