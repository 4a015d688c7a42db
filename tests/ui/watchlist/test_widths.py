"""How the columns share the room of the list."""

from __future__ import annotations

import pytest

from capflow_gui.ui.models.columns import COLUMNS, DEFAULT, Column, ColumnChoice
from capflow_gui.ui.watchlist.widths import KEPT, LEAST_TODAY, MOST_SYMBOL, WIDTHS, fitted


def plain(choice: ColumnChoice, room: int) -> dict[Column, int]:
    return fitted(choice, room, round)


@pytest.mark.parametrize("room", [420, 560, 630, 710, 788, 1200, 3000])
def test_the_columns_fill_the_room_in_their_order(room: int) -> None:
    for choice in (ColumnChoice(), ColumnChoice().ordered(COLUMNS), ColumnChoice().moved(Column.AGE, -5)):
        widths = plain(choice, room)
        assert sum(widths.values()) == room
        assert [column for column in choice.order if column in widths] == list(widths)
        assert set(KEPT) <= set(widths)


def test_what_the_user_added_gives_way_after_change_mix_and_delta_the_last_first() -> None:
    choice = ColumnChoice().toggled(Column.MAIN).toggled(Column.SOURCE)
    gone: list[Column] = []
    for room in range(1000, 400, -10):
        gone += [column for column in choice.order if column not in plain(choice, room) and column not in gone]
    assert gone == [Column.CHANGE, Column.MIX, Column.DELTA, Column.SOURCE, Column.MAIN, Column.TODAY]


def test_a_width_set_by_hand_is_kept_while_the_rest_has_room() -> None:
    wide = ColumnChoice().sized(Column.NET, 260)
    assert plain(wide, 1000)[Column.NET] == 260
    assert plain(wide, 640)[Column.NET] == 260
    assert plain(wide, 560)[Column.NET] == WIDTHS[Column.NET]
    assert fitted(wide, 2000, lambda pixels: round(1.5 * pixels))[Column.NET] == 390


def test_symbol_and_sparkline_take_what_is_left_unless_they_were_sized() -> None:
    symbol = plain(ColumnChoice().sized(Column.SYMBOL, 300), 1200)
    assert symbol[Column.SYMBOL] == 300
    assert sum(symbol.values()) == 1200
    today = plain(ColumnChoice().sized(Column.TODAY, 80), 1200)
    assert today[Column.TODAY] == 80
    assert today[Column.SYMBOL] > MOST_SYMBOL
    both = plain(ColumnChoice().sized(Column.TODAY, 30).sized(Column.SYMBOL, 200), 1200)
    assert (both[Column.SYMBOL], both[Column.TODAY]) == (200, 30)
    assert sum(both.values()) < 1200
    without = plain(ColumnChoice().toggled(Column.TODAY), 788)
    assert sum(without.values()) == 788
    assert plain(ColumnChoice(), 470).get(Column.TODAY, LEAST_TODAY) >= LEAST_TODAY
    assert set(plain(ColumnChoice(), 788)) == set(DEFAULT)
