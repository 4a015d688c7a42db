"""While a broker leaves a request unanswered, the real window goes on painting."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from capflow_gui.settings import Settings, WatchSettings, save
from tests.forked import COMMAND, DESKTOP

FRAMES = 60
# Counts the chart's paints from the moment the provider asks for a capital flow to the moment that call ends, or until
# there are enough of them.
DRIVER = """
import json, sys
from pathlib import Path
from typing import Any
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication
from capflow_gui.app import run
from capflow_gui.app.request import Request
from capflow_gui.providers.longport.provider import LongportProvider
from capflow_gui.providers.opend.provider import OpendProvider
from capflow_gui.ui.window.main_window import MainWindow

folder, enough = Path(sys.argv[1]), int(sys.argv[2])
asked, ended = [], []
seen = {"frames": 0, "drains": 0}

def watch(provider):
    ask = provider.get_capital_flow
    async def get_capital_flow(self, *args, **kwargs):
        asked.append(self.source)
        try:
            return await ask(self, *args, **kwargs)
        finally:
            ended.append(self.source)
    provider.get_capital_flow = get_capital_flow

watch(OpendProvider)
watch(LongportProvider)

class Hand(QObject):
    def __init__(self, app):
        super().__init__(app)
        self.window = None
        self.timer = QTimer(self)
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self.step)
        self.timer.start(16)

    def eventFilter(self, watched, event):
        if event.type() is QEvent.Type.Paint and asked and not ended:
            seen["frames"] += 1
        return False

    def drained(self):
        if asked and not ended:
            seen["drains"] += 1

    def step(self):
        if self.window is None:
            shown = [w for w in QApplication.allWidgets() if isinstance(w, MainWindow) and w.isVisible()]
            if not shown:
                return
            self.window = shown[0]
            self.window.chart.installEventFilter(self)
            self.window.bridge._drain.timeout.connect(self.drained)
        self.window.chart.update()
        if seen["frames"] >= enough or ended:
            self.timer.stop()
            seen["asked"], seen["ended"] = list(asked), list(ended)
            self.window.close()

begin = run.Desktop.__init__

def with_a_hand(self, app, request):
    begin(self, app, request)
    self.hand = Hand(app)

run.Desktop.__init__ = with_a_hand
status = run.main(Request(folders=(folder / "config", folder / "data"), log_level="error"))
print(json.dumps({"status": status, **seen}))
"""


@pytest.mark.parametrize(
    ("source", "fault"), [("opend", "delay:3600,interface=3211"), ("longport", "unanswered:1,interface=24")]
)
def test_the_window_paints_on_while_a_request_is_unanswered(tmp_path: Path, source: str, fault: str) -> None:
    simulate = [*COMMAND, "simulate", "--fault", fault]
    folders = ["--config-dir", str(tmp_path / "simulator"), "--data-dir", str(tmp_path / "simulator")]
    with subprocess.Popen([*simulate, *folders], stdout=subprocess.PIPE, text=True) as simulator:
        try:
            assert simulator.stdout is not None
            where = json.loads(simulator.stdout.readline())
            said = drive(tmp_path, source, where)
        finally:
            simulator.terminate()
    assert said["status"] == 0
    # Asked once, and still waiting: the frames were painted meanwhile.
    assert (said["asked"], said["ended"]) == ([source], [])
    assert said["frames"] >= FRAMES
    assert said["drains"] >= 1


def drive(folder: Path, source: str, where: dict[str, Any]) -> dict[str, Any]:
    settings = Settings(first_run_done=True, source=source, watchlist=WatchSettings(["700.HK"]))
    port = int(str(where["opend"]).rpartition(":")[2])
    settings = msgspec.structs.replace(settings, opend=msgspec.structs.replace(settings.opend, port=port))
    save(folder / "config" / "settings.toml", settings)
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("LONGBRIDGE_", "LONGPORT_"))}
    if source == "longport":
        environment |= where["longport_environment"]
    done = subprocess.run(
        [*DESKTOP, "-c", DRIVER, str(folder), str(FRAMES)],
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
    said: dict[str, Any] = json.loads(done.stdout)
    return said
