"""What others take is averaged over time, whatever the moments somebody looks in."""

from __future__ import annotations

from pathlib import Path

import pytest

from capflow_gui.quota.neighbours import QuotaNeighbours, command_of


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
    ("line", "command"),
    [
        ("/usr/bin/python3\0-m\0capflow_gui\0watch\0AAPL.US", "watch"),
        ("/opt/capflow/Capflow\0", ""),
        ("python\0/opt/bin/capflow\0--version", ""),
        ("/usr/bin/vim\0notes.txt", None),
    ],
)
def test_a_neighbour_is_called_by_its_command(tmp_path: Path, line: str, command: str | None) -> None:
    (tmp_path / "4711").mkdir()
    (tmp_path / "4711" / "cmdline").write_text(line)
    assert command_of(4711, tmp_path) == command
    assert command_of(4712, tmp_path) is None
