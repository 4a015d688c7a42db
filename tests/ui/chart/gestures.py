"""Hands on a chart."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QPushButton

from capflow_gui.ui.chart.chart import FlowChart

THRESHOLD = -2e8


def settle() -> None:
    for _ in range(4):
        QApplication.processEvents()


def send_mouse(chart: FlowChart, kind: QEvent.Type, x: float, y: float, *, down: bool) -> None:
    viewport = chart.plot.viewport()
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind is QEvent.Type.MouseMove else left
    at = QPointF(x, y)
    event = QMouseEvent(
        kind, at, viewport.mapToGlobal(at), button, left if down else none, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(viewport, event)
    settle()


def whole_button(chart: FlowChart) -> QPushButton:
    return next(button for button in chart.findChildren(QPushButton) if button.text() == "Show all")
