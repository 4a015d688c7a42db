"""What the chart's actions are called."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from capflow_gui.ui.actions.chart import chart_actions
from capflow_gui.ui.window.main_window import MainWindow


def test_a_view_that_is_on_is_offered_the_other_way_round(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.chart.chart is not None)
    names = [action.name for action in chart_actions(window.chart)]
    for action in chart_actions(window.chart):
        action.run()
    others = [action.name for action in chart_actions(window.chart)]
    assert [name == other for name, other in zip(names, others, strict=True)] == [False, False, False, True]
    assert window.chart.views.choices.flags == ("stacked", "price", "in_out")
