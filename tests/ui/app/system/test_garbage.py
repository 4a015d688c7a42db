"""Cyclic garbage is taken apart in the window's thread alone."""

from __future__ import annotations

import gc
import sys
import threading
from typing import Self

from pytestqt.qtbot import QtBot

from capflow_gui.app.system.garbage import collect_all, collect_due, collected_here, take_back


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


def test_the_timer_collects_what_a_session_has_not_left_out(qtbot: QtBot) -> None:
    seen: list[threading.Thread] = []
    kept: list[list[int]] = []
    gc.freeze()  # as a session does
    with collected_here(started_ms=0):
        _tie(seen, kept)
        qtbot.waitUntil(lambda: seen == [threading.current_thread()], timeout=10_000)


def test_where_no_session_is_open_the_timer_leaves_out_what_the_start_made(qtbot: QtBot) -> None:
    seen: list[threading.Thread] = []
    with collected_here(started_ms=0):
        gc.unfreeze()
        Knot(seen)
        qtbot.waitUntil(lambda: gc.get_freeze_count() > 0)
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


class Part:
    """Leads to what is named; `parts` lead back to it."""

    def __init__(self, leads_to: list[object], parts: int = 0) -> None:
        self.leads_to = leads_to
        self.parts = [Part([self]) for _ in range(parts)]


def test_what_is_taken_back_goes_with_all_its_parts_and_not_before() -> None:
    seen: list[threading.Thread] = []
    held = Part([])
    root = Part([Knot(seen).__del__, Knot(seen), held], 5000)
    gc.freeze()
    assert len([*take_back(root)]) > 5
    gc.collect()
    assert seen == []
    del root
    gc.collect()
    assert seen == [threading.current_thread()] * 2
    assert gc.is_tracked(held)
    assert held.leads_to == []


def test_modules_and_classes_stay_left_out() -> None:
    root = Part([threading, threading.Thread, threading.Thread.start, Knot.__init__])
    gc.freeze()
    assert [*take_back(root)] == []
    found = {id(each) for each in gc.get_objects()}
    assert {id(root), id(root.leads_to), id(threading.Thread.start)} <= found
    assert not {id(threading), id(threading.Thread), id(vars(threading)), id(globals())} & found


def test_other_threads_may_fill_what_is_taken_back() -> None:
    """A dict is tracked once something is put in that is; Python ends at once when one is tracked twice."""
    root, ended = Part([{} for _ in range(2000)]), threading.Event()

    def fill() -> None:
        while not ended.is_set():
            for each in root.leads_to:
                assert isinstance(each, dict)
                each.clear()
                each["filled"] = [each]

    before = sys.getswitchinterval()
    threads = [threading.Thread(target=fill) for _ in range(2)]
    with collected_here():
        sys.setswitchinterval(1e-6)
        try:
            for thread in threads:
                thread.start()
            for _round in range(10):
                gc.freeze()
                assert len([*take_back(root)]) > 1
                gc.collect()
        finally:
            ended.set()
            sys.setswitchinterval(before)
            for thread in threads:
                thread.join()


def test_what_was_not_left_out_is_not_taken_back() -> None:
    gc.freeze()
    assert [*take_back(Part([], 5000))] == []
