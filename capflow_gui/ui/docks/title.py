"""The line over a docked view: what it is, the marks of the window, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QToolButton, QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.ui.history.elided import ElidedLabel
from capflow_gui.ui.layouts import beside, text_label
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.toolbar.bar import SimulatedMark

_HEIGHT = 30


class DockTitle(QWidget):
    """Dragged, it moves the dock; a double click lets it float, or puts it back. `menu` and `close` are its buttons."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._name = ElidedLabel(self)
        self._simulated, self._marks = SimulatedMark(theme, self), text_label("", self)
        self.menu, self.close_button = QToolButton(self), QToolButton(self)
        self.menu.setText("⋯")
        self.close_button.setText("✕")
        for label in (self._name, self._simulated, self._marks):  # so that the dock is dragged by them, too
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row = (self._name, 1), 8, self._simulated, 4, self._marks, 4, self.menu, self.close_button
        beside(*row, of=self, margins=(12, 0, 4, 1), spacing=0)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self._name.set_face(theme.sized_face(10, 600))
        self._simulated.set_theme(theme)
        self._marks.setFont(theme.sized_font(9, 700))
        for button in (self.menu, self.close_button):
            button.setFont(theme.sized_font(10, 500))
        self.setFixedHeight(theme.px(_HEIGHT))
        self.update()

    def say(self, name: str, marks: tuple[str, ...]) -> None:
        """Show what the view is called, and what is not the real, running market."""
        self._name.say(name)
        simulated = _("SIMULATED") in marks[:1]
        self._simulated.setVisible(simulated)
        self._marks.setText(" · ".join(marks[simulated:]))
        self.menu.setAccessibleName(_("Where {name} stands").format(name=name))
        self.close_button.setAccessibleName(_("Close {name}").format(name=name))

    def below_menu(self) -> QPoint:
        """Where the menu opens, in global pixels."""
        return self.menu.mapToGlobal(QPoint(0, self.menu.height() + 2))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  Qt's signature
        """A bar of the window's chrome over a hairline."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.bg)
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.line)
