"""A desk under strain: `make soak-desk`.

A real server, a real collector on a simulator, and fifty windows, of which three are the program itself without a
screen. Measured while all is well: the time until every state is here after a window has connected, the time from a
reply at the collector to a window, and what a window and the server cost. Then the server is killed, and the collector,
again and again, while windows acknowledge alerts. In the end every window has the figures that the collector published
last, and those of its archive, and every shared alert: each announcement was told once, and who acknowledged it is
shown in all.

Everything shares this machine's processors, so the load beside the times counts: `timer_p99_s` is how late a timer of
ten milliseconds rang in a process that does nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import nats
import numpy as np

from capflow_gui.archive import open_archive
from capflow_gui.desk.serving.configuration import COLLECTOR, USERS_FILE, server_text, users_text
from capflow_gui.desk.streams import all_stored
from capflow_gui.domain.symbol import Symbol
from capflow_gui.settings import DeskSettings, Settings, WatchSettings, to_toml
from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.messages import decode_alert

BIN = Path(sys.executable).parent
WORKER = Path(__file__).with_name("soak_desk_worker.py")
SECRET = "soak-soak-soak"  # noqa: S105 - of a server that lives for minutes, on loopback
TARGETS = {"complete_s": 0.2, "live_p99_s": 0.025, "window_cpu": 0.02, "server_cpu": 0.05}
SETTLE_S = 12.0
LONGEST_S = 600.0  # of waiting for anything: whatever takes longer never comes
# A Monday afternoon in Hong Kong: three hours and a half are traded, and two are left.
MARKET_CLOCK = "2026-06-08T14:00:00+08:00"
TIMER_S = 0.01


def cpu_s(pid: int) -> float:
    """Processor seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port of loopback that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Desk:
    """The processes of the soak in a folder of their own."""

    def __init__(self, folder: Path, arguments: argparse.Namespace) -> None:
        windows, symbols = arguments.windows, arguments.symbols
        self.folder, self.rate = folder, arguments.rate
        self.port = free_port()
        self.list = folder / "symbols"
        codes = [Symbol.parse(f"{1 + number}.HK") for number in range(symbols)]
        self.list.write_text("\n".join(map(str, codes)), encoding="utf-8")
        self.symbols = codes
        users = {COLLECTOR: SECRET} | {f"ws{number:02}": SECRET for number in range(1, windows + 1)}
        (folder / USERS_FILE).write_text(users_text(users), encoding="utf-8")
        (folder / USERS_FILE).chmod(0o600)
        self.server: subprocess.Popen[bytes] | None = None
        self.collector: subprocess.Popen[bytes] | None = None
        simulate = [
            "simulate",
            "--opend-port",
            "0",
            "--speed",
            str(arguments.speed),
            "--clock",
            MARKET_CLOCK,
            "--rate-limit",
            "off",
            "--symbols",
            ",".join(map(str, codes)),
        ]
        self.simulator = subprocess.Popen(
            [BIN / "capflow", *simulate], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.simulator.stdout is not None
        self.opend = int(json.loads(self.simulator.stdout.readline())["opend"].rpartition(":")[2])

    def start_server(self) -> None:
        """Start it on its port and store; it listens when this returns."""
        file = self.folder / "server.conf"
        file.write_text(server_text("127.0.0.1", self.port, store=self.folder / "js", certificate=None), "utf-8")
        self.server = subprocess.Popen([BIN / "nats-server", "-c", file], stderr=subprocess.DEVNULL)
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.01)

    def start_collector(self) -> None:
        """Start it on its archive."""
        about = ["--port", self.port, "--opend", self.opend, "--secret", SECRET, "--rate", self.rate]
        files = ["--symbols", self.list, "--folder", self.folder / "data"]
        log = (self.folder / "collector.log").open("ab")
        self.collector = subprocess.Popen([sys.executable, WORKER, "collect", *map(str, about + files)], stderr=log)

    def start_windows(self, first: int, count: int, *, monitor: bool = False) -> subprocess.Popen[str]:
        """Windows without a screen, in one process; with `monitor` the first does all that one does but draw."""
        about: list[object] = [
            "--port",
            self.port,
            "--secret",
            SECRET,
            "--symbols",
            self.list,
            "--first",
            first,
            "--count",
            count,
        ]
        about += ["--monitor"] if monitor else []
        log = (self.folder / "windows.log").open("ab")
        return subprocess.Popen(
            [sys.executable, WORKER, "watch", *map(str, about)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip

    def start_program(self, number: int) -> subprocess.Popen[bytes]:
        """The program itself, its window drawn without a screen; it records what it shows."""
        config, data = (self.folder / f"{kind}{number}" for kind in ("config", "data"))
        config.mkdir()
        watched = WatchSettings(symbols=[str(symbol) for symbol in self.symbols])
        desk = DeskSettings("127.0.0.1", self.port, f"ws{number:02}")
        settings = Settings(source="desk", first_run_done=True, desk=desk, watchlist=watched)
        (config / "settings.toml").write_text(to_toml(settings), encoding="utf-8")
        environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "CAPFLOW_DESK_SECRET": SECRET}
        log = (self.folder / f"window{number}.log").open("ab")
        arguments = ["--config-dir", config, "--data-dir", data]
        return subprocess.Popen([BIN / "capflow", *arguments], env=environment, stderr=log, stdout=log)

    def stop(self) -> None:
        """End what this started."""
        for process in (self.collector, self.server, self.simulator):
            if process is not None:
                process.kill()
                process.wait()


def ask(windows: subprocess.Popen[str], question: str = "say") -> dict[str, Any]:
    """What the windows of a process say of themselves."""
    assert windows.stdin is not None
    assert windows.stdout is not None
    windows.stdin.write(f"{question}\n")
    windows.stdin.flush()
    return json.loads(windows.stdout.readline())


def ask_all(processes: Sequence[subprocess.Popen[str]], question: str = "say") -> list[dict[str, Any]]:
    """The same of each of several processes."""
    return [ask(windows, question) for windows in processes]


def wait_complete(processes: Sequence[subprocess.Popen[str]], what: str) -> None:
    """Until every window of some processes has every symbol."""
    begun = time.monotonic()
    while True:
        answers = ask_all(processes)
        if not any(None in said["complete_s"] for said in answers):
            break
        here = sum(said["here"] for said in answers)
        assert time.monotonic() - begun < LONGEST_S, f"the windows have {here} figures and no more"
        time.sleep(1)
    tell(what, begun)


def wait_heard(desk: Desk, processes: Sequence[subprocess.Popen[str]]) -> None:
    """Until windows hear the collector that was started last: one that is killed before has done nothing."""
    assert desk.collector is not None
    begun, name = time.monotonic(), f"c{desk.collector.pid}"
    while name not in ask(processes[0])["holders"]:
        assert time.monotonic() - begun < LONGEST_S, f"{name} is not heard"
        time.sleep(0.2)


def tell(what: str, begun: float) -> None:
    """Say on stderr how far it is."""
    print(f"{what}: {time.monotonic() - begun:.0f} s, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)


def wait_published(processes: Sequence[subprocess.Popen[str]], since: float) -> float:
    """Until every window has a reply of each symbol that came after the monotonic second; how long that took."""
    while (oldest := min(said["oldest"] for said in ask_all(processes))) < since:
        assert time.monotonic() < since + LONGEST_S, f"a reply is {since - oldest:.0f} s older than the last kill"
        time.sleep(1)
    tell("every symbol published once more", since)
    return time.monotonic() - since


@contextlib.contextmanager
def running(arguments: argparse.Namespace) -> Iterator[Desk]:
    """Server and collector, until every symbol was published."""
    with tempfile.TemporaryDirectory(prefix="soak-desk-") as name:
        desk = Desk(Path(name), arguments)
        try:
            desk.start_server()
            desk.start_collector()
            yield desk
        finally:
            desk.stop()
            if arguments.keep:
                print(*(path.read_text(errors="replace")[-3000:] for path in desk.folder.glob("*.log")), sep="\n")


class Timer:
    """How late a timer of this process rings: what the machine's load does to whoever waits for something."""

    def __init__(self) -> None:
        self._late: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ring, daemon=True)
        self._thread.start()

    def _ring(self) -> None:
        while not self._over.is_set():
            due = time.monotonic() + TIMER_S
            time.sleep(TIMER_S)
            self._late.append(time.monotonic() - due)

    def p99_s(self) -> float:
        """Stop, and say it."""
        self._over.set()
        self._thread.join()
        return sorted(self._late)[int(len(self._late) * 0.99)]


def measured(desk: Desk, others: Sequence[subprocess.Popen[str]], arguments: argparse.Namespace) -> dict[str, float]:
    """What it costs while all is well."""
    one = desk.start_windows(1, 1, monitor=True)
    try:
        wait_complete([one], "one window more")
        # The start is not what it costs while all is well: the first reply of each symbol is a day to look at.
        begun = time.monotonic()
        while (judged := ask(one, "judged")["judged"]) < arguments.symbols:
            assert time.monotonic() - begun < LONGEST_S, f"{judged} of {arguments.symbols} symbols are judged"
            time.sleep(0.5)
        tell("its figures are judged", begun)
        time.sleep(2)
        assert desk.server is not None
        ask_all(others, "clear")
        first, server, timer = ask(one, "clear"), cpu_s(desk.server.pid), Timer()
        time.sleep(arguments.seconds)
        last, spent = ask(one, "latencies"), cpu_s(desk.server.pid) - server
        took = last["at"] - first["at"]
        late, load = timer.p99_s(), os.getloadavg()[0]
        latencies = sorted(each for said in (last, *ask_all(others, "latencies")) for each in said["latencies"])
        started = ask(one)
        return {
            "load": load,
            "timer_p99_s": late,
            "complete_s": started["complete_s"][0],
            "start_s": started["start_s"][0],
            "window_cpu": (last["cpu_s"] - first["cpu_s"]) / took,
            "server_cpu": spent / took,
            "live_p50_s": statistics.median(latencies),
            "live_p99_s": latencies[int(len(latencies) * 0.99)],
            "messages": len(latencies),
            "repairs_before_kills": sum(said["repairs"] for said in ask_all(others)),
        }
    finally:
        one.kill()
        one.wait()


def kill_again_and_again(
    desk: Desk, others: Sequence[subprocess.Popen[str]], count: int, rng: random.Random
) -> dict[str, str]:
    """The server and the collector by turns, while all is well for seconds. Who acknowledged which alert meanwhile."""
    acknowledged: dict[str, str] = {}
    begun = time.monotonic()
    for turn in range(count):
        assert desk.server is not None
        desk.server.kill()
        desk.server.wait()
        alert, user = ask(rng.choice(others), f"acknowledge {turn}")["acknowledged"]
        if alert is not None:
            acknowledged.setdefault(alert, user)
        desk.start_server()
        time.sleep(rng.uniform(0.5, 2.0))
        assert desk.collector is not None
        desk.collector.kill()
        desk.collector.wait()
        desk.start_collector()
        wait_heard(desk, others)
        time.sleep(rng.uniform(0.5, 3.0))
    tell(f"server and collector killed {count} times each", begun)
    return acknowledged


async def stored_alerts(port: int) -> dict[str, list[object]]:
    """What the stream has of each alert: its state, and how often it was announced."""
    inbox = subjects.inbox(COLLECTOR)
    url = f"nats://127.0.0.1:{port}"
    client = await nats.connect(url, user=COLLECTOR, password=SECRET, inbox_prefix=inbox)
    try:
        stored = await all_stored(client, subjects.ALERT_STREAM, subjects.ALL_ALERTS)
    finally:
        await client.close()
    records = [decode_alert(each.payload).record for each in stored]
    return {record.id: [record.state.value, record.told] for record in records}


def compared_alerts(
    desk: Desk, others: Sequence[subprocess.Popen[str]], before: set[str], acknowledged: dict[str, str]
) -> dict[str, int]:
    """Alerts that a window has not, or has otherwise than the stream; announcements told twice, or never.

    before  ids of what had been raised when the windows opened: they are shown, and told to nobody
    """
    truth = asyncio.run(stored_alerts(desk.port))
    missing = doubled = untold = unacknowledged = 0
    for said in ask_all(others, "alerts"):
        for told, shown in zip(said["told"], said["shown"], strict=True):
            missing += sum(shown.get(alert, [])[:2] != known for alert, known in truth.items())
            doubled += sum(times > 1 for *_, times in told)
            newest = {(alert, state, count) for alert, state, count, _ in told}
            untold += sum((alert, *known) not in newest for alert, known in truth.items() if alert not in before)
            unacknowledged += sum(shown.get(alert, [None])[-1] != user for alert, user in acknowledged.items())
    return {
        "alerts": len(truth),
        "alerts_raised_meanwhile": len(truth.keys() - before),
        "alerts_acknowledged": len(acknowledged),
        "alerts_missing": missing,
        "alerts_doubled": doubled,
        "alerts_untold": untold,
        "alerts_unacknowledged": unacknowledged,
    }


def archived(folder: Path, symbols: list[Symbol], source: str) -> dict[Symbol, tuple[bytes, bytes]]:
    """The newest recorded day of each symbol, as bytes."""
    found = {}
    with contextlib.closing(open_archive(folder)) as archive:
        for symbol in symbols:
            days = list(archive.sessions(source=source, symbol=symbol))
            day = archive.day(symbol, days[-1].key.session, source=source) if days else None
            if day is not None:
                found[symbol] = day.series.timestamps.tobytes(), np.ascontiguousarray(day.series.values).tobytes()
    return found


def figures_of(days: dict[Symbol, tuple[bytes, bytes]], symbols: list[Symbol]) -> str:
    """What a window that has these days says its figures are."""
    digest = hashlib.sha256()
    for symbol in symbols:
        digest.update(str(symbol).encode() + b"".join(days.get(symbol, ())))
    return digest.hexdigest()


def soak(arguments: argparse.Namespace) -> dict[str, object]:
    """The whole of it; see the module."""
    rng = random.Random(arguments.seed)
    with running(arguments) as desk:
        # As on a morning: what is there is published before the windows open.
        first = desk.start_windows(1, 1)
        wait_complete([first], "every symbol published")
        first.kill()
        first.wait()
        count = max(1, arguments.windows - arguments.programs - 1)
        shares = [len(part) for part in np.array_split(range(count), min(count, arguments.processes))]
        ends = np.cumsum(shares)
        others = [
            desk.start_windows(2 + arguments.programs + int(end) - share, share)
            for end, share in zip(ends, shares, strict=True)
        ]
        programs = [desk.start_program(2 + number) for number in range(arguments.programs)]
        try:
            wait_complete(others, "every window has every symbol")
            started = [each for said in ask_all(others) for each in said["start_s"]]
            print(f"started after {min(started):.1f} to {max(started):.1f} s", file=sys.stderr)
            ask_all(others, "clear")  # those that were there first waited for processors beside the others' start
            before = set(asyncio.run(stored_alerts(desk.port)))
            # Names come after the first replies, and the next one confirms the lines of the first: tails say both.
            first_round = wait_published(others, time.monotonic())
            said = ask_all(others, "latencies")
            latencies = sorted(each for windows in said for each in windows["latencies"])
            print(
                f"first round: {first_round:.0f} s, p99 {latencies[int(len(latencies) * 0.99)]:.3f} s", file=sys.stderr
            )
            result: dict[str, object] = dict(measured(desk, others, arguments) if arguments.seconds else {})
            print(json.dumps(result), file=sys.stderr, flush=True)
            acknowledged = kill_again_and_again(desk, others, arguments.kills, rng)
            # A symbol's last reply may have been recorded by a collector that was killed before it published it.
            result["settled_s"] = wait_published(others, time.monotonic())
            time.sleep(SETTLE_S)
            assert desk.collector is not None
            desk.collector.send_signal(signal.SIGTERM)
            desk.collector.wait(30)
            time.sleep(1)
            result |= compared_alerts(desk, others, before, acknowledged)
            figures = {each for said in ask_all(others, "figures") for each in said["figures"]}
            last = ask_all(others)
            result |= {
                "load_at_the_end": os.getloadavg()[0],
                "different_figures": len(figures),
                "downs": sum(said["downs"] for said in last),
                "repairs": sum(said["repairs"] for said in last),
            }
            for program in programs:
                program.send_signal(signal.SIGTERM)
            result["programs_ended"] = [program.wait(30) for program in programs]
        finally:
            for process in (*others, *programs):
                process.kill()
                process.wait()
        truth = archived(desk.folder / "data", desk.symbols, "opend")
        result["archived"] = len(truth)
        result["screenless_wrong"] = len(figures - {figures_of(truth, desk.symbols)})
        for number in range(arguments.programs):
            shown = archived(desk.folder / f"data{2 + number}", desk.symbols, "desk")
            result[f"window_{number}_wrong"] = sum(shown.get(symbol) != day for symbol, day in truth.items())
        return result


def main() -> int:
    """Print what was measured; 1 where a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--windows", type=int, default=50)
    parser.add_argument("--programs", type=int, default=3)
    parser.add_argument("--symbols", type=int, default=500)
    parser.add_argument("--rate", type=int, default=10, help="replies a second")
    parser.add_argument("--speed", type=float, default=1.0, help="market seconds a second")
    parser.add_argument("--processes", type=int, default=4, help="that hold the windows without a screen")
    parser.add_argument("--kills", type=int, default=20, help="of the server, and as many of the collector")
    parser.add_argument("--seconds", type=float, default=30.0, help="of measuring; 0: nothing is measured")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="print the logs")
    result = soak(arguments := parser.parse_args())
    print(msgspec.json.format(msgspec.json.encode(result)).decode())
    missed = [name for name, limit in TARGETS.items() if result.get(name, 0.0) > limit]
    faults = "_wrong", "_missing", "_doubled", "_untold", "_unacknowledged"
    wrong = [name for name, value in result.items() if name.endswith(faults) and value]
    missed += wrong
    if result["different_figures"] != 1 or result["archived"] != arguments.symbols:
        missed.append("figures")
    print("missed:" if missed else "met", *missed)
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
