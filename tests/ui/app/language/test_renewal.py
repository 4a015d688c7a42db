"""Another language makes the window anew: what was shown, docked, torn off and played is there again."""

from __future__ import annotations

import asyncio
import gc
import json
import weakref
from collections.abc import Iterator
from datetime import date
from functools import partial

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.app.language.renewal import Renewal, WhatIsShown
from capflow_gui.settings import Appearance, Settings, WindowSettings
from capflow_gui.ui.theme import Role, Theme, build_theme
from capflow_gui.ui.window.frame import Frame
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.recorded_days import TENCENT, HandDays, minute_by_minute, recorded
from tests.ui.window_fixture import Answers, arranged, open_window, shut

DAY = date(2026, 11, 19)


def test_a_new_window_plays_on_beside_the_windows_and_docks_of_the_old_one(
    board: HandBoard, theme: Theme, qtbot: QtBot
) -> None:
    answers = Answers(recorded=HandDays.of([minute_by_minute(recorded(TENCENT, DAY, -120e6))]))
    old = open_window(board, Settings(), answers)
    old.setGeometry(4, 30, 790, 740)
    old.go_to(TENCENT)
    old.views.torn.open({"kind": "chart", "symbol": "700.HK", "geometry": ""})
    old.views.docks.open({"kind": "tape"})
    old.panels.open_budget()
    play(old)
    old.playback.seek(old.playback.span[0] + 600)
    settle(old, qtbot)
    layout, shown = json.loads(json.dumps(old.state())), WhatIsShown.taken_from(old)
    high = old.views.docks.open_ones[0].height()
    shut(old)
    new = open_window(board, Settings(window=shown.window), answers, size=(790, 740))
    new.places.restore_beside(shown.window)
    arranged(new)
    new.playback.slice_s = float("inf")
    assert [*shown.bring_back(new)] == [None]
    settle(new, qtbot)
    (torn,), (dock,) = new.views.torn.open_ones, new.views.docks.open_ones
    assert new.playback.now == shown.played_to
    assert new.state() == layout
    assert dock.height() == high
    assert new.panels.budget().isVisible()
    assert torn.windowTitle() == "700.HK Tencent Holdings – PLAYBACK – Capflow"
    assert "Playback 09:40" in torn.content._slot.head.accessibleDescription()
    assert dock.view.kind == "tape"
    shut(new)


def settle(window: MainWindow, qtbot: QtBot) -> None:
    """Until the chart is there, and the parts of a low window have their places: that takes some turns."""
    qtbot.waitUntil(lambda: window.chart.chart is not None)
    for _turn in range(8):
        QApplication.processEvents()


def play(window: MainWindow) -> None:
    """A recorded session, paused at its start."""
    window.playback.slice_s = float("inf")
    window.chart.show_date(DAY)
    window.chart.play_or_pause()
    window.playback.pause()


class Desk:
    """One window, made anew as the session does it; `done` says what happened."""

    def __init__(self, board: HandBoard, theme: Theme) -> None:
        self._board = board
        self.app = QApplication.instance()
        assert isinstance(self.app, QApplication)
        self.frame = Frame("", theme, simulated=False)
        self.windows: list[MainWindow] = []
        self.kept, self.look, self.done = WindowSettings(), Appearance(), list[str]()
        self.collects = False  # it would look through what other tests left: one test wants it
        self.renewal = Renewal(
            self.app,
            self.windows,
            self.frame,
            make=self.make,
            replace=self.replace,
            change=self.change,
            collect=self.collect,
        )
        self.frame.show()
        self.frame.hold(self.make_at_once(), self.app)

    async def make(self) -> MainWindow:
        return self.make_at_once()

    def make_at_once(self) -> MainWindow:
        beside = [each for each in self.app.topLevelWidgets() if each.isVisible() and each is not self.frame]
        self.done.append("made" if not beside else f"made beside {beside}")
        self.windows.append(open_window(self._board, Settings(window=self.kept, appearance=self.look), show=False))
        return self.windows[-1]

    def replace(self, old: MainWindow, new: MainWindow) -> Iterator[None]:
        self.done.append("keys" if self.frame.isEnabled() else "no keys")
        shut(old)
        self.windows.remove(old)
        yield from self.frame.take(new, self.app)

    def change(self, *, window: WindowSettings) -> None:
        self.kept = window

    def collect(self) -> None:
        if self.collects:
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # as the loop of the program does by now
            gc.collect()

    async def settle(self) -> None:
        ended = asyncio.create_task(self.renewal.ended())
        while not ended.done():
            QApplication.processEvents()
            await asyncio.sleep(0)

    def close(self) -> None:
        shut(self.windows[0])
        self.frame.may_close()
        self.frame.close()
        self.frame.deleteLater()


async def test_windows_are_made_anew_in_turns_with_all_that_stood_beside_them(board: HandBoard, theme: Theme) -> None:
    desk = Desk(board, theme)
    (old,) = desk.windows
    old.views.torn.open({"kind": "chart", "symbol": "700.HK", "geometry": ""})
    old.views.docks.open({"kind": "tape"})
    old.panels.open_budget()
    desk.renewal.ask()
    desk.renewal.ask()  # before it began: made once
    await desk.settle()
    (new,) = desk.windows
    assert new is not old
    assert desk.done == ["made", "made", "no keys"]
    assert (len(new.views.torn.open_ones), len(new.views.docks.open_ones)) == (1, 1)
    assert new.panels.budget().isVisible()
    assert desk.frame.isEnabled()
    assert desk.frame.updatesEnabled()
    assert desk.app.styleSheet()
    desk.close()


