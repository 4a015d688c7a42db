"""A small picture of screens and of the windows on them."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPen, QPixmap

from capflow_gui.domain.arrangement.layouts import Arrangement
from capflow_gui.domain.arrangement.places import NORMAL, Place, moved
from capflow_gui.domain.arrangement.screens import Rect, around
from capflow_gui.ui.theme import Theme

SIZE = QSize(112, 56)
_EDGE = 3


def screens_icon(arrangement: Arrangement | None, theme: Theme, ratio: float) -> QIcon:
    """The screens of an arrangement with its windows; None: a single empty one. `ratio` is the screen's own scale."""
    size = QSize(theme.px(SIZE.width()), theme.px(SIZE.height()))
    picture = QPixmap(size * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    wholes = [Rect(0, 0, 16, 9)] if arrangement is None else [screen.whole for screen in arrangement.screens]
    plane = around(wholes)
    scale = min((size.width() - 2 * _EDGE) / plane.width, (size.height() - 2 * _EDGE) / plane.height)
    painter.translate(
        (size.width() - plane.width * scale) / 2 - plane.x * scale,
        (size.height() - plane.height * scale) / 2 - plane.y * scale,
    )
    for whole in wholes:
        box = _box(whole, scale)
        painter.setPen(QPen(theme.line2, 1))
        painter.setBrush(theme.bg)
        painter.drawRect(box)
    for place in [] if arrangement is None else _windows(arrangement):
        painter.setPen(QPen(theme.dim, 1))
        painter.setBrush(theme.raised)
        painter.drawRect(_box(place, scale))
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
