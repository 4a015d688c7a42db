"""Recorded sessions as `capflow export` prints them, and what there is of them in words.

The objects and columns are those of `fetch`, and more behind them: whether the currency is assumed, the exchange's
zone, and the flags of each line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from capflow_gui.archive.model import DamagedEntry, DayKey, DaySummary, State, apply
from capflow_gui.archive.reader import Archive, RecordedDay
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.period import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.paths import shown
from capflow_gui.present.export import Answer, figures, moment, series_facts
from capflow_gui.present.language.texts import _, listed, ngettext
from capflow_gui.present.names import flag_list, source_title
from capflow_gui.present.numbers import byte_size, count_of
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.shown_table import csv_text
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import ArchiveSettings

BYTE_ORDER_MARK = "\ufeff"  # by which Excel knows UTF-8
_MOST_NAMED = 12


def day_object(day: RecordedDay) -> str:
    """One session, on one row of JSON."""
    return _row(day_facts(day))


def state_rows(day: RecordedDay) -> Iterator[str]:
    """Every recorded state as a row of JSON, in order. Raises StorageError."""
    return map(_row, state_facts(day))


def state_facts(day: RecordedDay) -> Iterator[dict[str, Any]]:
    """The objects that `state_rows` writes. Raises StorageError.

    `lines` are those that the reply changed, each with its place in the reply, which has `length` lines.
    """
    key, zone = day.summary.key, ZoneInfo(day.summary.day.zone)
    series: FlowSeries | None = None
    for state in day.states():
        series = apply(key, series, state)
        yield _state_facts(day, state, series, zone)


def to_csv(day: RecordedDay, *, header: bool) -> str:
    """A row a line, with the columns of the window's own CSV."""
    return csv_text(_answer(day), assumed=day.summary.assumed, header=header)


def _answer(day: RecordedDay) -> Answer:
    key, summary = day.summary.key, day.summary
    return Answer(
        key.symbol,
        key.source,
        Period.INTRADAY,
        ZoneInfo(summary.day.zone),
        day.series,
        currency=summary.currency or None,
        simulated=day.simulated,
    )


def day_facts(day: RecordedDay) -> dict[str, Any]:
    """The object that `day_object` writes."""
    answer, summary = _answer(day), day.summary
    facts = series_facts(answer)
    for line, flags in zip(facts["lines"], day.series.line_flags.tolist(), strict=True):
        line["flags"] = flag_list(flags)
    session = summary.key.session.isoformat()
    return facts | {"session": session, "currency_assumed": summary.assumed, "zone": answer.zone.key}


def _state_facts(day: RecordedDay, state: State, series: FlowSeries, zone: ZoneInfo) -> dict[str, Any]:
    places = sorted({*state.places.tolist(), *state.confirmed.tolist(), *state.flag_places.tolist()})
    facts = {
        "symbol": str(series.symbol),
        "source": series.source,
        "session": day.summary.key.session.isoformat(),
        "poll": state.poll,
        "received": moment(state.received, zone),
        "last_valid": None if state.last_valid is None else moment(state.last_valid, zone),
        "same": state.same,
        "flags": flag_list(state.flags),
        "length": state.length,
        "lines": [
            {"place": place, "time": moment(stamp, zone), "timestamp": stamp}
            | figures(series, place)
            | {"provisional": not series.confirmed[place], "flags": flag_list(int(series.line_flags[place]))}
            for place in places
            for stamp in [int(series.timestamps[place])]
        ],
    }
    return facts | {"simulated": True} if day.simulated else facts


