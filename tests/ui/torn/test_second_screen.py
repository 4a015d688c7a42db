"""Torn off onto a second screen, a chart says so and comes back there; a dock floats there, too.

In a process of its own: the screens are there before the application.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
SCREENS = [
    {"name": "First", "x": 0, "y": 0, "width": 1600, "height": 1000, "logicalDpi": 96, "logicalBaseDpi": 96},
    {"name": "Second", "x": 1600, "y": 0, "width": 1440, "height": 900, "logicalDpi": 96, "logicalBaseDpi": 96},
]
SCRIPT = """
import json, sys
from PySide6.QtWidgets import QApplication
from capflow_gui.settings import Settings
from tests.ui.boards import HandBoard, row_of
from tests.ui.window_fixture import arranged, open_window, shut

app = QApplication(sys.argv)
window = open_window(HandBoard.of(row_of("700.HK", "Tencent", -3e6, 1e9)), Settings(), size=(1200, 800))
window.views.torn.open({"kind": "chart", "symbol": "700.HK"}).setGeometry(1700, 100, 700, 500)
dock = window.views.docks.open({"kind": "tape"})
dock.setFloating(True)
dock.setGeometry(1650, 700, 300, 150)
app.processEvents()
layout = window.state()
said = []
for states in (layout["torn"], [], layout["torn"]):
    window.restore({**layout, "torn": states, "docks": layout["docks"] if states else {}})
    arranged(window)
    parts = [*window.views.torn.open_ones, *window.views.docks.open_ones]
    said.append([[each.screen().name(), each.isWindow(), each.geometry().getRect()] for each in parts])
print(json.dumps([layout["torn"], *said]))
shut(window)
"""


def test_a_torn_window_and_a_floating_dock_come_back_on_the_second_screen(tmp_path: Path) -> None:
    config = tmp_path / "screens.json"
    config.write_text(json.dumps({"screens": SCREENS}), encoding="utf-8")
    environ = {**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={config}", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    (state,), first, none, again = json.loads(done.stdout)
    assert state["geometry"].endswith("Second")
    assert first == [["Second", True, [1700, 100, 700, 500]], ["Second", True, [1650, 700, 300, 150]]]
    assert (none, again) == ([], first)
