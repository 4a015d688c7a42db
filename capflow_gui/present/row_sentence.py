"""A row's freshness in a sentence: the right end of the chart head, and what stands across a row without figures."""

from __future__ import annotations

import math
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np

from capflow_gui.domain.alert_record import AlertState
from capflow_gui.domain.calibration import Calibration, Kind, Scale, Sign
from capflow_gui.domain.class_flow import CLASSES
from capflow_gui.domain.flow import EXTRA_LARGE, HARMLESS, Flag, FlowSeries
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.staleness import is_cut_off
from capflow_gui.domain.typed.level import level_condition
from capflow_gui.errors import NoLines, NoQuoteRight, PartFailed, RequestRejected, UnknownSymbol
from capflow_gui.feed.board import Freshness, Row
from capflow_gui.present.alerts.handling import snoozed_words
from capflow_gui.present.language.texts import N_, _, listed, said_together
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

STATES = {
    Freshness.NEVER_POLLED: N_("Never polled"),
    Freshness.LIVE: N_("Live"),
    Freshness.STALE: N_("Stale"),
    Freshness.LUNCH: N_("Lunch"),
    Freshness.CLOSED: N_("Closed"),
    Freshness.PREVIOUS_SESSION: N_("Previous session"),
    Freshness.HALTED: N_("Halted"),
    Freshness.NO_PERMISSION: N_("No quote right"),
    Freshness.ERROR: N_("No answer"),
}
NEAR = 0.8  # the share of its level from which a threshold meter turns amber

_FLAG_WORDS = (
    (Flag.BEYOND, N_("an amount beyond any market")),
    (Flag.ORDER, N_("lines out of order")),
    (Flag.SESSION, N_("lines of another session")),
    (Flag.SCALE, N_("amounts are in units of 10,000")),
    (Flag.PER_MINUTE, N_("lines look like amounts per minute, not running totals")),
    (Flag.SUM, N_("Σ order sizes ≠ net")),
    (Flag.TURNOVER, N_("net above turnover")),
    (Flag.SIGN, N_("the sign contradicts the day's money in and out")),
    (Flag.GRID, N_("a line that is not on a whole minute")),
)


def row_sentence(
    row: Row, link: LinkState | None, market_now: float, mono_now: float, zone: str | ZoneInfo
) -> Sentence:
    """The chart head's sentence: a state word, since when it is true, and one action when there is one.

    `market_now` in UTC epoch seconds, `mono_now` in monotonic seconds, `zone` the exchange's.
    """
    if row.freshness in (Freshness.ERROR, Freshness.NO_PERMISSION):
        trouble = _trouble(row, mono_now, zone)
        if trouble is not None and (isinstance(row.error, RequestRejected | PartFailed) or not _is_down(link)):
            return trouble
    resting = row.freshness is Freshness.PREVIOUS_SESSION or is_whole(row)
    if link is not None and _is_down(link) and not resting:
        return _disconnected(row, link, market_now, mono_now, zone)
    if row.flagged and row.series is not None and row.freshness is not Freshness.NEVER_POLLED:
        return Sentence(
            _("Check failed"),
            _("{faults} · alerts off for it").format(faults=_faults(row.series)),
            Action.DETAILS,
            Tone.TROUBLE,
        )
    return _rested(row, market_now, mono_now, zone)


def _rested(  # noqa: PLR0911 - one return a state
    row: Row, market_now: float, mono_now: float, zone: str | ZoneInfo
) -> Sentence:
    """The sentence of a row with nothing wrong at its source."""
    match row.freshness:
        case Freshness.NEVER_POLLED:
            return Sentence(*_never_polled(row, market_now, zone))
        case Freshness.STALE:
            parts = (_true_at(row, zone), _("source time not moving"), _next_poll(row, mono_now))
            return Sentence(_("Stale {age}").format(age=age(row.age_s)), _listed(*parts), tone=Tone.TROUBLE)
        case Freshness.LUNCH:
            resumes = _resumes(row, market_now, zone)
            return Sentence(
                _("Lunch"),
                _listed(
                    _true_at(row, zone), resumes and _("resumes {time}").format(time=resumes), _("resting until then")
                ),
            )
        case Freshness.CLOSED:
            return Sentence(_("Closed"), _closed(row, zone))
        case Freshness.PREVIOUS_SESSION:
            state = _("Previous session")
            if row.series is not None and row.series.session:
                state = _("Previous session, {day}").format(day=long_day(row.series.session))
            return Sentence(state, _listed(_opens(row, market_now, zone), _("rules resting")))
        case Freshness.HALTED:
            return Sentence(_("Halted"), _listed(_last_line(row, zone), _("suspended by the exchange, not by us")))
        case Freshness.LIVE:
            return Sentence(_("Live"), _live(row, mono_now, zone), tone=Tone.LIVE)
        case _:
            return Sentence(_("No answer"), _("the reason is not known"), tone=Tone.TROUBLE)


