"""The window that playback_window.py looks at: playback_window_worker.py FOLDER SYMBOL SESSION SECONDS.

It plays the session of that symbol, with all that were recorded then, from an hour after the open, for so many seconds,
and prints a JSON object. Counted are turns of the event loop that took the window's thread a millisecond of the
processor or more: in the others there is nothing to do. `share` is that thread's share of a core.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from window_script import run_script

PATIENCE_S, SETTLE_S = 120.0, 3.0
FROM_S = 3600.0
LEAST_S = 0.001


class Turns:
    """The processor time of each turn of the event loop, seconds."""

    def __init__(self) -> None:
        from PySide6.QtCore import QAbstractEventDispatcher

        self.took: list[float] = []
        self._before = time.thread_time()
        QAbstractEventDispatcher.instance().awake.connect(self._turn)

    def _turn(self) -> None:
        now = time.thread_time()
        self.took.append(now - self._before)
        self._before = now


async def until(holds: Callable[[], bool]) -> None:
    """Wait; SystemExit where it takes too long."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > end:
            raise SystemExit(f"the window did not come so far: line {holds.__code__.co_firstlineno}")
        await asyncio.sleep(0.05)


async def played(window: Any, symbol: Any, session: date, seconds: float) -> dict[str, float]:
    """Milliseconds a turn: the median, what 99 of 100 do not pass, the longest; and how many there were."""
    chart, recorded, playback = window.chart, window.recorded, window.playback
    window.resize(1600, 1000)
    await until(lambda: chart.chart is not None and window.board.row(symbol).series is not None)
    window.go_to(symbol)
    chart.show_date(session)
    await until(lambda: recorded.session(session) is not None)
    shown = recorded.session(session)
    begin = shown.summary.day.open + FROM_S
    window.played.play(shown, begin)
    await until(lambda: playback.ready and playback.now >= begin)
    playback.resume()
    await asyncio.sleep(min(SETTLE_S, seconds))
    market, cpu, turns = playback.now, time.thread_time(), Turns()
    await asyncio.sleep(seconds)
    spent, moved = time.thread_time() - cpu, playback.now - market
    took = sorted(each * 1e3 for each in turns.took if each >= LEAST_S)
    found = {"p50": statistics.median(took), "p99": took[int(len(took) * 0.99)], "max": took[-1], "turns": len(took)}
    return found | {"share": spent / seconds, "speed": moved / seconds, "symbols": len(playback.board.symbols)}


def main(folder: Path, symbol: str, session: date, seconds: float) -> None:
    """Run the program."""
    from capflow_gui.domain.symbol import Symbol

    run_script(folder, lambda window: played(window, Symbol.parse(symbol), session, seconds))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], date.fromisoformat(sys.argv[3]), float(sys.argv[4]))
