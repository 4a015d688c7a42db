from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from capflow_gui.ui.models.columns import Column, SortOrder
from capflow_gui.ui.theme import Theme, build_theme
from capflow_gui.ui.watchlist.header import WatchlistHeader


@pytest.fixture
def header(theme: Theme, qtbot: QtBot) -> WatchlistHeader:
    made = WatchlistHeader(theme)
    qtbot.addWidget(made)
    return made


def test_a_label_has_its_unit_and_the_sorted_one_an_arrow(header: WatchlistHeader) -> None:
    header.set_units({Column.NET: "HKD M", Column.DELTA: "M"})
    header.set_sort(SortOrder(Column.NET))
    assert header.label(Column.NET).endswith(", HKD M ↑")
    assert header.label(Column.DELTA).endswith(", M")
    assert "," not in header.label(Column.CHANGE)
    header.set_sort(SortOrder(Column.NET, descending=True))
    assert header.label(Column.NET).endswith("↓")


def test_of_several_keys_each_arrow_has_its_number_and_the_window_is_said(header: WatchlistHeader) -> None:
    header.set_sort(SortOrder.parse("source:desc,net:asc"))
    header.set_columns((Column.SYMBOL, Column.NET, Column.DELTA, Column.SOURCE), 15)
    labels = [header.label(column) for column in header.columns]
    assert labels == ["Symbol", "Net ↑²", "Δ 15 min", "Source ↓¹"]


def test_larger_fonts_make_it_higher(header: WatchlistHeader) -> None:
    before = header.sizeHint().height()
    header.set_theme(build_theme("dark", "green_up", 1.5))
    assert header.sizeHint().height() > before
