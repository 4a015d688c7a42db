"""The line over a docked view: what it is, the marks of the window, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.ui.history.elided import ElidedLabel
from capflow_gui.ui.layouts import beside, text_label
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.toolbar.bar import SimulatedMark

_HEIGHT = 30


class DockTitle(QWidget):
    """Dragged, it moves the dock; a double click lets it float, or puts it back. `menu` and `close` are its buttons.

    dragged   the mouse drags it, and is at this global pixel; whether the dock is to stay over the window (Ctrl)
    let_go    the drag ended there
    dropped   the drag ended where nobody said so: the dock stays where it was
    flipped   it was clicked twice
    """

    dragged = Signal(QPoint, bool)
    let_go = Signal(QPoint, bool)
    dropped = Signal()
    flipped = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)  # told also of a mouse whose button is up
        self.grip = QPoint()  # where it was pressed
        self._pressed = self._moving = False
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

    def event(self, event: QEvent) -> bool:
        """Where another window comes to the front, nobody may tell that the mouse is let go."""
        if event.type() in (QEvent.Type.WindowDeactivate, QEvent.Type.Hide):
            self._end()
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A drag may begin."""
        self._end()
        if event.button() is Qt.MouseButton.LeftButton:
            self.grip, self._pressed = event.position().toPoint(), True

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag, once the mouse is some pixels away. Where its button is up, nobody said that it was let go."""
        if not event.buttons() & Qt.MouseButton.LeftButton:
            self._end()
            return
        far = (event.position().toPoint() - self.grip).manhattanLength() >= QApplication.startDragDistance()
        if self._pressed and (self._moving or far):
            self._moving = True
            self.dragged.emit(event.globalPosition().toPoint(), _stays(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The drag ends."""
        if event.button() is Qt.MouseButton.LeftButton:
            moving, self._pressed, self._moving = self._moving, False, False
            if moving:
                self.let_go.emit(event.globalPosition().toPoint(), _stays(event))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Float, or stand at a side again."""
        self._end()
        if event.button() is Qt.MouseButton.LeftButton:
            self.flipped.emit()

    def _end(self) -> None:
        if self._moving:
            self.dropped.emit()
        self._pressed = self._moving = False

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  Qt's signature
        """A bar of the window's chrome over a hairline."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.bg)
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.line)


def _stays(event: QMouseEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
