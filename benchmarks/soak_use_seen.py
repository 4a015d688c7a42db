"""What is seen of the program while `soak_use_worker.py` uses it: log lines, turns of the event loop, what is alive."""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import logging
import os
import re
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractEventDispatcher, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QApplication

LONG_S = 0.100
BEAT_MS = 10
LOOK_S = 0.010
PIECE, PIECES = 4000, 40
DEEPEST = 7
PLACE = re.compile(r'(?:capflow_gui|benchmarks)/.*?(\w+)\.py", line (\d+) in (.+)')
KEPT = 200
MOST_KINDS = 12
UNTAKEN = re.compile(  # by what takes nothing now, as a window that is being made anew
    r'(Mouse event "Mouse(Press|Release|DClick|Move)"|Keyboard event) not accepted by receiving widget'
)


@dataclass
class Seen:
    """What a round saw."""

    seed: int
    acts: Counter[str] = field(default_factory=Counter)
    logged: list[str] = field(default_factory=list)
    long: list[dict[str, Any]] = field(default_factory=list)
    turns: int = 0
    longest_ms: float = 0.0
    long_by_wall: int = 0
    longest_wall_ms: float = 0.0
    rests: list[dict[str, float]] = field(default_factory=list)
    slower: list[float] = field(default_factory=list)
    more: list[str] = field(default_factory=list)
    pages: int = 0
    last: list[str] = field(default_factory=list)


class LogWatch(logging.Handler):
    """Keeps what is logged at WARNING and above, with the acts before it."""

    def __init__(self, seen: Seen) -> None:
        super().__init__(logging.WARNING)
        self._seen = seen
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line, unless QTest says of its own click or key that it went to a part that takes none now."""
        if len(self._seen.logged) < KEPT and not UNTAKEN.fullmatch(record.getMessage()):
            self._seen.logged.append(f"{self.format(record)} [after {'; '.join(self._seen.last[-4:])}]")


class Stacks(threading.Thread):
    """Looks every 10 ms where the window's thread is.

    It has faulthandler write that down: a frame that is held here keeps what is painted with from being let go in time.
    """

    def __init__(self) -> None:
        super().__init__(name="stacks", daemon=True)
        self._head = f"hread 0x{threading.get_ident():016x}"
        self._seen: list[str] = []

    def run(self) -> None:
        """Look until the program ends."""
        with tempfile.TemporaryFile() as file:
            while True:
                time.sleep(LOOK_S)
                file.seek(0)
                file.truncate()
                faulthandler.dump_traceback(file)
                file.seek(0)
                own = file.read().decode(errors="replace").partition(self._head)[2].partition("\n\n")[0]
                places = [f"{stem}.{name}:{line}" for stem, line, name in PLACE.findall(own)]
                self._seen.append(" < ".join(places[:DEEPEST]))
                del self._seen[:-500]

    def begin(self) -> None:
        """A turn begins."""
        self._seen = []

    def told(self) -> list[str]:
        """Where the thread was most often in this turn, and how often."""
        return [f"{times}x {where}" for where, times in Counter(self._seen).most_common(3)]


class Pace:
    """How long the same piece of work takes the thread now: on a machine that others load it takes longer.

    The least of all was on a processor of its own.
    """

    def __init__(self) -> None:
        self.least = min(self.now() for _time in range(PIECES))

    def now(self) -> float:
        """Seconds of processor time."""
        began = time.thread_time()
        sum(hash(str(number)) for number in range(PIECE))
        return time.thread_time() - began

    def slower(self) -> float:
        """How many times longer than the least it takes now."""
        took = statistics.median(self.now() for _time in range(3))
        self.least = min(self.least, took)
        return took / self.least


class Turns(QObject):
    """Times each turn of the event loop that begins with a window on screen, by the processor time of its thread.

    Others share this machine: that the thread waits for them is not in it, and what they take from it otherwise is told
    by how much slower the same piece of work is right after a long turn. How long a timer waited by the wall clock is
    told, too, and judged by nobody.
    """

    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self._seen = seen
        self._before, self._beat = time.thread_time(), time.monotonic()
        self._pace = Pace()
        self._is_window = False
        self._stacks = Stacks()
        self._stacks.start()
        QAbstractEventDispatcher.instance().awake.connect(self._turn)  # once a turn; where in it is the platform's
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beats)
        self._timer.start(BEAT_MS)

    def _turn(self) -> None:
        took = time.thread_time() - self._before
        if self._is_window:
            self._seen.turns += 1
            self._seen.longest_ms = max(self._seen.longest_ms, round(took * 1000, 1))
        else:
            took = 0.0
        self._is_window = any(top.isVisible() for top in QApplication.topLevelWidgets())
        if took > LONG_S and len(self._seen.long) < KEPT:
            slower = self._pace.slower()
            alone = round(took * 1000 / slower)
            turn = {"ms": round(took * 1000), "alone": alone, "after": self._seen.last[-3:]}
            self._seen.long.append(turn | {"where": self._stacks.told()})
        self.leave_out()

    def rest(self) -> None:
        """Note how many times longer than at best the same piece of work takes now, and leave this turn out."""
        self._seen.slower.append(round(self._pace.slower(), 2))
        self.leave_out()

    def leave_out(self) -> None:
        """What this turn took so far is the soak's own."""
        self._stacks.begin()
        self._before = time.thread_time()

    def _beats(self) -> None:
        now = time.monotonic()
        late, self._beat = now - self._beat - BEAT_MS / 1000, now
        self._seen.long_by_wall += late > LONG_S
        self._seen.longest_wall_ms = max(self._seen.longest_wall_ms, round(late * 1000, 1))


