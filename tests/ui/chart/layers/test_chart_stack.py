"""What stands over a chart: the ways back, side by side."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from capflow_gui.ui.chart.chart import FlowChart
from tests.ui.chart.gestures import settle, whole_button


def test_the_ways_back_stand_side_by_side_and_lead_back(chart: FlowChart) -> None:
    whole = chart.plot.lines_frame.x
    chart.plot.zoom(0.3, 60)
    chart.set_anchor(50)
    settle()
    from_open = next(each for each in chart.findChildren(QPushButton) if each.text() == "From the open")
    buttons = (from_open, whole_button(chart))
    assert all(each.isVisible() for each in buttons)
    assert not buttons[0].geometry().intersects(buttons[1].geometry())
    caption = chart.plot.marks.boxes("caption lines")["caption lines"]
    assert caption.right() < buttons[0].x() < buttons[1].geometry().right() < chart.plot.lines_frame.right
    for each in buttons:
        QTest.mouseClick(each, Qt.MouseButton.LeftButton)
        settle()
        assert not each.isVisible()
    assert (chart.plot.data.anchor, chart.plot.lines_frame.x) == (None, whole)
    chart.say("Nothing", "")
    assert chart.plotted is None
    assert chart.accessibleDescription() == "Nothing"
