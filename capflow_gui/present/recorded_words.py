"""Words for recorded sessions: which day it is, how complete, how good; and while one is played."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from capflow_gui.domain.alert_record import AlertRecord
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Symbol
from capflow_gui.present.language.texts import N_, _, listed, ngettext
from capflow_gui.present.names import flag_words, source_title
from capflow_gui.present.numbers import (
    byte_size,
    clock_time,
    compact,
    count_of,
    counted,
    date_time,
    day_and_month,
    full_day,
    weekday_name,
)
from capflow_gui.present.sentences import Sentence, Tone, rule_words

if TYPE_CHECKING:
    from capflow_gui.archive.model import DaySummary  # after the first paint
    from capflow_gui.archive.quality import Quality

RECORDED = N_("RECORDED")
PLAYBACK = N_("PLAYBACK")
NOTHING_TO_PLAY = N_("Only the final lines of this session are kept: there is nothing to play back.")
NO_MORE_ALERTS = N_("No further alert in this session")
NO_MORE_REVISIONS = N_("No further revision in this session")
NOT_WHILE_PLAYING = N_("This is a playback: go back to live (B) to change the list, thresholds or alerts.")
ON_THE_WAY = N_("Playing up to there …")
NO_ALERT_PLAYED = N_("No alert up to here in this playback")
PLAYED_TO_END = N_("The recording has ended; Play starts it again")
BARS_NOT_PLAYED = N_("days, weeks and months are not played: these bars are live")
UNDERNEATH = N_("nothing is polled or recorded for it; live alerts go on and ring")
WAITING = N_("Reading the archive …")
NEWEST_IS_SHOWN = N_("The newest session is shown already.")
NEWEST_NOT_PLAYED = N_("The newest session cannot be played back yet; choose an earlier one (Alt+←).")
NOT_PLAYING = N_("No session is being played back; Shift+P plays the recorded one that is shown.")
COMPARE_HINT = N_("Shift+click: compare with the session shown")
QUALITY_HEADERS = (N_("What"), N_("Minute"), N_("From"), N_("To"), N_("Received"))
# What a spreadsheet may take for a formula, and what of it is a figure.
_NAMED_DAYS = 3
_FORMULA = ("=", "+", "-", "@")
_SIGNED = re.compile(r"[+-]\d[\d,.]*[KMBT%万亿萬億]*")


def session_time(epoch: float, day: TradingDay, *, seconds: bool = True) -> str:
    """The exchange's time at a UTC epoch second, `16:08:00`; with its weekday where its date is not the session's."""
    at, words = date_time(epoch, day.zone), clock_time(epoch, day.zone, seconds)
    return words if at is None or at.date() == day.day else f"{weekday_name(at.weekday())} {words}"


def room_words(now: int, full: int) -> str:
    """How much room an archive takes, and will take; both in bytes."""
    return _("{size} on disk, about {size2} once it is full.").format(size=byte_size(now), size2=byte_size(full))


def completeness(summary: DaySummary) -> str:
    """`complete`, or until when there is something."""
    if summary.complete:
        return _("complete")
    return _("incomplete, until {time}").format(time=session_time(summary.last_received, summary.day, seconds=False))


def session_facts(summary: DaySummary) -> str:
    """`OpenD · complete · 780 polls`."""
    source = source_title(summary.key.source)
    polls = counted(summary.polls, "poll")
    return " · ".join((source[:1].upper() + source[1:], completeness(summary), polls))


def recorded_sentence(summary: DaySummary) -> Sentence:
    """The chart head's sentence while a recorded session is shown."""
    at = session_time(summary.last_received, summary.day)
    return Sentence(_("Recorded"), _("last received {at}").format(at=at), tone=Tone.QUIET)


def day_words(
    day: date, summary: DaySummary | None, *, newest: bool, shown: bool, compared: bool, damaged: bool = False
) -> str:
    """One day of the strip, for its tooltip and for who hears it."""
    if newest:
        words = _("the newest session, live")
    elif summary is None and damaged:
        words = _("damaged: cannot be read")
    elif summary is None:
        words = _("nothing recorded")
    else:
        words = session_facts(summary)
    marks = (_("shown") if shown else "", _("compared") if compared else "")
    return " · ".join(filter(None, (full_day(day), words, *marks)))


def compare_words(*, compared: bool) -> str:
    """The menu's entry at a day."""
    return _("Do not compare any more") if compared else _("Compare with the session shown")


def no_session(symbol: Symbol, day: date) -> str:
    """Why there is nothing to draw."""
    return _("Nothing is recorded of {symbol} on {day}.").format(symbol=symbol, day=full_day(day))


def session_gone(symbol: Symbol, day: date) -> str:
    """The same, of a session that was recorded a moment ago."""
    return _("The recording of {symbol} on {day} has been deleted.").format(symbol=symbol, day=full_day(day))


def session_damaged(symbol: Symbol, day: date) -> str:
    """The same, of a session whose entry in the archive cannot be read."""
    text = _(
        "What was recorded of {symbol} on {day} is damaged and cannot be shown. capflow archive verify lists all that "
        "is damaged."
    )
    return text.format(symbol=symbol, day=full_day(day))


def undated_words(count: int) -> str:
    """What is said beside the days of a symbol of which some entries have no day that can be read."""
    text = ngettext(
        "{count} damaged session is not shown: capflow archive verify names it.",
        "{count} damaged sessions are not shown: capflow archive verify names them.",
        count,
    )
    return text.format(count=count)


def damaged_in_bar(days: Sequence[date], *, has_rest: bool) -> str:
    """Of a day, week or month made of recorded sessions: which are damaged; `has_rest`: others of it are there."""
    if not has_rest:
        return _("no figure, damaged: {days}").format(days=_few(days))
    return _("in part, damaged: {days}").format(days=_few(days))


