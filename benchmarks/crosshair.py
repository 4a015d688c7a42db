"""The crosshair's move over two linked panes, and panning, against pyqtgraph used plainly. See chart_worker.py."""

from __future__ import annotations

import json

from charts import compare

# metric, kind, limit in ms for ours
ROWS = (
    ("crosshair move over two panes, 960×540 (CPU time)", "cross", 1.5),
    ("pan, 5 curves, 1920×1080 (CPU time)", "pan", 8.0),
)


def main() -> None:
    """Print a JSON row each: against naive, and against the limit."""
    for metric, kind, limit in ROWS:
        mine, theirs, ratio = compare(kind, "ours", "naive", 11, 40)["cpu"]
        row = {"metric": metric, "ours": mine * 1e3, "baseline": theirs * 1e3, "unit": "ms"}
        print(json.dumps(row | {"baseline_name": "naive pyqtgraph", "ratio": ratio, "target": None}))
        row |= {"metric": f"{metric}, against the limit", "baseline": limit}
        print(json.dumps(row | {"baseline_name": "limit", "ratio": limit / (mine * 1e3), "target": 1.0}), flush=True)


if __name__ == "__main__":
    main()
