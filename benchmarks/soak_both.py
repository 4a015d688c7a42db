"""What `soak.py --sources both` runs: a monitor on both simulated brokers, and a look at every row each second.

Writes one JSON object at its end: refusals as the client saw them, use of each quota by domain rule 12, the oldest
row measured in its own shown cycles, and how the watchlist was shared.

With --seconds it is a monitor without a window; without, it is `capflow` itself, its window and all, until SIGTERM.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import capflow_gui.monitor
from capflow_gui.alerts.rules import RuleTable
from capflow_gui.cli.main import main as capflow
from capflow_gui.clock import SystemClock
from capflow_gui.diagnostics import configure_logging
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.monitor import Monitor
from capflow_gui.paths import Paths, resource
from capflow_gui.settings import Settings
from capflow_gui.sources import open_source

_VISIBLE = 18
_WARM_UP_CYCLES = 2.0


@dataclass
class Oldest:
    """The worst row of each source: its age since the last reply, in shown cycles, and in seconds."""

    cycles: float = 0.0
    age_s: float = 0.0
    cycle_s: float = 0.0
    symbol: str = ""
    samples: int = 0
    over: int = 0

    def as_json(self) -> dict[str, object]:
        """The worst of it."""
        return dict(vars(self))

    def look(self, symbol: Symbol, age_s: float, cycle_s: float) -> None:
        """One sample. Ages and cycles are shown in whole seconds, and compared as they are shown."""
        self.samples += 1
        self.over += round(age_s) > round(cycle_s)
        if age_s / cycle_s > self.cycles:
            self.cycles, self.age_s, self.cycle_s, self.symbol = age_s / cycle_s, age_s, cycle_s, str(symbol)


async def soak(opend: str, symbols: Sequence[Symbol], folder: Path, seconds: float) -> dict[str, object]:
    """Watch for so long; Longport is where the environment says."""
    clock, paths = SystemClock(), Paths.resolve(None, folder / "config", folder / "data")
    async with AsyncExitStack() as stack:
        sources = [
            await stack.enter_async_context(open_source(text, clock=clock, paths=paths, settings=Settings()))
            for text in (opend, "longport:")
        ]
        monitor = Monitor(
            sources,
            symbols,
            calendar=Calendar.from_json(resource("sessions.json").read_bytes()),
            clock=clock,
            rules=RuleTable(default=-50e6),
            own_sources={},
        )
        monitor.subscribe("soak").show(symbols[:_VISIBLE])
        running = asyncio.create_task(monitor.run())
        oldest = {source.name: Oldest() for source in sources}
        looking = asyncio.create_task(_keep_looking(monitor, oldest))
        await asyncio.wait({running}, timeout=seconds)
        report = _report(monitor, oldest)
        for task in (looking, running):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    return report


def window(report: Path, arguments: Sequence[str]) -> int:
    """Run `capflow` with a monitor that is looked at, and write what was seen when it ends."""

    seen: list[dict[str, object]] = []

    class Watched(Monitor):
        async def run(self) -> None:
            oldest = {feed.name: Oldest() for feed in self.feeds}
            looking = asyncio.create_task(_keep_looking(self, oldest))
            try:
                await super().run()
            finally:
                looking.cancel()
                seen.append(_report(self, oldest))

    capflow_gui.monitor.Monitor = Watched  # type: ignore[misc]
    status = capflow(arguments)
    report.write_text(json.dumps(seen[-1]), encoding="utf-8")
    return status


async def _keep_looking(monitor: Monitor, oldest: dict[str, Oldest]) -> None:
    clock = SystemClock()
    began = clock.monotonic()
    while True:
        now = clock.monotonic()
        _look(monitor, oldest, now, began)
        await clock.sleep_until(now + 1.0)


def _look(monitor: Monitor, oldest: dict[str, Oldest], now: float, began: float) -> None:
    for symbol in monitor.symbols:
        row = monitor.row(symbol)
        if row.polled_at is None or row.cycle_s <= 0:
            continue
        if now - began > _WARM_UP_CYCLES * row.cycle_s:
            oldest[row.source].look(symbol, now - row.polled_at, row.cycle_s)


def _report(monitor: Monitor, oldest: dict[str, Oldest]) -> dict[str, object]:
    rows = [monitor.row(symbol) for symbol in monitor.symbols]
    return {
        feed.name: {
            "symbols": sum(row.source == feed.name for row in rows),
            "requests": feed.intake.limiter.stats.requests,
            "refused": feed.intake.limiter.stats.refused,
            "use": feed.intake.limiter.stats.use,
            "cycle_s": feed.budget().cycle_s,
            "oldest": oldest[feed.name].as_json(),
        }
        for feed in monitor.feeds
    } | {
        "unanswered": [str(row.symbol) for row in rows if row.series is None],
        "troubles": [*map(str, monitor.troubles)],
    }


def main() -> int:
    """Run, and write what was seen."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--report", type=Path, required=True)
    parser.add_argument("--opend")
    parser.add_argument("--symbols", default="")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seconds", type=float)
    arguments = parser.parse_args()
    if arguments.seconds is None:
        folders = ["--config-dir", str(arguments.folder), "--data-dir", str(arguments.folder / "data")]
        return window(arguments.report, folders)
    symbols = [Symbol.parse(text) for text in arguments.symbols.split(",")]
    diagnostics = configure_logging(arguments.folder / "data" / "log", "info", "error")
    for name in ("APP_KEY", "APP_SECRET", "ACCESS_TOKEN"):
        diagnostics.register_secret(os.environ[f"LONGBRIDGE_{name}"])
    report = asyncio.run(soak(arguments.opend, symbols, arguments.folder, arguments.seconds))
    diagnostics.close()
    arguments.report.write_text(json.dumps(report), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
