"""Bytes of a capital-flow answer to what a caller gets, SHA-1 check included, against futu-api's own functions.

Each side runs in a process of its own; rounds alternate. See decode_worker.py for what is decoded.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from peers import Worker, alternate, sdk_python

ROUNDS, CALLS = 15, 300
KINDS = (
    ("full", "decode 390 lines, an early line changed", 15.0),
    ("tail", "decode 390 lines, the newest line changed", 20.0),
    ("same", "decode 390 lines, nothing changed", 20.0),
)
WORKER = str(Path(__file__).with_name("decode_worker.py"))


def main() -> None:
    """Print a JSON row for each kind of change."""
    with tempfile.TemporaryDirectory() as home:
        for kind, metric, target in KINDS:
            ours = Worker([sys.executable, WORKER, "ours", kind])
            peer = Worker([str(sdk_python()), WORKER, "futu", kind], {"HOME": home, "USERPROFILE": home})
            mine, theirs, ratio = alternate(ours, peer, rounds=ROUNDS, calls=CALLS)["cpu"]
            ours.close()
            peer.close()
            row = {
                "metric": metric,
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