def row_message(row: Row, link: LinkState | None, mono_now: float) -> Sentence | None:
    """The text across a row without figures; None where it has some. `link` is its source's."""
    if row.series is not None and len(row.series):
        return None
    if row.error is not None:
        return _trouble(row, mono_now)
    if link is not None and link.phase is not LinkPhase.READY:
        return replace(link_sentence(link, mono_now), action=None)
    if row.freshness is Freshness.NEVER_POLLED:
        return Sentence("", _("waiting for the first answer"))
    return Sentence("", _("no figures from this source yet"))


def _listed(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


def _is_down(link: LinkState | None) -> bool:
    return link is not None and link.phase is not LinkPhase.READY


def _true_time(row: Row) -> float | None:
    if row.series is None:
        return None
    return row.series.last_valid if row.series.last_valid is not None else row.series.received


def _true_at(row: Row, zone: str | ZoneInfo, text: str = N_("true at {time}")) -> str:
    at = _true_time(row)
    return "" if at is None else _(text).format(time=clock_time(at, zone))


def is_whole(row: Row) -> bool:
    """Whether the market rests and the figures reach the bell: nothing is missed while its source is lost."""
    if row.freshness not in (Freshness.CLOSED, Freshness.LUNCH):
        return False
    return row.series is None or row.day is None or not is_cut_off(row.series, row.day)


def is_recorded(row: Row) -> bool:
    """Whether a row shows what an earlier run recorded, for its source has not answered yet."""
    return row.polled_at is None and row.series is not None and len(row.series) > 0


def _never_polled(row: Row, market_now: float, zone: str | ZoneInfo) -> tuple[str, str]:
    waiting = _("waiting for the first answer")
    if not is_recorded(row):
        return _("Never polled"), waiting
    return _("Recorded, {age} old").format(age=age(row.age_s)), _listed(_recorded_at(row, market_now, zone), waiting)


def _recorded_at(row: Row, market_now: float, zone: str | ZoneInfo) -> str:
    """When recorded figures were true, with the day where it is not today."""
    at, session = _true_time(row), row.series.session if row.series is not None else None
    today = date_time(market_now, zone)
    if at is None or session is None or today is None or session == today.date():
        return _true_at(row, zone)
    return f"{long_day(session)}, {_true_at(row, zone)}"


def _next_poll(row: Row, mono_now: float) -> str:
    if row.next_poll_at is None:
        return _("asking again")
    return _("asking again in {duration}").format(duration=duration(row.next_poll_at - mono_now))


def _disconnected(row: Row, link: LinkState, market_now: float, mono_now: float, zone: str | ZoneInfo) -> Sentence:
    said = link_sentence(link, mono_now)
    showing = _true_at(row, zone, N_("showing {time}"))
    if is_recorded(row):
        showing = _("recorded, {age} old, {when}").format(age=age(row.age_s), when=_recorded_at(row, market_now, zone))
    if link.phase in (LinkPhase.LOST, LinkPhase.WAITING) and row.series is not None and not is_recorded(row):
        retry = (
            _("try {attempt} in {duration}").format(
                attempt=link.attempt + 1, duration=duration(link.retry_at - mono_now)
            )
            if link.retry_at is not None
            else ""
        )
        lost_at = clock_time(market_now - (mono_now - link.since), zone) if link.phase is LinkPhase.LOST else ""
        state = _("{source} lost {time}").format(source=source_title(link.source), time=lost_at).strip()
        return Sentence(state, _listed(showing, retry), Action.RECONNECT, Tone.TROUBLE)
    return Sentence(said.state, _listed(showing, said.text), said.action, said.tone)


def _trouble(row: Row, mono_now: float, zone: str | ZoneInfo | None = None) -> Sentence | None:
    error = row.error
    match error:
        case None:
            return None
        case NoLines():
            showing = "" if zone is None else _true_at(row, zone, N_("showing {time}"))
            said = _("{source} sent no lines").format(source=source_title(row.source))
            if zone is not None:
                said = _("{source} sent no lines since {time}").format(
                    source=source_title(row.source), time=clock_time(error.since, zone)
                )
            return Sentence(_("No lines"), _listed(said, showing, _next_poll(row, mono_now)), None, Tone.TROUBLE)
        case UnknownSymbol():
            return Sentence(
                _("Unknown symbol"),
                _("{words} · not asked again").format(words=_own_words(error)),
                Action.REMOVE,
            )
        case NoQuoteRight():
            return Sentence(_("No quote right"), _own_words(error), Action.WHAT_TO_DO, Tone.TROUBLE)
        case RequestRejected():
            return Sentence(_("Refused"), _listed(_own_words(error), _next_poll(row, mono_now)), None, Tone.TROUBLE)
        case _:
            word = _("Capflow failed") if isinstance(error, PartFailed) else _("No answer")
            return Sentence(word, error_sentence(error), None, Tone.TROUBLE)


def _own_words(error: RequestRejected) -> str:
    return f"{source_title(error.source)}: {error.message or reason_words(error.reason)}"


def _faults(series: FlowSeries) -> str:
    """The gravest fault of a reply; for the sum, by how much."""
    found = series.flags & ~HARMLESS
    for flag, words in _FLAG_WORDS:
        if found & flag:
            if flag is not Flag.SUM:
                return _(words)
            return _("Σ order sizes ≠ net by {amount}").format(amount=compact(_sum_error(series), signed=False))
    return _("a check")


def _sum_error(series: FlowSeries) -> float:
    gap = np.abs(series.values[EXTRA_LARGE:].sum(axis=0) - series.net)
    gap = gap[(series.line_flags & Flag.SUM.value) != 0]
    return float(np.nanmax(gap)) if np.isfinite(gap).any() else math.nan


def _resumes(row: Row, market_now: float, zone: str | ZoneInfo) -> str:
    later = [begin for begin, __ in row.day.periods if begin > market_now] if row.day is not None else []
    return clock_time(later[0], zone, seconds=False) if later else ""


def _opens(row: Row, market_now: float, zone: str | ZoneInfo) -> str:
    if row.next_open is None:
        return ""
    text = _("opens {time}, in {duration} (assumed)") if row.next_open_assumed else _("opens {time}, in {duration}")
    opens = clock_time(row.next_open, zone, seconds=False)
    return text.format(time=opens, duration=duration(row.next_open - market_now))


def _last_line(row: Row, zone: str | ZoneInfo) -> str:
    if row.series is None or not len(row.series):
        return ""
    return _("last line {time}").format(time=clock_time(int(row.series.timestamps[-1]), zone, seconds=False))


def _closed(row: Row, zone: str | ZoneInfo) -> str:
    series = row.series
    if series is None or not len(series):
        return _("no lines")
    confirmed = int(series.confirmed.sum())
    if confirmed < len(series):
        return _listed(_true_at(row, zone), _("closing figures still settling"))
    received = (
        _("received {time}").format(time=clock_time(series.received, zone)) if series.received is not None else ""
    )
    return _listed(_("final"), received, _("{count} lines confirmed").format(count=confirmed))


def _live(row: Row, mono_now: float, zone: str | ZoneInfo) -> str:
    polled = ""
    if row.polled_at is not None:
        late = mono_now - row.polled_at > row.cycle_s
        text = _("polled {ago} ago, usually every {cycle}") if late else _("polled {ago} ago")
        polled = text.format(ago=duration(mono_now - row.polled_at), cycle=duration(row.cycle_s))
    urgent = _alert(row, zone) or _near(row)
    name, __, about = source_words(row).partition(", ")
    return _listed(_true_at(row, zone), name, urgent, "" if urgent else polled, _moving(row), about)


def source_words(row: Row) -> str:
    """Whose figures these are, where that is a question: instead of whom, what is missing, what was checked."""
    if not (row.shared or not row.classes):
        return ""
    name = source_title(row.source)
    parts = [
        _("{name} instead of {source} (not connected)").format(name=name, source=source_title(row.instead_of))
        if row.instead_of
        else name
    ]
    if not row.classes:
        parts.append(
            _("order sizes from snapshots, newest {time}").format(time=_snapshot_time(row))
            if row.class_flow
            else _("totals only")
        )
        parts.append(calibration_words(row.calibration))
    return said_together(part for part in parts if part)


def snapshot_words(row: Row) -> str:
    """The newest snapshot's classes and what they are not; empty where there is none."""
    if row.class_flow is None or not len(row.class_flow):
        return ""
    amounts = zip(CLASSES, row.class_flow.net[:, -1].tolist(), strict=True)
    words = {"large": _("large"), "medium": _("medium"), "small": _("small")}
    told = listed(f"{words[name]} {compact(amount)}" for name, amount in amounts)
    source = source_title(row.source)
    return _(
        "{told} {money}, derived from {source}'s snapshot at {time}. These are "
        "{source}'s own order sizes: its large is not extra-large plus large, and no rule judges "
        "them."
    ).format(told=told, money=row.money, source=source, time=_snapshot_time(row))


def _snapshot_time(row: Row) -> str:
    if row.class_flow is None or row.day is None:
        return ""
    return clock_time(float(row.class_flow.times[-1]), row.day.zone, seconds=False)


def calibration_words(found: Calibration | None) -> str:
    """What a source's amounts turned out to be; nobody at the source says so."""
    if found is None:
        return _("unit not checked yet")
    unit = {
        Scale.PLAIN: _("unit fits the turnover"),
        Scale.TEN_THOUSANDS: _("amounts in units of 10,000"),
        Scale.UNKNOWN: _("unit not known"),
    }[found.scale]
    sign = {Sign.SAME: _("sign checked"), Sign.OPPOSITE: _("sign contradicts money in and out"), Sign.UNDECIDED: ""}[
        found.sign
    ]
    kind = {
        Kind.RUNNING_TOTAL: _("running totals"),
        Kind.PER_MINUTE: _("lines look like amounts per minute"),
        Kind.UNDECIDED: _("taken for running totals"),
    }[found.kind]
    return said_together(part for part in (unit, sign, kind) if part)


def _alert(row: Row, zone: str | ZoneInfo) -> str:
    alert = row.alert
    if alert is None:
        return ""
    elsewhere, rule = alert_source(row), rule_words(alert.rule)
    minute = clock_time(alert.line_time, zone, seconds=False)
    if elsewhere:
        rule = _("{rule} at {source}").format(rule=rule, source=source_title(elsewhere))
        minute = _("{time} at {source}").format(time=minute, source=source_title(elsewhere))
    if alert.cannot_judge:
        said = _("cannot judge {rule}").format(rule=rule)
        said = said if alert.reason is None else f"{said}: {reason_words(alert.reason)}"
        return " · ".join(filter(None, (snoozed_words(alert, zone) if alert.standing else "", said)))
    if alert.early:
        return _("early: {rule} at {minute}, whose minute is not over").format(
            rule=rule_words(alert.rule), minute=minute
        )
    if alert.standing and not alert.waiting:
        state = snoozed_words(alert, zone) or _("acknowledged")
        still = _("still breached at {source}") if elsewhere else _("still breached")
        return f"{state} · {still.format(source=source_title(elsewhere or ''))}"
    if alert.standing or alert.cleared_at is None:
        return _("breached {minute}").format(minute=minute)
    cleared, ended = _("breached {minute}, cleared {cleared}, not seen"), _("breached {minute}, session over, not seen")
    over = ended if alert.state is AlertState.ENDED else cleared
    return over.format(minute=minute, cleared=clock_time(alert.cleared_at, zone, seconds=False))


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
    return _("{way} of the way to {rule}").format(way=way, rule=rule_words(level_condition(row.threshold)))


def _moving(row: Row) -> str:
    if row.series is None or not len(row.series) or bool(row.series.confirmed[-1]):
        return ""
    return _("newest minute still moving")
