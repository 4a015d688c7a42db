from __future__ import annotations

import json
import sys
from pathlib import Path

import pyarrow.parquet
import pytest

from capflow_gui.archive import open_archive, parquet

from .files import record, whole_day


def test_without_pyarrow_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert not parquet.is_there()


@pytest.mark.long
def test_a_session_is_a_file_by_source_market_and_date(folder: Path, tmp_path: Path) -> None:
    record(tmp_path / "archive.db", whole_day("600519.SH", source="longport"))
    for path in (folder, tmp_path):
        with open_archive(path) as archive:
            for summary in archive.sessions():
                day = archive.day(summary.key.symbol, summary.key.session)
                assert day is not None
                parquet.write(day, tmp_path / "out")
    out = tmp_path / "out"
    assert sorted(str(each.relative_to(out)) for each in out.rglob("*") if each.is_file()) == [
        "source=longport/market=SH/session=2026-06-10/600519.parquet",
        "source=opend/market=HK/session=2026-06-09/700.parquet",
        "source=opend/market=HK/session=2026-06-10/700.parquet",
        "source=opend/market=HK/session=2026-06-10/941.parquet",
    ]
    table = pyarrow.parquet.read_table(out / "source=longport/market=SH/session=2026-06-10/600519.parquet")
    assert table.column_names[:3] == ["symbol", "time", "timestamp"]
    assert table["large"].null_count == len(table) == 241
    assert str(table["time"][0]) == "2026-06-10 09:30:00+08:00"
    facts = json.loads(table.schema.metadata[b"capflow"])
    assert (facts["session"], facts["currency_assumed"], facts["simulated"]) == ("2026-06-10", True, False)
