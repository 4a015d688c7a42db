"""A capital-flow call end to end on loopback against futu-api: client CPU and wall time, one call after another.

Both ask the same simulator for twelve US symbols in turn, some 240 to 390 lines each. Its market runs at 900 times
the real speed, so the newest line has moved whenever a symbol is asked again: what is measured is a changed answer.
Each side runs in a process of its own; rounds alternate.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from peers import Worker, alternate, sdk_python, simulator

ROUNDS, CALLS = 9, 100
AFTERNOON = "2026-06-10T13:30:00-04:00"
WORKER = str(Path(__file__).with_name("call_worker.py"))


def main() -> None:
    """Print a JSON row for CPU and one for wall time."""
    with (
        simulator("--clock", AFTERNOON, "--speed", "900", "--rate-limit", "off", "--scenario", "calm") as port,
        tempfile.TemporaryDirectory() as home,
    ):
        ours = Worker([sys.executable, WORKER, "ours", str(port)])
        peer = Worker([str(sdk_python()), WORKER, "futu", str(port)], {"HOME": home, "USERPROFILE": home})
        found = alternate(ours, peer, rounds=ROUNDS, calls=CALLS)
        ours.close()
        peer.close()
    for key, name, target in (("cpu", "client CPU", 10.0), ("wall", "wall time", 6.0)):
        mine, theirs, ratio = found[key]
        row = {
            "metric": f"capital flow call end to end, {name}",
            "ours": mine * 1e6,
            "baseline": theirs * 1e6,
            "unit": "µs",
            "baseline_name": "futu-api",
            "ratio": ratio,
            "target": target,
        }
        print(json.dumps(row))


if __name__ == "__main__":
    main()
