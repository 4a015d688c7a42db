"""The order of rows, and what sets the unit of a column."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt

from capflow_gui.domain.flow import Flag
from capflow_gui.feed.board import Freshness, Row
from capflow_gui.present.language.catalogues import speak
from capflow_gui.present.row_sentence import STATES
from capflow_gui.ui.models import figures
from capflow_gui.ui.models.columns import Column, ColumnChoice, SortOrder
from capflow_gui.ui.models.figures import Figures
from capflow_gui.ui.models.watchlist_model import WatchlistModel
from tests.ui.boards import HandBoard, alert_of, row_of

LIVE = row_of("700.HK", "Tencent", -1e6, 7e9, change=-0.01)
LIVE_IN = row_of("3690.HK", "Meituan", 2e6, 2e9, change=0.01)
PREVIOUS = row_of("1211.HK", "BYD", -900e6, 2e9, change=-0.2, freshness=Freshness.PREVIOUS_SESSION)
TEXTS = (Column.SYMBOL, Column.ALERT, Column.SOURCE, Column.AGE, Column.LEVEL)
FIGURES = [each for each in Column if each not in TEXTS]


def impossible(row: Row, net: float, flag: Flag) -> Row:
    assert row.series is not None
    values, flags = row.series.values.copy(), row.series.line_flags.copy()
    values[:, -1], flags[-1] = net, flag.value
    return replace(row, flagged=True, series=msgspec.structs.replace(row.series, values=values, line_flags=flags))


def codes(model: WatchlistModel) -> list[str]:
    return [figures.row.symbol.code for figures in model.shown()]


def shown(order: SortOrder, *rows: Row) -> list[str]:
    model = WatchlistModel(HandBoard.of(*rows))
    model.set_sort(order)
    return codes(model)


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


def test_rows_that_are_equal_by_a_key_are_sorted_by_the_next() -> None:
    rows = [
        row_of(code, code, net, 1e9, source=source, currency=money)
        for code, net, source, money in (
            ("700.HK", -1e6, "opend", "HKD"),
            ("3690.HK", 2e6, "longport", "HKD"),
            ("80700.HK", -9e6, "opend", "CNY"),
            ("1211.HK", -5e6, "opend", "HKD"),
            ("9618.HK", -3e6, "longport", "HKD"),
        )
    ]
    assert shown(SortOrder.parse("source:asc,net:asc"), *rows) == ["9618", "3690", "80700", "1211", "700"]
    assert shown(SortOrder.parse("source:desc,net:desc"), *rows) == ["80700", "700", "1211", "3690", "9618"]
    assert shown(SortOrder(Column.SOURCE), *rows) == ["3690", "9618", "700", "80700", "1211"], "stable"


def test_alerts_that_wait_sort_first_and_rows_without_one_last() -> None:
    quiet = replace(LIVE_IN, alert=None)
    waiting = replace(LIVE, alert=alert_of(LIVE))
    seen = row_of("1211.HK", "BYD", -9e6, 2e9)
    seen = replace(seen, alert=alert_of(seen, number=2, seen=1))
    assert shown(SortOrder(Column.ALERT), quiet, seen, waiting) == ["700", "1211", "3690"]


def test_pinned_rows_stand_at_the_top_in_order_and_the_rest_below() -> None:
    model = WatchlistModel(HandBoard.of(LIVE, LIVE_IN, row_of("1211.HK", "BYD", -9e6, 2e9)))
    model.set_sort(SortOrder(Column.NET))
    assert codes(model) == ["1211", "700", "3690"]
    model.set_pinned([LIVE.symbol, LIVE_IN.symbol])
    assert (codes(model), model.pinned_rows) == (["700", "3690", "1211"], 2)
    model.set_sort(SortOrder(Column.NET, descending=True))
    assert codes(model) == ["3690", "700", "1211"]
    model.set_filter("meituan", None)
    assert (codes(model), model.pinned_rows) == (["3690"], 1)
    assert model.data(model.index(0, 0)).endswith(", pinned")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("previous session", "Alert")), ("zh_CN", ("上一交易日", "提醒")), ("zh_HK", ("previous", "alert"))],
)
def test_the_filter_finds_states_and_alerts_in_the_windows_language_and_in_english(
    language: str, words: tuple[str, str]
) -> None:
    assert set(STATES) == set(Freshness)
    model = WatchlistModel(HandBoard.of(replace(LIVE, alert=alert_of(LIVE)), LIVE_IN, PREVIOUS))
    speak(language)
    try:
        model.set_filter(words[0], None)
        assert codes(model) == ["1211"]
        model.set_filter(words[1], None)
        assert codes(model) == ["700"]
    finally:
        speak("en")


def test_columns_that_are_not_shown_are_not_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def change(_series: object, _day: object, minutes: int) -> float:
        asked.append(minutes)
        return 1.0

    monkeypatch.setattr(figures, "change_over", change)
    monkeypatch.setattr(Figures, "newest", lambda _self, column: asked.append(-column) or 1.0)
    model = WatchlistModel(HandBoard.of(LIVE))
    choice = ColumnChoice()
    model.set_columns(choice.toggled(Column.DELTA))
    del asked[:]
    model.refresh()
    model.reload()
    assert asked == []
    model.set_columns(choice.over(30))
    assert asked == [30]
    model.set_columns(choice.over(30).toggled(Column.SMALL))
    assert asked == [30, -5]
    model.set_columns(choice.toggled(Column.DELTA))
    model.set_sort(SortOrder(Column.SMALL))
    assert asked == [30, -5, -5], "for the order"


def test_a_source_without_classes_has_blank_cells_that_say_why() -> None:
    bare = replace(LIVE, classes=False, source="longport")
    assert bare.series is not None
    values = bare.series.values.copy()
    values[1:] = np.nan
    model = WatchlistModel(HandBoard.of(replace(bare, series=msgspec.structs.replace(bare.series, values=values))))
    model.set_columns(ColumnChoice().ordered([Column.MAIN, Column.SMALL, Column.NET, Column.LEVEL]))
    cells = [model.index(0, place) for place in range(1, 5)]
    assert [model.data(cell) for cell in cells] == ["", "", "−1.0M HKD", ""]
    hints = [model.data(cell, Qt.ItemDataRole.ToolTipRole) for cell in cells]
    assert hints[0] == hints[1] == "Longport gives no order sizes: main and the classes are not known."
    assert hints[2:] == ["700.HK Tencent", "No threshold is set."]


def test_every_cell_has_words_for_assistive_technology() -> None:
    row = replace(LIVE, threshold=-2e6, alert=alert_of(LIVE, level=-2e6))
    model = WatchlistModel(HandBoard.of(row))
    model.set_columns(ColumnChoice().ordered(Column))
    said = {column: model.data(model.index(0, place)) for place, column in enumerate(model.columns)}
    assert said[Column.ALERT] == "net ≤ −2M"
    assert said[Column.PRICE] == "99.00 HKD"
    assert said[Column.TRADED] == "7.0B HKD"
    assert said[Column.LEVEL] == "50%"
    assert said[Column.SOURCE] == "OpenD"
    assert all(said[column] not in ("", "–") for column in model.columns)
