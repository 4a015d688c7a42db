"""Views docked to the main window: opened, moved, let go, fed while they are seen, brought back."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTabBar
from pytestqt.qtbot import QtBot

from capflow_gui.domain.symbol import Symbol
from capflow_gui.settings import Settings
from capflow_gui.ui.docks.dock import Dock
from capflow_gui.ui.docks.drag import Outline, Target
from capflow_gui.ui.panels.panel import Panel
from capflow_gui.ui.theme import Theme, build_theme
from capflow_gui.ui.torn.window import TornWindow
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.window_fixture import TENCENT, arranged, open_window, shut
from tests.visual.measured_texts import faults

MEITUAN = Symbol.parse("3690.HK")


@pytest.fixture
def window(board: HandBoard, theme: Theme, qtbot: QtBot) -> Iterator[MainWindow]:
    opened = open_window(board)
    opened.go_to(TENCENT)
    yield opened
    shut(opened)


def choose(window: MainWindow, name: str, choice: str) -> None:
    """From the menu, as from the search box."""
    (run,) = [each.run for each in window.keys.commands() if each.name == f"{name}: {choice}"]
    run()
    QApplication.processEvents()


def docked(window: MainWindow, kind: str, **state: object) -> Dock:
    dock = window.views.docks.open({"kind": kind, **state})
    assert dock is not None
    QApplication.processEvents()
    return dock


def test_parts_are_docked_from_the_menu_and_moved_let_float_let_go_and_closed_from_it(window: MainWindow) -> None:
    assert not [each for each in window.keys.commands() if each.name.startswith("Docked")]
    choose(window, "Dock", "tape")
    choose(window, "Dock", "poll budget")
    tape, budget = window.views.docks.open_ones
    assert (tape.side, budget.side) == ("below", "right")
    assert window.panels.budget().parentWidget() is budget
    assert tape.title.height() == tape.title.minimumHeight()
    choose(window, "Docked: Tape", "At the left")
    assert tape.side == "left"
    assert tape.mapTo(window, tape.rect().topLeft()).x() == 0
    choose(window, "Docked: Tape", "Floating")
    assert tape.isFloating()
    choose(window, "Docked: Tape", "At the right")
    assert (tape.isFloating(), tape.side) == (False, "right")
    choose(window, "Docked: Tape", "In a window of its own")
    (torn,) = window.views.torn.open_ones
    assert torn.isWindow()
    assert torn.isVisible()
    assert torn.search.isVisible()
    (back,) = [each for each in torn.keys.commands() if each.name == "Dock: At the bottom"]
    back.run()
    assert window.views.torn.open_ones == []
    _budget, tape = window.views.docks.open_ones
    assert tape.side == "below"
    choose(window, "Docked: Poll budget", "Close")
    assert window.views.docks.open_ones == [tape]
    assert not window.panels.budget().isVisible()
    tape.title.close_button.click()
    assert window.views.docks.open_ones == []
    assert window.state()["docks"] == {}


@pytest.mark.parametrize("width", [1200, 1400, 1600])
def test_a_panel_has_its_room_also_where_the_centre_must_make_it_first(window: MainWindow, width: int) -> None:
    """At large text list and chart leave a side next to nothing, until the one stands below the other."""
    window.resize(width, 900)
    window.set_theme(build_theme("dark", "green_up", 1.5))
    QApplication.processEvents()
    dock = docked(window, "budget")
    QApplication.processEvents()
    assert window.views._area.dockWidgetArea(dock) == Qt.DockWidgetArea.RightDockWidgetArea
    panel = dock.widget()
    assert isinstance(panel, Panel)
    assert dock.width() >= panel.least_beside() > 1.5 * 200


def test_a_docked_chart_asks_for_its_symbol_while_it_can_be_seen(window: MainWindow, board: HandBoard) -> None:
    dock = docked(window, "chart", symbol="3690.HK")
    chart = dock.view
    assert isinstance(chart, TornWindow)
    assert chart.bridge.running
    tape = docked(window, "tape")
    window.views.docks.move(tape, "right")
    window.views.docks._area.tabifyDockWidget(dock, tape)
    tape.raise_()
    QApplication.processEvents()
    assert not chart.bridge.running
    dock.raise_()
    QApplication.processEvents()
    assert chart.bridge.running
    window.views.show(0)
    QApplication.processEvents()
    assert not chart.bridge.running
    window.views.show(1)
    QApplication.processEvents()
    assert chart.bridge.running
    window.showMinimized()
    QApplication.processEvents()
    assert not chart.bridge.running
    window.showNormal()
    QApplication.processEvents()
    assert chart.bridge.running
    (bar,) = [each for each in window.views.docks._area.findChildren(QTabBar) if each.isVisible()]
    assert bar.font() == window.theme.sized_font(10, 500)


def test_docks_come_back_as_they_were_and_another_layout_takes_them_away(window: MainWindow, board: HandBoard) -> None:
    window.setGeometry(4, 30, 790, 740)
    first = window.state()
    docked(window, "chart", symbol="3690.HK")
    docked(window, "log")
    window.views.docks.move(docked(window, "tape"), "left")
    QApplication.processEvents()
    layout = json.loads(json.dumps(window.state()))
    kept = window.kept_state()
    window.restore(layout)
    assert arranged(window).state() == layout
    window.restore(first)
    arranged(window)
    assert window.views.docks.open_ones == []
    assert not window.panels.log().isVisible()
    window.restore(layout)
    arranged(window)
    assert window.state() == layout
    again = open_window(board, Settings(window=kept), size=(790, 740))
    again.places.restore_beside(kept)
    assert again.state() == layout  # also while it is being opened: this may be the moment it is closed and saved
    arranged(again)
    assert again.state() == layout
    large = build_theme("light", "green_up", 2.0)
    again.set_theme(large)
    assert [dock.title.height() for dock in again.views.docks.open_ones] == [large.px(30)] * 3
    odd = {"views": [3, {"kind": "gone"}, {"kind": "tape", "side": 4, "name": []}], "place": "AAAA"}
    again.restore({"docks": odd})
    arranged(again)
    assert [dock.view.kind for dock in again.views.docks.open_ones] == ["tape"]
    shut(again)


def test_without_room_at_the_sides_views_stand_below_until_there_is_again(window: MainWindow) -> None:
    docks, frame = window.views.docks, window.views._frame
    chart, log = docked(window, "chart", symbol="3690.HK"), docked(window, "log")
    assert docks._area.dockWidgetArea(chart) == Qt.DockWidgetArea.RightDockWidgetArea
    kept = window.state()
    for width in (800, 640):
        window.resize(width, 700)
        QApplication.processEvents()
        assert docks._area.dockWidgetArea(chart) == Qt.DockWidgetArea.BottomDockWidgetArea
        assert frame.horizontalScrollBar().maximum() == 0
        assert (chart.side, log.side) == ("right", "below")
    narrow = window.state()
    assert narrow["docks"]["views"] == kept["docks"]["views"]
    window.resize(1600, 1000)
    QApplication.processEvents()
    assert docks._area.dockWidgetArea(chart) == Qt.DockWidgetArea.RightDockWidgetArea
    assert (chart.beside, log.side) == ("", "below")
    window.resize(640, 700)
    QApplication.processEvents()
    docked(window, "tape")
    docks.move(chart, "below")
    window.resize(1600, 1000)
    QApplication.processEvents()
    assert chart.side == "below"


def dragged(window: MainWindow, dock: Dock, to: QPoint, *, let_go: bool = True, held: object = None) -> None:
    """By its title, to a point of the area of docks."""
    title, keys = dock.title, held or Qt.KeyboardModifier.NoModifier
    assert isinstance(keys, Qt.KeyboardModifier)
    left, grip = Qt.MouseButton.LeftButton, QPoint(30, title.height() // 2)
    QTest.mousePress(title, left, pos=grip)
    at = QPointF(window.views.docks._area.mapToGlobal(to))
    for step in (0.5, 1.0):
        point = QPointF(title.mapToGlobal(grip)) + (at - QPointF(title.mapToGlobal(grip))) * step
        move = QMouseEvent(
            QEvent.Type.MouseMove, title.mapFromGlobal(point), point, Qt.MouseButton.NoButton, left, keys
        )
        QApplication.sendEvent(title, move)
    if let_go:
        up = QMouseEvent(
            QEvent.Type.MouseButtonRelease, title.mapFromGlobal(at), at, left, Qt.MouseButton.NoButton, keys
        )
        QApplication.sendEvent(title, up)
        QApplication.processEvents()


def outlined(window: MainWindow) -> list[Outline]:
    return [each for each in window.views.docks._area.findChildren(Outline) if each.isVisible()]


def test_a_dock_goes_where_its_title_is_dragged_and_what_would_be_is_outlined(window: MainWindow) -> None:
    window.resize(1600, 1000)
    docks, area = window.views.docks, window.views.docks._area
    chart, tape = docked(window, "chart", symbol="3690.HK"), docked(window, "tape")
    assert (chart.side, tape.side) == ("right", "below")
    place = chart.geometry()
    dragged(window, tape, QPoint(place.center().x(), place.top() + 20), let_go=False)
    (outline,) = outlined(window)
    assert outline.geometry() == QRect(place.left(), place.top(), place.width(), round(place.height() / 2))
    dragged(window, tape, QPoint(place.center().x(), place.top() + 20))
    assert outlined(window) == []
    assert (tape.side, tape.x(), tape.y() < chart.y()) == ("right", chart.x(), True)
    dragged(window, tape, QPoint(chart.geometry().right() - 20, chart.geometry().center().y()))
    assert tape.x() > chart.x()
    dragged(window, tape, QPoint(chart.x() + 20, chart.geometry().center().y()))
    assert tape.x() < chart.x()
    dragged(window, tape, chart.geometry().center())
    assert area.tabifiedDockWidgets(chart) == [tape]
    dragged(window, tape, QPoint(20, 200))
    assert (tape.side, tape.x()) == ("left", 0)
    dragged(window, tape, QPoint(area.width() // 3, area.height() - 20))
    assert tape.side == "below"
    dragged(window, tape, QPoint(200, 30), held=Qt.KeyboardModifier.ControlModifier)
    assert tape.isFloating()
    assert tape.mapToGlobal(tape.title.grip) == area.mapToGlobal(QPoint(200, 30))
    dragged(window, tape, QPoint(area.width() // 3, area.height() // 2))
    assert tape.isFloating()
    dragged(window, tape, QPoint(20, 200))
    assert (tape.isFloating(), tape.side) == (False, "left")
    QTest.mouseDClick(tape.title, Qt.MouseButton.LeftButton, pos=QPoint(30, 10))
    assert tape.isFloating()
    QTest.mouseDClick(tape.title, Qt.MouseButton.LeftButton, pos=QPoint(30, 10))
    assert (tape.isFloating(), tape.side) == (False, "left")
    assert docks.open_ones == [chart, tape]


def test_a_drag_that_nobody_ended_or_that_ends_at_home_moves_nothing(window: MainWindow) -> None:
    """Qt's own way to drag ends with a segmentation fault then, so it never begins."""
    docks, area = window.views.docks, window.views.docks._area
    chart, log = docked(window, "chart", symbol="3690.HK"), docked(window, "log")
    places = area.saveState()
    none, at = Qt.MouseButton.NoButton, QPointF(60, 10)
    move = QMouseEvent(QEvent.Type.MouseMove, at, log.title.mapToGlobal(at), none, none, Qt.KeyboardModifier.NoModifier)
    for ends in (move, QEvent(QEvent.Type.WindowDeactivate)):
        dragged(window, log, QPoint(20, 200), let_go=False)
        assert len(outlined(window)) == 1
        QApplication.sendEvent(log.title, ends)
        assert outlined(window) == []
    QTest.mouseRelease(log.title, Qt.MouseButton.LeftButton, pos=QPoint(900, -300))
    dragged(window, log, log.geometry().center())
    assert area.saveState() == places
    dragged(window, log, QPoint(-300, -300), let_go=False)
    (outline,) = outlined(window)
    assert outline.isWindow()
    log.close()
    assert outlined(window) == []
    assert docks.open_ones == [chart]


