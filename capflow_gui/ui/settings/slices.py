"""Work that would hold the window up if it were done at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


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
