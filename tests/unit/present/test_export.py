from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.domain.flow import COLUMNS, Flag, FlowSeries, Period
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import CapflowError, ConnectionLost, RemoteProtocolError, UnknownSymbol
from capflow_gui.present.export import CSV_COLUMNS, Answer, to_csv, to_json_object, to_table
from capflow_gui.present.names import flag_list
from tests.reasons import said

TENCENT = Symbol(Market.HK, "700")
HONG_KONG = ZoneInfo("Asia/Hong_Kong")


def to_json(answers: list[Answer]) -> str:
    return f"[{','.join(map(to_json_object, answers))}]"


def answer(result: FlowSeries | CapflowError, symbol: Symbol = TENCENT, period: Period = Period.INTRADAY) -> Answer:
    return Answer(symbol, "opend", period, HONG_KONG, result)


def intraday(*net: float, flags: Flag = Flag.NONE) -> FlowSeries:
    values = np.full((6, len(net)), math.nan)
    values[0] = net
    return FlowSeries(
        TENCENT,
        "opend",
        Period.INTRADAY,
        1654651860 + 60 * np.arange(len(net), dtype=np.int64),
        values,
        last_valid=1654656445.9,
        session=date(2022, 6, 8),
        flags=flags,
        confirmed=np.arange(len(net)) < len(net) - 1,
    )


@pytest.mark.parametrize(
    ("symbol", "said", "currency"),
    [("700.HK", None, "HKD"), ("80700.HK", None, "CNY"), ("9834.HK", None, None), ("9834.HK", "USD", "USD")],
)
def test_a_currency_is_stated_only_where_it_is_known(symbol: str, said: str | None, currency: str | None) -> None:
    told = replace(answer(intraday(1.0), Symbol.parse(symbol)), currency=said)
    assert json.loads(to_json([told]))[0]["currency"] == currency
    assert next(csv.DictReader(io.StringIO(to_csv([told]))))["currency"] == (currency or "")
    assert f" · {currency or 'currency not known'} · " in to_table([told])


@pytest.mark.parametrize("label", [2**62, -(2**62)])
def test_a_time_no_calendar_has_is_null(label: int) -> None:
    odd = FlowSeries(TENCENT, "opend", Period.INTRADAY, np.array([label]), np.full((6, 1), -1.7e308), last_valid=1e300)
    assert json.loads(to_json([answer(odd)]))[0]["last_valid"] is None
    assert json.loads(to_json([answer(odd)]))[0]["lines"][0]["time"] is None
    assert "−1.7e308" in to_table([answer(odd)])


def test_json_is_what_the_contract_prints() -> None:
    values = np.array([[-4960940.0], [-4857400.0], [0.0], [-4857400.0], [-10049040.0], [9945500.0]])
    series = FlowSeries(
        TENCENT,
        "opend",
        Period.INTRADAY,
        np.array([1654651860], np.int64),
        values,
        last_valid=1654656445.0,
        session=date(2022, 6, 8),
        confirmed=np.array([True]),
    )
    assert json.loads(to_json([answer(series)])) == [
        {
            "symbol": "700.HK",
            "source": "opend",
            "period": "intraday",
            "currency": "HKD",
            "cumulative": True,
            "session": "2022-06-08",
            "last_valid": "2022-06-08T10:47:25+08:00",
            "flags": [],
            "lines": [
                {
                    "time": "2022-06-08T09:31:00+08:00",
                    "timestamp": 1654651860,
                    "net": -4960940.0,
                    "main": -4857400.0,
                    "extra_large": 0.0,
                    "large": -4857400.0,
                    "medium": -10049040.0,
                    "small": 9945500.0,
                    "provisional": False,
                }
            ],
        }
    ]


def test_history_has_no_session_and_is_not_cumulative() -> None:
    series = FlowSeries(
        TENCENT, "opend", Period.DAY, np.array([1654617600], np.int64), np.zeros((6, 1)), session=date(2022, 6, 8)
    )
    (facts,) = json.loads(to_json([answer(series, period=Period.DAY)]))
    assert (facts["session"], facts["last_valid"], facts["cumulative"]) == (None, None, False)
    assert facts["lines"][0]["time"] == "2022-06-08T00:00:00+08:00"
    assert facts["lines"][0]["provisional"] is True


