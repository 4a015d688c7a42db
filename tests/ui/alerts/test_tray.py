"""The icon in the tray: how many alerts wait, in its picture and its words, and what its menu does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtGui import QIcon, QImage
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from capflow_gui.paths import resource
from capflow_gui.reason import Code, Reason
from capflow_gui.ui.alerts.tray import Tray
from capflow_gui.ui.theme import Theme
from tests.ui.boards import HandBoard, alert_of, row_of

ROW = row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6)


@pytest.fixture
def board() -> HandBoard:
    return HandBoard.of(ROW)


@pytest.fixture
def badges(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The counts on the program's icon on the taskbar or dock, one after another."""
    found: list[int] = []
    monkeypatch.setattr(QApplication, "setBadgeNumber", lambda _app, number: found.append(number))
    return found


@pytest.fixture
def tray(qapp: QApplication, board: HandBoard, theme: Theme, badges: list[int]) -> Iterator[Tray]:
    qapp.setWindowIcon(QIcon(str(resource("icons/capflow.svg"))))
    made = Tray(board, qapp, theme)
    yield made
    made.close()
    qapp.setWindowIcon(QIcon())
    assert badges[-1] == 0


def amber(tray: Tray, theme: Theme) -> int:
    """Pixels of the alert's colour in the icon."""
    image = tray.icon.icon().pixmap(64, 64).toImage().convertToFormat(QImage.Format.Format_ARGB32)
    return sum(image.pixelColor(x, y) == theme.alert for x in range(image.width()) for y in range(image.height()))


def test_it_counts_what_waits(tray: Tray, board: HandBoard, theme: Theme, badges: list[int]) -> None:
    counted: list[object] = []
    tray.counted.connect(counted.append)
    enabled = {action.text(): action.isEnabled() for action in tray.menu.actions() if action.text()}
    assert enabled == {"Show the window": True, "Acknowledge all alerts": False, "Quit": True}
    assert (tray.icon.toolTip(), amber(tray, theme)) == ("Capflow: no alert waits", 0)
    board.raise_alert(alert_of(ROW))
    board.troubles = (Reason.of(Code.VERBATIM, text="OpenD lost"),)
    board.simulated = True
    tray.refresh()
    assert tray.icon.toolTip() == "Capflow · SIMULATED: 1 alert waits\n1 trouble, see the status bar"
    assert amber(tray, theme) > 300
    board.hold_alerts(*(replace(each, seen=each.told) for each in board.alerts))
    tray.refresh()
    assert amber(tray, theme) == 0
    assert badges == [0, 1, 0]
    tray.refresh()
    # The ids are told every second, whether or not they have changed.
    assert counted == [{"1"}, set(), set()]


def test_a_message_is_shown_beside_it_and_a_click_on_that_shows_its_alert(
    tray: Tray, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[tuple[str, str]] = []
    wanted: list[str] = []
    tray.show_requested.connect(wanted.append)
    monkeypatch.setattr(tray.icon, "showMessage", lambda title, text, _icon: shown.append((title, text)))
    # Offscreen there is no tray.
    assert not tray.say("700.HK net ≤ −200M", "Rule", "aa11")
    assert not tray.icon.isVisible()
    monkeypatch.setattr(tray.icon, "setVisible", lambda there: shown.append(("icon", str(there))))
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    monkeypatch.setattr(QSystemTrayIcon, "supportsMessages", lambda: True)
    assert tray.say("700.HK net ≤ −200M", "Rule", "aa11")
    tray.icon.messageClicked.emit()
    assert (shown, wanted) == ([("icon", "True"), ("700.HK net ≤ −200M", "Rule")], ["aa11"])


def test_its_menu_and_a_click_say_what_is_wanted(tray: Tray, board: HandBoard) -> None:
    board.raise_alert(alert_of(ROW))
    tray.refresh()
    wanted: list[str] = []
    tray.show_requested.connect(lambda incident: wanted.append(f"show{incident}"))
    tray.acknowledge_all.connect(lambda: wanted.append("acknowledge"))
    tray.quit_requested.connect(lambda: wanted.append("quit"))
    for action in tray.menu.actions():
        action.trigger()
    tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Context)
    assert wanted == ["show", "acknowledge", "quit", "show"]


def test_it_follows_the_theme(tray: Tray, board: HandBoard, theme: Theme) -> None:
    board.raise_alert(alert_of(ROW))
    tray.set_theme(replace(theme, alert=theme.accent))
    assert amber(tray, replace(theme, alert=theme.accent)) > 300
