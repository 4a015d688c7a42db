"""What the crosshair says and where its table stands; the minute it is on, by mouse or keys."""

from __future__ import annotations

import math
from collections.abc import Callable
from zoneinfo import ZoneInfo

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from capflow_gui.domain.flow import EXTRA_LARGE, LARGE, MAIN, MEDIUM, NET, SMALL
from capflow_gui.present.language.texts import _
from capflow_gui.present.numbers import MISSING, Unit, compact, in_unit, scaled, signed_price, unit_for
from capflow_gui.present.numbers import price as price_text
from capflow_gui.ui.chart.axes import axis_height
from capflow_gui.ui.chart.crosshair import Aim, AxisTag, Readout, ReadoutLine, ReadoutTable, Stage, corners
from capflow_gui.ui.chart.geometry import quietest
from capflow_gui.ui.chart.intraday import IntradayPlot
from capflow_gui.ui.chart.labels import clock
from capflow_gui.ui.chart.look import BESIDE, NAMES, PRICE
from capflow_gui.ui.chart.session_data import Beside, SessionData, minute_of
from capflow_gui.ui.chart.view import TABLE_LEAST_HEIGHT, TAG_HALF_PX

_CAPTION_ROOM = 26.0
_FOOT_ROOM = 8.0
_NEWEST_PX = 8.0


