from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window import notice as subject
from capflow_gui.ui.window.notice import Notice


@pytest.fixture
def notice(theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Notice:
    monkeypatch.setattr(subject, "SHOWN_MS", 20)
    made = Notice()
    qtbot.addWidget(made)
    return made


def test_it_goes_by_itself_unless_it_is_to_be_read(notice: Notice, qtbot: QtBot) -> None:
    notice.say("Moved.")
    assert (notice.text(), notice.accessibleName()) == ("Moved.", "Moved.")
    qtbot.waitUntil(lambda: notice.text() == "")
    notice.say("Moved.")
    notice.say("The disk is full.", stay=True)
    with qtbot.assertNotEmitted(notice._timer.timeout, wait=60):
        pass
    assert notice.text() == "The disk is full."


def test_the_way_back_is_gone_once_and_the_notice_with_it(notice: Notice) -> None:
    done: list[str] = []
    notice.say("Removed 5.HK.", "Undo", lambda: done.append("undone"), stay=True)
    action = notice.findChild(QPushButton)
    assert not action.isHidden()
    action.click()
    action.click()
    assert (done, notice.text()) == (["undone"], "")


def test_another_sentence_takes_the_old_way_back_away(notice: Notice) -> None:
    done: list[str] = []
    notice.say("Removed 5.HK.", "Undo", lambda: done.append("undone"), stay=True)
    notice.say("Saved.", stay=True)
    action = notice.findChild(QPushButton)
    assert action.isHidden()
    action.click()
    assert done == []


def test_it_can_be_dismissed(notice: Notice) -> None:
    notice.say("Saved.", stay=True)
    notice.findChild(QToolButton).click()
    assert notice.text() == ""
