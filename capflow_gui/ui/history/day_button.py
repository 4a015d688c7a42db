"""One day of the strip or of the calendar: its date, what is recorded of it, and whether it is shown."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from capflow_gui.archive.model import DaySummary
from capflow_gui.present.language.texts import _
from capflow_gui.present.numbers import day_and_month, weekday_name
from capflow_gui.present.recorded_words import COMPARE_HINT, day_words
from capflow_gui.ui import shapes
from capflow_gui.ui.theme import Role, Theme

HEIGHT, WIDTH = 50, 46
_SMALL_HEIGHT, _SMALL_WIDTH = 36, 40
_COMPARES = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier


class DayButton(QAbstractButton):
    """A date, and a bar for what is recorded: whole, broken, or none. `small`: without the weekday above.

    `opens_month`: the month is named, `today`: the date is today's, `compares`: it was clicked to be compared.
    """

    def __init__(self, theme: Theme, parent: QWidget, *, small: bool = False) -> None:
        super().__init__(parent)
        self.theme = theme
        self._small = small
        self.day = date.min
        self.summary: DaySummary | None = None
        self.damaged = self.newest = self.today = self.shown = self.compared = self.compares = self.opens_month = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    @property
    def known(self) -> bool:
        """Whether there is something to show, or to say why not."""
        return self.newest or self.damaged or self.summary is not None

    def show_day(
        self,
        day: date,
        summary: DaySummary | None,
        *,
        newest: bool,
        shown: bool,
        compared: bool,
        damaged: bool = False,
    ) -> None:
        """What this button stands for; `newest` is the session whose live chart it leads to.

        `damaged`: it was recorded, and what says so cannot be read.
        """
        self.day, self.summary, self.newest, self.shown, self.compared = day, summary, newest, shown, compared
        self.damaged = damaged
        words = day_words(day, summary, newest=newest, shown=shown, compared=compared, damaged=damaged)
        self.setEnabled(self._small or self.known)
        self.setCursor(Qt.CursorShape.PointingHandCursor if self.known else Qt.CursorShape.ArrowCursor)
        self.setToolTip(words if summary is None else f"{words}\n{_(COMPARE_HINT)}")
        self.setAccessibleName(words)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """With Shift or Ctrl a day is compared."""
        self.compares = bool(event.modifiers() & _COMPARES) and not self.damaged
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys are the strip's, or the calendar's."""
        event.ignore()

    def sizeHint(self) -> QSize:
        """Its place in the strip, or in the calendar."""
        width, height = (_SMALL_WIDTH, _SMALL_HEIGHT) if self._small else (WIDTH, HEIGHT)
        return QSize(self.theme.px(width), self.theme.px(height))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  Qt's signature
        """Weekday, date, bar, and what marks the ones that are shown."""
        theme, scale = self.theme, self.theme.scale
        painter = QPainter(self)
        box = QRectF(self.rect())
        if self.shown or self.compared:
            painter.fillRect(box.adjusted(1, 1, -1, 0), theme.raised)
            painter.fillRect(QRectF(1, 0, box.width() - 2, 2), theme.text if self.shown else theme.dim)
        elif self.underMouse() and self.known:
            painter.fillRect(box.adjusted(1, 1, -1, 0), theme.raised)
        strong = self.shown or self.compared
        middle = Qt.AlignmentFlag.AlignCenter
        number = day_and_month(self.day) if self.opens_month else str(self.day.day)
        figure = theme.sized_face(10, 650 if strong or (self.today and self._small) else 500)
        top = box.height() / 2 - (figure.height / 2 if self._small else 4 * scale)
        if not self._small:
            name, face = _("Today") if self.today else weekday_name(self.day.weekday()), theme.face(Role.CAPTION)
            painter.setFont(face.font)
            painter.setPen(theme.dim if self.known else theme.faint)
            painter.drawText(QRectF(0, top - face.height, box.width(), face.height), middle, name)
        painter.setFont(figure.font)
        painter.setPen(theme.text if self.known else theme.faint)
        painter.drawText(QRectF(0, top, box.width(), figure.height), middle, number)
        if self.summary is not None:
            at = QRectF(9 * scale, box.height() - 7 * scale, box.width() - 18 * scale, max(2 * scale, 2.0))
            shapes.draw_recorded(painter, at, theme.dim, whole=self.summary.complete)
        elif self.damaged:
            side = max(5 * scale, 5.0)
            middle_x, low = box.center().x(), box.height() - 3 * scale
            shapes.draw_cross(painter, QRectF(middle_x - side / 2, low - side, side, side), theme.alert_text)
        if self.hasFocus():
            shapes.draw_focus_ring(painter, box, theme.accent)
