"""The top-level window: on screen first, then holding the rest."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.frame import Frame
from tests.ui.boards import HandBoard, row_of
from tests.ui.window_fixture import open_window, shut


def test_it_is_painted_before_it_holds_anything(theme: Theme, qtbot: QtBot) -> None:
    frame = Frame("", theme, simulated=True)
    with qtbot.waitSignal(frame.painted):
        frame.show()
    image = frame.grab().toImage()
    assert image.pixelColor(20, 20) == theme.bg
    assert image.pixelColor(20, 300) == theme.panel
    assert frame.windowTitle() == "Capflow – SIMULATED"
    with qtbot.waitSignal(frame.closing):
        frame.close()
    assert frame.isVisible()
    frame.may_close()
    frame.close()
    frame.deleteLater()


def test_what_it_holds_follows_it(theme: Theme, qtbot: QtBot) -> None:
    frame = Frame("", theme, simulated=False)
    window = open_window(HandBoard.of(row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6)), show=False)
    frame.show()
    frame.hold(window)
    QApplication.processEvents()
    assert window.bridge.running
    assert window.window() is frame
    frame.showMinimized()
    QApplication.processEvents()
    assert not window.bridge.running
    frame.showNormal()
    QApplication.processEvents()
    assert window.bridge.running
    with qtbot.waitSignal(window.closing):
        frame.close()
    shut(window)
    frame.may_close()
    frame.close()
    frame.deleteLater()
