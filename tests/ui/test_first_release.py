"""A profile as the first release left it: list, thresholds, window and alerts are there again.

tests/data/first_release was written by that release: settings.toml by its Profile (the window's state by a window on
the offscreen platform), demo.db by `capflow watch 700.HK 9988.HK --source demo:` with two rules.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from capflow_gui.settings import load
from tests.ui.test_app_start import LIMIT_S, Desktop

KEPT = Path(__file__).resolve().parents[1] / "data" / "first_release"


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def old(tmp_path: Path, closed_port: int) -> Iterator[Desktop]:
    program = Desktop(tmp_path)
    program.config.mkdir()
    text = (KEPT / "settings.toml").read_text(encoding="utf-8").replace("11112", str(closed_port))
    # One source is enough: the other one would be asked over the network.
    text = text.replace('second_source = "longport"\n', "")
    (program.config / "settings.toml").write_text(text, encoding="utf-8")
    yield program
    for process in program.running:
        process.kill()
        process.communicate(timeout=LIMIT_S)


def test_its_settings_say_what_they_said() -> None:
    loaded = load(KEPT / "settings.toml")
    settings = loaded.settings
    assert loaded.problems == []
    assert (settings.source, settings.second_source) == ("opend", "longport")
    assert (settings.opend.port, settings.opend.budget, settings.longport.region) == (11112, 20, "mainland")
    assert settings.watchlist.symbols == ["700.HK", "9988.HK", "AAPL.US", "600519.SH"]
    assert settings.watchlist.sources == {"9988.HK": "longport"}
    assert settings.thresholds.default == "-120M"
    assert settings.thresholds.symbols == {"700.HK": "-200M", "AAPL.US": "none"}
    assert (settings.appearance.scheme, settings.appearance.palette) == ("light", "red_up")
    assert not settings.alerts.sound


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM is not delivered there")
def test_its_window_opens_and_keeps_everything(old: Desktop) -> None:
    before = load(old.config / "settings.toml").settings
    process = old.start()
    old.wait_for_log("window: open")
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0
    assert "set aside" not in said + old.log()
    after = load(old.config / "settings.toml")
    assert after.problems == []
    assert after.settings.watchlist == before.watchlist
    assert after.settings.thresholds == before.thresholds
    assert after.settings.appearance == before.appearance
    window = after.settings.window
    assert (window.sort, window.selected, window.period) == ("net:asc", "700.HK", "day")


def test_its_alerts_are_taken_up(tmp_path: Path) -> None:
    (tmp_path / "data" / "demo").mkdir(parents=True)
    shutil.copy(KEPT / "demo.db", tmp_path / "data" / "demo" / "capflow.db")
    rules = ["--rule", "*: net <= -20M", "--rule", "700.HK: net change 5m <= -1M"]
    folders = ["--config-dir", str(tmp_path / "config"), "--data-dir", str(tmp_path / "data")]
    done = subprocess.run(
        [sys.executable, "-m", "capflow_gui", "watch", "700.HK", "--source", "demo:", "--for", "1.5", *rules, *folders],
        env=os.environ | {"XDG_STATE_HOME": str(tmp_path / "state")},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0
    assert "damaged" not in done.stderr
    assert "newer" not in done.stderr
    assert not list((tmp_path / "data" / "demo").glob("*damaged*"))
