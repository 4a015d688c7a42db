"""How the window opens its dialogs."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from capflow_gui.settings import Appearance
from capflow_gui.ui.dialogs.settings import SettingsDialog
from capflow_gui.ui.dialogs.threshold import ThresholdDialog
from capflow_gui.ui.window.main_window import MainWindow


def test_actions_are_found_by_name(window: MainWindow) -> None:
    QTest.keyClicks(window.toolbar.search, "threshold for all")
    assert [entry.text for entry in window.toolbar.search.entries()][-1] == "Threshold for all symbols"
    QTest.keyClick(window.toolbar.search, Qt.Key.Key_Up)
    QTest.keyClick(window.toolbar.search, Qt.Key.Key_Return)
    assert isinstance(window.dialogs.current, ThresholdDialog)
    window.dialogs.current.reject()


def test_settings_change_the_look_at_once(window: MainWindow) -> None:
    changes: list[tuple[str, object]] = []
    window.intents.setting_chosen.connect(lambda name, value: changes.append((name, value)))
    window.dialogs.open_settings()
    dialog = window.dialogs.current
    assert isinstance(dialog, SettingsDialog)
    dialog.scheme.setCurrentIndex(1)
    dialog.scheme.activated.emit(1)
    dialog.palettes._buttons[1].click()
    assert changes[-1] == ("appearance", Appearance("light", "red_up", 1.0))
    dialog.accept()
