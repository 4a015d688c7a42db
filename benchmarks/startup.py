"""First paint of the watchlist, warm: as it is, with everything imported first, and of a bare QtWidgets window.

The empty window that is on screen before the list has been imported is a row of its own: nobody reads figures off it.
The stall is the longest time in which the window, once painted, did not answer until its chart stood.
"""

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
ROUNDS, STALL_ROUNDS = 9, 5
STALL_LIMIT_MS = 100.0


def run(kind: str, cache: str) -> tuple[float, float]:
    """When a process was started, monotonic, and the number it said; `cache` is where byte code is kept."""
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
    return began, float(done.stdout.strip().splitlines()[-1])


def start(kind: str, cache: str) -> float:
    """Seconds from starting a process to the end of its window's first paint."""
    began, painted = run(kind, cache)
    return painted - began


def main() -> None:
    """Alternate the four, leave the cold first round out, print a JSON row a comparison."""
    with tempfile.TemporaryDirectory(prefix="capflow-startup-") as cache:
        rounds = [[start(kind, cache) for kind in ("list", "eager", "bare", "frame")] for _ in range(ROUNDS)][1:]
        stall = statistics.median(run("stall", cache)[1] for _ in range(STALL_ROUNDS)) * 1e3
    ours, eager, bare, frame = (statistics.median(side) * 1e3 for side in zip(*rounds, strict=True))
    row: dict[str, object] = {"metric": "first paint of the demo's watchlist, warm", "ours": ours, "unit": "ms"}
    ratio = statistics.median(eager_s / ours_s for ours_s, eager_s, _, _ in rounds)
    facts = {"baseline": eager, "baseline_name": "all imports first", "ratio": ratio, "target": 2.3}
    print(json.dumps(row | facts))
    ratio = statistics.median(bare_s / ours_s for ours_s, _, bare_s, _ in rounds)
    facts = {"baseline": bare, "baseline_name": "bare QtWidgets window", "ratio": ratio, "target": 1 / 1.3}
    print(json.dumps(row | facts))
    row = {"metric": "first paint of the empty window, warm", "ours": frame, "unit": "ms"}
    ratio = statistics.median(bare_s / frame_s for _, _, bare_s, frame_s in rounds)
    facts = {"baseline": bare, "baseline_name": "bare QtWidgets window", "ratio": ratio, "target": None}
    print(json.dumps(row | facts))
    row = {"metric": "longest stall while starting, first paint to chart", "ours": stall, "unit": "ms"}
    facts = {"baseline": STALL_LIMIT_MS, "baseline_name": "limit", "ratio": STALL_LIMIT_MS / stall, "target": 1.0}
    print(json.dumps(row | facts))


if __name__ == "__main__":
    main()
