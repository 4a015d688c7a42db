"""Several symbols, or one by several sources, on one axis: net since the open as a share of turnover."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from zoneinfo import ZoneInfo

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QResizeEvent
from PySide6.QtWidgets import QWidget

from capflow_gui.domain.flow import Flag, Floats
from capflow_gui.domain.session import TradingDay
from capflow_gui.feed.board import Row
from capflow_gui.present.language.texts import _
from capflow_gui.present.numbers import MISSING, Unit, as_shown, long_day, scaled, unit_for
from capflow_gui.ui.chart import marks as shapes
from capflow_gui.ui.chart.axes import axis_height
from capflow_gui.ui.chart.crosshair import Aim, Readout, ReadoutLine, ReadoutTable, Stage, corners
from capflow_gui.ui.chart.curves import ROWS, CurvesItem
from capflow_gui.ui.chart.geometry import Span, push_apart, quietest
from capflow_gui.ui.chart.labels import clock, session_labels
from capflow_gui.ui.chart.layers.one_pane import OnePane
from capflow_gui.ui.chart.look import LEADER_PX, Fonts, Look, Text, dashed, line_pen
from capflow_gui.ui.chart.marks import rounded
from capflow_gui.ui.chart.session_data import beside, minute_of
from capflow_gui.ui.models.figures import Look as FigureLook
from capflow_gui.ui.models.figures import figures_of
from capflow_gui.ui.theme import faded

# Shares are kept in hundredths of a per cent: a range of them is never a fraction of one.
_UNIT = Unit("%", 100.0)
# What a share is multiplied by to be in hundredths of a per cent.
HUNDREDTHS = 1e4
_SIDE_PX, _NAME_GAP_PX = 24.0, 19.0
# Of the lines below the first, which is that of text: colours that mean nothing else.
_COLORS = ("violet", "cyan", "pink", "grey", "indigo")


@dataclass(frozen=True, slots=True, eq=False)
class ComparedLine:
    """A symbol on the axis of the first one's session. `shares` is (minutes + 1,), hundredths of a per cent, or money.

    name    the symbol, with the day where its session is another one
    true    whether its figures are true now, or final
    lacks   why it has no line; empty where it has one
    """

    name: str
    shares: Floats
    true: bool
    lacks: str = ""


def compared_line(row: Row, day: TradingDay, *, link_ready: bool) -> ComparedLine:
    """A row's net as a share of its turnover so far, minute by minute since the open of its own session."""
    none = np.full(day.minutes + 1, np.nan)
    series, name = row.series, str(row.symbol)
    if series is None or row.day is None or not len(series):
        return ComparedLine(name, none, true=False, lacks=_("no lines yet"))
    if row.day.day != day.day:
        name = _("{symbol} ({day})").format(symbol=name, day=long_day(row.day.day))
    if series.flags & Flag.PER_MINUTE:
        return ComparedLine(name, none, true=False, lacks=_("no running total"))
    if not row.turnover:
        return ComparedLine(name, none, true=False, lacks=_("turnover not known"))
    laid = beside(series, row.day, day, name).values / row.turnover * HUNDREDTHS
    shares = none.copy()
    shares[: len(laid)] = laid
    true = figures_of(row, link_ready=link_ready).look is FigureLook.TRUE
    return ComparedLine(name, shares, true)


