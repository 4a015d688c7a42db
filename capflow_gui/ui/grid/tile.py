"""A tile of the grid: a line of figures, and the chart of one symbol below it."""

from __future__ import annotations

import importlib
import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSizePolicy, QWidget, QWidgetItem

from capflow_gui.domain.flow import Period
from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import BoardView, Row
from capflow_gui.present.language.texts import _
from capflow_gui.present.row_sentence import row_message, row_sentence
from capflow_gui.ui.chart.layers.picture import Picture
from capflow_gui.ui.chart_import import MODULE
from capflow_gui.ui.grid.head import TileHead
from capflow_gui.ui.history.period_bars import period_bars
from capflow_gui.ui.history.playback import played_words
from capflow_gui.ui.layouts import NO_MARGINS, stacked
from capflow_gui.ui.models.figures import age_cell, figures_of
from capflow_gui.ui.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from capflow_gui.ui.chart.chart import FlowChart
    from capflow_gui.ui.history.exports import Shown

_LEAST_WIDTH, _LEAST_HEIGHT = 180, 136


class _ChartItem(QWidgetItem):
    """The place of a chart in its tile's layout: `take` is told of it, instead of the chart."""

    def __init__(self, chart: QWidget, take: Callable[[QRect], None]) -> None:
        super().__init__(chart)
        self._take = take

    def setGeometry(self, room: QRect) -> None:
        """The layout gives it another place."""
        self._take(room)


