"""Modules come in without holding up the loop."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
import threading
from pathlib import Path
from types import ModuleType

import pytest

from capflow_gui.app import loading
from capflow_gui.app.loading import load, load_in_turns, load_parts
from capflow_gui.ui.chart_import import MODULE


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Modules that note the thread they are imported in."""
    monkeypatch.syspath_prepend(tmp_path)
    names = [f"loaded_by_a_test_{number}" for number in range(3)]
    for name in names:
        (tmp_path / f"{name}.py").write_text("import threading\nthread = threading.current_thread()\n")
        monkeypatch.delitem(sys.modules, name, raising=False)
    return names


def threads(names: list[str]) -> list[threading.Thread]:
    return [sys.modules[name].thread for name in names]


async def test_what_has_no_qt_comes_in_by_one_thread_while_the_loop_runs(
    modules: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = ModuleType("gate_of_a_test")
    gate.opened = opened = threading.Event()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, gate.__name__, gate)
    first = tmp_path / f"{modules[0]}.py"
    first.write_text(f"{first.read_text()}from gate_of_a_test import opened\nassert opened.wait(10)\n")

    async def live() -> None:
        opened.set()

    # The import goes on only once the loop has turned.
    living = asyncio.create_task(live())
    await load(*modules)
    await living
    used = threads(modules)
    assert len(set(used)) == 1
    assert threading.current_thread() not in used


async def test_modules_of_the_window_come_in_its_own_thread_one_a_turn(modules: list[str]) -> None:
    known: list[int] = []

    async def look() -> None:
        while True:
            known.append(sum(name in sys.modules for name in modules))
            await asyncio.sleep(0)

    looking = asyncio.create_task(look())
    await load_in_turns(*modules)
    looking.cancel()
    assert threads(modules) == [threading.current_thread()] * 3
    assert known == [1, 2, 3]


class NotedClock:
    """A clock on which every wait is over at once, and which notes what is imported by then.

    The chart is there after the second wait.
    """

    def __init__(self, names: list[str]) -> None:
        self.now, self.names, self.seen = 0.0, names, list[int]()

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now

    async def sleep_until(self, deadline: float) -> None:
        assert deadline > self.now
        self.now = deadline
        self.seen.append(sum(name in sys.modules for name in self.names))
        if len(self.seen) == 2:
            sys.modules[MODULE] = ModuleType(MODULE)


async def test_parts_come_in_one_at_a_time_with_time_between_two(
    modules: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "_PARTS", modules)
    monkeypatch.setitem(sys.modules, MODULE, ModuleType(MODULE))  # what was there comes back after the test
    monkeypatch.delitem(sys.modules, MODULE)
    clock = NotedClock(modules)
    await load_parts(clock)
    assert clock.seen == [0, 0, 0, 1, 2]
    assert threads(modules) == [threading.current_thread()] * 3


def test_the_parts_are_there() -> None:
    assert [name for name in loading._PARTS if importlib.util.find_spec(name) is None] == []
