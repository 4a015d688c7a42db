"""The bar itself: everything on it in its fixed place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.symbol import Market
from capflow_gui.feed.board import BoardView
from capflow_gui.present.language.texts import _
from capflow_gui.present.sentences import link_reason
from capflow_gui.ui import shapes
from capflow_gui.ui.layouts import beside, passing_menu
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.toolbar.attention import AttentionSlot
from capflow_gui.ui.toolbar.search import SearchBox
from capflow_gui.ui.toolbar.session_clock import SessionClock
from capflow_gui.ui.toolbar.sources import SourceBadge
from capflow_gui.ui.words import source_label

HEIGHT = 50
_SPACING, _MARGINS = 12, 26
# Room for search and attention before others lose words, and before the clock goes.
_SEARCH, _ATTENTION, _LEAST_SEARCH, _LEAST_ATTENTION = 150, 380, 96, 110


class MenuButton(QAbstractButton):
    """Three lines."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(_("Menu"))
        self.setToolTip(_("Menu (F10)"))
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Colours and size."""
        self._theme = theme
        self.setFixedSize(theme.px(30), theme.px(32))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  Qt's signature
        """Three hairlines, brighter under the pointer."""
        painter = QPainter(self)
        color = self._theme.text if self.underMouse() else self._theme.dim
        middle, apart = self.height() // 2, self._theme.px(5)
        for y in (middle - apart, middle, middle + apart):
            painter.fillRect(QRectF(6, y, self.width() - 13, 1.4 * self._theme.scale), color)
        if self.hasFocus():
            shapes.draw_focus_ring(painter, QRectF(self.rect()), self._theme.accent)


class SimulatedMark(QWidget):
    """SIMULATED, impossible to miss and in no colour that means something else."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._word = _("SIMULATED")
        self.setAccessibleName(_("Simulated data"))
        self.setToolTip(_("Every figure in this window comes from a simulator."))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self.updateGeometry()
        self.update()

    def set_brief(self, brief: bool) -> None:
        """Whether there is only room for SIM."""
        word = _("SIM") if brief else _("SIMULATED")
        if word != self._word:
            self._word = word
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """The word with room around it."""
        width = self._theme.sized_face(9, 700).width(self._word)
        return QSize(round(width) + self._theme.px(20), self._theme.px(22))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  Qt's signature
        """Dark on light in the dark, light on dark in the light."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(Qt.PenStyle.NoPen))
        painter.setBrush(self._theme.text)
        painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
        painter.setFont(self._theme.sized_font(9, 700))
        painter.setPen(self._theme.bg)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._word)


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
        self.clock = SessionClock(lambda: board.calendar, theme, self)
        self.clock.told = self._clock_words
        self.clock.clicked.connect(self.open_clocks)
        self._badges: dict[str, SourceBadge] = {}
        self._said: object = None
        self._timed = False
        self._sources = beside()
        parts = (self.menu_button, self.search, 8, (self.attention, 1), 8, self.simulated, self._sources, self.clock)
        self._row = beside(*parts, of=self, margins=(10, 0, _MARGINS - 10, 0), spacing=_SPACING)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts of everything on the bar."""
        self._theme = theme
        self.setFixedHeight(theme.px(HEIGHT))
        self.menu_button.set_theme(theme)
        self.search.set_theme(theme)
        self.attention.set_theme(theme)
        self.simulated.set_theme(theme)
        self.clock.set_theme(theme)
        for badge in self._badges.values():
            badge.set_theme(theme)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """What gives way in a narrow window sets no minimum."""
        return QSize(0, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room there is."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where there is little room, the clock's words, the badges' and the mark's go to tooltips; then the clock.

        The search box gives what it can spare to the attention slot first.
        """
        parts: list[SessionClock | SourceBadge | SimulatedMark]
        parts = [self.clock, *self._badges.values(), self.simulated]
        for part in parts:
            part.set_brief(False)
        self.clock.show()
        for part in parts:
            if self._room() >= self._theme.px(_SEARCH + _ATTENTION):
                break
            part.set_brief(True)
        self.clock.setVisible(self._room() >= self._theme.px(_LEAST_SEARCH + _LEAST_ATTENTION))
        least, most = self._theme.px(_LEAST_SEARCH), self.search.sizeHint().width()
        self.search.setFixedWidth(min(max(self._room() - self._theme.px(_ATTENTION), least), most))

    def _room(self) -> int:
        """Pixels that are left for the search box and the attention slot."""
        fixed: list[QWidget] = [self.menu_button, *self._badges.values()]
        fixed += [part for part in (self.simulated, self.clock) if part.isVisibleTo(self)]
        taken = sum(part.sizeHint().width() for part in fixed) + _MARGINS + 16 + _SPACING * (len(fixed) + 2)
        return self.width() - taken

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
        said = *(badge.text_shown() for badge in self._badges.values()), simulated
        if said != self._said:
            self._said = said
            self._fit()

    def _clock_words(self) -> str:
        from capflow_gui.ui.toolbar.market_sheet import listed_lines, sheet_words  # noqa: PLC0415 - when pointed at

        return sheet_words(listed_lines(self._board))

    def show_time(self, market: Market | None, source: str | None) -> None:
        """The time of a market, by a source's clock.

        A simulator's market has a time of its own: nothing is shown before one was connected and has answered.
        """
        board = self._board
        if not self._timed:
            connected = any(link.phase is LinkPhase.READY for link in board.links)
            self._timed = connected and any(board.row(symbol).polled_at is not None for symbol in board.symbols)
        if self._timed or not board.simulated:
            self.clock.show_time(market, board.market_now(source))

    def open_clocks(self) -> None:
        """The clocks of every market of the list, below the bar."""
        from capflow_gui.ui.toolbar.market_sheet import MarketSheet  # noqa: PLC0415 - when first shown

        sheet = MarketSheet(self._board, self._theme, self)
        sheet.open_below(self.mapToGlobal(QPoint(self.width() - 10, self.height())))

    def _open_source(self, source: str) -> None:
        link = next((link for link in self._board.links if link.source == source), None)
        badge = self._badges[source]
        menu = passing_menu(self)
        if link is not None and (why := link_reason(link)):
            said = menu.addAction(why)
            said.setEnabled(False)
        name = _("Reconnect now") if link is None or link.phase is not LinkPhase.READY else _("Drop and reconnect")
        menu.addAction(name, lambda: self.reconnect_requested.emit(source))
        menu.addAction(
            _("Connection of {source}…").format(source=source_label(source)),
            lambda: self.connection_requested.emit(source),
        )
        menu.popup(badge.mapToGlobal(badge.rect().bottomLeft()))
