"""What one line of a series stands for, and which dates a request covers. Knows no numpy: the command line's options
name it."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Code, Reason

WINDOW = timedelta(days=365)


class Period(StrEnum):
    """What one line stands for."""

    INTRADAY = "intraday"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def date_window(start: date | None, end: date | None, today: date) -> tuple[date, date]:
    """Return (start, end), both inclusive exchange dates; `today` is the exchange's date, not this computer's.

    Both given: as given. One given: 365 days from it. None given: the 365 days up to `today`. The end may lie in the
    future. Source: FutuOpenD API docs, get_capital_flow. Raises InvalidInput where start comes after end.
    """
    if start is None:
        end = today if end is None else end
        start = end - WINDOW
    elif end is None:
        end = start + WINDOW
    if start > end:
        raise InvalidInput(f"{start} to {end}", Reason.of(Code.START_AFTER_END))
    return start, end
