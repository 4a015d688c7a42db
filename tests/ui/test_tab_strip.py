from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.ui.tab_strip import PAD, Tab, TabStrip
from capflow_gui.ui.theme import Theme, build_theme


@pytest.fixture
def strip(theme: Theme, qtbot: QtBot) -> TabStrip:
    made = TabStrip(theme)
    qtbot.addWidget(made)
    made.set_tabs([("a", "First"), ("b", "Second")])
    made.show()
    return made


def test_a_click_chooses_one_and_says_which(strip: TabStrip) -> None:
    said: list[object] = []
    strip.chosen.connect(said.append)
    assert strip.current() == "a"
    QTest.mouseClick(strip.tab("b"), Qt.MouseButton.LeftButton)
    assert (strip.current(), said) == ("b", ["b"])
    assert not strip.tab("a").isChecked()
    strip.choose("a")
    strip.choose("nothing")
    assert (strip.current(), said) == ("a", ["b", "a"])


def test_other_tabs_keep_the_choice_where_it_is_still_there(strip: TabStrip) -> None:
    strip.choose("b")
    strip.set_tabs([("b", "Second"), ("c", "Third")])
    assert (strip.all_keys(), strip.current()) == (("b", "c"), "b")
    strip.set_tabs([("c", "Third")])
    assert strip.current() == "c"
    strip.set_tabs([])
    assert strip.current() is None
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_count_is_seen_and_heard(theme: Theme, qtbot: QtBot) -> None:
    tab = Tab("Alerts", theme)
    qtbot.addWidget(tab)
    bare = tab.sizeHint().width()
    tab.set_count(3)
    plain = tab.sizeHint().width()
    assert (tab.accessibleName(), plain > bare) == ("Alerts, 3", True)
    tab.resize(tab.sizeHint())
    quiet = tab.grab().toImage()
    tab.set_count(3, alarm=True)
    assert tab.sizeHint().width() > plain
    assert tab.grab().toImage() != quiet
    tab.set_count(None)
    assert (tab.accessibleName(), tab.sizeHint().width()) == ("Alerts", bare)


def test_larger_fonts_make_larger_tabs(strip: TabStrip) -> None:
    before = strip.tab("a").sizeHint()
    strip.set_theme(build_theme("dark", "green_up", 1.5))
    after = strip.tab("a").sizeHint()
    assert (after.width() > before.width(), after.height() > before.height()) == (True, True)


def test_the_focus_goes_with_the_choice(strip: TabStrip, qtbot: QtBot) -> None:
    strip.activateWindow()
    strip.tab("a").setFocus()
    qtbot.waitUntil(strip.tab("a").hasFocus)
    strip.choose("b")
    assert strip.tab("b").hasFocus()


def test_the_ring_of_the_keyboard_leaves_the_text_whole(strip: TabStrip, qtbot: QtBot) -> None:
    tab = strip.tab("a")
    strip.activateWindow()
    strip.tab("b").setFocus()
    qtbot.waitUntil(strip.tab("b").hasFocus)
    text = QRect(PAD - 2, 9, tab.width() - 2 * PAD + 4, tab.height() - 18)
    before = tab.grab().toImage()
    tab.setFocus()
    assert tab.grab().toImage() != before
    assert tab.grab().toImage().copy(text) == before.copy(text)


def test_of_a_very_long_name_the_beginning_is_shown_and_the_rest_is_told(strip: TabStrip, theme: Theme) -> None:
    name = "長" * 40
    strip.set_tabs([("a", "First"), ("long", name)])
    tab = strip.tab("long")
    tab.set_count(3)
    assert tab.shown_name().endswith("…")
    assert tab.sizeHint().width() < theme.px(220) + 60
    assert (tab.text(), tab.toolTip()) == (name, f"{name}, 3")
    assert (strip.tab("a").shown_name(), strip.tab("a").toolTip()) == ("First", "")
