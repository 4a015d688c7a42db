"""Days, weeks or months: one bar of net a period, main across it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date
from functools import partial
from types import MappingProxyType

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from capflow_gui.domain.flow import EXTRA_LARGE, LARGE, MAIN, MEDIUM, NET, SMALL, Floats, FlowSeries, Period
from capflow_gui.present.language.texts import N_, _
from capflow_gui.present.numbers import date_time, scaled, unit_for
from capflow_gui.present.recorded_words import damaged_in_bar, damaged_in_bars
from capflow_gui.ui.chart import marks as shapes
from capflow_gui.ui.chart.axes import axis_height
from capflow_gui.ui.chart.bars import BarsItem
from capflow_gui.ui.chart.crosshair import Aim, Readout, ReadoutLine, ReadoutTable, Stage, corners
from capflow_gui.ui.chart.geometry import Frame, Span, quietest
from capflow_gui.ui.chart.labels import history_marks, period_name
from capflow_gui.ui.chart.layers.one_pane import OnePane
from capflow_gui.ui.chart.look import NAMES, Fonts, Look, Text
from capflow_gui.ui.chart.session_data import without_beyond
from capflow_gui.ui.keyboard import key_of

# The recorded ones of some bars by their places, and of each the sessions that are damaged and left out of it.
Recorded = Mapping[int, Sequence[date]]
NONE_RECORDED: Recorded = MappingProxyType({})
_SIDE_BARS = 1.0
_LEAST_BARS = 8
_CAPTIONS = {Period.DAY: N_("Per day"), Period.WEEK: N_("Per week"), Period.MONTH: N_("Per month")}


class HistoryPlot(OnePane):
    """One pane of bars. `readout_changed` carries a Readout where there is no room for it inside, else None.

    `day_chosen(date)`: the day under the crosshair is wanted minute by minute.
    """

    readout_changed = Signal(object)
    day_chosen = Signal(object)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.series: FlowSeries | None = None
        self.days: list[date] = []
        self.currency = ""
        self._note = ""
        self._recorded = NONE_RECORDED
        self._partial: frozenset[int] = frozenset()
        self.unfinished: tuple[int, ...] = ()  # the places of bars that are drawn hollow
        self.bars_plot = self.pane
        self.bars = BarsItem(self.pane.getViewBox(), look, self.narrow)
        box = self.bars_plot.getViewBox()
        box.sigXRangeChanged.connect(self._view_changed)
        box.sigResized.connect(self._redraw)

    @property
    def columns(self) -> tuple[int, ...]:
        """What the readout lists."""
        series = self.series
        if series is None:
            return (NET,)
        rows = (NET, MAIN, EXTRA_LARGE, LARGE, MEDIUM, SMALL)
        return tuple(row for row in rows if row == NET or np.isfinite(series.values[row]).any())

    def set_look(self, look: Look) -> None:
        """Change colours and fonts."""
        self.look = look
        self.fonts = Fonts(look.theme)
        self.setBackground(look.theme.panel)
        self.marks.clear()
        self._table = ReadoutTable(look, self.fonts)
        for axis in (self.money, self.time):
            axis.set_look(look, self.fonts)
        self.bars.set_look(look)
        self.resizeEvent(None)

    def show_series(
        self,
        series: FlowSeries,
        currency: str,
        zone: str | None,
        *,
        running: date | None = None,
        note: str = "",
        recorded: Recorded = NONE_RECORDED,
    ) -> None:
        """Show every period of `series`; the one that holds `running` is still open and drawn hollow.

        `note` is added to the caption: whose bars these are, where that is a question. `recorded` are the
        bars that the archive has in place of the broker; those that are not confirmed are hollow too.
        """
        self._recorded = recorded
        self.bars.set_recorded(list(recorded), frozenset(place for place, days in recorded.items() if days))
        self._note = note
        fresh = self.series is None or (series.symbol, series.period) != (self.series.symbol, self.series.period)
        grown = self.series is not None and len(series) != len(self.series)
        self.series = series = without_beyond(series)
        self.currency = currency
        self.days = [_label_date(int(at), zone) for at in series.timestamps]
        count = len(series)
        days, period = self.days, series.period
        self.time.set_marks(lambda span, width, measure: history_marks(days, period, span, width, measure))
        if fresh or grown:
            self.leave()
            self.bars.set_frame(count - 1, ())
            self._fit_x()
        runs = running is not None and _same_period(days[-1], running, period)
        self._partial = frozenset(index for index in recorded if not series.confirmed[index])
        self.unfinished = tuple(sorted(self._partial | ({count - 1} if runs else set())))
        self.bars.set_hollow(self.unfinished)
        self._fit_y(series)
        self.bars.set_line(series.values[MAIN] if np.isfinite(series.values[MAIN]).any() else None, MAIN)
        self.bars.set_data(series.values[NET], count - 1, 0)
        self._redraw()

    def _fit_x(self) -> None:
        count = len(self.days)
        low, high = -_SIDE_BARS, count - 1 + _SIDE_BARS
        box = self.bars_plot.getViewBox()
        box.setLimits(xMin=low, xMax=high, minXRange=min(_LEAST_BARS, high - low), maxXRange=high - low)
        self.bars_plot.getViewBox().setXRange(low, high, padding=0)

    def show_all(self) -> None:
        """Every period."""
        self._fit_x()

    def _view_changed(self, *_: object) -> None:
        """Another part is in view: its bars take the height."""
        if self.series is not None and self.days:
            self.note_zoom(self.frame(self.bars_plot).x.size < len(self.days) - 1)
            self._fit_y(self.series)
        self._redraw()

    def _fit_y(self, series: FlowSeries) -> None:
        x = self.frame(self.bars_plot).x
        first, last = (max(math.ceil(x.low), 0), math.floor(x.high) + 1) if self.zoomed else (0, len(series))
        shown = series.values[[NET, MAIN], first:last]
        known = shown[np.isfinite(shown)]
        extent = Span(min(0.0, float(known.min())), max(0.0, float(known.max()))) if len(known) else Span(0.0, 0.0)
        self.fit_money(self.bars_plot, self.bars, extent)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Take the range afresh: its headroom is in pixels."""
        if event is not None:
            super().resizeEvent(event)
        if not hasattr(self, "bars"):  # the base class resizes while it is being made
            return
        area = QRectF(0, 0, self.width(), self.height())
        self.marks.set_area(area)
        self.ci.layout.activate()
        if self.series is not None:
            self._fit_y(self.series)
        self._redraw()

    def _redraw(self, *_args: object) -> None:
        if self.series is None:
            return
        frame = self.frame(self.bars_plot)
        theme = self.look.theme
        unit = unit_for(max(-frame.y.low, frame.y.high))
        title = Text(_(_CAPTIONS[self.series.period]), self.fonts.caption, theme.dim)
        tail = Text(f"{self.currency} {unit.suffix}".strip(), self.fonts.caption_plain, theme.dim)
        more = (
            _("bars net · line main") if MAIN in self.columns else "",
            self._note,
            _("grey foot: recorded") if self._recorded else "",
            _("cross: a damaged session is left out") if any(self._recorded.values()) else "",
            _("outline: in part") if self._partial else "",
        )
        texts, room = [title, tail], frame.width - 18 - title.width - tail.width
        for text in (Text(words, self.fonts.caption_plain, theme.dim) for words in more if words):
            room -= text.width + 7
            if room >= 0:
                texts.append(text)
        stamp = (*(text.text for text in texts), frame.left, frame.top)
        self.marks.put(
            "caption", stamp, partial(shapes.words, frame.left + 9, frame.top + 13 * self.fonts.scale, *texts)
        )
        self.aim()

    def ends(self) -> tuple[int, int]:
        """The oldest and the newest period."""
        return 0, len(self.days) - 1

    def label(self, index: int) -> object:
        """A period: of what kind it is, and its day."""
        return None if self.series is None else (self.series.period, self.days[index])

    def place(self, label: object) -> int | None:
        """The place of a period of the kind shown."""
        found = [index for index in range(len(self.days)) if self.label(index) == label]
        return found[0] if found else None

    def read(self) -> Readout | None:
        """The table of the crosshair's period."""
        return None if self.index is None or self.series is None else self.readout(self.series, self.index)

    def _go_away(self) -> None:
        had_it = self.index is not None
        super()._go_away()
        if had_it:
            self.readout_changed.emit(None)

    def aim(self) -> None:
        """Draw the crosshair where it stands; the table of its period goes out where there is no room for it."""
        frame = self.frame(self.pane)
        if self.index is None or self.series is None:
            return
        net = float(self.series.values[NET, self.index])
        unit = unit_for(max(-frame.y.low, frame.y.high))
        x = frame.at_x(self.index)
        name = period_name(self.days[self.index], self.series.period)
        y = frame.at_y(net) if np.isfinite(net) else None
        aim = Aim(x, y, (), name, scaled(net, unit))
        stage = Stage(
            QRectF(frame.left, frame.top, frame.width, frame.height),
            float(self.width()) - 5,
            self.height() - axis_height(self.fonts) / 2,
        )
        readout = self.readout(self.series, self.index)
        table, corner, changed = None, QPointF(), None
        if self._has_table:
            table = self._table
            changed = table.show(readout)
            corner = self._corner(self.series, table, frame, x)
        self.cross.show_at(aim, stage, self.look, self.fonts, (table, corner, changed))
        self.tag_axes(self.bars_plot, aim)
        self.readout_changed.emit(readout if table is None else None)

    def readout(self, series: FlowSeries, index: int) -> Readout:
        """The table of a period: net, main and the classes there are."""
        values = series.values[:, index]
        unit = unit_for(float(np.nanmax(np.abs(series.values[NET]), initial=0.0)))
        lines = tuple(
            ReadoutLine(_(NAMES[row]), row, (scaled(float(values[row]), unit),), (float(values[row]),))
            for row in self.columns
        )
        title = period_name(self.days[index], series.period)
        return Readout(title, (f"{self.currency} {unit.suffix}".strip(),), lines, self.note(index))

    def note(self, index: int) -> str:
        """That a period is recorded, what of it, and which sessions are damaged; empty of a broker's."""
        if index not in self._recorded:
            return ""
        if damaged := self._recorded[index]:
            has_rest = self.series is not None and np.isfinite(self.series.values[:, index]).any()
            return damaged_in_bar(damaged, has_rest=bool(has_rest))
        if index in self._partial:
            return _("recorded here in part: the broker has none")
        return _("recorded here: the broker has none")

    def lacking(self) -> str:
        """The damaged sessions that bars lack, for who hears it; empty where there is none."""
        days = sorted(day for damaged in self._recorded.values() for day in damaged)
        return damaged_in_bars(days) if days else ""

    def _corner(self, series: FlowSeries, table: ReadoutTable, frame: Frame, hand: float) -> QPointF:
        panes = QRectF(frame.left, frame.top, frame.width, frame.height)
        places = corners(panes, table.width, table.height, 26.0 * self.fonts.scale, 8.0)
        if 0 <= self._place < len(places):
            left, __, width, __ = places[self._place]
            if not left - 12 <= hand <= left + width + 12:
                return QPointF(*places[self._place][:2])
        xs: Floats = (
            frame.left + (np.arange(len(self.days), dtype=np.float64) - frame.x.low) / frame.x.size * frame.width
        )
        ys = frame.bottom - (series.values[NET] - frame.y.low) / frame.y.size * frame.height
        self._place = quietest(places, xs, ys, (), hand)
        return QPointF(*places[self._place][:2])

    def _choose(self) -> None:
        if self.index is not None and self.series is not None and self.series.period is Period.DAY:
            self.day_chosen.emit(self.days[self.index])

    def handle_key(self, event: QKeyEvent) -> bool:
        """What keys do in a plot; Enter shows the day."""
        if key_of(event) in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose()
            return True
        return super().handle_key(event)


def _label_date(at: int, zone: str | None) -> date:
    # Without a zone: labels are the exchange's midnight, and no exchange is half a day from UTC.
    found = date_time(at, zone) if zone is not None else date_time(at + 43200, UTC)
    return date.min if found is None else found.date()


def _same_period(label: date, day: date, period: Period) -> bool:
    if period is Period.DAY:
        return label == day
    if period is Period.WEEK:
        return label.isocalendar()[:2] == day.isocalendar()[:2]
    return (label.year, label.month) == (day.year, day.month)
