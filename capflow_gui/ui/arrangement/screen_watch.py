"""Tells when the screens of the computer have changed and are at rest again."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QScreen

from capflow_gui.domain.arrangement.screens import Screens, are_same
from capflow_gui.ui.window.place import screens

SETTLED_MS = 1000


class ScreenWatch(QObject):
    """changed(Screens before, Screens now): a second after the last of several changes."""

    changed = Signal(object, object)

    def __init__(self, parent: QObject, read: Callable[[], Screens] = screens) -> None:
        super().__init__(parent)
        self._read = read
        self.now = read()
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLED_MS)
        self._settling.timeout.connect(self.look)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)  # noqa: S101 - there are no screens without one
        app.screenAdded.connect(self._added)
        app.screenRemoved.connect(self.wait)
        app.primaryScreenChanged.connect(self.wait)
        for screen in app.screens():
            self._follow(screen)

    @property
    def is_at_rest(self) -> bool:
        """Whether the screens are still those of `now`."""
        return not self._settling.isActive() and are_same(self.now, self._read())

    def _added(self, screen: QScreen) -> None:
        self._follow(screen)
        self.wait()

    def _follow(self, screen: QScreen) -> None:
        screen.geometryChanged.connect(self.wait)
        screen.physicalDotsPerInchChanged.connect(self.wait)
        screen.logicalDotsPerInchChanged.connect(self.wait)

    def wait(self) -> None:
        """Something changed: look when it is at rest."""
        self._settling.start()

    def look(self) -> None:
        """Tell where the screens are others than before."""
        before, now = self.now, self._read()
        if not are_same(before, now):
            self.now = now
            self.changed.emit(before, now)

    def rest(self) -> None:
        """The window closes."""
        self._settling.stop()
