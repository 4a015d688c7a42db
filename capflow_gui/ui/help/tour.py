"""The tour of the window: small cards that point at its parts, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.ui import shapes
from capflow_gui.ui.access.read_aloud import announce
from capflow_gui.ui.fitting import into_sight, within
from capflow_gui.ui.layouts import beside, push_button, stacked, text_label
from capflow_gui.ui.theme import Role, Theme

_WIDTH, _GAP = 330, 10


@dataclass(frozen=True, slots=True)
class Step:
    """One card: the part it points at, what it is called, and two or three sentences."""

    part: Callable[[], QWidget]
    title: str
    text: str


class _Ring(QWidget):
    """Frames a part; clicks go through it."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self.theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, _event: QPaintEvent) -> None:
        shapes.draw_focus_ring(QPainter(self), self.rect().toRectF(), self.theme.accent)


class _Card(QFrame):
    """Title, text, and the buttons. Emits how many steps to go, and `left` to end the tour."""

    moved = Signal(int)
    left = Signal()

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self.setProperty("look", "card")
        self.title = text_label("", self)
        self.text = text_label("", self, role="dim", wrap=True)
        self.place = text_label("", self, role="faint")
        self.skip = push_button(_("Skip the tour"), self, "link", auto_default=False)
        self.back = push_button(_("Back"), self, auto_default=False)
        self.next = push_button(_("Next"), self, "primary")
        buttons = beside(self.skip, 10, self.place, None, self.back, self.next, spacing=8)
        stacked(self.title, self.text, 4, buttons, of=self, margins=(16, 14, 16, 14), spacing=8)
        self.set_theme(theme)
        self.skip.clicked.connect(self.left)
        self.back.clicked.connect(lambda: self.moved.emit(-1))
        self.next.clicked.connect(lambda: self.moved.emit(1))

    def set_theme(self, theme: Theme) -> None:
        """Fonts."""
        self.title.setFont(theme.sized_font(13, 650))
        self.text.setFont(theme.font(Role.CELL))
        self.place.setFont(theme.font(Role.SENTENCE))
        self._least = theme.px(_WIDTH)

    def say(self, step: Step, place: int, count: int) -> None:
        """Show a step; `place` of `count` from 0."""
        self.title.setText(step.title)
        self.text.setText(step.text)
        self.place.setText(_("{place} of {count}").format(place=place + 1, count=count))
        self.back.setEnabled(place > 0)
        self.next.setText(_("Next") if place + 1 < count else _("Done"))
        self.setAccessibleName(step.title)
        self.setAccessibleDescription(step.text)
        self.setFixedWidth(max(self._least, self.minimumSizeHint().width()))
        self.resize(self.width(), self.heightForWidth(self.width()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc ends the tour, the arrows step, Enter presses the button that has the keyboard."""
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            next((each for each in (self.skip, self.back) if each.hasFocus()), self.next).click()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.moved.emit(-1 if key == Qt.Key.Key_Left else 1)
        else:
            super().keyPressEvent(event)


class Tour(QObject):
    """Shows the steps whose parts can be seen; it waits for nobody and stops nothing. `ended` when it is over.

    Steps without a part on screen are left out; one whose part goes out of sight is left for the next.
    """

    ended = Signal()

    def __init__(self, steps: Sequence[Step], theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._window, self._steps = window, steps
        self._at = -1
        self._before = window.focusWidget()
        self._ring = _Ring(theme, window)
        self.card = _Card(theme, window)
        self.card.moved.connect(self.move)
        self.card.left.connect(self.end)
        window.installEventFilter(self)
        self.move(1)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._ring.theme = theme
        self.card.set_theme(theme)
        self._say(self._seen())

    @property
    def step(self) -> Step:
        """The one that is shown."""
        return self._steps[self._at]

    def _seen(self) -> list[int]:
        return [place for place, step in enumerate(self._steps) if step.part().isVisibleTo(self._window)]

    def move(self, by: int) -> None:
        """Go to the next step (1) or the one before (-1); behind the last one the tour is over."""
        seen = self._seen()
        after = [place for place in seen if place > self._at] if by > 0 else [p for p in seen if p < self._at][::-1]
        if after:
            self._at = after[0]
            self._show(seen)
        elif by > 0:
            self.end()

    def _show(self, seen: Sequence[int]) -> None:
        into_sight(self.step.part())
        self._say(seen)
        self._ring.show()
        self._ring.raise_()
        self.card.show()
        self.card.raise_()
        self.card.next.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self._window, f"{self.step.title}. {self.step.text}")

    def _say(self, seen: Sequence[int]) -> None:
        self.card.say(self.step, seen.index(self._at), len(seen))
        self._place()

    def _place(self) -> None:
        """The ring around the part, the card beside it where there is room, else over it."""
        part, window = self.step.part(), self._window
        around = QRect(part.mapTo(window, QPoint()), part.size())
        self._ring.setGeometry(around.adjusted(-2, -2, 2, 2).intersected(window.rect()))
        size, room = self.card.size(), window.rect().adjusted(_GAP, _GAP, -_GAP, -_GAP)
        inside = (within(each, room) for each in _beside(around, size))
        places = [each for each in inside if not each.intersects(around)]
        middle = QRect(around.center() - QPoint(size.width() // 2, size.height() // 2), size)
        self.card.setGeometry(places[0] if places else within(middle, room))

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Follow the window."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest) and self._at >= 0:
            if self.step.part().isVisibleTo(self._window):
                self._place()
            else:
                self.move(1)
        return False

    def end(self) -> None:
        """Take the cards away and give the keyboard back."""
        self._window.removeEventFilter(self)
        before = self._before if self._before is not None and self._before.isVisible() else self._window
        before.setFocus(Qt.FocusReason.OtherFocusReason)
        for part in (self._ring, self.card):
            part.hide()
            part.deleteLater()
        self.ended.emit()
        self.deleteLater()


def _beside(around: QRect, size: QSize) -> list[QRect]:
    """Places for a card below, right of, left of and above a part."""
    x, y = around.left(), around.top()
    right, below = around.right() + 1 + _GAP, around.bottom() + 1 + _GAP
    corners = ((x, below), (right, y), (x - _GAP - size.width(), y), (x, y - _GAP - size.height()))
    return [QRect(QPoint(*corner), size) for corner in corners]
