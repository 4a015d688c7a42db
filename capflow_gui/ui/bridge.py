"""Carries what changes from the feed to the window, on two timers: a fast one for changes, a slow one for time.

While the board is at rest the slow one alone looks for changes, and tells of time now and then. Both stop while the
window cannot be seen. Alerts are announced all the same, from the session's own subscription.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import BoardView
from capflow_gui.ui.keyboard import tab

DRAIN_MS = 200
TICK_MS = 1000
REST_S = 5  # between two ticks while the board is at rest


class FlowBridge(QObject):
    """The window's subscription: says a few times a second what changed.

    flows_changed(frozenset[Symbol]) · histories_changed(frozenset[(Symbol, Period)]) · watchlist_changed ·
    links_changed · alerts_changed · tape_changed · passed once a second · ticked once a second, too, or every fifth
    while the board is at rest: then no age and no countdown moves.
    """

    flows_changed = Signal(object)
    histories_changed = Signal(object)
    watchlist_changed = Signal()
    links_changed = Signal()
    alerts_changed = Signal()
    tape_changed = Signal()
    passed = Signal()
    ticked = Signal()

    def __init__(
        self, board: BoardView, parent: QObject | None = None, *, at_rest: Callable[[], bool] = lambda: False
    ) -> None:
        """`at_rest` says whether what the window shows waits for changes alone."""
        super().__init__(parent)
        self._at_rest = at_rest
        self._seconds_left = 0  # until the next tick
        self._subscription = board.subscribe("window")
        self._drain = QTimer(self)
        self._drain.setInterval(DRAIN_MS)
        self._drain.timeout.connect(self.drain)
        self._tick = QTimer(self)
        self._tick.setTimerType(Qt.TimerType.PreciseTimer)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._second)

    @property
    def running(self) -> bool:
        """Whether the window is being fed."""
        return self._tick.isActive()

    def wake(self) -> None:
        """Feed the window, beginning with all it missed."""
        if self.running:
            return
        self._tick.start()
        self._drain.start()
        self._seconds_left = 0
        self._second()

    def rest(self) -> None:
        """Stop both timers; what changes meanwhile waits in the subscription."""
        self._drain.stop()
        self._tick.stop()

    def _second(self) -> None:
        self.drain()
        self.passed.emit()
        self._seconds_left -= 1
        if self._seconds_left > 0:
            return
        self.ticked.emit()
        rests = self._at_rest()
        self._seconds_left = REST_S if rests else 1
        if rests:
            self._drain.stop()

    def show(self, symbols: list[Symbol]) -> None:
        """The rows on screen: the feed asks for those first."""
        self._subscription.show(symbols)

    def close(self) -> None:
        """The window is closed."""
        self.rest()
        self._subscription.close()

    def drain(self) -> None:
        """Say what changed since the last time."""
        changes = self._subscription.changes()
        if not changes:
            return
        self._seconds_left = 1
        if self.running and not self._drain.isActive():
            self._drain.start()
        # The list first: a row that came with it must exist before its figures are read.
        if changes.watchlist:
            self.watchlist_changed.emit()
        if changes.links:
            self.links_changed.emit()
        if changes.symbols:
            self.flows_changed.emit(changes.symbols)
        if changes.histories:
            self.histories_changed.emit(changes.histories)
        if changes.alerts:
            self.alerts_changed.emit()
        if changes.tape:
            self.tape_changed.emit()


class FedWindow(QMainWindow):
    """A window that is fed while somebody can see it: `follow_visibility` is called whenever that may have changed."""

    def follow_visibility(self) -> None:
        """Feed the window, or let it rest."""
        raise NotImplementedError

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes as one reads, through all of the window it may lie in."""
        return tab(self.window(), forward=forward)

    def changeEvent(self, event: QEvent) -> None:
        """Minimised, nothing is drawn and the timers rest."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.WindowStateChange:
            self.follow_visibility()

    def showEvent(self, event: QShowEvent) -> None:
        """On screen: be fed."""
        super().showEvent(event)
        self.follow_visibility()

    def hideEvent(self, event: QHideEvent) -> None:
        """Off screen: rest."""
        super().hideEvent(event)
        self.follow_visibility()
