"""The pyqtgraph view both kinds of chart are built in, and the mouse as they understand it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import ceil
from typing import Any, Protocol

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QRegion, QWheelEvent
from PySide6.QtWidgets import QGraphicsGridLayout, QGraphicsItem, QWidget

from capflow_gui.present.numbers import Unit, unit_for
from capflow_gui.ui.chart.axes import Axis, Interval, MoneyAxis, TimeAxis
from capflow_gui.ui.chart.crosshair import Aim, Crosshair, Readout
from capflow_gui.ui.chart.geometry import Frame, Span, grow
from capflow_gui.ui.chart.layers.picture import Picture
from capflow_gui.ui.chart.look import Fonts, Look
from capflow_gui.ui.chart.marks import Marks
from capflow_gui.ui.chart.pane_item import PaneItem
from capflow_gui.ui.keyboard import KeyTable

_TAP_PX = 4.0
ZOOM_STEP = 0.7
# Kept free over and under the data of a pane: the words at its top, the ends of lines at its foot.
HEAD_PX, FOOT_PX = 34.0, 14.0
# The crosshair's table stands in a chart of this height at least.
TABLE_LEAST_HEIGHT = 300
TAG_HALF_PX = 10.0
# So much is kept in view beside the minute that the keys go to.
_REVEAL = 3.0
# From so many moves in a row on it pays to paint what lies under the crosshair from a picture.
_STILL = 2
_SIDES = {"left": (0, 0), "right": (0, 2), "bottom": (1, 1)}  # rows and columns of the grid
# A notch of a wheel is so much of angleDelta(), and moves by this share of what is shown.
_WHEEL_STEP, _PAN_SHARE = 120.0, 0.1
# pyqtgraph drops moves that come within 10 ms of each other: a quick hand would then grip nothing.
pg.setConfigOption("mouseRateLimit", -1)


class Walker(Protocol):
    """A crosshair that keys move: `index` is where it stands, None while it is away."""

    index: int | None

    def step(self, by: int) -> None:
        """Move it along."""

    def stand(self, index: int) -> None:
        """Put it on an index."""

    def ends(self) -> tuple[int, int]:
        """The first and the last index it can stand on."""

    def read(self) -> Readout | None:
        """What it stands on; None while it is away."""


class Plot(pg.GraphicsWidget):
    """A view box with its axes. pyqtgraph's PlotItem makes 140 widgets beside them, for menus nobody opens."""

    def __init__(self, money: MoneyAxis, time: TimeAxis | None = None) -> None:
        super().__init__()
        self.box = pg.ViewBox(self, enableMenu=False)
        self.money = money
        self.time = time
        self._grid = QGraphicsGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self._grid.addItem(self.box, 0, 1)
        self._grid.setRowStretchFactor(0, 100)
        self._grid.setColumnStretchFactor(1, 100)
        self.set_axis(money)
        if time is not None:
            self.set_axis(time)
        self.box.setFlag(self.GraphicsItemFlag.ItemClipsChildrenToShape, False)
        self.box.disableAutoRange()
        self.box.setMouseEnabled(x=True, y=False)
        self.box.setDefaultPadding(0)
        # These draw nothing here. Qt need not ask where they are, which is a call into Python each.
        for frame in (self, self.box):
            frame.setFlag(self.GraphicsItemFlag.ItemHasNoContents)

    def set_axis(self, axis: Axis) -> None:
        """Show an axis at its side of the view box: left, right or bottom."""
        axis.linkToView(self.box)
        axis.setZValue(0.5)
        self._grid.addItem(axis, *_SIDES[axis.orientation])

    def getViewBox(self) -> Any:
        """The pyqtgraph view box."""
        return self.box


