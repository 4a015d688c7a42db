"""Brokers that refuse, that are left and signed out of: processes of the real program on simulated brokers."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from capflow_gui.clock import SystemClock
from capflow_gui.credentials import AppKey, LongportSecrets, OAuthTokens, SecretStore
from capflow_gui.paths import Paths
from capflow_gui.settings import LongportSettings, OpendSettings, Settings, Thresholds, WatchSettings, load, save
from capflow_gui.simulator.longport.server import LongportConfig, LongportSimulator
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from capflow_gui.storage.alert_log import FILE_NAME
from tests.forked import DESKTOP
from tests.integration import file_keyring
from tests.unit.test_credentials import Ring

ROOT = Path(__file__).parents[2]
# A hand at the window: every 50 ms the next step is tried, until it is possible.
DRIVER = """
import json, sys
from functools import partial
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QPushButton
from capflow_gui import monitor
from capflow_gui.app import run
from capflow_gui.app.request import Request
from capflow_gui.ui.dialogs.first_run import FirstRun
from capflow_gui.ui.window.main_window import MainWindow

# Ten seconds between two answers are the users'; what happens between them is the same after one.
monitor.Pace = partial(monitor.Pace, visible_s=1.0, others_s=1.0)
folder, words = Path(sys.argv[1]), sys.argv[2].split()
seen, polls, before = {}, {}, []

def shown(kind):
    found = [w for w in QApplication.allWidgets() if isinstance(w, kind) and w.isVisible()]
    return found[0] if found else None

def rows(window):
    return [window.board.row(symbol) for symbol in window.board.symbols]

def live():
    "Every row has figures."
    window = shown(MainWindow)
    return window is not None and all(row.series is not None for row in rows(window))

def alerted():
    return bool(shown(MainWindow).board.alerts)

def refused():
    "Longport stopped, and OpenD's rows were asked again since."
    window = shown(MainWindow)
    if window is None or not window.notice.text():
        return False
    for row in rows(window):
        if row.source == "opend" and row.polled_at is not None:
            polls.setdefault(str(row.symbol), set()).add(row.polled_at)
    kept = [name for name, times in polls.items() if len(times) >= 2]
    if "700.HK" not in kept:
        return False
    seen["said"] = window.notice.text()
    seen["action"] = window.notice.findChild(QPushButton).text()
    seen["badges"] = {link.source: link.phase.value for link in window.board.links}
    seen["live"] = window.board.row(window.board.symbols[0]).freshness.value
    return True

def taken_over():
    "The symbol that was Longport's own is OpenD's meanwhile."
    window = shown(MainWindow)
    row = window.board.row(window.board.symbols[1])
    if row.series is None or row.source != "opend":
        return False
    seen["instead_of"] = row.instead_of
    return True

def press(source, which):
    window = shown(MainWindow)
    window.dialogs.open_connection(source)
    strip = window.dialogs.current.strips[source]
    getattr(strip, which).click()
    seen.setdefault("asked", []).append(strip.said())
    before.append(window)
    strip.yes_button.click()
    return True

def leave_longport():
    return press("longport", "disconnect_button")

def sign_out():
    return press("longport", "sign_out_button")

def leave_opend():
    return press("opend", "disconnect_button")

def see_next():
    window = shown(MainWindow)
    if window is None or window in before or not window.notice.text():
        return False
    seen["next"] = [window.notice.text(), [link.source for link in window.board.links],
                    [str(symbol) for symbol in window.board.symbols]]
    return True

def see_first_page():
    page = shown(FirstRun)
    if page is None:
        return False
    seen["first page"] = page.notice.said()
    page.close()
    return True

def leave():
    shown(MainWindow).close()
    return True

