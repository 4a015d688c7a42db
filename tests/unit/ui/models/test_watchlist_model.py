"""The order of rows, and what sets the unit of a column."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from capflow_gui.domain.flow import Flag
from capflow_gui.feed.board import Freshness, Row
from capflow_gui.ui.models.watchlist_model import Column, SortOrder, WatchlistModel
from tests.ui.boards import HandBoard, row_of

LIVE = row_of("700.HK", "Tencent", -1e6, 7e9, change=-0.01)
LIVE_IN = row_of("3690.HK", "Meituan", 2e6, 2e9, change=0.01)
PREVIOUS = row_of("1211.HK", "BYD", -900e6, 2e9, change=-0.2, freshness=Freshness.PREVIOUS_SESSION)
FIGURES = [Column.TODAY, Column.NET, Column.TURNOVER, Column.DELTA, Column.MIX, Column.CHANGE]


def impossible(row: Row, net: float, flag: Flag) -> Row:
    assert row.series is not None
    values, flags = row.series.values.copy(), row.series.line_flags.copy()
    values[:, -1], flags[-1] = net, flag.value
    return replace(row, flagged=True, series=msgspec.structs.replace(row.series, values=values, line_flags=flags))


def shown(order: SortOrder, *rows: Row) -> list[str]:
    model = WatchlistModel(HandBoard.of(*rows))
    model.set_sort(order)
    return [figures.row.symbol.code for figures in model.shown()]


@pytest.mark.parametrize("column", FIGURES)
@pytest.mark.parametrize("descending", [False, True])
def test_rows_without_a_true_figure_sort_last_either_way(column: Column, descending: bool) -> None:
    beyond = impossible(row_of("9988.HK", "Alibaba", -1e6, 1e9), -1.7e308, Flag.BEYOND)
    order = shown(SortOrder(column, descending), PREVIOUS, LIVE, beyond, LIVE_IN)
    assert set(order[:2]) == {"700", "3690"}
    assert set(order[2:]) == {"1211", "9988"}


def test_true_rows_are_in_order_and_so_are_those_after_them() -> None:
    worse = replace(PREVIOUS, symbol=row_of("9618.HK", "JD", -1, 1).symbol, series=PREVIOUS.series)
    assert shown(SortOrder(Column.NET), LIVE_IN, PREVIOUS, LIVE) == ["700", "3690", "1211"]
    assert shown(SortOrder(Column.NET, descending=True), LIVE, worse, LIVE_IN) == ["3690", "700", "9618"]


def test_amounts_are_sorted_within_their_currency() -> None:
    apple = replace(row_of("AAPL.US", "Apple", -5e6, 7e9), currency="USD")
    renminbi = replace(row_of("80700.HK", "Tencent-R", -3e6, 7e9), currency="CNY")
    order = shown(SortOrder(Column.NET), apple, LIVE_IN, renminbi, LIVE)
    assert order == ["80700", "700", "3690", "AAPL"]


@pytest.mark.parametrize("flag", [Flag.BEYOND, Flag.TURNOVER])
@pytest.mark.parametrize("net", [1.7e308, -1.7e308, -11.2e12])
def test_a_figure_that_cannot_be_sets_no_unit(net: float, flag: Flag) -> None:
    model = WatchlistModel(HandBoard.of(LIVE, impossible(LIVE_IN, net, flag)))
    assert model.extent(Column.NET) == pytest.approx(1e6)
    assert np.isfinite(model.extent(Column.DELTA))
    assert model.extent(Column.DELTA) < 1e7
