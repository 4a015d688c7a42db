"""A calendar of the recorded sessions that opens over the strip: any day in a few keys or clicks."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QToolButton, QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.present.numbers import month_name, weekday_name
from capflow_gui.ui.history.day_button import DayButton
from capflow_gui.ui.history.recorded import RecordedView
from capflow_gui.ui.keyboard import key_of
from capflow_gui.ui.layouts import beside, stacked, text_label
from capflow_gui.ui.theme import Role, Theme

_WEEKS = 6
_DAYS_A_WEEK = 7
_MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Reach:
    """From which day to which one can go, `today` by the exchange's date; recordings of `source` go before others."""

    first: date
    live: date
    today: date
    source: str


class DayCalendar(QFrame):
    """One month at a time; `chosen(date, compares)`, and it closes.

    Keys: ← → a session, ↑ ↓ a week, PgUp PgDn a month, with Shift a year, Home End the first day and the newest, Enter
    shows, Shift+Enter compares. They stop at sessions that can be shown; in a month without any, at the same day of it.
    """

    chosen = Signal(object, bool)

    def __init__(self, view: RecordedView, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("look", "popup")
        self.setAccessibleName(_("Calendar of recorded sessions"))
        self._view = view
        self._reach = Reach(date.min, date.min, date.min, "")
        self.at = date.min
        self._month = text_label("", self, theme.font(Role.ROW_SYMBOL))
        self._month.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._steps: dict[int, QToolButton] = {}
        for months, sign, name in (
            (-_MONTHS_A_YEAR, "«", _("A year back")),
            (-1, "‹", _("A month back")),
            (1, "›", _("A month on")),
            (_MONTHS_A_YEAR, "»", _("A year on")),
        ):
            step = self._steps[months] = QToolButton(self)
            step.setText(sign)
            step.setToolTip(f"{name} ({'⇧' if abs(months) > 1 else ''}{'PgUp' if months < 0 else 'PgDn'})")
            step.setAccessibleName(name)
            step.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            step.clicked.connect(lambda _checked=False, months=months: self._go_near(_months_on(self.at, months)))
        steps = self._steps
        head = beside(steps[-_MONTHS_A_YEAR], steps[-1], (self._month, 1), steps[1], steps[_MONTHS_A_YEAR], spacing=2)
        grid = QGridLayout()
        grid.setSpacing(1)
        for column, name in enumerate(map(weekday_name, range(_DAYS_A_WEEK))):
            label = text_label(name, self, theme.font(Role.CAPTION), "dim")
            grid.addWidget(label, 0, column, Qt.AlignmentFlag.AlignCenter)
        self._buttons = [DayButton(theme, self, small=True) for __ in range(_WEEKS * _DAYS_A_WEEK)]
        for place, button in enumerate(self._buttons):
            policy = button.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            button.setSizePolicy(policy)
            button.clicked.connect(lambda _checked=False, button=button: self._clicked(button))
            grid.addWidget(button, 1 + place // _DAYS_A_WEEK, place % _DAYS_A_WEEK)
        stacked(head, grid, of=self, margins=(10, 8, 10, 8), spacing=6)
        view.changed.connect(self._fill)

    def open_on(self, foot: QPoint, reach: Reach, at: date) -> None:
        """Open with the lower left corner on `foot`, in global pixels, and the keyboard on a day."""
        self._reach = reach
        self.go_to(at)
        size, screen = self.sizeHint(), self.screen().availableGeometry()
        place = foot - QPoint(0, size.height())
        place.setX(max(min(place.x(), screen.right() - size.width()), screen.left()))
        place.setY(max(min(place.y(), screen.bottom() - size.height()), screen.top()))
        self.move(place)
        self.show()
        self._focus()

    def go_to(self, day: date) -> None:
        """Put the keyboard on a day, held to those there are."""
        self.at = min(max(day, self._reach.first), self._reach.live)
        self._fill()
        self._focus()

    def _fill(self) -> None:
        view, reach, first = self._view, self._reach, self.at.replace(day=1)
        self._month.setText(month_name(first))
        for months, step in self._steps.items():
            edge = _months_on(first, months)
            step.setEnabled(reach.first.replace(day=1) <= edge <= reach.live)
        day = first - timedelta(days=first.weekday())
        for button in self._buttons:
            newest = day == reach.live
            shown = view.date is None if newest else day == view.date
            button.today = day == reach.today
            compared = day == view.other and not shown
            summary, damaged = view.summary(day, reach.source), not newest and view.is_damaged(day)
            button.show_day(day, summary, newest=newest, shown=shown, compared=compared, damaged=damaged)
            button.setVisible(day.month == first.month)
            day += timedelta(days=1)

    def _focus(self) -> None:
        for button in self._buttons:
            if button.day == self.at:
                button.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _clicked(self, button: DayButton) -> None:
        compares, button.compares = button.compares, False
        self._choose(button, compares=compares)

    def _choose(self, button: DayButton, *, compares: bool) -> None:
        if button.known:
            self.chosen.emit(button.day, compares)
            self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move among days, weeks, months and years; show or compare the day that has the keyboard."""
        keys, key = Qt.Key, key_of(event)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key == keys.Key_Escape:
            self.close()
        elif key in (keys.Key_Return, keys.Key_Enter, keys.Key_Space):
            for button in self._buttons:
                if button.day == self.at:
                    self._choose(button, compares=shift and not button.damaged)
        elif key in (keys.Key_Home, keys.Key_End):
            self.go_to(self._reach.first if key == keys.Key_Home else self._reach.live)
        elif key in (keys.Key_PageUp, keys.Key_PageDown):
            months = _MONTHS_A_YEAR if shift else 1
            self._go_near(_months_on(self.at, -months if key == keys.Key_PageUp else months))
        elif key in (keys.Key_Up, keys.Key_Down):
            self._go_near(self.at + timedelta(days=-7 if key == keys.Key_Up else 7))
        elif key == keys.Key_Left:
            self.go_to(max((day for day in self._sessions() if day < self.at), default=self.at))
        elif key == keys.Key_Right:
            self.go_to(min((day for day in self._sessions() if day > self.at), default=self.at))

    def _sessions(self) -> list[date]:
        """What can be shown."""
        return [*self._view.dates(), self._reach.live]

    def _go_near(self, day: date) -> None:
        """Go to the session next to a day in its month, or to the day where the month has none."""
        near = [each for each in self._sessions() if (each.year, each.month) == (day.year, day.month)]
        self.go_to(min(near, key=lambda each: abs(each - day), default=day))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A month back or on."""
        turned = event.angleDelta().y()
        if turned:
            self._go_near(_months_on(self.at, -1 if turned > 0 else 1))
        event.accept()


def _months_on(day: date, months: int) -> date:
    """The same day so many months later (negative: earlier), or the last one of a shorter month."""
    years, month = divmod(day.year * _MONTHS_A_YEAR + day.month - 1 + months, _MONTHS_A_YEAR)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))
