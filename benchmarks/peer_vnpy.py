"""One new minute shown: the flow chart against vnpy's, each in its own environment. See peer_worker.py."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from peers import ROOT, Worker, alternate

HERE = Path(__file__).resolve().parent
ROUNDS, CALLS = 9, 25
KINDS = (("full", "whole day replaced"), ("strip", "newest minute"))


def peers_python() -> Path:
    """The interpreter that has vnpy and finplot; SystemExit where there is none."""
    named = os.environ.get("CAPFLOW_PEERS_PYTHON")
    inside = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    python = Path(named) if named else ROOT / ".cache" / "peers-venv" / inside
    if not python.exists():
        raise SystemExit(f"vnpy and finplot are not installed ({python} is missing): run `make bench-peers`")
    return python


def compare(peer: str, targets: dict[str, float]) -> None:
    """Print a JSON row for a whole day and for the newest minute; the peer does the same each time."""
    for kind, words in KINDS:
        ours = Worker([sys.executable, str(HERE / "chart_worker.py"), "panes", kind])
        theirs = Worker([str(peers_python()), str(HERE / "peer_worker.py"), peer])
        mine, its, ratio = alternate(ours, theirs, rounds=ROUNDS, calls=CALLS)["cpu"]
        ours.close()
        theirs.close()
        row = {"metric": f"a new minute shown, 960×540, {words} (CPU time)", "ours": mine * 1e3, "baseline": its * 1e3}
        row |= {"unit": "ms", "baseline_name": peer, "ratio": ratio, "target": targets[kind]}
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    compare("vnpy", {"full": 20.0, "strip": 40.0})
