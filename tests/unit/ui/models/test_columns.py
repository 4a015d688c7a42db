"""Which columns there are, in which order, and what the rows are sorted by: read, changed and kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.ui.models.columns import COLUMNS, DEFAULT, WINDOWS, Column, ColumnChoice, SortOrder, title

NET, AGE, SOURCE = Column.NET, Column.AGE, Column.SOURCE


@pytest.mark.parametrize("column", COLUMNS)
def test_a_third_click_gives_the_users_own_order_back(column: Column) -> None:
    order, met = SortOrder(None), []
    for _ in range(3):
        order = order.turned(column)
        met.append((order.column, order.descending))
    natural = column is AGE  # the oldest first; all others begin with the smallest
    assert met == [(column, natural), (column, not natural), (None, False)]


def test_another_column_begins_its_own_way() -> None:
    assert SortOrder(NET, descending=True).turned(Column.CHANGE) == SortOrder(Column.CHANGE)


def test_a_further_key_is_added_turned_and_taken_away() -> None:
    order = SortOrder(SOURCE)
    met = []
    for _ in range(3):
        order = order.turned(NET, beside=True)
        met.append(str(order))
    assert met == ["source:asc,net:asc", "source:asc,net:desc", "source:asc"]
    assert order.turned(SOURCE, beside=True) == SortOrder(SOURCE, descending=True)
    assert SortOrder(None).turned(AGE, beside=True) == SortOrder(AGE, descending=True)
    assert SortOrder.parse("source,net,age").turned(SOURCE, beside=True).turned(SOURCE, beside=True).column is NET
    assert SortOrder.parse("source,net").turned(AGE) == SortOrder(AGE, descending=True)


def test_the_order_is_said_key_by_key() -> None:
    assert SortOrder().words() == "% of turnover, lowest first"
    several = SortOrder.parse("source:desc,delta:asc,age:desc")
    assert several.words(15) == "Source, Z to A; then Δ 15 min, lowest first; then Age, oldest first"
    assert SortOrder(None).words() == "your own order"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", SortOrder()),
        ("manual", SortOrder(None)),
        ("net:desc", SortOrder(NET, descending=True)),
        ("net:desc,nothing:asc,net:asc,age:up", SortOrder(NET, True, SortOrder(AGE))),
        (",::,", SortOrder()),
    ],
)
def test_a_kept_order_is_read_as_far_as_it_can_be(text: str, read: SortOrder) -> None:
    assert SortOrder.parse(text) == read


columns = st.sampled_from(COLUMNS)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("toggled"), columns),
        st.tuples(st.just("moved"), columns, st.integers(-3, 3)),
        st.tuples(st.just("sized"), columns, st.one_of(st.none(), st.integers(-5, 2000))),
    ),
    max_size=12,
)


@given(STEPS, st.sampled_from(WINDOWS), st.lists(st.tuples(columns, st.booleans()), unique_by=lambda each: each[0]))
def test_what_is_kept_is_restored_exactly(
    steps: list[tuple[object, ...]], minutes: int, keys: list[tuple[Column, bool]]
) -> None:
    choice = ColumnChoice().over(minutes)
    for name, *arguments in steps:
        choice = getattr(choice, str(name))(*arguments)
        assert choice.order[0] is Column.SYMBOL
        assert len(set(choice.order)) == len(choice.order)
    restored = ColumnChoice.parse(choice.kept(), choice.minutes)
    assert restored.order == choice.order
    assert all(restored.widths.get(each) == choice.widths.get(each) for each in choice.order)
    order = SortOrder.of(keys)
    assert SortOrder.parse(str(order)) == order


def test_an_old_profile_opens_with_the_columns_it_had() -> None:
    assert ColumnChoice.parse([]).order == DEFAULT
    kept = ["symbol", "today", "net", "turnover", "mix", "age"]
    assert ColumnChoice.parse(kept).order == tuple(map(Column, kept))


def test_what_cannot_be_read_of_columns_is_left_out() -> None:
    choice = ColumnChoice.parse(["net:12x", "nothing", "net:90", "age:99999", "symbol:³"], minutes=7)
    assert choice == ColumnChoice((Column.SYMBOL, NET, AGE), {AGE: 800})


def test_a_column_that_is_shown_again_stands_where_it_belongs() -> None:
    choice = ColumnChoice().toggled(Column.MAIN)
    assert choice.order[2:5] == (NET, Column.MAIN, Column.TURNOVER)
    assert choice.toggled(NET).toggled(NET).order == choice.order
    assert choice.toggled(Column.SYMBOL).order == choice.order


def test_the_symbol_stays_first() -> None:
    choice = ColumnChoice()
    assert choice.moved(Column.SYMBOL, 2) == choice
    assert choice.moved(NET, -9).order[:2] == (Column.SYMBOL, NET)
    assert choice.moved(NET, 99).order[-1] is NET
    assert choice.moved(SOURCE, 1) == choice


def test_the_window_stands_in_the_name() -> None:
    assert [title(Column.DELTA), title(Column.DELTA, 60), title(Column.TURNOVER)] == [
        "Δ 5 min",
        "Δ 60 min",
        "% turnover",
    ]
