"""Every benchmark runs, in its smallest form: what it measures is asked as the program is today.

Figures are not judged here; `make bench` does that. The brokers' own clients are no part of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "benchmarks"
LIMIT_S = 120

CHARTS = """
import os
import chart_worker as it
app = it.QApplication([])
for variant, kinds in {"ours": ("full", "strip16", "cross", "pan"), "panes": ("strip",), "naive": ("cross",)}.items():
    for kind in kinds:
        it.Bench(variant, kind, app).call()
it.Bench("tuned", "full", app).call()
os._exit(0)
"""
WATCHLIST = """
import watchlist as it
it.ROWS, it.ROUNDS = 60, 4
it.main()
"""
IDLE = """
import idle as it
it.SYMBOLS, it.SETTLE_S, it.MEASURE_S = 8, 0.0, 0.1
it.main()
"""
CALL = """
import sys
from call import WORKER, canned_opend
from peers import Worker
with canned_opend() as port:
    ours = Worker([sys.executable, WORKER, "ours", str(port)])
    assert ours.round(2)["cpu"] > 0
    ours.close()
"""
FRAMES = """
import json, os, subprocess, tempfile
from pathlib import Path
import frames_worker as it
it.SETTLE_S = it.CALM_S = it.LATE_S = 0.2
from frames import SIMULATE
with tempfile.TemporaryDirectory() as folder:
    command = [*SIMULATE, "--data-dir", folder, "--config-dir", folder]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as simulator:
        try:
            os.environ.update(json.loads(simulator.stdout.readline())["longport_environment"], HOME=folder)
            it.main("ours", Path(folder), folder)
        finally:
            simulator.terminate()
"""
QUOTA = """
import quota as it
it.HOUR_S = 300.0
it.main()
"""
ARCHIVE = """
import archive as it
it.SYMBOLS, it.POLLS, it.LOADED = 2, 4, 2
it.main()
"""
ALERTS = """
import alerts as it
it.POLLED_S = -18_000.0
it.SYMBOLS, it.RULES, it.MINUTES, it.WARM, it.MONTH, it.BREACHES, it.ROWS, it.ROUNDS = 4, 30, 1, 2, 2, 2, 4, 1
it.main()
"""
AGES = """
import ages as it
it.HALF_HOUR_S = 60.0
it.main()
"""
YEAR = """
import sys, year as it
import benchmarks.year_archive as made
made.POLL_S, made.PROCESSES = 300.0, 1
it.COMMANDS = {"archive info": 1.0}
sys.argv[1:] = "--symbols 4 --sessions 2 --pairs 0 --seconds 0".split()
it.main()
"""
PLAYBACK_WINDOW = """
import sys, playback_window as it
import benchmarks.year_archive as made
made.POLL_S = 300.0
it.SYMBOLS, it.SIMULATED, it.SECONDS = 4, 1, 0.5
it.main()
"""
# What takes a built program or an hour is imported, no more; the names of modules are looked up.
REST = """
from importlib.util import find_spec
import package, run, soak, soak_both
from memory_worker import RUNNING
from startup_worker import OURS
assert all(map(find_spec, (*RUNNING, *OURS, *run.ORDINARY, *run.PEERS)))
"""
PROGRAMS = {
    "charts": (CHARTS, 0),
    "watchlist": (WATCHLIST, 4),
    "idle": (IDLE, 1),
    "call": (CALL, 0),
    "frames": (FRAMES, 1),
    "quota": (QUOTA, 3),
    "archive": (ARCHIVE, 4),
    "alerts": (ALERTS, 6),
    "ages": (AGES, 2),
    "year": (YEAR, 29),
    "playback_window": (PLAYBACK_WINDOW, 3),
    "the rest": (REST, 0),
}


def run(*arguments: str, said: str = "") -> list[str]:
    """The lines a program prints."""
    path = os.pathsep.join((str(ROOT), str(BENCHMARKS)))
    done = subprocess.run(
        [sys.executable, *arguments],
        check=False,
        input=said,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_benchmark_measures(name: str) -> None:
    program, rows = PROGRAMS[name]
    found = [json.loads(line) for line in run("-c", program) if line.startswith("{")]
    assert len(found) == rows


@pytest.mark.parametrize("worker", ["decode_worker", "longport_decode_worker"])
def test_a_decoder_is_measured(worker: str) -> None:
    (line,) = run(str(BENCHMARKS / f"{worker}.py"), "ours", "tail", said="3\n")
    assert json.loads(line)["cpu"] > 0


@pytest.mark.parametrize("kind", ["frame", "list", "stall"])
def test_a_start_is_measured(kind: str) -> None:
    assert float(run(str(BENCHMARKS / "startup_worker.py"), kind)[-1]) > 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_is_measured() -> None:
    assert float(run(str(BENCHMARKS / "memory_worker.py"), "series")[-1]) > 0
