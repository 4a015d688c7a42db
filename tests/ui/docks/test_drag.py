"""Where a dock that is let go at a point would stand, and what is outlined."""

from __future__ import annotations

from typing import cast

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.docks.dock import Dock
from capflow_gui.ui.docks.drag import Outline, Target, target_at

AREA = QRect(0, 0, 1000, 800)
PLACE = QRect(600, 100, 400, 400)


@pytest.fixture
def dock(qtbot: QtBot) -> Dock:
    widget = QWidget()  # of a dock, its place alone is asked for
    qtbot.addWidget(widget)
    widget.setGeometry(PLACE)
    return cast("Dock", widget)


@pytest.mark.parametrize(
    ("x", "y", "side", "outline"),
    [
        (620, 300, "left", QRect(600, 100, 200, 400)),
        (980, 300, "right", QRect(800, 100, 200, 400)),
        (800, 120, "above", QRect(600, 100, 400, 200)),
        (800, 480, "below", QRect(600, 300, 400, 200)),
        (800, 300, "", PLACE),
    ],
)
def test_near_an_edge_of_a_dock_is_beside_it_and_else_behind_a_tab(
    dock: Dock, x: int, y: int, side: str, outline: QRect
) -> None:
    assert target_at(QPoint(x, y), AREA, [dock], []) == Target(side, outline, dock)
    assert target_at(QPoint(x, y), AREA, [dock], [dock]) == Target("", PLACE, dock)


@pytest.mark.parametrize(
    ("x", "y", "side", "outline"),
    [
        (10, 300, "left", QRect(0, 0, 300, 800)),
        (990, 600, "right", QRect(700, 0, 300, 800)),
        (500, 790, "below", QRect(0, 560, 1000, 240)),
    ],
)
def test_near_an_edge_of_the_window_is_at_its_side(dock: Dock, x: int, y: int, side: str, outline: QRect) -> None:
    assert target_at(QPoint(x, y), AREA, [dock], []) == Target(side, outline)


@pytest.mark.parametrize("point", [QPoint(450, 300), QPoint(500, 5), QPoint(-5, 300), QPoint(300, 900)])
def test_elsewhere_it_floats(dock: Dock, point: QPoint) -> None:
    assert target_at(point, AREA, [dock], []) is None


def test_an_outline_of_the_area_lies_over_its_parts_and_takes_no_clicks(qtbot: QtBot) -> None:
    area = QWidget()
    qtbot.addWidget(area)
    area.resize(400, 300)
    outline, part = Outline(area, over_all=False), QWidget(area)
    part.setGeometry(0, 0, 400, 300)
    area.show()
    outline.show_at(QRect(10, 20, 30, 40), QColor("red"))
    assert outline.geometry() == QRect(10, 20, 30, 40)
    assert area.childAt(15, 25) is part
    picture = area.grab().toImage()
    behind = picture.pixelColor(200, 200)
    assert picture.pixelColor(10, 40) == QColor("red")
    assert QColor("red") != picture.pixelColor(25, 40) != behind
    over_all = Outline(area, over_all=True)
    over_all.show_at(QRect(500, 20, 30, 40), QColor("red"))
    assert over_all.isWindow()
    assert over_all.geometry() == QRect(500, 20, 30, 40)
