"""What others take is averaged over time, whatever the moments somebody looks in."""

from __future__ import annotations

import pytest

from capflow_gui.quota.calls import OtherCall
from capflow_gui.quota.neighbours import QuotaNeighbours, owner_name


def test_nobody_takes_nothing() -> None:
    neighbours = QuotaNeighbours()
    neighbours.note([], 5.0)
    assert (neighbours.held, neighbours.count) == (0.0, 0)


def test_the_first_look_counts_what_is_held_now() -> None:
    neighbours = QuotaNeighbours()
    neighbours.note([("a", 4.0, 6.0), ("a", 4.5, 6.0), ("b", 3.0, 5.5), ("gone", 2.0, 4.9)], 5.0)
    assert (neighbours.held, neighbours.count) == (3.0, 2)


def test_a_slot_that_is_taken_again_at_once_counts_whole_though_each_look_finds_it_free() -> None:
    neighbours = QuotaNeighbours()
    for turn in range(100):
        now = float(turn)
        neighbours.note([("a", now - 0.99, now)], now)
    assert neighbours.held == pytest.approx(0.99, abs=0.01)


def test_who_comes_and_goes_is_forgotten_in_seconds() -> None:
    neighbours = QuotaNeighbours()
    neighbours.note([("a", 0.0, 1.0)] * 4, 0.5)
    for turn in range(1, 60):
        neighbours.note([], 0.5 + turn / 2)
    assert neighbours.count == 0
    assert neighbours.held < 0.02


@pytest.mark.parametrize(
    ("argv", "command"), [(["capflow", "watch", "AAPL.US"], "watch"), (["capflow"], ""), (["capflow", "--version"], "")]
)
def test_a_process_says_what_it_does_in_its_name(argv: list[str], command: str) -> None:
    name = owner_name(4711, argv)
    assert name != owner_name(4711, argv)
    call = OtherCall(name, 5.0, replied=True)
    assert (call.pid, call.command) == (4711, command)
