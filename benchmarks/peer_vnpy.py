"""One new minute shown: the flow chart against vnpy's, each in its own environment. See peer_worker.py."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from chart_worker import ROWS, days
from peers import ROOT, Worker, alternate

HERE = Path(__file__).resolve().parent
ROUNDS, CALLS = 9, 25
# metric, variant and kind of chart_worker.py
CASES = (
    ("a new minute shown, 960×540, whole day replaced", "panes", "full"),
    ("a new minute shown, 960×540, newest minute", "panes", "strip"),
    ("the same with names, tags and threshold, whole day", "ours", "full"),
    ("the same with names, tags and threshold, newest minute", "ours", "strip"),
)


def peers_python() -> Path:
    """The interpreter that has the peers; SystemExit where there is none."""
    named = os.environ.get("CAPFLOW_PEERS_PYTHON")
    inside = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    python = Path(named) if named else ROOT / ".cache" / "peers-venv" / inside
    if not python.exists():
        raise SystemExit(f"the peers are not installed ({python} is missing): run `make bench-peers`")
    return python


def write_days(file: Path) -> None:
    """What the peers show: a day and the same with its newest minute moved, as five lines and the bars below."""
    day, _, moved = days()
    pair = (day, moved)
    np.savez(file, lines=[values[list(ROWS)] for values, _ in pair], bars=[deltas for _, deltas in pair])


def compare(peer: str, targets: dict[tuple[str, str], float]) -> None:
    """Print a JSON row for each case; the peer does the same each time. No target where `targets` has none."""
    with TemporaryDirectory() as folder:
        shown = Path(folder) / "days.npz"
        write_days(shown)
        for metric, variant, kind in CASES:
            ours = Worker([sys.executable, str(HERE / "chart_worker.py"), variant, kind])
            theirs = Worker([str(peers_python()), str(HERE / "peer_worker.py"), peer, str(shown)])
            mine, its, ratio = alternate(ours, theirs, rounds=ROUNDS, calls=CALLS)["cpu"]
            ours.close()
            theirs.close()
            row = {"metric": f"{metric} (CPU time)", "ours": mine * 1e3, "baseline": its * 1e3, "unit": "ms"}
            row |= {"baseline_name": peer, "ratio": ratio, "target": targets.get((variant, kind))}
            print(json.dumps(row), flush=True)


if __name__ == "__main__":
    compare("vnpy", {("panes", "full"): 20.0, ("panes", "strip"): 40.0, ("ours", "strip"): 15.0})
