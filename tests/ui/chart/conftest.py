"""A chart with a day in it."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from capflow_gui.ui.chart.chart import FlowChart
from capflow_gui.ui.theme import Theme
from tests.ui import market_day as md
from tests.ui.chart.gestures import THRESHOLD, settle


@pytest.fixture
def chart(qtbot: QtBot, theme: Theme) -> FlowChart:
    """A chart at 14:32 of a day that breached its threshold."""
    widget = FlowChart(theme)
    qtbot.addWidget(widget)
    widget.resize(813, 618)
    with qtbot.waitExposed(widget):
        widget.show()
    series = md.flow(243)
    widget.show_row(md.row(series, threshold=THRESHOLD, alert=md.breach(series, THRESHOLD)), 0.0)
    settle()
    return widget