class Memory(ctypes.Structure):
    """What mallinfo2 of glibc tells, in bytes."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


def _held() -> tuple[int, int]:
    """Bytes in arrays that own their figures, and in pictures, that Python's objects refer to.

    What was frozen is not among the collector's objects: it is reached from the modules. An array that is seen through
    another one is known to that one alone.
    """
    arrays: dict[int, int] = {}
    pictures: dict[int, int] = {}
    left: list[Any] = [sys.modules, *gc.get_objects()]
    met = {id(each) for each in left}
    own = {id(left), id(met), id(arrays), id(pictures)}
    while left:
        for held in gc.get_referents(left.pop()):
            each = held
            while type(each) is np.ndarray and type(each.base) is np.ndarray:
                each = each.base
            if type(each) is np.ndarray and each.base is None:
                arrays[id(each)] = each.nbytes
            elif type(each) in (QImage, QPixmap):
                pictures[each.cacheKey()] = each.width() * each.height() * each.depth() // 8
            elif gc.is_tracked(each) and id(each) not in met and id(each) not in own:
                met.add(id(each))
                left.append(each)
    return sum(arrays.values()), sum(pictures.values())


class Alive:
    """Counts what is alive in the program."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None)
        self._libc.mallinfo2.restype = Memory
        self._first: Counter[str] = Counter()
        self._modules: set[str] = set()

    def count(self) -> dict[str, float]:
        """Widgets, Python's objects and blocks, and memory in MB.

        heap      what malloc has handed out: of Qt, of numpy, of whatever is not Python's own
        mb        what is resident once what is free was given back
        arrays    what numpy's arrays hold that own their figures, a part of heap
        pictures  what pictures hold that Python's objects know, a part of heap
        """
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        self._libc.malloc_trim(0)
        told = self._libc.mallinfo2()
        arrays, pictures = _held()
        resident = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
        return {
            "widgets": len(QApplication.allWidgets()),
            "objects": len(gc.get_objects()) + gc.get_freeze_count(),
            "blocks": sys.getallocatedblocks(),
            "heap": round((told.uordblks + told.hblkhd) / 1e6, 1),
            "mb": round(resident / 1e6, 1),
            "arrays": round(arrays / 1e6, 1),
            "pictures": round(pictures / 1e6, 1),
        }

    def grown(self) -> list[str]:
        """The kinds of objects of which there are more than when it was asked first, and the modules read since."""
        now = Counter(f"{type(each).__module__}.{type(each).__qualname__}" for each in gc.get_objects())
        if not self._first:
            self._first, self._modules = now, {*sys.modules}
        read = sorted({*sys.modules} - self._modules)
        more = [f"{more} {kind}" for kind, more in (now - self._first).most_common(MOST_KINDS)]
        return more + ([f"{len(read)} modules: {', '.join(read[:KEPT])}"] if read else [])
