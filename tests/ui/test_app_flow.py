"""From the first run through the demo to a connection of one's own and out, in one process of the real program."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import msgspec

from capflow_gui.settings import Settings, WatchSettings, load, save
from tests.forked import DESKTOP

# A hand at the window: every 50 ms the next step is tried, until it is possible.
DRIVER = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMenu
from capflow_gui.app import run
from capflow_gui.app.request import Request
from capflow_gui.domain.typed.rule_entry import new_entry
from capflow_gui.providers import backoff
from capflow_gui.ui.dialogs.first_run import FirstRun
from capflow_gui.ui.window.main_window import MainWindow

backoff.FIRST_S = backoff.CAP_S  # the second try waits long enough to be seen
folder = Path(sys.argv[1])
RULE = new_entry("@HK core: net <= -1B for 2m")
seen = []

def shown(kind):
    windows = [w for w in QApplication.allWidgets() if isinstance(w, kind) and w.isVisible()]
    return windows[0] if windows else None

def choose_demo():
    page = shown(FirstRun)
    if page is None or page.languages[0].isEnabled():  # that in Chinese is still closing
        return False
    page.palettes._buttons[1].click()
    page.demo_card.click()
    return True

def speak(name):
    page = shown(FirstRun)
    button = page and next(button for button in page.languages if button.text() == name)
    if not button or not button.isEnabled():
        return False
    seen.append(page.demo_card.text())
    button.click()
    return True

def see_demo():
    window = shown(MainWindow)
    if window is None or not any(figures.net == figures.net for figures in window.watchlist.model.shown()):
        return False
    tour = window.guide.tour is not None
    seen.append({"title": window.windowTitle(), "rows": len(window.board.symbols), "tour": tour})
    window.intents.remove([window.board.symbols[0]])
    window.dialogs.open_connection()
    form = window.dialogs.current.form
    form.port.setText("1")
    form.connect_button.click()
    return True

first = []

def choose_language():
    window = shown(MainWindow)
    if window is None or not any(figures.net == figures.net for figures in window.watchlist.model.shown()):
        return False
    window.watchlist.table.select(window.board.symbols[3])
    window.dialogs.open_settings()
    seen.append(window.windowTitle())
    first.append(window)
    window.intents.settings_chosen.emit({"appearance.language": "zh_HK"})
    return True

def see_language():
    windows = [w for w in QApplication.allWidgets() if isinstance(w, MainWindow)]
    window = shown(MainWindow)
    # A change may entitle the first window anew before another takes its place.
    if len(windows) != 1 or window in (None, *first) or window.dialogs.current is None:
        return False
    figures = window.watchlist.table.current_figures()
    had = any(f.net == f.net for f in window.watchlist.model.shown())
    seen.append({"title": window.windowTitle(), "had": had,
                 "place": window.board.symbols.index(figures.row.symbol),
                 "dialog": window.dialogs.current.windowTitle(),
                 "qt": QApplication.translate("QPlatformTheme", "Cancel")})
    window.close()
    return True

def see_own():
    window = shown(MainWindow)
    if window is None or window.services.simulated or not window.toolbar.badge("opend").text_shown().count("not"):
        return False
    window.intents.add_typed("HK.00700 nonsense")
    seen.append({"title": window.windowTitle(), "rows": len(window.board.symbols),
                 "kept": window.settings.watchlist.symbols,
                 "said": window.notice.text(), "link": window.toolbar.badge("opend").text_shown(),
                 "tour": window.guide.tour is not None})
    window.close()
    return True

def go_home():
    window = shown(MainWindow)
    if window is None or not window.services.simulated:
        return False
    window.toolbar.menu_button.click()
    actions = {a.text(): a for menu in window.findChildren(QMenu) for a in menu.actions()}
    seen.append(sorted(name for name in actions if "list" in name or "OpenD" in name))
    actions.get("Back to my list", actions["Connect OpenD…"]).trigger()
    return True

def see_problem():
    window = shown(MainWindow)
    if window is None or not window.notice.isVisible():
        return False
    seen.append({"said": window.notice.text(), "rows": len(window.board.symbols)})
    window.close()
    return True

def see_alerts():
    window = shown(MainWindow)
    if window is None or not any(figures.net == figures.net for figures in window.watchlist.model.shown()):
        return False
    window.intents.choose_threshold(None, -1.0)
    if sys.argv[2] == "afternoon" and not any(entry.id == RULE.id for entry in window.board.rules):
        window.intents.set_rule(RULE, "Added.")
    covered = window.board.covered(RULE)
    if not window.board.alerts or not covered:
        return False
    now = window.board.market_now()
    seen.append({"alerts": len(window.board.alerts), "future": sum(a.raised_at > now for a in window.board.alerts),
                 "rules": [entry.text for entry in window.board.rules if not entry.is_threshold],
                 "covered": sorted(map(str, covered))})
    window.close()
    return True

steps = {
    "damaged": [see_problem], "back": [go_home, see_own],
    "first": [lambda: speak("简体中文"), lambda: speak("English"), choose_demo, see_demo, see_own],
    "language": [choose_language, see_language], "afternoon": [see_alerts], "morning": [see_alerts],
}[sys.argv[2]]
clock = {"afternoon": "2026-06-10T15:30:00+08:00", "morning": "2026-06-10T10:30:00+08:00"}.get(sys.argv[2])

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
request = Request(
    demo=sys.argv[2] != "first", clock=clock, folders=(folder / "config", folder / "data"), log_level="error"
)
status = run.main(request)
print(json.dumps({"status": status, "seen": seen, "left": len(steps)}))
"""


