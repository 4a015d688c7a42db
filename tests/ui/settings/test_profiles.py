"""The dialog of the profiles."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Code, Reason
from capflow_gui.ui.ports import ProfileFacts
from capflow_gui.ui.settings.profiles import ProfilesDialog
from capflow_gui.ui.theme import Theme
from tests.ui.window_fixture import start_now


class Shelf:
    def __init__(self) -> None:
        self.known = [
            ProfileFacts("", "", here=True, is_open=True),
            ProfileFacts("p-open", "Floor", is_open=True),
            ProfileFacts("p-desk", "Desk 2", symbols=12, size=5_000_000),
        ]
        self.done: list[tuple[object, ...]] = []

    async def all(self) -> list[ProfileFacts]:
        return list(self.known)

    async def create(self, name: str, *, copied: bool) -> ProfileFacts:
        if name == "Floor":
            raise InvalidInput(name, Reason.of(Code.PROFILE_NAME_TAKEN))
        self.done.append(("create", name, copied))
        self.known.append(ProfileFacts("p-new", name))
        return self.known[-1]

    async def rename(self, profile: str, name: str) -> ProfileFacts:
        self.done.append(("rename", profile, name))
        self.known = [replace(each, name=name) if each.id == profile else each for each in self.known]
        return self.known[0]

    async def delete(self, profile: str) -> None:
        self.done.append(("delete", profile))
        self.known = [each for each in self.known if each.id != profile]

    async def open(self, profile: str) -> None:
        self.done.append(("open", profile))


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def dialog(shelf: Shelf, theme: Theme, qtbot: QtBot) -> ProfilesDialog:
    made = ProfilesDialog(shelf, start_now, theme)
    qtbot.addWidget(made)
    made.show()
    return made


def able(dialog: ProfilesDialog) -> list[bool]:
    buttons = dialog.open_button, dialog.rename_button, dialog.delete_button
    return [button.isEnabled() for button in buttons]


def test_this_windows_profile_can_be_renamed_alone(dialog: ProfilesDialog) -> None:
    lines = [dialog.list.item(place).text() for place in range(dialog.list.count())]
    assert lines == ["Main profile (this window)", "Floor (open)", "Desk 2"]
    assert able(dialog) == [False, True, False]
    dialog.list.setCurrentRow(1)
    assert able(dialog) == [True, True, False]
    dialog.list.setCurrentRow(2)
    assert able(dialog) == [True, True, True]


def test_a_profile_is_made_by_keyboard(dialog: ProfilesDialog, shelf: Shelf) -> None:
    dialog.new_button.click()
    assert dialog.name.isVisible()
    QTest.keyClicks(dialog.name, "Floor")
    QTest.keyClick(dialog.name, Qt.Key.Key_Return)
    assert "another profile is called so" in dialog.said.text().lower()
    assert dialog.name.text() == "Floor"
    dialog.name.setText("Night")
    dialog.copy.setChecked(True)
    QTest.keyClick(dialog.name, Qt.Key.Key_Return)
    assert shelf.done == [("create", "Night", True)]
    assert dialog.list.currentItem().text() == "Night"
    assert not dialog.question.isVisible()


def test_nothing_is_deleted_before_what_goes_was_said(dialog: ProfilesDialog, shelf: Shelf) -> None:
    dialog.list.setCurrentRow(2)
    dialog.delete_button.click()
    assert "a list of 12 symbols" in dialog.said.text()
    assert not dialog.name.isVisible()
    dialog.cancel.click()
    assert not dialog.question.isVisible()
    assert shelf.done == []
    dialog.delete_button.click()
    dialog.ok.click()
    assert shelf.done == [("delete", "p-desk")]
    assert dialog.said.text() == "“Desk 2” was deleted."
    assert len(dialog.profiles()) == 2


def test_a_profile_is_renamed_and_opened(dialog: ProfilesDialog, shelf: Shelf) -> None:
    dialog.rename_button.click()
    dialog.name.setText("Ann")
    dialog.ok.click()
    assert dialog.list.item(0).text() == "Ann (this window)"
    dialog.list.setCurrentRow(2)
    dialog.open_button.click()
    assert shelf.done == [("rename", "", "Ann"), ("open", "p-desk")]
    assert dialog.said.text() == "“Desk 2” opens in a window of its own."