class PlotView(pg.GraphicsLayoutWidget):
    """One chart: plots below each other, marks and crosshair over them.

    Signals carry scene pixels. `tapped` is a press and release in one place; `double_clicked` shows all there is.
    `dragged` and `dropped` are the moves after a press inside `grip`, and the release. `zoom_changed(bool)`: whether
    a part is shown. `walked(Readout)`: keys moved the crosshair there.

    With a `picture` what is painted is kept in it; while `held`, that is shown and nothing new.
    """

    pointed = Signal(float, float)
    departed = Signal()
    tapped = Signal(float, float)
    double_clicked = Signal()
    dragged = Signal(float)
    dropped = Signal(float)
    zoom_changed = Signal(bool)
    walked = Signal(object)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.fonts = Fonts(look.theme)
        self.setBackground(look.theme.panel)
        self.setCacheMode(self.CacheModeFlag.CacheNone)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        for widget in (self, self.viewport()):
            widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            widget.setAcceptDrops(False)  # as QGraphicsView does, and warns of a drag that comes while it is shown
        self.ci.layout.setContentsMargins(0, 0, 0, 0)
        self.ci.layout.setSpacing(0)
        self._dirty: QRegion | None = None
        self.cross = Crosshair(self._update_cross, self.touches)
        self._asked: list[QRect] = []  # where the crosshair asks for a repaint
        self._ground: QPixmap | None = None
        self._still = 0  # how many repaints in a row the crosshair alone has asked for
        self.picture: Picture | None = None
        self.held = False
        self.marks = Marks(self.touches)
        self.tags = Marks(self.touches)
        for marks in (self.marks, self.tags):
            self.scene().addItem(marks)
        self.grip: QRectF | None = None
        self._gripping = False
        self.released_inside = True
        self.zoomed = False
        self._pressed: QPointF | None = None
        self._hovering = False

    def make_plot(self, row: int, money: MoneyAxis, time: TimeAxis | None = None) -> Plot:
        """A plot with these axes and nothing of its own behaviour but zoom and pan along x."""
        plot = Plot(money, time)
        self.addItem(plot, row=row, col=0)
        self.ci.setFlag(self.ci.GraphicsItemFlag.ItemHasNoContents)
        return plot

    def _update_cross(self, box: QRectF) -> None:
        area = box.toAlignedRect()
        self._asked.append(area)
        self.viewport().update(area)

    def _is_asked(self, dirty: QRegion) -> bool:
        """Whether the crosshair alone asked for a repaint: what is new in the data is wider than its lines."""
        asked = QRegion()
        for area in self._asked:
            asked += area
        return dirty.subtracted(asked).isEmpty()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Remember what is dirty: an item's own exposed rectangle is the hull of it, which may be everything.

        While only the crosshair moves, what lies under it is painted from a picture.
        """
        dirty, ground = event.region(), self.look.theme.panel
        if self.picture is not None and self.held:
            self.picture.show(self.viewport(), ground)
            self._still = 0
            self._asked.clear()
            return
        self._paint(event, dirty)
        if self.picture is not None:
            self.picture.take(self.viewport(), dirty, ground)

    def _paint(self, event: QPaintEvent, dirty: QRegion) -> None:
        self._dirty = dirty
        shown = self.cross.is_shown
        alone = shown and self._is_asked(dirty)
        self._still = self._still + 1 if alone else 0
        self._asked.clear()
        for marks in (self.marks, self.tags):
            marks.apart = shown
        if self._still < _STILL:
            self._ground = None
            super().paintEvent(event)
        elif self._ground is None:
            self._ground = self._pictured()
        for marks in (self.marks, self.tags):
            marks.apart = False
        if shown:
            self._dirty = dirty
            with QPainter(self.viewport()) as painter:
                if self._ground is not None:
                    painter.drawPixmap(0, 0, self._ground)
                self.cross.paint(painter, self._paint_marks)
        self._dirty = None

    def _pictured(self) -> QPixmap:
        """All that the scene shows but the marks."""
        self._dirty = None
        ratio, area = self.devicePixelRatioF(), self.viewport().rect()
        picture = QPixmap(ceil(area.width() * ratio), ceil(area.height() * ratio))
        picture.setDevicePixelRatio(ratio)
        with QPainter(picture) as painter:
            self.render(painter, QRectF(area), area)
        return picture

    def _paint_marks(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for marks in (self.marks, self.tags):
            marks.draw(painter)

    def touches(self, box: QRectF) -> bool:
        """Whether a scene rectangle lies in what is being painted."""
        return self._dirty is None or self._dirty.intersects(box.toAlignedRect())

    def narrow(self, item: QGraphicsItem, hull: QRectF) -> tuple[QRectF, bool]:
        """The hull of what is dirty inside an item, in its coordinates; `hull` is that of all that is dirty.

        And whether what is dirty is more than one rectangle.
        """
        dirty = self._dirty
        if dirty is None or dirty.rectCount() == 1:
            return hull, False
        to_scene = item.sceneTransform()
        inside = dirty.intersected(to_scene.mapRect(item.boundingRect()).toAlignedRect())
        return to_scene.inverted()[0].mapRect(QRectF(inside.boundingRect())) & hull, True

    @staticmethod
    def frame(plot: Plot) -> Frame:
        """Where a plot's data lie on the screen."""
        box = plot.getViewBox()
        area = box.mapRectToScene(box.rect())
        (x0, x1), (y0, y1) = box.viewRange()
        return Frame(
            area.left(), area.top(), max(area.width(), 1.0), max(area.height(), 1.0), Span(x0, x1), Span(y0, y1)
        )

    def fit_money(self, plot: Plot, item: PaneItem, extent: Span, unit: Unit | None = None) -> None:
        """Give a pane the range its data need; round amounts at its axis, and `item`'s grid at those."""
        box, scale = plot.getViewBox(), self.fonts.scale
        span = grow(None, extent, max(float(box.height()), 40.0), HEAD_PX * scale, FOOT_PX * scale)
        box.setYRange(span.low, span.high, padding=0)
        plot.money.set_unit(unit or unit_for(max(-span.low, span.high)))
        item.set_rules(tuple(value for value in plot.money.ticks() if value != 0))
        plot.money.setWidth(plot.money.needed_width())

    def tag_spans(self, frame: Frame, ys: Sequence[float]) -> list[Interval]:
        """The pixels along a pane's axis that tags at scene `ys` cover."""
        half = TAG_HALF_PX * self.fonts.scale
        return [(at - half - frame.top, at + half - frame.top) for at in ys]

    def tag_axes(self, plot: Plot, aim: Aim) -> None:
        """Hide the labels under the tags of the crosshair."""
        frame, times = self.frame(plot), self.cross.times
        labels = plot.money.under(self.tag_spans(frame, [] if aim.y is None else [aim.y]))
        if plot.time is not None:
            labels += plot.time.under([(times[0] - frame.left, times[1] - frame.left)])
        self.cross.cover(labels)

    def near_line(self, _y: float) -> bool:
        """Whether something that can be dragged lies at this height: the scene must see the mouse then."""
        return False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse; the scene's own hover search is skipped where nothing can be hovered."""
        position = event.position()
        if self._gripping:
            self.dragged.emit(position.y())
            return
        busy = event.buttons() != Qt.MouseButton.NoButton
        near = self.near_line(position.y())
        if busy or near or self._hovering:
            self._hovering = near or busy
            super().mouseMoveEvent(event)
        over_grip = self.grip is not None and self.grip.contains(position)
        if over_grip:
            self.viewport().setCursor(Qt.CursorShape.SizeVerCursor)
        elif not near:
            self.viewport().unsetCursor()
        if not busy:
            self.pointed.emit(position.x(), position.y())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Grip the tag, or let the scene have it."""
        self._pressed = event.position()
        left = event.button() == Qt.MouseButton.LeftButton
        if left and self.grip is not None and self.grip.contains(event.position()):
            self._gripping = True
        else:
            super().mousePressEvent(event)
        event.ignore()  # the chart takes the keyboard

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all there is; the first click of the two was none."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()
            self.show_all()

    def show_all(self) -> None:
        """End any zoom."""

    def note_zoom(self, zoomed: bool) -> None:
        """Remember whether a part is shown, and tell of a change."""
        if zoomed != self.zoomed:
            self.zoomed = zoomed
            self.zoom_changed.emit(zoomed)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer; a wheel that turns sideways, or ⇧, moves along the session."""
        turned, plain = event.angleDelta(), event.modifiers() != Qt.KeyboardModifier.ShiftModifier
        across = turned.x() if abs(turned.x()) > abs(turned.y()) else 0 if plain else turned.y()
        if not across:
            super().wheelEvent(event)
        elif self.zoomed:
            self.pan(-across / _WHEEL_STEP * _PAN_SHARE)
        event.accept()

    def pan(self, share: float) -> None:
        """Move along by a share of what is shown, towards the newest where it is positive."""
        low, high = self._x_box.viewRange()[0]
        self._x_box.translateBy(x=(high - low) * share)

    @property
    def _x_box(self) -> Any:
        """The view box whose x range the others are linked to."""
        return next(iter(self.ci.items)).getViewBox()

    def zoom(self, factor: float, center: float | None = None) -> None:
        """Show `factor` times as much along x, about an index or the middle."""
        self._x_box.scaleBy(x=factor, center=None if center is None else (center, 0))

    def reveal(self, index: int) -> None:
        """Move a zoomed view so far that an index is in it."""
        low, high = self._x_box.viewRange()[0]
        room = min(_REVEAL, (high - low) / 4)
        by = min(index - room - low, 0.0) + max(index + room - high, 0.0)
        if self.zoomed and by:
            self._x_box.translateBy(x=by)

    def walking_keys(self, walker: Walker) -> KeyTable:
        """← → one (⇧ ten), Home End, + − 0, as every plot has them; the view follows the crosshair."""
        table = KeyTable()

        def walk(go: Callable[[], object]) -> None:
            go()
            if walker.index is not None:
                self.reveal(walker.index)
                self.walked.emit(walker.read())

        def zoom(factor: float) -> None:
            self.zoom(factor, walker.index)

        for written, by in (("←", -1), ("→", 1), ("⇧←", -10), ("⇧→", 10)):
            table.add(written, partial(walk, partial(walker.step, by)))
        table.add("Home", partial(walk, lambda: walker.stand(walker.ends()[0])))
        table.add("End", partial(walk, lambda: walker.stand(walker.ends()[1])))
        for signs, factor in ((("+", "="), ZOOM_STEP), (("−", "⇧−"), 1 / ZOOM_STEP)):
            for sign in signs:
                table.add(sign, partial(zoom, factor))
        table.add("0", self.show_all)
        return table

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Drop the tag, or report a tap."""
        position = event.position()
        self.released_inside = self.viewport().rect().contains(position.toPoint())
        if self._gripping:
            self._gripping = False
            self.dropped.emit(position.y())
            return
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, None
        if (
            pressed is not None
            and event.button() == Qt.MouseButton.LeftButton
            and (position - pressed).manhattanLength() <= _TAP_PX
        ):
            self.tapped.emit(position.x(), position.y())

    def leaveEvent(self, event: QEvent) -> None:
        """Take the crosshair away."""
        super().leaveEvent(event)
        self.departed.emit()

    def handle_key(self, _event: QKeyEvent) -> bool:
        """Do what a key of the chart means here; False where it means nothing."""
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys are the chart's."""
        event.ignore()
