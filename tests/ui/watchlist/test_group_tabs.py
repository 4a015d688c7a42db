from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from capflow_gui.domain.lists.groups import Group, Groups
from capflow_gui.domain.symbol import Symbol
from capflow_gui.ui.theme import Theme, build_theme
from capflow_gui.ui.watchlist.group_tabs import GroupTab, GroupTabs, members_of

SYMBOLS = tuple(map(Symbol.parse, ("700.HK", "AAPL.US", "600519.SH", "5.HK", "300750.SZ")))
TENCENT, APPLE, MOUTAI, HSBC, CATL = SYMBOLS
GROUPS = Groups((Group("Core", (TENCENT, APPLE), "violet"), Group("Banks", (HSBC,)), Group("Empty")))


@pytest.fixture
def tabs(theme: Theme, qtbot: QtBot) -> GroupTabs:
    made = GroupTabs(theme)
    qtbot.addWidget(made)
    made.resize(900, 40)
    made.show_lists(members_of(GROUPS, SYMBOLS), GROUPS, [APPLE, CATL, CATL])
    made.show()
    QApplication.processEvents()
    return made


def test_all_comes_first_then_the_own_groups_then_a_tab_a_market() -> None:
    found = members_of(GROUPS, SYMBOLS)
    assert list(found) == ["", "@Core", "@Banks", "@Empty", "HK", "US", "CN"]
    assert (found[""], list(found["CN"]), found["@Empty"]) == (SYMBOLS, [MOUTAI, CATL], ())
    assert list(members_of(Groups(), (TENCENT, HSBC))) == [""]


def test_counts_and_alerts_that_wait_are_seen_and_heard(tabs: GroupTabs) -> None:
    names = [tabs.tab(key).accessibleName() for key in tabs.all_keys()]
    assert names == [
        "All, 5, 3 alerts waiting",
        "Core, 2, 1 alert waiting",
        "Banks, 1",
        "Empty, 0",
        "HK, 2",
        "US, 1, 1 alert waiting",
        "CN, 2, 2 alerts waiting",
    ]
    core = tabs.tab("@Core")
    wide, marked = core.sizeHint().width(), core.grab().toImage()
    core.set_marks(0, "violet")
    quiet = core.sizeHint().width()
    core.set_marks(0, "")
    assert wide > quiet > core.sizeHint().width()
    assert core.grab().toImage() != marked


def test_what_has_no_room_is_in_a_menu_with_its_alerts_and_the_chosen_one_is_seen(tabs: GroupTabs) -> None:
    assert (tabs.hidden_keys(), tabs.more.isVisible()) == ([], False)
    tabs.resize(300, 40)
    hidden = tabs.hidden_keys()
    assert hidden[-1] == "CN"
    assert tabs.tab("").isVisible()
    assert tabs.more.accessibleName().endswith("alerts waiting")
    QTest.mouseClick(tabs.more, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert len(menu.actions()) == len(hidden)
    menu.actions()[-1].trigger()
    assert (tabs.current(), tabs.tab("CN").isVisible()) == ("CN", True)
    menu.close()
    tabs.resize(tabs.sizeHint())
    assert tabs.hidden_keys() == []
    tabs.set_theme(build_theme("dark", "green_up", 2.0))
    assert tabs.hidden_keys() != []


def test_a_tab_is_dragged_to_another_place_among_the_groups(tabs: GroupTabs) -> None:
    moved: list[tuple[object, int]] = []
    tabs.moved.connect(lambda key, place: moved.append((key, place)))
    core = tabs.tab("@Core")

    def drag(to: str, beyond: int) -> None:
        target = core.mapFromGlobal(tabs.tab(to).mapToGlobal(tabs.tab(to).rect().center())) + QPoint(beyond, 0)
        QTest.mousePress(core, Qt.MouseButton.LeftButton, pos=QPoint(8, 20))
        for point in (QPoint(30, 20), target):
            QTest.mouseMove(core, point)
        assert tabs._line is not None
        tabs.grab()
        QTest.mouseRelease(core, Qt.MouseButton.LeftButton, pos=target)

    drag("@Banks", 4)
    drag("@Empty", 4)
    drag("", 0)
    assert moved == [("@Core", 1), ("@Core", 2), ("@Core", 0)]
    QTest.mouseClick(core, Qt.MouseButton.LeftButton)
    assert len(moved) == 3


def test_only_groups_take_what_is_carried_over_them(tabs: GroupTabs) -> None:
    def at(key: str) -> QPoint:
        return tabs.tab(key).mapToGlobal(tabs.tab(key).rect().center())

    banks = tabs.tab("@Banks")
    assert isinstance(banks, GroupTab)
    assert (tabs.hover(at("@Banks")), banks.drop) == ("@Banks", True)
    banks.grab()
    assert (tabs.hover(at("HK")), banks.drop, tabs.hover(None)) == (None, False, None)


def test_a_group_that_is_called_otherwise_stays_the_one_that_is_shown(tabs: GroupTabs) -> None:
    tabs.choose("@Banks")
    renamed = Groups((GROUPS.order[0], Group("Finance", (HSBC,)), GROUPS.order[2]))
    tabs.show_lists(members_of(renamed, SYMBOLS), renamed, [])
    assert tabs.current() == "@Finance"
    fewer = Groups(GROUPS.order[:1])
    tabs.show_lists(members_of(fewer, SYMBOLS), fewer, [])
    assert tabs.current() == ""


def test_a_name_is_typed_in_the_place_of_the_tab(tabs: GroupTabs, qtbot: QtBot) -> None:
    named: list[tuple[object, str]] = []
    tabs.named.connect(lambda key, text: named.append((key, text)))
    tabs.begin_rename("HK")
    assert tabs.box.isHidden()
    tabs.begin_rename("@Banks")
    tab = tabs.tab("@Banks").geometry()
    assert tabs.box.geometry().contains(tab.center())
    QTest.keyClick(tabs.box, Qt.Key.Key_Return)
    tabs.begin_new()
    assert tabs.rect().contains(tabs.box.geometry())
    QTest.keyClick(tabs.box, Qt.Key.Key_Return)
    assert named == [("@Banks", "Banks"), (None, "")]
    QTest.keyClick(tabs.box, Qt.Key.Key_Escape)
    assert tabs.box.isHidden()
