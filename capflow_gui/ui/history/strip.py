"""The calendar strip: a symbol's sessions day by day, which are recorded, which is shown; a click shows one."""

from __future__ import annotations

from datetime import date, timedelta

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market
from capflow_gui.present.language.texts import _
from capflow_gui.present.numbers import month_name
from capflow_gui.present.recorded_words import compare_words
from capflow_gui.ui.history.calendar import DayCalendar, Reach
from capflow_gui.ui.history.day_button import HEIGHT, WIDTH, DayButton
from capflow_gui.ui.history.elided import ElidedLabel
from capflow_gui.ui.history.recorded import RecordedView
from capflow_gui.ui.keyboard import key_of
from capflow_gui.ui.layouts import beside
from capflow_gui.ui.theme import Role, Theme

# Before the first recorded session so many trading days are shown: an empty strip says that recording has begun.
_LEAST_DAYS = 5
_ONE_DAY = timedelta(days=1)


class CalendarStrip(QWidget):
    """The sessions of a symbol up to the live one, as many as fit; `show_chosen(date or None)`, `compare_chosen(date)`.

    `today` is the exchange's date when it was last filled.

    Keys: ← → a session, PgUp PgDn as many as fit, Home End, Enter shows, Shift+Enter compares, ↑ ↓ the calendar.
    """

    show_chosen = Signal(object)
    compare_chosen = Signal(object)

    def __init__(self, view: RecordedView, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view, self._theme = view, theme
        self._days: list[date] = []
        self._live: date | None = None
        self.today: date | None = None
        self._shown: date | None = None
        self._end = 0  # place after the last day in view
        self._follows = True
        self._source = ""
        self._buttons: list[DayButton] = []
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("Recorded sessions"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._month = QToolButton(self)
        self._month.setToolTip(_("Choose a day in a calendar (⇧H)"))
        self._month.setAccessibleDescription(_("Choose a day in a calendar"))
        self._month.clicked.connect(lambda _checked=False: self.open_calendar())
        self._older, self._newer = QToolButton(self), QToolButton(self)
        self._fault = ElidedLabel(self)  # what of the list cannot be read; has the room that is left
        for button, sign, name, way in (
            (self._older, "‹", _("Older sessions"), -1),
            (self._newer, "›", _("Newer sessions"), 1),
        ):
            button.setText(sign)
            button.setToolTip(name)
            button.setAccessibleName(name)
            button.clicked.connect(lambda _checked=False, way=way: self.page(way))
        self._row = beside(
            self._month, self._older, (self._fault, 1), self._newer, of=self, margins=(6, 0, 8, 0), spacing=0
        )
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self.setFixedHeight(theme.px(HEIGHT))
        self._month.setFont(theme.font(Role.CAPTION))
        self._fault.set_face(theme.face(Role.CAPTION))
        widest = max((month_name(date(2000, month, 1)) for month in range(1, 13)), key=theme.face(Role.CAPTION).width)
        self._month.setText(f"{widest} ▾")
        self._month.setFixedWidth(self._month.sizeHint().width() + 4)
        for button in self._buttons:
            button.theme = theme
            button.updateGeometry()
        self._fill()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A hairline towards the chart."""
        super().paintEvent(event)
        QPainter(self).fillRect(0, 0, self.width(), 1, self._theme.line)

    def show_days(self, calendar: Calendar, market: Market, live: date, today: date, source: str) -> None:
        """The trading days from the first recorded one to `live`, the session that runs or ran last.

        `today` is the exchange's date; recordings of `source` go before others.
        """
        dates = self._view.dates()
        day, days = min([*dates, live]), []
        while day <= live:
            if day in dates or calendar.day(market, day) is not None:
                days.append(day)
            day += _ONE_DAY
        first = days[0] if days else live
        if self._view.fault and not dates:  # nobody knows whether these days were recorded
            days = [live]
        while len(days) < _LEAST_DAYS and not self._view.fault:
            first -= _ONE_DAY
            if calendar.day(market, first) is not None:
                days.insert(0, first)
        moved, shown = days != self._days, self._view.date or live
        self._days, self._live, self.today, self._source = days, live, today, source
        if moved and self._follows:
            self._end = len(days)
        if shown != self._shown and shown in days:
            self._reveal(shown)
        self._shown = shown
        self._fill()

    def _room(self) -> int:
        around = self._month.width() + self._older.sizeHint().width() + self._newer.sizeHint().width() + 24
        room = (self.width() - around) // self._theme.px(WIDTH)
        return max(room // 2 if self._view.fault else room, 1)

    def _fill(self) -> None:
        count = min(self._room(), len(self._days))
        self._end = min(max(self._end, count), len(self._days))
        shown = self._days[self._end - count : self._end]
        while len(self._buttons) < len(shown):
            button = DayButton(self._theme, self)
            button.clicked.connect(lambda _checked=False, button=button: self._chosen(button))
            self._buttons.append(button)
            self._row.insertWidget(self._row.count() - 2, button)
        for button in self._buttons[len(shown) :]:
            button.hide()
        view = self._view
        for place, (button, day) in enumerate(zip(self._buttons, shown, strict=False)):
            newest = day == self._live
            at = view.date is None if newest else day == view.date
            summary = view.summary(day, self._source)
            button.today = day == self.today
            button.opens_month = place > 0 and shown[place - 1].month != day.month
            damaged, compared = not newest and view.is_damaged(day), day == view.other and not at
            button.show_day(day, summary, newest=newest, shown=at, compared=compared, damaged=damaged)
            button.show()
        self._month.setText(f"{month_name(shown[0])} ▾" if shown else "")
        self._fault.say(view.fault)
        self._older.setEnabled(self._end > count)
        self._newer.setEnabled(self._end < len(self._days))

    def page(self, way: int) -> None:
        """Older (−1) or newer (+1) sessions, as many as fit."""
        self._move(way * max(self._room() - 1, 1))

    def _move(self, days: int) -> None:
        self._end += days
        self._end = min(max(self._end, min(self._room(), len(self._days))), len(self._days))
        self._follows = self._end == len(self._days)
        self._fill()

    def _chosen(self, button: DayButton) -> None:
        compares, button.compares = button.compares, False
        if compares:
            self.compare_chosen.emit(button.day)
        else:
            self._choose(button.day)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with a day."""
        button = self.childAt(event.pos())
        if not isinstance(button, DayButton) or not button.isEnabled():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(_("Show this session"), lambda: self._choose(button.day))
        if button.summary is not None:
            menu.addAction(compare_words(compared=button.compared), lambda: self.compare_chosen.emit(button.day))
        menu.popup(event.globalPos())

    def _choose(self, day: date) -> None:
        self.show_chosen.emit(None if day == self._live else day)

    def open_calendar(self, foot: QPoint | None = None) -> None:
        """Open the calendar with the keyboard on the day that has it here, else on the one that is shown.

        It stands on the strip; on `foot`, in global pixels, while the strip is hidden.
        """
        live, focus = self._live, self.focusWidget()
        if live is None or self.today is None or not self._days:
            return
        here = focus.day if isinstance(focus, DayButton) and focus.hasFocus() else self._view.date or live
        opened = DayCalendar(self._view, self._theme, self)
        opened.chosen.connect(self._choose_in_calendar)
        if foot is None or self.isVisible():
            foot = self.mapToGlobal(QPoint(0, 0))
        opened.open_on(foot, Reach(self._days[0], live, self.today, self._source), here)

    def _choose_in_calendar(self, day: date, compares: bool) -> None:
        if day in self._days:
            self._reveal(day)
        if compares:
            self.compare_chosen.emit(day)
        else:
            self._choose(day)
        self._focus(day)

    def focus_day(self) -> None:
        """Give the keyboard to the day that is shown."""
        wanted = self._view.date or self._live
        if wanted is not None and wanted in self._days:
            self._reveal(wanted)
            self._focus(wanted)

    def _reveal(self, day: date) -> None:
        place, count = self._days.index(day), min(self._room(), len(self._days))
        if place < self._end - count:
            self._move(place + count - self._end)
        elif place >= self._end:
            self._move(place + 1 - self._end)

    def _focus(self, day: date) -> None:
        for button in self._buttons:
            if button.day == day and not button.isHidden():
                button.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move among the days that can be shown; show or compare the one with the focus."""
        keys = Qt.Key
        key, focus = key_of(event), self.focusWidget()
        here = focus.day if isinstance(focus, DayButton) else self._view.date or self._live
        known = {*self._view.dates(), self._live}
        able = [day for day in self._days if day in known]
        if here is None or not able:
            super().keyPressEvent(event)
            return
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key in (keys.Key_Return, keys.Key_Enter, keys.Key_Space):
            if shift and not self._view.is_damaged(here):
                self.compare_chosen.emit(here)
            else:
                self._choose(here)
            self._focus(here)
            return
        if key in (keys.Key_Up, keys.Key_Down):
            self.open_calendar()
            return
        place = next((at for at, day in enumerate(able) if day >= here), len(able) - 1)
        room = max(self._room() - 1, 1)
        moves = {
            keys.Key_Left: place - 1,
            keys.Key_Right: place + 1,
            keys.Key_PageUp: place - room,
            keys.Key_PageDown: place + room,
            keys.Key_Home: 0,
            keys.Key_End: len(able) - 1,
        }
        if key not in moves:
            super().keyPressEvent(event)
            return
        day = able[min(max(moves[key], 0), len(able) - 1)]
        self._reveal(day)
        self._focus(day)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Older and newer sessions."""
        turned = event.angleDelta().y() or -event.angleDelta().x()
        if turned:
            self._move(-1 if turned > 0 else 1)
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another number of days fits."""
        super().resizeEvent(event)
        self._fill()
