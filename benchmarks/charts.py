"""The flow chart against pyqtgraph used plainly ("naive") and with care ("tuned"). See chart_worker.py.

Painting is work of one thread, so the rows compare its CPU time: on a busy machine wall time measures the others too.
Frames a second are wall time. `panes` draws what the baselines draw; `ours` is the chart as the user sees it, with
names, tags and threshold, and has targets of its own.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from peers import Worker, alternate

WORKER = str(Path(__file__).with_name("chart_worker.py"))
# metric, kind, ours, baseline, target, rounds, calls a round
ROWS = (
    ("chart 960×540, whole day replaced", "full", "panes", "naive", 10.0, 11, 30),
    ("chart 960×540, newest minute", "strip", "panes", "naive", 18.0, 11, 30),
    ("the same with names, tags and threshold, whole day", "full", "ours", "naive", None, 11, 30),
    ("the same with names, tags and threshold, newest minute", "strip", "ours", "naive", 10.0, 11, 30),
    ("16 charts 1080p, all replaced", "full16", "panes", "naive", 10.0, 7, 6),
    ("16 charts 1080p, newest minute", "strip16", "panes", "naive", 18.0, 7, 6),
    ("16 charts 1080p, all replaced", "full16", "panes", "tuned", 2.0, 7, 6),
    ("the same with names, tags and threshold, all replaced", "full16", "ours", "tuned", 1.2, 7, 6),
)
# Of the row of (ours, baseline) on sixteen charts: metric, target of frames a second ÷ 60
FRAMES = {
    ("panes", "naive"): ("16 charts, frames a second (÷ 60)", 1.5),
    ("ours", "tuned"): ("the same with names, tags and threshold, frames a second (÷ 60)", 1.0),
}


def compare(kind: str, ours: str, baseline: str, rounds: int, calls: int) -> dict[str, tuple[float, float, float]]:
    """Medians of seconds a call and of the rounds' ratios, for wall and cpu."""
    mine, theirs = (Worker([sys.executable, WORKER, variant, kind]) for variant in (ours, baseline))
    found = alternate(mine, theirs, rounds=rounds, calls=calls)
    mine.close()
    theirs.close()
    return found


def main() -> None:
    """Print a JSON row a comparison."""
    for metric, kind, ours, baseline, target, rounds, calls in ROWS:
        found = compare(kind, ours, baseline, rounds, calls)
        mine, theirs, ratio = found["cpu"]
        row = {"metric": f"{metric} (CPU time)", "ours": mine * 1e3, "baseline": theirs * 1e3, "unit": "ms"}
        row |= {"baseline_name": f"{baseline} pyqtgraph", "ratio": ratio, "target": target}
        print(json.dumps(row), flush=True)
        if kind == "full16" and (ours, baseline) in FRAMES:
            words, aim = FRAMES[ours, baseline]
            mine = found["wall"][0]
            frames = {"metric": words, "ours": 1 / mine, "baseline": 60.0, "unit": "fps"}
            print(json.dumps(frames | {"baseline_name": "floor", "ratio": 1 / mine / 60, "target": aim}), flush=True)
    for ours, words, aim in (("panes", "", 5.0), ("ours", ", with names, tags and threshold", None)):
        mine, theirs, ratio = compare("hz16", ours, "naive", 3, 3)["cpu"]
        row = {"metric": f"client CPU, 16 charts once a second{words}", "ours": mine * 100, "baseline": theirs * 100}
        row |= {"unit": "%", "baseline_name": "naive pyqtgraph", "ratio": ratio, "target": aim}
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
