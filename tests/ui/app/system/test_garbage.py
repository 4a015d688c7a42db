"""Cyclic garbage is taken apart in the window's thread alone."""

from __future__ import annotations

import gc
import threading
from typing import Self

from pytestqt.qtbot import QtBot

from capflow_gui.app.system.garbage import collect_all, collect_due, collected_here


class Knot:
    """Garbage only the collector can take apart; notes in which thread it was."""

    def __init__(self, seen: list[threading.Thread]) -> None:
        self.seen = seen
        self.me: Self = self

    def __del__(self) -> None:
        self.seen.append(threading.current_thread())


def _tie(seen: list[threading.Thread], kept: list[list[int]]) -> None:
    """A knot, and allocations past the threshold that stay: what is freed again does not count."""
    Knot(seen)
    kept.extend([] for _ in range(20 * gc.get_threshold()[0]))


def test_another_threads_garbage_waits_for_this_one(qtbot: QtBot) -> None:
    seen: list[threading.Thread] = []
    kept: list[list[int]] = []
    with collected_here():
        thread = threading.Thread(target=_tie, args=(seen, kept))
        thread.start()
        thread.join()
        assert seen == []
        collect_due()
        assert seen == [threading.current_thread()]


def test_without_it_the_other_thread_would_collect() -> None:
    """What the test above rests on."""
    seen: list[threading.Thread] = []
    kept: list[list[int]] = []
    thread = threading.Thread(target=_tie, args=(seen, kept))
    thread.start()
    thread.join()
    assert seen == [thread]


def test_the_timer_collects(qtbot: QtBot) -> None:
    seen: list[threading.Thread] = []
    kept: list[list[int]] = []
    before = gc.get_freeze_count()
    with collected_here(started_ms=0):
        qtbot.waitUntil(lambda: gc.get_freeze_count() > before)
        _tie(seen, kept)
        qtbot.waitUntil(lambda: seen == [threading.current_thread()], timeout=10_000)


def test_what_the_start_made_is_left_out_of_collections(qtbot: QtBot) -> None:
    seen: list[threading.Thread] = []
    with collected_here(started_ms=0):
        Knot(seen)
        before = gc.get_freeze_count()
        qtbot.waitUntil(lambda: gc.get_freeze_count() > before)
        gc.collect()
        assert seen == []
        Knot(seen)
        gc.collect()
        assert seen == [threading.current_thread()]


def test_each_generation_has_its_turn() -> None:
    with collected_here():
        before = [state["collections"] for state in gc.get_stats()]
        for _ in range(2 * (gc.get_threshold()[1] + 1) * (gc.get_threshold()[2] + 1)):
            kept: list[list[int]] = [[] for _ in range(2 * gc.get_threshold()[0])]
            collect_due()
            del kept
        after = [state["collections"] for state in gc.get_stats()]
    assert all(now > then for now, then in zip(after, before, strict=True))


def test_python_collects_by_itself_again_afterwards() -> None:
    with collected_here():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_was_left_out_is_collected_when_all_is() -> None:
    seen: list[threading.Thread] = []
    Knot(seen)
    gc.freeze()
    gc.collect()
    assert seen == []
    collect_all()
    assert seen == [threading.current_thread()]
    assert gc.get_freeze_count() > 0
