"""What the program holds in memory: its libraries, and a symbol's day. See memory_worker.py.

Resident pages of processes of their own, Linux only. The day is 390 lines of six figures, of 500 symbols.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path

WORKER = Path(__file__).with_name("memory_worker.py")
ROUNDS = 3
LIBRARIES, PER_DAY_KB = 0.8, 25.0


def held(kind: str) -> float:
    """Kilobytes, the median of some processes."""
    command = [sys.executable, str(WORKER), kind]
    found = [float(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout) for _ in range(ROUNDS)]
    return statistics.median(found)


def main() -> None:
    """Print three JSON rows."""
    ours, eager = held("running") / 1024, held("eager") / 1024
    row: dict[str, object] = {"metric": "memory, libraries of the demo's window", "ours": ours, "baseline": eager}
    row |= {
        "unit": "MB",
        "baseline_name": "everything imported at once",
        "ratio": eager / ours,
        "target": 1 / LIBRARIES,
    }
    print(json.dumps(row))
    day, frame = held("series"), held("frames")
    row = {"metric": "memory, a symbol's day", "ours": day, "unit": "kB"}
    facts = {"baseline": frame, "baseline_name": "a DataFrame of the reply", "ratio": frame / day, "target": None}
    print(json.dumps(row | facts))
    facts = {"baseline": PER_DAY_KB, "baseline_name": "limit", "ratio": PER_DAY_KB / day, "target": 1.0}
    print(json.dumps(row | facts))


if __name__ == "__main__":
    main()
