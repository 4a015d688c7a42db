"""Cyclic garbage is collected in the window's thread alone.

Python collects wherever an allocation happens to pass the threshold. In a thread that imports, or asks the keyring,
that could take Qt objects apart away from the thread they live in.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QTimer

_LOOK_MS = 1000


@contextmanager
def collected_here() -> Iterator[None]:
    """While inside, a timer of this thread collects what Python itself would have, at the same thresholds."""
    was_enabled = gc.isenabled()
    gc.disable()
    timer = QTimer()
    timer.timeout.connect(collect_due)
    timer.start(_LOOK_MS)
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
