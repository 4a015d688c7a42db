from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from capflow_gui.delivery.quiet import quiet_until

ZURICH = ZoneInfo("Europe/Zurich")


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZURICH).timestamp()


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        ("", "2026-11-20T23:00", None),
        ("at night", "2026-11-20T23:00", None),
        ("22:00-07:00", "2026-11-20T21:59:59", None),
        ("22:00-07:00", "2026-11-20T22:00", "2026-11-21T07:00"),
        ("22:00-07:00", "2026-11-21T06:59:59", "2026-11-21T07:00"),
        ("22:00-07:00", "2026-11-21T07:00", None),
        ("12:00-13:30", "2026-11-21T13:00", "2026-11-21T13:30"),
        ("12:00-13:30", "2026-11-21T14:00", None),
        ("00:00-00:00", "2026-11-21T14:00", "2026-11-22T00:00"),
        # The night in which clocks are put back has 10 hours, the one in which they are put forward 8.
        ("22:00-07:00", "2026-10-24T22:00", "2026-10-25T07:00"),
        ("22:00-07:00", "2026-03-28T22:00", "2026-03-29T07:00"),
    ],
)
def test_quiet_hours_end_at_their_time_of_day(hours: str, now: str, until: str | None) -> None:
    assert quiet_until(hours, at(now), ZURICH) == (None if until is None else at(until))


def test_without_a_zone_the_computers_own_time_counts() -> None:
    noon = datetime(2026, 11, 20, 12, 0).timestamp()  # noqa: DTZ001 - local time is meant
    assert quiet_until("11:00-13:00", noon) == noon + 3600.0
