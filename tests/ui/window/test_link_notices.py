"""What a link that needs its user makes the window say."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QPushButton

from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.errors import AuthFailed, CapflowError, NotSignedIn
from capflow_gui.present.sentences import error_sentence
from capflow_gui.ui.ports import LongportStanding
from tests.reasons import said
from tests.ui.source_rig import READY, Rig

EXPIRED = AuthFailed("longport", 401003, "token expired")


NOTHING = NotSignedIn("longport", said("this computer has no keyring"), said("sign in, or set LONGBRIDGE_APP_KEY"))


def failed(error: CapflowError) -> LinkState:
    return LinkState("longport", LinkPhase.FAILED, 0.0, reason=error.reason, error=error)


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
    while rig.window.dialogs.making:
        QApplication.processEvents()
    sheet = rig.window.dialogs.current
    rig.longport_is(failed(NOTHING))
    assert rig.window.dialogs.current is sheet
    assert rig.said() == error_sentence(NOTHING)


def test_a_row_of_a_stopped_source_offers_to_sign_in(rig: Rig) -> None:
    rig.longport_is(failed(EXPIRED))
    symbol = next(each for each in rig.board.symbols if rig.board.row(each).source == "longport")
    rig.window.dialogs.follow(symbol)
    assert rig.shown().tabs.currentIndex() == 1
