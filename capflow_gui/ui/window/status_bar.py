"""The line at the bottom: what is being spent, what comes next, and what is wrong. Normal is silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from capflow_gui.domain.link import LinkState
from capflow_gui.feed.board import Budget
from capflow_gui.present import numbers
from capflow_gui.present.language.texts import _, pgettext
from capflow_gui.present.panels.clock_words import skew_words
from capflow_gui.ui import shapes
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.words import source_label

if TYPE_CHECKING:
    from capflow_gui.archive.news import Pruning

HEIGHT = 28
_METER = 60
_VCENTER = Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Part:
    """A quiet name, a value, a meter of `share` (0–1) where there is one, and the source whose budget it is of.

    `key` is that of its definition.
    """

    name: str
    value: str
    share: float | None = None
    source: str = ""
    key: str = ""


def parts_of(budget: Budget) -> list[Part]:
    """What the bar says about one source."""
    share = min(budget.used / max(budget.limit, 1), 1.0)
    parts = [Part(source_label(budget.source), f"{budget.used}/{budget.limit}", share, key="quota")]
    if budget.cycle_s is not None and budget.open_symbols:
        text = (
            _("{seconds:.0f} s for {open} open, {resting} resting")
            if budget.resting_symbols
            else _("{seconds:.0f} s for {open} open")
        )
        said = text.format(seconds=budget.cycle_s, open=budget.open_symbols, resting=budget.resting_symbols)
        parts.append(Part(_("cycle"), said, key="cycle"))
    elif budget.resting_symbols:
        parts.append(Part("", _("{resting} resting").format(resting=budget.resting_symbols)))
    if budget.oldest_reply_s is not None:
        parts.append(Part(_("oldest reply"), numbers.age(budget.oldest_reply_s), key="oldest"))
    if budget.next_symbol is not None:
        parts.append(Part(pgettext("symbol asked next", "next"), str(budget.next_symbol), key="next"))
    if budget.refused:
        said = _("{part} of {whole}").format(part=budget.refused, whole=budget.requests)
        parts.append(Part(_("refused"), said, key="refused"))
    return [replace(part, source=budget.source) for part in parts]


def right_words(symbols: int, lines: int, links: Sequence[LinkState]) -> str:
    """What stands at the right end: how much is held, and a clock that is off; nothing without lines."""
    said = (numbers.counted(symbols, "symbol"), numbers.counted(lines, "line"), skew_words(links))
    return " · ".join(filter(None, said)) if lines else ""


class StatusBar(QWidget):
    """Budgets, then troubles in amber, then a word at the right. A click on a budget asks for more: its source."""

    budget_asked = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._parts: list[Part] = []
        self._troubles: tuple[str, ...] = ()
        self._right = ""
        self._placed: list[tuple[float, float, Part]] = []  # from where to where the parts were painted
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self.setFixedHeight(theme.px(HEIGHT))
        self.update()

    def show_state(
        self, budgets: Sequence[Budget], troubles: Sequence[str], right: str, pruning: Pruning | None = None
    ) -> None:
        """Show all there is to say."""
        parts = [part for budget in budgets for part in parts_of(budget)]
        if pruning is not None:
            done, total = pruning.done, pruning.total
            parts.append(Part(_("removing old sessions"), f"{done:,}/{total:,}", done / max(total, 1)))
        if (parts, tuple(troubles), right) != (self._parts, self._troubles, self._right):
            self._parts, self._troubles, self._right = parts, tuple(troubles), right
            self.setAccessibleName(self.words())
            self.setToolTip("\n".join((*(f"{part.name} {part.value}".strip() for part in parts), *troubles, right)))
            self.update()

    def words(self) -> str:
        """The same in words."""
        said = [f"{part.name} {part.value}".strip() for part in self._parts]
        return "; ".join([*said, *self._troubles])

    def paintEvent(self, event: QPaintEvent) -> None:
        """From the left as far as there is room: the right end gives way first, then the parts; troubles never do."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), theme.bg)
        painter.fillRect(QRectF(0, 0, self.width(), 1), theme.line)
        x, end = 16.0, self.width() - 16.0
        kept = self._trouble_width()
        self._placed = []
        for part in self._parts:
            if x + self._part_width(part) + min(kept, end / 2) > end:
                break
            begin, x = x, self._part(painter, x, part)
            self._placed.append((begin, x, part))
        x = self._trouble(painter, x)
        width = theme.face(Role.SENTENCE).width(self._right)
        if end - width > x:
            self._write(painter, self.width() - 16 - width, self._right, Role.SENTENCE, theme.dim)

    def _source_at(self, x: float) -> str:
        return next((part.source for begin, end, part in self._placed if begin <= x < end), "")

    def figure_at(self, point: QPoint) -> str:
        """The key of the figure at a point; "" where there is none."""
        return next((part.key for begin, end, part in self._placed if begin <= point.x() < end), "")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A hand where a click does something."""
        pointing = Qt.CursorShape.PointingHandCursor if self._source_at(event.position().x()) else None
        self.unsetCursor() if pointing is None else self.setCursor(pointing)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for the budget that was clicked."""
        source = self._source_at(event.position().x())
        if source and event.button() is Qt.MouseButton.LeftButton:
            self.budget_asked.emit(source)

    def _part_width(self, part: Part) -> float:
        theme = self._theme
        name = theme.face(Role.SENTENCE).width(part.name) + 6 if part.name else 0.0
        meter = 0 if part.share is None else 10 + _METER
        return name + theme.face(Role.SENTENCE_STRONG).width(part.value) + meter

    def _trouble_width(self) -> float:
        text = " · ".join(self._troubles)
        return 37 + self._theme.face(Role.SENTENCE_STRONG).width(text) if text else 0.0

    def _part(self, painter: QPainter, x: float, part: Part) -> float:
        theme = self._theme
        if part.name:
            x = self._write(painter, x, part.name, Role.SENTENCE, theme.dim) + 6
        x = self._write(painter, x, part.value, Role.SENTENCE_STRONG, theme.text)
        if part.share is not None:
            x += 10
            top = (self.height() - 4) / 2
            painter.setPen(Qt.PenStyle.NoPen)
            for share, color in ((1.0, theme.line2), (part.share, theme.dim)):
                painter.setBrush(color)
                painter.drawRoundedRect(QRectF(x, top, _METER * share, 4), 2, 2)
            x += _METER
        return x + 22

    def _trouble(self, painter: QPainter, x: float) -> float:
        if not self._troubles:
            return x
        theme = self._theme
        shapes.draw_dot(painter, QPointF(x + 4, self.height() / 2), theme.alert_text, theme, hollow=True)
        x += 15
        elided = theme.face(Role.SENTENCE_STRONG).elided(" · ".join(self._troubles), self.width() - x - 16)
        return self._write(painter, x, elided, Role.SENTENCE_STRONG, theme.alert_text) + 22

    def _write(self, painter: QPainter, x: float, text: str, role: Role, color: QColor) -> float:
        face = self._theme.face(role)
        painter.setFont(face.font)
        painter.setPen(color)
        width = face.width(text)
        painter.drawText(QRectF(x, 0, width + 2, self.height()), _VCENTER, text)
        return x + width
