"""`make bench`: run the benchmarks one after another and print one table of ratios.

Each benchmark is a program that prints JSON lines {"metric", "ours", "baseline", "unit", "baseline_name", "ratio",
"target"}; `target` is the smallest ratio to aim at (design page "performance"). A benchmark alternates ours and the
baseline in one run, so that a busy machine slows both. `--readme` writes the table into README.md between its marks.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
README = HERE.parent / "README.md"
MARKS = ("<!-- bench:begin -->", "<!-- bench:end -->")
ORDINARY = (
    "decode",
    "longport_decode",
    "call",
    "frames",
    "charts",
    "crosshair",
    "watchlist",
    "startup",
    "idle",
    "recording",
    "quota",
    "archive",
    "playback",
    "playback_window",
    "alerts",
)
PEERS = ("peer_vnpy", "peer_finplot", "peer_qwt", "peer_qtcharts")
TIME_LIMIT_S = 900


@dataclass(frozen=True, slots=True)
class Row:
    """One measured ratio."""

    metric: str
    ours: float
    baseline: float
    unit: str
    baseline_name: str
    ratio: float
    target: float | None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        return None if self.target is None else self.ratio >= self.target


def run_one(name: str) -> list[Row]:
    """Run benchmarks/NAME.py and read its rows; raises CalledProcessError if it fails."""
    program = HERE / f"{name}.py"
    print(f"{name} …", file=sys.stderr, flush=True)
    done = subprocess.run(
        [sys.executable, str(program)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=TIME_LIMIT_S,
        cwd=HERE.parent,
        env={**os.environ, "PYTHONPATH": str(HERE.parent)},
    )
    rows = []
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            facts = json.loads(line)
            rows.append(Row(**{key: facts.get(key) for key in Row.__slots__}))
    return rows


def table(rows: list[Row]) -> str:
    """A Markdown table; `×` is baseline ÷ ours, except where the metric itself is a share."""
    lines = ["| what | Capflow | baseline | ratio | target |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        mark = {True: "", False: " (missed)", None: ""}[row.met]
        target = "–" if row.target is None else f"≥{row.target:g}"
        lines.append(
            f"| {row.metric} | {row.ours:.3g} {row.unit} | {row.baseline:.3g} {row.unit}, {row.baseline_name} "
            f"| {row.ratio:.3g} | {target}{mark} |"
        )
    return "\n".join(lines)


def write_readme(text: str) -> None:
    """Replace what stands between the marks of README.md; raises ValueError where the marks are missing."""
    page = README.read_text(encoding="utf-8")
    begin, end = (page.index(mark) for mark in MARKS)
    README.write_text(page[: begin + len(MARKS[0])] + "\n" + text + "\n" + page[end:], encoding="utf-8")


def main() -> int:
    """Run, print, and leave missed targets to the reader: a busy machine is no failure of the program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(ORDINARY), help="which benchmarks; default: all but the peers")
    parser.add_argument("--peers", action="store_true", help="run those against other charts instead")
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    options = parser.parse_args()
    rows = [row for name in (PEERS if options.peers else options.names) for row in run_one(name)]
    text = table(rows)
    machine = (
        f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, {platform.system()}"
    )
    print(text)
    print(f"\nMeasured on {machine}; medians, ours and the baseline alternating.")
    if options.readme:
        write_readme(f"{text}\n\nMeasured on {machine}; medians, ours and the baseline alternating.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
