"""A start of the window beside an archive, and its view of recorded sessions. See year.py.

year_worker.py FOLDER SYMBOL SECONDS: prints one JSON object of seconds and megabytes; the list is in the folder's
settings, the start is over after so many seconds. With a fourth argument the recorded sessions of that symbol are
looked at then. A pause is how much processor time the program took between two turns of its event loop: the window
does not answer for as long.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from window_script import run_script

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

STEP_S, PATIENCE_S = 0.002, 60.0
BEGAN = time.monotonic()


class Watch:
    """Looks at the event loop every few milliseconds, and notes its longest pause."""

    def __init__(self) -> None:
        self._longest = 0.0

    def pause(self) -> float:
        """The longest pause since this was asked last, in seconds of processor time."""
        longest, self._longest = self._longest, 0.0
        return longest

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for it; SystemExit where it takes too long."""
        end, before = time.monotonic() + PATIENCE_S, time.process_time()
        while not holds():
            if time.monotonic() > end:
                raise SystemExit(f"the window did not come so far: line {holds.__code__.co_firstlineno}")
            await asyncio.sleep(STEP_S)
            now = time.process_time()
            self._longest, before = max(self._longest, now - before), now


def resident_mb() -> float:
    """Megabytes of this process that are in memory."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return float(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) / 1024


async def start(window: Any, symbol: Any, seconds: float, watch: Watch) -> dict[str, float]:
    """From the process' begin until the list's first paint, the first chart with lines, and the end of the start."""
    found, chart = {"painted": time.monotonic() - BEGAN, "painted_cpu": time.process_time()}, window.chart
    await watch.until(lambda: chart.chart is not None and window.board.row(symbol).series is not None)
    chart.chart.grab()
    found |= {"chart": time.monotonic() - BEGAN, "chart_cpu": time.process_time()}
    await watch.until(lambda: time.monotonic() - BEGAN > seconds)
    found |= {"start_cpu": time.process_time(), "start_pause": watch.pause(), "memory": resident_mb()}
    found["with_figures"] = sum(window.board.row(each).series is not None for each in window.board.symbols)
    return found


async def history(window: Any, symbol: Any, watch: Watch) -> dict[str, float]:
    """Seconds of each step of somebody who looks at recorded sessions, and how long the window did not answer."""
    from capflow_gui.domain.period import Period

    chart, recorded, found = window.chart, window.recorded, dict[str, float]()

    async def step(name: str, act: Callable[[], object], holds: Callable[[], bool]) -> None:
        watch.pause()
        began, cpu = time.monotonic(), time.process_time()
        act()
        await watch.until(holds)
        chart.chart.grab()
        found[name], found[f"{name}_cpu"] = time.monotonic() - began, time.process_time() - cpu
        found[f"{name}_pause"] = watch.pause()

    def shown(day: Any) -> bool:
        row = window.board.row(symbol)
        return recorded.date == day and recorded.session(day, row.source) is not None

    other = next(each for each in window.board.symbols if each != symbol and each.market is symbol.market)
    await step("symbol", lambda: window.go_to(other), lambda: bool(recorded.dates()))
    await step("symbol", lambda: window.go_to(symbol), lambda: recorded.symbol == symbol and bool(recorded.dates()))
    days = recorded.dates()
    found["sessions"] = len(days)
    await step("strip", lambda: (chart.toggle_strip(), chart.strip().grab()), lambda: chart.strip().isVisible())
    await step("page", lambda: (chart.strip().page(-1), chart.strip().grab()), lambda: True)
    near, far = days[-2], days[0]
    await step("pick", lambda: chart.show_date(near), lambda: shown(near))
    await step("pick_old", lambda: chart.show_date(far), lambda: shown(far))
    await step("compare", lambda: recorded.compare(near), lambda: recorded.session(near) is not None)
    recorded.compare(None)
    chart.show_date(near)
    await step("quality", window.detail.focus_quality, lambda: str(symbol) in window.detail.quality().line.toolTip())
    chart.show_date(None)
    window.choose_period(Period.DAY)
    await step("days", lambda: None, lambda: recorded.totals() is not None)
    return found | {"memory_after": resident_mb()}


def main(folder: Path, symbol: str, seconds: float, *, look: bool) -> None:
    """Run the program."""
    from capflow_gui.domain.symbol import Symbol

    async def script(window: Any) -> dict[str, float]:
        watch, watched = Watch(), Symbol.parse(symbol)
        found = await start(window, watched, seconds, watch)
        if look:
            found |= await history(window, watched, watch)
        return found | {"troubles": len(window.board.troubles)}

    run_script(folder, script)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), look=len(sys.argv) > 4)
