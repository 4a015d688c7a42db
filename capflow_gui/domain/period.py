"""What one line of a series stands for. Knows no numpy: the command line's options name it."""

from __future__ import annotations

from enum import StrEnum


class Period(StrEnum):
    """What one line stands for."""

    INTRADAY = "intraday"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