def _row(facts: dict[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False, allow_nan=False)


def day_fault(key: DayKey, fault: Reason) -> str:
    """What is wrong with one session of a symbol at a source."""
    symbol, session = str(key.symbol), str(key.session)
    named = Reason.of(Code.DAY_DAMAGED, symbol=symbol, source=key.source, session=session, what=fault)
    return f"{reason_words(named)}."


def entry_fault(entry: DamagedEntry) -> str:
    """That a session's entry in the list cannot be read."""
    return f"{reason_words(Reason.of(Code.DAY_DAMAGED, **entry._asdict(), what=Reason.of(Code.ENTRY_DAMAGED)))}."


def nothing_recorded(
    symbol: Symbol | None, dates: tuple[date, date], source: str | None, there: Sequence[DaySummary]
) -> str:
    """What to say of a symbol (None: of all) without a session in these dates; `there` is all that is recorded."""
    when = _("on {first}") if dates[0] == dates[1] else _("between {first} and {last}")
    when = when.format(first=dates[0], last=dates[1])
    if symbol is None:
        text = _("Nothing is recorded from {source} {when}.") if source else _("Nothing is recorded {when}.")
    else:
        text = _("Nothing is recorded of {symbol} {when}.")
        if source:
            text = _("Nothing is recorded of {symbol} from {source} {when}.")
    said = text.format(symbol=symbol, source=source_title(source or ""), when=when)
    of_symbol = [each for each in there if each.key.symbol == symbol]
    if of_symbol:
        return _("{said} There is: {extent}.").format(said=said, extent=_extent(of_symbol))
    if not there:
        return _("{said} There is nothing at all.").format(said=said)
    symbols = sorted({str(each.key.symbol) for each in there})
    named = listed([*symbols[:_MOST_NAMED], *(["…"] if len(symbols) > _MOST_NAMED else [])])
    return _("{said} There is: {extent}, of {symbols}.").format(said=said, extent=_extent(there), symbols=named)


def _extent(days: Sequence[DaySummary]) -> str:
    """`3 sessions, 2026-06-08 to 2026-06-10 (OpenD)`."""
    sessions = sorted({each.key.session for each in days})
    sources = listed(sorted({source_title(each.key.source) for each in days}))
    dates, count = _dates(sessions[0], sessions[-1]), count_of(len(sessions), "session")
    return _("{sessions}, {dates} ({sources})").format(sessions=count, dates=dates, sources=sources)


def _dates(first: date | str, last: date | str) -> str:
    return str(first) if first == last else _("{first} to {last}").format(first=first, last=last)


def archive_facts(archive: Archive, retention: ArchiveSettings) -> dict[str, Any]:
    """What `archive info` prints: sizes in bytes, `days` are sessions of a symbol."""
    days = archive.sessions()
    sessions = sorted({each.key.session for each in days})
    return {
        "path": shown(archive.path),
        "simulated": archive.simulated,
        "size": archive.size(),
        "forecast": archive.forecast(retention),
        "journal_sessions": retention.journal_sessions,
        "final_days": retention.final_days,
        "days": len(days),
        "with_states": sum(each.journal for each in days),
        "sessions": len(sessions),
        "first": sessions[0].isoformat() if sessions else None,
        "last": sessions[-1].isoformat() if sessions else None,
        "symbols": len({each.key.symbol for each in days}),
        "sources": sorted({each.key.source for each in days}),
    }


def archive_text(facts: Mapping[str, Any]) -> str:
    """What `archive info` prints for people."""
    head = " · ".join((facts["path"], *([_("SIMULATED")] if facts["simulated"] else ())))
    if not facts["days"]:
        return f"{head}\n{_('Nothing is recorded yet.')}\n"
    extent = _("{sessions}, {dates}, of {symbols} ({sources})").format(
        sessions=count_of(facts["sessions"], "session"),
        dates=_dates(facts["first"], facts["last"]),
        symbols=count_of(facts["symbols"], "symbol"),
        sources=listed(map(source_title, facts["sources"])),
    )
    text = _("{days}, {count} with every state") if facts["with_states"] else _("{days}, none with every state")
    days = text.format(days=count_of(facts["days"], "symbol-day"), count=facts["with_states"])
    room = _(
        "{size} on disk; about {forecast} once states are there of {sessions}, lines of {days}",
    ).format(
        size=byte_size(facts["size"]),
        forecast=byte_size(facts["forecast"]),
        sessions=count_of(facts["journal_sessions"], "session"),
        days=count_of(facts["final_days"], "day"),
    )
    return "\n".join((head, extent, days, room)) + "\n"


def verified_text(facts: Mapping[str, Any]) -> str:
    """What `archive verify` prints for people: a line for each fault."""
    faults = [f"{each['message']}\n" for each in facts["damaged"]]
    text = _("{faults} in {days}.") if faults else _("All sound: {days}.")
    days = _("a list that cannot be read") if facts["days"] is None else count_of(facts["days"], "symbol-day")
    return "".join(faults) + text.format(faults=count_of(len(faults), "fault"), days=days) + "\n"


def kept_text(facts: Mapping[str, Any]) -> str:
    """What `archive prune` and `archive compact` print for people."""
    said = _("{size} on disk now, {before} before.")
    said = said.format(size=byte_size(facts["size"]), before=byte_size(facts["size_before"]))
    if (since := facts.get("kept_from")) is None:
        return f"{said}\n"
    text = (
        _("{days} from before {since} removed")
        if facts["removed"]
        else _("Nothing is from before {since}, nothing removed")
    )
    removed = text.format(days=count_of(facts["removed"], "symbol-day"), since=since)
    days = facts["keep_days"]
    kept = ngettext("{count} day is kept", "{count} days are kept", days).format(count=days)
    return (
        _("{removed}; {kept}, counted from the newest session. {size}").format(removed=removed, kept=kept, size=said)
        + "\n"
    )
