"""Bytes of a Longport capital-flow answer to the arrays of a FlowSeries, against longbridge's objects to arrays.

The SDK's parsing is not counted: its clients are given objects, and turn them into arrays themselves. Each side runs in
a process of its own; rounds alternate. See longport_decode_worker.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from peers import ROOT, Worker, alternate, sdk_python

ROUNDS, CALLS = 15, 300
# Kind, metric, target, and how many times as often ours is called as the SDK's.
KINDS = (
    ("full", "decode Longport's 390 lines, an early line changed", 3.0, 3),
    ("tail", "decode Longport's 390 lines, the newest line changed", 150.0, 30),
    ("minute", "decode Longport's 390 lines, one line more", None, 30),
    ("same", "decode Longport's 390 lines, nothing changed", 150.0, 30),
)
WORKER = str(Path(__file__).with_name("longport_decode_worker.py"))
# After New York's close: the whole session is there.
SIMULATE = [sys.executable, "-m", "capflow_gui", "simulate", "--clock", "2026-06-10T17:00:00-04:00", "--speed", "0"]


def main() -> None:
    """Print a JSON row for each kind of change."""
    with tempfile.TemporaryDirectory() as home:
        folders = ["--data-dir", home, "--config-dir", home]
        with subprocess.Popen([*SIMULATE, *folders], stdout=subprocess.PIPE, text=True, cwd=ROOT) as simulator:
            try:
                if simulator.stdout is None:
                    raise RuntimeError("the simulator has no stdout")
                found = json.loads(simulator.stdout.readline())["longport_environment"]
                sdk = {"HOME": home, "USERPROFILE": home, "LONGBRIDGE_REGION": "hk", **found}
                sdk["LONGBRIDGE_TRADE_WS_URL"] = sdk["LONGBRIDGE_QUOTE_WS_URL"]
                peer = Worker([str(sdk_python()), WORKER, "longbridge", "-"], sdk)
                for kind, metric, target, times in KINDS:
                    compare(kind, metric, target, times, peer)
                peer.close()
            finally:
                simulator.terminate()


def compare(kind: str, metric: str, target: float | None, times: int, peer: Worker) -> None:
    """Measure one kind of change, and print its row."""
    ours = Worker([sys.executable, WORKER, "ours", kind])
    mine, theirs, ratio = alternate(ours, peer, rounds=ROUNDS, calls=CALLS, ours_times=times)["cpu"]
    ours.close()
    row = {
        "metric": metric,
        "ours": mine * 1e6,
        "baseline": theirs * 1e6,
        "unit": "µs",
        "baseline_name": "longbridge",
        "ratio": ratio,
        "target": target,
    }
    print(json.dumps(row))


if __name__ == "__main__":
    main()
