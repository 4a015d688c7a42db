"""What stands at the head of each pane: what its lines are, their unit, the session, where they are from."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from zoneinfo import ZoneInfo

from PySide6.QtGui import QColor

from capflow_gui.domain.flow import LARGE
from capflow_gui.present.language.texts import _, language
from capflow_gui.present.numbers import unit_for, units
from capflow_gui.ui.chart import marks as shapes
from capflow_gui.ui.chart.intraday import IntradayPlot
from capflow_gui.ui.chart.labels import clock
from capflow_gui.ui.chart.look import NAMES, Text

_CAPTION_Y = 13.0
_CAPTION_X = 9.0
_SHORT = len("Thu 19 Nov")


class Captions:
    """Keeps the captions of a plot; `text` gives the text of a slot, one that is kept while it says the same."""

    def __init__(self, plot: IntradayPlot, text: Callable[[str, str, str, QColor], Text]) -> None:
        self._plot = plot
        self._text = text

    def place(self) -> None:
        """Write what has changed, and the line between the panes."""
        plot, theme = self._plot, self._plot.look.theme
        counted, told, look = self._counted(), self.told(), (plot.look, plot.fonts)
        panes = (plot.lines_frame, plot.bars_frame, plot.bars_shown, plot.width(), plot.in_grid)
        said = (plot.solo, counted, *told, plot.lines_unit, plot.state.currency, plot.state.session)
        if plot.marks.kept("captions", language(), units(), look, panes, said):
            return
        solo = "" if plot.solo is None else f"{_(NAMES[plot.solo])} · "
        captions = [("lines", plot.lines_frame, counted)]
        if plot.bars_shown:
            captions.append(("bars", plot.bars_frame, _("Per minute")))
        else:
            plot.marks.drop("caption bars")
        for slot, frame, words in captions:
            unit = plot.lines_unit if slot == "lines" else unit_for(max(-frame.y.low, frame.y.high))
            amounts = f"{plot.state.currency} {unit.suffix}".strip() if unit.suffix != "%" else _("% of turnover")
            room = frame.width - 2 * _CAPTION_X
            title = self._text(f"{slot} title", solo + words, "caption", theme.dim)
            for more in told if slot == "lines" else [""]:
                tail = self._text(f"{slot} unit", amounts + more, "caption_plain", theme.dim)
                if title.width + 7 + tail.width <= room:
                    break
            else:
                if slot == "lines" and plot.state.session:  # which session it is, is worth more than what lines are
                    day, tail = plot.state.session.partition(",")[0], Text(amounts, tail.face, tail.color)
                    wide = plot.fonts.caption.width(day) + 7 + tail.width
                    title = self._text("lines title", day if wide <= room else day[:-5], "caption", theme.dim)
            texts = self._fitting(title, tail, room)
            stamp = (look, tuple(text.text for text in texts), frame.left, frame.top)
            left, middle = frame.left + _CAPTION_X, frame.top + _CAPTION_Y * self._plot.fonts.scale
            plot.marks.put(f"caption {slot}", stamp, partial(shapes.words, left, middle, *texts))
        y, width, pen = round(plot.bars_frame.top), float(plot.width()), plot.look.separator
        plot.marks.put("separator", (look, y, width), partial(shapes.rule_line, 0.0, width, y, pen))

    def _counted(self) -> str:
        """What the lines are counted from."""
        data = self._plot.data
        if data is None or data.anchor is None:
            return _("Since the open") if self._plot.in_grid else _("Cumulative since the open")
        at = clock(data.day.label(data.anchor), ZoneInfo(data.day.zone))
        return _("Cumulative since {clock}, Esc: the open").format(clock=at)

    def _fitting(self, title: Text, tail: Text, room: float) -> tuple[Text, ...]:
        """A caption and its unit; the caption is shortened where both do not fit, and a short one stands alone."""
        if title.width + 7 + tail.width <= room:
            return title, tail
        if self._plot.in_grid and (self._plot.data is None or self._plot.data.anchor is None):
            return (tail,)  # each chart of a grid counts from the open
        if len(title.text) <= _SHORT and title.width <= room:
            return (title,)
        return Text(title.face.elided(title.text, room - 7 - tail.width), title.face, title.color), tail

    def told(self) -> list[str]:
        """What is said behind the unit, longest first: the session, whose the other line is, where classes are from."""
        beside = self._plot.beside_shown
        text = _("grey: {day}") if self._plot.look.true else _("dashed: {day}")
        grey = "" if beside is None else text.format(day=beside.name)
        grey = "   ·   ".join(filter(None, (grey, self._price_words())))
        session, classes = self._plot.state.session, self._derivation()
        ways = ((session, grey, classes), (session, grey), (session,), ())
        ends = ["".join(f"   ·   {words}" for words in way if words) for way in ways]
        return [end for end in dict.fromkeys(ends) if end or not session]

    def _price_words(self) -> str:
        """Where the prices are from, or why none can be drawn."""
        if not self._plot.priced or self._plot.compact:
            return ""
        known = self._plot.prices_shown is not None
        return _("left: price, by snapshots") if known else _("no price but the newest is known")

    def _derivation(self) -> str:
        """Where the classes come from, when it is not the source's own lines."""
        data = self._plot.data
        if data is None or not data.derived or self._plot.compact:
            return ""
        newest = clock(data.day.label(data.newest(LARGE)), ZoneInfo(data.day.zone))
        return _("order sizes derived from snapshots, newest {newest}").format(newest=newest)
