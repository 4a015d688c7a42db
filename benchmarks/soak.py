"""`make soak`: the window and a `watch` share one simulated OpenD at real speed, and both are restarted in the middle.

Sixty symbols in the window (offscreen), ten in the `watch`; the window is asked to end, the `watch` is killed. At the
end: refusals (none may be), use of the quota as the server saw it (domain rule 12), memory at minute 2 and at the
end, warnings in the logs. Exit status 0 when all of it is as it should be.

`--sources both --symbols 300` is another soak: the window shares the list between both simulated brokers, beside a
`watch` on both. Neither may refuse a call, and no row may grow older than the cycle time it shows. With `--headless` a
monitor without a window, and nothing beside it.

Use = the least time the rule allows between a call and the 30th after it, over the time it took, summed over all
calls. Both programs always have something due, so every wait is a loss.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.settings import LongportSettings, OpendSettings, Settings, Thresholds, WatchSettings, save
from capflow_gui.simulator.market.universe import build_universe

ROOT = Path(__file__).resolve().parents[1]
SPAN_S = 30.05
LIMIT = 30
LEAST_USE = 0.995
MOST_GROWTH = 1.03
FLOW = "3211"
EARLY_S = 120.0
PLAIN_RATE = 10.0
LEAST_LONGPORT_USE = 0.98
MOST_LATE = 0.05
IN_FLIGHT = 5


@dataclass
class Soak:
    """The programs of one run, and where they keep things."""

    folder: Path
    seconds: float
    headless: bool
    both: bool
    symbols: list[Symbol]
    port: int = 0
    environment: dict[str, str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    rss: dict[str, float] = field(default_factory=dict)
    halves: int = 0

    def start(self, name: str, *arguments: str, stdout: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """Run `capflow …` with folders of its own."""
        folders = ["--config-dir", str(self.folder / name), "--data-dir", str(self.folder / name / "data")]
        return self.start_python(name, "-m", "capflow_gui", *arguments, *folders, stdout=stdout)

    def start_python(self, name: str, *arguments: str, stdout: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """Run Python on `arguments`."""
        environment = {"QT_QPA_PLATFORM": "offscreen"} | os.environ | self.environment
        environment |= {
            "XDG_STATE_HOME": str(self.folder / "state"),  # what all capflow processes of a user share
            "PYTHONPATH": str(ROOT),
        }
        process = subprocess.Popen([sys.executable, *arguments], stdout=stdout, env=environment, cwd=ROOT)
        self.running[name] = process
        return process

    def start_simulator(self) -> None:
        """A Wednesday morning in Hong Kong and China, at real speed."""
        options = ["--symbols", ",".join(map(str, self.symbols)), "--clock", "2026-06-10T09:45:00+08:00"]
        stats = ["--stats", str(self.folder / "stats.json")]
        simulator = self.start("simulator", "simulate", *options, *stats, stdout=subprocess.PIPE)
        if simulator.stdout is None:
            raise SystemExit("the simulator has no output")
        ready = json.loads(simulator.stdout.readline())
        self.port = int(ready["opend"].rpartition(":")[2])
        self.environment = ready["longport_environment"]

    def start_window(self) -> None:
        """The window, or a second `watch` where only the engine is to be measured."""
        if self.headless:
            self.start("window", "watch", *map(str, self.symbols), "--source", self.source, "--rule", "*: net <= -50M")
            return
        settings = Settings(
            first_run_done=True,
            source="opend",
            second_source="longport" if self.both else None,
            longport=LongportSettings(transport="websocket"),
            thresholds=Thresholds(default="-50M"),
            opend=OpendSettings(port=self.port),
            watchlist=WatchSettings([str(symbol) for symbol in self.symbols]),
        )
        save(self.folder / "window" / "settings.toml", settings)
        self.halves += 1
        script = str(ROOT / "benchmarks" / "soak_both.py")
        self.start_python("window", script, "--report", str(self.report), "--folder", str(self.folder / "window"))

    @property
    def report(self) -> Path:
        """What the window of this half leaves."""
        return self.folder / f"half-{self.halves}.json"

    def start_watch(self) -> None:
        """The program beside it."""
        sources = ["--source", self.source, *(["--source", "longport:"] if self.both else [])]
        self.start("watch", "watch", *map(str, self.symbols[:10]), *sources, "--format", "jsonl")

    @property
    def source(self) -> str:
        """The simulator as SRC."""
        return f"opend://127.0.0.1:{self.port}"

    def stop(self, name: str, *, kill: bool = False) -> None:
        """Ask a program to end, or end it as a crash would."""
        process = self.running.pop(name)
        process.send_signal(signal.SIGKILL if kill and sys.platform != "win32" else signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            raise SystemExit(f"{name} did not end within 30 s of SIGTERM") from None

    def note_rss(self, moment: str) -> None:
        """Megabytes the window holds now."""
        self.rss[moment] = rss_mb(self.running["window"].pid)

    def sleep(self, until: float) -> None:
        """Wait, and notice a program that ended by itself."""
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 1.0))
            for name, process in self.running.items():
                if process.poll() is not None:
                    raise SystemExit(f"{name} ended by itself with status {process.returncode}")

    def run_monitor(self) -> None:
        """A monitor on both brokers without a window, twice for half the time."""
        self.start_simulator()
        options = ["--opend", self.source, "--symbols", ",".join(map(str, self.symbols))]
        options += ["--folder", str(self.folder / "both"), "--seconds", str(self.seconds / 2)]
        try:
            for _half in range(2):
                self.halves += 1
                script = str(ROOT / "benchmarks" / "soak_both.py")
                if self.start_python("monitor", script, "--report", str(self.report), *options).wait():
                    raise SystemExit("the monitor failed")
                del self.running["monitor"]
        finally:
            for name in list(self.running)[::-1]:
                self.stop(name)

    def read_reports(self) -> list[dict[str, Any]]:
        """What the window, or the monitor, saw in each half."""
        paths = [self.folder / f"half-{number}.json" for number in range(1, self.halves + 1)]
        return [json.loads(path.read_text(encoding="utf-8")) for path in paths]

    def run(self) -> None:
        """The whole soak."""
        self.start_simulator()
        began = time.monotonic()
        early = min(EARLY_S, self.seconds / 4)
        try:
            self.start_window()
            self.start_watch()
            self.sleep(began + early)
            self.note_rss("early")
            self.sleep(began + self.seconds / 2)
            self.note_rss("before the restart")
            self.stop("window")
            self.stop("watch", kill=True)
            self.start_window()
            self.start_watch()
            self.sleep(began + self.seconds)
            self.note_rss("end")
        finally:
            for name in list(self.running)[::-1]:
                self.stop(name)


def rss_mb(pid: int) -> float:
    """Resident memory of a process; NaN where the system does not say."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        fields = dict(line.split(":", 1) for line in status.read_text(encoding="ascii").splitlines())
        return int(fields["VmRSS"].split()[0]) / 1024
    if sys.platform == "win32":
        return float("nan")
    shown = subprocess.run(
        ["/bin/ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout
    return int(shown) / 1024 if shown.strip() else float("nan")


def use_of(arrivals: list[float]) -> float:
    """Least time the rule allows between each call and the 30th after it, over the time it took."""
    stamps = sorted(arrivals)
    taken = [later - earlier for earlier, later in zip(stamps, stamps[LIMIT:], strict=False)]
    return SPAN_S * len(taken) / sum(taken) if taken else 0.0


def logged(folder: Path) -> list[str]:
    """Lines at WARNING and above in every log."""
    lines = [line for path in folder.rglob("*.log*") for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if any(level in line.split()[:2] for level in ("WARNING", "ERROR", "CRITICAL"))]


def judge_both(halves: list[dict[str, Any]], stats: dict[str, Any], seconds: float) -> dict[str, bool]:
    """What must hold with two sources, in words."""
    longport = stats["longport"]
    calls = sum(each["requests"] for each in longport["interfaces"].values())
    checks = {
        f"refused by OpenD {stats['refused']} of {stats['requests']}": stats["refused"] == 0,
        f"refused by Longport {longport['refused']} of {longport['requests']}": longport["refused"] == 0,
        f"Longport's plain limit used by {calls / (PLAIN_RATE * seconds):.1%} over the whole time": True,
        f"at most {longport['most_in_flight']} requests in flight at Longport": longport["most_in_flight"] <= IN_FLIGHT,
    }
    for number, half in enumerate(halves, 1):
        use = half["longport"]["use"] or 0.0
        checks[f"half {number}: Longport's quota {use:.2%} used while something was due"] = use >= LEAST_LONGPORT_USE
        unanswered = half["unanswered"]
        checks[f"half {number}: {len(unanswered)} symbols unanswered {unanswered[:5]}"] = not unanswered
        for source in ("opend", "longport"):
            worst = half[source]["oldest"]
            checks[f"half {number}: {half[source]['requests']} calls of the window's to {source}"] = True
            said = f"{worst['age_s']:.1f} s in a cycle of {worst['cycle_s']:.1f} s ({worst['symbol']})"
            # The cycle is measured: a row may be late once when the load changes, and its sentence then says so.
            held = worst["samples"] > 0 and worst["over"] <= MOST_LATE * worst["samples"]
            late = f"{worst['over']} of {worst['samples']} looks over"
            checks[f"half {number}: {half[source]['symbols']} at {source}, oldest {said}, {late}"] = held
    return checks


def main() -> int:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--symbols", type=int, default=60)
    parser.add_argument("--sources", choices=("opend", "both"), default="opend")
    parser.add_argument("--headless", action="store_true", help="a second `watch` instead of the window")
    arguments = parser.parse_args()
    listings = build_universe(400).values()
    healthy = [each for each in listings if each.has_flow and each.permitted and each.halts_at is None]
    open_now = [each.symbol for each in healthy if each.symbol.market is not Market.US]
    symbols = open_now[: arguments.symbols]
    with tempfile.TemporaryDirectory(prefix="capflow-soak-") as name:
        soak = Soak(Path(name), arguments.minutes * 60, arguments.headless, arguments.sources == "both", symbols)
        if soak.both and soak.headless:
            soak.run_monitor()
        else:
            soak.run()
        stats = json.loads((soak.folder / "stats.json").read_text(encoding="utf-8"))
        warnings = logged(soak.folder)
        checks = judge_both(soak.read_reports(), stats, soak.seconds) if soak.both else judge(stats)
    checks |= judge_memory(soak.rss)
    checks[f"warnings in the logs: {len(warnings)}"] = not warnings
    for moment, megabytes in soak.rss.items():
        print(f"     memory, {moment}: {megabytes:.1f} MB")
    return show(checks, warnings)


def judge(stats: dict[str, Any]) -> dict[str, bool]:
    """What must hold with OpenD alone, in words."""
    flow = stats["interfaces"][FLOW]
    use = use_of(flow["arrivals"])
    return {
        f"refused {stats['refused']} of {stats['requests']}": stats["refused"] == 0,
        f"use of the quota {use:.2%} ({flow['requests']} calls)": use >= LEAST_USE,
    }


def judge_memory(rss: dict[str, float]) -> dict[str, bool]:
    """Whether the window grew, in words."""
    if not rss:
        return {}
    early, end = rss["early"], rss["end"]
    words = f"memory {early:.1f} MB early, {end:.1f} MB at the end ({end / early - 1:+.1%})"
    return {words: not end > early * MOST_GROWTH}


def show(checks: dict[str, bool], warnings: list[str]) -> int:
    """Print what held and what did not; the exit status."""
    for line, good in checks.items():
        print(f"{'ok  ' if good else 'FAIL'} {line}")
    for line in warnings[:10]:
        print(f"     {line}")
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
