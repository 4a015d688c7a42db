"""How the window opens its dialogs."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection
from dataclasses import replace

import pytest
import shiboken6
from msgspec import structs
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QWidget

from capflow_gui.domain.alert import Rule
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Choice
from capflow_gui.errors import StorageError
from capflow_gui.playback.trial import Trial
from capflow_gui.reason import Code, Reason
from capflow_gui.ui.channels.page import ChannelsPage
from capflow_gui.ui.dialogs.first_run import PaletteChoices
from capflow_gui.ui.dialogs.threshold import ThresholdDialog
from capflow_gui.ui.help.sheet import HelpSheet
from capflow_gui.ui.settings.dialog import SettingsDialog
from capflow_gui.ui.theme import build_theme
from capflow_gui.ui.window.dialogs import WindowDialogs
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.recorded_days import counted_trial, trial
from tests.ui.window_fixture import TENCENT, Answers, Desk


def test_actions_are_found_by_name(window: MainWindow) -> None:
    window.toolbar.search.begin()
    QTest.keyClicks(window.toolbar.search, "threshold for all")
    found = [entry.text for entry in window.toolbar.search.entries()]
    assert found == ["Threshold for all symbols", "Setting: Threshold for all symbols"]
    QTest.keyClick(window.toolbar.search, Qt.Key.Key_Return)
    assert isinstance(window.dialogs.current, ThresholdDialog)
    window.dialogs.current.reject()


def test_a_sheet_s_title_says_that_figures_are_simulated(window: MainWindow, board: HandBoard) -> None:
    titles = []
    for board.simulated in (False, True):
        window.dialogs.open_threshold(TENCENT)
        assert window.dialogs.current is not None
        titles.append(window.dialogs.current.windowTitle())
        window.dialogs.current.reject()
    assert titles == ["Threshold of 700.HK – Capflow", "Threshold of 700.HK – SIMULATED – Capflow"]


def test_settings_change_the_look_at_once(window: MainWindow) -> None:
    changes: list[dict[str, object]] = []
    window.intents.settings_chosen.connect(changes.append)
    window.dialogs.open_settings()
    dialog = window.dialogs.current
    assert isinstance(dialog, SettingsDialog)
    scheme, palettes = (dialog.row(f"appearance.{name}").control for name in ("scheme", "palette"))
    assert isinstance(scheme, QComboBox)
    assert isinstance(palettes, PaletteChoices)
    scheme.setCurrentIndex(1)
    scheme.activated.emit(1)
    palettes._buttons[1].click()
    assert changes == [{"appearance.scheme": "light"}, {"appearance.palette": "red_up"}]
    dialog.accept()


def test_a_threshold_is_tried_on_what_is_recorded(window: MainWindow) -> None:
    asked: list[tuple[list[Symbol], str]] = []

    async def try_threshold(symbols: Collection[Symbol], rule: Rule) -> Trial:
        asked.append((list(symbols), rule.text))
        if len(asked) == 2:
            raise StorageError(Reason.of(Code.VERBATIM, text="the disk is gone"))
        return trial(-60e6)

    window.dialogs.services = replace(window.dialogs.services, dry_runs=try_threshold)
    window.dialogs.open_threshold(TENCENT)
    dialog = window.dialogs.current
    assert isinstance(dialog, ThresholdDialog)
    said = [dialog.past.text()]
    for typed in ("3%", "4%"):
        dialog.amount.setText(typed)
        said.append(dialog.past.text())
    assert asked[-1] == ([TENCENT], "700.HK: net/turnover <= -4% rearm 50% skip first 30m")
    assert said[0] == said[2] == "It would have alerted 3 times in the last 10 recorded sessions."
    assert "the disk is gone" in said[1].lower()
    dialog.reject()


def test_the_threshold_of_all_is_tried_on_the_symbols_that_follow_it(window: MainWindow, board: HandBoard) -> None:
    asked: list[list[Symbol]] = []

    async def try_threshold(symbols: Collection[Symbol], rule: Rule) -> Trial:
        asked.append(list(symbols))
        return counted_trial(0, 2, 1)

    board.set_threshold(TENCENT, Choice.INHERIT)
    window.dialogs.services = replace(window.dialogs.services, dry_runs=try_threshold)
    window.dialogs.open_threshold(None)
    dialog = window.dialogs.current
    assert isinstance(dialog, ThresholdDialog)
    dialog.own.setChecked(True)
    dialog.amount.setText("-2%")
    assert asked[-1] == [each for each in board.symbols if window.intents.threshold_of(each) is Choice.INHERIT]
    assert TENCENT in asked[-1]
    assert dialog.past.text() == "It would have alerted 3 times in the last 3 recorded sessions of 11 symbols."
    dialog.reject()


def test_channels_that_a_policy_has_locked_say_whose_they_are(window: MainWindow) -> None:
    window.settings = structs.replace(window.settings, change_channels=False)
    services = replace(window.dialogs.services, channels=lambda: Desk(Answers()))
    for locks in (frozenset[str](), frozenset({"change_channels"})):
        window.dialogs.services = replace(services, locks=locks)
        window.dialogs.open_channels()
        page = window.dialogs.current
        assert isinstance(page, ChannelsPage)
        # A setting of the user's own locks nothing.
        assert page.add_button.isEnabled() is not bool(locks)
        assert page.lock.text() == ("Set by your administrator: channels stay as they are." if locks else "")
        page.reject()


def test_a_dialog_that_is_still_made_gives_way_to_another_one(window: MainWindow) -> None:
    dialogs = window.dialogs
    dialogs.open_keys()
    assert (dialogs.making, dialogs.current) == (True, None)
    dialogs.open_threshold(TENCENT)
    assert not dialogs.making
    QApplication.processEvents()
    assert isinstance(dialogs.current, ThresholdDialog)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert window.findChildren(HelpSheet) == []
    dialogs.open_keys()
    while dialogs.making:
        QApplication.processEvents()
    assert isinstance(dialogs.current, HelpSheet)
    dialogs.current.close()


def dialogs_of(parent: QWidget, window: MainWindow) -> WindowDialogs:
    """The dialogs of another window, with the sheet of all that this one does."""
    own = window.dialogs
    made = WindowDialogs(parent, own._board, own.services, own._intents, own._notice, selected=lambda: None)
    made.theme, made.actions = own.theme, own.actions
    return made


def sheet_goes(parent: QWidget, _dialogs: WindowDialogs) -> None:
    for sheet in parent.findChildren(HelpSheet):
        shiboken6.delete(sheet)


def window_goes(parent: QWidget, _dialogs: WindowDialogs) -> None:
    shiboken6.delete(parent)


def window_closes(parent: QWidget, dialogs: WindowDialogs) -> None:
    dialogs.rest()
    parent.close()
    parent.deleteLater()


@pytest.mark.parametrize("go", [sheet_goes, window_goes, window_closes])
def test_the_sheet_of_keys_and_its_window_may_go_after_any_turn_of_the_making(
    window: MainWindow, go: Callable[[QWidget, WindowDialogs], None]
) -> None:
    turns, making = 0, True
    while making:
        parent = QWidget()
        dialogs = dialogs_of(parent, window)
        dialogs.open_keys()
        for _turn in range(turns):
            QApplication.processEvents()
        making = dialogs.making
        go(parent, dialogs)
        for _turn in range(8):
            QApplication.processEvents()
        assert QWidget.keyboardGrabber() is None
        if shiboken6.isValid(parent):
            assert not dialogs.making
            if making:
                assert dialogs.current is None
            parent.deleteLater()
        del parent, dialogs
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()  # what is said of steps that could not be ended fails the test
        assert [each for each in QApplication.topLevelWidgets() if isinstance(each, HelpSheet)] == []
        turns += 1
    assert turns > 4


def test_another_theme_or_a_second_key_makes_the_sheet_that_is_being_made_again(window: MainWindow) -> None:
    dialogs, large = window.dialogs, build_theme("light", "green_up", 1.5)
    for turns in (0, 3):
        for again in (dialogs.open_keys, lambda: dialogs.set_theme(large)):
            dialogs.open_keys()
            for _turn in range(turns):
                QApplication.processEvents()
            assert dialogs.making
            again()
            while dialogs.making:
                QApplication.processEvents()
            sheet = dialogs.current
            assert isinstance(sheet, HelpSheet)
            assert (sheet._theme, QWidget.keyboardGrabber()) == (dialogs.theme, None)
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            assert window.findChildren(HelpSheet) == [sheet]
            sheet.close()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
