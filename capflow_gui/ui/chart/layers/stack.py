"""Order sizes one on the other: what flowed in upwards from zero, what flowed out downwards, minute by minute."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtGui import QPainter

from capflow_gui.domain.flow import EXTRA_LARGE, LARGE, MEDIUM, SMALL, Floats
from capflow_gui.ui.chart.geometry import Span
from capflow_gui.ui.chart.look import Look
from capflow_gui.ui.chart.pane_item import Rectangles

# From zero outwards: main first, so that its part of each side is one piece.
STACKED = (EXTRA_LARGE, LARGE, MEDIUM, SMALL)


def edges(values: Floats) -> Floats:
    """(2, 5, n) of (6, n) values: on each side of zero, in then out, where each order size ends, from zero outwards.

    A missing size adds nothing, and neither does any of a minute without a line.
    """
    sizes = np.nan_to_num(values[list(STACKED)])
    sides = np.stack([np.maximum(sizes, 0.0), np.minimum(sizes, 0.0)])
    found: Floats = np.concatenate([np.zeros((2, 1, values.shape[1])), np.cumsum(sides, axis=1)], axis=1)
    return found


def ends(values: Floats) -> Floats:
    """(2, n) how far stacks of (6, n) values reach: what flowed in, then what flowed out, which is negative."""
    reached: Floats = edges(values)[:, -1]
    return reached


def extent(values: Floats) -> Span:
    """The range that stacks of (6, n) values take, zero included."""
    if not values.shape[1]:
        return Span(0.0, 0.0)
    inflow, outflow = ends(values)
    return Span(float(outflow.min()), float(inflow.max()))


def middles(values: Floats) -> dict[int, float]:
    """Where the band of each order size lies in one minute's (6,) values; sizes without one are left out."""
    bands = edges(values[:, None])[:, :, 0]
    found = {}
    for place, column in enumerate(STACKED):
        value = float(values[column])
        if np.isfinite(value):
            side = bands[0 if value >= 0 else 1]
            found[column] = float(side[place] + side[place + 1]) / 2
    return found


class Stack:
    """The bands as rectangles, drawn without antialiasing: neighbours that touch leave no seam between them."""

    def __init__(self, size: int, width: float = 1.0) -> None:
        self._bands = [[Rectangles(size) for _column in STACKED] for _side in range(2)]
        self.set_width(width)

    def set_width(self, width: float) -> None:
        """How much of a minute each takes."""
        for side in self._bands:
            for band in side:
                band.rows[:, 0] = np.arange(len(band.rows)) - width / 2
                band.rows[:, 2] = width

    def set_data(self, values: Floats, start: int, level: float = np.inf) -> None:
        """Take (6, size) amounts, of which those from `start` on are new; stacks are cut at ± `level`."""
        found = np.clip(edges(values[:, start:]), -level, level)
        for side, bands in enumerate(self._bands):
            for place, band in enumerate(bands):
                band.rows[start:, 1] = found[side, place]
                band.rows[start:, 3] = found[side, place + 1] - found[side, place]

    def paint(self, painter: QPainter, look: Look, first: int, last: int, hollow: Sequence[int] = ()) -> None:
        """Draw the minutes first..last, those of `hollow` as outlines."""
        for bands in self._bands:
            for column, band in zip(STACKED, bands, strict=True):
                band.paint(painter, look.band[column], (first, last), hollow, look.band_rim[column])
