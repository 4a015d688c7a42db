"""How much more processor time the bundle takes to draw its first window than the same program from source.

Processor time, not the clock on the wall: a busy build machine changes neither side's. `make package` fails above the
limit; what the eye sees (the wall clock, on a real screen) is measured by `make bench-package`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import bundle

LIMIT = 1.3
ROUNDS = 5
LIMIT_S = 120


class StartFailed(Exception):
    """A program that was only to be timed did not start."""


def ratio(program: Path) -> float:
    """The bundle's start ÷ the source's, the fastest of a few rounds each, alternating; the first round warms up."""
    took: dict[str, list[float]] = {"bundle": [], "source": []}
    commands = {"bundle": [str(program)], "source": [sys.executable, "-m", "capflow_gui"]}
    with tempfile.TemporaryDirectory(prefix="capflow-start-") as folder:
        for _ in range(ROUNDS + 1):
            for name, command in commands.items():
                took[name].append(seconds(command, Path(folder, name)))
    return min(took["bundle"][1:]) / min(took["source"][1:])


def seconds(command: Sequence[str], place: Path) -> float:
    """Processor time of one start to the drawn window; where the system does not tell, the time on the wall.

    StartFailed when the start fails, with what it said and what its crash log holds.
    """
    folders = ["--config-dir", str(place / "config"), "--data-dir", str(place / "data")]
    arguments = ["demo", "--screenshot", str(place / "window.png"), "--after", "0", *folders]
    place.mkdir(exist_ok=True)
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(bundle.ROOT)}
    began, before = time.monotonic(), spent()
    done = subprocess.run(
        [*command, *arguments],
        cwd=place,
        env=environ,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )
    if done.returncode:
        crashes = "".join(log.read_text(encoding="utf-8") for log in place.rglob("crash.log"))
        raise StartFailed(f"a start ended with {done.returncode}: {done.stderr}{crashes}")
    return spent() - before if os.name == "posix" else time.monotonic() - began


def spent() -> float:
    """Processor seconds of all children that have ended, in user and kernel mode; 0 on Windows."""
    times = os.times()
    return times.children_user + times.children_system


def problems(found: float) -> list[str]:
    """What is wrong with a ratio, in a sentence."""
    print(f"start: {found:.2f} of the source run's processor time, {LIMIT} allowed")
    return [f"the bundle takes {found:.2f} times as long to start as the source, more than {LIMIT}"] * (found > LIMIT)
