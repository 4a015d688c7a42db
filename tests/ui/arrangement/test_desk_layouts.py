"""Layouts bring the desk back exactly, and what was there before them can be brought back too."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from weakref import ref

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.domain.arrangement.layouts import Arrangement, Layout, Layouts
from capflow_gui.domain.arrangement.screens import Rect, Screen, Screens
from capflow_gui.domain.flow import Period
from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code, Reason
from capflow_gui.ui.arrangement.desk_layouts import DeskLayouts
from capflow_gui.ui.models.columns import SortOrder
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.main_window import MainWindow
from capflow_gui.ui.window.place import place_of, screens
from tests.ui.boards import HandBoard
from tests.ui.window_fixture import Answers, HeldLayouts, arranged, open_window, shut

SAVED = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)


@pytest.fixture
def kept() -> HeldLayouts:
    return HeldLayouts()


@pytest.fixture
def window(board: HandBoard, theme: Theme, qtbot: QtBot, kept: HeldLayouts) -> Iterator[MainWindow]:
    window = open_window(board, answers=Answers(layouts=kept), size=(780, 700))
    window.layouts.begin()
    yield window
    shut(window)


def picture(window: MainWindow) -> Any:
    window._tick()
    QApplication.processEvents()
    return window.grab().toImage()


def arrange(window: MainWindow) -> None:
    window.setGeometry(4, 30, 790, 740)
    window.views.central.outer.setSizes([380, 410])
    window.watchlist.sort(SortOrder.parse("net:desc"))
    window.detail.focus_tape()
    window.views.torn.open({"kind": "chart", "symbol": "3690.HK"})
    window.views.torn.open_ones[0].setGeometry(40, 60, 400, 300)
    window.watchlist.setFocus()
    QApplication.processEvents()


def change_all(window: MainWindow) -> None:
    window.views.torn.close()
    window.setGeometry(20, 50, 700, 600)
    window.views.central.outer.setSizes([500, 200])
    window.watchlist.sort(SortOrder.parse("symbol:asc"))
    window.watchlist.table.set_dense(True)
    window.choose_period(Period.WEEK)
    window.detail.focus_alerts()
    window.views.show(4)
    window.views.torn.open({"kind": "tape"})
    window.panels.open_budget()
    QApplication.processEvents()


def test_a_layout_brings_back_the_desk_exactly_and_so_does_undo(window: MainWindow, kept: HeldLayouts) -> None:
    arrange(window)
    window.layouts.save_as("Morning")
    window.notice.dismiss()
    saved, seen = window.state(), picture(window)
    assert (kept.layouts.used, window.layouts.words()) == ("Morning", "layout: Morning")
    change_all(window)
    changed = window.state()
    assert changed != saved
    window.layouts.tick()
    assert window.layouts.words() == "layout: Morning, changed"
    window.layouts.switch("Morning")
    arranged(window)
    window.watchlist.setFocus()
    window.notice.dismiss()
    assert picture(window) == seen
    assert {name for name in saved if window.state()[name] != saved[name]} <= {"panels", "grid"}
    assert not window.panels.budget().isVisible()
    window.layouts.tick()
    assert window.layouts.words() == "layout: Morning"
    window.layouts.undo_switch()
    arranged(window)
    now = window.state()
    assert {name for name in changed if now[name] != changed[name]} <= {"grid", "panels", "splitter"}
    assert window.views.view == 4
    assert window.panels.budget().isVisible()
    window.layouts.undo_switch()
    assert arranged(window).views.view == 1
    assert kept.layouts.used == "Morning"


def test_saving_over_a_layout_can_be_taken_back(window: MainWindow, kept: HeldLayouts) -> None:
    window.layouts.save_as("Morning")
    (before,) = kept.layouts.layouts
    window.detail.focus_tape()
    window.layouts.save()
    (after,) = kept.layouts.layouts
    assert (before.newest.desk["below"], after.newest.desk["below"]) == ("alerts", "tape")
    assert window.notice.text() == "Saved “Morning” for these screens."
    window.notice._act()
    assert kept.layouts.layouts == (before,)
    assert window.layouts.words() == "layout: Morning, changed"


def test_a_built_in_layout_is_saved_under_another_name(window: MainWindow, kept: HeldLayouts) -> None:
    window.layouts.switch("Chart wall")
    assert arranged(window).views.view == 9
    window.layouts.save()
    sheet: Any = window.dialogs.current
    sheet.name.setText("standard")
    assert not sheet.ok.isEnabled()
    assert "built in" in sheet.said.text()
    sheet.name.setText(" My  wall ")
    sheet.ok.click()
    assert [each.name for each in kept.layouts.layouts] == ["My wall"]
    assert kept.layouts.layouts[0].newest.screens == screens()


def test_the_default_layout_closes_what_stands_beside_the_window_and_leaves_that_in_its_place(
    window: MainWindow,
) -> None:
    first = window.state()
    change_all(window)
    window.layouts.switch("Standard")
    arranged(window)
    now = window.state()
    assert (now["torn"], now["period"], now["dense"]) == ([], "intraday", False)
    assert now["sort"] == first["sort"]
    assert place_of(window).rect[2:] == (700, 600)
    window.layouts.switch("List only")
    arranged(window)
    assert window.views.central.outer.sizes()[1] == 0
    window.layouts.switch("Standard")
    arranged(window)
    assert window.views.central.outer.sizes()[1] > 0
    assert window.views.view == 1


def test_at_the_start_the_layout_asked_for_is_used_else_the_one_to_start_with(
    window: MainWindow, kept: HeldLayouts
) -> None:
    window.layouts.save_as("Morning")
    window.layouts.switch("Standard")
    kept.layouts = kept.layouts.start_with("Morning")
    window.layouts.begin("chart wall")
    assert (window.layouts.name, arranged(window).views.view) == ("Chart wall", 9)
    window.layouts.begin()
    assert (window.layouts.name, arranged(window).views.view) == ("Morning", 1)
    window.layouts.begin("gone")
    assert "there is no such layout" in window.notice.text()
    assert window.layouts.name == "Morning"


def test_a_window_made_again_is_not_arranged_and_keeps_the_layouts_name(window: MainWindow, kept: HeldLayouts) -> None:
    window.layouts.save_as("Morning")
    kept.layouts = kept.layouts.start_with("Morning")
    window.views.show(4)
    window.layouts.begin(anew=False)
    assert window.views.view == 4
    window.layouts.tick()
    assert window.layouts.words() == "layout: Morning, changed"


def test_what_cannot_be_read_or_saved_is_said(window: MainWindow, kept: HeldLayouts) -> None:
    kept.problems = [Reason.of(Code.LAYOUTS_NEWER, name="layouts.json")]
    window.layouts.begin()
    assert "layouts.json was written by a newer Capflow" in window.notice.text()
    kept.error = SettingsError("layouts.json", Reason.of(Code.LAYOUTS_BUSY))
    window.layouts.save_as("Morning")
    assert "another Capflow is saving layouts" in window.notice.text()
    assert window.layouts.name == ""


class Screening:
    """Screens by hand, and layouts that follow them."""

    def __init__(self, window: MainWindow) -> None:
        self.now: Screens = screens()
        (self.laptop,) = self.now
        whole = Rect(self.laptop.whole.width, 0, 1600, 1000)
        self.right = Screen("DP-1", whole, whole, 2.0)
        self.layouts: DeskLayouts = window.layouts
        self.layouts.watch._read = lambda: self.now

    def become(self, *now: Screen) -> None:
        self.now = now
        self.layouts.watch.look()
        QApplication.processEvents()


def test_windows_are_rescued_from_a_screen_that_goes_and_return_to_it_unless_they_were_moved(
    window: MainWindow,
) -> None:
    QApplication.processEvents()
    window.setGeometry(4, 30, 640, 500)
    window.layouts.tick()
    screening = Screening(window)
    screening.become(screening.laptop, screening.right)
    chart = window.views.torn.open({"kind": "chart", "symbol": "3690.HK"})
    tape = window.views.torn.open({"kind": "tape"})
    assert chart is not None
    assert tape is not None
    edge = screening.laptop.whole.width
    chart.setGeometry(edge + 900, 100, 400, 300)
    tape.setGeometry(edge + 100, 500, 400, 300)
    QApplication.processEvents()
    window.layouts.tick()
    homes = place_of(chart), place_of(tape), place_of(window)
    screening.become(screening.laptop)
    room = screening.laptop.room
    assert all(room.holds(place_of(each).rect) for each in (chart, tape))
    assert place_of(chart).rect[2:] == homes[0].rect[2:]
    assert place_of(window) == homes[2]
    window.layouts.tick()
    tape.move(7, 40)
    window.layouts.tick()
    screening.become(screening.laptop, screening.right)
    assert place_of(chart).rect == homes[0].rect
    assert (place_of(tape).rect.x, place_of(tape).rect.y) == (7, 40)


def test_a_window_that_was_closed_since_the_last_second_is_moved_and_kept_by_nobody(window: MainWindow) -> None:
    screening = Screening(window)
    torn = window.views.torn.open({"kind": "chart"})
    assert torn is not None
    window.layouts.tick()
    torn.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    screening.become(screening.laptop, screening.right)
    closed = ref(torn)
    del torn
    gc.collect()
    assert closed() is None


def test_other_screens_bring_the_arrangement_made_for_them(window: MainWindow, kept: HeldLayouts) -> None:
    screening = Screening(window)
    window.layouts.save_as("Morning")
    screening.become(screening.laptop, screening.right)
    window.views.show(4)
    window.layouts.save()
    assert len(kept.layouts.layouts[0].arrangements) == 2
    screening.become(screening.laptop)
    assert arranged(window).views.view == 1
    assert window.notice.text() == "Other screens: layout “Morning” as it was saved for them."
    screening.become(screening.laptop, screening.right)
    assert arranged(window).views.view == 4
    window.layouts.undo_switch()
    assert arranged(window).views.view == 1
    assert kept.layouts.screens == (screening.laptop, screening.right)
    screening.become(screening.laptop)
    assert window.notice.text().startswith("Other screens")
    screening.become(screening.right)
    assert not window.notice.text()


def test_a_layout_made_for_screens_that_are_gone_is_brought_onto_those_there_are(
    window: MainWindow, kept: HeldLayouts
) -> None:
    screening = Screening(window)
    desk = window.state() | {
        "geometry": f"{screening.right.whole.x + 900} 400 640 500 normal DP-1",
        "torn": [{"kind": "tape", "geometry": "9000 9000 400 300 normal gone"}],
    }
    made = Arrangement((screening.laptop, screening.right), SAVED, desk)
    kept.layouts = Layouts((Layout("Desk", (made,)),))
    window.layouts.begin("Desk")
    arranged(window)
    room = screening.laptop.room
    windows: list[QWidget] = [window, *window.views.torn.open_ones]
    assert len(windows) == 2
    assert all(room.holds(place_of(each).rect) for each in windows)
    window.layouts.tick()
    assert window.layouts.words() == "layout: Desk"


def test_screens_that_changed_while_the_program_was_closed_bring_their_arrangement(
    window: MainWindow, kept: HeldLayouts
) -> None:
    here = Arrangement(screens(), SAVED, window.state() | {"below": "tape"})
    elsewhere = (Screen("DP-9", Rect(0, 0, 3000, 2000), Rect(0, 0, 3000, 2000)),)
    kept.layouts = Layouts((Layout("Desk", (here,)),), used="Desk", screens=elsewhere)
    window.layouts.begin()
    assert (window.layouts.name, window.state()["below"]) == ("Desk", "tape")
    assert kept.layouts.screens == screens()


def test_screens_without_an_arrangement_leave_the_desk_as_it_was_left(window: MainWindow, kept: HeldLayouts) -> None:
    elsewhere = (Screen("DP-9", Rect(0, 0, 3000, 2000), Rect(0, 0, 3000, 2000)),)
    there = Arrangement(elsewhere, SAVED, window.state() | {"below": "tape"})
    kept.layouts = Layouts((Layout("Desk", (there,)),), used="Desk", screens=elsewhere)
    before = window.state()["below"]
    window.layouts.begin()
    assert (window.layouts.name, window.state()["below"], window.notice.text()) == ("Desk", before, "")
    assert kept.layouts.screens == screens()


def test_what_layouts_do_is_found_by_name_and_key(window: MainWindow) -> None:
    actions = {action.name: action for action in window.layouts.actions() if action.name}
    assert [name for name, _on, _run in actions["Layout"].choices] == ["Standard", "Chart wall", "List only"]
    assert actions["Undo the last change of layout"].why_not == "No layout was chosen yet."
    window.layouts.save_as("Morning")
    commands = {command.name: command for command in window.keys.commands()}
    commands["Layout: Chart wall"].run()
    assert arranged(window).views.view == 9
    by_key = [action for action in window.layouts.actions() if not action.name]
    assert [action.key for action in by_key] == [f"Ctrl+⇧{place}" for place in range(1, 10)]
    by_key[0].run()
    assert window.layouts.name == "Morning"
    by_key[8].run()
    assert window.layouts.name == "Morning"
    commands["Undo the last change of layout"].run()
    assert window.layouts.name == "Chart wall"
    commands["Back to the default layout"].run()
    assert window.layouts.name == "Standard"


def test_a_window_without_a_place_for_layouts_offers_none(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    window = open_window(board, size=(780, 700))
    window.layouts.begin()
    window.layouts.tick()
    assert (window.layouts.actions(), window.layouts.words()) == ([], "")
    shut(window)
