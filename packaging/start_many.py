"""Start the bundle many times while the machine is busy, and count the starts that failed.

    python packaging/start_many.py [--times 200] [--at-once 4] [PROGRAM]

Each start draws the demo's window once and leaves. Beside it a process for every processor computes: a race shows
where threads wait for their turn. Every failed start is told with its status (a signal by its name), what it said on
stderr and its crash log. The last line counts.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import bundle

LIMIT_S = 180


def main() -> int:
    """0 every start succeeded, 1 not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=2 * (os.cpu_count() or 1))
    parser.add_argument("program", nargs="?", type=Path, default=bundle.ROOT / "dist" / "capflow" / bundle.CONSOLE_NAME)
    options = parser.parse_args()
    failed = 0
    with busy(), ThreadPoolExecutor(options.at_once) as starts:
        for number, fault in enumerate(starts.map(lambda _: start(options.program), range(options.times)), 1):
            if fault:
                failed += 1
                print(f"start {number}: {fault}", flush=True)
    print(f"{options.times} starts, {options.at_once} at once on {os.cpu_count()} busy processors: {failed} failed")
    return 1 if failed else 0


@contextmanager
def busy() -> Iterator[None]:
    """Keep every processor computing."""
    working = [multiprocessing.Process(target=compute, daemon=True) for _ in range(os.cpu_count() or 1)]
    for process in working:
        process.start()
    try:
        yield
    finally:
        for process in working:
            process.terminate()
            process.join()


def compute() -> None:
    """Until it is ended."""
    while True:
        sum(range(10_000))


def start(program: Path) -> str:
    """What went wrong with one start, or nothing."""
    with tempfile.TemporaryDirectory(prefix="capflow-start-") as place:
        folders = ["--config-dir", f"{place}/config", "--data-dir", f"{place}/data"]
        command = [str(program), "demo", "--screenshot", f"{place}/window.png", "--after", "0", *folders]
        try:
            done = subprocess.run(
                command,
                env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"it did not end within {LIMIT_S} s"
        crashes = "".join(log.read_text(encoding="utf-8") for log in Path(place).rglob("crash.log"))
        if done.returncode == 0 and not crashes and not done.stderr:
            return ""
        status = done.returncode
        name = signal.Signals(-status).name if status < 0 else f"status {status}"
        return "\n".join([name, *filter(None, [done.stderr.rstrip(), crashes.rstrip()])])


if __name__ == "__main__":
    sys.exit(main())
