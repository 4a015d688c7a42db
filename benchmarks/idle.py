"""What a window costs while nothing changes: 500 symbols after the close, all of them answered, all of them at rest.

Window, feed and simulator share the process; the share is of one core, by the process' CPU time over some seconds.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable, Coroutine
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import qasync
from PySide6.QtWidgets import QApplication

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.clock import SystemClock
from capflow_gui.domain.link import RateLimit
from capflow_gui.domain.session import Calendar
from capflow_gui.feed.questions import FeedQuestions
from capflow_gui.feed.source import Source
from capflow_gui.monitor import Monitor
from capflow_gui.paths import resource
from capflow_gui.providers.opend.provider import OpendConfig, OpendProvider
from capflow_gui.quota.limiters import Limiters
from capflow_gui.settings import Settings
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from capflow_gui.ui.ports import WindowServices
from capflow_gui.ui.theme import FUSION, apply_theme, build_theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.window_fixture import Access, Answers, Reports, Shelf, start_now

SYMBOLS = 500
CLOSED = "2026-06-10T20:00:00+08:00"
# Until the rows on screen were asked for their money in and out, one a second.
ANSWERED_S, SETTLE_S, MEASURE_S = 60.0, 40.0, 10.0
LIMIT_PERCENT = 0.5


async def until(holds: Callable[[], bool]) -> None:
    """Wait; SystemExit where it takes too long."""
    end = time.monotonic() + ANSWERED_S
    while not holds():
        if time.monotonic() > end:
            raise SystemExit("idle: the list was not answered in time")
        await asyncio.sleep(0.2)


async def idle_share(app: QApplication) -> float:
    """Percent of a core."""
    clock = SystemClock()
    config = SimulatorConfig(symbols=SYMBOLS, clock=CLOSED, rate_limit=None)
    async with OpendSimulator(config, clock=clock) as simulator:
        provider = OpendProvider(OpendConfig("127.0.0.1", simulator.port), clock, "demo")
        # Five hundred questions within seconds: the wait for the quota is not what is measured.
        limits = {name: RateLimit(10_000, 1.0) for name in provider.capabilities.limits}
        source = Source("demo", provider, Limiters("bench", limits, clock=clock))
        calendar = Calendar.from_json(resource("sessions.json").read_bytes())
        symbols = list(simulator.market.listings)
        monitor = Monitor([source], symbols, calendar=calendar, clock=clock, rules=RuleTable(-1.2e8))
        theme = build_theme("dark")
        apply_theme(app, theme)
        answers = Answers()
        questions = FeedQuestions(monitor.feeds)
        services = WindowServices(
            answers.test, start_now, Access(answers), questions, Reports(answers), Shelf(), simulated=True
        )
        window = MainWindow(monitor, Settings(), theme, services)
        window.resize(1600, 1000)
        window.show()
        feeding = asyncio.create_task(monitor.run())
        await until(lambda: window.chart.chart is not None and monitor.budgets[0].requests >= len(symbols))
        await asyncio.sleep(SETTLE_S)
        share = await measured(lambda: asyncio.sleep(MEASURE_S))
        feeding.cancel()
        await asyncio.wait({feeding})
        window.may_close()
        window.close()
        return share


async def measured(pause: Callable[[], Coroutine[Any, Any, None]]) -> float:
    """Percent of a core that this process used meanwhile."""
    wall, cpu = time.monotonic(), time.process_time()
    await pause()
    return (time.process_time() - cpu) / (time.monotonic() - wall) * 100


def main() -> None:
    """Print a JSON row."""
    app = QApplication(["idle", *FUSION])
    app.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
        share = runner.run(idle_share(app))
    row = {"metric": f"idle, {SYMBOLS} symbols after the close, client CPU", "ours": share, "unit": "%"}
    row |= {"baseline": LIMIT_PERCENT, "baseline_name": "limit", "ratio": LIMIT_PERCENT / share, "target": 1.0}
    print(json.dumps(row))


if __name__ == "__main__":
    main()
