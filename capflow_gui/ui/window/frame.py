"""The top-level window. It is on screen, in its place and colours, before what it will hold has been imported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QRect, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget
from shiboken6 import isValid

from capflow_gui.present.language.texts import _
from capflow_gui.ui.fitting import fit
from capflow_gui.ui.late import InTurns, later
from capflow_gui.ui.theme import Role, Theme, Themed, apply_theme, dress
from capflow_gui.ui.window.place import MINIMUM, place

if TYPE_CHECKING:
    from capflow_gui.ui.window.main_window import MainWindow

_TOOLBAR, _STATUS, _WATCHLIST = 50, 28, 0.4925
_NESTED = 12  # so many layouts lie in each other at the most; Qt sends those of one level at a time


class Notice(QWidget):
    """Lies over a picture that follows nothing for a while, whose figures would look true now: it says what goes on."""

    def __init__(self, theme: Theme, over: QWidget) -> None:
        super().__init__(over)
        self._theme = theme
        self.setAccessibleName(_("One moment: the window is made anew."))
        self.setFont(theme.font(Role.FIGURE))
        # Painted alone: what lies below it stays as it is.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        box = self.fontMetrics().boundingRect(self.accessibleName()).adjusted(-32, -20, 32, 20)
        box.moveCenter(over.rect().center())
        self.setGeometry(box)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  Qt's signature
        """The words on a card."""
        painter = QPainter(self)
        painter.setPen(self._theme.accent)
        painter.setBrush(self._theme.raised)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.setPen(self._theme.text)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.accessibleName())


class Frame(QMainWindow):
    """`painted` once, when the first paint is done; `closing` when the user wants to leave before anything is held."""

    painted = Signal()
    closing = Signal()

    def __init__(self, geometry: str, theme: Theme, *, simulated: bool) -> None:
        super().__init__()
        self._theme = theme
        self._dressing = InTurns(self)
        self._unpainted: list[QWidget] = []  # windows that are being given another theme
        self._is_kept = False  # as it is: see `unchanged`
        self._put_off: Callable[[], object] | None = None  # the theme that was wanted meanwhile
        self._held: MainWindow | None = None
        self._painted = False
        self._may_close = False
        self.setWindowTitle(_("SIMULATED – Capflow") if simulated else "Capflow")
        self.setMinimumSize(*MINIMUM)
        place(self, geometry)

    def hold(self, window: MainWindow, app: QApplication) -> None:
        """Show a window's content as this one's, in its theme; title, closing and minimising follow."""
        for _step in self.take(window, app):
            pass

    def take(self, window: MainWindow, app: QApplication) -> Iterator[None]:
        """`hold`, in steps; what was held before is deleted after the first."""
        self._held = window
        window.setWindowFlags(Qt.WindowType.Widget)
        if window.windowTitle():
            self.setWindowTitle(window.windowTitle())
        window.windowTitleChanged.connect(self.setWindowTitle)
        has_keyboard = window.focusWidget()
        self.setCentralWidget(window)
        yield
        self._stop_dressing()
        self._theme = window.theme
        yield from dress(app, window.theme)
        yield
        self.setEnabled(True)
        window.show()
        if has_keyboard is not None:
            has_keyboard.setFocus(Qt.FocusReason.OtherFocusReason)

    def dress(self, app: QApplication, theme: Theme, parts: Callable[[], Iterable[Themed]]) -> None:
        """Have another theme everywhere, `parts` of the program included, in turns; nothing is painted in between.

        A theme that is wanted meanwhile takes the place of this one, and then all is painted. Panels that are closed
        are left: to style them takes as long as to style those that are seen.
        """
        if self._is_kept:
            self._put_off = partial(self.dress, app, theme, parts)
            return
        worn, self._theme = self._theme, theme
        if (worn.scheme, worn.palette, worn.font_scale) != (theme.scheme, theme.palette, theme.font_scale):
            self._dressing.begin(self._dress(app, theme, parts))

    def _dress(self, app: QApplication, theme: Theme, parts: Callable[[], Iterable[Themed]]) -> Iterator[None]:
        visible = [self, *(each for each in app.topLevelWidgets() if each.isVisible() and each is not self)]
        for window in visible:
            if window not in self._unpainted:
                window.setUpdatesEnabled(False)
                self._unpainted.append(window)
        try:
            if self._held is not None:
                self._held.panels.leave_closed()
                yield
            yield from dress(app, theme)
            yield
            for part in parts():
                part.set_theme(theme)
                yield
            while self._unpainted:  # each is painted in a turn of its own
                _paint(self._unpainted.pop(0))
                yield
        except Exception:
            self._paint_all()
            raise

    def _stop_dressing(self) -> None:
        self._dressing.stop()
        self._paint_all()

    def _paint_all(self) -> None:
        while self._unpainted:
            _paint(self._unpainted.pop())

    @property
    def dressing(self) -> bool:
        """Whether it is being given another theme."""
        return self._dressing.running

    @contextmanager
    def unchanged(self, app: QApplication) -> Iterator[None]:
        """While inside, it looks as it does, under a notice, and takes no keys or clicks until another window is held.

        A theme that is wanted meanwhile is put on after it. Where there is no style sheet in the end, it gets its own.
        """
        self._is_kept = True
        notice = Notice(self._theme, self)
        if self._held is not None:
            self._held.setUpdatesEnabled(False)  # the notice is painted, and nothing else that is to be
        notice.show()
        notice.repaint()
        self.setUpdatesEnabled(False)
        self.setEnabled(False)
        try:
            yield
        finally:
            if not app.styleSheet():
                apply_theme(app, self._theme)
            self.setEnabled(True)
            notice.hide()
            notice.deleteLater()
            self.setUpdatesEnabled(True)
            if self._held is not None:
                self._held.setUpdatesEnabled(True)
            self._is_kept = False
            wanted, self._put_off = self._put_off, None
            if wanted is not None:
                wanted()

    def come_up(self) -> None:
        """Before all others, also where it was minimised or hidden."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def may_close(self) -> None:
        """From now on closing closes."""
        self._may_close = True
        self._stop_dressing()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Refuse once and say so: what runs behind the window is stopped in order first."""
        if self._may_close:
            event.accept()
            return
        event.ignore()
        if self._held is not None:
            self._held.leave()
        else:
            self.closing.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Minimised, what is held rests."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.WindowStateChange and self._held is not None:
            self._held.follow_visibility()

    def event(self, event: QEvent) -> bool:
        """Lay out all there is to lay out before it is painted.

        A layout asks those around and inside it by events that come behind the paint that waits: the window would be
        painted twice, and first as it was half laid out.
        """
        if event.type() is QEvent.Type.UpdateRequest:
            _lay_out_all()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.UpdateLater)
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The window system may have it painted next, before the event loop asks for it."""
        super().resizeEvent(event)
        _lay_out_all()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  Qt's signature
        """Until there is more: chrome and content in their colours, and the lines between them."""
        if self._held is None:
            theme, width, height = self._theme, self.width(), self.height()
            painter = QPainter(self)
            top, foot = theme.px(_TOOLBAR), theme.px(_STATUS)
            # Not by fillRect: that would load all that Qt knows of gradients first.
            painter.setPen(Qt.PenStyle.NoPen)
            for colour, box in (
                (theme.panel, self.rect()),
                (theme.bg, QRect(0, 0, width, top)),
                (theme.bg, QRect(0, height - foot, width, foot)),
                (theme.line, QRect(round(width * _WATCHLIST), top, 1, height - top - foot)),
            ):
                painter.setBrush(colour)
                painter.drawRect(box)
        if not self._painted:
            self._painted = True
            if not self.isMaximized() and not self.isFullScreen() and QGuiApplication.platformName() != "offscreen":
                fit(self)  # only now is the frame known
            later(self, self.painted.emit)


def _lay_out_all() -> None:
    for _level in range(_NESTED):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)


def _paint(window: QWidget) -> None:
    if isValid(window):
        window.setUpdatesEnabled(True)
