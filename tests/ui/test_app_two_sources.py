"""Both simulated brokers in one window, and one broker that cannot be opened, in processes of the real program."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from capflow_gui.settings import Settings, WatchSettings, load, save
from tests.forked import DESKTOP

DRIVER = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from capflow_gui.app import run
from capflow_gui.app.request import Request
from capflow_gui.ui.window.main_window import MainWindow

folder, demo = Path(sys.argv[1]), sys.argv[2] == "demo"
seen, seen_before = {}, {}

def step():
    windows = [w for w in QApplication.allWidgets() if isinstance(w, MainWindow) and w.isVisible()]
    if not windows or seen:
        return
    window = windows[0]
    rows = [window.board.row(symbol) for symbol in window.board.symbols]
    if demo and any(row.series is None for row in rows):
        return
    if not demo and not window.notice.isVisible():
        dialog = window.dialogs.current
        if dialog is not None:
            seen_before["dialog"] = dialog.strips["longport"].said()
            dialog.reject()
        return
    seen.update(seen_before)
    seen["rows"] = {str(row.symbol): row.source for row in rows}
    seen["links"] = [link.source for link in window.board.links]
    seen["budgets"] = [budget.source for budget in window.board.budgets]
    seen["simulated"] = window.simulated
    seen["said"] = window.notice.text()
    if demo:
        window.intents.source_chosen.emit(window.board.symbols[0], "longport")
    window.close()

init = run.Desktop.__init__

def with_a_hand(self, app, request):
    init(self, app, request)
    self.hand = QTimer(app)
    self.hand.timeout.connect(step)
    self.hand.start(50)

run.Desktop.__init__ = with_a_hand
sources = ("opend", "longport") if demo else ("opend",)
request = Request(
    demo=demo, sources=sources, folders=(folder / "config", folder / "data"), log_level="error", size=(1600, 1000)
)
print(json.dumps({"status": run.main(request), **seen}))
"""


def drive(folder: Path, kind: str) -> dict[str, object]:
    secret = ("LONGBRIDGE_", "LONGPORT_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(secret)}
    done = subprocess.run(
        [*DESKTOP, "-c", DRIVER, str(folder), kind],
        check=False,
        capture_output=True,
        text=True,
        timeout=90,
        env=environment
        | {
            "QT_QPA_PLATFORM": "offscreen",
            "HOME": str(folder),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        },
    )
    assert done.stderr == ""
    said: dict[str, object] = json.loads(done.stdout)
    assert said["status"] == 0
    return said


def test_a_mixed_watchlist_on_both_simulated_brokers(tmp_path: Path) -> None:
    said = drive(tmp_path, "demo")
    rows = said["rows"]
    assert isinstance(rows, dict)
    assert sorted(symbol for symbol, source in rows.items() if source == "longport") == [
        "1024.HK",
        "2015.HK",
        "2800.HK",
        "388.HK",
        "5.HK",
        "9618.HK",
    ]
    assert list(rows.values()).count("opend") == 10
    assert (said["links"], said["budgets"], said["simulated"]) == (["opend", "longport"], ["opend", "longport"], True)
    kept = load(tmp_path / "config" / "demo" / "settings.toml").settings
    assert kept.watchlist.sources[kept.watchlist.symbols[0]] == "longport"


def test_a_broker_without_credentials_leaves_the_other_one_alone(tmp_path: Path) -> None:
    settings = Settings(
        first_run_done=True, source="opend", second_source="longport", watchlist=WatchSettings(["700.HK"])
    )
    (tmp_path / "config").mkdir()
    save(tmp_path / "config" / "settings.toml", settings)
    said = drive(tmp_path, "own")
    assert said["links"] == ["opend", "longport"]
    why = (
        "This computer has no keyring to keep secrets in: sign in under Connections, or set "
        "LONGBRIDGE_APP_KEY, LONGBRIDGE_APP_SECRET, LONGBRIDGE_ACCESS_TOKEN."
    )
    # The sign-in opened by itself; once it was closed, the window says why the source is stopped.
    assert (said["dialog"], said["said"]) == (f"Longport needs you {why}", why)
