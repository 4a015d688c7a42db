"""Puts the words on the session's panes: captions, names at line ends, tags, the rule's pill, the breach."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from capflow_gui.domain.flow import NET, Floats
from capflow_gui.domain.typed.level import level_condition
from capflow_gui.present.language.texts import _, language
from capflow_gui.present.numbers import as_shown, compact, near, units
from capflow_gui.present.numbers import price as price_text
from capflow_gui.present.sentences import rule_words
from capflow_gui.ui.chart import marks as shapes
from capflow_gui.ui.chart.geometry import Frame, push_apart
from capflow_gui.ui.chart.intraday import IntradayPlot
from capflow_gui.ui.chart.layers.captions import Captions
from capflow_gui.ui.chart.layers.stack import middles
from capflow_gui.ui.chart.look import LEADER_PX, NAMES, PRICE, Text
from capflow_gui.ui.chart.session_data import SessionData
from capflow_gui.ui.theme import faded

NAME_GAP_PX = 19.0
_TAG_GAP_PX = 22.0
_MOST_REVISED = 60
_ROOM_FOR_PILL = 230.0
_NEWEST = 30  # lines


class Annotations:
    """Keeps a plot's marks where its data are.

    dragged  the threshold's live value while its line is dragged; None otherwise
    still    nothing offers to be dragged: a picture is being taken
    """

    def __init__(self, plot: IntradayPlot) -> None:
        self._plot = plot
        self._texts: dict[str, Text] = {}
        self.captions = Captions(plot, self._text)
        self._rule: tuple[Text, Text | None]  # what the pill says, and the hint beside it
        self.dragged: float | None = None
        self.still = False

    def forget(self) -> None:
        """Drop laid-out text: fonts or colours have changed."""
        self._texts.clear()

    @property
    def _scale(self) -> float:
        return self._plot.fonts.scale

    def _text(self, slot: str, text: str, kind: str, color: QColor) -> Text:
        made = self._texts.get(slot)
        if made is None or made.text != text or made.color != color:
            made = Text(text, getattr(self._plot.fonts, kind), color)
            self._texts[slot] = made
        return made

    @property
    def _can_drag(self) -> bool:
        return not (self.still or self._plot.state.is_fixed)

    def place(self) -> None:
        """Bring every mark up to date; those that stand still are not touched."""
        data = self._plot.data
        if data is None:
            self._plot.marks.clear()
            self._plot.tags.clear()
            return
        self.captions.place()
        self._names(data)
        self._threshold(data)
        self._revised(data)
        self._gaps(data)
        self._name_beside(data)
        self._tags(data)

    def _names(self, data: SessionData) -> None:
        plot, frame = self._plot, self._plot.lines_frame
        end = min(data.last, math.floor(frame.x.high))  # a zoomed view may end before the newest minute
        known = {c: data.newest(c, None if end == data.last else end) for c in reversed(plot.columns)}
        ends = {c: data.values.item(c, at) for c, at in known.items() if at >= 0}
        columns = [c for c, value in ends.items() if math.isfinite(value)]
        heights = self._heights(data, columns, ends, known)
        x = frame.at_x(max(end, 0))
        if not columns or x < frame.left:
            for key in (*(f"name {column}" for column in NAMES), "leaders", "newest"):
                plot.marks.drop(key)
            return
        gap, scale = NAME_GAP_PX * self._scale, self._scale
        columns = columns[: max(int((frame.height - 40 * scale) // gap), 1)]  # a low pane names net, and who fits
        values = {column: ends[column] for column in columns}
        newest = end == data.last  # an older value beside a name would be read as the newest one
        price = self._newest_price(end)
        if price is not None:
            columns.append(PRICE)
            known[PRICE], values[PRICE], heights[PRICE] = price
        texts = {column: self._name_texts(column, value, newest=newest) for column, value in values.items()}
        width = max(name.width + 7 + value.width for name, value in texts.values())
        late = x + LEADER_PX + 8 + width > frame.right
        if late and x - width - 10 < frame.left:  # the tag on the axis has the value, and a cut one would mislead
            texts = {column: self._name_texts(column, value, newest=False) for column, value in values.items()}
        ys = [frame.at_y(heights[column]) for column in columns]
        wishes = [y - 13 * scale if late else y for y in ys]
        placed = push_apart(wishes, gap, frame.top + 30 * scale, frame.bottom - 10 * scale)
        closed = late or x + LEADER_PX + 7 > frame.at_x(data.day.minutes)
        ground = faded(plot.look.theme.panel if closed else plot.look.future, 0.8)
        lines: list[shapes.Leader] = []
        for column, y, middle in zip(columns, ys, placed, strict=True):
            name, value = texts[column]
            own = name.width + 7 + value.width
            left = x - own - 10 if late else x + LEADER_PX + 7
            self._put_name(column, (left, middle), (name, value), ground, closed=closed)
            begin = frame.at_x(known[column])
            # A leader from an old snapshot would look like a curve, and one of a line that is not in the frame, too.
            if not late and x - begin <= LEADER_PX and frame.top <= y <= frame.bottom:
                lines.append((begin + 3, y, x + LEADER_PX + 1, middle, plot.look.curve[column].color()))
        for column in set(NAMES) - set(columns):
            plot.marks.drop(f"name {column}")
        if lines:
            plot.marks.put("leaders", (plot.look, *(line[:4] for line in lines)), partial(shapes.leaders, lines))
        else:
            plot.marks.drop("leaders")
        self._newest(data, end, frame)

    def _heights(
        self, data: SessionData, columns: list[int], ends: dict[int, float], known: dict[int, int]
    ) -> dict[int, float]:
        """Beside which amount each name stands: the end of its curve, or the middle of its band."""
        heights = {column: ends[column] for column in columns}
        if self._plot.stacks and columns:
            heights |= {c: y for c, y in middles(data.values[:, known[columns[0]]]).items() if c in heights}
        return heights

    def _newest_price(self, end: int) -> tuple[int, float, float] | None:
        """The minute of the newest price up to `end`, the price, and the amount beside which it stands."""
        prices = self._plot.prices_shown
        if prices is None or not (known := np.flatnonzero(np.isfinite(prices[: end + 1]))).size:
            return None
        found = self._plot.price.at(int(known[-1]))
        return None if found is None else (int(known[-1]), *found)

    def _name_texts(self, column: int, value: float, *, newest: bool) -> tuple[Text, Text]:
        look, solo = self._plot.look, self._plot.solo
        if column == PRICE:
            told = price_text(value) if newest and self._plot.names_valued else ""
            name = self._text("name price", _(NAMES[PRICE]), "name", look.theme.dim)
            return name, self._text("value price", told, "value", look.theme.dim)
        quiet, valued = solo is not None and solo != column, self._plot.names_valued
        name_color = look.theme.dim if quiet else look.name_color(column)
        figure = compact(value) if newest and valued else ""
        value_color = look.theme.dim if quiet else look.value_color(as_shown(value, figure))
        return (
            self._text(f"name {column}", _(NAMES[column]), "name", name_color),
            self._text(f"value {column}", figure, "value", value_color),
        )

    def _put_name(
        self, column: int, at: tuple[float, float], texts: tuple[Text, Text], ground: QColor, *, closed: bool
    ) -> None:
        plot = self._plot
        if at[0] < plot.lines_frame.left:
            plot.marks.drop(f"name {column}")
        else:
            stamp = (plot.look, *texts, *at, closed)
            plot.marks.put(f"name {column}", stamp, lambda: shapes.words(*at, *texts, ground=ground))

    def _newest(self, data: SessionData, end: int, frame: Frame) -> None:
        plot, x = self._plot, frame.at_x(end)
        row = NET if plot.solo is None else plot.solo
        value = data.values.item(row, data.last)
        if not data.provisional or end < data.last or not math.isfinite(value):
            plot.marks.drop("newest")
            return
        y = frame.at_y(value)
        color = plot.look.curve[row].color()
        plot.marks.put(
            "newest", (plot.look, row, x, y), partial(shapes.hollow_point, x, y, plot.look.theme.panel, color)
        )

    def _threshold(self, data: SessionData) -> None:
        plot = self._plot
        value = plot.state.threshold if self.dragged is None else self.dragged
        inside = value is not None and plot.lines_frame.y.holds(value)
        narrow = plot.in_grid and plot.width() < _ROOM_FOR_PILL * self._scale  # the line and its tag say it
        if value is None or plot.solo is not None or (narrow and inside):
            plot.marks.drop("pill")
        else:
            self._pill(data, value, inside=inside)
        self._breach(data, shown=plot.solo is None)

    def _pill(self, data: SessionData, value: float, *, inside: bool) -> None:
        plot, theme, frame = self._plot, self._plot.look.theme, self._plot.lines_frame
        said = (value, plot.state, self.dragged, inside, value < frame.y.low, plot.compact, self._can_drag)
        if not plot.marks.kept("pill", language(), units(), plot.look, plot.fonts, *said):
            words = plot.state.words or rule_words(level_condition(plot.state.level_at(value)))
            if not inside:
                words += " ↓" if value < frame.y.low else " ↑"
            hint = "" if plot.compact else self._hint(inside=inside)
            text = self._text("pill", words, "pill", theme.alert_text if theme.dark else theme.text)
            self._rule = text, self._text("hint", hint, "caption_plain", theme.dim) if hint else None
        text, beside = self._rule
        place = self._pill_place(data, value, text, beside)
        if place is None:
            plot.marks.drop("pill")
            return
        left, y, beside = place
        make = partial(shapes.rule_pill, left, y, (text, beside), theme.panel, theme.alert_text)
        plot.marks.put("pill", (plot.look, text, beside, left, y), make)

    def _pill_place(
        self, data: SessionData, value: float, text: Text, hint: Text | None
    ) -> tuple[float, float, Text | None] | None:
        """Left, middle and hint of the pill: by its line, clear of names; at the left unless they stand there.

        The hint goes where it would stand on a curve; the pill stands on none where there is another place, and last on
        its newest part. Where a tile of a grid has no other there is no pill: its head or its axis says the rule.
        """
        frame, scale = self._plot.lines_frame, self._scale
        foot = frame.bottom - 14 * scale
        if frame.y.holds(value):
            at = frame.at_y(value)
            tried = (at + 14 * scale, at - 14 * scale)
            middles = [y for y in tried if frame.top + 26 * scale < y < foot + 3] or [foot]
        else:
            middles = [foot]
        names = [*self._plot.marks.boxes("name ").values(), *self._plot.marks.boxes("caption lines").values()]
        wide = shapes.pill_width(text, None)
        places = [(frame.left + 8, y) for y in middles] + [(frame.right - 8 - wide, y) for y in middles]
        newest = max(data.last - _NEWEST, 0)
        for extra, since in ((hint, 0), (None, 0), (None, newest), *(() if self._plot.in_grid else ((None, None),))):
            width = shapes.pill_width(text, extra)
            for left, y in places if extra is None else places[: len(middles)]:
                box = QRectF(left - 2, y - 10 * scale, width + 4, 20 * scale)
                if any(box.intersects(name) for name in names):
                    continue
                if since is None or not self._holds_curve(data, box, since):
                    return left, y, extra
        return None if self._plot.in_grid else (*places[0], None)

    def _holds_curve(self, data: SessionData, box: QRectF, since: int = 0) -> bool:
        """Whether a curve goes through a box, from the line at index `since` on."""
        return self._points_in(data, box, since) > 0

    def _points_in(self, data: SessionData, box: QRectF, since: int = 0) -> int:
        """How many points of the curves a box holds."""
        frame = self._plot.lines_frame
        first, last = max(math.floor(frame.index(box.left())), since), math.ceil(frame.index(box.right())) + 1
        values = data.values[:, first : max(last, first)].take(self._plot.columns, axis=0)
        return int(((values <= frame.value(box.top())) & (values >= frame.value(box.bottom()))).sum())

    def _hint(self, *, inside: bool) -> str:
        if self.dragged is not None:
            return _("release to set")
        reached = self._plot.state.reached
        by = self._plot.state.fired_at
        text = _("reached at {time} by {source}") if by else _("reached at {time}")
        now = _("at the turnover so far") if self._plot.state.share else ""
        parts = (
            now,
            _("drag to change") if inside and self._can_drag else "",
            text.format(time=reached, source=by) if reached else "",
        )
        return " · ".join(filter(None, parts))

    def _are_kept(self, marks: str, data: SessionData, row: int, indexes: tuple[int, ...], *others: object) -> bool:
        """Whether marks on the minutes `indexes` of a row stand where they did."""
        plot, known = self._plot, [index for index in indexes if index <= data.last]
        amounts = data.values[row].take(known).tobytes() if known else b""
        return plot.marks.kept(marks, plot.look, plot.fonts, plot.lines_frame, row, indexes, amounts, *others)

    def _breach(self, data: SessionData, *, shown: bool) -> None:
        """A diamond on every minute that fired, where its figure is in the frame."""
        plot, theme, frame = self._plot, self._plot.look.theme, self._plot.lines_frame
        fired = plot.state.fired if shown else ()
        if self._are_kept(
            "breach", data, plot.state.column, fired, plot.bars_frame, plot.bars_shown, plot.state.fired_at
        ):
            return
        stale = {key for key in plot.marks.boxes("breach") if key != "breach source"}
        floor = plot.bars_frame.bottom if plot.bars_shown else frame.bottom
        rim = theme.panel if theme.dark else theme.alert_border
        style = (theme.alert, rim, plot.look.drop)
        place: tuple[float, float] | None = None
        for index in fired:
            value = data.values.item(plot.state.column, index) if index <= data.last else math.nan
            x = frame.at_x(index)
            if math.isfinite(value) and frame.y.holds(value) and frame.left <= x <= frame.right:
                place = x, frame.at_y(value)
                plot.marks.put(
                    f"breach {index}", (plot.look, *place, floor), partial(shapes.breach, *place, floor, style)
                )
                stale.discard(f"breach {index}")
        for key in stale:
            plot.marks.drop(key)
        if place is None:
            plot.marks.drop("breach source")
        else:
            self._breach_source(*place)

    def _breach_source(self, x: float, y: float) -> None:
        """Another source's alert stands on this one's curve: its name goes beside the mark."""
        plot, theme = self._plot, self._plot.look.theme
        if not plot.state.fired_at:
            plot.marks.drop("breach source")
            return
        text = self._text("breach source", plot.state.fired_at, "caption_plain", theme.text)
        left = x + 9 if x + 9 + text.width < plot.lines_frame.right else x - 9 - text.width
        plot.marks.put("breach source", (text, left, y), partial(shapes.words, left, y, text))

    def _revised(self, data: SessionData) -> None:
        """A hollow diamond on each confirmed line of net that changed later, the newest where there are very many."""
        plot, frame = self._plot, self._plot.lines_frame
        revised = plot.state.revised[-_MOST_REVISED:] if plot.solo in (None, NET) else ()
        if self._are_kept("revised", data, NET, revised):
            return
        stale, color = set(plot.marks.boxes("revised")), plot.look.theme.dim
        for index in revised:
            value = data.values.item(NET, index) if index <= data.last else math.nan
            x = frame.at_x(index)
            if math.isfinite(value) and frame.y.holds(value) and frame.left <= x <= frame.right:
                y = frame.at_y(value)
                make = partial(shapes.hollow_diamond, x, y, plot.look.theme.panel, color)
                plot.marks.put(f"revised {index}", (plot.look, x, y), make)
                stale.discard(f"revised {index}")
        for key in stale:
            plot.marks.drop(key)

    def _gaps(self, data: SessionData) -> None:
        """What a step over several minutes brought, above or below it, where its width and the other words allow."""
        plot, frame = self._plot, self._plot.lines_frame
        row = NET if plot.solo is None else plot.solo
        stale = set(plot.marks.boxes("gap "))
        if not (data.gaps or stale):
            return
        taken = [box for prefix in ("name ", "caption ", "pill", "breach") for box in plot.marks.boxes(prefix).values()]
        for gap in data.gaps:
            left, right = frame.at_x(gap.anchor), frame.at_x(gap.end)
            ends = [frame.at_y(float(data.values[row, index])) for index in (gap.anchor, gap.end)]
            key, words = (
                f"gap {gap.end}",
                _("{amount} over {minutes} min").format(amount=compact(gap.delta[row]), minutes=gap.minutes),
            )
            text = self._text(key, words, "caption_plain", plot.look.theme.dim)
            room = frame.left <= left and right <= frame.right and text.width + 12 <= right - left
            if not room or not np.isfinite(ends).all():
                continue
            start = (left + right - text.width) / 2
            for middle in (min(ends) - text.height, max(ends) + text.height):
                box = QRectF(start - 4, middle - text.height / 2 - 2, text.width + 8, text.height + 4)
                inside = frame.top < box.top() and box.bottom() < frame.bottom
                if inside and not any(box.intersects(other) for other in taken):
                    plot.marks.put(key, (text, start, middle), partial(shapes.words, start, middle, text))
                    stale.discard(key)
                    break
        for key in stale:
            plot.marks.drop(key)

    def _name_beside(self, data: SessionData) -> None:
        """Write whose line the other one is, above or below it, where no other word stands; nowhere without room."""
        plot, beside = self._plot, self._plot.beside_shown
        if beside is None:
            plot.marks.drop("beside")
            return
        known = np.flatnonzero(np.isfinite(beside.values))
        if not len(known):
            return
        value = self._text("beside value", compact(float(beside.values[known[-1]])), "value", plot.look.theme.dim)
        name = self._text("beside name", beside.name, "name", plot.look.theme.dim)
        places = self._places_beside(beside.values, int(known[-1]), name.width + 7 + value.width)
        if not places:
            plot.marks.drop("beside")
            return
        box = min(places, key=lambda each: self._points_in(data, each))
        left, middle = box.left(), box.center().y()
        ground = faded(plot.look.theme.panel, 0.8)
        plot.marks.put(
            "beside", (name, value, left, middle), partial(shapes.words, left, middle, name, value, ground=ground)
        )

    def _places_beside(self, values: Floats, last: int, width: float) -> list[QRectF]:
        """Where the name of the other line touches neither that line nor other words, the best place first."""
        plot, frame, high = self._plot, self._plot.lines_frame, 10 * self._scale
        taken = [box for key in ("name ", "pill", "caption lines", "gap ") for box in plot.marks.boxes(key).values()]
        found = []
        for share in (0.97, 0.8, 0.62, 0.45, 0.3):
            right = frame.at_x(min(round(share * (len(values) - 1)), last))
            span = values[max(math.floor(frame.index(right - width)), 0) : math.ceil(frame.index(right)) + 1]
            ys = [frame.at_y(float(value)) for value in span[np.isfinite(span)]]
            for middle in (min(ys) - 1.3 * high, max(ys) + 1.3 * high) if ys else ():
                box = QRectF(right - width, middle - high, width, 2 * high)
                inside = frame.left + 4 < box.left() and frame.top + 24 * self._scale < box.top()
                if inside and box.bottom() < frame.bottom and not any(box.intersects(other) for other in taken):
                    found.append(box)
        return found

    def _tags(self, data: SessionData) -> None:
        plot, theme, frame = self._plot, self._plot.look.theme, self._plot.lines_frame
        unit = plot.lines_unit
        decimals = 0 if frame.y.size / unit.factor >= 80 else 1 if frame.y.size / unit.factor >= 8 else 2
        wanted: list[tuple[str, float]] = []
        level = plot.state.threshold if self.dragged is None else self.dragged
        if level is not None and frame.y.holds(level) and plot.solo is None:
            wanted.append(("threshold", level))
        row = NET if plot.solo is None else plot.solo
        value = data.values.item(row, data.last) if data.last >= 0 else math.nan
        if math.isfinite(value) and frame.y.holds(value):
            wanted.append(("net", value))
        gap = _TAG_GAP_PX * self._scale
        ys = push_apart([frame.at_y(v) for _key, v in wanted], gap, frame.top + gap / 2, frame.bottom - gap / 2)
        if wanted and wanted[0][0] == "threshold" and len(ys) == 2 and ys[0] != frame.at_y(wanted[0][1]):
            # The threshold's tag belongs to its line: the other one gives way.
            ys[1] += frame.at_y(wanted[0][1]) - ys[0]
            ys[0] = frame.at_y(wanted[0][1])
        right, left = float(plot.width()) - 5, frame.right + 1
        shown = {key for key, _amount in wanted}
        for (key, amount), y in zip(wanted, ys, strict=True):
            if key == "threshold":
                fill, ink = theme.alert, theme.alert_ink
                border = None if theme.dark else theme.alert_border
            else:
                fill = plot.look.curve[row].color()
                ink, border = (theme.panel), None
            text = self._text(f"tag {key}", near(amount, unit, decimals), "tag", ink)
            stamp = (plot.look, text, row, y, right, left, self._can_drag)
            make = partial(
                shapes.tag,
                (left, right),
                y,
                text,
                fill,
                border=border,
                grip=key == "threshold" and self._can_drag,
            )
            plot.tags.put(f"tag {key}", stamp, make)
        for key in {"threshold", "net"} - shown:
            plot.tags.drop(f"tag {key}")
        plot.money.set_tags(plot.tag_spans(frame, ys))
        plot.grip = plot.tags.box("tag threshold") if self._can_drag else None
