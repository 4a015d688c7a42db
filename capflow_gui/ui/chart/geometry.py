"""Where things go on a chart: steps, ranges, places. Arithmetic alone, no Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from capflow_gui.domain.flow import Bools, Floats
from capflow_gui.domain.money import LARGEST_AMOUNT

# The share of per-minute figures that sets the scale; taller bars are clipped and marked.
CLIP_QUANTILE = 0.992
# Amounts less than a unit of money apart are no range of their own: steps in it would be below what a float holds.
LEAST_RANGE = 1.0
# Steps of a range are never below this part of its ends: a float would not hold them apart.
LEAST_STEP = 1e-9
_WIDEST = 1e100  # beyond it, and as near to nothing, the steps of an axis leave what a float holds
# Ranges end here: amounts beyond it are no amounts, and sums of them no numbers.
_FARTHEST = 10 * LARGEST_AMOUNT


@dataclass(frozen=True, slots=True)
class Span:
    """A range of values, low < high."""

    low: float
    high: float

    @property
    def size(self) -> float:
        """high - low."""
        return self.high - self.low

    def holds(self, value: float) -> bool:
        """Whether `value` lies in the range, ends included."""
        return self.low <= value <= self.high

    def bounded(self) -> Span:
        """The part of the range in which amounts lie."""
        return Span(*(min(max(end, -_FARTHEST), _FARTHEST) for end in (self.low, self.high)))

    def joined(self, other: Span) -> Span:
        """The smallest range that holds both."""
        return Span(min(self.low, other.low), max(self.high, other.high))


@dataclass(frozen=True, slots=True)
class Frame:
    """A pane on the screen: scene pixels of its four sides, and the values that lie at them."""

    left: float
    top: float
    width: float
    height: float
    x: Span
    y: Span

    @property
    def right(self) -> float:
        """Scene x of the right side."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Scene y of the bottom."""
        return self.top + self.height

    def at_x(self, index: float) -> float:
        """Scene x of a session index."""
        return self.left + (index - self.x.low) / self.x.size * self.width

    def at_y(self, value: float) -> float:
        """Scene y of an amount."""
        return self.bottom - (value - self.y.low) / self.y.size * self.height

    def index(self, scene_x: float) -> float:
        """Session index at a scene x."""
        return self.x.low + (scene_x - self.left) / self.width * self.x.size

    def value(self, scene_y: float) -> float:
        """Amount at a scene y."""
        return self.y.low + (self.bottom - scene_y) / self.height * self.y.size

    def contains(self, scene_x: float, scene_y: float) -> bool:
        """Whether a scene point lies in the pane."""
        return self.left <= scene_x <= self.right and self.top <= scene_y <= self.bottom


def nice_step(rough: float) -> float:
    """The smallest of 1, 2, 5 × 10ⁿ that is not below `rough` (> 0)."""
    power = 10.0 ** math.floor(math.log10(rough))
    for factor in (1.0, 2.0, 5.0):
        if factor * power >= rough * (1 - 1e-9):
            return factor * power
    return 10.0 * power


def ticks(span: Span, most: int, wanted: int = 8) -> list[float]:
    """Multiples of a 1-2-5 step inside `span`, ascending: at most `most`, and as near to `wanted` as steps allow."""
    if not max(LEAST_STEP * max(abs(span.low), abs(span.high)), 1 / _WIDEST) < span.size < _WIDEST or most < 1:
        return []
    step = nice_step(span.size / (2 * wanted))
    best: list[float] = []
    for _ in range(6):
        first, last = math.ceil(span.low / step), math.floor(span.high / step)
        if last - first + 1 <= most:
            # Dividing rounds, and so may count in a multiple that lies just outside.
            found = [number * step for number in range(first, last + 1) if span.holds(number * step)]
            if best and abs(len(found) - wanted) >= abs(len(best) - wanted):
                break
            best = found
        step = nice_step(step * 1.01)
    return best


