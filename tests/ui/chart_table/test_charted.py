"""What stands in the place of a chart before there is one."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from capflow_gui.ui.chart_table.charted import charted
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.chart_slot import ChartSlot
from tests.ui.boards import HandBoard


def test_before_the_chart_is_built_there_is_no_table(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    slot = ChartSlot(board, theme)
    qtbot.addWidget(slot)
    found = charted(slot)
    assert (found.title, found.table, found.shown()) == ("Flow chart", None, None)
