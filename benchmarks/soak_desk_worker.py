"""What `soak_desk.py` runs: the collector of a desk, or a number of its windows without a screen.

The collector polls a simulator, as fast as ten logins would, records, and judges rules that alert often. Each window
is a provider of the desk that knows every symbol, and the alerts of the desk. With `--monitor` the first of them has a
monitor, too, and is what a window costs beside its drawing.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import resource as usage
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.archive.profile import ProfileArchive
from capflow_gui.clock import SystemClock
from capflow_gui.desk.bus import BusAccess
from capflow_gui.desk.collector import Collector, CollectorConfig
from capflow_gui.desk.serving.configuration import COLLECTOR
from capflow_gui.domain.alert_record import AlertEvent, AlertRecord
from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.rule import parse_rule
from capflow_gui.errors import CapflowError
from capflow_gui.feed.intake.asked import Pace
from capflow_gui.feed.intake.shared_alerts import SharedAlerts
from capflow_gui.feed.source import Source
from capflow_gui.monitor import Monitor
from capflow_gui.paths import resource
from capflow_gui.playback.past import read_past
from capflow_gui.providers.desk.channel import DeskChannel, DeskConfig
from capflow_gui.providers.desk.provider import DeskProvider
from capflow_gui.providers.opend.link import OpendConfig
from capflow_gui.providers.opend.provider import OpendProvider
from capflow_gui.quota.limiter import RateLimit
from capflow_gui.quota.limiters import Limiters
from capflow_gui.settings import ArchiveSettings
from capflow_gui.storage.alert_log import FILE_NAME, AlertLog

# Of each symbol one of these is raised or cleared every few minutes.
RULES = ("*: net <= -20M", "*: net change 5m <= -1M", "*: net change 5m >= 1M")


def listed(path: Path) -> list[Symbol]:
    """The symbols of the soak, one a line."""
    return [Symbol.parse(line) for line in path.read_text(encoding="utf-8").split()]


def calendar() -> Calendar:
    """The table that ships."""
    return Calendar.from_json(resource("sessions.json").read_bytes())


async def collect(arguments: argparse.Namespace) -> None:
    """Poll, record and publish until SIGTERM."""
    clock, symbols = SystemClock(), listed(arguments.symbols)
    provider = OpendProvider(OpendConfig("127.0.0.1", arguments.opend), clock)
    # Ten logins ask ten times a second, each once; one that may ask ten times as often would ask in bursts.
    limits = provider.capabilities.limits | {"capital_flow": RateLimit(arguments.rate, 1.0)}
    source = Source("opend", provider, Limiters("opend/soak", limits, clock=clock))
    pace = len(symbols) / arguments.rate
    archive = ProfileArchive(arguments.folder, ArchiveSettings(), real=False)
    logs: list[AlertLog] = []

    def open_log(simulated: bool) -> AlertLog:
        logs.append(AlertLog(arguments.folder / FILE_NAME, simulated=simulated))
        return logs[-1]

    monitor = Monitor(
        [source],
        [],
        calendar=calendar(),
        clock=clock,
        rules=RuleTable(rules=[parse_rule(text) for text in RULES]),
        pace=Pace(pace, pace, True),
        open_alerts=open_log,
        archive=archive,
        read_past=partial(read_past, arguments.folder),
    )

    async def secret() -> str:
        return str(arguments.secret)

    access = BusAccess(DeskConfig("127.0.0.1", arguments.port, COLLECTOR), secret)
    config = CollectorConfig(f"c{os.getpid()}", 1, tuple(symbols), {"opend": "opend"})
    collector = Collector(monitor, config, access, clock)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(monitor.run()), group.create_task(collector.run())]
        await stopped.wait()
        for task in tasks:
            task.cancel()
    for close in (*(log.close for log in logs), archive.close):
        await asyncio.to_thread(close)


class TimedProvider(DeskProvider):
    """A provider that notes when it was connected first."""

    connected_at: float | None = None

    async def _serve(self, channel: DeskChannel) -> CapflowError:
        if self.connected_at is None:
            self.connected_at = time.monotonic()
        return await super()._serve(channel)


class KeptRecords:
    """The alerts that a window knows, as a profile would keep them."""

    def __init__(self) -> None:
        self._records: dict[str, AlertRecord] = {}

    def newest_first(self) -> tuple[AlertRecord, ...]:
        """Every record."""
        return tuple(sorted(self._records.values(), key=lambda each: each.raised_at, reverse=True))

    def get(self, number: str) -> AlertRecord | None:
        """The record of an id, where there is one."""
        return self._records.get(number)

    def keep(self, record: AlertRecord) -> None:
        """Add a record, or replace the one of its id."""
        self._records[record.id] = record

    def note(self, event: AlertEvent) -> None:
        """Nothing is sent from here."""


class Window:
    """One window, and what it measured."""

    def __init__(self, number: int, arguments: argparse.Namespace, symbols: list[Symbol]) -> None:
        async def secret() -> str:
            return arguments.secret

        clock = SystemClock()
        self.user = f"ws{number:02}"
        self.provider = TimedProvider(DeskConfig("127.0.0.1", arguments.port, self.user), secret, clock)
        self.symbols = symbols
        self.started = time.monotonic()
        self.complete_s: float | None = None  # after it was connected
        self.start_s: float | None = None  # after it was made
        self.latencies: list[float] = []
        self.told: Counter[tuple[str, str, int]] = Counter()  # what was said of an alert: id, state, announcements
        self.replied: dict[Symbol, float] = {}
        self.downs = 0
        self.here: set[Symbol] = set()
        self.provider.on_pushed(self._came)
        self.provider.on_link(lambda link: setattr(self, "downs", self.downs + (link.phase is LinkPhase.LOST)))
        self.provider.want(symbols, symbols[:20])
        self.source = Source("desk", self.provider, Limiters("desk", {}, clock=clock), self.provider)
        self.records = KeptRecords()
        self.alerts = SharedAlerts([self.source], self.records, lambda _desk: 0.0, self._tell, lambda _symbols: None)

    def _tell(self, events: Iterable[AlertEvent]) -> None:
        for event in events:
            self.told[event.record.id, event.record.state.value, event.record.told] += 1

    def _came(self, symbol: Symbol) -> None:
        state = self.provider.copy.state(symbol)
        assert state is not None
        # A price that came since the reply says nothing of how long a reply takes.
        is_reply, self.replied[symbol] = state.known.at > self.replied.get(symbol, 0.0), state.known.at
        if self.complete_s is not None:
            if is_reply:
                self.latencies.append(time.monotonic() - state.known.at)
            return
        self.here.add(symbol)
        if len(self.here) == len(self.symbols):
            now = time.monotonic()
            self.complete_s, self.start_s = now - (self.provider.connected_at or now), now - self.started

    def oldest(self) -> float:
        """When the reply that is oldest here came to its collector, by the clock of all processes; 0.0 for none."""
        copy = self.provider.copy
        return min((state.known.at if (state := copy.state(symbol)) else 0.0 for symbol in self.symbols), default=0.0)

    def figures(self) -> str:
        """What it shows now, as one number for all."""
        digest = hashlib.sha256()
        for symbol in self.symbols:
            pushed = self.provider.pushed(symbol)
            digest.update(str(symbol).encode())
            if pushed is not None:
                digest.update(pushed.series.timestamps.tobytes() + pushed.series.values.tobytes())
        return digest.hexdigest()

    def acknowledge(self) -> str | None:
        """Acknowledge the newest alert that waits; its id, None where none does."""
        waiting = [record for record in self.records.newest_first() if record.waiting]
        if not waiting:
            return None
        self.alerts.acknowledge([waiting[0].id])
        return waiting[0].id

    def shown_alerts(self) -> dict[str, tuple[str, int, str]]:
        """By id: state, announcements, and who acknowledged it."""
        return {each.id: (each.state.value, each.told, each.seen_by) for each in self.records.newest_first()}


def said(windows: list[Window], monitor: Monitor | None, question: str) -> dict[str, object]:
    """What windows say of themselves: always little, and more where it is asked for, which takes long."""
    spent = usage.getrusage(usage.RUSAGE_SELF)
    answer: dict[str, object] = {"at": time.monotonic(), "cpu_s": spent.ru_utime + spent.ru_stime}
    match question.split():
        case ["say"]:
            held = windows[0].provider.copy.holders(time.monotonic())
            answer["holders"] = [heard.beat.holder for heard in held]
            answer["here"] = sum(len(window.here) for window in windows)
            answer["complete_s"] = [window.complete_s for window in windows]
            answer["start_s"] = [window.start_s for window in windows]
            answer["oldest"] = min(window.oldest() for window in windows)
            answer["repairs"] = sum(window.provider.flow.follower.repairs for window in windows)
            answer["downs"] = sum(window.downs for window in windows)
        case ["judged"]:
            assert monitor is not None
            store = monitor.feeds[0].store
            answer["judged"] = sum(store.get(symbol).replied_at is not None for symbol in windows[0].symbols)
        case ["figures"]:
            answer["figures"] = [window.figures() for window in windows]
        case ["alerts"]:
            answer["told"] = [[[*key, times] for key, times in window.told.items()] for window in windows]
            answer["shown"] = [window.shown_alerts() for window in windows]
        case ["acknowledge", place]:
            window = windows[int(place) % len(windows)]
            answer["acknowledged"] = window.acknowledge(), window.user
        case ["latencies"]:
            answer["latencies"] = sorted(each for window in windows for each in window.latencies)
        case ["clear"]:
            for window in windows:
                window.latencies.clear()
    return answer


async def watch(arguments: argparse.Namespace) -> None:
    """Follow until stdin ends, answering a line on it with a line of JSON."""
    symbols = listed(arguments.symbols)
    windows = [Window(arguments.first + number, arguments, symbols) for number in range(arguments.count)]
    loop = asyncio.get_running_loop()
    monitor = None
    async with AsyncExitStack() as stack:
        alone = windows
        tasks = []
        if arguments.monitor:
            monitor = Monitor([windows[0].source], symbols, calendar=calendar(), clock=SystemClock())
            alone, tasks = windows[1:], [loop.create_task(monitor.run())]
        tasks += [loop.create_task(window.provider.run()) for window in alone]
        stack.callback(lambda: [task.cancel() for task in tasks])
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(said(windows, monitor, line.strip())), flush=True)
    await asyncio.gather(*tasks, return_exceptions=True)


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=["collect", "watch"])
    parser.add_argument("--port", type=int)
    parser.add_argument("--opend", type=int, default=0)
    parser.add_argument("--secret")
    parser.add_argument("--symbols", type=Path)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--rate", type=int, default=10)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--monitor", action="store_true")
    arguments = parser.parse_args()
    asyncio.run(collect(arguments) if arguments.role == "collect" else watch(arguments))


if __name__ == "__main__":
    main()