def readable_ticks(span: Span, height: float, line: float, apart: float) -> list[float]:
    """Amounts to label in `height` pixels with text `line` pixels high, about `apart` pixels from each other.

    At least two besides zero can be read where there is room for them: wholly inside, and none over another.
    """
    pixel = span.size / height
    inner = Span(span.low + pixel * line / 2, span.high - pixel * line / 2)
    for gap in (apart, line + 2):
        found = ticks(span, max(2, int(height // gap)))
        clear = all(upper - lower >= pixel * line for lower, upper in pairwise(found))
        if clear and sum(inner.holds(value) for value in found if value) >= 2:
            return found
    # No step shows two: zero, and the farthest multiples of a finer one that leave room between each other.
    chosen: list[int] = []
    step = span.size
    for share in (5, 10, 20, 40):
        step = nice_step(span.size / share)
        steps = range(math.ceil(inner.low / step), math.floor(inner.high / step) + 1)
        chosen = [0] if span.holds(0.0) else []
        for each in (*steps[:1], *steps[-1:], *sorted(steps, key=abs, reverse=True)):
            if len(chosen) < 3 and all(abs(each - other) * step >= pixel * line for other in chosen):
                chosen.append(each)
        if sum(map(bool, chosen)) >= 2:
            break
    return [number * step for number in sorted(chosen)]


def grow(previous: Span | None, data: Span, height: float, head: float, foot: float) -> Span:
    """The y range for `data`: room of `head` and `foot` pixels in `height`, ends on steps, never below `previous`."""
    if previous is None or previous.size <= 0:
        data = data.bounded()
    else:
        slack = previous.size / height
        held = Span(previous.low + foot * slack, previous.high - head * slack)
        if data.low >= held.low and data.high <= held.high:
            return previous
        data = data.bounded().joined(held)
    if data.size < LEAST_RANGE:
        data = Span(data.low - 1.0, data.high + 1.0)
    pixel = data.size / max(height - head - foot, height / 4)
    low, high = data.low - foot * pixel, data.high + head * pixel
    step = nice_step((high - low) / 20)
    grown = Span(math.floor(low / step) * step, math.ceil(high / step) * step)
    return grown if previous is None else grown.joined(previous)


def push_apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions at least `gap` apart, in the order of `wanted`, each as near to its wish as the others allow.

    Neighbours that collide become a block that sits at the mean of its wishes; blocks stay inside low..high
    where there is room for all.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    blocks: list[list[float]] = []  # [sum of (wish - offset), members, start]
    room = max(high, low + gap * (len(wanted) - 1))
    for i in order:
        blocks.append([wanted[i], 1.0, wanted[i]])
        while True:
            total, count, _ = blocks[-1]
            start = min(max(total / count, low), room - gap * (count - 1))
            blocks[-1][2] = start
            if len(blocks) == 1 or blocks[-2][2] + blocks[-2][1] * gap <= start:
                break
            below = blocks.pop()
            above = blocks[-1]
            above[0] += below[0] - below[1] * gap * above[1]
            above[1] += below[1]
    placed = [start + gap * k for _, count, start in blocks for k in range(int(count))]
    result = [0.0] * len(wanted)
    for i, position in zip(order, placed, strict=True):
        result[i] = position
    return result


def runs(known: Bools) -> list[tuple[int, int]]:
    """(start, stop) of each unbroken stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], known, [False]))))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def first_difference(old: Floats, new: Floats) -> int | None:
    """The first column in which two (k, n) arrays differ, NaN equal to NaN; None when they are equal."""
    # As bits: a missing value is always the same NaN, and one more column too many does no harm.
    columns = (old.view(np.int64) != new.view(np.int64)).any(axis=0)
    first = int(columns.argmax())
    return first if columns[first] else None


def clip_level(deltas: Floats) -> float:
    """The magnitude at which per-minute bars are cut: a quantile of their sizes, 0 without any."""
    sizes = np.abs(deltas)
    sizes = sizes[sizes > 0]  # NaN is not
    if not len(sizes):
        return 0.0
    place = round((len(sizes) - 1) * CLIP_QUANTILE)
    return float(np.partition(sizes, place)[place])


def first_breach(values: Floats, threshold: float) -> int | None:
    """The start of the stretch at or below `threshold` that lasts to the end; None when the last value is above."""
    known = np.flatnonzero(np.isfinite(values))
    if not len(known) or values[known[-1]] > threshold:
        return None
    above = known[values[known] > threshold]
    after = known[known > above[-1]] if len(above) else known
    return int(after[0])


Box = tuple[float, float, float, float]  # left, top, width, height


def overlap(a: Box, b: Box) -> bool:
    """Whether two boxes share area."""
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def quietest(
    boxes: Sequence[Box], xs: Floats, ys: Floats, avoid: Sequence[Box], hand: float, *, newest: Sequence[Box] = ()
) -> int:
    """The box with the fewest points (xs, ys) under it.

    Text in `avoid` weighs as a crowd, what is in `newest` more than all of it, the line at `hand` most.
    """
    costs = []
    for left, top, width, height in boxes:
        inside = (xs >= left - 4) & (xs <= left + width + 4) & (ys >= top - 4) & (ys <= top + height + 4)
        cost = int(np.count_nonzero(inside))
        cost += 1_000 * sum(overlap((left, top, width, height), other) for other in avoid)
        cost += 10_000 * sum(overlap((left, top, width, height), other) for other in newest)
        cost += 100_000 * (left - 12 <= hand <= left + width + 12)
        costs.append(cost)
    return int(np.argmin(costs))
