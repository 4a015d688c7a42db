"""From the first run through the demo to a connection of one's own and out, in one process of the real program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from capflow_gui.settings import load

# A hand at the window: every 50 ms the next step is tried, until it is possible.
DRIVER = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from capflow_gui.app import run
from capflow_gui.app.request import Request
from capflow_gui.ui.dialogs.first_run import FirstRun
from capflow_gui.ui.main_window import MainWindow

folder = Path(sys.argv[1])
seen = []

def shown(kind):
    windows = [w for w in QApplication.allWidgets() if isinstance(w, kind) and w.isVisible()]
    return windows[0] if windows else None

def choose_demo():
    page = shown(FirstRun)
    if page is None:
        return False
    page.palettes._buttons[1].click()
    page.demo_card.click()
    return True

def see_demo():
    window = shown(MainWindow)
    if window is None or not any(figures.net == figures.net for figures in window.watchlist.model.shown()):
        return False
    seen.append({"title": window.windowTitle(), "rows": len(window.board.symbols)})
    window.intents.remove([window.board.symbols[0]])
    window.dialogs.open_connection()
    form = window.dialogs.current.form
    form.port.setText("1")
    form.connect_button.click()
    return True

def see_own():
    window = shown(MainWindow)
    if window is None or window.outside.simulated or not window.toolbar.badge("opend").text_shown().count("lost"):
        return False
    window.intents.add_typed("HK.00700 nonsense")
    seen.append({"title": window.windowTitle(), "rows": len(window.board.symbols),
                 "said": window.watchlist.notice.text(), "link": window.toolbar.badge("opend").text_shown()})
    window.close()
    return True

steps = [choose_demo, see_demo, see_own]

def step():
    if steps and steps[0]():
        steps.pop(0)

init = run.Desktop.__init__

def with_a_hand(self, app, request):
    init(self, app, request)
    self.hand = QTimer(app)
    self.hand.timeout.connect(step)
    self.hand.start(50)

run.Desktop.__init__ = with_a_hand
status = run.main(Request(folders=(folder / "config", folder / "data"), log_level="error"))
print(json.dumps({"status": status, "seen": seen, "left": len(steps)}))
"""


def test_first_run_demo_own_connection_and_out(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", DRIVER, str(tmp_path)],
        check=False,
        capture_output=True,
        text=True,
        timeout=90,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)},
    )
    assert done.stderr == ""
    said = json.loads(done.stdout)
    assert (said["status"], said["left"]) == (0, 0)
    demo, own = said["seen"]
    assert demo == {"title": "Capflow – SIMULATED", "rows": 16}
    assert own["title"] == "Capflow"
    assert own["rows"] == 1
    assert own["link"].startswith("OpenD lost · try 2 in")
    assert own["said"].startswith("Added 700.HK. “nonsense” was not added")
    kept = load(tmp_path / "config" / "settings.toml").settings
    assert (kept.source, kept.first_run_done, kept.opend.port) == ("opend", True, 1)
    assert kept.watchlist.symbols == ["700.HK"]
    assert kept.appearance.palette == "red_up"
    demo_kept = load(tmp_path / "config" / "demo" / "settings.toml").settings
    assert len(demo_kept.watchlist.symbols) == 15