class GridTile(QWidget):
    """Shows `symbol` of a board. Its chart takes a while: it is made, and shown again when it was put off, by `bring`.

    To lay a chart out for another size takes a while, too: one that is seen keeps its size until `fit`, and is painted
    from a picture, for all charts are painted at once when the window is resized. What is new ends that.

    entered: it has the keyboard, or was clicked · opened: it is to be enlarged, or made small again ·
    menu_requested(QPoint on the screen) · threshold_changed(Level) · outgrown: its chart is to have another size
    """

    entered = Signal()
    outgrown = Signal()
    opened = Signal()
    menu_requested = Signal(QPoint)
    threshold_changed = Signal(object)

    def __init__(self, board: BoardView, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._board = board
        self._theme = theme
        self.symbol: Symbol | None = None
        self.period = Period.INTRADAY
        self.chart: FlowChart | None = None
        self._is_off = False  # its chart was put off
        self._other_theme = False  # than its chart has
        self._item: _ChartItem | None = None
        self._room = QRect()  # for the chart
        self.head = TileHead(theme, self)
        self.head.opened.connect(self.opened)
        self._rows = stacked(self.head, (None, 1), of=self, margins=NO_MARGINS, spacing=0)
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setMinimumSize(theme.px(_LEAST_WIDTH), theme.px(_LEAST_HEIGHT))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda at: self.menu_requested.emit(self.mapToGlobal(at)))

    def build(self) -> FlowChart:
        """Make the chart."""
        made: FlowChart = importlib.import_module(MODULE).FlowChart(self._theme, self)
        made.plot.in_grid = True
        made.plot.picture = Picture()
        made.setMinimumSize(0, 0)
        made.readout_changed.connect(self.head.show_readout)
        made.threshold_changed.connect(self.threshold_changed)
        made.installEventFilter(self)
        made.plot.viewport().installEventFilter(self)
        self.setFocusProxy(made)
        self.chart = made
        self._item = _ChartItem(made, self._take_room)
        self._rows.addItem(self._item)
        self._rows.setStretch(1, 0)
        self._rows.setStretch(2, 1)
        self._rows.activate()
        made.show()
        self.refresh()
        return made

    @property
    def waits(self) -> bool:
        """Whether its chart is not there, or was put off: it follows nothing until it is brought."""
        return self.chart is None or self._is_off

    def _take_room(self, room: QRect) -> None:
        self._room = room
        chart = self.chart
        if chart is None:
            return
        if chart.isVisible() and chart.size() != room.size():
            chart.move(room.topLeft())
            chart.hold(on=True)
            self.outgrown.emit()
        else:
            self._lay_out(chart)

    def _lay_out(self, chart: FlowChart) -> None:
        chart.setGeometry(self._room)
        chart.hold(on=False)

    @property
    def is_outgrown(self) -> bool:
        """Whether its chart has the size the tile had before."""
        return self.chart is not None and self.chart.size() != self._room.size()

    def fit(self) -> None:
        """Give the chart the size of its room."""
        if self.chart is not None:
            self._lay_out(self.chart)
            self.chart.plot.settle()

    def put_off(self) -> None:
        """Show no chart for now. The one that has the keyboard stays."""
        if self.chart is not None and not self.chart.hasFocus():
            self._is_off = True
            self.chart.hide()
            self.chart.drop_pictures()
            self._lay_out(self.chart)  # when it is shown again

    def bring(self) -> FlowChart:
        """Show the chart, as everything is now."""
        chart = self.chart
        if chart is None:
            return self.build()
        if self._other_theme:
            chart.set_theme(self._theme)
        self._is_off = self._other_theme = False
        chart.show()
        self.refresh()
        return chart

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self.setMinimumSize(theme.px(_LEAST_WIDTH), theme.px(_LEAST_HEIGHT))
        self.head.set_theme(theme)
        if self.chart is not None and not self.waits:
            self.chart.set_theme(theme)
        else:
            self._other_theme = True

    def set_large(self, large: bool) -> None:
        """Whether it has the room of all tiles: all order sizes then, in a grid net and main alone."""
        if self.chart is not None and not self.waits and self.chart.plot.in_grid is large:
            self.chart.plot.in_grid = not large
            self.chart.plot.lay_out()

    def set_period(self, period: Period) -> None:
        """Show the session, or bars of days, weeks or months."""
        self.period = period
        if self.chart is not None and period is not Period.INTRADAY:
            self.chart.history.viewport().installEventFilter(self)
            self.chart.history.picture = Picture()
        self.refresh()

    def set_per_minute(self, on: bool) -> None:
        """Give the larger part to the bars of single minutes, or to the curves."""
        if self.chart is not None and not self.waits:
            self.chart.plot.set_per_minute(on)

    def shares(self) -> tuple[float, float] | None:
        """The lowest and the highest of its lines as shares of its turnover; None while that is not known."""
        chart, row = self.chart, self._row()
        if (
            chart is None
            or self.waits
            or row is None
            or not row.turnover
            or chart.plot.data is None
            or chart.plotted is not chart.plot
        ):
            return None
        drawn = chart.plot.data.values[list(chart.plot.columns), : chart.plot.data.last + 1]
        low, high = float(np.fmin.reduce(drawn, axis=None)), float(np.fmax.reduce(drawn, axis=None))
        return (min(low, 0.0) / row.turnover, max(high, 0.0) / row.turnover) if math.isfinite(high - low) else None

    def set_scale(self, shares: tuple[float, float] | None) -> None:
        """Give the curves a y range from one share of its turnover to another; None, or no turnover: one of its own."""
        chart, row = self.chart, self._row() if shares else None
        if chart is None or self.waits:
            return
        low, high = shares or (0.0, 0.0)
        turnover = 0.0 if row is None else row.turnover or 0.0
        wanted = type(chart.plot.lines_frame.y)(low * turnover, high * turnover) if shares and turnover else None
        chart.plot.set_scale(wanted, None if wanted is None else turnover)
        self.head.set_own_scale(shares is not None and wanted is None and row is not None)

    def _row(self) -> Row | None:
        known = self.symbol is not None and self.symbol in self._board.symbols
        return self._board.row(self.symbol) if known and self.symbol is not None else None

    def shown(self) -> Shown | None:
        """The lines its chart shows; None where it shows none."""
        from capflow_gui.ui.history.exports import Shown  # noqa: PLC0415 - when first taken out

        row = self._row()
        if row is None or row.series is None:
            return None
        return Shown(row, row.series, self._board.calendar.zone(row.symbol.market))

    def show_symbol(self, symbol: Symbol | None) -> None:
        """Show another symbol, or nothing."""
        if symbol != self.symbol:
            self.symbol = symbol
            if self.chart is not None:
                self.chart.pointer.leave()
        self.refresh()

    def refresh(self) -> None:
        """Show what is new of the symbol."""
        chart, row = self.chart, self._row()
        self._show_head(row)
        if chart is None or self.waits:
            return
        chart.hold(on=False)
        if row is None:
            chart.say(_("No symbol here"), _("Let one of the list go on this tile."))
            return
        link = next((link for link in self._board.links if link.source == row.source), None)
        ready = link is not None and link.phase is LinkPhase.READY
        absence = str(row_message(row, link, self._board.monotonic_now()) or "")
        chart.show_period(self.period)
        chart.show_row(row, self._board.market_now(row.source), link_ready=ready, absence=absence)
        if self.period is not Period.INTRADAY:
            state, recorded = period_bars(self._board, None, row, self.period)
            chart.show_history(state, self.period, recorded)

    def tick(self) -> None:
        """A second passed."""
        row = self._row()
        self._show_head(row)
        if self.chart is not None and row is not None:
            self.chart.tick(self._board.market_now(row.source))

    def _show_head(self, row: Row | None) -> None:
        board = self._board
        if row is None:
            self.head.show_figures(None, self.head.NO_AGE, "")
            return
        link = next((link for link in board.links if link.source == row.source), None)
        figures = figures_of(row, link_ready=link is not None and link.phase is LinkPhase.READY)
        now, zone = board.market_now(row.source), board.calendar.zone(row.symbol.market)
        sentence = played_words(board, row) or row_sentence(row, link, now, board.monotonic_now(), zone)
        self.head.show_figures(figures, age_cell(figures, now, zone), str(sentence))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The chart that gets the keyboard is the active one; a double click on a whole session enlarges it."""
        chart = self.chart
        if event.type() is QEvent.Type.FocusIn:
            self.entered.emit()
        elif event.type() is QEvent.Type.MouseButtonDblClick and chart is not None:
            plot = chart.plotted
            if plot is not None and not plot.zoomed:
                self.opened.emit()
                return True
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click anywhere makes it the active one."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.entered.emit()
        super().mousePressEvent(event)
