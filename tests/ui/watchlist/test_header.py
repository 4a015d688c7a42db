from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from capflow_gui.ui.models.watchlist_model import Column, SortOrder
from capflow_gui.ui.theme import Theme, build_theme
from capflow_gui.ui.watchlist.header import WatchlistHeader


@pytest.fixture
def header(theme: Theme, qtbot: QtBot) -> WatchlistHeader:
    made = WatchlistHeader(theme)
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize("column", list(Column))
def test_a_third_click_gives_the_users_own_order_back(header: WatchlistHeader, column: Column) -> None:
    header.set_sort(SortOrder(None))
    met = []
    for _ in range(3):
        order = header.next_order(column)
        met.append((order.column, order.descending))
        header.set_sort(order)
    natural = column is Column.AGE  # the oldest first; all others begin with the smallest
    assert met[:2] == [(column, natural), (column, not natural)]
    assert met[2][0] is None


def test_another_column_begins_its_own_way(header: WatchlistHeader) -> None:
    header.set_sort(SortOrder(Column.NET, descending=True))
    assert header.next_order(Column.CHANGE) == SortOrder(Column.CHANGE, descending=False)


def test_a_label_has_its_unit_and_the_sorted_one_an_arrow(header: WatchlistHeader) -> None:
    header.set_units("HKD M", "M")
    header.set_sort(SortOrder(Column.NET))
    assert header.label(Column.NET).endswith(", HKD M ↑")
    assert header.label(Column.DELTA).endswith(", M")
    assert "," not in header.label(Column.CHANGE)
    header.set_sort(SortOrder(Column.NET, descending=True))
    assert header.label(Column.NET).endswith("↓")


def test_larger_fonts_make_it_higher(header: WatchlistHeader) -> None:
    before = header.sizeHint().height()
    header.set_theme(build_theme("dark", "green_up", 1.5))
    assert header.sizeHint().height() > before
