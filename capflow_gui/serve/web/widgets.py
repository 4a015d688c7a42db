"""What OpenBB Workspace shows of a custom backend: widgets.json, and the flat rows of its tables.

Source: https://docs.openbb.co/workspace/developers/json-specs/widgets-json-reference.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from capflow_gui.domain.flow import COLUMNS
from capflow_gui.serve.arguments import Arguments, FlowArguments, RecordedArguments
from capflow_gui.serve.methods import BY_NAME
from capflow_gui.serve.service import Service

Facts = dict[str, Any]
_WIDTH, _HEIGHT = 30, 12
# What a row has: fields of the object, and behind them those of its line.
_WATCHLIST = (
    *("symbol", "source", "session", "net", "main", "currency", "currency_assumed", "state", "age_s", "lines"),
    *("flags", "simulated"),
)
_FLOW = (
    *("time", *COLUMNS, "provisional", "symbol", "source", "session", "currency", "currency_assumed", "state", "age_s"),
    *("link", "flags", "simulated"),
)
_ALERTS = (
    *("raised_at", "symbol", "source", "session", "rule", "state", "value", "threshold", "currency", "acknowledged"),
    *("cannot_judge", "reason", "id", "simulated"),
)


async def watchlist_rows(service: Service, _symbols: Sequence[str]) -> list[Facts]:
    """A row a symbol: its newest figures."""
    answer = BY_NAME["watchlist.get"].answer
    assert answer is not None  # noqa: S101 - the table is ours
    return [_row(each, _WATCHLIST) for each in (await answer(service, Arguments()))["flows"]]


async def flow_rows(service: Service, symbols: Sequence[str]) -> list[Facts]:
    """A row a minute of these symbols, or of the whole watchlist's newest minute."""
    answer = BY_NAME["flow.get"].answer
    assert answer is not None  # noqa: S101 - the table is ours
    asked = FlowArguments(symbols=list(symbols)) if symbols else FlowArguments(newest=1)
    flows = (await answer(service, asked))["flows"]
    return [_row({**each, **line}, _FLOW) for each in flows for line in each.get("lines", ())]


async def alert_rows(service: Service, _symbols: Sequence[str]) -> list[Facts]:
    """A row an alert, newest first."""
    answer = BY_NAME["alerts.list"].answer
    assert answer is not None  # noqa: S101 - the table is ours
    return [_row(each, _ALERTS) for each in reversed((await answer(service, RecordedArguments()))["alerts"])]


# By the last part of their addresses.
ROWS: dict[str, Callable[[Service, Sequence[str]], Awaitable[list[Facts]]]] = {
    "watchlist": watchlist_rows,
    "flow": flow_rows,
    "alerts": alert_rows,
}


def _row(facts: Facts, columns: Sequence[str]) -> Facts:
    """Flat, as a table of OpenBB wants it."""
    found = {name: facts.get(name) for name in columns}
    return found | ({"flags": " ".join(found["flags"] or ())} if "flags" in found else {})


def widgets(first_symbol: str) -> Facts:
    """widgets.json; `first_symbol` is what a flow widget shows at first."""
    symbol = {
        "paramName": "symbol",
        "type": "text",
        "label": "Symbol",
        "value": first_symbol,
        "description": "700.HK, AAPL.US, 600519.SH; several with commas.",
    }
    return {
        "capflow_watchlist": _widget("Capital flow: watchlist", "watchlist.get", "watchlist", _WATCHLIST, 10),
        "capflow_flow": _widget("Capital flow: a symbol", "flow.get", "flow", _FLOW, 30) | {"params": [symbol]},
        "capflow_alerts": _widget("Capital flow: alerts", "alerts.list", "alerts", _ALERTS, 30),
    }


def _widget(name: str, method: str, endpoint: str, columns: Sequence[str], stale_s: int) -> Facts:
    return {
        "name": name,
        "description": BY_NAME[method].summary,
        "category": "Capital flow",
        "source": ["Capflow"],
        "type": "table",
        "endpoint": f"widgets/{endpoint}",
        "gridData": {"w": _WIDTH, "h": _HEIGHT},
        # Without it a widget on the page is asked for anew every fifteen minutes.
        "refetchInterval": stale_s * 1000,
        "staleTime": stale_s * 1000,
        "data": {"table": {"showAll": True, "columnsDefs": [_column(each) for each in columns]}},
    }


_WORDS = {"net", "main", "extra_large", "large", "medium", "small", "value", "threshold", "age_s", "lines"}


def _column(name: str) -> Facts:
    kind = "number" if name in _WORDS else "boolean" if name in _BOOLEANS else "text"
    return {"field": name, "headerName": name.replace("_", " "), "cellDataType": kind}


_BOOLEANS = {"simulated", "provisional", "currency_assumed", "acknowledged", "cannot_judge"}
