"""First paint, warm: the demo's window against everything imported eagerly, and against a bare QtWidgets window."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORKER = Path(__file__).with_name("startup_worker.py")
ROUNDS = 9


def start(kind: str, cache: str) -> float:
    """Seconds from starting a process to the end of its window's first paint; `cache` is where byte code is kept."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, str(WORKER), kind],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        env={**environment, "PYTHONPATH": str(WORKER.parent.parent), "PYTHONPYCACHEPREFIX": cache},
    )
    return float(done.stdout.strip().splitlines()[-1]) - began


def main() -> None:
    """Alternate the four, leave the cold first round out, print a JSON row a baseline."""
    with tempfile.TemporaryDirectory(prefix="capflow-startup-") as cache:
        rounds = [[start(kind, cache) for kind in ("ours", "list", "eager", "bare")] for _ in range(ROUNDS)][1:]
    ours, filled, eager, bare = (statistics.median(side) * 1e3 for side in zip(*rounds, strict=True))
    against_eager = statistics.median(row[2] / row[0] for row in rounds)
    against_bare = statistics.median(row[3] / row[0] for row in rounds)
    filled_against_eager = statistics.median(row[2] / row[1] for row in rounds)
    row = {"metric": "first paint of the demo, warm", "ours": ours, "unit": "ms"}
    facts = {"baseline": eager, "baseline_name": "all imports first", "ratio": against_eager, "target": 2.3}
    print(json.dumps(row | facts))
    facts = {"baseline": bare, "baseline_name": "bare QtWidgets window", "ratio": against_bare, "target": 1 / 1.3}
    print(json.dumps(row | facts))
    row = {"metric": "first paint of its watchlist, warm", "ours": filled, "unit": "ms"}
    facts = {"baseline": eager, "baseline_name": "all imports first", "ratio": filled_against_eager, "target": None}
    print(json.dumps(row | facts))


if __name__ == "__main__":
    main()
