"""A capital-flow call end to end on loopback against futu-api: client CPU and wall time, one call after another.

Both ask the same server for twelve US symbols in turn, 360 to 390 lines each. Its answers lie ready (canned_opend.py):
the simulator makes each anew, which would be most of the wall time on both sides. Whenever a symbol is asked again its
newest line has moved, every third time there is one more: what is measured is a changed answer. Each side runs in a
process of its own; rounds alternate.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from peers import ROOT, Worker, alternate, sdk_python

ROUNDS, CALLS = 9, 300
HERE = Path(__file__).parent
WORKER = str(HERE / "call_worker.py")


@contextmanager
def canned_opend() -> Iterator[int]:
    """The port of a server that ends with the block."""
    command = [sys.executable, str(HERE / "canned_opend.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            if process.stdout is None:
                raise RuntimeError("the server has no stdout")
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def main() -> None:
    """Print a JSON row for CPU and one for wall time."""
    with canned_opend() as port, tempfile.TemporaryDirectory() as home:
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
