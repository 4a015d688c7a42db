"""`capflow export` prints what is tested here in tests/unit/cli/test_export.py, too."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from msgspec import structs

from capflow_gui.archive.reader import open_archive
from capflow_gui.domain.symbol import Symbol
from capflow_gui.present.recorded_export import (
    archive_text,
    kept_text,
    nothing_recorded,
    to_csv,
    verified_text,
)
from tests.unit.archive.files import SESSION, record, whole_day

DATES = (date(2020, 1, 1), date(2020, 2, 1))
FACTS = {
    "path": "archive.db",
    "simulated": True,
    "size": 1_234_567,
    "forecast": 2.5e9,
    "journal_sessions": 60,
    "final_days": 730,
    "days": 3,
    "with_states": 0,
    "sessions": 1,
    "first": "2026-06-10",
    "last": "2026-06-10",
    "symbols": 3,
    "sources": ["opend"],
}


def test_flags_stand_at_their_lines(tmp_path: Path) -> None:
    key, replies = whole_day("700.HK")
    record(tmp_path / "archive.db", (key, replies[:5]))
    with open_archive(tmp_path) as archive:
        day = archive.day("700.HK", SESSION)
    assert day is not None
    line_flags = day.series.line_flags.copy()
    line_flags[1] = 8 + 16
    rows = to_csv(replace(day, series=structs.replace(day.series, line_flags=line_flags)), header=False).splitlines()
    assert [row.rsplit(",", 1)[1] for row in rows[:3]] == ["", "sum turnover", ""]


def test_what_is_there_is_named_shortly(tmp_path: Path) -> None:
    symbol = Symbol.parse("700.HK")
    assert nothing_recorded(symbol, DATES, "opend", ()) == (
        "Nothing is recorded of 700.HK from OpenD between 2020-01-01 and 2020-02-01. There is nothing at all."
    )
    with open_archive(_of_many(tmp_path)) as archive:
        said = nothing_recorded(symbol, DATES, None, archive.sessions())
    assert said.endswith(", of 1.HK, 10.HK, 11.HK, 12.HK, 13.HK, 14.HK, 15.HK, 2.HK, 3.HK, 4.HK, 5.HK, 6.HK, ….")


def _of_many(folder: Path) -> Path:
    (key, replies) = whole_day("941.HK")
    days = []
    for code in range(1, 16):
        symbol = Symbol.parse(f"{code}.HK")
        reply = replies[0]._replace(series=structs.replace(replies[0].series, symbol=symbol))
        days.append((key._replace(symbol=symbol), [reply]))
    record(folder / "archive.db", *days)
    return folder


def test_the_texts_of_an_archive() -> None:
    assert archive_text(FACTS) == (
        "archive.db · SIMULATED\n"
        "1 session, 2026-06-10, of 3 symbols (OpenD)\n"
        "3 symbol-days, none with every state\n"
        "1.2 MB on disk; about 2.5 GB once states are there of 60 sessions, lines of 730 days\n"
    )
    assert archive_text(FACTS | {"days": 0}) == "archive.db · SIMULATED\nNothing is recorded yet.\n"
    assert verified_text({"damaged": [], "days": 1}) == "All sound: 1 symbol-day.\n"
    assert verified_text({"damaged": [{"message": "one"}], "days": 2}) == "one\n1 fault in 2 symbol-days.\n"
    assert kept_text({"removed": 2, "keep_days": 9, "kept_from": "2026-06-02", "size": 5000, "size_before": 150e6}) == (
        "2 symbol-days from before 2026-06-02 removed; 9 days are kept, counted from the newest session. "
        "5 kB on disk now, 150 MB before.\n"
    )
