"""What the window itself does, in its menu."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from capflow_gui.present.recorded_words import NEWEST_IS_SHOWN
from capflow_gui.ui.settings.dialog import SettingsDialog
from capflow_gui.ui.theme import Theme
from tests.ui.boards import HandBoard, row_of
from tests.ui.window_fixture import open_window, shut


def test_the_menu_says_why_an_entry_can_do_nothing_and_settings_are_found_by_name(theme: Theme, qtbot: QtBot) -> None:
    window = open_window(HandBoard.of(row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6)))
    menu = QMenu(window)
    window.keys.fill(menu)
    entries = {entry.text().partition("\t")[0]: entry for entry in menu.actions()}
    names = list(entries)
    ends = ["Connections…", "Settings…", "Keys", "Save problem report…", "About Capflow", "Quit"]
    assert [name for name in names if name in ends] == ends
    after = entries["Session after"]
    assert (after.isEnabled(), after.toolTip()) == (False, NEWEST_IS_SHOWN)
    assert entries["Keys"].isEnabled()
    assert entries["Threshold for all symbols…"].toolTip().startswith("Sets the level")
    commands = {command.name: command for command in window.keys.commands()}
    assert not any(name.startswith("Setting: Remind") for name in commands)
    commands["Setting: Font size"].run()
    dialog = window.dialogs.current
    assert isinstance(dialog, SettingsDialog)
    assert dialog.row("appearance.font_scale").isVisible()
    dialog.reject()
    shut(window)
