from __future__ import annotations

from PySide6.QtWidgets import QPushButton

from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, alert_of
from tests.ui.window_fixture import TENCENT


def test_alerts_can_be_acknowledged_only_while_one_waits(window: MainWindow, board: HandBoard) -> None:
    button = next(each for each in window.detail.findChildren(QPushButton) if each.text() == "Acknowledge")
    assert not button.isVisible()
    board.raise_alert(alert_of(board.rows[TENCENT]))
    window.bridge.drain()
    assert (button.isVisible(), window.detail.tabs.tab("alerts").accessibleName()) == (True, "Alerts, 1")
    button.click()
    window.bridge.drain()
    assert not button.isVisible()
    assert [alert.acknowledged for alert in board.alerts] == [True]


def test_no_row_is_cut_at_any_height(window: MainWindow) -> None:
    bar = window.detail.tabs.sizeHint().height()
    for height in range(bar + 60, bar + 300, 7):
        whole = window.detail.whole_rows(height)
        assert whole <= height
        assert window.detail.whole_rows(whole) == whole
