"""Capital flow as JSON, CSV and a table: the output of `capflow fetch`, a contract of the command line.

Missing figures are null or an empty cell, never 0. Times are exchange-local with their offset. What a simulator said
carries `"simulated": true`, or a last column that says so (domain rule 13); real data has neither.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from capflow_gui.domain.flow import COLUMNS, FlowSeries, Period
from capflow_gui.domain.money import currency_of
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import (
    CapflowError,
    InvalidInput,
    PartFailed,
    ProtocolError,
    ProviderError,
    RequestRejected,
    SettingsError,
    StorageError,
)
from capflow_gui.present.language.columns import table
from capflow_gui.present.language.texts import N_, _, english, listed
from capflow_gui.present.names import flag_list
from capflow_gui.present.numbers import MISSING, Unit, clock_time, date_time, scaled
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.recorded_words import spreadsheet_cell
from capflow_gui.present.sentences import error_sentence, source_title

CSV_COLUMNS = ("symbol", "source", "period", "session", "time", "timestamp", *COLUMNS, "provisional", "currency")
_WHOLE = Unit("", 1.0)
_HEADERS = (N_("Time"), N_("Net"), N_("Main"), N_("Extra-large"), N_("Large"), N_("Medium"), N_("Small"))
PER_PERIOD = {
    Period.INTRADAY: N_("per minute"),
    Period.DAY: N_("per day"),
    Period.WEEK: N_("per week"),
    Period.MONTH: N_("per month"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one symbol: a judged series, or an error.

    `currency` is what the broker says, None where it says nothing. `simulated`: the source is a simulator. `recorded`
    are the lines that the archive has in place of the broker, each with the damaged sessions that it lacks.
    """

    symbol: Symbol
    source: str
    period: Period
    zone: ZoneInfo
    result: FlowSeries | CapflowError
    currency: str | None = None
    simulated: bool = False
    recorded: Mapping[int, Sequence[date]] = field(default_factory=dict)

    @property
    def money(self) -> str | None:
        """The currency of the amounts; None where neither the broker nor the exchange's rules tell."""
        return self.currency or currency_of(self.symbol)


def error_facts(error: CapflowError) -> dict[str, Any]:
    """`kind`, `code` (the broker's, or None) and `message`, in English: the broker's own text where there is one."""
    code, message = None, str(error)
    with english():
        if isinstance(error, InvalidInput | PartFailed | SettingsError | StorageError):
            message = error_sentence(error, retrying=False)
        elif isinstance(error, RequestRejected):
            code, message = error.code, error.message or reason_words(error.reason)
        elif isinstance(error, ProviderError | ProtocolError):
            message = reason_words(error.reason)
    return {"kind": type(error).__name__, "code": code, "message": message}


def moment(epoch: float, zone: tzinfo) -> str | None:
    """ISO 8601 with the exchange's offset, to the second; None for a time no calendar has."""
    at = date_time(epoch, zone)
    return None if at is None else at.isoformat()


def figures(series: FlowSeries, line: int) -> dict[str, float | None]:
    """One line's figures by column; None where one is missing."""
    return {
        name: value if math.isfinite(value) else None
        for name, value in zip(COLUMNS, series.values[:, line].tolist(), strict=True)
    }


def series_facts(answer: Answer) -> dict[str, Any]:
    """One symbol as the JSON object `fetch` prints."""
    head: dict[str, Any] = {"symbol": str(answer.symbol), "source": answer.source}
    series = answer.result
    if not isinstance(series, FlowSeries):
        return head | {"error": error_facts(series)}
    session = series.session if series.cumulative else None
    facts = head | {
        "period": series.period.value,
        "currency": answer.money,
        "cumulative": series.cumulative,
        "session": session.isoformat() if session is not None else None,
        "last_valid": moment(series.last_valid, answer.zone) if series.last_valid is not None else None,
        "flags": flag_list(series.flags),
        "lines": [
            {"time": moment(stamp, answer.zone), "timestamp": stamp}
            | figures(series, line)
            | {"provisional": not confirmed}
            for line, (stamp, confirmed) in enumerate(
                zip(series.timestamps.tolist(), series.confirmed.tolist(), strict=True)
            )
        ],
    }
    return facts | {"simulated": True} if answer.simulated else facts


def to_json_object(answer: Answer) -> str:
    """One symbol's object, on one row."""
    return json.dumps(series_facts(answer), ensure_ascii=False, allow_nan=False)


def to_csv(answers: Sequence[Answer], *, header: bool = True) -> str:
    """A header row, then a row a line; symbols that failed have none."""
    columns = (*CSV_COLUMNS, "simulated") if any(answer.simulated for answer in answers) else CSV_COLUMNS
    return facts_csv([series_facts(answer) for answer in answers], columns, header=header)


def facts_csv(flows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, header: bool = True) -> str:
    """The same of objects that `series_facts` made; a column that an object lacks is empty, or false."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if header:
        writer.writerow(columns)
    for facts in flows:
        for line in facts.get("lines", ()):
            row = {"simulated": False, **facts, **line}
            writer.writerow([_cell(row.get(name)) for name in columns])
    return text.getvalue()


def _cell(value: object) -> object:
    """No number is ever written as another; what a broker or a file named cannot be a formula."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list():
            return " ".join(map(str, value))
        case str():
            return spreadsheet_cell(value)
        case _:
            return value


def no_lines(answer: Answer) -> str:
    """What to say of an answer without a line."""
    name, is_intraday = source_title(answer.source), answer.period is Period.INTRADAY
    text = _("{source} sent no lines: nothing was traded yet.")
    if not is_intraday:
        text = _("{source} sent no lines: try other dates.")
    return text.format(source=f"{name[:1].upper()}{name[1:]}")


def to_table(answers: Sequence[Answer]) -> str:
    """A block a symbol for people: what the figures are, then the lines, `*` marking provisional ones."""
    return "\n".join(_block(answer) for answer in answers)


def _block(answer: Answer) -> str:
    series = answer.result
    if not isinstance(series, FlowSeries):
        return f"{answer.symbol} · {error_sentence(series)}\n"
    meaning = _("cumulative since the open") if series.cumulative else _(PER_PERIOD[series.period])
    parts = [str(answer.symbol), answer.money or _("currency not known"), meaning]
    if series.cumulative and series.session is not None:
        parts.append(_("session {date}").format(date=series.session.isoformat()))
    if series.last_valid is not None:
        parts.append(_("true at {time}").format(time=clock_time(series.last_valid, answer.zone)))
    parts.append(source_title(answer.source))
    if answer.simulated:
        parts.append(_("SIMULATED"))
    rows = [tuple(map(_, _HEADERS)), *(_row(series, line, answer.zone) for line in range(len(series)))]
    lines = table(rows, range(len(_HEADERS)))
    marks = ["", *(" " if confirmed else " *" for confirmed in series.confirmed.tolist())]
    text = [" · ".join(parts), *(f"{line}{mark}".rstrip() for line, mark in zip(lines, marks, strict=True))]
    if not series.confirmed.all():
        text.append(_("* provisional: may still change"))
    if series.flags:
        text.append(_("checks: {flags}").format(flags=listed(flag_list(series.flags))))
    return "\n".join(text) + "\n"


def _row(series: FlowSeries, line: int, zone: ZoneInfo) -> tuple[str, ...]:
    at = date_time(int(series.timestamps[line]), zone)
    label = MISSING if at is None else f"{at:%H:%M}" if series.cumulative else f"{at:%Y-%m-%d}"
    return (label, *(scaled(value, _WHOLE, 0) for value in series.values[:, line].tolist()))
