"""A row is painted once a change."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest

from capflow_gui.feed.board import Freshness
from capflow_gui.present.numbers import Unit
from capflow_gui.ui.models.columns import CLASSES, DEFAULT, Column, ColumnChoice
from capflow_gui.ui.models.figures import Figures, figures_of
from capflow_gui.ui.theme import Theme, build_theme
from capflow_gui.ui.watchlist.cells import RowStyle, gap_behind
from capflow_gui.ui.watchlist.painter import RowPainter
from capflow_gui.ui.watchlist.row_cache import RowCache, Run, unmoved
from capflow_gui.ui.watchlist.widths import fitted
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import alert_of, row_of


def test_an_unchanged_row_is_the_same_picture(window: MainWindow, theme: Theme) -> None:
    style = window.watchlist.table._style
    cache = RowCache(theme)
    figures = figures_of(row_of("700.HK", "Tencent", -1e8, 8e9), link_ready=True)
    first = cache.pixmap(figures, style, 1.0, selected=False)
    assert cache.pixmap(figures, style, 1.0, selected=False) is first
    seen = first.toImage()
    assert cache.pixmap(figures, style, 1.0, selected=True).toImage() != seen
    again = cache.pixmap(figures_of(row_of("700.HK", "Tencent", 3e8, 8e9), link_ready=True), style, 1.0, selected=False)
    assert again.toImage() != seen
    sharp = cache.pixmap(figures, style, 2.0, selected=False)
    assert (sharp.devicePixelRatio(), sharp.width()) == (2.0, round(style.width * 2))


def test_another_theme_paints_all_anew_and_only_so_many_are_kept(window: MainWindow, theme: Theme) -> None:
    style = window.watchlist.table._style
    cache = RowCache(theme)
    for code in range(1, 120):
        cache.pixmap(figures_of(row_of(f"{code}.HK", "x", 1e6, 1e9), link_ready=True), style, 1.0, selected=False)
    assert len(cache.drawn) == pytest.approx(96, abs=1)
    assert "119.HK" in map(str, cache.drawn)
    cache.set_theme(build_theme("light"))
    assert cache.drawn == {}


def test_rows_out_of_view_of_a_list_that_was_wider_are_let_go(window: MainWindow) -> None:
    table = window.watchlist.table
    wide = table._style
    row = figures_of(row_of("7999.HK", "Not in view", 1e6, 1e9), link_ready=True)
    table.viewport().grab()
    table._rows.pixmap(row, wide, 1.0, selected=False)
    table.viewport().grab()
    assert row.row.symbol in table._rows.drawn, "it may come into view as wide as it is"
    table.viewport().resize(table.viewport().width() - 40, table.viewport().height())
    table._restyle()
    table.viewport().grab()
    assert table._style is not wide
    assert {id(each.style) for each in table._rows.drawn.values()} == {id(table._style)}


def style_of(
    width: int, columns: tuple[Column, ...] = DEFAULT, *, height: float = 48.0, net: int | None = None
) -> RowStyle:
    edges, left = {}, 0.0
    for column, wide in fitted(ColumnChoice().ordered(columns).sized(Column.NET, net), width, round).items():
        edges[column] = (left, left + wide - gap_behind(column))
        left += wide
    units = {column: Unit("M", 1e6) for column in (*CLASSES, Column.NET, Column.DELTA, Column.MAIN, Column.TRADED)}
    return RowStyle(edges, edges[Column.SYMBOL][1], min(edges[Column.SYMBOL][1], 240.0), height, float(width), units)


def kinds_of_rows() -> list[Figures]:
    row = row_of("700.HK", "Tencent Holdings", -263e6, 7e9, threshold=-280e6)
    kinds = [
        row,
        replace(row, freshness=Freshness.STALE),
        replace(row, alert=alert_of(row)),
        replace(row, series=None, quote=None, freshness=Freshness.NEVER_POLLED),
        replace(row, name="A company whose name is longer than any column of the list can show at once"),
        row_of("1.HK", "", 1.234e15, 1e16),
    ]
    return [figures_of(each, link_ready=True) for each in kinds]


@pytest.mark.parametrize(("ratio", "selected"), [(1.0, True), (1.5, False), (2.0, True)])
def test_at_every_width_a_row_looks_as_one_painted_anew(theme: Theme, ratio: float, *, selected: bool) -> None:
    further = (Column.SYMBOL, Column.NET, Column.TODAY, Column.MIX, Column.ALERT, Column.PRICE, Column.SOURCE)
    styles = [style_of(width) for width in (788, 790, 1180, 1183, 640, 500, 410, 300, 788)]
    styles += [style_of(width, further) for width in (820, 700, 703)] + [style_of(703, height=28.0), style_of(640)]
    styles += [style_of(width, net=40) for width in (900, 910)]  # nets begin left of their column
    for figures in kinds_of_rows():
        cache = RowCache(theme)
        for style in styles:
            seen = cache.pixmap(figures, style, ratio, selected=selected).toImage()
            anew = RowCache(theme).pixmap(figures, style, ratio, selected=selected).toImage()
            assert seen == anew, (figures.row.name, style)


def test_a_wider_row_is_painted_anew_only_where_it_is_another(theme: Theme, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[set[Column]] = []
    paint = RowPainter.paint

    def seen(self: RowPainter, *args: Any, kept: Collection[Column], **options: Any) -> None:
        drawn.append({column for column in DEFAULT if column not in kept})
        paint(self, *args, kept=kept, **options)

    monkeypatch.setattr(RowPainter, "paint", seen)
    cache = RowCache(theme)
    figures = figures_of(row_of("700.HK", "Tencent", -1e8, 8e9), link_ready=True)
    before = style_of(788)
    # The symbol's cell takes what the list is wider by, up to a bound; then the sparkline does.
    for style in (before, style_of(812), style_of(1000), style_of(900)):
        cache.pixmap(figures, style, 1.0, selected=False)
    assert drawn == [set(DEFAULT), set(), {Column.TODAY}, {Column.TODAY}]
    cache.pixmap(figures, before, 1.0, selected=False)
    drawn.clear()
    cache.pixmap(replace(figures, net=2e8), before, 1.0, selected=False)
    cache.pixmap(replace(figures, net=2e8), before, 1.0, selected=True)
    cache.pixmap(figures_of(row_of("700.HK", "Tencent", 1.0, 8e9), link_ready=True), before, 1.0, selected=True)
    figures_only = set(DEFAULT) - {Column.SYMBOL}
    assert drawn == [figures_only, set(DEFAULT), figures_only]
    cache.pixmap(figures, style_of(812), 1.0, selected=True)
    assert drawn[3:] == [set(DEFAULT)], "other figures, at another width"


def test_columns_that_only_move_are_one_run() -> None:
    before, after = style_of(900), style_of(924)
    moved = tuple(column for column in DEFAULT if column not in (Column.SYMBOL, Column.TODAY))
    left = before.edges[Column.NET][0]
    assert unmoved(before, after) == [Run(moved, left, left + 24, 900 - left)]
    assert unmoved(before, style_of(924, height=28.0)) == []
    other = replace(after, units={**after.units, Column.DELTA: Unit("B", 1e9)})
    assert [run.columns for run in unmoved(before, other)] == [moved[:2], moved[3:]]


def test_an_arrow_that_reaches_into_the_cell_of_the_symbol_leaves_nothing_there(theme: Theme) -> None:
    """A net that is wider than its column: where the row gets another width, and where the net does."""
    columns = (Column.SYMBOL, Column.NET, Column.TURNOVER)
    wide, small = (figures_of(row_of("1.HK", "", net, 1e16), link_ready=True) for net in (-1.234567e12, -1.234e9))
    styles = [style_of(width, columns, net=70) for width in (400, 409)]
    for before, after in (((wide, styles[0]), (wide, styles[1])), ((wide, styles[0]), (small, styles[0]))):
        cache, anew = RowCache(theme), RowCache(theme)
        cache.pixmap(*before, 1.0, selected=False)
        assert not cache.drawn[wide.row.symbol].painted.within
        moved = cache.pixmap(*after, 1.0, selected=False).toImage()
        assert moved == anew.pixmap(*after, 1.0, selected=False).toImage()