def damaged_in_bars(days: Sequence[date]) -> str:
    """All recorded sessions that are damaged and left out of days, weeks or months."""
    return _("damaged and left out: {days}").format(days=listed([*map(full_day, days)]))


def _few(days: Sequence[date]) -> str:
    """The first days, and how many more there are."""
    named = listed([*map(day_and_month, days[:_NAMED_DAYS])])
    more = len(days) - _NAMED_DAYS
    return _("{named} and {count} more").format(named=named, count=more) if more > 0 else named


def left_out_words(symbols: Sequence[Symbol]) -> str:
    """Whose recorded sessions are not played because they are damaged."""
    return _("damaged and not played: {symbols}").format(symbols=listed([*map(str, symbols)]))


def loading(done: int, total: int) -> str:
    """How far reading the sessions of a playback is."""
    return _("Reading {done} of {total} symbols …").format(done=done, total=total) if total else _(WAITING)


def played_facts(symbols: int, at: str, left_out: Sequence[Symbol] = ()) -> str:
    """What stands over the list while it is played; `left_out`: whose recordings could not be read."""
    facts = _("{symbols} as they were at {time}").format(symbols=count_of(symbols, "symbol"), time=at)
    return f"{facts} · {left_out_words(left_out)}" if left_out else facts


def nothing_before(symbol: Symbol) -> str:
    """Why no session before the one shown can be shown or drawn."""
    return _("No session of {symbol} before the one shown is recorded.").format(symbol=symbol)


def nothing_yet(symbol: Symbol) -> str:
    """Why there is no strip."""
    return _("Nothing is recorded of {symbol} yet.").format(symbol=symbol)


def no_quality() -> str:
    """Why there is no quality to tell."""
    return _("Nothing is recorded of the session shown.")


def nothing_happened(*, journal: bool) -> str:
    """What stands in place of an empty table of quality; `journal`: revisions are kept."""
    return _("No revision, no gap and no flag.") if journal else _("No gap and no flag; revisions are not kept.")


def quality_summary(quality: Quality) -> str:
    """A session's quality in one line."""
    parts = [
        _("{polls}, {count:,} unchanged").format(polls=counted(quality.polls, "poll"), count=quality.unchanged),
        (_("{lines}, {count} missing") if quality.missing else _("{lines}, none missing")).format(
            lines=counted(quality.lines, "line"), count=quality.missing
        ),
        count_of(len(quality.revisions), "revision") if quality.journal else _("revisions not kept"),
        count_of(len(quality.holes), "gap"),
        _("flags: {flags}").format(flags=flag_words(quality.flags) or _("none")),
    ]
    return " · ".join(parts)


def quality_rows(quality: Quality, day: TradingDay) -> list[tuple[str, ...]]:
    """What happened in a session, as QUALITY_HEADERS, ascending by the time it concerns."""
    rows: list[tuple[float, tuple[str, ...]]] = []
    for revision in quality.revisions:
        figures = compact(revision.before), compact(revision.after), session_time(revision.received, day)
        rows.append((revision.label, (_("Revision"), session_time(revision.label, day, seconds=False), *figures)))
    for hole in quality.holes:
        healed = (
            _("not healed") if hole.healed is None else _("healed {time}").format(time=session_time(hole.healed, day))
        )
        times = session_time(hole.start, day), session_time(hole.end, day)
        rows.append((hole.start, (_("Gap"), session_time(hole.start, day, seconds=False), *times, healed)))
    for line in quality.flagged:
        what = _("Flag: {names}").format(names=flag_words(line.flags))
        rows.append((line.label, (what, session_time(line.label, day, seconds=False), "", compact(line.net), "")))
    return [row for __, row in sorted(rows, key=lambda each: each[0])]


def quality_table(summary: DaySummary, rows: Sequence[Sequence[str]]) -> str:
    """The rows of `quality_rows` for a spreadsheet: each says whose session it is of."""
    whose = (str(summary.key.symbol), summary.key.session.isoformat(), summary.key.source)
    return tab_separated(
        (_("Symbol"), _("Session"), _("Source"), *map(_, QUALITY_HEADERS)), [(*whose, *row) for row in rows]
    )


def tab_separated(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table for a spreadsheet: a header, a row a line, tabs between; texts cannot break a row or be a formula."""
    return "".join("\t".join(map(spreadsheet_cell, row)) + "\n" for row in (headers, *rows))


def spreadsheet_cell(text: str) -> str:
    """The text on one row; with an apostrophe before it where a spreadsheet would take it for a formula."""
    text = " ".join(text.split()) if any(character in text for character in "\t\r\n") else text
    return f"'{text}" if text[:1] in _FORMULA and not _SIGNED.fullmatch(text) else text


def played_sentence(now: float, day: TradingDay, said: Sentence) -> Sentence:
    """The chart head's sentence: the played time, and what was so then."""
    then = said.state[:1].lower() + said.state[1:]
    return Sentence(
        _("Playback {time}").format(time=session_time(now, day)), _("then: {state}").format(state=then), tone=said.tone
    )


def alert_told(record: AlertRecord, day: TradingDay) -> str:
    """What happened, beside the controls."""
    return _("{time} alert: {symbol} {rule}").format(
        time=session_time(record.raised_at, day), symbol=record.symbol, rule=rule_words(record.rule)
    )


def window_title(*marks: str, profile: str = "", part: str = "") -> str:
    """What a window is called: its `part`, whatever is not the real, running market, and the profile's name."""
    return " – ".join(filter(None, (part, " · ".join(marks), profile, "Capflow")))