class Pointer:
    """The crosshair of an intraday plot. `index` is the session minute it stands on, None when it is away.

    `moved` is told where it went by mouse or keys, for the charts that follow it.
    """

    def __init__(self, plot: IntradayPlot, changed: Callable[[Readout | None], None]) -> None:
        self._plot = plot
        self._changed = changed
        self._cross = plot.cross
        self._table = ReadoutTable(plot.look, plot.fonts)
        self._look: tuple[object, object] = (plot.look, plot.fonts)
        self._place = -1
        self._placed_in = QRectF()  # the pane for which the table's place was chosen
        self._shown: tuple[object, ...] = ()
        self._follows = False
        self._aim: Aim | None = None
        self.index: int | None = None
        self.moved: Callable[[int | None], None] = lambda _index: None
        plot.pointed.connect(self._point)
        plot.departed.connect(self.leave)

    def _point(self, x: float, y: float) -> None:
        plot, frame = self._plot, self._plot.lines_frame
        if plot.data is None or plot.data.last < 0 or not frame.left <= x <= frame.right:
            self.leave()
            return
        if y > plot.bars_frame.bottom:
            self.leave()
            return
        self.stand(round(frame.index(x)))

    def stand(self, index: int) -> None:
        """Go to a session minute; held to the minutes there are."""
        data = self._plot.data
        if data is None or data.last < 0:
            return
        index = min(max(index, data.anchor or 0), data.last)
        if index != self.index or self._follows:
            self.index, self._follows = index, False
            self.refresh()
            self.moved(index)

    def follow(self, index: int | None) -> None:
        """Stand where another chart's crosshair stands; its readout goes outside, so that nothing hides the curves."""
        data = self._plot.data
        if index is None or data is None or not (data.anchor or 0) <= index <= data.last:
            self._go_away()
        elif index != self.index or not self._follows:
            self.index, self._follows = index, True
            self.refresh()

    def step(self, minutes: int) -> None:
        """Move by minutes; the first step comes in at the newest one."""
        data = self._plot.data
        if data is None:
            return
        self.stand(data.last if self.index is None else self.index + minutes)

    def label(self, index: int) -> object:
        """The label of a minute."""
        data = self._plot.data
        return None if data is None else data.day.label(index)

    def place(self, label: object) -> int | None:
        """The minute of a label."""
        data = self._plot.data
        return None if data is None else minute_of(data.day, data.last, label)

    def read(self) -> Readout | None:
        """The table of the crosshair's minute."""
        data = self._plot.data
        return None if data is None or self.index is None else self.readout(data, self.index)

    def ends(self) -> tuple[int, int]:
        """The first and the newest minute there are."""
        data = self._plot.data
        return (0, 0) if data is None else (data.anchor or 0, data.last)

    def leave(self) -> None:
        """Take the crosshair away; where it follows another one, that one stays."""
        was_own = self.index is not None and not self._follows
        self._go_away()
        if was_own:
            self.moved(None)

    def _go_away(self) -> None:
        if self.index is None:
            return
        self.index = self._aim = None
        self._place = -1
        self._shown = ()
        self._hide_cross()
        self._changed(None)

    def refresh(self) -> None:
        """Draw it again: the minute, the data or the frames have changed."""
        data = self._plot.data
        if self.index is None or data is None:
            return
        if not (data.anchor or 0) <= self.index <= data.last:
            self.leave()
            return
        plot, frame = self._plot, self._plot.lines_frame
        index = self.index
        x = frame.at_x(index)
        if not frame.left - 1 <= x <= frame.right + 1:  # a zoomed view was moved away from it
            self._shown, self._aim = (), None
            self._hide_cross()
            self._changed(None)
            return
        rows = (NET,) if plot.stacks else plot.columns if plot.solo is None else (plot.solo,)
        values: list[float] = data.values[:, index].tolist()
        dots = tuple((frame.at_y(values[row]), row) for row in rows if math.isfinite(values[row]))
        beside = plot.beside_shown
        if beside is not None and math.isfinite(beside.values[index]):
            dots = ((frame.at_y(float(beside.values[index])), BESIDE), *dots)
        if (price := plot.price.at(index)) is not None:
            dots = ((frame.at_y(price[1]), PRICE), *dots)
        net = values[rows[-1]]
        unit = plot.lines_unit
        readout = self.readout(data, index)
        aim = Aim(
            x=x,
            y=frame.at_y(net) if math.isfinite(net) else None,
            dots=dots,
            time=readout.title,
            value=scaled(net, unit, 2 if unit.suffix == "%" else 1 if abs(net) < 1000 * unit.factor else 0),
            more=self._axis_tags(data, index, rows[-1]),
            tag_y=self._beside_threshold(frame.at_y(net)) if math.isfinite(net) else None,
        )
        bottom = plot.bars_frame.bottom if plot.bars_shown else frame.bottom
        panes = QRectF(frame.left, frame.top, frame.width, bottom - frame.top)
        stage = Stage(panes, float(plot.width()) - 5, plot.height() - axis_height(plot.fonts) / 2)
        table, corner, changed = None, QPointF(), None
        if plot.height() >= TABLE_LEAST_HEIGHT * plot.fonts.scale and not (plot.compact or self._follows):
            if (plot.look, plot.fonts) != self._look:
                self._look = (plot.look, plot.fonts)
                self._table = ReadoutTable(plot.look, plot.fonts)
            table = self._table
            changed = table.show(readout)
            corner = self._corner(data, table, x)
        state = (aim, stage, readout, corner.x(), corner.y(), id(plot.look))
        if state != self._shown:
            self._shown = state
            self._aim = aim
            self._cross.show_at(aim, stage, plot.look, plot.fonts, (table, corner, changed))
        self._cover(aim, QRectF() if table is None else QRectF(corner.x(), corner.y(), table.width, table.height))
        self._changed(readout if table is None else None)

    def _beside_threshold(self, y: float) -> float:
        """Where a tag for scene `y` stands: above or below that of the threshold, which stays in sight."""
        kept, frame = self._plot.tags.box("tag threshold"), self._plot.lines_frame
        if kept is None or abs(y - kept.center().y()) >= kept.height():
            return y
        above, below = kept.center().y() - kept.height(), kept.center().y() + kept.height()
        places = [each for each in (above, below) if frame.top < each < frame.bottom]
        return min(places, key=lambda place: abs(place - y), default=y)

    def _axis_tags(self, data: SessionData, index: int, row: int) -> tuple[AxisTag, ...]:
        """The minute's own flow on the axis of the bars, and the price on its own; each where it is shown and known."""
        plot, frame, tags = self._plot, self._plot.bars_frame, list[AxisTag]()
        moved, half = float(data.deltas[row, index]), TAG_HALF_PX * plot.fonts.scale
        if plot.bars_shown and math.isfinite(moved):
            y = min(max(frame.at_y(moved), frame.top + half), frame.bottom - half)
            unit = unit_for(max(-frame.y.low, frame.y.high))
            tags.append(AxisTag(y, scaled(moved, unit, 1 if abs(moved) < 1000 * unit.factor else 0)))
        if (price := plot.price.at(index)) is not None:
            tags.append(AxisTag(plot.lines_frame.at_y(price[1]), price_text(price[0]), left=True))
        return tuple(tags)

    def readout(self, data: SessionData, index: int) -> Readout:
        """The table of a minute: each class since the open, and in this minute or this step."""
        plot = self._plot
        unit = unit_for(max(-plot.lines_frame.y.low, plot.lines_frame.y.high))
        columns: tuple[int, ...] = (NET,)
        if plot.beside is not None and plot.beside.compared:
            columns = plot.columns
        elif data.classes:
            columns = (NET, MAIN) if plot.compact else (NET, EXTRA_LARGE, LARGE, MEDIUM, SMALL)
        elif not plot.compact:
            columns = (NET, *data.derived)
        gap = data.gap_at(index)
        note, last_head = "", _("this minute")
        if gap is not None:
            last_head = _("over {minutes} min").format(minutes=gap.minutes)
            note = _("{amount} over {minutes} min, one step").format(
                amount=compact(gap.delta[NET]), minutes=gap.minutes
            )
        lines = []
        totals: list[float] = data.values[:, index].tolist()
        moves = data.deltas[:, index].tolist() if gap is None else gap.delta
        for column in columns:
            if column in data.derived:
                lines.append(self._derived_line(data, index, column, unit))
                continue
            total, moved = totals[column], moves[column]
            lines.append(
                ReadoutLine(_(NAMES[column]), column, (in_unit(total, unit), in_unit(moved, unit)), (total, moved))
            )
        if plot.beside_shown is not None:
            lines.append(self._beside_line(plot.beside_shown, index, unit))
        if plot.prices_shown is not None:
            lines.append(self._price_line(index))
        zone = ZoneInfo(data.day.zone)
        title = clock(data.day.label(index), zone)
        parts = self._notes_of(data, index, note, sizes=len(columns) > 1)
        since = (
            _("since open")
            if data.anchor is None
            else _("since {clock}").format(clock=clock(data.day.label(data.anchor), zone))
        )
        return Readout(title, (since, last_head), tuple(lines), " · ".join(filter(None, parts)))

    def _notes_of(self, data: SessionData, index: int, step: str, *, sizes: bool) -> list[str]:
        """What is to be known of a minute; `step` of a wide one, `sizes`: there are figures of order sizes."""
        note = step
        if not np.isfinite(data.values[NET, index]):
            note = _("no line for this minute")
        elif data.provisional and index == data.last:
            note = _("still moving")
        notes = [note]
        if index in self._plot.state.revised:
            notes.append(_("revised after it was confirmed"))
        if sizes and data.derived:
            newest = data.snapshots_at(index)[0]
            at = "" if newest is None else clock(data.day.label(newest), ZoneInfo(data.day.zone))
            none = _("no snapshot of the order sizes yet")
            notes.append(_("order sizes at {at}, snapshot").format(at=at) if at else none)
        return notes

    def _price_line(self, index: int) -> ReadoutLine:
        """The price of a minute and what it moved by in it; neither has a direction of flow."""
        now, before = (self._plot.price.at(at) if at >= 0 else None for at in (index, index - 1))
        moved = "" if now is None or before is None else signed_price(now[0] - before[0], now[0])
        figures = (MISSING if now is None else price_text(now[0]), moved or MISSING)
        return ReadoutLine(_(NAMES[PRICE]), PRICE, figures, (math.nan, math.nan))

    @staticmethod
    def _beside_line(beside: Beside, index: int, unit: Unit) -> ReadoutLine:
        total, before = float(beside.values[index]), float(beside.values[index - 1]) if index else math.nan
        moved = total - before
        return ReadoutLine(beside.name, BESIDE, (in_unit(total, unit), in_unit(moved, unit)), (total, moved))

    @staticmethod
    def _derived_line(data: SessionData, index: int, column: int, unit: Unit) -> ReadoutLine:
        """A class as the newest snapshot so far has it; what it brought, in the minute of a snapshot alone."""
        newest, before = data.snapshots_at(index)
        total = math.nan if newest is None else float(data.values[column, newest])
        moved, since = math.nan, ""
        if newest is not None and before is not None and newest == index:
            moved = total - float(data.values[column, before])
            since = "" if newest - before == 1 else " " + _("in {minutes} min").format(minutes=newest - before)
        return ReadoutLine(
            _(NAMES[column]), column, (in_unit(total, unit), in_unit(moved, unit) + since), (total, moved)
        )

    def _corner(self, data: SessionData, table: ReadoutTable, hand: float) -> QPointF:
        plot, frame = self._plot, self._plot.lines_frame
        pill = plot.marks.box("pill")
        foot = _FOOT_ROOM
        panes = QRectF(frame.left, frame.top, frame.width, frame.height)
        places = corners(panes, table.width, table.height, _CAPTION_ROOM * plot.fonts.scale, foot)
        if 0 <= self._place < len(places) and panes == self._placed_in:
            left, _top, width, _height = places[self._place]
            if not left - 12 <= hand <= left + width + 12:
                return QPointF(places[self._place][0], places[self._place][1])
        rows = list(plot.columns)
        indexes = np.tile(np.arange(data.last + 1), len(rows)).astype(np.float64)
        values = data.values[rows, : data.last + 1].ravel()
        xs = frame.left + (indexes - frame.x.low) / frame.x.size * frame.width
        ys = frame.bottom - (values - frame.y.low) / frame.y.size * frame.height
        names = plot.marks.boxes("name ")
        now = QPointF(frame.at_x(data.last), frame.at_y(float(data.values[NET, data.last])))
        newest = [QRectF(now, now).adjusted(-_NEWEST_PX, -_NEWEST_PX, _NEWEST_PX, _NEWEST_PX)]
        newest += [names.pop(key) for key in [f"name {NET}"] if key in names]
        taken = [*names.values()]
        if pill is not None:
            taken.append(pill)
        text, end = ([(b.x(), b.y(), b.width(), b.height()) for b in boxes] for boxes in (taken, newest))
        self._placed_in = panes
        self._place = quietest(places, xs, ys, text, hand, newest=end)
        return QPointF(places[self._place][0], places[self._place][1])

    def _hide_cross(self) -> None:
        self._cross.hide_it()
        for marks in (self._plot.marks, self._plot.tags):
            marks.hide_only(frozenset())

    def _cover(self, aim: Aim, table: QRectF) -> None:
        """Hide what a part of lies under the crosshair: labels and net's tag under its tags, names under its table."""
        net = self._plot.tags.box("tag net")
        under = net is not None and aim.y is not None and self._cross.value_box.intersects(net)
        self._plot.tags.hide_only(frozenset(["tag net"] if under else []))
        names = self._plot.marks.boxes("name ").items()
        self._plot.marks.hide_only(frozenset(key for key, box in names if box.intersects(table)))
        plot, lines, times = self._plot, self._plot.lines_frame, self._cross.times
        labels = [] if aim.tag_at is None else plot.money.under(plot.tag_spans(lines, [aim.tag_at]))
        for tag in aim.more:
            axis, frame = (plot.price.axes[0], lines) if tag.left else (plot.bars_money, plot.bars_frame)
            labels += axis.under(plot.tag_spans(frame, [tag.y]))
        labels += plot.time.under([(times[0] - lines.left, times[1] - lines.left)])
        self._cross.cover(labels)
