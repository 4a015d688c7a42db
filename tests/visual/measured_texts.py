"""Measures every text on screen against its box: painted ones as they are painted, Qt's widgets by their hints.

`python -m tests.visual.measured_texts PICTURE SCALE WIDTH HEIGHT [SCENE…]` prints what does not fit and draws the first
scene into PICTURE; QT_SCALE_FACTOR is obeyed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QStaticText
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDialog,
    QGraphicsView,
    QHeaderView,
    QLabel,
    QLineEdit,
    QScrollArea,
    QWidget,
)

from capflow_gui.ui.window.detail_table import DetailTable

_SLACK = 1.0
# A line of text is higher than its letters: so much of it, above and below, may be shared.
_LEADING = 0.18


@dataclass(frozen=True)
class Painted:
    """One text: where, in pixels of its device, the room it had, and who painted it."""

    text: str
    box: QRectF
    ink: QRectF
    device: object
    painter: str

    @property
    def place(self) -> str:
        """For messages."""
        return f"{type(self.device).__name__} ({self.painter})"


@contextmanager
def recorded() -> Iterator[list[Painted]]:
    """What is painted by Python code while this is open."""
    found: list[Painted] = []
    draw_text, draw_static = QPainter.drawText, QPainter.drawStaticText

    def text_drawn(painter: QPainter, where: QRectF | QPointF, *how: Any) -> object:
        metrics = QFontMetricsF(painter.font())
        if isinstance(where, QPointF):  # the left end of the baseline
            size = QSizeF(metrics.horizontalAdvance(how[0]), metrics.height())
            found.append(_painted(painter, how[0], QRectF(), QRectF(where - QPointF(0, metrics.ascent()), size)))
            return draw_text(painter, where, *how)
        (flags, text), box = how, QRectF(where)
        ink = metrics.boundingRect(box, int(flags), text)
        ink.setWidth(metrics.horizontalAdvance(text))
        free = Qt.TextFlag.TextDontClip.value & int(flags)
        found.append(_painted(painter, text, QRectF() if free else box, ink))
        return draw_text(painter, where, *how)

    def static_drawn(painter: QPainter, at: QPointF, static: QStaticText) -> object:
        metrics = QFontMetricsF(painter.font())
        size = QSizeF(metrics.horizontalAdvance(static.text()), metrics.height())
        found.append(_painted(painter, static.text(), QRectF(), QRectF(at, size)))
        return draw_static(painter, at, static)

    QPainter.drawText, QPainter.drawStaticText = text_drawn, static_drawn  # type: ignore[method-assign, assignment]
    try:
        yield found
    finally:
        QPainter.drawText, QPainter.drawStaticText = draw_text, draw_static  # type: ignore[method-assign]


def _painted(painter: QPainter, text: str, box: QRectF, ink: QRectF) -> Painted:
    frame, who = sys._getframe(2), ""
    while frame is not None and not who:
        owner = frame.f_locals.get("self")
        drawing = frame.f_code.co_name in ("play", "paint", "draw", "paintEvent")
        if drawing and owner is not None and type(owner).__name__ != "Text":
            who = type(owner).__name__
        frame = frame.f_back  # type: ignore[assignment]
    transform = painter.transform()
    return Painted(text, box, transform.mapRect(ink), painter.device(), who)


def faults(shown: QWidget) -> list[str]:
    """What on a widget on screen does not fit, in words."""
    with recorded() as texts:
        for view in shown.findChildren(QGraphicsView):
            for item in view.scene().items():
                if hasattr(item, "picture"):
                    item.picture = None  # an axis of pyqtgraph's: it plays what it once painted
                    item.update()
        forget = getattr(getattr(getattr(shown, "watchlist", None), "table", None), "_forget", None)
        if forget is not None:
            forget()
        shown.grab()
    said = [fault for painted in texts for fault in _cut(painted)]
    groups: dict[tuple[int, str], list[Painted]] = {}
    for painted in texts:
        groups.setdefault((id(painted.device), painted.painter), []).append(painted)
    for group in groups.values():
        said += [f"{a.text!r} and {b.text!r} overlap in {a.place}" for a, b in combinations(group, 2) if _overlap(a, b)]
    for widget in (shown, *shown.findChildren(QWidget)):
        if widget.isVisibleTo(shown) and not widget.visibleRegion().isEmpty():
            said += _widget_faults(widget)
    if isinstance(shown, QDialog):  # its content scrolls up and down; whoever reads a line does not move it sideways
        said += [
            "it scrolls sideways" for area in shown.findChildren(QScrollArea) if area.horizontalScrollBar().maximum()
        ]
    return sorted(set(said))


def _cut(painted: Painted) -> Iterator[str]:
    ink, box = painted.ink, painted.box
    if not box.isEmpty() and (ink.width() > box.width() + _SLACK or ink.height() > box.height() + _SLACK):
        has = f"{box.width():.0f}×{box.height():.0f}"
        yield f"{painted.text!r} needs {ink.width():.0f}×{ink.height():.0f} of {has} in {painted.place}"
    device = painted.device
    if isinstance(device, QWidget):
        room, letters = QRectF(device.rect()).adjusted(-_SLACK, -_SLACK, _SLACK, _SLACK), _letters(painted)
        view = device.parentWidget()
        if isinstance(view, QAbstractItemView):  # a list scrolls up and down
            letters.moveTop(room.top())
        if isinstance(view, DetailTable) and view.horizontalScrollBar().maximum():  # and its columns sideways
            letters.moveLeft(room.left())
        if not room.contains(letters):
            yield f"{painted.text!r} reaches out of {painted.place}"
        if painted.text.endswith("…") and not _told(device):
            yield f"{painted.text!r} is elided without a tooltip in {painted.place}"


def _told(device: QWidget) -> bool:
    """Whether the whole text can be read by pointing at it."""
    parent = device.parentWidget()
    return bool(device.toolTip()) or hasattr(parent, "model") or isinstance(parent, QHeaderView)


def _letters(painted: Painted) -> QRectF:
    spare = painted.ink.height() * _LEADING
    return painted.ink.adjusted(1, spare, -1, -spare)


def _overlap(a: Painted, b: Painted) -> bool:
    if a.text == b.text and a.ink == b.ink:
        return False  # painted twice
    return _letters(a).intersects(_letters(b))


def _widget_faults(widget: QWidget) -> Iterator[str]:
    name, size = f"{type(widget).__name__} {_words(widget)!r}", widget.size()
    hint = widget.sizeHint()
    if isinstance(widget, QLabel) and widget.text():
        needed = widget.heightForWidth(size.width()) if widget.wordWrap() else hint.height()
        if needed > size.height() + _SLACK or (not widget.wordWrap() and hint.width() > size.width() + _SLACK):
            yield f"{name} is cut: {hint.width()}×{needed} in {size.width()}×{size.height()}"
    elif isinstance(widget, QComboBox | QAbstractButton):
        if isinstance(widget.parentWidget(), QLineEdit):
            return  # what clears a field: it has no text, and Qt draws its picture in its middle whatever its hint
        if hint.width() > size.width() + _SLACK or hint.height() > size.height() + _SLACK:
            yield f"{name} is cut: {hint.width()}×{hint.height()} in {size.width()}×{size.height()}"
    elif isinstance(widget, QLineEdit) and widget.fontMetrics().height() > size.height() - 4:
        yield f"{name} is too low"
    parent = widget.parentWidget()
    if isinstance(widget, QLabel) and widget.text() and parent is not None:
        high = needed if widget.alignment() & Qt.AlignmentFlag.AlignVCenter else size.height()
        letters = QRect(0, 0, size.width(), high)
        letters.moveCenter(widget.geometry().center())
        for other in parent.findChildren(QHeaderView, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if other.isVisible() and other.geometry().intersects(letters):
                yield f"{name} stands over the headers"
    inside = parent is None or widget.isWindow() or _scrolls(parent) or parent.rect().contains(widget.geometry())
    if not inside and isinstance(widget, QLabel | QAbstractButton | QComboBox | QLineEdit):
        yield f"{name} reaches out of {type(parent).__name__}: {widget.geometry().getRect()} in {size.width()}"


def _scrolls(parent: QWidget) -> bool:
    area = parent.parentWidget()
    return isinstance(area, QScrollArea) and area.viewport() is parent


def _words(widget: QWidget) -> str:
    if isinstance(widget, QComboBox):
        return widget.currentText()
    return widget.text() if isinstance(widget, QLabel | QAbstractButton | QLineEdit) else widget.accessibleName()


def main(picture: str, scale: float, width: int, height: int, *names: str) -> int:
    """Print the faults of scenes at one font size and one size, and draw the first scene; how many faults there are."""
    from capflow_gui.ui.theme import FUSION, apply_theme, build_theme
    from tests.visual.window_scenes import SCENES, scenes

    app = QApplication([sys.argv[0], *FUSION])
    theme = build_theme("dark", "green_up", scale)
    apply_theme(app, theme)

    def wait(true: object) -> None:
        while not true():  # type: ignore[operator]
            app.processEvents()

    count, first = 0, True
    for name, shown in scenes(names or SCENES, theme, (width, height), wait):
        if first:
            shown.grab().save(picture)
            first = False
        for fault in faults(shown):
            sys.stdout.write(f"{name}: {fault}\n")
            count += 1
    app.setStyleSheet("")
    return count


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    target, scale_text, *sizes = sys.argv[1:5]
    sys.exit(min(main(target, float(scale_text), *map(int, sizes), *sys.argv[5:]), 100))
