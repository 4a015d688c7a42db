"""`capflow export` on an archive file, in this process."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import sqlite3
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
from msgspec import structs

from capflow_gui.archive.reader import open_archive
from capflow_gui.domain.flow import Flag
from tests.unit.archive.files import SESSION, damage, record, whole_day

BEFORE = date(2026, 6, 9)
Told = tuple[int, str, str]
Ask = Callable[..., Told]


def export(ask_archive: Ask, *arguments: str, **given: Any) -> Told:
    return ask_archive("export", *arguments, "--from", "2026-06-01", "--to", "2026-06-30", **given)


def test_json_is_what_fetch_prints_an_object_a_symbol_and_session(ask_archive: Ask, recorded_days: Path) -> None:
    status, out, err = export(ask_archive, "600519.SH", "700.HK", "--source", "opend", "--format", "json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert [(each["symbol"], each["session"]) for each in found] == [
        ("600519.SH", "2026-06-10"),
        ("700.HK", "2026-06-09"),
        ("700.HK", "2026-06-10"),
    ]
    facts = found[2]
    lines = facts.pop("lines")
    assert facts == {
        "symbol": "700.HK",
        "source": "opend",
        "period": "intraday",
        "currency": "HKD",
        "cumulative": True,
        "session": "2026-06-10",
        "last_valid": "2026-06-10T16:00:00+08:00",
        "flags": [],
        "currency_assumed": True,
        "zone": "Asia/Hong_Kong",
    }
    with open_archive(recorded_days) as archive:
        day = archive.day("700.HK", SESSION)
    assert day is not None
    assert [each["net"] for each in lines] == day.series.net.tolist()
    assert lines[1] | {"flags": None} == {
        "time": "2026-06-10T09:31:00+08:00",
        "timestamp": int(day.series.timestamps[1]),
        **dict(zip(("net", "main", "extra_large", "large", "medium", "small"), day.series.values[:, 1], strict=True)),
        "provisional": False,
        "flags": None,
    }


def test_csv_has_a_row_a_line_and_names_what_the_figures_are(ask_archive: Ask) -> None:
    status, out, _ = export(ask_archive, "700.HK", "600519.SH")
    assert status == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 331 * 2 + 241 * 2
    assert list(rows[0]) == [
        *("symbol", "source", "period", "session", "time", "timestamp"),
        *("net", "main", "extra_large", "large", "medium", "small", "provisional", "currency"),
        *("currency_assumed", "zone", "cumulative", "flags"),
    ]
    assert rows[0] | {"net": ""} == {
        "symbol": "700.HK",
        "source": "opend",
        "period": "intraday",
        "session": "2026-06-09",
        "time": "2026-06-09T09:30:00+08:00",
        "timestamp": "1780968600",
        "net": "",
        "main": "0.0",
        **dict.fromkeys(("extra_large", "large", "medium", "small"), "0.0"),
        "provisional": "false",
        "currency": "HKD",
        "currency_assumed": "true",
        "zone": "Asia/Hong_Kong",
        "cumulative": "true",
        "flags": "",
    }
    totals = [each for each in rows if each["source"] == "longport"]
    assert len(totals) == 241
    assert {each["extra_large"] for each in totals} == {""}


def test_the_states_in_order_give_the_final_lines(ask_archive: Ask, recorded_days: Path) -> None:
    status, out, _ = export(ask_archive, "700.HK", "--states")
    assert status == 0
    states = [json.loads(line) for line in out.splitlines()]
    with open_archive(recorded_days) as archive:
        days = [archive.day("700.HK", session) for session in (BEFORE, SESSION)]
    assert sum(1 + each["same"] for each in states) == sum(day.summary.polls for day in days if day is not None)
    for day in days:
        assert day is not None
        lines: list[Any] = []
        for state in (each for each in states if each["session"] == day.summary.key.session.isoformat()):
            lines = (lines + [None] * state["length"])[: state["length"]]
            for line in state["lines"]:
                lines[line["place"]] = line
        assert [each["timestamp"] for each in lines] == day.series.timestamps.tolist()
        assert [each["net"] for each in lines] == day.series.net.tolist()
        assert not any(each["provisional"] for each in lines)
    assert states[0]["poll"] == 1
    assert states[0]["received"].startswith("2026-06-09T09:30:03")


def test_codes_keep_their_zeros_and_excel_knows_the_file(ask_archive: Ask, tmp_path: Path) -> None:
    key, replies = whole_day("000858.SZ")
    record(tmp_path / "archive.db", (key, replies[:5]))
    out = tmp_path / "flow.csv"
    status, printed, _ = export(ask_archive, "000858.SZ", "--bom", "--out", str(out), data=tmp_path)
    assert (status, printed) == (0, "")
    content = out.read_bytes()
    assert content.startswith(b"\xef\xbb\xbfsymbol,")
    assert b"\n000858.SZ,opend," in content
    assert b",true,CNY," not in content  # what was recorded says HKD
    assert content.count(b"\n") > 5
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_a_text_of_others_is_no_formula(ask_archive: Ask, tmp_path: Path) -> None:
    key, replies = whole_day("700.HK")
    record(tmp_path / "archive.db", (key, [reply._replace(currency="=cmd|' /C calc'!A0") for reply in replies[:5]]))
    _, out, _ = export(ask_archive, "700.HK", data=tmp_path)
    assert {row["currency"] for row in csv.DictReader(io.StringIO(out))} == {"'=cmd|' /C calc'!A0"}


def test_what_a_simulator_said_says_so(ask_archive: Ask, tmp_path: Path) -> None:
    key, replies = whole_day("700.HK")
    record(tmp_path / "archive.db", (key, replies[:5]), simulated=True)
    # A simulated market has a time of its own: its newest session is today.
    _, out, err = ask_archive("export", "700.HK", data=tmp_path)
    assert err == "SIMULATED: these figures come from a simulator.\n"
    assert {row["simulated"] for row in csv.DictReader(io.StringIO(out))} == {"true"}
    _, out, _ = export(ask_archive, "700.HK", "--format", "json", data=tmp_path)
    assert json.loads(out)[0]["simulated"] is True
    _, out, _ = export(ask_archive, "700.HK", "--states", data=tmp_path)
    assert all(json.loads(line)["simulated"] for line in out.splitlines())


def test_where_nothing_is_recorded_it_says_what_is_there(ask_archive: Ask, tmp_path: Path) -> None:
    status, out, err = ask_archive("export", "700.HK", "--from", "2020-01-01", "--to", "2020-02-01")
    assert (status, out) == (4, "")
    assert err == (
        "Nothing is recorded of 700.HK between 2020-01-01 and 2020-02-01. "
        "There is: 2 sessions, 2026-06-09 to 2026-06-10 (OpenD).\n"
    )
    status, out, err = export(ask_archive, "AAPL.US", "--format", "json")
    assert (status, out) == (4, "[]\n")
    assert err == (
        "Nothing is recorded of AAPL.US between 2026-06-01 and 2026-06-30. "
        "There is: 2 sessions, 2026-06-09 to 2026-06-10 (Longport, OpenD), of 600519.SH, 700.HK.\n"
    )
    status, out, err = export(ask_archive, "700.HK", data=tmp_path)
    assert (status, out) == (4, "")
    assert err.startswith(
        f"capflow export: error: Nothing is recorded in {tmp_path / 'archive.db'}. The window records, "
    )
    assert err.count("\n") == 1
    record(tmp_path / "archive.db")
    status, _, err = export(ask_archive, "700.HK", data=tmp_path)
    assert status == 4
    assert err.endswith("There is nothing at all.\n")


def test_one_symbol_that_is_there_is_enough(ask_archive: Ask) -> None:
    status, out, err = export(ask_archive, "AAPL.US", "700.HK")
    assert status == 0
    assert out
    assert err.count("\n") == 1


def test_no_file_is_left_where_nothing_is_recorded(ask_archive: Ask, tmp_path: Path) -> None:
    status, _, _ = export(ask_archive, "AAPL.US", "--out", str(tmp_path / "flow.csv"))
    assert status == 4
    assert list(tmp_path.glob("*flow*")) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--states", "--format", "csv"], "states are rows of JSON"),
        (["--states", "--format", "json"], "states are rows of JSON"),
        (["--bom", "--format", "json"], "only a CSV has such a mark"),
        (["--format", "parquet"], "name a folder: --out DIR"),
        (["--out", "."], "name a file in it"),
        (["--to", "2020-01-01"], "start comes after the end"),
        (["--from", "8.6."], "is not a date"),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(ask_archive: Ask, arguments: list[str], said: str) -> None:
    status, out, err = ask_archive("export", "700.HK", "--from", "2026-06-01", *arguments)
    assert (status, out) == (2, "")
    assert said in err


def test_a_place_that_cannot_be_written_is_said(ask_archive: Ask, tmp_path: Path) -> None:
    status, _, err = export(ask_archive, "700.HK", "--out", str(tmp_path / "none" / "flow.csv"))
    assert status == 1
    assert "flow.csv cannot be written: No such file or directory" in err


def test_a_damaged_session_is_named_and_the_others_are_written(
    ask_archive: Ask, recorded_days: Path, tmp_path: Path
) -> None:
    shutil.copy(recorded_days / "archive.db", tmp_path)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as copy, copy:
        copy.execute("DELETE FROM state")
        copy.execute("DELETE FROM journal")
        copy.execute("UPDATE final SET body = x'00' WHERE day = 1")
    status, out, err = export(ask_archive, "700.HK", "--format", "json", data=tmp_path)
    assert status == 0
    assert [each["session"] for each in json.loads(out)] == ["2026-06-10"]
    assert err == "700.HK at OpenD, session 2026-06-09: what was recorded is damaged.\n"


def test_a_session_whose_entry_is_damaged_is_named(ask_archive: Ask, recorded_days: Path, tmp_path: Path) -> None:
    shutil.copy(recorded_days / "archive.db", tmp_path)
    damage(tmp_path / "archive.db", "UPDATE day SET periods = 'x' WHERE id = 1")
    status, out, err = export(ask_archive, "700.HK", "--format", "json", data=tmp_path)
    assert (status, err) == (0, "700.HK at OpenD, session 2026-06-09: its entry is damaged.\n")
    assert [each["session"] for each in json.loads(out)] == ["2026-06-10"]
    day = ("--from", "2026-06-09", "--to", "2026-06-09")
    status, _, again = ask_archive("export", "700.HK", *day, "--format", "json", data=tmp_path)
    assert (status, again) == (1, err)


def test_parquet_without_pyarrow_is_one_sentence(
    ask_archive: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    status, _, err = export(ask_archive, "700.HK", "--format", "parquet", "--out", str(tmp_path / "out"))
    assert status == 2
    assert "pip install 'capflow-gui[parquet]'" in err


@pytest.mark.parametrize("kind", ["one line", "all flagged"])
def test_a_session_of_one_line_and_one_with_flags_alone_are_exported_whole(
    ask_archive: Ask, tmp_path: Path, kind: str
) -> None:
    key, replies = whole_day("700.HK")
    series = replies[-1].series
    if kind == "one line":
        confirmed, values = np.ones(1, np.bool_), series.values[:, :1].copy()
        series = structs.replace(
            series,
            timestamps=series.timestamps[:1],
            values=values,
            line_flags=np.zeros(1, np.uint16),
            confirmed=confirmed,
        )
    else:
        series = structs.replace(series, flags=Flag.SUM, line_flags=np.full(len(series), Flag.SUM.value, np.uint16))
    lines, flags = len(series), ["sum"] if kind == "all flagged" else []
    record(tmp_path / "archive.db", (key, [replies[0]._replace(series=series)]))
    asked = ("700.HK", "--source", "opend")
    _, out, _ = export(ask_archive, *asked, "--format", "json", data=tmp_path)
    (day,) = json.loads(out)
    assert (day["flags"], [each["flags"] for each in day["lines"]]) == (flags, [flags] * lines)
    _, out, _ = export(ask_archive, *asked, data=tmp_path)
    assert [row["flags"] for row in csv.DictReader(io.StringIO(out))] == ["".join(flags)] * lines
    _, out, _ = export(ask_archive, *asked, "--states", data=tmp_path)
    assert len(out.splitlines()) == 1
    status, _, _ = export(ask_archive, *asked, "--format", "parquet", "--out", str(tmp_path / "out"), data=tmp_path)
    (file,) = (tmp_path / "out").rglob("*.parquet")
    assert (status, len(pyarrow.parquet.read_table(file))) == (0, lines)


def test_a_link_stays_a_link_and_its_file_is_replaced(ask_archive: Ask, tmp_path: Path) -> None:
    link, file = tmp_path / "flow.csv", tmp_path / "kept.csv"
    file.write_text("old")
    link.symlink_to(file)
    assert export(ask_archive, "700.HK", "--out", str(link)) == (0, "", "")
    assert link.is_symlink()
    assert file.read_text().startswith("symbol,")
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes in folders")
def test_a_pipe_stays_a_pipe_and_is_written_to(ask_archive: Ask, tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", list[str]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    assert export(ask_archive, "700.HK", "--out", str(pipe)) == (0, "", "")
    reader.join(10.0)
    assert pipe.is_fifo()
    assert read[0].startswith("symbol,")


def test_a_dash_is_standard_output(ask_archive: Ask) -> None:
    status, out, err = export(ask_archive, "700.HK", "--out", "-")
    assert (status, err) == (0, "")
    assert out.startswith("symbol,")
