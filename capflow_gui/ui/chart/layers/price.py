"""The price beside the flow: one a minute, as snapshots had it, on an axis of its own at the left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QSizeF
from PySide6.QtGui import QPen

from capflow_gui.domain.flow import Floats
from capflow_gui.domain.quote import PriceTrack
from capflow_gui.domain.session import TradingDay
from capflow_gui.present.numbers import price as price_text
from capflow_gui.ui.chart.axes import Axis, Drawing, Interval, Touches
from capflow_gui.ui.chart.curves import CurvesItem
from capflow_gui.ui.chart.geometry import Span, readable_ticks
from capflow_gui.ui.chart.look import Fonts, Look, Text
from capflow_gui.ui.chart.view import Plot

_APART_PX = 34.0
_MARGIN_PX = 8.0
_LEAST_WIDTH = 44.0
# A range is no smaller than this part of its prices: else a price that stands would look as if it swung.
_LEAST_RANGE = 0.004


def on_minutes(track: PriceTrack | None, day: TradingDay) -> Floats | None:
    """(minutes + 1,) the last price of each minute of a session, NaN where no snapshot was; None without two prices."""
    values = np.full(day.minutes + 1, np.nan)
    for at, price in zip(*((track.times, track.prices) if track is not None else ((), ())), strict=True):
        values[int(day.index(at))] = price
    return values if np.isfinite(values).sum() >= 2 else None


@dataclass(frozen=True, slots=True)
class PaneRoom:
    """A pane: its height in pixels, how much of it stays free above and below the prices, the amounts it shows."""

    height: float
    head: float
    foot: float
    y: Span


def price_span(prices: Floats, pane: PaneRoom) -> Span | None:
    """The prices at foot and top of a pane in which all of `prices` are to be seen; None without any."""
    known = prices[np.isfinite(prices)]
    if not len(known):
        return None
    low, high = float(known.min()), float(known.max())
    wider = max(_LEAST_RANGE * high - (high - low), 0.0) / 2
    low, high = low - wider, high + wider
    pixel = (high - low) / max(pane.height - pane.head - pane.foot, pane.height / 4)
    return Span(low - pane.foot * pixel, high + pane.head * pixel)


def _as_amounts(prices: Floats, span: Span, y: Span) -> Floats:
    """Prices as amounts of a pane that shows the amounts `y`, and the prices `span` beside them."""
    amounts: Floats = y.low + (prices - span.low) / span.size * y.size
    return amounts


class PriceLine:
    """The prices of a session over its lines, and their axes: made when prices are first shown.

    `plots` are the panes from top to bottom; the first shows the prices, the others keep in line with it.
    """

    def __init__(self, plots: Sequence[Plot], curves: CurvesItem, touches: Touches) -> None:
        self._plots = plots
        self._curves = curves
        self._touches = touches
        self.axes: tuple[PriceAxis, ...] = ()
        self._shown: tuple[Floats, Span, Span] | None = None

    def _make_axes(self, look: Look, fonts: Fonts) -> None:
        self.axes = tuple(PriceAxis(look, fonts, self._touches) for _plot in self._plots)
        for plot, axis in zip(self._plots, self.axes, strict=True):
            plot.set_axis(axis)
            axis.hide()

    def show(
        self, prices: Floats | None, style: tuple[Look, Fonts], in_view: tuple[int, int] | None, frame: PaneRoom
    ) -> bool:
        """Show prices, one a minute, or (None) no longer; `in_view` are the first and last minute a zoom shows.

        Gives whether the panes have another width now.
        """
        span = None
        if prices is not None:
            first, last = in_view or (0, len(prices))
            span = price_span(prices[first : last + 1], frame) or price_span(prices, frame)
        if span is None and not self.axes:
            return False
        if not self.axes:
            self._make_axes(*style)
        self.axes[0].set_span(span)
        width, before = self.axes[0].needed_width(), (self.axes[0].isVisible(), self.axes[0].fixedWidth)
        for axis in self.axes:
            if span is not None:
                axis.setWidth(width)
            (axis.hide if span is None else axis.show)()
        self._shown = None if span is None or prices is None else (prices, span, frame.y)
        self._curves.set_price(None if self._shown is None else _as_amounts(*self._shown))
        return before != (self.axes[0].isVisible(), self.axes[0].fixedWidth)

    def at(self, index: int) -> tuple[float, float] | None:
        """The price of a session minute, and the amount beside which it stands; None where none is shown."""
        if self._shown is None or not np.isfinite(self._shown[0][index]):
            return None
        prices, span, y = self._shown
        return float(prices[index]), float(_as_amounts(prices[index : index + 1], span, y)[0])


class PriceAxis(Axis):
    """Prices at the left; without a span it only takes room, so that panes below each other stay in line."""

    def __init__(self, look: Look, fonts: Fonts, touches: Touches) -> None:
        super().__init__("left", look, fonts, touches)
        self.span: Span | None = None

    def set_span(self, span: Span | None) -> None:
        """The prices at its foot and top."""
        if span != self.span:
            self.span = span
            self.refresh()

    def _labels(self, height: float) -> list[tuple[float, str]]:
        if self.span is None:
            return []
        values = readable_ticks(self.span, height, self._fonts.axis.height, _APART_PX * self._fonts.scale)
        step = min((b - a for a, b in pairwise(values)), default=1.0)
        decimals = next((places for places in range(5) if abs(step * 10**places - round(step * 10**places)) < 1e-6), 5)
        return [(value, f"{value:,.{decimals}f}") for value in values]

    def needed_width(self) -> float:
        """Pixels for the widest label and for the crosshair's tag, with room at both ends."""
        widths = [self._fonts.axis.width(text) for _value, text in self._labels(max(float(self.size().height()), 1.0))]
        tag = 0.0 if self.span is None else self._fonts.tag.width(price_text(self.span.high))
        return max(_LEAST_WIDTH * self._fonts.scale, *(width + 2 * _MARGIN_PX for width in (*widths, tag)))

    def lay_out(self, size: QSizeF) -> Drawing:
        """Labels that are wholly inside, and the line against the plot."""
        width, height = size.width(), size.height()
        placed: list[tuple[float, float, Text]] = []
        spans: list[Interval] = []
        made: dict[str, Text] = {}
        span = self.span
        for value, label in self._labels(max(height, 1.0)):
            text = self._text(label, made)
            y = height - (value - span.low) / span.size * height if span is not None else 0.0
            if text.height / 2 <= y <= height - text.height / 2:
                placed.append((width - _MARGIN_PX - text.width, y, text))
                spans.append((y - text.height / 2 + 2, y + text.height / 2 - 2))
        self._texts = made
        edge = QLineF(QPointF(width - 1, 0), QPointF(width - 1, height))
        return Drawing([(QPen(self._look.theme.line, 1), edge)], placed, spans)
