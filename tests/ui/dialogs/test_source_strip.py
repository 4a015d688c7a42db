"""Leaving a source and signing out of it, above its form."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from capflow_gui.errors import SettingsError
from capflow_gui.settings import LongportSettings, Settings
from capflow_gui.ui.ports import LongportEntry, LongportStanding
from tests.reasons import said
from tests.ui.source_rig import Rig
from tests.ui.window_fixture import shut


def test_leaving_a_source_asks_back_and_says_what_happens_to_its_symbols(rig: Rig) -> None:
    strip = rig.dialog().strips["longport"]
    assert strip.said() == "Connected Answers in 20 ms."
    strip.disconnect_button.click()
    assert strip.said() == (
        "Disconnect Longport? OpenD takes over its 2 symbols; the one you put there yourself goes back when Longport "
        "does. Your list, thresholds and alerts stay. The sign-in is kept; Sign out ends it."
    )
    assert rig.left == []
    strip.yes_button.click()
    assert (rig.left, rig.answers.asked, rig.window.dialogs.current) == ([("longport", "")], [], None)


def test_opend_leaves_its_symbols_without_order_sizes(rig: Rig) -> None:
    strip = rig.dialog("opend").strips["opend"]
    strip.disconnect_button.click()
    assert strip.said() == (
        "Disconnect OpenD? Longport takes over its one symbol, with totals and no order sizes. "
        "Your list, thresholds and alerts stay."
    )
    assert not strip.sign_out_button.isVisible()


def test_the_question_has_a_harmless_answer_under_every_key(rig: Rig) -> None:
    dialog = rig.dialog()
    dialog.activateWindow()
    strip = dialog.strips["longport"]
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        strip.disconnect_button.click()
        assert dialog.focusWidget() is strip.no_button
        QTest.keyClick(strip.no_button, key)
        assert not strip.asking
    QTest.keyClick(dialog.longport.test_button, Qt.Key.Key_Return)  # not what is the default elsewhere
    assert rig.answers.asked == [("longport", LongportEntry("kept", LongportSettings()))]
    strip.sign_out_button.click()
    QTest.keyClick(strip.no_button, Qt.Key.Key_Escape)
    assert not strip.asking
    assert dialog.focusWidget() is strip.sign_out_button
    assert rig.window.dialogs.current is dialog
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert (rig.window.dialogs.current, rig.left, len(rig.answers.asked)) == (None, [], 1)


def test_signing_out_ends_the_grant_first(rig: Rig) -> None:
    rig.answers.left = "Longport could not be told."
    strip = rig.dialog().strips["longport"]
    strip.sign_out_button.click()
    assert strip.said().startswith("Sign out of Longport?")
    assert strip.said().endswith("The sign-in ends at Longport, and leaves this computer's keyring.")
    strip.yes_button.click()
    assert rig.answers.asked == [("sign_out", LongportSettings())]
    assert rig.left == [("longport", "Longport could not be told.")]


def test_a_sign_out_that_fails_leaves_the_source(rig: Rig) -> None:
    rig.answers.error = SettingsError("keyring", said("the keyring did not answer"), said("unlock it"))
    strip = rig.dialog().strips["longport"]
    strip.sign_out_button.click()
    strip.yes_button.click()
    assert rig.left == []
    assert rig.said().startswith("Longport was not signed out. The keyring did not answer")


def test_there_is_nothing_to_sign_out_of_where_the_environment_says_who_we_are(rig: Rig) -> None:
    rig.answers.standing = LongportStanding("environment", keyring=True)
    dialog = rig.dialog()
    strip = dialog.strips["longport"]
    assert (strip.disconnect_button.isVisible(), strip.sign_out_button.isVisible()) == (True, False)
    assert dialog.longport.way == "environment"


def test_the_last_source_says_where_one_ends_up(qtbot: QtBot) -> None:
    del qtbot
    rig = Rig(Settings(source="longport"))
    strip = rig.dialog().strips["longport"]
    strip.disconnect_button.click()
    assert "Capflow goes back to its first page, where the demo is, too." in strip.said()
    shut(rig.window)


def test_a_demo_has_no_source_to_leave(rig: Rig) -> None:
    rig.window.dialogs.services = replace(rig.window.services, simulated=True)
    assert rig.dialog().strips == {}
