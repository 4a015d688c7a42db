"""What to do where there is little room: windows are fitted onto their screen, content scrolls."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QMargins, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QScrollArea, QWidget


class Area(QScrollArea):
    """Leaves the arrow keys to the window: they move through the list wherever the focus is."""

    widened = Signal()  # the content has another width

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the content follow the width before it is asked for the least it needs."""
        if event.size().width() != event.oldSize().width():
            self.widened.emit()
        super().resizeEvent(event)
        # A scroll bar is shown or hidden by a call that waits: the content would be painted at two widths, one a turn.
        QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys are not for the scroll bars."""
        event.ignore()


class WholeLines(QPlainTextEdit):
    """A text to be read, never with the half of a line at its lower end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.textChanged.connect(self._fit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the rest of a line below the text."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        first = self.document().firstBlock()
        line = self.blockBoundingRect(first).height() / max(first.lineCount(), 1)  # a font's own may be a pixel less
        below = self.viewportMargins().bottom()
        room = self.viewport().height() + below - self.document().documentMargin()
        rest = int(max(room, 0) % line)
        if below != rest:
            self.setViewportMargins(0, 0, 0, rest)


def scrolled(inner: QWidget) -> Area:
    """A frame as large as its place. `inner` fills it, and is scrolled where its minimum size is larger."""
    area = Area(inner.parentWidget())  # the order of the keyboard stays as it was made
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inner)
    inner.setAutoFillBackground(False)
    area.viewport().setAutoFillBackground(False)
    return area


def into_sight(part: QWidget) -> None:
    """Scroll the frame of `scrolled` that a part stands in so that it is seen, also where it was shown just now."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    frame = part.parentWidget()
    while frame is not None and not isinstance(frame, Area):
        frame = frame.parentWidget()
    if frame is not None:
        frame.ensureWidgetVisible(part)


def fit(window: QWidget, centre: QPoint | None = None) -> None:
    """Shrink and move a window so that all of it, frame included, is on the screen that holds its centre.

    `centre` moves it there first; without it the upper left corner stays where there is room. Until it is on screen
    the frame may be unknown: it is guessed from the font.
    """
    size, frame = window.size(), window.frameGeometry()
    around = QMargins(
        window.x() - frame.x(),
        window.y() - frame.y(),
        frame.right() - window.x() - size.width() + 1,
        frame.bottom() - window.y() - size.height() + 1,
    )
    handle = window.windowHandle()
    if around.isNull() and (handle is None or not handle.isVisible()):
        around = QMargins(2, max(2 * window.fontMetrics().height(), 32), 2, 2)
    middle = frame.center() if centre is None else centre
    screen = QGuiApplication.screenAt(middle) or QGuiApplication.primaryScreen()
    wanted = QRect(QPoint(), size).marginsAdded(around)
    if centre is None:  # around the middle, a frame that is guessed would move the window with every start
        wanted.moveTopLeft(frame.topLeft())
    else:
        wanted.moveCenter(centre)
    fitted = within(wanted, screen.availableGeometry())
    if centre is not None or fitted != frame:
        window.resize(fitted.marginsRemoved(around).size())
        window.move(fitted.topLeft())


def within(wanted: QRect, available: QRect) -> QRect:
    """`wanted` made no larger than `available`, and moved into it."""
    size = wanted.size().boundedTo(available.size())
    left = min(max(wanted.left(), available.left()), available.right() + 1 - size.width())
    top = min(max(wanted.top(), available.top()), available.bottom() + 1 - size.height())
    return QRect(QPoint(left, top), size)
