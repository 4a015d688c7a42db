"""Cyclic garbage is collected in the window's thread alone, and most of what stays is left out.

Python collects wherever an allocation happens to pass the threshold: in a thread that imports, or asks the keyring,
that could delete Qt objects outside the thread they live in.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QTimer

_LOOK_MS = 1000
_STARTED_MS = 10_000


@contextmanager
def collected_here(started_ms: int = _STARTED_MS) -> Iterator[None]:
    """While inside, a timer of this thread collects what Python itself would have, at the same thresholds.

    It begins when the start is over. What there is by then, modules above all, is left out of every collection until
    the session ends: to look through it all takes a tenth of a second, in which the window does not answer.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    timer = QTimer()

    def begin() -> None:
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

    It takes one to two tenths of a second: for when a window was closed and the next one does not answer yet.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
