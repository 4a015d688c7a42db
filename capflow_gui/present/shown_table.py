"""Lines as a table for a spreadsheet, for the window and `capflow export`; and as a line under the chart's picture.

Every row says whose figures they are: source, session, zone (by the offset of its time), currency and whether that is
assumed, running total or one period, flags, and that a simulator made them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from capflow_gui.domain.flow import FlowSeries
from capflow_gui.present.export import CSV_COLUMNS, PER_PERIOD, Answer, figures, moment
from capflow_gui.present.language.texts import _
from capflow_gui.present.names import flag_list, flag_words, source_title
from capflow_gui.present.numbers import date_time
from capflow_gui.present.recorded_words import spreadsheet_cell, tab_separated

_BOM = "\ufeff"
_COLUMNS = (*CSV_COLUMNS, "currency_assumed", "zone", "cumulative", "flags")


def headers(answer: Answer) -> tuple[str, ...]:
    """The columns: those of `fetch`, and more behind them.

    `recorded` (complete, incomplete, or empty where the line is the broker's) and `damaged` (the dates of sessions that
    a line lacks) are there where a line is recorded, the last one for a simulator's figures alone.
    """
    recorded = ("recorded", "damaged") if answer.recorded else ()
    return (*_COLUMNS, *recorded, *(("simulated",) if answer.simulated else ()))


def shown_rows(answer: Answer, *, assumed: bool) -> list[tuple[str, ...]]:
    """A row a line, as `headers`; an empty cell where a figure is missing. Texts of others cannot be a formula."""
    series = answer.result
    if not isinstance(series, FlowSeries):
        return []
    session = series.session.isoformat() if series.session is not None and series.cumulative else ""
    head = spreadsheet_cell(str(answer.symbol)), spreadsheet_cell(answer.source), series.period.value, session
    money = spreadsheet_cell(answer.money or ""), str(assumed).lower()
    kind = str(answer.zone), str(series.cumulative).lower()
    simulated = ("true",) if answer.simulated else ()
    rows = []
    for line, (stamp, confirmed, flags) in enumerate(
        zip(series.timestamps.tolist(), series.confirmed.tolist(), series.line_flags.tolist(), strict=True)
    ):
        amounts = ("" if value is None else repr(value) for value in figures(series, line).values())
        provisional = str(not confirmed and series.cumulative).lower()
        known = " ".join(flag_list(flags))
        times = moment(stamp, answer.zone) or "", str(stamp)
        made = _recorded(answer, line, complete=confirmed) if answer.recorded else ()
        rows.append((*head, *times, *amounts, provisional, *money, *kind, known, *made, *simulated))
    return rows


def _recorded(answer: Answer, line: int, *, complete: bool) -> tuple[str, str]:
    if line not in answer.recorded:
        return "", ""
    return "complete" if complete else "incomplete", " ".join(day.isoformat() for day in answer.recorded[line])


def shown_tsv(answer: Answer, *, assumed: bool) -> str:
    """For the clipboard."""
    return tab_separated(headers(answer), shown_rows(answer, assumed=assumed))


def shown_csv(answer: Answer, *, assumed: bool) -> bytes:
    """For a file: UTF-8 with a byte-order mark, which Excel asks for."""
    return (_BOM + csv_text(answer, assumed=assumed, end="\r\n")).encode()


def csv_text(answer: Answer, *, assumed: bool, header: bool = True, end: str = "\n") -> str:
    """The rows as CSV, under their headers where `header`; each ends with `end`."""
    text = io.StringIO()
    rows = shown_rows(answer, assumed=assumed)
    csv.writer(text, lineterminator=end).writerows((headers(answer), *rows) if header else rows)
    return text.getvalue()


def picture_words(answer: Answer, name: str, *, assumed: bool, marks: Sequence[str] = ()) -> str:
    """The line under a chart's picture."""
    series = answer.result
    if not isinstance(series, FlowSeries):
        return str(answer.symbol)
    meaning = _("cumulative since the open, and per minute") if series.cumulative else _(PER_PERIOD[series.period])
    money = answer.money or _("currency not known")
    flags = flag_words(series.flags)
    source = source_title(answer.source)
    parts = (
        _("SIMULATED") if answer.simulated else "",
        f"{answer.symbol} {name}".strip(),
        _when(series, answer.zone),
        *marks,
        source[:1].upper() + source[1:],
        _("{currency} (assumed)").format(currency=money) if assumed else money,
        meaning,
        str(answer.zone),
        _("flags: {flags}").format(flags=flags) if flags else "",
    )
    return " · ".join(part for part in parts if part)


def _when(series: FlowSeries, zone: ZoneInfo) -> str:
    """The session of a day's minutes; the first and the last of bars."""
    if series.cumulative:
        return "" if series.session is None else _("session {session}").format(session=series.session.isoformat())
    days = [date_time(at, zone) for at in series.timestamps[[0, -1]].tolist()] if len(series) else []
    return " to ".join(day.date().isoformat() for day in days if day is not None)
