"""Cyclic garbage is collected in the window's thread alone, and most of what stays is left out.

Python collects wherever an allocation happens to pass the threshold: in a thread that imports, or asks the keyring,
that could delete Qt objects outside the thread they live in.

What there is when the window opens, modules above all, is left out of every collection until the session ends: to look
through it all takes one to three tenths of a second, in which the window does not answer. Python leaves out all that
there is or nothing, so the first window is left out, too; what is opened after it is not. `take_back` is for the turn
of that window.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from operator import call
from types import ModuleType

from PySide6.QtCore import QTimer

_LOOK_MS = 1000
_STARTED_MS = 10_000
_STEP = 1000  # objects; they take some 5 ms
_OF_MODULES = (ModuleType, type)
_TRACK_ANEW = (ctypes.pythonapi.PyObject_GC_UnTrack, ctypes.pythonapi.PyObject_GC_Track)
for _function in _TRACK_ANEW:
    _function.argtypes, _function.restype = (ctypes.py_object,), None


@contextmanager
def collected_here(started_ms: int = _STARTED_MS) -> Iterator[None]:
    """While inside, a timer of this thread collects what Python itself would have, at the same thresholds.

    It begins when the start is over. Where no session has left anything out by then (see `Desktop`), this does.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    timer = QTimer()

    def begin() -> None:
        if gc.get_freeze_count() == 0:
            gc.freeze()
        timer.timeout.disconnect(begin)
        timer.timeout.connect(collect_due)
        timer.start(_LOOK_MS)

    timer.timeout.connect(begin)
    timer.start(started_ms)
    try:
        yield
    finally:
        timer.stop()
        if was_enabled:
            gc.enable()


def collect_due() -> None:
    """Collect the oldest generation that is due, as Python does: a generation's count is past its threshold."""
    for generation in (2, 1, 0):
        if gc.get_count()[generation] > gc.get_threshold()[generation] > 0:
            gc.collect(generation)
            return


def collect_all() -> None:
    """Collect what was left out before, too; what stays is left out from now on.

    It takes one to three tenths of a second: for when no window is seen.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def take_back(root: object) -> Iterator[None]:
    """Have `root` and all that it leads to, but modules and classes, looked through again, in steps of some 5 ms.

    `root` must be whole: what Qt has deleted leads to its parts no more. What was not left out needs no step.

    Each object is tracked anew, as one that is new; nothing else about it changes. So what is garbage is found by the
    collector alone, and what somebody still holds goes on working. To empty the parts that Qt has deleted would need
    no function of C, but break whatever calls one of them late.
    """
    if any(each is root for each in gc.get_objects()):
        return
    namespaces = {id(vars(module)) for module in tuple(sys.modules.values()) if isinstance(module, ModuleType)}
    found: dict[int, object] = {}  # held until the end: an id is that of one object
    waiting = [root]
    while waiting:
        each = waiting.pop()
        of_modules = issubclass(type(each), _OF_MODULES) or id(each) in namespaces
        if of_modules or id(each) in found or not gc.is_tracked(each):
            continue
        found[id(each)] = each
        # In one call: no other thread has a turn in between, where it could track a dict. Python ends on a second time.
        deque(map(call, _TRACK_ANEW, (each, each)), maxlen=0)
        waiting += gc.get_referents(each)
        if len(found) % _STEP == 0:
            yield