def drive(tmp_path: Path, steps: str) -> list[Any]:
    """Run the steps of that name; what they saw."""
    done = subprocess.run(
        [*DESKTOP, "-c", DRIVER, str(tmp_path), steps],
        check=False,
        capture_output=True,
        text=True,
        timeout=90,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)},
    )
    assert done.stderr == ""
    said = json.loads(done.stdout)
    assert (said["status"], said["left"]) == (0, 0)
    return list(said["seen"])


def test_first_run_demo_own_connection_and_out(tmp_path: Path) -> None:
    english, chinese, demo, own = drive(tmp_path, "first")
    assert (english, chinese) == ("Look around the demo", "看看演示")
    assert demo == {"title": "SIMULATED – Capflow", "rows": 16, "tour": True}
    assert own["title"] == "Capflow"
    assert own["rows"] == 1
    assert not own["tour"]
    assert own["link"].startswith("OpenD not connected · try 2 in")
    assert own["kept"] == ["700.HK"]  # what an export has
    assert own["said"].startswith("Added 700.HK. “nonsense” was not added")
    kept = load(tmp_path / "config" / "settings.toml").settings
    assert (kept.source, kept.first_run_done, kept.opend.port) == ("opend", True, 1)
    assert kept.watchlist.symbols == ["700.HK"]
    demo_kept = load(tmp_path / "config" / "demo" / "settings.toml").settings
    assert len(demo_kept.watchlist.symbols) == 15
    for appearance in (kept.appearance, demo_kept.appearance):  # the demo takes over what the first page was told
        assert (appearance.palette, appearance.language) == ("red_up", "en")


def test_back_from_the_demo_to_ones_own_list(tmp_path: Path) -> None:
    own = Settings(first_run_done=True, source="opend", watchlist=WatchSettings(["5.HK", "941.HK"]))
    save(
        tmp_path / "config" / "settings.toml",
        msgspec.structs.replace(own, opend=msgspec.structs.replace(own.opend, port=1)),
    )
    menu, window = drive(tmp_path, "back")
    assert [name for name in menu if "Ctrl" not in name] == [
        "Back to my list",
        "Below the list",
        "Connect OpenD…",
        "Place of the list",
    ]
    assert (window["title"], window["rows"]) == ("Capflow", 3)
    assert load(tmp_path / "config" / "settings.toml").settings.watchlist.symbols == ["5.HK", "941.HK", "700.HK"]


def test_another_language_makes_the_window_anew_at_once_as_it_was(tmp_path: Path) -> None:
    before, after = drive(tmp_path, "language")
    assert before == "SIMULATED – Capflow"
    assert after["title"] == "模擬數據 – Capflow"
    assert (after["place"], after["had"]) == (3, True)
    assert (after["dialog"], after["qt"]) == ("設定 – 模擬數據 – Capflow", "取消")


def test_damaged_settings_are_said_in_the_window(tmp_path: Path) -> None:
    file = tmp_path / "config" / "demo" / "settings.toml"
    file.parent.mkdir(parents=True)
    file.write_text("this is [not toml", encoding="utf-8")
    (window,) = drive(tmp_path, "damaged")
    assert "settings.toml.damaged-1" in window["said"]
    assert window["rows"] == 16


def test_a_demo_shows_no_alerts_of_the_demo_before_it_and_keeps_its_rules(tmp_path: Path) -> None:
    (afternoon,) = drive(tmp_path, "afternoon")
    (morning,) = drive(tmp_path, "morning")
    assert afternoon["alerts"] > 0
    assert morning["alerts"] > 0
    assert (afternoon["future"], morning["future"]) == (0, 0)
    # A rule is kept, and the broker asked who is in the group it names.
    assert afternoon["rules"] == morning["rules"] == ["@HK core: net <= -1B for 2m"]
    assert afternoon["covered"] == morning["covered"] != []
