"""A small picture of screens and of the windows on them."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPen, QPixmap

from capflow_gui.domain.arrangement.layouts import CHART_WALL, LIST_ONLY, Arrangement
from capflow_gui.domain.arrangement.places import NORMAL, Place, moved
from capflow_gui.domain.arrangement.screens import Rect, around
from capflow_gui.ui.theme import Theme

SIZE = QSize(112, 56)
_EDGE = 3
_SCREEN = Rect(0, 0, 16, 9)
_ROWS = [Rect(0, y, 16, 1) for y in range(1, 9)]
_STANDARD = [Rect(0, 1, 8, 8), Rect(8, 1, 8, 6), Rect(8, 7, 8, 2)]
_CHARTS = [Rect(0, 1, 4, 8), *(Rect(4 + 4 * (at % 3), 1 + at // 3 * 3, 4, 3 if at < 6 else 2) for at in range(9))]


def screens_icon(arrangement: Arrangement, theme: Theme, ratio: float) -> QIcon:
    """The screens of an arrangement with its windows. `ratio` is the screen's own scale."""
    return _icon([screen.whole for screen in arrangement.screens], _windows(arrangement), theme, ratio)


def built_in_icon(name: str, theme: Theme, ratio: float) -> QIcon:
    """A screen with the parts of the main window, as a built-in layout has them."""
    return _icon([_SCREEN], {CHART_WALL: _CHARTS, LIST_ONLY: _ROWS}.get(name, _STANDARD), theme, ratio)


def _icon(wholes: list[Rect], parts: list[Rect], theme: Theme, ratio: float) -> QIcon:
    size = QSize(theme.px(SIZE.width()), theme.px(SIZE.height()))
    picture = QPixmap(size * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    plane = around(wholes)
    scale = min((size.width() - 2 * _EDGE) / plane.width, (size.height() - 2 * _EDGE) / plane.height)
    painter.translate(
        (size.width() - plane.width * scale) / 2 - plane.x * scale,
        (size.height() - plane.height * scale) / 2 - plane.y * scale,
    )
    for rects, line, ground in ((wholes, theme.line2, theme.bg), (parts, theme.dim, theme.raised)):
        painter.setPen(QPen(line, 1))
        painter.setBrush(ground)
        for rect in rects:
            painter.drawRect(_box(rect, scale))
    painter.end()
    icon = QIcon(picture)
    icon.addPixmap(picture, QIcon.Mode.Selected)  # else Qt tints it
    return icon


def _windows(arrangement: Arrangement) -> list[Rect]:
    found: list[Place] = []

    def note(places: list[Place]) -> list[Place]:
        found.extend(places)
        return places

    moved(arrangement.desk, note)
    by_name = {screen.name: screen.whole for screen in arrangement.screens}
    return [place.rect if place.state == NORMAL else by_name.get(place.screen, place.rect) for place in found]


def _box(rect: Rect, scale: float) -> QRectF:
    return QRectF(rect.x * scale, rect.y * scale, rect.width * scale, rect.height * scale).adjusted(1, 1, -1, -1)
