from __future__ import annotations

from capflow_gui.serve.service import Service
from capflow_gui.serve.web.widgets import ROWS, widgets
from tests.unit.serve.conftest import Ask
from tests.unit.serve.test_alerts import raised


async def test_each_widget_has_rows_with_the_columns_it_names(service: Service, ask: Ask) -> None:
    await raised(service)
    listed = widgets("700.HK")
    assert {widget["endpoint"] for widget in listed.values()} == {f"widgets/{name}" for name in ROWS}
    for widget in listed.values():
        assert {"name", "description", "type", "endpoint", "gridData"} <= widget.keys()
        columns = [column["field"] for column in widget["data"]["table"]["columnsDefs"]]
        rows = await ROWS[widget["endpoint"].removeprefix("widgets/")](service, ["700.HK"])
        assert rows
        for row in rows:
            assert list(row) == columns
            assert not any(isinstance(cell, list | dict) for cell in row.values())
            assert row["simulated"] is True
            assert {"currency", "source", "session"} <= row.keys()


async def test_without_a_symbol_the_newest_minute_of_each(service: Service, ask: Ask) -> None:
    await ask("watchlist.set", symbols=["700.HK", "5.HK"])
    assert [row["symbol"] for row in await ROWS["flow"](service, [])] == ["700.HK", "5.HK"]
    (param,) = widgets("5.HK")["capflow_flow"]["params"]
    assert (param["paramName"], param["value"]) == ("symbol", "5.HK")
