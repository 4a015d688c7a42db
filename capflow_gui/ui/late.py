"""What the window does later: parts made when they are first shown, and work done in more than one turn of the loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

W = TypeVar("W", bound=QWidget)


class Late(Generic[W]):
    """A widget that `make` makes when it is first called for or shown; `made` is None before.

    `then` is given the widget once it is made.
    """

    def __init__(self, make: Callable[[], W]) -> None:
        self._make = make
        self.made: W | None = None
        self.then: Callable[[W], object] | None = None

    def __call__(self) -> W:
        """The widget."""
        if self.made is None:
            self.made = self._make()
            if self.then is not None:
                self.then(self.made)
        return self.made

    def forget(self) -> None:
        """Delete it; it is made anew when it is called for, or shown."""
        if self.made is not None:
            self.made.deleteLater()
            self.made = None

    def show(self, on: bool) -> None:
        """Show or hide it."""
        if on or self.made is not None:
            self().setVisible(on)

    @property
    def is_shown(self) -> bool:
        """Whether it is on screen as soon as what it lies in is."""
        return self.made is not None and not self.made.isHidden()


def later(owner: QObject, do: Callable[[], object]) -> None:
    """Do something in the next turn of the event loop, unless `owner` is gone by then.

    Where it is gone, QTimer.singleShot keeps for ever what it was to call.
    """
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.timeout.connect(do)
    timer.timeout.connect(timer.deleteLater)
    timer.start(0)


class InTurns(QObject):
    """Does steps, one in each turn of the event loop: the window is painted and answers between them."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._steps: Iterator[None] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._next)

    @property
    def running(self) -> bool:
        """Whether there are steps to do."""
        return self._steps is not None

    def begin(self, steps: Iterator[None]) -> None:
        """Do steps from the next turn on. Those that are left of others are not done."""
        self._steps = steps
        self._timer.start(0)

    def stop(self) -> None:
        """Do nothing of what is left."""
        self._steps = None
        self._timer.stop()

    def _next(self) -> None:
        steps = self._steps
        more = False
        try:
            more = steps is not None and next(steps, self) is None
        finally:
            if not more and self._steps is steps:  # a step may have begun others
                self._steps = None
        if self._steps is not None:
            self._timer.start(0)


class Slices(QObject):
    """Does one piece of work in a turn of the event loop, in the order they were put in; in between the window lives.

    A piece that waits is put in by its key; put in once more it keeps its turn.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: dict[object, Callable[[], object]] = {}
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._turn)

    def put(self, key: object, do: Callable[[], object]) -> None:
        """Do something in a later turn."""
        self._waiting[key] = do
        if not self._timer.isActive():
            self._timer.start(0)

    def drop(self, key: object) -> None:
        """Leave a piece undone."""
        self._waiting.pop(key, None)

    def clear(self) -> None:
        """Leave everything undone."""
        self._waiting.clear()

    def __contains__(self, key: object) -> bool:
        return key in self._waiting

    def __len__(self) -> int:
        return len(self._waiting)

    def _turn(self) -> None:
        if self._waiting:
            self._waiting.pop(next(iter(self._waiting)))()
        if not self._waiting:
            self._timer.stop()
