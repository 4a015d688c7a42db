"""`make soak-use`: the real window on a virtual screen, used at random for an hour. Needs Xvfb.

Every round prints its seed, and starts where the one before left its profile; a round ends early where the program was
left by what was done. Exit status 0 when no line at WARNING or above was logged (an exception or a word of Qt's is
one), every round ended with status 0, no turn of the event loop took its thread more than 100 ms of processor time, and
neither widgets nor memory grew from the first third of the rests to the last. At each rest the desk is made what it was
at the first, so that the same is counted.

`--seed` repeats: the same seed on an empty profile does the same until the first answer of a source comes at another
moment.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from virtual_screen import ROOT, environment_on, virtual_screen

WORKER = ROOT / "benchmarks" / "soak_use_worker.py"
SCREEN = "1920x1080"
ROUND_S = 600.0
END_S = 60.0
NOWHERE = "no other machine is reached here"  # what a source says of an address that was typed at random
MOST_GROWTH = 1.15
LONG_MS = 100
LEAST_RESTS = 6
PARTS = ("arrays", "pictures")  # of the heap, which is judged


def play_round(folder: Path, display: str, seed: int, seconds: float, kept: Path | None) -> tuple[int, dict[str, Any]]:
    """One start of the program; its exit status and what it saw."""
    report = folder / f"{seed}.json"
    arguments = ["--report", str(report), "--seed", str(seed), "--seconds", str(seconds)]
    arguments += ["--pictures", str(kept)] if kept else []
    arguments += ["--", "demo", "--symbols", "60", "--sources", "opend,longport"]
    arguments += ["--config-dir", str(folder / "config"), "--data-dir", str(folder / "data")]
    environment = environment_on(display, folder) | {"XDG_CONFIG_HOME": str(folder / "xdg"), "TMPDIR": str(folder)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-X", "faulthandler", str(WORKER), *arguments]
    said = (kept or folder) / f"{seed}.err"
    with said.open("wb") as errors:
        process = subprocess.Popen(command, env=environment, cwd=folder, stderr=errors)
        try:
            status = process.wait(seconds + END_S)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)  # faulthandler writes where each thread is
            status = process.wait()
    seen = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
    if not seen:
        print(said.read_text(encoding="utf-8", errors="replace")[-4000:])
    return status, seen


def grew(values: list[float]) -> float:
    """The median of the last third over that of the first."""
    third = max(1, len(values) // 3)
    return statistics.median(values[-third:]) / statistics.median(values[:third])


def main() -> int:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1_000_000)
    parser.add_argument(
        "--keep", type=Path, help="a folder for what each start said, and a picture of the screen every minute"
    )
    arguments = parser.parse_args()
    if arguments.keep is not None:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + arguments.minutes * 60
    seed, faults, acts = arguments.seed, [], Counter[str]()
    growth: list[str] = []
    compileall.compile_dir(ROOT / "capflow_gui", quiet=1)  # an installed program has its byte code
    with tempfile.TemporaryDirectory(prefix="capflow-use-") as name, virtual_screen(SCREEN) as display:
        while (left := end - time.monotonic()) > 1:
            status, seen = play_round(Path(name), display, seed, min(left, ROUND_S), arguments.keep)
            rests = seen.get("rests", [])
            long = seen.get("long", [])
            print(
                f"seed {seed}: status {status}, {sum(seen.get('acts', {}).values())} acts, "
                f"longest of {seen.get('turns')} turns {seen.get('longest_ms')} ms of processor time, "
                f"{len(long)} over 100 ms, "
                f"{sum(turn['alone'] > LONG_MS for turn in long)} at the machine's best; "
                f"{seen.get('longest_wall_ms')} ms by the wall clock, "
                f"{seen.get('long_by_wall')} times over 100 ms; {seen.get('pages')} pages opened; "
                f"load {os.getloadavg()[0]:.1f}"
            )
            for what in rests[0] if rests else ():
                print(f"     {what} at rest: {[rest[what] for rest in rests]}")
            print(f"     times slower than at best at rest: {seen.get('slower', [])}")
            print(f"     more than at the first rest: {'; '.join(seen.get('more', [])) or 'nothing'}", flush=True)
            faults += [f"seed {seed}: ended with status {status}"] if status else []
            faults += [f"seed {seed}: {line}" for line in seen.get("logged", []) if NOWHERE not in line]
            faults += [
                f"seed {seed}: {turn['ms']} ms ({turn['alone']} at the machine's best) after {turn['after']}, "
                f"in {turn['where']}"
                for turn in long
            ]
            acts.update(seen.get("acts", {}))
            for what in [each for each in rests[0] if each not in PARTS] if len(rests) >= LEAST_RESTS else ():
                factor = grew([rest[what] for rest in rests])
                growth.append(f"{what} {factor:.2f}")
                faults += [f"seed {seed}: {what} grew {factor:.2f} times"] if factor > MOST_GROWTH else []
            seed += 1
    print(f"acts: {dict(acts)}; growth within a round: {', '.join(growth) or 'not measured'}")
    for fault in faults:
        print(f"FAIL {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
