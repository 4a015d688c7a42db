"""The rows as a model: new minutes come on top, and who reads a row stays on it."""

from __future__ import annotations

from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from capflow_gui.ui.chart_table.model import ShownModel
from capflow_gui.ui.chart_table.tables import Column, Table
from capflow_gui.ui.theme import Theme


def table(count: int, *, key: str = "a", stamp: int = 0, true: bool = True) -> Table:
    columns = Column("Time", str, figures=False), Column("Net (M)", lambda place: f"{place}.0")
    return Table(key, (stamp,), columns, tuple(range(count - 1, -1, -1)), true)


def test_new_minutes_come_on_top_and_a_chosen_row_stays_chosen(
    theme: Theme, qtbot: QtBot, qtmodeltester: ModelTester
) -> None:
    model = ShownModel(theme)
    qtmodeltester.check(model)
    assert model.show_table(table(3))
    chosen = QPersistentModelIndex(model.index(1, 1))
    assert chosen.data() == "1.0"
    with qtbot.waitSignal(model.rowsInserted), qtbot.waitSignal(model.dataChanged):
        model.show_table(table(5, stamp=1))
    assert (chosen.row(), chosen.data(), model.index(0, 0).data()) == (3, "1.0", "4")
    assert not model.show_table(table(5, stamp=1))
    with qtbot.waitSignal(model.modelReset):
        model.show_table(table(4, stamp=2))
    with qtbot.waitSignal(model.modelReset):
        model.show_table(table(4, key="b", stamp=2))
    model.show_table(None)
    assert (model.rowCount(), model.columnCount(), model.show_table(None)) == (0, 0, False)


def test_figures_stand_at_the_right_and_are_grey_while_they_are_not_true(theme: Theme) -> None:
    model = ShownModel(theme)
    model.show_table(table(1, true=False))
    assert model.index(0, 1).data(Qt.ItemDataRole.ForegroundRole) == theme.none
    assert model.index(0, 1).data(Qt.ItemDataRole.AccessibleTextRole) == "0.0"
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Net (M)"
    sides = [model.headerData(at, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole) for at in (0, 1)]
    assert [bool(side & Qt.AlignmentFlag.AlignRight) for side in sides] == [False, True]


def test_a_row_is_written_once_for_each_table_shown(theme: Theme) -> None:
    asked = list[int]()

    def cell(place: int) -> str:
        asked.append(place)
        return str(place)

    model = ShownModel(theme)
    for stamp in (0, 0, 1):
        model.show_table(Table("a", (stamp,), (Column("Net", cell),), (1, 0)))
        assert [model.words(row) for row in (0, 1, 0)] == [("1",), ("0",), ("1",)]
    assert asked == [1, 0, 1, 0]
    model.show_table(None)
    assert model.rowCount() == 0
