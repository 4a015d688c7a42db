"""How the window opens its dialogs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Level, Share
from capflow_gui.errors import StorageError
from capflow_gui.present.check_lines import Tally
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import Appearance
from capflow_gui.ui.dialogs.settings import SettingsDialog
from capflow_gui.ui.dialogs.threshold import ThresholdDialog
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.window_fixture import TENCENT


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


def test_a_threshold_is_tried_on_what_is_recorded(window: MainWindow) -> None:
    asked: list[tuple[Symbol, Level]] = []

    async def try_threshold(symbol: Symbol, level: Level) -> Tally:
        asked.append((symbol, level))
        if len(asked) == 2:
            raise StorageError(Reason.of(Code.VERBATIM, text="the disk is gone"))
        tally = Tally({date(2026, 6, number) for number in range(1, 11)}, {symbol})
        tally.raised = 3
        return tally

    window.dialogs.services = replace(window.dialogs.services, dry_runs=try_threshold)
    window.dialogs.open_threshold(TENCENT)
    dialog = window.dialogs.current
    assert isinstance(dialog, ThresholdDialog)
    dialog.amount.setText("3%")
    said = [dialog.past.text()]
    dialog.amount.setText("4%")
    said.append(dialog.past.text())
    assert asked[-1] == (TENCENT, Share(-0.04))
    assert "It would have alerted 3 times in the last 10 recorded sessions." in said
    assert any("the disk is gone" in text.lower() for text in said)
    dialog.reject()
    window.dialogs.open_threshold(None)
    dialog = window.dialogs.current
    assert isinstance(dialog, ThresholdDialog)
    assert dialog.past.isHidden()
    dialog.reject()
