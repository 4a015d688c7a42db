"""The exchange's clock over its session: how much of the day is gone, and what comes next."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QToolTip, QWidget

from capflow_gui.domain.session import Calendar, MarketNow, Phase
from capflow_gui.domain.symbol import Market
from capflow_gui.present import numbers
from capflow_gui.present.help.glossary import brief_words
from capflow_gui.present.language.texts import _
from capflow_gui.present.names import market_name
from capflow_gui.present.panels.clock_words import next_words
from capflow_gui.present.sentences import duration
from capflow_gui.ui import shapes
from capflow_gui.ui.theme import Theme

_BAR = 98
_WIDEST_S = 20 * 3600 + 59 * 60


class SessionClock(QAbstractButton):
    """Time to the next bell, market, clock, and a bar of the session with a tick at its break.

    `told` gives the tooltip when it is wanted.
    """

    def __init__(self, calendar: Callable[[], Calendar], theme: Theme, parent: QWidget | None = None) -> None:
        """`calendar` gives the one in force: a source may overrule it at any time."""
        super().__init__(parent)
        self._calendar = calendar
        self._theme = theme
        self._market = Market.HK
        self._now = 0.0
        self._brief = False
        self._state: MarketNow | None = None
        self._following = ""  # what comes next, in words
        self.told: Callable[[], str] = self.words
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self.updateGeometry()
        self.update()

    def set_brief(self, brief: bool) -> None:
        """Whether the time to the next bell is left to the tooltip."""
        if brief != self._brief:
            self._brief = brief
            self.updateGeometry()
            self.update()

    def show_time(self, market: Market | None, now: float) -> None:
        """Another second, or another market. `now` is market now, UTC epoch seconds.

        None where no row is selected: the market shown last goes on, and nothing is shown before the first.
        """
        if market is None:
            if not self._now:
                return
            market = self._market
        if market is not self._market or int(now) != int(self._now):
            self._market, self._now = market, now
            before = self._following
            self._state = self._calendar().now(market, now)
            self._following = next_words(self._state, now)
            self.setAccessibleName(self.words())
            bar = ceil(self._bar())
            if self._following != before:
                self.update()
            else:
                self.update(QRect(self.width() - bar, 0, bar, self.height()))

    def words(self) -> str:
        """The same in words."""
        zone = self._calendar().zone(self._market)
        words = f"{market_name(self._market)} {numbers.clock_time(self._now, zone)}, {self._following}"
        if self._state is None or not self._state.assumed:
            return words
        known_to = self._calendar().known_to(self._market)
        return f"{words}\n" + _("Assumed: the trading days of {market} are known to {day} only").format(
            market=market_name(self._market), day=known_to
        )

    def event(self, event: QEvent) -> bool:
        """The tooltip is written when it is shown."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), f"{self.told()}\n{brief_words('clock')}", self)
            return True
        return super().event(event)

    def sizeHint(self) -> QSize:
        """Wide enough for the longest words, so that nothing moves."""
        theme = self._theme
        words = (
            0.0
            if self._brief
            else theme.sized_face(10, 450).width(_("resumes in {duration}").format(duration=duration(_WIDEST_S)) + "?")
            + 18
        )
        return QSize(round(words + self._bar()), theme.px(36))

    def _bar(self) -> float:
        return float(self._theme.px(_BAR))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Words, market and clock, bar; each second the words are as they were, and are not painted again."""
        theme = self._theme
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.bg)
        state = self._state
        if state is None:
            return
        right, bar = float(self.width()), self._bar()
        plain, face = theme.sized_face(10, 450), theme.sized_face(11, 650)
        box = QRectF(0, 0, right - bar - 18, self.height())
        if not self._brief and event.rect().left() < box.right():
            painter.setPen(theme.dim)
            plain.draw_right(painter, box, self._following)
        top = QRectF(right - bar, 2, bar, self.height() - 14)
        painter.setPen(theme.text)
        clock = numbers.clock_time(self._now, self._calendar().zone(self._market))
        face.draw_right(painter, top, clock)
        painter.setPen(theme.dim)
        plain.draw_right(painter, top.adjusted(0, 0, -face.width(clock) - 8, 0), market_name(self._market))
        self._session(painter, QRectF(right - bar, self.height() - 8, bar, 2), state)
        if self.hasFocus():
            shapes.draw_focus_ring(painter, QRectF(self.rect()), theme.accent)

    def _session(self, painter: QPainter, rect: QRectF, state: MarketNow) -> None:
        theme = self._theme
        painter.fillRect(rect, theme.line2)
        day = state.day
        if day is None or state.phase is Phase.PRE_OPEN:
            return
        share = day.index(self._now) / day.minutes
        painter.fillRect(QRectF(rect.left(), rect.top(), rect.width() * share, rect.height()), theme.dim)
        for seam in day.seams:
            x = round(rect.left() + rect.width() * seam / day.minutes)
            painter.fillRect(QRectF(x, rect.top() - 3, 1, rect.height() + 6), theme.dim)
