"""The real program records what it sees, and begins with what it recorded."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from capflow_gui.archive.schema import FILE_NAME
from capflow_gui.archive.writer import ArchiveWriter
from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.paths import resource
from capflow_gui.settings import ArchiveSettings, OpendSettings, Settings, Thresholds, WatchSettings, save
from capflow_gui.settings.channels import WebhookSettings
from tests.forked import DESKTOP
from tests.stand_ins.hook import hook

DRIVER = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from capflow_gui.app import run
from capflow_gui.app.request import Request
from capflow_gui.domain.symbol import Symbol
from capflow_gui.ui.window.main_window import MainWindow

folder, polled = Path(sys.argv[1]), sys.argv[2] == "polled"
seen = {}

def step():
    found = [w for w in QApplication.allWidgets() if isinstance(w, MainWindow) and w.isVisible()]
    if not found or seen:
        return
    window = found[0]
    row = window.board.row(Symbol.parse("700.HK"))
    if row.series is None or (row.polled_at is not None) != polled:
        return
    if "delivers" in sys.argv and not any("not_delivered" in str(trouble) for trouble in window.board.troubles):
        return
    head = window.chart.head
    if head._row is None or head._row.series is None:  # the chart follows the board some turns later
        return
    said = window.toolbar.badge("opend").text_shown(), str(head._sentence)
    if not polled and not all("not connected" in text for text in said):
        return
    seen["net"] = float(row.series.net[-1])
    seen["state"] = row.freshness.value
    seen["said"] = said[1]
    seen["alerts"] = len(window.board.alerts)
    seen["troubles"] = [str(trouble) for trouble in window.board.troubles]
    window.close()

init = run.Desktop.__init__

def with_a_hand(self, app, request):
    init(self, app, request)
    self.hand = QTimer(app)
    self.hand.timeout.connect(step)
    self.hand.start(50)

run.Desktop.__init__ = with_a_hand
status = run.main(Request(folders=(folder / "config", folder / "data")))
print(json.dumps({"status": status, "seen": seen}))
"""
TENCENT = Symbol.parse("700.HK")


def drive(home: Path, *further: str, polled: bool, **environ: str) -> dict[str, Any]:
    done = subprocess.run(
        [*DESKTOP, "-c", DRIVER, str(home), "polled" if polled else "recorded", *further],
        check=False,
        capture_output=True,
        text=True,
        timeout=90,
        env=os.environ
        | environ
        | {"QT_QPA_PLATFORM": "offscreen", "HOME": str(home), "XDG_STATE_HOME": str(home / "state")},
    )
    assert done.stdout, done.stderr
    said = json.loads(done.stdout)
    assert said["status"] == 0
    return dict(said["seen"])


def choose(home: Path, port: int, **parts: Any) -> None:
    """The settings of somebody who watches one symbol at OpenD."""
    settings = Settings(
        first_run_done=True, source="opend", opend=OpendSettings(port=port), watchlist=WatchSettings([str(TENCENT)])
    )
    save(home / "config" / "settings.toml", msgspec.structs.replace(settings, **parts))


def record_last_session(home: Path) -> FlowSeries:
    """As a run of the last session recorded it, of a real source."""
    calendar, now = Calendar.from_json(resource("sessions.json").read_bytes()), time.time()
    day = calendar.now(TENCENT.market, now).last_day
    labels, values = day.labels()[:3], np.tile([0.0, -3e6, -7e6], (6, 1))
    series = FlowSeries(
        TENCENT, "opend", Period.INTRADAY, labels, values, session=day.day, received=now - 60, last_valid=now - 70
    )
    writer = ArchiveWriter(home / "data" / FILE_NAME, simulated=False, retention=ArchiveSettings())
    writer.start(lambda _news: None)
    writer.record(series, wall=now, turnover=None, day=day, currency="HKD", assumed=False)
    writer.close()
    return series


@contextmanager
def simulator() -> Iterator[int]:
    """Its port."""
    command = [sys.executable, "-m", "capflow_gui", "simulate", "--clock", "2026-06-10T10:30:00+08:00"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(json.loads(process.stdout.readline())["opend"].rpartition(":")[2])
        finally:
            process.terminate()


def test_what_was_recorded_is_on_screen_before_any_source_answers(tmp_path: Path) -> None:
    choose(tmp_path, 1)
    record_last_session(tmp_path)
    seen = drive(tmp_path, polled=False)
    assert (seen["net"], seen["state"], seen["alerts"]) == (-7e6, "never_polled", 0)
    assert re.search(r"OpenD not connected · recorded, 1m \d\ds old, .*true at ", seen["said"])


@pytest.mark.parametrize("record", [True, False])
def test_the_window_records_what_it_polls_unless_told_not_to_and_delivers_its_alerts(
    tmp_path: Path, *, record: bool
) -> None:
    channels = {"team": WebhookSettings(address="env:TEAM_HOOK"), "gone": WebhookSettings(address="env:GONE_HOOK")}
    with simulator() as port, hook() as receiver:
        choose(
            tmp_path, port, archive=ArchiveSettings(record=record), thresholds=Thresholds("-100K"), channels=channels
        )
        seen = drive(tmp_path, "delivers", polled=True, TEAM_HOOK=receiver.url)
    ((_, body),) = receiver.received
    assert (body["data"]["symbol"], body["data"]["simulated"]) == ("700.HK", True)
    assert [trouble for trouble in seen["troubles"] if "not_delivered channel=gone why=" in trouble]
    assert not [trouble for trouble in seen["troubles"] if "archive" in trouble]
    file = tmp_path / "data" / FILE_NAME
    assert file.exists() is record
    if record:
        with closing(sqlite3.connect(file)) as archive:
            assert archive.execute("SELECT simulated FROM profile").fetchone() == (1,)
            [(symbol, session, source)] = archive.execute("SELECT symbol, session, source FROM day").fetchall()
        assert (symbol, session, source) == ("700.HK", "2026-06-10", "opend")