@pytest.mark.parametrize(
    ("error", "facts"),
    [
        (UnknownSymbol("opend", -1, "未知股票"), {"kind": "UnknownSymbol", "code": -1, "message": "未知股票"}),
        (ConnectionLost("opend", said("reset")), {"kind": "ConnectionLost", "code": None, "message": "reset"}),
        (RemoteProtocolError(said("odd")), {"kind": "RemoteProtocolError", "code": None, "message": "odd"}),
    ],
)
def test_a_symbol_that_failed_keeps_the_brokers_words(error: CapflowError, facts: dict[str, object]) -> None:
    printed = to_json([answer(error)])
    assert json.loads(printed) == [{"symbol": "700.HK", "source": "opend", "error": facts}]
    assert "\\u" not in printed


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=5))
def test_missing_is_null_and_there_is_no_nan_in_json(net: list[float]) -> None:
    def refuse(name: str) -> None:
        raise AssertionError(name)

    (facts,) = json.loads(to_json([answer(intraday(*net))]), parse_constant=refuse)
    assert [line["net"] for line in facts["lines"]] == [value if math.isfinite(value) else None for value in net]
    assert all(line["small"] is None for line in facts["lines"])


def test_flags_have_the_contracts_names_in_its_order() -> None:
    everything = Flag(511)
    assert flag_list(everything) == [
        "order", "grid", "session", "sum", "turnover", "scale", "sign", "padded", "gap",
    ]  # fmt: skip
    assert flag_list(Flag.NONE) == []


def test_csv_has_a_header_and_a_row_a_line() -> None:
    text = to_csv([answer(intraday(-5.5, math.nan)), answer(UnknownSymbol("opend", -1, "?"))])
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == list(CSV_COLUMNS)
    assert rows[0] == [
        "symbol", "source", "period", "session", "time", "timestamp", "net", "main", "extra_large", "large", "medium",
        "small", "provisional", "currency",
    ]  # fmt: skip
    assert rows[1] == [
        "700.HK", "opend", "intraday", "2022-06-08", "2022-06-08T09:31:00+08:00", "1654651860", "-5.5", "", "", "", "",
        "", "false", "HKD",
    ]  # fmt: skip
    assert rows[2][6:8] == ["", ""]
    assert rows[2][-2] == "true"
    assert len(rows) == 3


def test_what_a_simulator_said_is_marked_and_nothing_else_is() -> None:
    real = answer(intraday(-5.5, math.nan))
    simulated = replace(real, simulated=True)
    assert [item.get("simulated") for item in json.loads(to_json([real, simulated]))] == [None, True]
    rows = list(csv.DictReader(io.StringIO(to_csv([simulated]))))
    assert [row["simulated"] for row in rows] == ["true", "true"]
    assert "simulated" not in to_csv([real])


def test_the_table_says_what_the_figures_are() -> None:
    text = to_table([replace(answer(intraday(-4960940.0, math.nan, flags=Flag.GAP)), simulated=True)])
    head, columns, first, second, *notes = text.splitlines()
    assert head == (
        "700.HK · HKD · cumulative since the open · session 2022-06-08 · true at 10:47:25 · OpenD · SIMULATED"
    )
    assert columns.split() == ["Time", "Net", "Main", "Extra-large", "Large", "Medium", "Small"]
    assert first.split()[:3] == ["09:31", "−4,960,940", "–"]
    assert second.endswith("*")
    assert notes == ["* provisional: may still change", "checks: gap"]


def test_the_table_of_a_symbol_that_failed_is_its_sentence() -> None:
    assert "“?” (-1)" in to_table([answer(UnknownSymbol("opend", -1, "?"))])


def test_every_column_of_a_line_is_named() -> None:
    assert set(COLUMNS) <= set(CSV_COLUMNS)
