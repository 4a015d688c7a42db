"""The keys of the window's parts have names, and do what those say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent
from pytestqt.qtbot import QtBot

from capflow_gui.ui.keyboard import read_key
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.keys import ActionScope
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, alert_of, row_of
from tests.ui.typed_keys import MEITUAN, TENCENT
from tests.ui.window_fixture import open_window, shut


@pytest.fixture
def board() -> HandBoard:
    return HandBoard.of(
        row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6, threshold=-200e6, threshold_own=True),
        row_of("3690.HK", "Meituan-W", -151.8e6, 2919e6),
    )


@pytest.fixture
def window(board: HandBoard, theme: Theme, qtbot: QtBot) -> Iterator[MainWindow]:
    opened = open_window(board)
    qtbot.waitUntil(lambda: opened.chart.chart is not None)
    yield opened
    shut(opened)


def test_a_parts_keys_are_known_to_that_part(window: MainWindow, board: HandBoard) -> None:
    """A key of the sheet that its part does not know would go on to the window."""
    detail, chart = window.detail, window.chart.chart
    assert chart is not None
    detail.rules().asked.disconnect()
    board.raise_alert(alert_of(board.rows[MEITUAN], level=-150e6))
    window.bridge.drain()
    detail.alerts.selectRow(0)
    parts = {
        ActionScope.IN_CHART: chart,
        ActionScope.IN_RULES: detail.rules(),
        ActionScope.IN_TAPE: detail.tape(),
        ActionScope.IN_ALERTS: detail.alerts,
        ActionScope.IN_LIST: window.watchlist.table,
    }
    detail.focus_rules()
    for scope, part in parts.items():
        keys = [key for action in window._actions() if action.scope is scope for key in action.keys]
        assert keys
        for key in keys:
            event = QKeyEvent(QEvent.Type.KeyPress, *read_key(key), key if len(key) == 1 else "")
            part.keyPressEvent(event)
            assert event.isAccepted(), f"{key} {scope.title}"


def test_a_parts_keys_can_be_had_by_name(window: MainWindow) -> None:
    commands = {command.name: command for command in window.keys.commands()}
    window.go_to(MEITUAN)
    commands["Next row"].run()
    assert window.current_symbol() == TENCENT
    commands["Cumulative, or per minute"].run()
    assert window.chart.chart is not None
    assert window.chart.chart.hasFocus()
    assert window.chart.chart.plot.per_minute