steps = [globals()[word] for word in words]

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
request = Request(folders=(folder / "config", folder / "data"), log_level="error", size=(1280, 720))
print(json.dumps({"status": run.main(request), "left": len(steps), **seen}))
"""
LIST = WatchSettings(["700.HK", "3690.HK", "981.HK"], sources={"700.HK": "opend", "3690.HK": "longport"})


@dataclass
class Stage:
    """Both brokers, and the folder of a user of both."""

    opend: OpendSimulator
    longport: LongportSimulator
    folder: Path

    @property
    def keyring(self) -> Path:
        return self.folder / "keyring.json"

    def settings(self) -> Settings:
        return load(self.folder / "config" / "settings.toml").settings

    async def keep(self, secrets: LongportSecrets) -> None:
        ring = Ring()
        store = SecretStore(SystemClock(), lambda: ring)
        await store.save_longport(secrets)
        store.close()
        kept = {"/".join(name): text for name, text in ring.kept.items()}
        self.keyring.write_text(json.dumps(kept), encoding="utf-8")

    def records(self) -> int:
        """Alerts on the disk: a simulator's lie in the demo's profile."""
        data = Paths.resolve("demo", self.folder / "config", self.folder / "data").data
        with closing(sqlite3.connect(data / FILE_NAME)) as connection:
            (count,) = connection.execute("SELECT count(*) FROM alert_record").fetchone()
        return int(count)

    async def drive(self, *steps: str) -> dict[str, Any]:
        """Run the program and take these steps; what was seen."""
        mine = ("LONGBRIDGE_", "LONGPORT_")
        process = await asyncio.create_subprocess_exec(
            *(*DESKTOP, "-c", DRIVER, str(self.folder), " ".join(steps)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if not name.startswith(mine)}
            | {
                "QT_QPA_PLATFORM": "offscreen",
                "HOME": str(self.folder),
                "XDG_STATE_HOME": str(self.folder / "state"),
                "PYTHONPATH": str(ROOT),
                "PYTHON_KEYRING_BACKEND": file_keyring.NAME,
                file_keyring.VARIABLE: str(self.keyring),
            },
        )
        try:
            async with asyncio.timeout(90):
                out, err = await process.communicate()
        except TimeoutError:
            process.kill()
            raise
        assert err.decode() == ""
        said: dict[str, Any] = json.loads(out)
        assert (said["status"], said["left"]) == (0, 0), said
        return said


@asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    async with (
        OpendSimulator(SimulatorConfig()) as first,
        LongportSimulator(LongportConfig(), market=first.market, market_clock=first.market_clock) as second,
    ):
        place = LongportSettings(region="custom", http_url=second.http_url, ws_url=second.ws_url, transport="websocket")
        settings = Settings(
            first_run_done=True,
            source="opend",
            second_source="longport",
            opend=OpendSettings(port=first.port),
            longport=place,
            watchlist=LIST,
            thresholds=Thresholds("-1K", {"3690.HK": "-5M"}),
        )
        (folder / "config").mkdir()
        save(folder / "config" / "settings.toml", settings)
        yield Stage(first, second, folder)


def key_of(stage: Stage, *, secret: str | None = None) -> AppKey:
    account = stage.longport.account
    return AppKey(account.app_key, secret or account.app_secret, account.access_token)


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (
            "wrong secret",
            "“signature invalid” (403201). The signature is wrong: copy the app secret and the token anew",
        ),
        ("expired", "“token expired” (401003). The access token has expired: get a new one"),
        ("revoked", "Longport has ended the sign-in: “invalid_grant”. Sign in again under Connections."),
    ],
    ids=["wrong secret", "expired", "revoked"],
)
async def test_a_refused_login_leaves_the_other_source_running(tmp_path: Path, trouble: str, words: str) -> None:
    async with staged(tmp_path) as stage:
        if trouble == "expired":
            stage.longport.account.token_expires = 0.0
        if trouble == "revoked":
            await stage.keep(OAuthTokens("a-client", "access", "refresh", SystemClock().wall() + 9999))
        else:
            await stage.keep(key_of(stage, secret="not-it" if trouble == "wrong secret" else None))
        # Ten seconds more, and its symbols are the other one's: seen once is enough.
        steps = ["refused", "taken_over"] if trouble == "wrong secret" else ["refused"]
        said = await stage.drive(*steps, "leave")
    assert words in said["said"]
    assert (said["action"], said["badges"]) == ("Sign in", {"opend": "ready", "longport": "failed"})
    assert (said["live"], said.get("instead_of", "longport")) == ("live", "longport")


async def test_leaving_one_source_and_then_the_other_loses_nothing(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.keep(key_of(stage))
        said = await stage.drive("live", "alerted", "leave_longport", "see_next", "live", "leave")
        assert said["next"] == [
            "Longport is disconnected. Your list, thresholds and alerts are as they were.",
            ["opend"],
            LIST.symbols,
        ]
        kept, records = stage.settings(), stage.records()
        assert (kept.source, kept.second_source, kept.watchlist) == ("opend", None, LIST)
        assert records >= 1
        assert stage.keyring.read_text(encoding="utf-8") != "{}"  # signing out is another matter
        said = await stage.drive("live", "leave_opend", "see_first_page")
        assert "first page" in said["asked"][0]
        assert said["first page"] == (
            "OpenD is disconnected. Your list, thresholds and alerts are as they were. Connect a broker again, or look "
            "around the demo."
        )
        after = stage.settings()
        assert (after.source, after.second_source) == (None, None)
        assert (after.watchlist, after.thresholds) == (LIST, kept.thresholds)
        assert (after.opend, after.longport) == (kept.opend, kept.longport)
        assert stage.records() >= records


async def test_signing_out_ends_the_grant_and_leaves_the_source(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        account = stage.longport.account
        client = account.register(("http://localhost/callback",))
        code = account.authorize(client, "http://localhost/callback", "")
        grant = account.redeem(client, code or "", "http://localhost/callback", "")
        assert grant is not None
        await stage.keep(OAuthTokens(client, grant.access, grant.refresh, grant.expires))
        said = await stage.drive("live", "sign_out", "see_next", "leave")
        assert said["next"][:2] == [
            "Longport is disconnected. Your list, thresholds and alerts are as they were.",
            ["opend"],
        ]
        assert account.grants == []
        assert json.loads(stage.keyring.read_text(encoding="utf-8")) == {}
        assert stage.settings().watchlist == LIST
