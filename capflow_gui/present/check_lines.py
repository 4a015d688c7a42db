"""What dry runs found: as `capflow check-rule` prints it, JSON lines or a table, and in the words of dialogs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from capflow_gui.archive.model import DayKey
from capflow_gui.domain.alert_grammar import Rule
from capflow_gui.domain.symbol import Symbol
from capflow_gui.playback.dry_run import Outcome, Tried
from capflow_gui.playback.trial import Trial, TriedDay
from capflow_gui.present.export import moment
from capflow_gui.present.language.columns import table
from capflow_gui.present.language.texts import N_, _, listed, ngettext, one_after_other
from capflow_gui.present.names import source_title
from capflow_gui.present.numbers import MISSING, clock_time, count_of, full_day
from capflow_gui.present.reasons import reason_in_english, reason_words
from capflow_gui.present.recorded_export import entry_fault
from capflow_gui.present.sentences import measured
from capflow_gui.reason import Code

_HEADERS = (N_("session"), N_("symbol"), N_("source"), N_("time"), N_("what"), N_("value"), N_("threshold"))
_OUTCOMES = {
    Outcome.RAISED: N_("raised"),
    Outcome.ESCALATED: N_("escalated"),
    Outcome.CLEARED: N_("cleared"),
    Outcome.UNJUDGED: N_("unjudged"),
    Outcome.JUDGED_AGAIN: N_("judged again"),
}
_RIGHT = frozenset({5, 6})
_NAMED = 3
_SESSIONS_A_WEEK = 5
_DAILY = 0.9  # about once


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
    """One object, on one line."""
    return json.dumps(tried_facts(each, zone), ensure_ascii=False, allow_nan=False)


def tried_facts(each: Tried, zone: ZoneInfo) -> dict[str, Any]:
    """The object that `to_json` writes; `time` is the line's label with the exchange's offset."""
    ended = each.outcome is Outcome.JUDGED_AGAIN
    facts: dict[str, Any] = {
        "type": (Outcome.CLEARED if ended else each.outcome).value,
        "symbol": str(each.key.symbol),
        "source": each.key.source,
        "session": each.key.session.isoformat(),
        "time": None if each.time is None else moment(each.time, zone),
        "value": each.value,
        "threshold": each.threshold,
        "reason": reason_in_english(each.reason),
    }
    if ended:
        facts["ends"] = Outcome.UNJUDGED.value
    if each.all_day:
        facts["all_day"] = True
    return facts | {"late": True} if each.late else facts


def tally_json(tally: Tally) -> str:
    """The last object of all."""
    return json.dumps(tally_facts(tally))


def tally_facts(tally: Tally) -> dict[str, Any]:
    """The object that `tally_json` writes."""
    counts = {"sessions": len(tally.sessions), "symbols": len(tally.symbols)}
    return {"type": "summary"} | counts | {"raised": tally.raised, "unjudged": tally.unjudged}


def to_table(rule: Rule, found: Sequence[tuple[Tried, ZoneInfo]]) -> str:
    """A row for each thing the rule would have done, under a header; nothing where it would have done nothing."""
    if not found:
        return ""
    rows = [(*map(_, _HEADERS), ""), *(_row(rule, each, zone) for each, zone in found)]
    return "\n".join(table(rows, _RIGHT)) + "\n"


def tally_words(tally: Tally) -> str:
    """`Raised 3 times in 10 sessions of 2 symbols; 1 could not be judged.`"""
    text = (
        _("Raised {times} in {sessions} of {symbols}") if tally.raised else _("Never raised in {sessions} of {symbols}")
    )
    words = text.format(
        times=_times(tally.raised),
        sessions=count_of(len(tally.sessions), "session"),
        symbols=count_of(len(tally.symbols), "symbol"),
    )
    return _unjudged(words, tally.unjudged)


def trial_words(trial: Trial) -> str:
    """What a rule would have done: `It would have alerted 3 times in the last 10 recorded sessions.`

    Sessions in which it could be judged on no symbol are named apart, and those that are damaged: they are no answer.
    """
    return one_after_other([_trial_words(trial), *_damage_words(trial)])


def _trial_words(trial: Trial) -> str:
    days, judged = trial.days, _judged(trial)
    if not days:
        return _("No session is recorded to try it on.")
    raised = sum(day.raised for day in days)
    missed, partly = sum(day.missed for day in days), sum(day.partly for day in days)
    if (missed or partly) and not raised:  # "would not have alerted" would read as an answer
        reasons = Counter(reason_words(why) for day in days for why in day.unjudged)
        return _("It could not always be judged in {sessions}, and did not alert: {why}.").format(
            sessions=_last_sessions(len(days), trial.symbols), why=reasons.most_common(1)[0][0]
        )
    text = _("It would have alerted {times} in {sessions}") if raised else _("It would not have alerted in {sessions}")
    words = text.format(times=_times(raised), sessions=_last_sessions(judged, trial.symbols))
    if partly:
        words = _("{words}; not always judged: {count}").format(words=words, count=partly)
    return _unjudged(words, missed)


def _damage_words(trial: Trial) -> list[str]:
    """Which sessions were left out; of many the newest."""
    newest = sorted(trial.damaged, key=lambda each: each.session, reverse=True)
    more = len(newest) - _NAMED
    words = [entry_fault(each) for each in newest[:_NAMED]]
    if more > 0:
        words.append(_("So are {count} more: capflow archive verify names them.").format(count=more))
    return words


def _judged(trial: Trial) -> int:
    """In how many sessions the rule could be judged, on one symbol at least."""
    return sum(day.missed < day.symbols for day in trial.days)


def _last_sessions(count: int, symbols: int) -> str:
    words = ngettext("the recorded session", "the last {count} recorded sessions", count).format(count=count)
    return _("{sessions} of {count} symbols").format(sessions=words, count=symbols) if symbols > 1 else words


def _unjudged(words: str, count: int) -> str:
    return (_("{words}; not judged: {count}.") if count else _("{words}.")).format(words=words, count=count)


def expectation_words(trial: Trial) -> str:
    """What a rule would have done, and how often that is: `… Expect about twice a week.`"""
    sessions, raised = _judged(trial), sum(day.raised for day in trial.days)
    if sessions < _SESSIONS_A_WEEK or not raised:
        return trial_words(trial)
    a_day, a_week = raised / sessions, raised / sessions * _SESSIONS_A_WEEK
    if a_day >= _DAILY:
        expected = _("Expect about {times} a day.").format(times=_how_often(a_day))
    elif a_week >= _DAILY:
        expected = _("Expect about {times} a week.").format(times=_how_often(a_week))
    else:
        expected = _("Expect about {times} in {sessions} sessions.").format(times=_how_often(raised), sessions=sessions)
    return one_after_other([_trial_words(trial), expected, *_damage_words(trial)])


def _how_often(rate: float) -> str:
    return _("twice") if round(rate) == 2 else _times(round(rate))


def tried_words(tried: TriedDay) -> str:
    """One of these sessions: `Thu 19 Nov 2026 · alerted at 10:42 and 14:03`."""
    day = tried.day
    parts = [full_day(day.day)]
    if tried.symbols > 1:
        parts.append(
            _("{alerts} of {count} symbols").format(alerts=count_of(tried.raised, "alert"), count=tried.symbols)
        )
    elif tried.fired:
        times = [clock_time(label, day.zone, seconds=False) for label, __ in tried.fired]
        several, one = _("alerted at {times} and {last}"), _("alerted at {last}")
        parts.append((several if len(times) > 1 else one).format(times=listed(times[:-1]), last=times[-1]))
    else:
        parts.append(_("no alert"))
    if tried.symbols == 1:
        parts += [_("not judged: {why}").format(why=reason_words(why)) for why in tried.unjudged]
    elif tried.unjudged:
        parts.append(_("not judged: {count}").format(count=len(tried.unjudged)))
    return " · ".join(parts if tried.complete else [*parts, _("recorded incompletely")])


def _times(count: int) -> str:
    return ngettext("once", "{count} times", count).format(count=count)


def _row(rule: Rule, each: Tried, zone: ZoneInfo) -> tuple[str, ...]:
    notes = []
    if each.reason is not None and each.reason.code is not Code.JUDGED_AGAIN:  # which its outcome says
        notes.append(reason_words(each.reason))
    if each.late:
        notes.append(_("began before it was recorded"))
    return (
        each.key.session.isoformat(),
        str(each.key.symbol),
        source_title(each.key.source),
        MISSING if each.time is None else clock_time(each.time, zone, seconds=False),
        _(_OUTCOMES[each.outcome]),
        MISSING if each.value is None else measured(rule.condition, each.value),
        measured(rule.condition, each.threshold),
        "; ".join(notes),
    )
