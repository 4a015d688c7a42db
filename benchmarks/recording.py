"""What recording costs a window: 30 symbols in an open market, one reply a second, as fast as OpenD lets.

Windows that record and windows that do not differ by less than the noise of a busy machine. So the CPU time of what
records is taken out of that of a recording window: of the writer's thread, and of the calls that hand it the replies.
The simulator is a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import qasync
from PySide6.QtWidgets import QApplication

from benchmarks.idle import until
from capflow_gui.alerts.rules import RuleTable
from capflow_gui.archive.profile import ProfileArchive
from capflow_gui.clock import SystemClock
from capflow_gui.domain.link import RateLimit
from capflow_gui.domain.session import Calendar
from capflow_gui.feed.intake.asked import Pace
from capflow_gui.feed.questions import FeedQuestions
from capflow_gui.feed.recording import Recorder
from capflow_gui.feed.source import Source
from capflow_gui.monitor import Monitor
from capflow_gui.paths import resource
from capflow_gui.providers.opend.provider import OpendConfig, OpendProvider
from capflow_gui.quota.limiters import Limiters
from capflow_gui.settings import ArchiveSettings, Settings
from capflow_gui.simulator.market.universe import build_universe
from capflow_gui.ui.ports import WindowServices
from capflow_gui.ui.theme import apply_theme, build_theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.window_fixture import Access, Answers, Reports, Shelf, start_now

SYMBOLS = 30
A_SECOND = 1
SETTLE_S, MEASURE_S = 15.0, 40.0
MOST = 1.03


class Timed:
    """An archive whose calls on the window's loop are timed."""

    def __init__(self, archive: ProfileArchive) -> None:
        self._archive = archive
        self._writer: Recorder | None = None
        self.kind = archive.kind
        self.calls_s = 0.0

    def open(self, simulated: bool) -> Any:
        """Itself."""
        self._writer = self._archive.open(simulated)
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)

    def record(self, *series: Any, **facts: Any) -> None:
        """As the writer does it."""
        assert self._writer is not None
        begun = time.thread_time()
        self._writer.record(*series, **facts)
        self.calls_s += time.thread_time() - begun

    def recording_s(self) -> float:
        """CPU seconds of the calls and the writer's thread so far."""
        [thread] = [each for each in threading.enumerate() if each.name == "archive"]
        assert thread.ident is not None
        return self.calls_s + time.clock_gettime(time.pthread_getcpuclockid(thread.ident))


@contextmanager
def simulator() -> Iterator[int]:
    """Its port."""
    words = ["simulate", "--rate-limit", "off", "--symbols", "200", "--clock", "2026-06-10T14:30:00+08:00"]
    command = [sys.executable, "-m", "capflow_gui", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(json.loads(process.stdout.readline())["opend"].rpartition(":")[2])
        finally:
            process.terminate()


async def cpu_seconds(app: QApplication, port: int, folder: Path) -> tuple[float, float]:
    """CPU milliseconds a reply: of all, and of recording."""
    clock = SystemClock()
    provider = OpendProvider(OpendConfig("127.0.0.1", port), clock, "opend")
    limits = dict.fromkeys(provider.capabilities.limits, RateLimit(A_SECOND, 1.0))
    source = Source("opend", provider, Limiters("bench", limits, clock=clock))
    calendar = Calendar.from_json(resource("sessions.json").read_bytes())
    symbols = [symbol for symbol in build_universe(200) if not symbol.is_index][:SYMBOLS]
    archive = ProfileArchive(folder, ArchiveSettings(), real=False)
    timed = Timed(archive)
    pace = Pace(SYMBOLS / A_SECOND * 0.95, SYMBOLS / A_SECOND * 0.95)
    rules = RuleTable(-1.2e8)
    monitor = Monitor([source], symbols, calendar=calendar, clock=clock, rules=rules, pace=pace, archive=timed)
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
    await until(lambda: window.chart.chart is not None and monitor.budgets[0].requests >= SYMBOLS)
    await asyncio.sleep(SETTLE_S)  # every symbol recorded once, and sessions that are over compacted
    recording, cpu, asked = timed.recording_s(), time.process_time(), monitor.budgets[0].requests
    await asyncio.sleep(MEASURE_S)
    replies = monitor.budgets[0].requests - asked
    spent = (time.process_time() - cpu) / replies * 1e3, (timed.recording_s() - recording) / replies * 1e3
    feeding.cancel()
    await asyncio.wait({feeding})
    window.may_close()
    window.close()
    archive.close()
    return spent


def main() -> None:
    """Print a JSON row."""
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    with (
        tempfile.TemporaryDirectory() as folder,
        simulator() as port,
        asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner,
    ):
        ours, recording = runner.run(cpu_seconds(app, port, Path(folder)))
    plain = ours - recording
    row = {"metric": f"a reply in a recording window, {SYMBOLS} symbols, client CPU", "ours": ours, "unit": "ms"}
    row |= {"baseline": plain, "baseline_name": "not recording", "ratio": plain / ours, "target": round(1 / MOST, 3)}
    print(json.dumps(row))


if __name__ == "__main__":
    main()