async def test_nothing_is_left_of_a_window_that_was_left_out_of_collections(board: HandBoard, theme: Theme) -> None:
    desk = Desk(board, theme)
    desk.collects = True
    parts = [weakref.ref(part) for part in (desk.windows[0], desk.windows[0].detail, desk.windows[0].views)]
    gc.freeze()  # as the program does when the window is open
    desk.renewal.ask()
    await desk.settle()
    assert [part() is None for part in parts] == [True] * 3
    desk.close()


async def test_a_language_chosen_while_windows_are_made_makes_them_once_more(board: HandBoard, theme: Theme) -> None:
    desk = Desk(board, theme)
    desk.renewal.ask()
    while len(desk.done) < 2:
        await asyncio.sleep(0)
    desk.renewal.ask()
    await desk.settle()
    assert desk.done == ["made", "made", "no keys", "made", "no keys"]
    assert len(desk.windows) == 1
    desk.close()


async def test_a_window_that_cannot_be_made_leaves_the_old_one_as_it_was(
    board: HandBoard, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, faults = Desk(board, theme), list[object]()
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: faults.append(context["exception"]))

    def fail() -> MainWindow:
        raise LookupError("a fault")

    monkeypatch.setattr(desk.renewal, "_make", fail)
    sheet = desk.app.styleSheet()
    desk.renewal.ask()
    await desk.settle()
    await asyncio.sleep(0)
    assert [str(fault) for fault in faults] == ["a fault"]
    assert (desk.frame.isEnabled(), desk.frame.updatesEnabled(), desk.app.styleSheet()) == (True, True, sheet)
    desk.close()


async def test_a_sheet_that_is_being_made_is_not_opened_while_windows_are_made(board: HandBoard, theme: Theme) -> None:
    desk = Desk(board, theme)
    (old,) = desk.windows
    old.dialogs.open_keys()
    desk.renewal.ask()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not old.dialogs.making
    assert QWidget.keyboardGrabber() is None
    await desk.settle()
    assert "made" in desk.done[-2]
    assert all(each.dialogs.current is None for each in desk.windows)
    desk.close()


async def test_a_theme_that_is_being_put_on_is_worn_before_windows_are_made(
    board: HandBoard, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, light, dressing = Desk(board, theme), build_theme("light"), list[bool]()
    (old,) = desk.windows

    def make() -> MainWindow:
        dressing.append(desk.frame.dressing)
        return desk.make()

    monkeypatch.setattr(desk.renewal, "_make", make)
    desk.frame.dress(desk.app, light, partial(list, [old]))
    QApplication.processEvents()
    desk.renewal.ask()
    await desk.settle()
    assert dressing == [False]
    assert desk.app.styleSheet()
    desk.close()


async def test_a_font_size_chosen_with_the_language_is_that_of_every_button(board: HandBoard, theme: Theme) -> None:
    desk = Desk(board, theme)
    desk.windows[0].settings = Settings(appearance=Appearance(font_scale=2.0))
    desk.look = desk.windows[0].settings.appearance
    desk.renewal.ask()
    await desk.settle()
    sizes = {each.font().pointSizeF() for each in desk.windows[0].detail.findChildren(QPushButton)}
    assert sizes == {build_theme(font_scale=2.0).font(Role.CELL).pointSizeF()}
    desk.close()


async def test_a_theme_wanted_while_windows_are_made_is_put_on_the_new_ones(board: HandBoard, theme: Theme) -> None:
    desk, light = Desk(board, theme), build_theme("light")
    (old,) = desk.windows
    desk.renewal.ask()
    while len(desk.done) < 2:
        await asyncio.sleep(0)
    desk.frame.dress(desk.app, light, lambda: desk.windows)
    assert not desk.frame.dressing
    await desk.settle()
    while desk.frame.dressing:
        QApplication.processEvents()
    (new,) = desk.windows
    assert new is not old
    assert new.theme is light
    assert light.bg.name() in desk.app.styleSheet()
    desk.close()


def test_a_tour_that_is_offered_or_shown_is_so_in_the_new_window(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    told: list[str] = []
    old = open_window(HandBoard.of())
    old.guide.lead(old.bridge.ticked, old.start_tour, lambda: told.append("told"))
    shown = WhatIsShown.taken_from(old)
    shut(old)
    new = open_window(board)
    assert [*shown.bring_back(new)] == []
    assert new.guide.tour is None, "the keyboard is taken from nobody"
    new.bridge.ticked.emit()
    assert new.notice.text().startswith("New here?")
    assert told == []
    new.start_tour()
    new.notice.dismiss()
    new.bridge.ticked.emit()
    assert (told, new.guide.told) == (["told"], None)
    shown = WhatIsShown.taken_from(new)
    shut(new)
    last = open_window(board)
    assert [*shown.bring_back(last)] == [None]
    assert last.guide.tour is not None
    shut(last)
