"""The page of channels: how each did, switching, testing, deleting and bringing back."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.errors import SettingsError, StorageError
from capflow_gui.present.alerts.channel_words import KIND_NAMES, ChannelNews
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.channels import ChannelSettings, DesktopSettings, SlackSettings, TelegramSettings
from capflow_gui.ui.channels.page import ChannelsPage
from capflow_gui.ui.theme import Theme
from tests.ui.window_fixture import Answers, start_now

PHONE = TelegramSettings(token="keyring", chat="-1001")
DESK = SlackSettings(address="env:DESK", enabled=False)
NEWS = {"phone": ChannelNews("Refused · no such chat", trouble=True, messages=("700.HK net ≤ −2M\nRefused",))}
Chosen = list[tuple[dict[str, ChannelSettings], list[str]]]
Make = Callable[..., ChannelsPage]


@pytest.fixture
def answers() -> Answers:
    made = Answers()
    made.desk.told = NEWS
    return made


@pytest.fixture
def make(theme: Theme, answers: Answers, qtbot: QtBot) -> Make:
    around = QWidget()  # a dialog that is closed is deleted
    qtbot.addWidget(around)

    def page(*, desktop: bool = True, locked: str = "", **channels: ChannelSettings) -> ChannelsPage:
        made = ChannelsPage(channels, answers.desk, start_now, theme, around, desktop=desktop, locked=locked)
        made.show()
        return made

    return page


def chosen_in(page: ChannelsPage) -> Chosen:
    found: Chosen = []
    page.chosen.connect(lambda *what: found.append(what))
    return found


def lines(page: ChannelsPage) -> list[list[str]]:
    return [page.list.item(row).text().split("\n") for row in range(page.list.count())]


def test_locked_channels_are_shown_and_tested_and_stay_as_they_are(make: Make, answers: Answers) -> None:
    page = make(phone=PHONE, desk=DESK, locked="Set by your administrator.")
    chosen = chosen_in(page)
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Space, Qt.Key.Key_Insert, Qt.Key.Key_Return):
        QTest.keyClick(page.list, key)
    assert (chosen, page.form, page.isVisible()) == ([], None, True)
    assert page.lock.isVisible()
    for button in (page.edit_button, page.switch_button, page.delete_button, page.add_button):
        assert (button.isEnabled(), button.toolTip()) == (False, page.lock.text())
    page.test_button.click()
    assert page.answer.isVisible()
    assert page.messages.count()


def test_each_channel_says_its_kind_whether_it_is_on_and_how_it_did(make: Make) -> None:
    page = make(phone=PHONE, desk=DESK)
    assert lines(page) == [
        ["phone · Telegram · on", "Refused · no such chat"],
        ["desk · Slack · off", "Nothing sent yet"],
    ]
    assert page.messages.item(0).text() == NEWS["phone"].messages[0]
    page.list.setCurrentRow(1)
    assert page.messages.item(0).text() == "No message has been sent to it yet."
    assert page.switch_button.text() == "Switch on"


def test_what_settings_or_a_policy_have_off_says_so_and_cannot_be_switched(make: Make) -> None:
    for desktop, state in ((True, "on"), (False, "off in Settings")):
        page = make(here=DesktopSettings(), phone=PHONE, desktop=desktop)
        found = chosen_in(page)
        assert lines(page)[0][0] == f"here · Desktop notification · {state}"
        assert page.switch_button.isEnabled() is desktop
        page.switch()
        assert len(found) == desktop
        page.list.setCurrentRow(1)
        assert page.switch_button.isEnabled()


def test_without_a_channel_there_is_a_sentence_and_the_way_to_one(make: Make, answers: Answers) -> None:
    page = make()
    found = chosen_in(page)
    assert page.none.isVisible()
    assert not any(each.isVisible() for each in (page.edit_button, page.switch_button, page.test_button))
    for nothing in (page.edit, page.switch, page.test, page.delete, page.undo):
        nothing()
    page.add_button.click()
    menu = page.findChild(QMenu)
    assert menu is not None
    assert [action.text() for action in menu.actions()] == list(KIND_NAMES.values())
    next(action for action in menu.actions() if action.text() == "Slack").trigger()
    menu.close()
    form = page.form
    assert form is not None
    form.name.edit.setText("desk")
    form.fields["address"].edit.setText("https://hooks.example.com/x")
    form.save()
    assert found == [({"desk": SlackSettings(address="keyring")}, ["desk"])]
    assert (page.form, page.current(), page.none.isVisible()) == (None, "desk", False)
    assert lines(page) == [["desk · Slack · on", "Nothing sent yet"]]


def test_a_channel_is_switched_and_edited(make: Make, qtbot: QtBot) -> None:
    page = make(phone=PHONE, desk=DESK)
    found = chosen_in(page)
    page.list.setFocus()
    qtbot.keyClick(page.list, Qt.Key.Key_Down)
    qtbot.keyClick(page.list, Qt.Key.Key_Space)
    on = SlackSettings(address="env:DESK")
    assert found.pop() == ({"phone": PHONE, "desk": on}, [])
    page.edit_button.click()
    assert page.form is not None
    page.form.fields["quiet"].edit.setText("22:00-07:00")
    page.form.save()
    assert found.pop() == ({"phone": PHONE, "desk": SlackSettings(address="env:DESK", quiet="22:00-07:00")}, [])


def test_a_deleted_channel_comes_back_in_its_place_with_its_secrets(make: Make, answers: Answers, qtbot: QtBot) -> None:
    page = make(phone=PHONE, desk=DESK)
    found = chosen_in(page)
    page.list.setFocus()
    qtbot.keyClick(page.list, Qt.Key.Key_Delete)
    assert found.pop() == ({"desk": DESK}, [])
    assert page.undo_button.text() == "Bring back phone"
    qtbot.keyClick(page.list, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    (channels, anew) = found.pop()
    assert (list(channels), channels["phone"], anew, page.current()) == (["phone", "desk"], PHONE, [], "phone")
    page.reject()
    assert answers.asked == []


def test_secrets_of_a_deleted_channel_leave_the_keyring_with_the_page(make: Make, answers: Answers) -> None:
    page = make(phone=PHONE, desk=DESK)
    failed: list[object] = []
    page.forget_failed.connect(failed.append)
    page.delete_button.click()
    page.delete_button.click()
    answers.error = SettingsError("phone", Reason.of(Code.NO_KEYRING))
    page.reject()
    assert answers.asked == [("keep", "phone", {"token": None})]
    assert failed == [answers.error]


def test_a_test_says_how_it_went(make: Make, answers: Answers) -> None:
    page = make(phone=PHONE)
    page.test_button.click()
    assert page.answer.said() == "The test was sent to phone at 14:31:58. Receipt 4711."
    assert page.test_button.isEnabled()
    answers.error = SettingsError("channels.phone.token", Reason.of(Code.SECRET_NOT_KEPT, name="channels.phone.token"))
    page.test_button.click()
    assert page.answer.said().startswith("The test was not sent. ")
    assert answers.asked == [("test", "phone", PHONE)] * 2


def test_a_test_leaves_the_keyboard_where_enter_deletes_nothing(make: Make) -> None:
    page = make(phone=PHONE)
    page.test_button.setFocus()
    page.test_button.click()
    assert page.focusWidget() is page.list


def test_results_that_cannot_be_read_are_said(make: Make, answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    async def news(_names: object) -> dict[str, ChannelNews]:
        raise StorageError(Reason.of(Code.VERBATIM, text="the disk is gone"))

    monkeypatch.setattr(answers.desk, "news", news)
    page = make(phone=PHONE)
    assert page.answer.said().startswith("What was sent cannot be read. The disk is gone.")
    # Nobody knows whether something was sent.
    assert (lines(page), page.messages.count()) == ([["phone · Telegram · on", ""]], 0)


def test_tab_goes_through_the_page_from_top_to_bottom_and_is_seen_where_it_is(make: Make, qtbot: QtBot) -> None:
    page = make(phone=PHONE)
    with qtbot.waitActive(page):
        page.activateWindow()
    order = (page.list, page.edit_button, page.switch_button, page.test_button, page.delete_button, page.messages)
    order[0].setFocus()
    for widget, after in pairwise((*order, page.add_button, page.close_button)):
        assert widget.hasFocus()
        seen = widget.grab().toImage()
        QTest.keyClick(widget, Qt.Key.Key_Tab)
        assert after.hasFocus()
        assert widget.grab().toImage() != seen


def test_the_answer_of_a_test_needs_no_scrolling(make: Make) -> None:
    page = make(phone=PHONE, desk=DESK)
    page.test()
    QApplication.processEvents()
    assert not page._area.verticalScrollBar().isVisible()


def test_an_answer_brings_no_other_button_under_the_pointer(make: Make, qtbot: QtBot) -> None:
    page = make(**{f"phone{number}": PHONE for number in range(4)})
    qtbot.waitUntil(lambda: page.list.height() > 0)
    before = page.test_button.geometry()
    page.test_button.click()
    assert page.answer.isVisible()
    page.layout().activate()
    assert page.test_button.geometry() == before
