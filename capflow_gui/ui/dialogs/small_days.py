"""The last recorded sessions as small curves on one scale, with a rule's level and where it would have alerted."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.present.numbers import day_and_month, short_day
from capflow_gui.ui import shapes
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.watchlist.sparkline import polygon, wash

if TYPE_CHECKING:
    from capflow_gui.domain.flow import Floats
    from capflow_gui.playback.trial import TriedDay

_PLACES = 10
_GAP = 6
_CURVE, _FOOT, _LEAST_PLACE = 56, 24, 44
# A level so much further out than any figure is left out: the figures would lie flat on the line of zero.
_FAR = 2.0
_FLAT = 1e-9


class SmallDays(QWidget):
    """Shows what a trial found. Of many symbols a session has how often it would have alerted in place of a curve."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._days: Sequence[TriedDay] = ()
        self._words: list[str] = []
        self._level: float | None = None
        self._low, self._high = -1.0, 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("The rule in recorded sessions"))

    def sizeHint(self) -> QSize:
        """Ten places side by side."""
        theme = self._theme
        return QSize(theme.px(_LEAST_PLACE) * _PLACES, theme.px(_CURVE + _FOOT))

    def show_days(self, days: Sequence[TriedDay], level: float) -> None:
        """Show sessions, ascending; `level` is in the unit of their figures."""
        from capflow_gui.present.check_lines import tried_words  # noqa: PLC0415 - loads the engine of dry runs

        self._days, self._level = days, level
        self._words = [tried_words(day) for day in days]
        self.setAccessibleDescription("\n".join(self._words))
        # What needs earlier sessions has no figures where there are none.
        figures = np.concatenate([np.zeros(1), *(day.values[np.isfinite(day.values)] for day in days)])
        low, high = float(figures.min()), float(figures.max())
        if high - low < _FLAT:
            low, high = -1.0, 1.0
        if level < low and low - level <= _FAR * (high - low):
            low = level
        if level > high and level - high <= _FAR * (high - low):
            high = level
        self._low, self._high = low, high
        self.update()

    def forget_level(self) -> None:
        """Another level is being tried: what the one before did is shown no more."""
        self._level, self._words = None, []
        self.setAccessibleDescription("")
        self.update()

    def _place(self, place: int) -> QRectF:
        wide = (self.width() + _GAP) / _PLACES
        return QRectF(place * wide, 0, wide - _GAP, self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A session beside the other, the oldest at the left."""
        painter = QPainter(self)
        for place, day in enumerate(self._days):
            self._paint(painter, self._place(place), day)
            self._paint_name(painter, self._place(place), place)

    def _paint(self, painter: QPainter, box: QRectF, day: TriedDay) -> None:
        theme = self._theme
        curve = QRectF(box.left(), 3, box.width(), theme.px(_CURVE) - 6)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if day.symbols > 1:
            self._paint_count(painter, curve, day)
        else:
            self._paint_curve(painter, curve, day)
        bar = QRectF(box.left(), theme.px(_CURVE) + 1, box.width(), max(2 * theme.scale, 2.0))
        shapes.draw_recorded(painter, bar, theme.line2, whole=day.complete)

    def _paint_name(self, painter: QPainter, box: QRectF, place: int) -> None:
        """The weekday and the date, in narrow places the day alone; the first shown of a month has the month."""
        day = self._days[place].day.day
        begins = place == 0 or self._days[place - 1].day.day.month != day.month
        face = self._theme.face(Role.CAPTION)
        painter.setFont(face.font)
        painter.setPen(self._theme.dim)
        narrow = max(face.width(short_day(each.day.day)) for each in self._days) > box.width()
        name = day_and_month(day) if begins else str(day.day) if narrow else short_day(day)
        # Where its own place is too narrow it takes some of the next one: a date without its beginning is another date.
        needed, wide = ceil(face.width(name)), box.width() + _GAP
        left = box.left() - _GAP / 2
        if needed > wide:
            wide, left = needed, min(max(box.center().x() - needed / 2, 0.0), self.width() - needed)
        foot = QRectF(left, box.bottom() - face.height, wide, face.height)
        painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, name)

    def _paint_count(self, painter: QPainter, box: QRectF, day: TriedDay) -> None:
        if self._level is None:
            return
        theme, text = self._theme, str(day.raised)
        face = theme.face(Role.FIGURE)
        painter.setFont(face.font)
        painter.setPen(theme.text if day.raised else theme.faint)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        if day.raised:
            at = QPointF(box.center().x() - face.width(text) / 2 - 7 * theme.scale, box.center().y())
            shapes.draw_diamond(painter, at, 3.5 * theme.scale, theme.alert_text)

    def _paint_curve(self, painter: QPainter, box: QRectF, day: TriedDay) -> None:
        theme, labels = self._theme, day.day.labels()
        scale = box.height() / (self._high - self._low)
        across = box.width() / max(len(labels) - 1, 1)
        zero = box.top() + self._high * scale
        known = np.isfinite(day.values)
        x: Floats = box.left() + np.searchsorted(labels, day.labels[known]).astype(np.float64) * across
        y: Floats = zero - day.values[known] * scale
        if len(x):
            colors = (theme.up, theme.down) if day.complete else (theme.none, theme.none)
            wash(painter, x, y, zero, colors)
        painter.setPen(QPen(theme.line2, 1))
        painter.drawLine(QPointF(box.left(), round(zero)), QPointF(box.right(), round(zero)))
        if self._level is not None and self._low <= self._level <= self._high:
            level = round(zero - self._level * scale)
            painter.setPen(QPen(theme.alert_text, 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(box.left(), level), QPointF(box.right(), level))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.dim if day.complete else theme.none, 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(polygon(x, y))
        if self._level is None:
            return
        for label, value in day.fired:
            at = QPointF(box.left() + int(np.searchsorted(labels, label)) * across, zero - value * scale)
            shapes.draw_diamond(painter, at, 3.5 * theme.scale, theme.alert_text)
        if day.unjudged and not day.fired:
            painter.setPen(theme.dim)
            painter.setFont(theme.face(Role.CAPTION_STRONG).font)
            painter.drawText(box, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight, "?")

    def event(self, event: QEvent) -> bool:
        """Words on the session under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            found = [
                words for place, words in enumerate(self._words) if self._place(place).contains(QPointF(event.pos()))
            ]
            if found:
                QToolTip.showText(event.globalPos(), found[0], self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)
