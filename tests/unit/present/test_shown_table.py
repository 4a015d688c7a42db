"""The chart's lines as a table: each row says all that must be known of its figures."""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from capflow_gui.archive.reader import RecordedDay
from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.errors import CapflowError, NoLines
from capflow_gui.present.export import Answer
from capflow_gui.present.recorded_export import to_csv
from capflow_gui.present.shown_table import headers, picture_words, shown_csv, shown_rows, shown_tsv
from tests.ui.recorded_days import TENCENT, flagged, recorded

HK = ZoneInfo("Asia/Hong_Kong")


def answer(**facts: object) -> Answer:
    series = flagged(recorded()).series
    result = facts.get("result", series)
    assert isinstance(result, FlowSeries | CapflowError)
    return Answer(TENCENT, "opend", series.period, HK, result, "HKD", simulated="simulated" in facts)


def test_a_row_says_source_session_zone_currency_kind_flags_and_simulation() -> None:
    rows = [
        dict(zip(headers(answer(simulated=True)), row, strict=True))
        for row in shown_rows(answer(simulated=True), assumed=True)
    ]
    row = rows[200]
    assert row["time"].endswith("+08:00")
    assert (row["source"], row["session"], row["currency"], row["currency_assumed"]) == (
        "opend",
        "2026-11-19",
        "HKD",
        "true",
    )
    assert (row["cumulative"], row["flags"], row["simulated"]) == ("true", "sum", "true")


def test_a_missing_figure_is_an_empty_cell() -> None:
    series = recorded().series
    values = series.values.copy()
    values[1:] = np.nan
    gone = answer(result=msgspec.structs.replace(series, values=values))
    assert dict(zip(headers(gone), shown_rows(gone, assumed=False)[3], strict=True))["main"] == ""


def test_nothing_is_written_of_an_error() -> None:
    failed = answer(result=NoLines("opend", 0.0))
    assert shown_rows(failed, assumed=False) == []
    assert picture_words(failed, "", assumed=False) == "700.HK"


def test_both_forms_have_the_same_cells() -> None:
    tsv, text = shown_tsv(answer(), assumed=False), shown_csv(answer(), assumed=False).decode("utf-8-sig")
    assert [line.split("\t") for line in tsv.splitlines()] == [line.split(",") for line in text.splitlines()]


def test_the_line_under_a_picture_says_that_the_currency_is_assumed_and_what_failed() -> None:
    words = picture_words(answer(), "Tencent", assumed=True, marks=("RECORDED",))
    assert words == (
        "700.HK Tencent · session 2026-11-19 · RECORDED · OpenD · HKD (assumed) · "
        "cumulative since the open, and per minute · Asia/Hong_Kong · flags: sum"
    )


def test_the_line_under_bars_says_from_when_to_when() -> None:
    days = recorded().series
    bars = FlowSeries(TENCENT, "opend", Period.DAY, np.array([1_792_425_600, 1_795_104_000]), days.values[:, :2])
    words = picture_words(answer(result=bars), "", assumed=False)
    assert words == "700.HK · 2026-10-20 to 2026-11-20 · OpenD · HKD · per day · Asia/Hong_Kong"


def test_the_windows_csv_is_that_of_capflow_export() -> None:
    session = recorded()
    exported = to_csv(RecordedDay(session.summary, session.series, False, cast("Any", None)), header=True)
    assert shown_csv(answer(result=session.series), assumed=False).decode("utf-8-sig").replace("\r\n", "\n") == exported


def test_recorded_bars_say_whether_they_are_complete_and_what_is_damaged() -> None:
    series = recorded().series
    bars = FlowSeries(
        TENCENT,
        "opend",
        Period.WEEK,
        series.timestamps[:3].copy(),
        series.values[:, :3].copy(),
        confirmed=np.array([False, True, False]),
    )
    days = (date(2026, 11, 17), date(2026, 11, 18))
    made = Answer(TENCENT, "opend", Period.WEEK, HK, bars, "HKD", True, {1: (), 2: days})
    rows = [dict(zip(headers(made), row, strict=True)) for row in shown_rows(made, assumed=False)]
    assert [row["recorded"] for row in rows] == ["", "complete", "incomplete"]
    assert [row["damaged"] for row in rows] == ["", "", "2026-11-17 2026-11-18"]
    assert headers(made)[-1] == "simulated"
    plain = Answer(TENCENT, "opend", Period.WEEK, HK, bars, "HKD")
    assert "damaged" not in headers(plain)
