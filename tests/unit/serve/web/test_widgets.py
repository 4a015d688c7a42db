from __future__ import annotations

from capflow_gui.serve.service import Service
from capflow_gui.serve.web.widgets import ROWS, widgets
from tests.unit.serve.conftest import Ask
from tests.unit.serve.test_alerts import raised

# What OpenBB documents of a widget, a column and a parameter, as far as it is used here; see the module's source.
FIELDS = {
    **dict.fromkeys(("name", "description", "category", "type", "endpoint"), str),
    **dict.fromkeys(("gridData", "data"), dict),
    **dict.fromkeys(("refetchInterval", "staleTime"), int),
    **dict.fromkeys(("source", "params"), list),
}
CELLS = {"text", "number", "boolean", "date", "dateString", "object"}
PARAMETERS = {"date", "text", "ticker", "number", "boolean", "endpoint", "form"}
SHORTEST_MS, WIDEST, HIGHEST = 1000, 40, 100


def test_a_widget_says_what_openbb_reads() -> None:
    for widget in widgets("700.HK").values():
        assert {name: FIELDS[name] for name in widget} == {name: type(value) for name, value in widget.items()}
        assert widget["type"] == "table"
        assert all(isinstance(each, str) for each in widget["source"])
        assert widget["refetchInterval"] >= SHORTEST_MS
        assert 0 < widget["gridData"]["w"] <= WIDEST
        assert 0 < widget["gridData"]["h"] <= HIGHEST
        for column in widget["data"]["table"]["columnsDefs"]:
            assert column.keys() == {"field", "headerName", "cellDataType"}
            assert column["cellDataType"] in CELLS
        for parameter in widget.get("params", ()):
            assert parameter.keys() <= {"type", "paramName", "value", "label", "show", "description"}
            assert parameter["type"] in PARAMETERS


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
