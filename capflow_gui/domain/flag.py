"""What checks find wrong with lines, without numpy: words for it are needed before series are."""

from __future__ import annotations

from enum import IntFlag


class Flag(IntFlag):
    """What a check found wrong. ORDER, SESSION, SCALE and PER_MINUTE are structural: they flag the whole reply.

    PER_MINUTE: lines taken for running totals behave like what single minutes brought.
    BEYOND: an amount no market has, or one that is infinite.
    """

    NONE = 0
    ORDER = 1
    GRID = 2
    SESSION = 4
    SUM = 8
    TURNOVER = 16
    SCALE = 32
    SIGN = 64
    PADDED = 128
    GAP = 256
    PER_MINUTE = 512
    BEYOND = 1024


STRUCTURAL = Flag.ORDER | Flag.SESSION | Flag.SCALE | Flag.PER_MINUTE
# A gap is a fact about history, and padding about the tail: neither makes a figure wrong.
HARMLESS = Flag.GAP | Flag.PADDED
# The figures of such a line cannot be: they set no scale, and nothing is computed from them.
IMPOSSIBLE = Flag.TURNOVER | Flag.BEYOND
