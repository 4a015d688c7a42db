"""A docked view is fed while it can be seen, and gone once it was taken out."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.docks.dock import Dock
from capflow_gui.ui.theme import Theme


class View(QWidget):
    kind = "view"

    def __init__(self) -> None:
        super().__init__()
        self.told: list[object] = []

    def heading(self) -> str:
        return "A view"

    def set_docked(self, on: bool) -> None:
        self.told.append(("docked", on))
        if not on:
            self.setParent(None, Qt.WindowType.Window)

    def set_covered(self, on: bool) -> None:
        self.told.append(("covered", on))

    def set_theme(self, theme: Theme) -> None:
        pass

    def state(self) -> dict[str, Any]:
        return {}


def test_it_passes_on_whether_it_is_seen_until_the_view_is_taken_out(theme: Theme, qtbot: QtBot) -> None:
    area, view = QMainWindow(), View()
    qtbot.addWidget(area)
    qtbot.addWidget(view)
    dock = Dock("view 1", view, theme, area, lambda: ("SIMULATED",))
    area.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    area.show()
    QApplication.processEvents()
    assert view.told == [("docked", True), ("covered", False)]
    assert (dock.side, dock.windowTitle(), dock.title._marks.text()) == ("left", "A view", "")
    dock.setFloating(True)
    assert dock.title._simulated.isVisible()
    dock.setFloating(False)
    assert view.told.pop() == ("covered", False)
    dock.hide()
    assert view.told.pop() == ("covered", True)
    dock.show()
    assert dock.take_out() is view
    told = [*view.told]
    dock.hide()
    view.setWindowTitle("another")
    assert view.told == told
    assert dock.windowTitle() == "A view"
