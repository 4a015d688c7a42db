"""Quiet hours."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo


def quiet_until(hours: str, now: float, zone: tzinfo | None = None) -> float | None:
    """When the quiet hours that `now` is in will end, UTC epoch seconds; None where it is in none.

    hours  `22:00-07:00`, the end on the next day where it is not later than the beginning; what cannot be read is none
    zone   whose time of day is meant; None: this computer's
    """
    try:
        begin, end = (time.fromisoformat(text) for text in hours.split("-"))
    except ValueError:
        return None
    local = datetime.fromtimestamp(now, zone)
    for day in (local.date() - timedelta(days=1), local.date()):
        last = day + timedelta(days=1) if end <= begin else day
        if _at(day, begin, zone) <= now < (until := _at(last, end, zone)):
            return until
    return None


def _at(day: date, clock: time, zone: tzinfo | None) -> float:
    return datetime.combine(day, clock, zone).timestamp()
