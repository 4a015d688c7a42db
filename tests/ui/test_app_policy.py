"""The real program under a policy: locks reach the window and not the file, the reminder comes once, licences load."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.forked import DESKTOP

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no variable leads to the policy")

DRIVER = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from capflow_gui.app import run
from capflow_gui.app.request import Request
from capflow_gui.ui.window.main_window import MainWindow

folder = Path(sys.argv[1])
seen = {}
NAMES = ("appearance.scheme", "alerts.sound", "updates.remind", "log_level")

def window():
    found = [w for w in QApplication.allWidgets() if isinstance(w, MainWindow) and w.isVisible()]
    down = found and found[0].board.links and "not connected" in found[0].toolbar.badge("opend").text_shown()
    return found[0] if down else None

def choose():
    here = window()
    if here is None:
        return False
    seen["notice"] = here.notice.text()
    seen["link"] = here.toolbar.badge("opend").text_shown()
    here.dialogs.open_settings()
    dialog = here.dialogs.current
    seen["enabled"] = {name: dialog.row(name).control.isEnabled() for name in NAMES}
    scheme, sound, remind, level = (dialog.row(name).control for name in NAMES)
    seen["shown"] = [scheme.currentData(), sound.isChecked(), remind.isChecked()]
    level.setCurrentIndex(level.findData("error"))
    level.activated.emit(0)
    dialog.accept()
    here.dialogs.open_about()
    here.dialogs.current.tabs.setCurrentIndex(1)
    return True

def read():
    dialog = window().dialogs.current
    if not dialog.text.toPlainText().startswith("Licence: MIT"):
        return False
    seen["parts"] = dialog.parts.count()
    seen["details"] = dialog.details()
    dialog.reject()
    window().close()
    return True

steps = [choose, read]

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
status = run.main(Request(folders=(folder / "config", folder / "data")))
print(json.dumps({"status": status, "seen": seen, "left": len(steps)}))
"""
POLICY = """
[defaults.updates]
remind = true
page = "https://desk.example.com/capflow"
[locked]
source = "opend"
opend = { host = "127.0.0.1", port = 1 }
appearance = { scheme = "light" }
alerts = { sound = false }
"""


def drive(home: Path) -> dict[str, Any]:
    done = subprocess.run(
        [*DESKTOP, "-c", DRIVER, str(home)],
        check=False,
        capture_output=True,
        text=True,
        timeout=90,
        env=os.environ
        | {"QT_QPA_PLATFORM": "offscreen", "HOME": str(home), "XDG_CONFIG_DIRS": str(home / "xdg")}
        | {"XDG_STATE_HOME": str(home / "state")},
    )
    assert done.stdout, done.stderr
    said = json.loads(done.stdout)
    assert (said["status"], said["left"]) == (0, 0)
    return dict(said["seen"])


def test_a_session_under_a_policy(tmp_path: Path) -> None:
    (tmp_path / "xdg" / "capflow").mkdir(parents=True)
    policy = tmp_path / "xdg" / "capflow" / "policy.toml"
    policy.write_text(POLICY, encoding="utf-8")
    first = drive(tmp_path)
    assert first["notice"] == "You have not looked for updates of Capflow yet."
    assert list(first["enabled"].values()) == [False, False, True, True]
    assert first["shown"] == ["light", False, True]
    assert first["parts"] > 20
    assert f"Policy: {policy}" in first["details"]
    kept = tomllib.loads((tmp_path / "config" / "settings.toml").read_text(encoding="utf-8"))
    assert kept["log_level"] == "error"
    assert set(kept) == {"version", "channels", "log_level", "thresholds", "updates", "window"}
    assert set(kept["updates"]) == {"reminded"}
    log = tmp_path / "data" / "log" / "capflow.log"
    assert "closing" not in log.read_text(encoding="utf-8"), "the log's level holds from the moment it was chosen"
    assert drive(tmp_path)["notice"] == ""
