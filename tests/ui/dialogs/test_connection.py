"""The connections of a profile in its window: leaving a source, signing out, and what asks for a sign-in by itself."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.errors import AuthFailed, CapflowError, NotSignedIn, SettingsError
from capflow_gui.present.sentences import error_sentence
from capflow_gui.settings import LongportSettings, Settings
from capflow_gui.ui.dialogs.connection import ConnectionDialog
from capflow_gui.ui.ports import LongportEntry, LongportStanding
from capflow_gui.ui.window.main_window import MainWindow
from tests.reasons import said
from tests.ui.boards import HandBoard, row_of
from tests.ui.window_fixture import Answers, open_window, shut

EXPIRED = AuthFailed("longport", 401003, "token expired")
NOTHING = NotSignedIn("longport", said("this computer has no keyring"), said("sign in, or set LONGBRIDGE_APP_KEY"))


def failed(error: CapflowError) -> LinkState:
    return LinkState("longport", LinkPhase.FAILED, 0.0, reason=error.reason, error=error)


READY = LinkState("longport", LinkPhase.READY, 0.0, latency_s=0.02)


@dataclass
class Rig:
    """A window over both sources: one symbol at OpenD, one put on Longport by hand, one there automatically."""

    settings: Settings = field(default_factory=lambda: Settings(source="opend", second_source="longport"))
    answers: Answers = field(default_factory=lambda: Answers(standing=LongportStanding("browser", keyring=True)))
    left: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        rows = [replace(row_of(f"{code}.HK", "x", -1e8, 8e9), shared=True) for code in (700, 3690, 981)]
        rows[1:] = [replace(row, source="longport", classes=False) for row in rows[1:]]
        rows[1] = replace(rows[1], chosen="longport")
        ready = LinkState("opend", LinkPhase.READY, 0.0, latency_s=0.01)
        links = (ready, READY) if self.settings.second_source else (READY,)
        self.board = HandBoard({row.symbol: row for row in rows}, links=links)
        self.window: MainWindow = open_window(self.board, self.settings, self.answers, size=(1280, 720))
        self.window.intents.disconnect_requested.connect(lambda source, left: self.left.append((source, left)))

    def longport_is(self, link: LinkState) -> None:
        self.board.links = (self.board.links[0], link)
        self.window._links_changed()

    def dialog(self, source: str = "longport") -> ConnectionDialog:
        self.window.dialogs.open_connection(source)
        return self.shown()

    def shown(self) -> ConnectionDialog:
        dialog = self.window.dialogs.current
        assert isinstance(dialog, ConnectionDialog)
        return dialog

    def said(self) -> str:
        return self.window.notice.text()


@pytest.fixture
def rig(qtbot: QtBot) -> Iterator[Rig]:
    del qtbot
    made = Rig()
    yield made
    shut(made.window)


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


def test_tab_goes_from_top_to_bottom(rig: Rig) -> None:
    dialog = rig.dialog("opend")
    form = dialog.form
    expected = [form.host, form.port, form.key, form.choose_button, form.test_button, form.connect_button]
    assert dialog.focusWidget() is form.host
    met = []
    for _ in expected:
        met.append(dialog.focusWidget())
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    assert met == expected


def test_enter_connects_what_is_in_front(rig: Rig) -> None:
    dialog = rig.dialog()
    changed: list[object] = []
    rig.window.intents.connection_changed.connect(changed.append)
    QTest.keyClick(dialog.longport.ways["kept"], Qt.Key.Key_Return)
    assert changed == [LongportSettings()]


def test_a_demo_has_no_source_to_leave(rig: Rig) -> None:
    rig.window.dialogs.services = replace(rig.window.services, simulated=True)
    assert rig.dialog().strips == {}


# --- what asks for the user


def test_a_refused_login_is_said_once_with_the_way_to_mend_it(rig: Rig) -> None:
    rig.longport_is(failed(EXPIRED))
    assert rig.said() == error_sentence(EXPIRED)
    action = rig.window.notice.findChild(QPushButton)
    assert action.text() == "Sign in"
    rig.window.notice.dismiss()
    rig.longport_is(LinkState("longport", LinkPhase.CONNECTING, 0.0))
    rig.longport_is(failed(EXPIRED))
    assert rig.said() == ""
    rig.longport_is(READY)
    rig.longport_is(failed(EXPIRED))
    assert rig.said() == error_sentence(EXPIRED)
    action.click()
    dialog = rig.shown()
    assert dialog.strips["longport"].said() == f"Longport needs you {error_sentence(EXPIRED)}"
    # What fails is not offered first.
    assert dialog.longport.way == "browser"
    rig.longport_is(READY)


def test_a_link_that_came_back_takes_its_notice_away(rig: Rig) -> None:
    rig.longport_is(failed(EXPIRED))
    rig.longport_is(READY)
    assert rig.said() == ""


def test_what_was_said_at_the_start_stays_to_be_read(rig: Rig) -> None:
    rig.window.say("The settings file was damaged.")
    rig.longport_is(failed(EXPIRED))
    assert rig.said() == f"The settings file was damaged. {error_sentence(EXPIRED)}"


def test_with_nothing_to_sign_in_with_the_dialog_opens_by_itself_and_does_not_nag(rig: Rig) -> None:
    rig.answers.standing = LongportStanding(None, keyring=False)
    rig.longport_is(failed(NOTHING))
    dialog = rig.shown()
    assert dialog.tabs.tabText(dialog.tabs.currentIndex()) == "Longport"
    assert error_sentence(NOTHING) in dialog.strips["longport"].said()
    assert (dialog.longport.way, dialog.longport.ways["kept"].isVisible()) == ("browser", False)
    assert rig.said() == ""
    dialog.reject()
    assert rig.said() == error_sentence(NOTHING)
    rig.longport_is(LinkState("longport", LinkPhase.CONNECTING, 0.0))
    rig.longport_is(READY)
    rig.longport_is(failed(NOTHING))
    assert rig.window.dialogs.current is None
    assert rig.said() == error_sentence(NOTHING)


def test_an_open_dialog_is_not_taken_away(rig: Rig) -> None:
    rig.window.dialogs.open_keys()
    sheet = rig.window.dialogs.current
    rig.longport_is(failed(NOTHING))
    assert rig.window.dialogs.current is sheet
    assert rig.said() == error_sentence(NOTHING)


def test_a_row_of_a_stopped_source_offers_to_sign_in(rig: Rig) -> None:
    rig.longport_is(failed(EXPIRED))
    symbol = next(each for each in rig.board.symbols if rig.board.row(each).source == "longport")
    rig.window.dialogs.follow(symbol)
    assert rig.shown().tabs.currentIndex() == 1


# --- the form


def test_what_is_signed_in_already_is_offered_first_and_kept(rig: Rig) -> None:
    form = rig.dialog().longport
    assert form.way == "kept"
    form.test_button.click()
    form.connect_button.click()
    entry = LongportEntry("kept", LongportSettings())
    assert rig.answers.asked == [("longport", entry), ("keep", entry)]


class Waiting:
    """ui.ports.Start that never answers, and remembers who was dropped."""

    def __init__(self) -> None:
        self.dropped = 0

    def __call__(
        self,
        job: Callable[[], Coroutine[Any, Any, Any]],
        on_done: Callable[[Any], None],
        on_error: Callable[[Exception], None],
    ) -> Callable[[], None]:
        del job, on_done, on_error

        def drop() -> None:
            self.dropped += 1

        return drop


@pytest.mark.parametrize("button", ["test_button", "connect_button"])
def test_waiting_for_the_browser_can_be_cancelled(rig: Rig, button: str) -> None:
    waiting = Waiting()
    rig.window.dialogs.services = replace(rig.window.services, start=waiting)
    form = rig.dialog().longport
    form.ways["browser"].click()
    assert not form.cancel_button.isVisible()
    getattr(form, button).click()
    assert (form.cancel_button.isVisible(), form.test_button.isEnabled()) == (True, False)
    assert form.answered.text() == "waiting for the browser …"
    form.cancel_button.click()
    assert waiting.dropped == 1
    assert (form.cancel_button.isVisible(), form.test_button.isEnabled(), form.answered.text()) == (False, True, "")
    assert (form.way, form.said()) == ("browser", "")
    assert rig.window.dialogs.current is not None


def test_closing_the_dialog_drops_what_waits(rig: Rig) -> None:
    waiting = Waiting()
    rig.window.dialogs.services = replace(rig.window.services, start=waiting)
    dialog = rig.dialog()
    dialog.longport.ways["browser"].click()
    dialog.longport.test_button.click()
    dialog.reject()
    assert waiting.dropped == 2  # the sign-in, and the question how things stand


def test_where_there_is_no_keyring_the_form_says_how_long_it_keeps_a_secret(rig: Rig) -> None:
    rig.answers.standing = LongportStanding(None, keyring=False)
    form = rig.dialog().longport
    form.ways["key"].click()
    QApplication.processEvents()
    assert form._hints["key"].text().endswith("keeps this until it ends, and asks again at its next start.")
    assert form._hints["key"].isVisible()
