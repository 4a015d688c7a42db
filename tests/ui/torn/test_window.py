"""Windows torn off the main one: fed by themselves while they are seen, closed by themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.ui.theme import Theme, build_theme
from capflow_gui.ui.toolbar.bar import SimulatedMark
from capflow_gui.ui.torn.window import TornWindow
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, alert_of, row_of
from tests.ui.window_fixture import TENCENT, open_window, shut

MEITUAN = Symbol.parse("3690.HK")


@pytest.fixture
def window(board: HandBoard, theme: Theme, qtbot: QtBot) -> Iterator[MainWindow]:
    opened = open_window(board)
    opened.go_to(TENCENT)
    qtbot.waitUntil(lambda: opened.chart.chart is not None)
    yield opened
    shut(opened)


def torn(window: MainWindow, kind: str = "chart", **state: object) -> TornWindow:
    made = window.views.torn.open({"kind": kind, "symbol": "700.HK", **state})
    assert made is not None
    QApplication.processEvents()
    return made


@pytest.mark.parametrize("kind", ["chart", "alerts", "tape", "grid", "wall"])
def test_each_part_has_a_window_whose_title_says_what_it_is_and_that_it_is_simulated(
    window: MainWindow, board: HandBoard, kind: str
) -> None:
    board.simulated = True
    made = torn(window, kind)
    what = {"chart": "700.HK Tencent Holdings", "alerts": "Alerts", "tape": "Tape", "grid": "4 charts", "wall": "Wall"}
    assert made.windowTitle() == f"{what[kind]} – SIMULATED – Capflow"
    assert made.isWindow()
    assert made.findChild(SimulatedMark).isVisible()
    assert made._marks.text() == "", "the badge says it"
    assert made.bridge.running
    names = [action.name for action in made._actions()]
    assert {"Acknowledge all alerts", "Full screen", "Close this window"} <= set(names)
    keys = [key for action in made._actions() for key in action.keys]
    assert sorted(keys) == sorted(set(keys))
    assert [action.name for action in made._actions() if not action.what.endswith(".")] == []
    assert ("Show the chart as a table" in names) is (kind in ("chart", "grid", "wall"))
    if made.table is not None:
        made.table.panel().open()
        assert made.table.panel().windowTitle() == "Chart as a table – SIMULATED – Capflow"
    made.set_theme(build_theme("light"))
    board.raise_alert(alert_of(board.rows[TENCENT]))
    board.fill_tape()
    board.put(row_of("700.HK", "Tencent", -3e6, 1e9))
    made.bridge.drain()
    made._tick()
    again = torn(window, **made.state())
    assert again.content.state() == made.content.state()


def test_what_is_visible_is_the_union_and_closing_a_window_gives_its_subscription_back(
    window: MainWindow, board: HandBoard, qtbot: QtBot
) -> None:
    board.put(row_of("5.HK", "HSBC", 1e6, 1e9))
    # Its timer may tell of the new row at any time: from then on what its list shows stays the same.
    qtbot.waitUntil(lambda: Symbol.parse("5.HK") in window.bridge._subscription.shown)
    window.bridge.show([MEITUAN])
    made = torn(window)
    assert set(board._subscriptions.shown) == {TENCENT, MEITUAN}
    assert len(board._subscriptions._open) == 2
    made.close()
    assert board._subscriptions.shown == (MEITUAN,)
    assert len(board._subscriptions._open) == 1
    assert window.views.torn.open_ones == []


def test_hidden_or_minimised_it_rests_and_is_up_to_date_when_it_is_seen_again(
    window: MainWindow, board: HandBoard
) -> None:
    made = torn(window)
    made.hide()
    assert not made.bridge.running
    assert TENCENT not in made.bridge._subscription.shown
    board.put(row_of("700.HK", "Renamed", -3e6, 1e9))
    made.show()
    assert made.bridge.running
    assert made.windowTitle().startswith("700.HK Renamed")
    made.setWindowState(Qt.WindowState.WindowMinimized)
    QApplication.sendEvent(made, QEvent(QEvent.Type.WindowStateChange))
    assert not made.bridge.running
    made.setWindowState(Qt.WindowState.WindowNoState)
    QApplication.sendEvent(made, QEvent(QEvent.Type.WindowStateChange))
    assert made.bridge.running


def test_one_that_fails_disturbs_no_other(window: MainWindow, board: HandBoard) -> None:
    bad, good = torn(window), torn(window, symbol="3690.HK")

    def fail(_symbols: object) -> None:
        raise RuntimeError("this window cannot draw")

    bad.bridge.flows_changed.connect(fail)
    board.put(row_of("700.HK", "Tencent", -3e6, 1e9))
    board.put(row_of("3690.HK", "Other name", -3e6, 1e9))
    with capture_exceptions() as caught:
        for bridge in (bad.bridge, good.bridge, window.bridge):
            bridge.drain()
    assert [str(error) for _, error, _ in caught] == ["this window cannot draw"]
    good.entitle()
    assert good.windowTitle().startswith("3690.HK Other name")
    figures = window.watchlist.table.current_figures()
    assert figures is not None
    assert figures.net == pytest.approx(-3e6)


def test_its_search_box_finds_symbols_and_what_can_be_done_here(window: MainWindow, board: HandBoard) -> None:
    made = torn(window)
    made.search.begin()
    assert "Full screen" in {command.name for command in made.search._commands}
    made.search.symbol_found.emit(MEITUAN)
    assert made.windowTitle().startswith("3690.HK")
    wall = torn(window, "wall")
    wall.search.symbol_found.emit(MEITUAN)
    assert window.current_symbol() == MEITUAN
    wall.search.symbols_typed.emit("5.HK")
    assert ("add", [Symbol.parse("5.HK")]) in board.said


def test_a_word_that_is_none_of_its_actions_is_no_symbol(window: MainWindow, board: HandBoard) -> None:
    made = torn(window)
    made.search.begin()
    for typed in ("theme", "show all", "92074812"):
        made.search.clear()
        QTest.keyClicks(made.search, typed)
        assert [entry.text for entry in made.search.entries()] == [f"No symbol and no action of this window: {typed}"]
        QTest.keyClick(made.search, Qt.Key.Key_Return)
        assert made.search.text() == typed
    assert not [said for said in board.said if said[0] == "add"]
    for typed in ("QXQZ", "qxqz.us"):
        made.search.clear()
        QTest.keyClicks(made.search, typed)
        assert [(entry.text, entry.hint) for entry in made.search.entries()] == [("QXQZ.US", "add")]
    QTest.keyClick(made.search, Qt.Key.Key_Return)
    assert ("add", [Symbol.parse("QXQZ.US")]) in board.said


def test_keys_are_about_its_own_symbol(window: MainWindow, board: HandBoard) -> None:
    made = torn(window, symbol="3690.HK")
    board.raise_alert(alert_of(board.rows[MEITUAN]))
    board.raise_alert(alert_of(board.rows[TENCENT], number=2))
    QTest.keyClick(made, Qt.Key.Key_A)
    assert [record.symbol for record in board.alerts if record.acknowledged] == [MEITUAN]
    QTest.keyClick(made, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert made.state()["period"] == Period.DAY.value
    QTest.keyClick(made, Qt.Key.Key_F11)
    assert made.isFullScreen()
    QTest.keyClick(made, Qt.Key.Key_Escape)
    assert not made.isFullScreen()
    QTest.keyClick(made, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert not made.isVisible()
