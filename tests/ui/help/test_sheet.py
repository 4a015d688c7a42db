"""The sheet of keys is made from actions and can be searched."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from capflow_gui.ui.help.sheet import HelpSheet
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.keys import Action, ActionScope


def nothing() -> None:
    """What these actions do."""


ACTIONS = [
    *(Action(nothing, "", (f"Ctrl+{n}",), what="Shows a tab.", scope=ActionScope.GROUPS) for n in range(1, 10)),
    Action(nothing, "Quit", ("Ctrl+Q",), what="Ends it all.", words="exit"),
    Action(nothing, "Zoom in", ("+",), what="Shows less, wider.", scope=ActionScope.IN_CHART),
    Action(nothing, "Import rules…", what="Reads rules.", scope=ActionScope.RULES),
    Action(nothing, "Filter the list", ("/", "Ctrl+F"), what="Shows some rows.", scope=ActionScope.LIST),
]


@pytest.fixture
def sheet(theme: Theme, qtbot: QtBot) -> HelpSheet:
    sheet = HelpSheet(ACTIONS, theme)
    made(sheet)
    qtbot.addWidget(sheet)
    sheet.show()
    return sheet


def made(sheet: HelpSheet) -> None:
    assert [*sheet.make()] == [None] * (1 + len(sheet.groups))


def searched(sheet: HelpSheet, typed: str) -> None:
    QTest.keyClicks(sheet.search, typed)
    while sheet.searching:
        QApplication.processEvents()


def shown(sheet: HelpSheet) -> list[str]:
    return [label.text() for group in sheet.groups for label in group.findChildren(QLabel) if label.isVisible()]


def test_keys_stand_beside_their_actions_under_what_they_belong_to(sheet: HelpSheet) -> None:
    assert shown(sheet) == [
        *("List", "/  Ctrl+F", "Filter the list"),
        *("Groups", "Ctrl+1…9", "Shows a tab."),
        *("In the chart", "+", "Zoom in"),
        *("Window", "Ctrl+Q", "Quit"),
    ]
    labels = {label.text(): label for label in sheet.findChildren(QLabel)}
    assert labels["Ctrl+Q"].x() < labels["Quit"].x()
    assert abs(labels["Ctrl+Q"].y() - labels["Quit"].y()) < 6


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("exit", ["Window", "Ctrl+Q", "Quit"]),
        ("ctrl+f", ["List", "/  Ctrl+F", "Filter the list"]),
        ("wider", ["In the chart", "+", "Zoom in"]),
        ("import", ["Rules", "", "Import rules"]),
        ("nothing like it", []),
    ],
)
def test_typing_finds_names_words_keys_and_what_has_no_key(sheet: HelpSheet, typed: str, found: list[str]) -> None:
    searched(sheet, typed)
    assert shown(sheet) == found
    assert sheet.nothing.isVisible() == (not found)


def test_what_is_found_is_gathered_at_the_top_left(sheet: HelpSheet) -> None:
    places = []
    for typed in ("", "quit", ""):
        sheet.search.clear()
        searched(sheet, typed)
        QApplication.processEvents()
        seen = [each for each in sheet.groups if each.isVisible()]
        column = {each: place for place, side in enumerate(sheet._columns) for each in seen if side.indexOf(each) >= 0}
        places.append([(column[each], each.y()) for each in seen])
    whole, found, again = places
    assert len({place for place, _y in whole}) > 1
    assert found == [min(whole)]
    assert again == whole


def test_what_is_found_is_shown_a_scope_a_turn_and_by_the_last_letter(theme: Theme, qtbot: QtBot) -> None:
    sheet = HelpSheet(ACTIONS, theme)
    made(sheet)
    sheet.show()
    before = shown(sheet)
    QTest.keyClicks(sheet.search, "exi")
    assert (sheet.searching, shown(sheet)) == (True, before)
    QApplication.processEvents()
    assert sheet.searching
    searched(sheet, "t")
    assert shown(sheet) == ["Window", "Ctrl+Q", "Quit"]
    sheet.search.clear()
    sheet.close()  # what is left of the search ends with it
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()
    assert not isValid(sheet)


def test_esc_empties_the_search_and_then_closes(theme: Theme, qtbot: QtBot) -> None:
    sheet = HelpSheet(ACTIONS, theme)
    made(sheet)
    sheet.show()
    closed: list[int] = []
    sheet.finished.connect(closed.append)
    QTest.keyClicks(sheet.search, "quit")
    QTest.keyClick(sheet.search, Qt.Key.Key_Escape)
    assert (closed, sheet.search.text()) == ([], "")
    QTest.keyClick(sheet.search, Qt.Key.Key_Escape)
    assert closed == [0]


def test_what_is_typed_while_it_is_made_is_searched(theme: Theme, qtbot: QtBot) -> None:
    other = QLineEdit()
    sheet = HelpSheet([*ACTIONS, *(Action(nothing, f"Do {n}", (f"Ctrl+{n}",), what=f"{n}") for n in range(90))], theme)
    for widget in (other, sheet):
        qtbot.addWidget(widget)
    other.show()
    other.setFocus()
    steps = sheet.make()
    next(steps)
    QTest.keyClicks(QWidget.keyboardGrabber(), "exit")
    QTest.keyClick(QWidget.keyboardGrabber(), Qt.Key.Key_Escape)
    assert sum(1 for _step in steps) > 1
    assert QWidget.keyboardGrabber() is None
    sheet.show()
    assert shown(sheet) == ["Window", "Ctrl+Q", "Quit"]
    assert other.text() == ""
