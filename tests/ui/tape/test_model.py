from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, Qt

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.tape.event import TapeKind
from capflow_gui.ui.tape.filter import TapeFilter
from capflow_gui.ui.tape.model import TapeColumn, TapeModel
from capflow_gui.ui.theme import Theme
from tests.ui.boards import HandBoard, row_of


@pytest.fixture
def board() -> HandBoard:
    made = HandBoard.of(
        row_of("700.HK", "Tencent", -263.2e6, 7056e6), row_of("5.HK", "HSBC", 3e6, 9e8, currency_assumed=True)
    )
    made.fill_tape()
    return made


@pytest.fixture
def model(board: HandBoard, theme: Theme) -> TapeModel:
    made = TapeModel(board, theme)
    made.reload()
    return made


def test_a_row_says_time_symbol_kind_and_size_in_its_currency(model: TapeModel) -> None:
    assert model.rowCount() == len(model.events) > 3
    assert model.rowCount(model.index(0, 0)) == model.columnCount(model.index(0, 0)) == 0
    place = next(place for place, event in enumerate(model.events) if event.kind is TapeKind.BURST)
    row = [model.data(model.index(place, column)) for column in TapeColumn]
    assert row[1:3] == [str(model.events[place].symbol), "Burst"]
    assert row[3].endswith("HKD?" if row[1] == "5.HK" else "HKD")
    assert row[4].startswith("in 5 min")
    right = model.data(model.index(place, TapeColumn.SIZE), Qt.ItemDataRole.TextAlignmentRole)
    assert right & Qt.AlignmentFlag.AlignRight
    assert model.data(model.index(0, 0), Qt.ItemDataRole.EditRole) is None
    assert model.data(QModelIndex()) is None


def test_a_currency_is_asked_for_once_between_two_reloads(
    model: TapeModel, board: HandBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, row = list[Symbol](), board.row
    monkeypatch.setattr(board, "row", lambda symbol: asked.append(symbol) or row(symbol))
    said = [model.words(event, TapeColumn.SIZE) for event in model.events]
    assert sorted(asked) == sorted({event.symbol for event in model.events})
    board.put(replace(board.rows[Symbol.parse("5.HK")], currency_assumed=False))
    model.reload()
    assert [model.words(event, TapeColumn.SIZE) for event in model.events] == [text.rstrip("?") for text in said]
    board.put(replace(board.rows[Symbol.parse("5.HK")], currency_assumed=True))
    assert "HKD?" in model.table(), "what is copied is asked for anew"


def test_the_size_is_coloured_by_its_direction(model: TapeModel, theme: Theme) -> None:
    for place, event in enumerate(model.events):
        color = model.data(model.index(place, TapeColumn.SIZE), Qt.ItemDataRole.ForegroundRole)
        assert color == theme.direction(event.size, true=True)


def test_an_event_of_another_day_has_its_date(model: TapeModel, board: HandBoard) -> None:
    assert len(model.words(model.events[0], TapeColumn.TIME)) == 5
    board.now += 86400 * 3
    assert model.words(model.events[0], TapeColumn.TIME).startswith("20 Nov ")


def test_new_events_come_on_top_and_the_others_stay(model: TapeModel, board: HandBoard) -> None:
    whole, said = list(model.events), []
    model.events = whole[2:]
    model.rowsInserted.connect(lambda _parent, first, last: said.append((first, last)))
    assert (model.reload(), model.events, said) == (2, whole, [(0, 1)])
    assert model.reload() == 0
    model.events = whole[:-1]
    assert model.reload() == -1


def test_a_filter_keeps_rows_out_of_the_table_and_of_what_is_copied(model: TapeModel) -> None:
    model.shown = TapeFilter(symbol=Symbol.parse("5.HK"))
    model.reload()
    assert {str(event.symbol) for event in model.events} == {"5.HK"}
    lines = model.table().splitlines()
    assert len(lines) == len(model.events) + 1
    assert all("5.HK" in line for line in lines[1:])


def test_columns_have_names_and_the_size_stands_right(model: TapeModel) -> None:
    across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    assert [model.headerData(column, across) for column in TapeColumn][:4] == ["Time", "Symbol", "Kind", "Size"]
    assert model.headerData(0, down) is None
    alignment = model.headerData(TapeColumn.SIZE, across, Qt.ItemDataRole.TextAlignmentRole)
    assert alignment & Qt.AlignmentFlag.AlignRight
    gone = replace(model.events[0], symbol=Symbol.parse("9.HK"))
    assert model.words(gone, TapeColumn.SIZE).split()[1:] == []
