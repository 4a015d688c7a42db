"""The chart shows where a rule that is being edited lies, and when it would have been reached."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from capflow_gui.ui.rules.editor import RuleEditor
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, alert_of
from tests.ui.window_fixture import TENCENT


def level(window: MainWindow) -> float | None:
    assert window.chart.chart is not None
    return window.chart.chart.plot.state.threshold


def test_the_level_of_an_outflow_rule_lies_in_the_chart_while_it_is_edited(
    window: MainWindow, board: HandBoard, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: window.chart.chart is not None)
    board.raise_alert(alert_of(board.rows[TENCENT]))
    window.bridge.drain()
    assert level(window) == -200e6
    window.rules.new()
    editor = window.dialogs.current
    assert isinstance(editor, RuleEditor)
    turnover = board.rows[TENCENT].turnover
    assert turnover is not None
    assert level(window) == pytest.approx(-0.02 * turnover)
    levels = []
    for text in ("*: net <= -60M", "700.HK: net <= -50M x", "5.HK: net <= -40M", "*: main <= -30M", "*: net >= 20M"):
        editor.text.setPlainText(text)
        levels.append(level(window))
    assert levels == [-60e6, -200e6, -200e6, -200e6, -200e6]
    editor.text.setPlainText("*: net <= -60M")
    assert window.chart.chart is not None
    assert window.chart.chart.plot.state.reached != ""
    assert board.rows[TENCENT].threshold == -200e6  # shown alone
    editor.reject()
    assert level(window) == -200e6
