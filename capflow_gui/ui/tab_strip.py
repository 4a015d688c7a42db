"""Tabs as the design draws them: a 2-px underline, and a count beside the name."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QWidget

from capflow_gui.present.language.texts import _, said_together
from capflow_gui.present.numbers import counted
from capflow_gui.ui import shapes
from capflow_gui.ui.layouts import NO_MARGINS, beside
from capflow_gui.ui.theme import Role, Theme

HEIGHT = 40
_VCENTER = Qt.AlignmentFlag.AlignVCenter


_BAR, _BESIDE, _DIAMOND = 3.0, 7.0, 4.5
_LONGEST = 220  # pixels of a name
# Pixels at both ends of a tab, in which the ring of the keyboard stands; strips and what is around them count with it.
PAD = 6


class Tab(QAbstractButton):
    """One tab. `alarm` draws its count as a filled pill: something needs the user.

    A bar of the colour `marked` stands before its name; a diamond behind it says that alerts wait.
    """

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._count: int | None = None
        self._alarm = False
        self.waiting = 0
        self._marked = ""
        self.setText(name)
        self.setCheckable(True)
        self.setAutoExclusive(True)  # heard as one of several
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self.updateGeometry()
        self.update()

    def set_count(self, count: int | None, *, alarm: bool = False) -> None:
        """The number beside the name; None for no number."""
        self._show(count, self.waiting, self._marked, alarm=alarm)

    def set_marks(self, waiting: int, marked: str) -> None:
        """How many alerts wait in what the tab is of, and its colour, "" for none."""
        self._show(self._count, waiting, marked, alarm=self._alarm)

    def _show(self, count: int | None, waiting: int, marked: str, *, alarm: bool) -> None:
        shown = count, waiting, marked, alarm
        if shown != (self._count, self.waiting, self._marked, self._alarm):
            before = self.sizeHint()
            self._count, self.waiting, self._marked, self._alarm = shown
            told = [self.text(), *([] if count is None else [str(count)])]
            if waiting:
                told.append(_("{alerts} waiting").format(alerts=counted(waiting, "alert")))
            self.setAccessibleName(said_together(told))
            self.setToolTip(self.accessibleName() if waiting or self.shown_name() != self.text() else "")
            if self.sizeHint() != before:  # else the window would be laid out again for nothing
                self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """As wide as its words and marks."""
        width = self._left() + self._theme.sized_face(10, 600).width(self.shown_name()) + 1 + PAD
        if self._count is not None:
            width += self._count_width() + 8
        if self.waiting:
            width += 2 * _DIAMOND * self._theme.scale + _BESIDE
        return QSize(round(width), self._theme.px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """What is shown of a name is never cut."""
        return self.sizeHint()

    def shown_name(self) -> str:
        """The name; of a very long one the beginning, or it would leave the other tabs no room."""
        return self._theme.sized_face(10, 600).elided(self.text(), self._theme.px(_LONGEST))

    def _left(self) -> float:
        return PAD + (_BAR + _BESIDE if self._marked else 0.0)

    def _count_width(self) -> float:
        width = self._theme.face(Role.SENTENCE_STRONG).width(str(self._count))
        return max(width + 12, self._theme.px(20)) if self._alarm else width

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  Qt's signature
        """Name, count, underline."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen, right = self.isChecked(), float(self.width() - PAD)
        if self._marked:
            high = theme.px(14)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.group(self._marked))
            painter.drawRoundedRect(QRectF(PAD, (self.height() - high) / 2, _BAR, high), 1.5, 1.5)
        if self.waiting:
            radius = _DIAMOND * theme.scale
            shapes.draw_diamond(painter, QPointF(right - radius, self.height() / 2), radius, theme.alert_text)
            right -= 2 * radius + _BESIDE
        painter.setFont(theme.sized_font(10, 600 if chosen else 500))
        painter.setPen(theme.text if chosen or self.underMouse() else theme.dim)
        painter.drawText(QRectF(self._left(), 0, right - self._left(), self.height()), _VCENTER, self.shown_name())
        if self._count is not None:
            width = self._count_width()
            high = theme.px(19)
            box = QRectF(right - width, (self.height() - high) / 2, width, high)
            painter.setFont(theme.font(Role.SENTENCE_STRONG if self._alarm else Role.SENTENCE))
            if self._alarm:
                painter.setPen(theme.alert_border)
                painter.setBrush(theme.alert)
                painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), high / 2, high / 2)
            painter.setPen(theme.alert_ink if self._alarm else theme.faint)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(self._count))
        if chosen:
            painter.fillRect(QRectF(PAD, self.height() - 2, self.width() - 2 * PAD, 2), theme.text)
        if self.hasFocus():
            shapes.draw_focus_ring(painter, QRectF(self.rect()).adjusted(0, 5, 0, -4), theme.accent)


class TabStrip(QWidget):
    """A row of tabs, one of them chosen; `chosen` carries its key."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tabs: dict[object, Tab] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._row = beside(of=self, margins=NO_MARGINS, spacing=22 - 2 * PAD)

    def all_keys(self) -> tuple[object, ...]:
        """The tabs from left to right."""
        return tuple(self._tabs)

    def tab(self, key: object) -> Tab:
        """The tab of a key."""
        return self._tabs[key]

    def current(self) -> object:
        """The chosen key; None without tabs."""
        return next((key for key, tab in self._tabs.items() if tab.isChecked()), None)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        for tab in self._tabs.values():
            tab.set_theme(theme)

    def set_tabs(self, tabs: list[tuple[object, str]]) -> None:
        """Replace the tabs, keeping the choice where it still exists."""
        if [key for key, __ in tabs] == list(self._tabs):
            return
        chosen = self.current()
        for tab in self._tabs.values():
            self._group.removeButton(tab)
            self._row.removeWidget(tab)
            tab.deleteLater()
        self._tabs = {}
        for key, name in tabs:
            tab = self._make_tab(key, name)
            tab.clicked.connect(lambda _checked=False, key=key: self.chosen.emit(key))
            self._group.addButton(tab)
            self._row.insertWidget(len(self._tabs), tab)
            self._tabs[key] = tab
        if self._tabs:
            self._tabs[chosen if chosen in self._tabs else next(iter(self._tabs))].setChecked(True)

    def _make_tab(self, key: object, name: str) -> Tab:
        del key
        return Tab(name, self._theme, self)

    def choose(self, key: object) -> None:
        """Choose a tab as a click would."""
        if key in self._tabs:
            self._tabs[key].setChecked(True)
            if any(tab.hasFocus() for tab in self._tabs.values()):
                self._tabs[key].setFocus(Qt.FocusReason.OtherFocusReason)  # the ring goes with the choice
            self.chosen.emit(key)
