"""The bar itself: everything on it in its fixed place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QMenu, QSizePolicy, QWidget

from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.feed.board import BoardView
from capflow_gui.ui import shapes
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.toolbar.attention import AttentionSlot
from capflow_gui.ui.toolbar.search import SearchBox
from capflow_gui.ui.toolbar.session_clock import SessionClock
from capflow_gui.ui.toolbar.sources import SourceBadge
from capflow_gui.ui.words import source_label

HEIGHT = 50


class MenuButton(QAbstractButton):
    """Three lines."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName("Menu")
        self.setToolTip("Menu (F10)")
        self.setFixedSize(30, 32)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  Qt's signature
        """Three hairlines, brighter under the pointer."""
        painter = QPainter(self)
        color = self._theme.text if self.underMouse() else self._theme.dim
        middle = self.height() // 2
        for y in (middle - 5, middle, middle + 5):
            painter.fillRect(QRectF(6, y, 17, 1.4), color)
        if self.hasFocus():
            shapes.draw_focus_ring(painter, QRectF(self.rect()), self._theme.accent)


class SimulatedMark(QWidget):
    """SIMULATED, impossible to miss and in no colour that means something else."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName("Simulated data")
        self.setToolTip("Every figure in this window comes from a simulator.")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """The word with room around it."""
        metrics = QFontMetricsF(self._theme.sized_font(9, 700))
        return QSize(round(metrics.horizontalAdvance("SIMULATED")) + 20, round(22 * max(1, self._theme.font_scale)))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  Qt's signature
        """Dark on light in the dark, light on dark in the light."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(Qt.PenStyle.NoPen))
        painter.setBrush(self._theme.text)
        painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
        painter.setFont(self._theme.sized_font(9, 700))
        painter.setPen(self._theme.bg)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "SIMULATED")


class Toolbar(QWidget):
    """Menu, search, attention, sources, clock."""

    reconnect_requested = Signal(str)
    connection_requested = Signal(str)

    def __init__(self, board: BoardView, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._board = board
        self._theme = theme
        self.setProperty("surface", "bg")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.menu_button = MenuButton(theme, self)
        self.search = SearchBox(theme, self)
        self.attention = AttentionSlot(theme, board.calendar.zone, self)
        self.simulated = SimulatedMark(theme, self)
        self.clock = SessionClock(board.calendar, theme, self)
        self._badges: dict[str, SourceBadge] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(10, 0, 16, 0)
        self._row.setSpacing(12)
        self._row.addWidget(self.menu_button)
        self._row.addWidget(self.search)
        self._row.addSpacing(8)
        self._row.addWidget(self.attention, 1)
        self._row.addSpacing(8)
        self._row.addWidget(self.simulated)
        self._sources = QHBoxLayout()
        self._row.addLayout(self._sources)
        self._row.addWidget(self.clock)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts of everything on the bar."""
        self._theme = theme
        self.setFixedHeight(round(HEIGHT * max(1.0, theme.font_scale)))
        self.menu_button.set_theme(theme)
        self.search.set_theme(theme)
        self.attention.set_theme(theme)
        self.simulated.set_theme(theme)
        self.clock.set_theme(theme)
        for badge in self._badges.values():
            badge.set_theme(theme)

    def badge(self, source: str) -> SourceBadge:
        """The badge of a source."""
        return self._badges[source]

    def show_links(self, links: Sequence[LinkState], *, simulated: bool) -> None:
        """A badge a source, in their order."""
        for link in links:
            if link.source not in self._badges:
                badge = SourceBadge(self._theme, self)
                badge.clicked.connect(lambda _checked=False, source=link.source: self._open_source(source))
                self._sources.addWidget(badge)
                self._badges[link.source] = badge
            self._badges[link.source].show_link(link, self._board.monotonic_now())
        self.simulated.setVisible(simulated)

    def _open_source(self, source: str) -> None:
        link = next((link for link in self._board.links if link.source == source), None)
        badge = self._badges[source]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if link is not None and link.reason:
            said = menu.addAction(link.reason)
            said.setEnabled(False)
        name = "Reconnect now" if link is None or link.phase is not LinkPhase.READY else "Drop and reconnect"
        menu.addAction(name, lambda: self.reconnect_requested.emit(source))
        menu.addAction(f"{source_label(source)} connection…", lambda: self.connection_requested.emit(source))
        menu.popup(badge.mapToGlobal(badge.rect().bottomLeft()))
