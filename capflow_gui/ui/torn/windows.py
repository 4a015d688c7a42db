"""The windows that are torn off: opened, brought back at the next start, closed with the main one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from PySide6.QtCore import QObject, Signal

from capflow_gui.ui.theme import Theme
from capflow_gui.ui.torn.content import CONTENTS
from capflow_gui.ui.torn.home import Home
from capflow_gui.ui.torn.window import TornWindow


class TornWindows(QObject):
    """Those that are open, in the order they were opened. Each follows the board by itself.

    dock_wanted(window, side).
    """

    dock_wanted = Signal(object, str)

    def __init__(self, home: Home, parent: QObject) -> None:
        super().__init__(parent)
        self._home = home
        self.open_ones: list[TornWindow] = []

    def open(self, state: Mapping[str, object]) -> TornWindow | None:
        """Open a window from its state; None where that is of no kind there is. Odd values are left out."""
        window = self.make(state)
        return window if window is None else self.adopt(window)

    def make(self, state: Mapping[str, object]) -> TornWindow | None:
        """A window from its state, not yet shown."""
        make, geometry = CONTENTS.get(str(state.get("kind"))), state.get("geometry")
        if make is None:
            return None
        content = make(self._home, state)
        window = TornWindow(content, self._home, geometry if isinstance(geometry, str) else "")
        if not geometry:
            window.resize(*((1000, 700) if content.kind in ("grid", "wall") else (760, 520)))
        window.closed.connect(lambda: self.let_go(window))
        window.dock_wanted.connect(lambda side: self.dock_wanted.emit(window, side))
        return window

    def adopt(self, window: TornWindow) -> TornWindow:
        """Show a window as one of its own."""
        self.open_ones.append(window)
        window.show()
        return window

    def let_go(self, window: TornWindow) -> None:
        """A window is closed, or docked."""
        self.open_ones = [each for each in self.open_ones if each is not window]

    def restore(self, states: Sequence[Mapping[str, object]]) -> Iterator[None]:
        """Have those windows open that were open, each at its place, and no others: one in each step."""
        if [*states] == self.states():
            return
        for window in [*self.open_ones]:
            if window in self.open_ones:  # the user may close one between two steps
                window.close()
                yield
        for state in states:
            self.open(state)
            yield

    def states(self) -> list[dict[str, object]]:
        """What to bring back: one mapping a window."""
        return [window.state() for window in self.open_ones]

    def set_theme(self, theme: Theme) -> None:
        """Other colours and fonts."""
        for window in self.open_ones:
            window.set_theme(theme)

    def close(self) -> None:
        """Close all of them: the main window closes."""
        for window in [*self.open_ones]:
            window.close()
