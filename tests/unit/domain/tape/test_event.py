from __future__ import annotations

from dataclasses import replace

from capflow_gui.domain.tape.event import TapeEvent, TapeKind
from tests.unit.domain.tape.days import DAY, TENCENT


def test_events_are_sorted_by_time_and_those_of_one_time_always_alike() -> None:
    burst = TapeEvent(TapeKind.BURST, TENCENT, "opend", DAY.day, 60.0, 60, 1.0, 2.0)
    later, low = replace(burst, at=120.0), replace(burst, kind=TapeKind.LOW)
    for events in ([burst, low, later], [later, low, burst]):
        assert sorted(events, key=lambda each: each.order) == [burst, low, later]
