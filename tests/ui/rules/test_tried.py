"""The chart shows where a rule that is being edited lies, and when it would have alerted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from capflow_gui.domain.alert_grammar import Rule
from capflow_gui.domain.flow import LARGE, NET
from capflow_gui.domain.symbol import Symbol
from capflow_gui.playback.trial import Trial, TriedDay
from capflow_gui.ui.chart.layers.plot_state import PlotState
from capflow_gui.ui.rules.editor import RuleEditor
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, alert_of
from tests.ui.window_fixture import TENCENT


def state(window: MainWindow) -> PlotState:
    assert window.chart.chart is not None
    return window.chart.chart.plot.state


def marked(window: MainWindow) -> list[str]:
    assert window.chart.chart is not None
    return [key for key in window.chart.chart.plot.marks.boxes("breach ") if key != "breach source"]


@pytest.fixture
def editor(window: MainWindow, board: HandBoard, qtbot: QtBot) -> RuleEditor:
    qtbot.waitUntil(lambda: window.chart.chart is not None)
    board.raise_alert(alert_of(board.rows[TENCENT]))
    window.bridge.drain()
    assert state(window).threshold == -200e6
    window.rules.new()
    editor = window.dialogs.current
    assert isinstance(editor, RuleEditor)
    assert state(window).threshold == -200e6, "charts show the rule in the turn after the editor"
    return editor


def test_the_level_of_a_rule_lies_in_the_chart_while_it_is_edited(
    window: MainWindow, board: HandBoard, editor: RuleEditor
) -> None:
    turnover = board.rows[TENCENT].turnover
    assert turnover is not None
    assert state(window).threshold == pytest.approx(-0.02 * turnover)
    levels = []
    for text in ("*: net <= -60M", "700.HK: net <= -50M x", "5.HK: net <= -40M", "*: main <= -30M", "*: net >= 20M"):
        editor.text.setPlainText(text)
        levels.append(state(window).threshold)
    assert levels == [-60e6, -200e6, -200e6, -30e6, 20e6]
    assert board.rows[TENCENT].threshold == -200e6  # shown alone
    editor.reject()
    assert state(window).threshold == -200e6


def test_the_minutes_it_would_have_fired_are_marked_on_its_own_curve(window: MainWindow, editor: RuleEditor) -> None:
    editor.text.setPlainText("700.HK: net <= -60M")
    assert (state(window).words, state(window).column, state(window).shaded) == ("net ≤ −60M", NET, True)
    assert len(marked(window)) == len(state(window).fired) == 1
    assert editor.today.text().startswith("In the session of 700.HK on screen it would have alerted at ")
    editor.text.setPlainText("*: large <= -10M")
    assert (state(window).column, state(window).shaded) == (LARGE, False)
    editor.text.setPlainText("*: net change 5m <= -2M rearm 100%")
    assert state(window).threshold is None
    assert marked(window)
    assert editor.today.text().endswith("A change begins from another figure every minute: no line is drawn.")
    editor.text.setPlainText("5.HK: net <= -40M")
    assert editor.today.text() == ""


def test_what_the_lines_alone_do_not_say_comes_from_the_recording_of_the_session(
    window: MainWindow, board: HandBoard, editor: RuleEditor
) -> None:
    row = board.rows[TENCENT]
    assert row.day is not None
    today, asked = TriedDay(row.day, fired=[(row.day.label(60), -0.03)], raised=1, symbols=1), list[object]()

    async def tried(symbols: Collection[Symbol], rule: Rule) -> Trial:
        asked.append((list(symbols), rule.text))
        return Trial([today], 1)

    window.dialogs.services = replace(window.dialogs.services, dry_runs=tried)
    editor.text.setPlainText("*: net change 5m unusual 3 floor 5M")
    assert asked == [([TENCENT], "*: net change 5m unusual 3 floor 5M")]
    assert state(window).fired == (60,)
    assert marked(window) == ["breach 60"]
    assert "would have alerted at 10:30." in editor.today.text()
