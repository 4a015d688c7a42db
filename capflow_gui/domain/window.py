"""Which dates a DAY, WEEK or MONTH request covers when the caller leaves them open."""

from __future__ import annotations

from datetime import date, timedelta

from capflow_gui.errors import InvalidInput

WINDOW = timedelta(days=365)


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
        raise InvalidInput(f"{start} to {end}", "the start comes after the end")
    return start, end
