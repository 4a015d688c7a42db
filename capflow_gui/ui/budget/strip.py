"""Pictures of the poll budget: the calls of the last seconds in lanes, a bar, and ages as columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from capflow_gui.present.language.texts import _, said_together
from capflow_gui.present.panels.poll_words import LANES, lane_of, marks_within, strip_words
from capflow_gui.ui.theme import Role, Theme

if TYPE_CHECKING:
    from capflow_gui.feed.board import CallMark, PollBudget

_LANE, _AXIS, _GAP = 18, 20, 12
_MARK = 3
_AHEAD = 0.22  # of the room of what was, for what is to come
_STEPS = 6
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class CallStrip(QWidget):
    """Each call by the moment its answer was seen, and polls to come behind *now*; a lane for each kind of question.

    Filled: answered. Hollow: still out. Dim: of a quota of its own. Amber: refused, or lost.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._budget: PollBudget | None = None
        self.span_s = 30.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self.updateGeometry()
        self.update()

    def show_budget(self, budget: PollBudget) -> None:
        """Show another moment."""
        self._budget = budget
        self.setAccessibleName(_("Calls of the last {seconds:.0f} s").format(seconds=self.span_s))
        self.setAccessibleDescription(strip_words(budget, self.span_s))
        self.setToolTip(strip_words(budget, self.span_s))
        self.update()

    def sizeHint(self) -> QSize:
        """All lanes and the axis."""
        return QSize(self._names_width() + self._theme.px(320), self._theme.px(_LANE * len(LANES) + _AXIS))

    def minimumSizeHint(self) -> QSize:
        """Names, and room for some marks."""
        return QSize(self._names_width() + self._theme.px(100), self.sizeHint().height())

    def _names_width(self) -> int:
        face = self._theme.face(Role.CAPTION)
        return round(max(face.width(f"{_(name)}  888") for name, _kinds in LANES)) + self._theme.px(_GAP)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  Qt's signature
        """Lanes, axis, marks."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        budget = self._budget
        if budget is None:
            return
        left = float(self._names_width())
        now = left + (self.width() - left) / (1 + _AHEAD)
        marks = marks_within(budget, self.span_s)
        self._paint_lanes(painter, left, marks)
        self._paint_axis(painter, left, now)
        second = (now - left) / self.span_s
        for mark in marks:
            self._paint_mark(painter, now - (budget.now - mark.at) * second, mark)
        painter.setPen(QPen(self._theme.accent, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        top, high = self._lane(0)
        for turn in budget.turns:
            x = now + (turn.at - budget.now) * second + _MARK
            if x < self.width() - _MARK:
                painter.drawRoundedRect(QRectF(x, top + 3, _MARK, high - 6), 1.5, 1.5)

    def _lane(self, place: int) -> tuple[float, float]:
        high = self._theme.px(_LANE)
        return float(place * high), float(high)

    def _paint_lanes(self, painter: QPainter, left: float, marks: Sequence[CallMark]) -> None:
        theme = self._theme
        painter.setFont(theme.font(Role.CAPTION))
        counts = [0] * len(LANES)
        for mark in marks:
            counts[lane_of(mark)] += 1
        for place, (name, _kinds) in enumerate(LANES):
            top, high = self._lane(place)
            painter.setPen(theme.dim)
            painter.drawText(QRectF(0, top, left - theme.px(_GAP), high), _LEFT, _(name))
            if counts[place]:
                painter.setPen(theme.text)
                painter.drawText(QRectF(0, top, left - theme.px(_GAP), high), _RIGHT, str(counts[place]))
            painter.fillRect(QRectF(left, top + high - 1, self.width() - left, 1), theme.line)

    def _paint_axis(self, painter: QPainter, left: float, now: float) -> None:
        theme = self._theme
        top, high = self._lane(len(LANES))[0], float(theme.px(_AXIS))
        step = self.span_s / _STEPS
        words = [(now, _("now"))] + [
            (now - place * step * (now - left) / self.span_s, _("{seconds} s").format(seconds=f"−{place * step:.0f}"))
            for place in range(1, _STEPS + 1)
        ]
        face, taken = theme.face(Role.CAPTION), self.width() + 1.0
        for x, text in words:
            wide = face.width(text)
            at = min(max(x - wide / 2, 0.0), self.width() - wide)
            painter.setPen(theme.text if x == now else theme.dim)
            if at + wide + 6 <= taken:
                painter.drawText(QRectF(at, top, wide + 1, high), _LEFT, text)
                taken = at
            painter.fillRect(QRectF(x, 0, 1, top), theme.text if x == now else theme.line)
        planned = _("planned")
        wide = face.width(planned)
        if self.width() - wide > now + face.width(words[0][1]) / 2 + 8:
            painter.setPen(theme.accent)
            painter.drawText(QRectF(self.width() - wide - 1, top, wide + 1, high), _LEFT, planned)

    def _paint_mark(self, painter: QPainter, x: float, mark: CallMark) -> None:
        theme = self._theme
        top, high = self._lane(lane_of(mark))
        trouble = mark.refused or mark.lost
        color = theme.alert_text if trouble else theme.text if mark.counts else theme.dim
        rect = QRectF(x - _MARK, top + 3, _MARK, high - 6)
        if mark.out or mark.lost:
            painter.setPen(QPen(color, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
        painter.drawRoundedRect(rect, 1.5, 1.5)


class ShareBar(QWidget):
    """A bar of `share` (0–1) of its width."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._share = 0.0
        self._strong = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Colours and height."""
        self._theme = theme
        self.setFixedHeight(theme.px(8))
        self.setMinimumWidth(theme.px(60))
        self.update()

    def show_share(self, share: float, *, strong: bool) -> None:
        """Another share; `strong` in the text's colour."""
        self._share, self._strong = min(max(share, 0.0), 1.0), strong
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  Qt's signature
        """The whole, and the share."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for share, color in ((1.0, self._theme.line), (self._share, self._bar_color())):
            painter.setBrush(color)
            painter.drawRoundedRect(QRectF(0, 0, self.width() * share, self.height()), 2, 2)

    def _bar_color(self) -> QColor:
        return self._theme.text if self._strong else self._theme.small


class AgeColumns(QWidget):
    """How many rows are how old; the last column is amber: it holds all that are older."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._bins: Sequence[int] = ()
        self._width_s = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self.setFixedHeight(theme.px(76))
        self.setMinimumWidth(theme.px(220))
        self.update()

    def show_bins(self, bins: Sequence[int], width_s: float) -> None:
        """The rows of each age; `width_s` seconds a column."""
        self._bins, self._width_s = bins, width_s
        steps = [f"{place * width_s:.0f} s: {count}" for place, count in enumerate(bins) if count]
        self.setAccessibleName(_("Ages of the last replies"))
        self.setAccessibleDescription(said_together(steps))
        self.setToolTip("\n".join(steps))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  Qt's signature
        """Columns and their axis."""
        theme = self._theme
        painter = QPainter(self)
        if not self._bins:
            return
        painter.setFont(theme.font(Role.CAPTION))
        face, axis = theme.face(Role.CAPTION), theme.px(_AXIS)
        wide, foot = self.width() / len(self._bins), float(self.height() - axis)
        most = max(*self._bins, 1)
        for place, count in enumerate(self._bins):
            last = place == len(self._bins) - 1
            high = max(round((foot - 4) * count / most), 2) if count else 1
            color = theme.line2 if not count else theme.alert_text if last else theme.small
            painter.fillRect(QRectF(place * wide, foot - high, wide - 3, high), color)
        painter.setPen(theme.dim)
        for place in (0, (len(self._bins) - 1) // 2, len(self._bins) - 1):
            text = _("{seconds} s").format(seconds=f"{place * self._width_s:.0f}")
            text += "+" if place == len(self._bins) - 1 else ""
            at = min(place * wide, self.width() - face.width(text) - 1)
            painter.drawText(QRectF(at, foot, face.width(text) + 1, axis), _LEFT, text)
