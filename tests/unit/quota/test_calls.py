"""What is kept of calls, and when the next may leave."""

from __future__ import annotations

from capflow_gui.quota.calls import KEPT_S, CallLog, FreeSlots, OtherCall


def test_calls_are_kept_for_a_minute() -> None:
    log = CallLog()
    first, second = log.begin("history", 0.0), log.begin("flow", KEPT_S)
    assert log.since(0.0) == [first, second]
    assert log.since(1.0) == [second]
    third = log.begin("flow", KEPT_S + 0.1)
    assert log.since(0.0) == [second, third]
    log.forget(second)
    log.forget(first)
    assert log.since(0.0) == [third]


def test_a_process_is_known_by_its_number() -> None:
    old, new = (OtherCall(owner, 5.0, replied=True) for owner in ("4711-a1b2c3", "4711-a1b2c3.watch"))
    assert (old.pid, old.command) == (4711, None), "an older version does not say what it does"
    assert (new.pid, new.command) == (4711, "watch")


def test_calls_to_come_leave_as_slots_come_free() -> None:
    slots = FreeSlots([12.0, 11.0, 10.5], 4, 30.0)
    assert [slots.take(10.0) for _ in range(6)] == [10.0, 10.5, 11.0, 12.0, 40.0, 40.5]


def test_a_halved_budget_waits_until_few_enough_are_held() -> None:
    slots = FreeSlots([11.0, 12.0, 13.0, 14.0], 2, 30.0)
    assert [slots.take(10.0), slots.take(10.0)] == [13.0, 14.0]
