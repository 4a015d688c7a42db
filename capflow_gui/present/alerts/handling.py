"""What is said of alerts that are acknowledged, snoozed, muted or switched off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import tzinfo

from capflow_gui.domain.alert_record import AlertRecord, AlertState
from capflow_gui.present.language.texts import N_, _, one_after_other
from capflow_gui.present.names import source_title
from capflow_gui.present.numbers import clock_time, counted, date_time
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.rules.words import metric_of, metric_words
from capflow_gui.present.sentences import is_share, measure_words, reason_sentence, rule_words
from capflow_gui.reason import Code, Reason

NO_ALERT_CHOSEN = N_("The selection has no alert that stands or waits.")
NOTHING_STANDS = N_("Only an alert that stands can be snoozed.")
NO_RULE_ANY_MORE = N_("The rule of this alert is no longer there.")
# The window says these of the link already, with what to do.
SAID_BY_LINK = frozenset({Code.SOURCE_REFUSED, Code.SOURCE_WANTS_LOGIN})
_BRIEF = {
    None: N_("fails"),
    Code.SOURCE_LOST: N_("lost"),
    Code.SOURCE_REFUSED: N_("refuses"),
    Code.SOURCE_WANTS_LOGIN: N_("wants a sign-in"),
    Code.SOURCE_LOGGED_OUT: N_("logged out"),
    Code.SOURCE_RIGHT_LOST: N_("right lost"),
    Code.SOURCE_SILENT: N_("silent"),
    Code.SOURCE_STALLED: N_("stands still"),
}
# The trading minutes that a rule looks back.
_MINUTES = re.compile(r" (\d+)m ")
# For how many minutes an alert can be snoozed; None: until the next session.
SNOOZES: tuple[int | None, ...] = (15, 60, None)


def snooze_words(minutes: float | None) -> str:
    """How long: "for 15 minutes"."""
    return _("until the next session") if minutes is None else _("for {minutes:.0f} minutes").format(minutes=minutes)


def snoozed_words(record: AlertRecord, zone: str | tzinfo) -> str:
    """Until when an alert is snoozed, on the exchange's clock; "" where it is not."""
    until = record.snoozed_until
    if until is None or date_time(until, zone) is None:
        return ""
    if until_next_session(record, zone):
        return _("snoozed here until the next session") if record.desk else _("snoozed until the next session")
    text = _("snoozed here until {time}") if record.desk else _("snoozed until {time}")
    return text.format(time=clock_time(until, zone, seconds=False))


def until_next_session(record: AlertRecord, zone: str | tzinfo) -> bool:
    """Whether an alert is snoozed until a day after its session, on the exchange's clock."""
    moment = None if record.snoozed_until is None else date_time(record.snoozed_until, zone)
    return moment is not None and moment.date().isoformat() > record.session


def snooze_done(records: Sequence[AlertRecord], minutes: float | None) -> str:
    """That alerts were snoozed; of those that a desk shares, too, that nobody else's are."""
    done = _("Snoozed {alerts_named} {snooze_words}.").format(
        alerts_named=alerts_named(records), snooze_words=snooze_words(minutes)
    )
    if not any(each.desk for each in records):
        return done
    return one_after_other((done, _("In this window alone: the other windows of the desk are told as before.")))


def acknowledged_words(record: AlertRecord, zone: str | tzinfo) -> str:
    """Who of a desk acknowledged an alert, and when; "" where nobody is known to have."""
    if not record.seen_by or not record.acknowledged or record.seen_at is None:
        return ""
    at = clock_time(record.seen_at, zone, seconds=False)
    return _("acknowledged by {user} at {at}").format(user=record.seen_by, at=at)


def subject(record: AlertRecord) -> str:
    """The symbol of an alert; the source where it is of one."""
    return source_title(record.source) if record.of_source else str(record.symbol)


def meaning(record: AlertRecord) -> str:
    """The rule of an alert; what is wrong with a source where it is of one."""
    if record.of_source and record.reason is not None:
        return reason_words(record.reason)
    return rule_words(record.rule)


def rule_told(record: AlertRecord, *, options: bool = True) -> str:
    """The rule of an alert, and why it cannot or could not be judged; what is wrong with a source.

    Without `options` the rule is its condition alone: `net ≤ −200M`.
    """
    text = meaning(record) if options or record.of_source else measure_words(record.rule)
    if record.of_source or record.reason is None:
        return text
    why = reason_words(record.reason)
    over = record.cannot_judge and (record.acknowledged or not record.standing)
    return _("{text} · could not be judged: {why}").format(text=text, why=why) if over else f"{text} · {why}"


def state_words(record: AlertRecord, zone: str | tzinfo) -> str:
    """How an alert stands, with the minute where it is over or snoozed, on the exchange's clock."""
    if record.early:
        return _("Early")
    if record.standing and (words := snoozed_words(record, zone)):
        return f"{words[:1].upper()}{words[1:]}"
    if record.standing:
        cannot_judge = record.cannot_judge and not record.of_source
        if record.acknowledged and record.seen_by:
            return _("Acknowledged by {user}").format(user=record.seen_by)
        return _("Acknowledged") if record.acknowledged else _("Cannot judge") if cannot_judge else _("Active")
    ended = _("Session over")
    if record.state is AlertState.CLEARED:
        minute = "" if record.cleared_at is None else clock_time(record.cleared_at, zone, seconds=False)
        text = _("Withdrawn {time}") if record.withdrawn else _("Cleared {time}")
        ended = text.format(time=minute).strip()
    return _("{ended}, not seen").format(ended=ended) if record.waiting else ended


def over_words(record: AlertRecord) -> str:
    """How an alert that does not stand any more ended: what stood to the end of its session was not cleared."""
    return _("session over") if record.state is AlertState.ENDED else _("cleared")


def brief(record: AlertRecord) -> str:
    """In a word or two what an alert is of, behind its subject."""
    if record.of_source:
        return _(_BRIEF[record.reason.code if record.reason is not None and record.reason.code in _BRIEF else None])
    return _("cannot judge") if record.cannot_judge else measure_words(record.rule)


def measure_told(rule: str) -> str:
    """What a rule measures, as a heading of its figure now."""
    if " drawdown " in rule:
        text = _("{metric}: its fall from the high of the session, now")
    elif " divergence " in rule:
        text = _("{metric}: its change against the price over {minutes} trading minutes, of turnover, now")
    elif " unusual " in rule:
        text = _("{metric}: its change over {minutes} trading minutes, in deviations from what is usual then, now")
    elif " change " in rule:
        text = _("{metric}: its change over {minutes} trading minutes, now")
    else:
        text = _("{metric} since the open, of turnover") if is_share(rule) else _("{metric} since the open")
    words, minutes = metric_words(metric_of(rule)), _MINUTES.search(rule)
    return text.format(metric=words[:1].upper() + words[1:], minutes="" if minutes is None else minutes[1])


def alerts_named(records: Sequence[AlertRecord]) -> str:
    """One alert by its symbol and rule, several by their number."""
    if len(records) == 1:
        (record,) = records
        return subject(record) if record.of_source else f"{record.symbol} {rule_words(record.rule)}"
    return counted(len(records), "alert")


def health_words(problem: Reason, *, over: bool) -> str:
    """What is wrong with a source, or with keeping alerts, or that it is over."""
    if over and problem.get("source") is not None:
        return reason_sentence(Reason.of(Code.SOURCE_AGAIN, source=str(problem.get("source"))))
    return reason_sentence(problem)
