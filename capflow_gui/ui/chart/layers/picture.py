"""What a view showed when it was painted last, to be shown once more without painting it."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QPoint, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QRegion
from PySide6.QtWidgets import QWidget


class Picture:
    """A copy of a widget, taken from where it is painted: a thirtieth of what it takes to paint a chart."""

    def __init__(self) -> None:
        self._image: QImage | None = None

    @property
    def is_there(self) -> bool:
        """Whether something was painted since it was dropped."""
        return self._image is not None

    def drop(self) -> None:
        """Keep nothing: the widget is not seen."""
        self._image = None

    def take(self, widget: QWidget, painted: QRegion, ground: QColor) -> None:
        """Copy what was painted of a widget, in its paintEvent. What was never painted is of the colour `ground`.

        Where it is not painted on an image, as on a printer, there is no picture.
        """
        with QPainter(widget) as painter:
            engine, to_image = painter.paintEngine(), painter.deviceTransform()
            shown = None if engine is None else engine.paintDevice()
        if not isinstance(shown, QImage):
            self.drop()
            return
        size, image = _pixels(widget), self._image
        if image is None or image.size() != size or image.format() != shown.format():
            image = self._image = QImage(size, shown.format())
            image.fill(ground)
        at = to_image.map(QPoint(0, 0))
        with QPainter(image) as painter:
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
            for rect in painted:  # type: ignore[attr-defined]  # the stub has no iteration
                source = to_image.mapRect(QRectF(rect)).toAlignedRect()
                painter.drawImage(QRectF(source.translated(-at)), shown, QRectF(source))

    def show(self, widget: QWidget, ground: QColor) -> None:
        """Paint a widget as it was painted last in this size, in its paintEvent; `ground` where it was not."""
        image = self._image
        with QPainter(widget) as painter:
            if image is not None and image.size() == _pixels(widget):
                painter.drawImage(QRectF(widget.rect()), image, QRectF(image.rect()))
            else:
                painter.fillRect(widget.rect(), ground)


def _pixels(widget: QWidget) -> QSize:
    ratio = widget.devicePixelRatioF()
    return QSize(ceil(widget.width() * ratio), ceil(widget.height() * ratio))
