"""The line that can be dragged."""

from __future__ import annotations

from PySide6.QtGui import QImage, QPainter

from capflow_gui.ui.chart.chart import FlowChart


def test_it_is_drawn_without_antialiasing(chart: FlowChart) -> None:
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    chart.plot.line.paint(painter)
    assert not painter.testRenderHint(QPainter.RenderHint.Antialiasing)
    painter.end()
