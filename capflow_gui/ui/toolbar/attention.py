"""The attention slot: a fixed place that is empty when all is calm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from capflow_gui.domain.symbol import Market
from capflow_gui.feed.board import AlertRecord
from capflow_gui.present import numbers
from capflow_gui.present.alerts.handling import brief, over_words, subject
from capflow_gui.present.language.texts import _, said_together
from capflow_gui.present.numbers import counted
from capflow_gui.ui import shapes
from capflow_gui.ui.layouts import push_button
from capflow_gui.ui.theme import Theme, mix

_KEY = "⇧A"
_KEY_FROM = 440
# So many alerts are named, in the tooltip too: more would not fit on the screen.
_TOLD = 20
_GAP = 9.0
_VCENTER = Qt.AlignmentFlag.AlignVCenter


class AttentionSlot(QWidget):
    """Shows how many alerts wait, the newest of them, and the way to acknowledge all."""

    acknowledge_all = Signal()
    chosen = Signal(object)

    def __init__(self, theme: Theme, zone_of: Callable[[Market], ZoneInfo], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._zone_of = zone_of
        self._waiting: tuple[AlertRecord, ...] = ()
        self._worded: list[tuple[AlertRecord, tuple[str, ...]]] = []  # the newest of those
        self._beside_playback = False
        self._places: list[tuple[QRectF, AlertRecord]] = []
        self._button = push_button(_("Acknowledge"), self, "attention")
        self._button.setCursor(Qt.CursorShape.PointingHandCursor)
        self._button.setToolTip(_("Acknowledge every alert (⇧A)"))
        self._button.setAccessibleName(_("Acknowledge all alerts"))
        self._button.clicked.connect(self.acknowledge_all)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_theme(theme)
        self.show_alerts(())

    def sizeHint(self) -> QSize:
        """As wide as there is room for."""
        return QSize(self._theme.px(560), self._theme.px(32))

    def minimumSizeHint(self) -> QSize:
        """Room for the diamond and the count."""
        return QSize(self._theme.px(60), self.sizeHint().height())

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self._button.setFont(theme.sized_font(10, 600))
        self._button.setStyleSheet(
            f"QPushButton {{ background: transparent; border: 0; padding: 0 6px; min-height: 0;"
            f" color: {theme.text.name()}; font-weight: 600; }}"
            f"QPushButton:hover {{ text-decoration: underline; }}"
            f"QPushButton:focus {{ border: 2px solid {theme.accent.name()}; border-radius: 4px; padding: 0 4px; }}"
        )
        self.updateGeometry()
        self.update()

    def set_beside_playback(self, on: bool) -> None:
        """Say that these alerts are live: those of a playback are shown elsewhere in the window."""
        if on != self._beside_playback:
            self._beside_playback = on
            self.show_alerts(self._waiting)

    def show_alerts(self, alerts: Sequence[AlertRecord]) -> None:
        """Newest first; those somebody has seen are left out."""
        waiting = tuple(alert for alert in alerts if alert.waiting)
        self._waiting, self._worded = waiting, [(alert, self._word(alert)) for alert in waiting[:_TOLD]]
        self.setAccessibleName(self._count() if waiting else _("No alerts"))
        lines, more = [" ".join(parts) for __, parts in self._worded], len(waiting) - _TOLD
        self.setToolTip("\n".join([*lines, _("and {more} more").format(more=more)] if more > 0 else lines))
        self._arrange()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The button stays at the right end."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """The count comes first, then the button, then the newest alert, last the button's key."""
        hint = self._button.sizeHint().width()
        key = shapes.key_width(_KEY, self._theme) + 14 if self._keyed() else 6.0
        left = self.width() - hint - round(key)
        self._button.setGeometry(left, 2, hint, self.height() - 4)
        self._button.setVisible(bool(self._waiting) and left >= self._begin() + self._width(self._count(), 600) + 8)

    def _begin(self) -> float:
        return 36.0 * self._theme.scale

    def _count(self) -> str:
        count = counted(len(self._waiting), "alert")
        return _("Live: {alerts}").format(alerts=count) if self._beside_playback else count

    def _keyed(self) -> bool:
        """Whether the button's key is shown: in a narrow window the newest alert needs its room more."""
        return self.width() >= self._theme.px(_KEY_FROM)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on an alert shows its symbol."""
        for place, alert in self._places:
            if place.contains(event.position()):
                self.chosen.emit(alert)
                return
        super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing while calm; else a tinted bar with an amber edge."""
        theme = self._theme
        self._places = []
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.bg)
        if not self._waiting:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mix(theme.alert, theme.bg, 0.16 if theme.dark else 0.26))
        painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
        painter.fillRect(QRectF(0, 0, 4, self.height()), theme.alert)
        shapes.draw_diamond(painter, QPointF(21 * theme.scale, self.height() / 2), 5 * theme.scale, theme.alert_text)
        x, end = self._begin(), (self._button.x() if self._button.isVisibleTo(self) else self.width()) - 8.0
        count = theme.sized_face(10, 600).elided(self._count(), end - x)
        x += self._write(painter, x, count, 600, strong=True) + 16
        for alert, words in self._worded:
            x = self._one(painter, x, end, alert, words)
            if x >= end:
                break
        if self._keyed():
            shapes.draw_key(painter, self.width() - 8.0, self.height(), _KEY, theme)

    def _word(self, alert: AlertRecord) -> tuple[str, ...]:
        rule = brief(alert) if alert.standing else said_together((brief(alert), over_words(alert)))
        at = numbers.clock_time(alert.line_time, self._zone_of(alert.symbol.market), seconds=False)
        return subject(alert), rule, at

    def _one(self, painter: QPainter, x: float, end: float, alert: AlertRecord, words: Sequence[str]) -> float:
        parts = [*words]
        # Where there is little room the newest one loses its minute, then its rule.
        least = 1 if not self._places else len(parts)
        while len(parts) > least and x + self._width_of(parts) > end:
            parts.pop()
        if x + self._width_of(parts) > end:
            return end
        self._places.append((QRectF(x, 0, self._width_of(parts), self.height()), alert))
        for place, part in enumerate(parts):
            x += self._write(painter, x, part, 450 if place else 600, strong=not place) + _GAP
        return x + 13

    def _width_of(self, parts: Sequence[str]) -> float:
        widths = [self._width(part, 450 if place else 600) for place, part in enumerate(parts)]
        return sum(widths) + _GAP * (len(parts) - 1)

    def _width(self, text: str, weight: int) -> float:
        return self._theme.sized_face(10, weight).width(text)

    def _write(self, painter: QPainter, x: float, text: str, weight: int, *, strong: bool) -> float:
        painter.setFont(self._theme.sized_font(10, weight))
        painter.setPen(self._theme.text if strong else self._theme.dim)
        width = self._width(text, weight)
        painter.drawText(QRectF(x, 0, width + 4, self.height()), _VCENTER, text)
        return width
