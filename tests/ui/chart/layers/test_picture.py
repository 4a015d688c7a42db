"""A picture of a widget: what was painted last, and nothing else."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.chart.layers.picture import Picture

GROUND = QColor("#123456")
CORNER, MIDDLE = QPoint(2, 2), QPoint(20, 10)


class Sheet(QWidget):
    """Paints itself in one colour, but for its right end, and keeps a picture; or shows it."""

    def __init__(self) -> None:
        super().__init__()
        self.resize(40, 20)
        self.picture = Picture()
        self.colour = "red"
        self.shown = False

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.shown:
            self.picture.show(self, GROUND)
            return
        with QPainter(self) as painter:
            painter.fillRect(QRect(0, 0, 30, 20), QColor(self.colour))
            painter.fillRect(QRect(30, 0, 10, 20), QColor("white"))
        self.picture.take(self, event.region(), GROUND)


def painted(sheet: Sheet, part: QRect | None = None) -> QImage:
    """The sheet as it paints itself, or a part of itself."""
    area = sheet.rect() if part is None else part
    on = QPixmap(area.size())
    sheet.render(on, QPoint(), area)
    return on.toImage()


@pytest.fixture
def sheet(qtbot: QtBot) -> Sheet:
    made = Sheet()
    qtbot.addWidget(made)
    return made


def test_it_shows_what_was_painted_and_not_what_is_new(sheet: Sheet) -> None:
    before = painted(sheet)
    sheet.colour, sheet.shown = "blue", True
    assert painted(sheet) == before
    sheet.shown = False
    assert painted(sheet) != before


def test_what_is_painted_anew_of_it_is_taken_and_the_rest_stays(sheet: Sheet) -> None:
    painted(sheet)
    sheet.colour = "blue"
    painted(sheet, QRect(0, 0, 8, 20))
    sheet.shown = True
    seen = painted(sheet)
    assert [seen.pixelColor(at).name() for at in (CORNER, MIDDLE)] == ["#0000ff", "#ff0000"]


def test_what_was_never_painted_is_the_ground(sheet: Sheet) -> None:
    painted(sheet, QRect(0, 0, 8, 20))
    sheet.shown = True
    seen = painted(sheet)
    assert [seen.pixelColor(at).name() for at in (CORNER, MIDDLE)] == ["#ff0000", GROUND.name()]


def test_of_another_size_it_shows_nothing(sheet: Sheet) -> None:
    painted(sheet)
    sheet.resize(QSize(41, 20))
    sheet.shown = True
    assert painted(sheet).pixelColor(MIDDLE) == GROUND