def test_keys_in_a_docked_view_are_its_own_and_the_rest_are_the_windows(window: MainWindow, qtbot: QtBot) -> None:
    dock = docked(window, "chart", symbol="3690.HK")
    chart = dock.view
    assert isinstance(chart, TornWindow)
    chart.content.widget.setFocus(Qt.FocusReason.OtherFocusReason)
    keys = {key for action in chart._actions() for key in action.keys}
    assert not keys & {"Ctrl+K", "F11"}
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert chart.state()["period"] == "day"
    assert window.state()["period"] == "intraday"
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert window.toolbar.search.hasFocus() or window.toolbar.search.isAncestorOf(QApplication.focusWidget())
    chart.content.widget.setFocus(Qt.FocusReason.OtherFocusReason)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert window.watchlist.isAncestorOf(QApplication.focusWidget())
    chart.content.widget.setFocus(Qt.FocusReason.OtherFocusReason)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert window.views.docks.open_ones == []
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_floating_dock_whose_screen_is_gone_stands_on_one_there_is(window: MainWindow) -> None:
    tape = docked(window, "tape")
    tape.setFloating(True)
    tape.setGeometry(100, 120, 320, 240)
    state = json.loads(json.dumps(window.views.docks.state()))
    state["floating"]["tape 1"]["geometry"] = "9000 4000 320 240 normal gone"
    assert [*window.views.docks.restore(state)] == [None, None]
    (tape,) = window.views.docks.open_ones
    assert tape.isFloating()
    assert window.screen().availableGeometry().contains(tape.frameGeometry())


