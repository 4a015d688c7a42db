"""A view at a side of the main window, behind a tab there, or floating over it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QMouseEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from capflow_gui.ui.docks.title import DockTitle
from capflow_gui.ui.theme import Theme

SIDES = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "below": Qt.DockWidgetArea.BottomDockWidgetArea,
}


class DockView(Protocol):
    """What can be docked: a QWidget that can also be a window of its own."""

    @property
    def kind(self) -> str:
        """What settings call it."""

    def heading(self) -> str:
        """What it is called, without the program's name."""

    def set_docked(self, on: bool) -> None:
        """Be a part of the window, without a head of its own; or a window again, hidden, where it was as a window."""

    def set_covered(self, on: bool) -> None:
        """Whether another tab is in front of it: it is then fed no more than a hidden one."""

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""

    def state(self) -> dict[str, Any]:
        """What to make it again from: plain values."""


class Dock(QDockWidget):
    """Holds a view. `name` is what the state of all docks calls it. closed: by its button, a key or the menu.

    `beside` is the side it belongs to while it stands below for want of room; "" where it stands where it belongs.
    """

    closed = Signal()

    def __init__(
        self, name: str, view: DockView, theme: Theme, area: QMainWindow, marks: Callable[[], tuple[str, ...]]
    ) -> None:
        super().__init__(area)
        assert isinstance(view, QWidget)  # noqa: S101  a Protocol cannot say so
        self.view, self._marks = view, marks
        self.beside = ""
        self.setObjectName(name)
        self.setAllowedAreas(SIDES["left"] | SIDES["right"] | SIDES["below"])
        self.title = DockTitle(theme, self)
        self.setTitleBarWidget(self.title)
        view.set_docked(True)
        self.setWidget(view)
        view.show()
        self.setFocusProxy(view)
        self.title.close_button.clicked.connect(self.close)
        self.visibilityChanged.connect(self._pass_on)
        view.windowTitleChanged.connect(self._entitle)
        self.topLevelChanged.connect(self._entitle)
        self._entitle()

    def take_out(self) -> QWidget:
        """The view, a hidden window again; the dock is of no more use."""
        view = self.view
        self.visibilityChanged.disconnect(self._pass_on)
        view.windowTitleChanged.disconnect(self._entitle)
        self.hide()  # the keyboard goes to another part
        self._forget_keyboard()
        view.set_docked(False)
        return view

    def _forget_keyboard(self) -> None:
        """Have no widget around it remember one in it as that which had the keyboard.

        Qt forgets one that is deleted only around the place where it then is. Around the place where it was before,
        it gives the keyboard to what is gone, and ends with a segmentation fault.
        """
        around = self.parentWidget()
        while around is not None:
            held = around.focusWidget()
            if held is not None and self.isAncestorOf(held):
                held.clearFocus()
            around = around.parentWidget()

    @property
    def side(self) -> str:
        """Where it belongs: where it stands, or stood before it floated."""
        if self.beside and not self.isFloating():
            return self.beside
        area = self.parentWidget()
        assert isinstance(area, QMainWindow)  # noqa: S101
        place = area.dockWidgetArea(self)
        return next((side for side, each in SIDES.items() if each == place), "right")

    def event(self, event: QEvent) -> bool:
        """Of the mouse, what any part does: Qt's own way to drag a dock is not used (`docks.drag`)."""
        return QWidget.event(self, event) if isinstance(event, QMouseEvent) else super().event(event)

    def _pass_on(self, shown: bool) -> None:
        self.view.set_covered(not shown)

    def _entitle(self) -> None:
        name = self.view.heading()
        self.title.say(name, self._marks() if self.isFloating() else ())
        if self.windowTitle() != name:
            self.setWindowTitle(name)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Gone for good: a new one is made when it is wanted again."""
        super().closeEvent(event)
        self.closed.emit()
