"""Frames of the window while a request is answered late, against the same window in which the SDK's call waits.

See frames_worker.py for what is drawn and counted. One window a side; no display is needed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from frames_worker import LATE_S
from peers import ROOT, sdk_python

LIMIT_S = 60
WORKER = str(Path(__file__).with_name("frames_worker.py"))
FAULT = f"delay:{LATE_S},interface=24"  # capital flow
SIMULATE = [sys.executable, "-m", "capflow_gui", "simulate", "--clock", "2026-06-10T14:00:00+08:00", "--fault", FAULT]


def main() -> None:
    """Print a JSON row each for frames a second, the longest gap, and frames a second beside those before."""
    with tempfile.TemporaryDirectory() as home:
        folders = ["--data-dir", home, "--config-dir", home]
        with subprocess.Popen([*SIMULATE, *folders], stdout=subprocess.PIPE, text=True, cwd=ROOT) as simulator:
            try:
                if simulator.stdout is None:
                    raise RuntimeError("the simulator has no stdout")
                where = json.loads(simulator.stdout.readline())["longport_environment"]
                ours, theirs = one_window("ours", where), one_window("longbridge", where)
            finally:
                simulator.terminate()
    hangs = f"while a request hangs for {LATE_S:g} s"
    sdk = "longbridge's call in the window's thread"
    gap, their_gap = ours["longest_gap_ms"], theirs["longest_gap_ms"]
    before = ours["calm_fps"]
    rows = [
        (f"frames a second {hangs}", "fps", ours["fps"], theirs["fps"], sdk, ours["fps"] / theirs["fps"], 100.0),
        (f"longest gap between frames {hangs}", "ms", gap, their_gap, sdk, their_gap / gap, None),
        (f"frames a second {hangs}, share", "fps", ours["fps"], before, "just before", ours["fps"] / before, 0.95),
    ]
    names = ("metric", "unit", "ours", "baseline", "baseline_name", "ratio", "target")
    for row in rows:
        print(json.dumps(dict(zip(names, row, strict=True))))


def one_window(side: str, where: dict[str, str]) -> dict[str, float]:
    """One window from start to end, and what it counted."""
    with tempfile.TemporaryDirectory() as folder:
        facts = {"HOME": folder, "USERPROFILE": folder, "LONGBRIDGE_REGION": "hk", "QT_QPA_PLATFORM": "offscreen"}
        facts |= where | {"LONGBRIDGE_TRADE_WS_URL": where["LONGBRIDGE_QUOTE_WS_URL"]}
        done = subprocess.run(
            [sys.executable, WORKER, side, folder, sdk_packages()],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=LIMIT_S,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **facts},
        )
    for line in done.stdout.splitlines():  # the SDK prints a table of its own
        if line.startswith("{"):
            found: dict[str, float] = json.loads(line)
            return found
    raise RuntimeError(f"the window of {side} closed without a result")


def sdk_packages() -> str:
    """Where the SDKs lie; they are for the version of Python that runs this."""
    asked = [str(sdk_python()), "-c", "import sysconfig; print(sysconfig.get_path('platlib'))"]
    return subprocess.run(asked, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main()