class ComparePlot(OnePane):
    """One pane with a line a symbol, the first one on top; at most as many as there are colours."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.lines: list[ComparedLine] = []
        self.day: TradingDay | None = None
        self._amounts, self._unit = False, _UNIT
        self.curves = CurvesItem(self.pane.getViewBox(), look, self.narrow)
        self._dressed = look
        self._values, self._last = np.full((ROWS, 1), np.nan), 0
        box = self.pane.getViewBox()
        box.sigXRangeChanged.connect(self._view_changed)
        box.sigResized.connect(self._view_changed)

    def _color(self, place: int) -> QColor:
        theme = self.look.theme
        return theme.text if place == 0 else theme.group(_COLORS[place - 1])

    def set_look(self, look: Look) -> None:
        """Change colours and fonts."""
        self.look, self.fonts = look, Fonts(look.theme)
        self.setBackground(look.theme.panel)
        self.marks.clear()
        for axis in (self.money, self.time):
            axis.set_look(look, self.fonts)
        self._dress()
        self.resizeEvent(None)

    def _dress(self) -> None:
        """Give each line its colour; one that is not true now has none, and is dashed."""
        none, nothing = self.look.theme.none, QBrush(Qt.BrushStyle.NoBrush)
        pens = dict(self.look.curve)
        for place, line in enumerate(self.lines):
            pens[place] = line_pen(self._color(place)) if line.true else dashed(none, (4, 3), self.look.ratio)
        self._dressed = replace(self.look, curve=pens, wash_up=nothing, wash_down=nothing, breach=nothing)
        self._table = ReadoutTable(self._dressed, self.fonts)
        self.curves.set_look(self._dressed)

    def show_lines(self, lines: Sequence[ComparedLine], day: TradingDay, *, amounts: bool = False) -> None:
        """Show symbols on the axis of a session, that of the first one; `amounts`: where no share is known."""
        at_edge = self.zoomed and self.frame(self.pane).x.holds(self._last)
        before = self._last
        fresh = self.day != day or [each.name for each in lines] != [each.name for each in self.lines]
        restyled = [each.true for each in lines] != [each.true for each in self.lines]
        self.lines, self.day = list(lines), day
        if fresh:
            self.leave()
            self.curves.set_frame(day.minutes, day.seams)
            self.time.set_marks(partial(session_labels, day), day.seams)
            self.note_zoom(False)
        if fresh or restyled:
            self._dress()
        values = np.full((ROWS, day.minutes + 1), np.nan)
        for place, line in enumerate(lines):
            values[place] = line.shares
        self._amounts = amounts
        self._unit = unit_for(float(np.nanmax(np.abs(values), initial=0.0))) if amounts else _UNIT
        self.curves.set_columns(tuple(reversed(range(len(lines)))))
        self._values, self._last = values, self._newest(values)
        if not self.zoomed:
            self._fit_x(day)
        self._fit_y()
        self.curves.set_data(values, self._last)
        if at_edge and not fresh and self._last > before:
            self.reveal(self._last)
        self._annotate()

    @staticmethod
    def _newest(values: Floats) -> int:
        known = np.flatnonzero(np.isfinite(values).any(axis=0))
        return int(known[-1]) if len(known) else 0

    def _fit_x(self, day: TradingDay) -> None:
        names = max((self.fonts.name.width(line.name) for line in self.lines), default=0.0)
        needed = LEADER_PX + 18 + names + self.fonts.value.width("−88.88%")
        full, width = float(day.minutes), max(self.pane.getViewBox().width(), 4 * _SIDE_PX)
        room = max((needed * full - (full - self._last) * width) / max(width - needed, 1.0), 0.0)
        right = max(min(room, 0.5 * full), _SIDE_PX * full / width)
        pad = _SIDE_PX * (full + right) / width
        box = self.pane.getViewBox()
        box.setLimits(xMin=-pad, xMax=full + right, minXRange=10, maxXRange=full + pad + right)
        box.setXRange(-pad, full + right, padding=0)

    def show_all(self) -> None:
        """The whole session."""
        self.note_zoom(False)
        if self.day is not None:
            self._fit_x(self.day)

    def _view_changed(self, *_changed: object) -> None:
        if self.day is not None and self.lines:
            self.note_zoom(self.frame(self.pane).x.size < self.day.minutes)
            self._fit_y()
            self._annotate()

    def _fit_y(self) -> None:
        """The range of the minutes in view; zero is among them where all are."""
        x = self.frame(self.pane).x
        first, last = max(math.floor(x.low), 0), math.ceil(x.high) + 1
        shown = self._values[:, first:last] if self.zoomed else self._values
        known = shown[np.isfinite(shown)]
        zero = [] if self.zoomed and len(known) else [0.0]
        extent = Span(min([*known.tolist(), *zero]), max([*known.tolist(), *zero]))
        self.fit_money(self.pane, self.curves, extent, self._unit)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Take the ranges afresh: their room is in pixels."""
        if event is not None:
            super().resizeEvent(event)
        if not hasattr(self, "_values"):  # the base class resizes while it is being made
            return
        self.marks.set_area(QRectF(0, 0, self.width(), self.height()))
        self.ci.layout.activate()
        if self.day is not None and not self.zoomed:
            self._fit_x(self.day)
        self._view_changed()

    def share_told(self, place: int) -> str:
        """A line's newest share in words."""
        known = self._values[place][np.isfinite(self._values[place])]
        return self._told(float(known[-1])) if len(known) else MISSING

    def _told(self, value: float) -> str:
        """A share or an amount with its unit."""
        told = scaled(value, self._unit, 2)
        return told if told == MISSING else told + self._unit.suffix

    # words

    def _annotate(self) -> None:
        frame, theme, fonts = self.frame(self.pane), self.look.theme, self.fonts
        told = [_("{symbol}: {why}").format(symbol=line.name, why=line.lacks) for line in self.lines if line.lacks]
        if any(not line.true and not line.lacks for line in self.lines):
            told.append(_("dashed: not true now"))
        title = _("Net since the open, share of turnover so far")
        if self._amounts:
            title = _("Net since the open, amounts as given: the turnover is not known")
        texts = [Text(title, fonts.caption, theme.dim)]
        room = frame.width - 18 - texts[0].width
        for words in (self._unit.suffix, *told):
            text = Text(words, fonts.caption_plain, theme.dim)
            room -= text.width + 14
            if room >= 0:
                texts.append(text)
        stamp = (*(text.text for text in texts), frame.left, frame.top, theme.dim.rgba())
        at = frame.left + 9, frame.top + 13 * fonts.scale
        self.marks.put("caption", stamp, partial(shapes.words, *at, *texts, gap=14.0))
        self._name_lines()
        self.aim()

    def _name_lines(self) -> None:
        frame, theme, fonts, scale = self.frame(self.pane), self.look.theme, self.fonts, self.fonts.scale
        end = min(self._last, math.floor(frame.x.high))
        found: list[tuple[int, int, float]] = []
        for place in range(len(self.lines)):
            known = np.flatnonzero(np.isfinite(self._values[place, : max(end, 0) + 1]))
            if len(known):
                found.append((place, int(known[-1]), float(self._values[place, known[-1]])))
        gap = _NAME_GAP_PX * scale
        wishes = [frame.at_y(value) for _place, _at, value in found]
        middles = push_apart(wishes, gap, frame.top + 30 * scale, frame.bottom - 10 * scale)
        x = frame.at_x(max(end, 0))
        leaders: list[shapes.Leader] = []
        for (place, at, value), y, middle in zip(found, wishes, middles, strict=True):
            line = self.lines[place]
            color = self._color(place) if line.true else theme.none
            name = Text(line.name, fonts.name, color)
            told = self._told(value) if end == self._last else ""
            figure = Text(told, fonts.value, theme.direction(as_shown(value, told), true=line.true))
            wide = name.width + 7 + figure.width
            left = x + LEADER_PX + 7 if x + LEADER_PX + 7 + wide <= frame.right else frame.right - wide - 4
            stamp = (name.text, figure.text, rounded(left), rounded(middle), color.rgba(), figure.color.rgba())
            make = partial(shapes.words, left, middle, name, figure, ground=faded(self.look.future, 0.8))
            self.marks.put(f"name {place}", stamp, make)
            begin = frame.at_x(at)
            if left > begin + LEADER_PX:
                leaders.append((begin + 3, y, left - 5, middle, color))
        for key in set(self.marks.boxes("name ")) - {f"name {place}" for place, _at, _value in found}:
            self.marks.drop(key)
        if leaders:
            stamp_of = tuple((*map(rounded, ends), color.rgba()) for *ends, color in leaders)
            self.marks.put("leaders", stamp_of, partial(shapes.leaders, leaders))
        else:
            self.marks.drop("leaders")

    # the crosshair

    def ends(self) -> tuple[int, int]:
        """The open and the newest minute."""
        return 0, self._last if self.lines else -1

    def label(self, index: int) -> object:
        """The label of a minute."""
        return None if self.day is None else self.day.label(index)

    def place(self, label: object) -> int | None:
        """The minute of a label."""
        return minute_of(self.day, self._last, label)

    def read(self) -> Readout | None:
        """The table of the crosshair's minute."""
        return None if self.index is None else self.readout(self.index)

    def readout(self, index: int) -> Readout:
        """The table of a minute: each symbol's share so far, and in this minute."""
        lines = []
        for place, line in enumerate(self.lines):
            now, before = (float(line.shares[at]) if at >= 0 else math.nan for at in (index, index - 1))
            figures = (self._told(now), self._told(now - before))
            values = (now, now - before) if line.true else (math.nan, math.nan)
            lines.append(ReadoutLine(line.name, place, figures, values))
        day = self.day
        title = "" if day is None else clock(day.label(index), ZoneInfo(day.zone))
        return Readout(title, (_("since open") if self._amounts else _("of turnover"), _("this minute")), tuple(lines))

    def aim(self) -> None:
        """Draw the crosshair where it stands, and the table of its minute."""
        if self.index is None or self.day is None:
            return
        frame, index = self.frame(self.pane), self.index
        x = frame.at_x(index)
        if not frame.left - 1 <= x <= frame.right + 1:
            self.cross.hide_it()
            return
        readout = self.readout(index)
        known = [(frame.at_y(float(line.shares[index])), place) for place, line in enumerate(self.lines)]
        dots = tuple((y, place) for y, place in reversed(known) if math.isfinite(y))
        first = float(self.lines[0].shares[index])
        aim = Aim(
            x, frame.at_y(first) if math.isfinite(first) else None, dots, readout.title, scaled(first, self._unit, 2)
        )
        panes = QRectF(frame.left, frame.top, frame.width, frame.height)
        stage = Stage(panes, float(self.width()) - 5, self.height() - axis_height(self.fonts) / 2)
        table, corner, changed = None, QPointF(), None
        if self._has_table:
            table = self._table
            changed = table.show(readout)
            corner = self._corner(table, panes, x)
        self.cross.show_at(aim, stage, self._dressed, self.fonts, (table, corner, changed))
        self.tag_axes(self.pane, aim)

    def _corner(self, table: ReadoutTable, panes: QRectF, hand: float) -> QPointF:
        frame = self.frame(self.pane)
        places = corners(panes, table.width, table.height, 26.0 * self.fonts.scale, 8.0)
        rows, columns = np.nonzero(np.isfinite(self._values))
        xs = frame.left + (columns - frame.x.low) / frame.x.size * frame.width
        ys = frame.bottom - (self._values[rows, columns] - frame.y.low) / frame.y.size * frame.height
        avoid = [(box.x(), box.y(), box.width(), box.height()) for box in self.marks.boxes("name ").values()]
        self._place = quietest(places, xs.astype(np.float64), ys.astype(np.float64), avoid, hand)
        return QPointF(*places[self._place][:2])
