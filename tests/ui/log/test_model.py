"""The log as a table keeps Qt's rules."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from capflow_gui.ui.log.model import LogModel
from capflow_gui.ui.theme import Theme
from tests.ui.log.test_view import line


def test_rows_come_and_go_by_the_rules(theme: Theme, qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    model = LogModel(theme)
    qtmodeltester.check(model)
    model.add([line("a"), line("b", "DEBUG"), line("c", "ERROR")], cut=False)
    model.add([line("d")], cut=False)
    model.add([], cut=True)
    assert (model.rowCount(), model.known, model.cut) == (3, 4, True)
    model.show_only("DEBUG", [])
    assert model.rowCount() == 4
    model.clear()
    assert (model.rowCount(), model.known, model.cut) == (0, 0, False)


def test_nothing_is_below_an_entry(theme: Theme) -> None:
    model = LogModel(theme)
    model.add([line("a")], cut=False)
    place = model.index(0, 0)
    assert model.rowCount(place) == model.columnCount(place) == 0
    assert model.data(QModelIndex()) is None
    assert model.data(place, Qt.ItemDataRole.EditRole) is None
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Time"
    assert model.headerData(0, Qt.Orientation.Vertical) is None
