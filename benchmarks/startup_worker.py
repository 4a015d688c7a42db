"""One start of a window, in a process of its own: prints the monotonic time at which its first paint was done.

startup_worker.py list | eager | frame | bare; with `stall` it prints the longest time in which the window, once
painted, could not answer, until its chart stands and its list has figures.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
LATER = ("pyqtgraph", "aiohttp", "cryptography.hazmat.primitives.ciphers", "keyring", "sqlite3")
BEAT_MS, SETTLE_MS = 5, 1500
OURS = (
    "capflow_gui.ui.chart.chart",
    "capflow_gui.storage.alert_log",
    "capflow_gui.app.open_sources",
    "capflow_gui.monitor",
    "capflow_gui.simulator.opend.server",
)


def done() -> None:
    """Say when, and leave without ceremony."""
    sys.stdout.write(f"{time.monotonic()}\n")
    sys.stdout.flush()
    os._exit(0)


def bare() -> None:
    """A window of QtWidgets alone, with a table of its own."""
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QApplication, QMainWindow, QTableWidget

    class Window(QMainWindow):
        def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
            super().paintEvent(event)
            QTimer.singleShot(0, done)

    app = QApplication([])
    window = Window()
    window.setCentralWidget(QTableWidget(16, 8))
    window.resize(1600, 1000)
    window.show()
    while True:
        app.processEvents()


class Heart:
    """Beats in the event loop and notes its longest pause."""

    def __init__(self) -> None:
        from PySide6.QtCore import QTimer

        self.longest = 0.0
        self._beaten = time.monotonic()
        self._timer = QTimer()
        self._timer.setTimerType(self._timer.timerType().PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT_MS)

    def _beat(self) -> None:
        now = time.monotonic()
        self.longest, self._beaten = max(self.longest, now - self._beaten), now

    def stop(self) -> None:
        """Say it, and leave without ceremony."""
        self._beat()
        sys.stdout.write(f"{self.longest}\n")
        sys.stdout.flush()
        os._exit(0)


def stall(folder: Path) -> None:
    """The demo until its chart stands, and a little longer."""
    from PySide6.QtCore import QTimer

    from capflow_gui.app.desktop import Desktop
    from capflow_gui.cli.main import main
    from capflow_gui.ui.window.frame import Frame

    open_frame = Desktop._open_frame
    run_session = Desktop._run_session
    hearts: list[Heart] = []

    def watched(desktop: Desktop, profile: Any) -> Frame:
        frame = open_frame(desktop, profile)
        frame.painted.connect(lambda: hearts.append(Heart()))
        return frame

    async def followed(desktop: Desktop, session: Any) -> Any:
        def built(window: Any) -> None:
            window.chart.built.connect(lambda: QTimer.singleShot(SETTLE_MS, hearts[0].stop))

        make = session._make_window

        async def made() -> Any:
            window = await make()
            built(window)
            return window

        session._make_window = made
        return await run_session(desktop, session)

    Desktop._open_frame = watched  # type: ignore[method-assign]
    Desktop._run_session = followed  # type: ignore[method-assign]
    main(["demo", "--config-dir", str(folder / "config"), "--data-dir", str(folder / "data")])


def ours(kind: str, folder: Path) -> None:
    """The demo, as `capflow demo` starts it: until its watchlist is painted, or (frame) the empty window before it."""
    from capflow_gui.app.desktop import Desktop
    from capflow_gui.cli.main import main
    from capflow_gui.ui.window.frame import Frame

    if kind != "frame":
        from capflow_gui.ui.window.chart_slot import ChartSlot

        # Called when the first paint of the list is done.
        ChartSlot.build_soon = lambda _slot: done()  # type: ignore[method-assign]
    else:
        open_frame = Desktop._open_frame

        def watched(desktop: Desktop, profile: Any) -> Frame:
            frame = open_frame(desktop, profile)
            frame.painted.connect(done)
            return frame

        Desktop._open_frame = watched  # type: ignore[method-assign]
    main(["demo", "--config-dir", str(folder / "config"), "--data-dir", str(folder / "data")])


if __name__ == "__main__":
    if sys.argv[1] == "bare":
        bare()
    if sys.argv[1] == "eager":
        for name in (*LATER, *OURS):
            importlib.import_module(name)
    place = Path(tempfile.mkdtemp(prefix="capflow-startup-"))
    if sys.argv[1] == "stall":
        stall(place)
    ours(sys.argv[1], place)
