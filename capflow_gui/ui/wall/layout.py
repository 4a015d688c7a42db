"""Where tiles lie: of one size, in rows under the heading of their section; no figure moves one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QRectF, QSizeF

# Tiles are about so much wider than high.
_SHAPE = 1.2


@dataclass(frozen=True, slots=True)
class Measures:
    """Pixels: the least a tile takes, the room between tiles, the height of a section's heading."""

    least: QSizeF
    gap: float
    heading: float


@dataclass(frozen=True, slots=True)
class Layout:
    """`tiles` of all sections one after the other, `headings` the heights where they begin; None: none is shown.

    `hidden` is how many of the last tiles there is no room for.
    """

    tiles: tuple[QRectF, ...]
    headings: tuple[float | None, ...]
    hidden: int


def lay_out(counts: Sequence[int], area: QRectF, measures: Measures) -> Layout:
    """The tiles of sections of so many symbols in an area: filling it where all have room, else of the least size."""
    total = sum(counts)
    if not total:
        return Layout((), (None,) * len(counts), 0)
    gap, best = measures.gap, QSizeF()
    for columns in range(1, total + 1):
        wide = (area.width() + gap) / columns - gap
        if wide < measures.least.width():
            break
        rows = sum(math.ceil(count / columns) for count in counts)
        high = (area.height() - measures.heading * len(counts) + gap) / rows - gap
        if high >= measures.least.height() and _size(wide, high) > _size(best.width(), best.height()):
            best = QSizeF(wide, high)
    if best.isEmpty():
        measures = replace(measures, gap=gap / 2)
        gap = measures.gap
        columns = max(int((area.width() + gap) / (measures.least.width() + gap)), 1)
        best = QSizeF((area.width() + gap) / columns - gap, measures.least.height())
    return _placed(counts, area, best, measures)


def _size(wide: float, high: float) -> float:
    return min(wide, high * _SHAPE)


def _placed(counts: Sequence[int], area: QRectF, size: QSizeF, measures: Measures) -> Layout:
    gap, top, tiles = measures.gap, area.top(), list[QRectF]()
    columns = max(int((area.width() + gap + 0.01) / (size.width() + gap)), 1)
    headings: list[float | None] = []
    full = False
    for count in counts:
        full = full or top + measures.heading + size.height() > area.bottom() + 0.01
        headings.append(None if full else top)
        top += measures.heading
        for place in range(0, count, columns):
            full = full or top + size.height() > area.bottom() + 0.01
            if full:
                break
            lefts = (area.left() + column * (size.width() + gap) for column in range(min(columns, count - place)))
            tiles += [QRectF(round(left), round(top), round(size.width()), round(size.height())) for left in lefts]
            top += size.height() + gap
    return Layout(tuple(tiles), tuple(headings), sum(counts) - len(tiles))
