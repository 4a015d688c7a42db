from __future__ import annotations

from capflow_gui.wire.in_flight import InFlight


def test_an_answer_is_taken_once_and_only_for_what_was_asked() -> None:
    waiting = InFlight(12.0)
    waiting.add(7, 3211, 0.0)
    assert not waiting.take(7, 3212)
    assert not waiting.take(8, 3211)
    assert (len(waiting), 7 in waiting) == (1, True)
    assert waiting.take(7, 3211)
    assert not waiting.take(7, 3211)
    assert (len(waiting), waiting.next_deadline()) == (0, float("inf"))


def test_the_oldest_expires_first_and_nothing_too_early() -> None:
    waiting = InFlight(12.0)
    for request_id, at in ((3, 0.0), (1, 0.0), (2, 5.0)):
        waiting.add(request_id, 24, at)
    assert waiting.next_deadline() == 12.0
    assert waiting.expire(11.9) == []
    assert waiting.expire(12.0) == [3, 1]
    assert waiting.next_deadline() == 17.0
    waiting.forget(2)
    waiting.forget(2)
    assert waiting.expire(100.0) == []


def test_nothing_waits_on_a_closed_connection() -> None:
    waiting = InFlight(12.0)
    waiting.add(1, 24, 0.0)
    waiting.clear()
    assert not waiting.take(1, 24)
