"""One unit and one precision a column, said in its header; and what the further columns show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from capflow_gui.feed.board import Freshness
from capflow_gui.present.numbers import unit_for
from capflow_gui.ui.models.columns import CLASSES, Column, ColumnChoice
from capflow_gui.ui.models.figures import figures_of
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.watchlist.cells import RowStyle, cell_text
from capflow_gui.ui.watchlist.painter import RowPainter
from capflow_gui.ui.watchlist.table import WatchlistTable
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, alert_of, row_of
from tests.ui.watchlist.seen_rows import BYD, MEITUAN, TENCENT, has_color, row_image
from tests.visual.measured_texts import recorded

FURTHER = (Column.ALERT, Column.MAIN, *CLASSES, Column.LEVEL, Column.PRICE, Column.TRADED, Column.SOURCE)


def with_columns(window: MainWindow, columns: Iterable[Column], width: int = 1400) -> WatchlistTable:
    window.views.central.outer.setSizes([width, max(window.width() - width, 0)])
    table = window.watchlist.table
    table.set_choice(ColumnChoice().ordered(columns))
    return table


def texts(table: WatchlistTable) -> list[str]:
    with recorded() as painted:
        table._forget()
        table.grab()
    return [text.text for text in painted]


def test_every_column_has_one_unit_that_its_header_says(window: MainWindow, board: HandBoard) -> None:
    board.put(replace(board.row(TENCENT), threshold=-300e6))
    window.bridge.drain()
    table = with_columns(window, [Column.NET, Column.MAIN, Column.SMALL, Column.PRICE, Column.TRADED, Column.LEVEL])
    assert [table.header.label(column) for column in table.shown_columns()] == [
        "Symbol",
        "Net, HKD M",
        "Main, M",
        "Small, M",
        "Last, HKD",
        "Turnover, M",
        "To level",
    ]
    seen = texts(table)
    assert {"−263.2", "−152.7", "−44.7", "98.16", "7,056.0", "12%"} <= set(seen)


def test_a_small_price_gives_its_column_three_decimals(window: MainWindow, board: HandBoard) -> None:
    row = board.row(BYD)
    assert row.quote is not None
    board.put(replace(row, quote=replace(row.quote, price=3.215)))
    window.bridge.drain()
    seen = texts(with_columns(window, [Column.NET, Column.PRICE]))
    assert {"3.215", "98.160"} <= set(seen)


def test_the_pill_and_the_source_have_cells_of_their_own_where_they_are_columns(
    window: MainWindow, board: HandBoard
) -> None:
    board.raise_alert(alert_of(board.row(TENCENT)))
    window.bridge.drain()
    table = with_columns(window, [Column.ALERT, Column.NET, Column.SOURCE])
    seen = texts(table)
    assert seen.count("net ≤ −200M") == 1
    assert seen.count("OpenD") == 3
    left, right = map(round, table._edges[Column.ALERT])
    assert has_color(row_image(window, TENCENT).copy(left, 0, right - left, 44), window.dialogs.theme.alert, near=4)
    board.put(replace(board.row(TENCENT), series=None, quote=None, freshness=Freshness.NEVER_POLLED))
    window.bridge.drain()
    assert "net ≤ −200M" in texts(table), "beside the code, where a sentence stands across the cells"


@pytest.mark.parametrize("columns", [[], [Column.AGE, Column.NET], [Column.TODAY], list(FURTHER)])
def test_any_choice_can_be_painted_and_ticked(
    window: MainWindow, board: HandBoard, columns: list[Column], theme: Theme
) -> None:
    board.put(replace(board.row(BYD), series=None, quote=None, freshness=Freshness.NEVER_POLLED))
    window.bridge.drain()
    table = with_columns(window, columns)
    window.watchlist.toggle_pinned()
    seen = texts(table)
    assert "waiting for the first answer" in seen
    board.now += 7
    window.watchlist.tick()
    table.grab()
    assert has_color(row_image(window, MEITUAN).copy(5, 15, 8, 20), theme.dim), "the pin"


def style_of(columns: Iterable[Column]) -> RowStyle:
    edges = dict.fromkeys(columns, (0.0, 80.0))
    return RowStyle(edges, 0.0, 0.0, 44.0, 80.0, dict.fromkeys((*CLASSES, Column.MAIN, Column.TRADED), unit_for(1e6)))


def test_a_source_without_classes_has_blank_cells_and_a_missing_class_is_a_dash() -> None:
    row = row_of("700.HK", "Tencent", -1e6, 7e9)
    assert row.series is not None
    values = row.series.values.copy()
    values[1:] = np.nan
    bare = replace(row, series=msgspec.structs.replace(row.series, values=values))
    style = style_of(CLASSES)
    missing, blank = figures_of(bare, link_ready=True), figures_of(replace(bare, classes=False), link_ready=True)
    assert [cell_text(column, missing, style) for column in (Column.MAIN, *CLASSES)] == ["–"] * 5
    assert [cell_text(column, blank, style) for column in (Column.MAIN, *CLASSES)] == [""] * 5
    assert cell_text(Column.LEVEL, missing, style) == ""
    assert cell_text(Column.PRICE, replace(missing, row=replace(row, quote=None)), style) == "–"


@pytest.mark.parametrize("column", [column for column in FURTHER if column not in (Column.ALERT, Column.SOURCE)])
def test_further_figures_are_grey_where_they_are_not_true_now(theme: Theme, column: Column) -> None:
    row = row_of("700.HK", "Tencent", -1e6, 7e9, threshold=-2e6)
    painter = RowPainter(theme)
    live = figures_of(row, link_ready=True)
    stale = figures_of(replace(row, freshness=Freshness.STALE), link_ready=True)
    assert painter._tone(column, live, "1")[1] == theme.dim
    assert painter._tone(column, stale, "1")[1] == theme.none
