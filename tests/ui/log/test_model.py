"""What the log as a table says."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt

from capflow_gui.ui.log.model import LogModel
from capflow_gui.ui.theme import Theme
from tests.ui.log.test_view import line


def test_nothing_is_below_an_entry(theme: Theme) -> None:
    model = LogModel(theme)
    model.add([line("a")], cut=False)
    place = model.index(0, 0)
    assert model.rowCount(place) == model.columnCount(place) == 0
    assert model.data(QModelIndex()) is None
    assert model.data(place, Qt.ItemDataRole.EditRole) is None
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Time"
    assert model.headerData(0, Qt.Orientation.Vertical) is None
