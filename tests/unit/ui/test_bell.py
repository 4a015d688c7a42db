"""One sound a burst."""

from __future__ import annotations

from capflow_gui.ui.bell import Bell


def test_a_burst_is_heard_once_and_the_next_one_again() -> None:
    now = [10.0]
    heard: list[float] = []
    bell = Bell(lambda: now[0], lambda: heard.append(now[0]))
    for now[0] in (10.0, 10.0, 10.4, 10.99):
        bell.ring()
    assert heard == [10.0]
    for now[0] in (11.0, 11.5, 12.1):
        bell.ring()
    assert heard == [10.0, 11.0, 12.1]
