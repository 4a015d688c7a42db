"""The session as it runs: curves since the open above, per-minute bars below, the threshold across."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from PySide6.QtCore import QRectF, QTimer, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from capflow_gui.domain.flow import NET, Bools, Floats
from capflow_gui.present.numbers import Unit, unit_for
from capflow_gui.ui.chart.axes import MoneyAxis, TimeAxis, axis_height
from capflow_gui.ui.chart.bars import BarsItem
from capflow_gui.ui.chart.curves import CurvesItem
from capflow_gui.ui.chart.geometry import Frame, Span, clip_level, first_difference, grow
from capflow_gui.ui.chart.labels import session_labels
from capflow_gui.ui.chart.layers.plot_state import PlotState
from capflow_gui.ui.chart.layers.price import PaneRoom, PriceLine
from capflow_gui.ui.chart.layers.stack import ends as stack_ends
from capflow_gui.ui.chart.layers.stack import extent as stack_extent
from capflow_gui.ui.chart.layers.threshold_line import ThresholdHand
from capflow_gui.ui.chart.look import Fonts, Look, names_width
from capflow_gui.ui.chart.session_data import Beside, SessionData
from capflow_gui.ui.chart.view import FOOT_PX, HEAD_PX, PlotView

COMPACT_WIDTH = 480
_LEAST_HEIGHT_WITH_BARS = 170
_SIDE_PX = 24.0
# Minutes; and the most room behind the session, as a share of it.
_ROOM_STEP, _MOST_ROOM = 10, 0.4
# In so many lines of text two labels beside zero can be read, wherever zero is.
_LEAST_BARS_LINES = 5.5
_BARS_HEAD_PX = 27.0
_BARS_FOOT_PX = 8.0
# A threshold this many times farther from zero than the data would flatten them; it waits outside the range.
_THRESHOLD_REACH = 2.5


class IntradayPlot(PlotView):
    """Two linked panes. `placed` is emitted when frames or data moved, `threshold_moved(value, final)` by a drag.

    A drag that ends outside the chart, or by `hand.cancel`, moves nothing: `drag_cancelled`.
    """

    placed = Signal()
    threshold_moved = Signal(float, bool)
    drag_cancelled = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None, *, antialias: bool = True) -> None:
        super().__init__(look, parent)
        self.data: SessionData | None = None
        self.state = PlotState(key=None)
        self.beside: Beside | None = None
        self.solo: int | None = None
        self.per_minute = False
        # The y range where several charts have one scale, by share of a turnover; None where it has its own.
        self.fixed: Span | None = None
        self._turnover: float | None = None
        self.in_grid = False  # beside other charts: net and main only
        self.stacked = self.priced = False  # what is wanted; whether it can be: `stacks` and `prices_shown`
        self.prices: Floats | None = None
        self.bars_shown = True  # until the first layout says whether there is room
        self._ranges: dict[str, Span] = {}
        self._extent: Span | None = None
        self._busy = self._unlaid = False  # it is being laid out; it was laid out for another size
        self._resized = QTimer(self)  # lays out in the next turn where nothing is painted before
        self._resized.setSingleShot(True)
        self._resized.timeout.connect(self.lay_out)
        self._in_view: tuple[int, int] | None = None  # the minutes a zoomed view shows, first and last
        self.money = MoneyAxis(look, self.fonts, self.touches)
        self.bars_money = MoneyAxis(look, self.fonts, self.touches, apart=22.0)
        self.time = TimeAxis(look, self.fonts, self.touches)
        self.lines_plot = self.make_plot(0, self.money)
        self.bars_plot = self.make_plot(1, self.bars_money, self.time)
        self.bars_plot.getViewBox().setXLink(self.lines_plot.getViewBox())
        self.curves = CurvesItem(self.lines_plot.getViewBox(), look, self.narrow, antialias=antialias)
        self.price = PriceLine((self.lines_plot, self.bars_plot), self.curves, self.touches)
        self.bars = BarsItem(self.bars_plot.getViewBox(), look, self.narrow)
        self.hand = ThresholdHand(self)
        self.line = self.hand.line
        self.names_valued = True  # whether names at the ends of curves have their values
        self.lines_frame: Frame = self.frame(self.lines_plot)
        self.bars_frame: Frame = self.frame(self.bars_plot)
        box = self.lines_plot.getViewBox()
        for signal in (box.sigXRangeChanged, box.sigResized, self.bars_plot.getViewBox().sigResized):
            signal.connect(self._view_changed)

    @property
    def compact(self) -> bool:
        """Whether there is room for net and main only."""
        return self.in_grid or int(self.width()) < COMPACT_WIDTH * self.fonts.scale

    @property
    def lines_unit(self) -> Unit:
        """What the axis of the curves counts in: money, or per cent of the turnover where charts have one scale."""
        y = self.lines_frame.y
        return unit_for(max(-y.low, y.high)) if self._turnover is None else Unit("%", self._turnover / 100)

    def set_scale(self, span: Span | None, turnover: float | None) -> None:
        """Have the y range and the turnover of charts on one scale; None: a range and amounts of its own."""
        if (span, turnover) != (self.fixed, self._turnover):
            self.fixed, self._turnover = span, turnover
            self.lay_out()

    @property
    def stacks(self) -> bool:
        """Whether order sizes stand one on the other: they are wanted so, and known in every minute."""
        data = self.data
        compared = self.beside is not None and self.beside.compared
        return (
            self.stacked and data is not None and data.classes and self.solo is None and not (self.compact or compared)
        )

    @property
    def prices_shown(self) -> Floats | None:
        """(minutes + 1,) prices drawn on an axis of their own; None where not wanted, not known, or without room."""
        return self.prices if self.priced and not self.compact else None

    @property
    def columns(self) -> tuple[int, ...]:
        """The curves drawn, net last."""
        if self.data is None or (self.beside is not None and self.beside.compared):
            return (NET,)
        return self.data.columns(compact=self.compact)

    def set_look(self, look: Look) -> None:
        """Change colours; fonts follow the theme."""
        other = look.theme is not self.look.theme
        if other:
            self.fonts = Fonts(look.theme)
            self.setBackground(look.theme.panel)
            self.marks.clear()
            self.tags.clear()
        self.look = look
        for axis in (self.money, self.bars_money, self.time, *self.price.axes):
            axis.set_look(look, self.fonts)
        for item in (self.curves, self.bars):
            item.set_look(look)
        self.hand.set_look(look)
        if other:
            self.lay_out()  # text of another size: all that is measured by it
        else:
            self.placed.emit()

    def show_session(
        self, data: SessionData, state: PlotState, beside: Beside | None = None, prices: Floats | None = None
    ) -> None:
        """Show a reply, behind it another session's net, and beside it the session's prices, one a minute.

        Only what changed since the last one is painted.
        """
        old, fresh = self.data, self.data is None or state.key != self.state.key
        at_edge = not fresh and old is not None and self.zoomed and self.lines_frame.x.holds(old.last)
        if not fresh and state.level != self.state.level and self._in_view is None:
            self._ranges.pop("lines", None)  # no room is kept for the level there was
        self.data, self.state = data, state
        start: int | None = 0
        other = beside is not self.beside
        self.beside = beside
        priced = prices is not self.prices
        self.prices = prices
        if fresh or old is None or old.values.shape != data.values.shape:
            self._begin(data)
        elif other or old.anchor != data.anchor or not _alike(old.sound, data.sound):
            self._ranges.clear()
            self._extent = None
        else:
            start = first_difference(old.values, data.values)
            if old.gaps and start is not None:
                start = min(start, *(gap.anchor for gap in old.gaps))
            if start is not None:
                joined, _ = data.snapshots_at(start - 1)
                start = start if joined is None else min(start, joined)  # the dotted line begins there
        if self.solo in data.derived:
            self.solo = None
        if other:
            self._show_beside()
        self._show_columns(data)
        if not fresh and old is not None and (other or old.last // _ROOM_STEP != data.last // _ROOM_STEP):
            self._fit_x()
        if start is not None:
            self._take(data, start)
        else:
            self._take_beside(data, priced=priced)
        self.bars.set_hollow((data.last,) if data.provisional else ())
        if at_edge and old is not None and data.last > old.last:
            self.reveal(data.last)
        self.hand.show()
        self.placed.emit()

    def _take_beside(self, data: SessionData, *, priced: bool) -> None:
        """What goes with the lines, which are the same."""
        moved = "lines" not in self._ranges
        if moved:
            self._set_ranges(self._bar_ends(data), data.last)
        if moved or priced:
            self._show_prices()

    @property
    def beside_shown(self) -> Beside | None:
        """The other session while it is drawn: it has no order sizes to stand beside one of them alone."""
        return self.beside if self.solo in (None, NET) else None

    def _show_beside(self) -> None:
        shown = self.beside_shown
        self.curves.set_beside(None if shown is None else shown.values)

    def _show_columns(self, data: SessionData) -> None:
        self.curves.set_columns(self.columns, self.solo, data.derived)
        self.curves.set_stacked(self.stacks)

    def set_stacked(self, on: bool) -> None:
        """Let order sizes stand one on the other, or be curves."""
        if on != self.stacked:
            self.stacked = on
            self._draw_afresh()

    def set_priced(self, on: bool) -> None:
        """Show the price on an axis at the left, or no longer."""
        if on != self.priced:
            self.priced = on
            self._draw_afresh()

    def _draw_afresh(self) -> None:
        """Take ranges and curves anew: other things are drawn."""
        if self.data is not None:
            self._show_columns(self.data)
            self._show_beside()
            self._ranges.clear()
            self._extent = None
            self._take(self.data, 0)
        self.placed.emit()

    def _show_prices(self) -> None:
        """Scale the prices to the pane, by those of the minutes in view."""
        scale, box = self.fonts.scale, self.lines_plot.getViewBox()
        room = PaneRoom(max(float(box.height()), 40.0), HEAD_PX * scale, FOOT_PX * scale, self.lines_frame.y)
        if self.price.show(self.prices_shown, (self.look, self.fonts), self._in_view, room):
            self._fit_x()

    def _begin(self, data: SessionData) -> None:
        self._ranges.clear()
        self._extent = None
        self._in_view = None
        self.note_zoom(False)
        day = data.day
        self.curves.set_frame(day.minutes, day.seams)
        self.bars.set_frame(day.minutes, day.seams)
        self.time.set_marks(partial(session_labels, day), day.seams)
        self._fit_x()

    def _fit_x(self) -> None:
        if self.data is None:
            return
        full = float(self.data.day.minutes)
        width = max(self.lines_plot.getViewBox().width(), 4 * _SIDE_PX)
        usable = width - _SIDE_PX
        right = max(_SIDE_PX * full / (usable - _SIDE_PX), self._room_for_names(full, usable))
        pad = _SIDE_PX * (full + right) / usable
        busy, self._busy = self._busy, True  # the limits alone would look like a zoom
        for plot in (self.lines_plot, self.bars_plot):
            plot.getViewBox().setLimits(xMin=-pad, xMax=full + right, minXRange=10, maxXRange=full + pad + right)
        if not self.zoomed:
            self.lines_plot.getViewBox().setXRange(-pad, full + right, padding=0)
        self._busy = busy
        self._view_changed()

    def _room_for_names(self, full: float, width: float) -> float:
        """Minutes to leave free behind the session, so that the curves' names stand beside them and not on them.

        What is left of the session is room too, counted in steps: each is another scale. In a narrow chart the names
        go without their values, and in one that is narrower still they stand on the curves.
        """
        data = self.data
        if data is None:
            return 0.0
        left = (full - data.last) // _ROOM_STEP * _ROOM_STEP
        for valued in (True, False):
            needed = names_width(self.fonts, self.columns, valued=valued)
            room = (needed * full - left * width) / (width - needed) if needed < width else full
            if room <= _MOST_ROOM * full:
                self.names_valued = valued
                return room
        self.names_valued = True
        return 0.0

    def _bar_ends(self, data: SessionData) -> Floats:
        """(1, minutes + 1) the figure of each minute's bar; (2, …) where its stacks of order sizes end."""
        row = NET if self.solo is None else self.solo
        return stack_ends(data.deltas) if self.stacks else data.deltas[row : row + 1]

    def _take(self, data: SessionData, start: int) -> None:
        if self._in_view is None:
            self._widen_extent(data.setting_scale(start, data.last))
            self._set_ranges(self._bar_ends(data), start)
        else:
            self._fit_y(data)
        self.curves.set_gaps(tuple((gap.anchor, gap.end) for gap in data.gaps))
        row = NET if self.solo is None else self.solo
        self.bars.set_gaps(tuple((gap.anchor, gap.end, gap.delta[row]) for gap in data.gaps))
        self.curves.set_data(data.values, data.last, start)
        self.bars.set_data(data.deltas[row], data.last, start, data.deltas if self.stacks else None)
        self._show_prices()

    def _fit_y(self, data: SessionData) -> None:
        """Take the y ranges from the minutes in view; zero is among them where all are."""
        self._in_view = self._minutes_in_view(data)
        first, last = self._in_view or (0, data.last)
        self._extent = None
        self._widen_extent(data.setting_scale(first, last))
        self._set_ranges(self._bar_ends(data)[:, first : last + 1], 0, afresh=True)

    def _minutes_in_view(self, data: SessionData) -> tuple[int, int] | None:
        """The first and the last of the minutes a zoomed view shows; None for all of them."""
        x = self.lines_frame.x
        first, last = max(math.floor(x.low), 0), min(math.ceil(x.high), data.last)
        return (first, last) if self.zoomed and first <= last else None

    def _widen_extent(self, new: Floats) -> None:
        if not new.shape[1]:
            return
        if self.stacks:
            stack = stack_extent(new)
            self._extent = stack if self._extent is None else self._extent.joined(stack)
        rows = self.columns if self.solo is None else (self.solo,)
        # fmin and fmax pass missing values over; min and max of Python keep the number where the other is NaN.
        lows, highs = np.fmin.reduce(new, axis=1).tolist(), np.fmax.reduce(new, axis=1).tolist()
        if self._in_view is None:
            extent = Span(min(0.0, *(lows[row] for row in rows)), max(0.0, *(highs[row] for row in rows)))
        else:
            known = [value for row in rows for value in (lows[row], highs[row]) if math.isfinite(value)] or [0.0]
            extent = Span(min(known), max(known))
        self._extent = extent if self._extent is None else self._extent.joined(extent)

    def _set_ranges(self, bars: Floats, start: int, *, afresh: bool = False) -> None:
        extent = self._extent or Span(0.0, 0.0)
        threshold, shown = self.state.threshold, self.beside_shown
        if shown is not None:
            first, last = self._in_view or (0, len(shown.values) - 1)
            extent = extent.joined(shown.extent(first, last) or extent)
        if (
            self._in_view is None
            and threshold is not None
            and abs(threshold) <= _THRESHOLD_REACH * max(-extent.low, extent.high)
        ):
            extent = extent.joined(Span(threshold, threshold))
        scale = self.fonts.scale
        self._grow("lines", self.lines_plot, extent, (HEAD_PX * scale, FOOT_PX * scale), afresh=afresh)
        known, seen = (self._ranges.get(name) if start else None for name in ("level", "bar extent"))
        new = bars[:, start:]
        if (
            seen is not None
            and new.size
            and not (np.fmin.reduce(new, axis=None) < seen.low or np.fmax.reduce(new, axis=None) > seen.high)
        ):
            return  # no new bar is taller than those there were
        level = clip_level(bars) if known is None else max(clip_level(bars), known.high)
        if level > 0:
            low, high = float(np.fmin.reduce(bars, axis=None)), float(np.fmax.reduce(bars, axis=None))
            bar_extent = Span(max(-level, min(0.0, low)), min(level, max(0.0, high)))
        else:
            bar_extent = Span(0.0, 0.0)
        self._ranges |= {"level": Span(0.0, level), "bar extent": bar_extent}
        self._grow("bars", self.bars_plot, bar_extent, (_BARS_HEAD_PX * scale, _BARS_FOOT_PX * scale), afresh=afresh)
        self.bars.set_level(level if level > 0 else np.inf)

    def _grow(self, name: str, plot: object, extent: Span, room: tuple[float, float], *, afresh: bool) -> None:
        box = plot.getViewBox()  # type: ignore[attr-defined]
        old = self._ranges.get(name)
        fixed = self.fixed if name == "lines" and self._in_view is None else None
        grown = fixed or grow(None if afresh else old, extent, max(float(box.height()), 40.0), *room)
        if grown == old:
            return
        self._ranges[name] = grown
        box.setYRange(grown.low, grown.high, padding=0)
        lines = name == "lines"
        axis, item = (self.money, self.curves) if lines else (self.bars_money, self.bars)
        share = self._turnover if lines else None
        axis.set_unit(unit_for(max(-grown.low, grown.high)) if share is None else Unit("%", share / 100))
        item.set_rules(tuple(value for value in axis.ticks() if value != 0))
        self._fit_axes()
        self._read_frames()

    def _fit_axes(self) -> None:
        width = max(self.money.needed_width(), self.bars_money.needed_width())
        if width != self.money.fixedWidth:
            for axis in (self.money, self.bars_money):
                axis.setWidth(width)

    def _read_frames(self) -> None:
        self.lines_frame = self.frame(self.lines_plot)
        self.bars_frame = self.frame(self.bars_plot)

    def _view_changed(self, *_: object) -> None:
        if self._busy:
            return
        self._read_frames()
        self._follow_zoom()
        self.placed.emit()

    def _follow_zoom(self) -> None:
        """Fit the y ranges to the minutes in view; all of them again when the zoom ends."""
        data, x = self.data, self.lines_frame.x
        if data is None or data.last < 0:
            return
        self.note_zoom(x.size < data.day.minutes)
        if self._minutes_in_view(data) != self._in_view:
            self._fit_y(data)
            self._show_prices()
            self.hand.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out once before the next paint; a hidden one is shown first, for Qt resizes all for a picture of one."""
        if not hasattr(self, "bars_frame"):  # the base class resizes while it is being made
            super().resizeEvent(event)
            return
        self._busy = True
        super().resizeEvent(event)
        self._busy = False
        self._unlaid = True
        if self.isVisible():
            self._resized.start(0)

    def showEvent(self, event: QShowEvent) -> None:
        """Lay out for the size it was given while it was hidden, once what else comes with it is there."""
        super().showEvent(event)
        if self._unlaid:
            self._resized.start(0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Never paint what is laid out for another size."""
        self.settle()
        super().paintEvent(event)

    def settle(self) -> None:
        """Lay out at once for the size it has."""
        if self._unlaid:
            self.lay_out()

    def lay_out(self) -> None:
        """Share the height, keep the ends of the session whole, take the range afresh."""
        self._resized.stop()
        self._unlaid = False
        self._busy = True
        self._share_height()
        area = QRectF(0, 0, self.width(), self.height())
        self.marks.set_area(area)
        self.tags.set_area(area)
        self.ci.layout.activate()
        self._fit_x()
        self._busy = False
        self._ranges.clear()
        if self.data is not None:
            self._show_columns(self.data)
            self._extent = None
            self._take(self.data, 0)
            self.hand.show()
        self._read_frames()
        self.placed.emit()

    def _share_height(self) -> None:
        height, axis, scale = self.height(), axis_height(self.fonts), self.fonts.scale
        small = round(max(43 * scale + 0.09 * height, _LEAST_BARS_LINES * self.fonts.axis.height))
        bars = height - axis - small if self.per_minute else small
        self.bars_shown = height >= _LEAST_HEIGHT_WITH_BARS * scale
        self.curves.set_above_axis(not self.bars_shown)
        rows = self.ci.layout
        rows.setRowFixedHeight(1, (bars if self.bars_shown else 0) + axis)
        rows.setRowFixedHeight(0, height - (bars if self.bars_shown else 0) - axis)

    def set_per_minute(self, on: bool) -> None:
        """Give the larger pane to the per-minute bars, or back to the curves."""
        if on != self.per_minute:
            self.per_minute = on
            self.lay_out()

    def set_solo(self, column: int | None) -> None:
        """Let one curve stand alone, with its own bars; None shows all. One of snapshots has no bars, and cannot."""
        if self.data is not None and column in self.data.derived:
            return
        self.solo = column
        self._draw_afresh()

    def show_all(self) -> None:
        """The whole session."""
        self.note_zoom(False)
        self._fit_x()

    def near_line(self, y: float) -> bool:
        """Whether the threshold line is within reach of the mouse."""
        return self.hand.near(y)


def _alike(old: Bools | None, new: Bools | None) -> bool:
    return old is new or (old is not None and new is not None and old.tobytes() == new.tobytes())