def test_clocks_the_table_of_the_chart_and_help_are_docked_like_the_others(window: MainWindow) -> None:
    for kind in ("market clocks", "chart as a table", "what the numbers mean"):
        choose(window, "Dock", kind)
    state = json.loads(json.dumps(window.views.docks.state()))
    kinds = [view["kind"] for view in state["views"]]
    assert kinds == ["clocks", "table", "figures"]
    window.panels.figures().restore({"view": {"text": "net"}})
    for dock in window.views.docks.open_ones:
        assert not [fault for fault in faults(dock) if "elided" not in fault]
    for wanted in ({}, state):
        assert [*window.views.docks.restore(wanted)] == [None] * 3
    assert [dock.view.kind for dock in window.views.docks.open_ones] == kinds
    window.set_theme(build_theme("light", "green_up"))


def test_a_window_may_go_between_two_steps_of_its_docks(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    window = open_window(board)
    docks = window.views.docks
    steps = docks.restore({"views": [{"kind": "tape"}, {"kind": "alerts"}]})
    next(steps)
    assert not docks._area.updatesEnabled()
    shiboken6.delete(window)
    del steps  # what is said of steps that could not be ended fails the test
    assert not shiboken6.isValid(docks)


def test_tabs_of_docks_keep_their_order_also_where_the_mouse_made_them(window: MainWindow) -> None:
    """Qt was seen to end with a segmentation fault where one was moved."""
    docks = window.views.docks
    chart, tape = docked(window, "chart", symbol="3690.HK"), docked(window, "tape")
    docks._area.tabifyDockWidget(chart, tape)  # as where one is dropped on the other
    tape.dockLocationChanged.emit(Qt.DockWidgetArea.RightDockWidgetArea)
    QApplication.processEvents()
    bars = [bar for bar in docks._area.findChildren(QTabBar) if bar.count() == 2]
    assert bars
    assert not any(bar.isMovable() for bar in bars)


def beside_each_other(window: MainWindow) -> tuple[Dock, Dock, QPointF]:
    """Two docks at the right, beside each other, and a point on the divider between them."""
    area = window.views.docks._area
    chart, tape = docked(window, "chart", symbol="3690.HK"), docked(window, "tape")
    area.splitDockWidget(chart, tape, Qt.Orientation.Horizontal)  # as where one is dropped beside the other
    QApplication.processEvents()
    return chart, tape, QPointF(chart.geometry().right() + 1, chart.geometry().center().y())


def moused(window: MainWindow, kind: QEvent.Type, at: QPointF, held: Qt.MouseButton) -> bool:
    """Whether a divider between docks moves for a mouse button or move at a point."""
    button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else held
    event = QMouseEvent(kind, at, at, button, held, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    window.views.docks._area.event(event)
    return event.isAccepted()


CHANGES = ["close", "move", "float", "narrow", "wide", "restore", "beside"]


def changed(window: MainWindow, dock: Dock, how: str) -> None:
    """Have other docks, or docks elsewhere."""
    docks = window.views.docks
    match how:
        case "close":
            dock.close()
        case "move":
            docks.move(dock, "left")
        case "float":
            (run,) = [run for name, _held, run in docks.places(dock) if name == "Floating"]
            run()
        case "narrow" | "wide":
            window.resize(640 if how == "narrow" else 1600, 900)
            QApplication.processEvents()
        case "restore":
            assert [*docks.restore({"views": [{"kind": "log"}]})]
        case _:
            (other,) = [each for each in docks.open_ones if each is not dock]
            docks.stand(dock, Target("below", QRect(), other), QPoint())


def test_a_divider_that_the_mouse_is_over_or_drags_is_left_before_docks_change(window: MainWindow) -> None:
    """Qt ends with a segmentation fault at the next move of the mouse, where the divider is no longer there."""
    area = window.views.docks._area
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    for how in CHANGES:
        window.resize(1600, 900)
        _chart, tape, at = beside_each_other(window)
        if how == "wide":
            window.resize(640, 900)
            QApplication.processEvents()
            _chart, below = [each for each in window.views.docks.open_ones if each.beside]
            at = QPointF(below.geometry().left() - 1, below.geometry().center().y())
        moused(window, QEvent.Type.MouseMove, at, none)
        assert area.cursor().shape() is Qt.CursorShape.SplitHCursor, how
        assert moused(window, QEvent.Type.MouseButtonPress, at, left), how
        assert moused(window, QEvent.Type.MouseMove, at + QPointF(4, 0), left), how
        changed(window, tape, how)
        assert area.cursor().shape() is Qt.CursorShape.ArrowCursor, how
        assert not moused(window, QEvent.Type.MouseMove, QPointF(), left), how
        window.views.docks.close()
        QApplication.processEvents()


def test_nothing_remembers_a_closed_view_as_that_which_had_the_keyboard(window: MainWindow) -> None:
    """Qt gives the keyboard back to it where another view is shown, and ends with a segmentation fault."""
    for by_button in (False, True):
        dock = docked(window, "tape")
        view = dock.widget()
        assert isinstance(view, TornWindow)
        (dock.title.close_button if by_button else view.content.widget).setFocus(Qt.FocusReason.OtherFocusReason)
        around, parent = [], dock.parentWidget()
        while parent is not None:
            around.append(parent)
            parent = parent.parentWidget()
        assert all(dock.isAncestorOf(each.focusWidget()) for each in around)
        dock.close()
        remembered = [each.focusWidget() for each in around]
        assert not [each for each in remembered if each and (dock.isAncestorOf(each) or view.isAncestorOf(each))]
        assert window.isAncestorOf(QApplication.focusWidget())
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
