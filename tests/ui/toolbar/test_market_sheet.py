"""The sheet of market clocks."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolTip

from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.ui.toolbar.market_sheet import MarketSheet
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, row_of
from tests.ui.typed_keys import press


def sheet(window: MainWindow) -> MarketSheet | None:
    return next((each for each in window.toolbar.findChildren(MarketSheet) if each.isVisible()), None)


def texts(shown: MarketSheet) -> list[str]:
    return [label.text() for label in shown.findChildren(QLabel) if label.isVisible()]


def test_a_click_on_the_clock_shows_every_market_of_the_list(window: MainWindow, board: HandBoard) -> None:
    board.put(row_of("AAPL.US", "Apple", -41e6, 2.1e9))
    board.links = (
        LinkState("opend", LinkPhase.READY, 0.0, latency_s=0.012, skew_s=-12.0),
        LinkState("longport", LinkPhase.READY, 0.0, skew_s=0.2),
    )
    window._tick()
    assert "OpenD's clock is 12 s behind this computer's" in window._right_words()
    QTest.mouseClick(window.toolbar.clock, Qt.MouseButton.LeftButton)
    shown = sheet(window)
    assert shown is not None
    said = texts(shown)
    assert {"HK", "14:32:08", "open", "closes in 1 h 27 m", "16:00", "US", "opens today"} <= set(said)
    assert any("403201" in text for text in said)
    assert any("12 s behind" in text for text in said)
    board.now += 1
    shown._timer.timeout.emit()
    assert "14:32:09" in texts(shown)
    board.remove_symbols([each for each in board.symbols if each.market.value == "US"])
    shown.refresh()
    assert "US" not in texts(shown)
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    assert sheet(window) is None
    assert not shown._timer.isActive()


def test_its_key_opens_it_and_an_empty_list_is_said(window: MainWindow, board: HandBoard) -> None:
    board.remove_symbols(board.symbols)
    window.bridge.drain()
    press(Qt.Key.Key_T, Qt.KeyboardModifier.ShiftModifier)
    shown = sheet(window)
    assert shown is not None
    assert any(text.startswith("No symbol is watched yet.") for text in texts(shown))
    shown.close()


def test_pointing_at_the_clock_says_the_same(window: MainWindow, board: HandBoard) -> None:
    board.put(row_of("600519.SH", "Kweichow", -41e6, 2.1e9))
    clock = window.toolbar.clock
    event = QHelpEvent(QEvent.Type.ToolTip, QPoint(5, 5), clock.mapToGlobal(QPoint(5, 5)))
    QApplication.sendEvent(clock, event)
    assert QToolTip.text().split("\n")[:2] == [
        "HK 14:32:08 · open · closes in 1 h 27 m",
        "CN 14:32:08 · open · closes in 27 m",
    ]
    QToolTip.hideText()
