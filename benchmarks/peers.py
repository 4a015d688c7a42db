"""Peers of a benchmark in processes of their own: a simulator, and programs that obey one command a line.

A worker reads a number of calls from stdin and answers with one JSON line: {"wall": seconds, "cpu": seconds}.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def sdk_python() -> Path:
    """The interpreter that has the official SDKs; SystemExit where there is none."""
    named = os.environ.get("CAPFLOW_INTEROP_PYTHON")
    inside = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    python = Path(named) if named else ROOT / ".cache" / "interop-venv" / inside
    if not python.exists():
        raise SystemExit(f"the official SDKs are not installed ({python} is missing): run `make test` once")
    return python


@contextmanager
def simulator(*arguments: str) -> Iterator[int]:
    """The port of a `capflow simulate` that ends with the block."""
    command = [sys.executable, "-m", "capflow_gui", "simulate", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            if process.stdout is None:
                raise RuntimeError("the simulator has no stdout")
            yield int(json.loads(process.stdout.readline())["opend"].rpartition(":")[2])
        finally:
            process.terminate()


class Worker:
    """A process that measures itself, round by round."""

    def __init__(self, command: list[str], env: dict[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **(env or {})},
        )
        self.round(3)  # connected and warm

    def round(self, calls: int) -> dict[str, float]:
        """Seconds of wall time and of this process's CPU for one call, averaged over `calls`."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the worker has no pipes")
        self._process.stdin.write(f"{calls}\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith('{"wall"'):
                answer: dict[str, float] = json.loads(line)
                return {key: value / calls for key, value in answer.items()}
        raise RuntimeError("the worker ended early")

    def close(self) -> None:
        """End the process."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(timeout=30)


def alternate(
    ours: Worker, peer: Worker, *, rounds: int, calls: int, ours_times: int = 1
) -> dict[str, tuple[float, float, float]]:
    """For wall and cpu: median of ours, median of the peer, median of the ratios of each round.

    `ours_times`: ours is called so many times as often. A side that is a hundred times faster would otherwise be
    measured for a millisecond, with the caches the other one left.
    """
    pairs = [(ours.round(calls * ours_times), peer.round(calls)) for _ in range(rounds)]
    found = {}
    for key in ("wall", "cpu"):
        ratios = [b[key] / a[key] for a, b in pairs]
        found[key] = (
            statistics.median(a[key] for a, _ in pairs),
            statistics.median(b[key] for _, b in pairs),
            statistics.median(ratios),
        )
    return found
