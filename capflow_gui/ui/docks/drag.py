"""Where a dock that is dragged by its title would stand, and the outline of that.

Qt's own way to drag docks is not used: it keeps a gap for one that is dragged, and ends with a segmentation fault where
docks change meanwhile, or where nobody tells it that the mouse was let go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMainWindow, QWidget

from capflow_gui.ui.docks.dock import SIDES, Dock

_EDGE = 0.25  # of a width or height: nearer to an edge means beside it
_LINE, _SHADE = 2, 0.18  # pixels; of the outline's colour
_SIDE = 0.3  # of the window: as much as is outlined of a side


@dataclass(frozen=True, slots=True)
class Target:
    """Where a dock would stand, and what is outlined then, in pixels of the area of docks.

    `side` is a side of the area, or of the dock `by`; "" is behind a tab with that one.
    """

    side: str
    outline: QRect
    by: Dock | None = None


def _nearest(point: QPoint, area: QRect, sides: Iterable[str]) -> str:
    """The side whose edge is near the point; "" where none is."""
    across, down = point.x() - area.left(), point.y() - area.top()
    far = {
        "left": across / area.width(),
        "right": 1 - across / area.width(),
        "above": down / area.height(),
        "below": 1 - down / area.height(),
    }
    side = min(sides, key=far.__getitem__)
    return side if far[side] < _EDGE else ""


def _part(area: QRect, side: str, share: float) -> QRect:
    """What a side of an area takes of it."""
    wide, high = round(area.width() * share), round(area.height() * share)
    parts = {
        "left": QRect(area.left(), area.top(), wide, area.height()),
        "right": QRect(area.right() + 1 - wide, area.top(), wide, area.height()),
        "above": QRect(area.left(), area.top(), area.width(), high),
        "below": QRect(area.left(), area.bottom() + 1 - high, area.width(), high),
    }
    return parts.get(side, area)


def target_at(point: QPoint, area: QRect, docks: Iterable[Dock], tabbed: Iterable[Dock]) -> Target | None:
    """Where a dock that is let go there would stand; None over the window.

    docks   those that can be seen, without the one that is dragged
    tabbed  those of them that stand behind tabs: another one goes there, too
    """
    for dock in docks:
        if dock.geometry().contains(point):
            side = "" if dock in tabbed else _nearest(point, dock.geometry(), ("left", "right", "above", "below"))
            return Target(side, _part(dock.geometry(), side, 0.5), dock)
    side = _nearest(point, area, SIDES) if area.contains(point) else ""
    return Target(side, _part(area, side, _SIDE)) if side else None


class Outline(QWidget):
    """Outlines where a dock would stand: in the area of docks, or `over_all` as a window over everything."""

    def __init__(self, area: QWidget, *, over_all: bool) -> None:
        super().__init__(area)
        if over_all:
            kind = Qt.WindowType.ToolTip | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowTransparentForInput
            self.setWindowFlags(kind)
            self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
            self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._color = QColor()
        self.hide()

    def show_at(self, place: QRect, color: QColor) -> None:
        """Outline a place, before everything else there."""
        self._color = color
        self.setGeometry(place)
        self.show()
        if not self.isWindow():
            self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  Qt's signature
        """A line around the place, and a shade on it."""
        painter = QPainter(self)
        shade = QColor(self._color)
        shade.setAlphaF(_SHADE)
        painter.fillRect(self.rect(), shade)
        painter.setPen(QPen(self._color, _LINE))
        painter.drawRect(QRectF(self.rect()).adjusted(_LINE / 2, _LINE / 2, -_LINE / 2, -_LINE / 2))


class Drags(QObject):
    """Follows docks that are dragged by their titles.

    docks  those that are open
    color  of the outlines
    stand  has a dock stand at a target, or over the window with its corner at a global pixel
    """

    def __init__(
        self,
        area: QMainWindow,
        docks: Sequence[Dock],
        color: Callable[[], QColor],
        stand: Callable[[Dock, Target | None, QPoint], None],
    ) -> None:
        super().__init__(area)
        self._area, self._docks, self._color, self._stand = area, docks, color, stand
        self._inside, self._outside = Outline(area, over_all=False), Outline(area, over_all=True)

    def follow(self, dock: Dock) -> None:
        """Follow the title of a dock, as long as there is one."""
        dock.title.dragged.connect(partial(self._show, dock))
        dock.title.let_go.connect(partial(self._let_go, dock))
        dock.title.dropped.connect(self.end)

    def end(self) -> None:
        """Outline nothing: what was dragged stays where it is."""
        self._inside.hide()
        self._outside.hide()

    def _target(self, dock: Dock, at: QPoint, *, stays: bool) -> Target | None:
        if stays:
            return None
        seen = [
            each
            for each in self._docks
            if each is not dock and not each.isFloating() and not each.visibleRegion().isEmpty()
        ]
        tabbed = [each for each in seen if self._area.tabifiedDockWidgets(each)]
        return target_at(self._area.mapFromGlobal(at), self._area.rect(), seen, tabbed)

    def _is_home(self, dock: Dock, at: QPoint) -> bool:
        return not dock.isFloating() and dock.rect().contains(dock.mapFromGlobal(at))

    def _show(self, dock: Dock, at: QPoint, stays: bool) -> None:
        corner = at - dock.title.mapTo(dock, dock.title.grip)
        if dock.isFloating():
            dock.move(corner)
        is_home = self._is_home(dock, at)
        target = None if is_home else self._target(dock, at, stays=stays)
        color = self._color()
        if target is not None:
            self._outside.hide()
            self._inside.show_at(target.outline, color)
        elif is_home or dock.isFloating():
            self.end()
        else:
            self._inside.hide()
            self._outside.show_at(QRect(corner, dock.size()), color)

    def _let_go(self, dock: Dock, at: QPoint, stays: bool) -> None:
        self.end()
        if not self._is_home(dock, at):
            corner = at - dock.title.mapTo(dock, dock.title.grip)
            self._stand(dock, self._target(dock, at, stays=stays), corner)
