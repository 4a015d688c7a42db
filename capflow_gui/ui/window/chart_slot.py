"""The chart's place in the window: pyqtgraph is imported behind the first paint, then the chart is built."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from capflow_gui.domain.flow import Period
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import BoardView, Row
from capflow_gui.ui.chart_import import MODULE, ChartImport
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.chart_head import ChartHead

if TYPE_CHECKING:
    from capflow_gui.ui.chart import FlowChart

_LEAST_WIDTH, _LEAST_HEIGHT = 320, 230


class ChartSlot(QWidget):
    """Head and chart of one symbol. Until `built` is emitted there is only room for the chart."""

    threshold_changed = Signal(float)
    period_chosen = Signal(object)
    action_clicked = Signal(object)
    built = Signal()

    def __init__(self, board: BoardView, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._board = board
        self._theme = theme
        self._symbol: Symbol | None = None
        self.period = Period.INTRADAY
        self.head = ChartHead(theme, self)
        self.chart: FlowChart | None = None
        self._import = ChartImport(self)
        self._import.finished.connect(self._build)
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Flow chart")
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self._rows.addWidget(self.head)
        self._rows.addStretch(0)
        self.head.period_changed.connect(self.period_chosen)
        self.head.action.connect(lambda _label: self.action_clicked.emit(self._symbol))
        self.set_theme(theme)

    def build_soon(self) -> None:
        """Begin to import; once only."""
        self._import.start()

    def _build(self) -> None:
        module = importlib.import_module(MODULE)
        self.chart = module.FlowChart(self._theme, self)
        self.chart.threshold_changed.connect(self.threshold_changed)
        self.chart.readout_changed.connect(self.head.show_readout)
        self._rows.addWidget(self.chart, 1)
        self.setFocusProxy(self.chart)
        self.chart.show_period(self.period)
        self._show()
        self.built.emit()

    def rest(self) -> None:
        """Nobody waits for the chart any more."""
        self._import.stop()

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self.head.set_theme(theme)
        self.setMinimumSize(max(theme.px(_LEAST_WIDTH), self.head.least_width()), theme.px(_LEAST_HEIGHT))
        if self.chart is not None:
            self.chart.set_theme(theme)

    def show_symbol(self, symbol: Symbol | None) -> None:
        """Show a symbol, or show it again with what is new."""
        self._symbol = symbol
        self._show()

    def set_period(self, period: Period) -> None:
        """Intraday, or bars of days, weeks, months."""
        self.period = period
        self.head.set_period(period)
        if self.chart is not None:
            self.chart.show_period(period)
        self._show()

    def histories_changed(self, pairs: frozenset[tuple[Symbol, Period]]) -> None:
        """Bars came in."""
        if self._symbol is not None and (self._symbol, self.period) in pairs:
            self._show()

    def tick(self) -> None:
        """A second passed."""
        symbol = self._symbol
        if symbol is None or symbol not in self._board.symbols:
            return
        row = self._board.row(symbol)
        self._show_head(row)
        if self.chart is not None:
            self.chart.tick(self._board.market_now(row.source))

    def _show_head(self, row: Row) -> LinkState | None:
        link = next((link for link in self._board.links if link.source == row.source), None)
        self.head.show_row(row, link, self._board.market_now(row.source), self._board.monotonic_now())
        return link

    def _show(self) -> None:
        symbol = self._symbol
        shown = symbol is not None and symbol in self._board.symbols
        self.head.setVisible(shown)
        if self.chart is not None:
            self.chart.setVisible(shown)
        if symbol is None or not shown:
            return
        row = self._board.row(symbol)
        now = self._board.market_now(row.source)
        link = self._show_head(row)
        if self.chart is None:
            return
        self.chart.show_row(row, now, link_ready=link is not None and link.phase is LinkPhase.READY)
        if self.period is not Period.INTRADAY:
            self.chart.show_history(self._board.history(symbol, self.period), self.period)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The chart takes the keyboard as soon as it is there."""
        super().focusInEvent(event)
        if self.chart is not None:
            self.chart.setFocus(event.reason())
