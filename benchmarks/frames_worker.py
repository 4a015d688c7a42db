"""One side of `frames.py`: `frames_worker.py ours|longbridge FOLDER SDK_PACKAGES`. Prints one JSON line.

The real window on a simulated Longport that gives every capital flow late, its chart repainted by a timer of 16 ms.
Frames are counted for CALM_S beforehand, and from the last one before a request of our own to the first one after its
answer. `ours` asks the window's own provider; `longbridge` calls the SDK, as its documentation does, where the user's
click would arrive: in the window's thread. In both windows the feed polls as ever.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from capflow_gui.app import run
from capflow_gui.app.request import Request
from capflow_gui.domain.symbol import Symbol
from capflow_gui.providers.longport.provider import LongportProvider
from capflow_gui.settings import Settings, WatchSettings, save
from capflow_gui.ui.window.main_window import MainWindow

WATCHED = ["700.HK", "3690.HK", "9988.HK", "941.HK"]
ASKED = "5.HK"
LATE_S = 3.0
SETTLE_S, CALM_S = 1.0, 2.0
FRAME_MS = 16


class Hand(QObject):
    """Repaints, notes when a frame was drawn, and makes the one request."""

    def __init__(self, app: QApplication, side: str) -> None:
        super().__init__(app)
        self.providers: list[LongportProvider] = []
        self.frames: list[float] = []
        self._side = side
        self._sdk: Any = None
        self._window: MainWindow | None = None
        self._surface: Any = None  # of its chart
        self._calm_from = self._asked = self._answered = 0.0
        self._call: asyncio.Future[Any] | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.step)
        self._timer.start(FRAME_MS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() is QEvent.Type.Paint:
            self.frames.append(time.monotonic())
        return super().eventFilter(watched, event)

    def step(self) -> None:
        """One frame; now and then the next step."""
        if self._window is None:
            self._window = self._ready_window()
            return
        self._surface.update()
        now = time.monotonic()
        if not self._asked and now >= self._calm_from + CALM_S:
            self._asked = now
            self._ask()
        elif self._answered and self.frames[-1] > self._answered:
            self._timer.stop()
            self._print()
            self._window.close()

    def _ready_window(self) -> MainWindow | None:
        """The window, once every row has figures and the chart is there."""
        shown = [w for w in QApplication.allWidgets() if isinstance(w, MainWindow) and w.isVisible()]
        window = shown[0] if shown else None
        if window is None or window.chart.chart is None or not self.providers:
            return None
        if any((row := window.board.row(symbol)) is None or row.series is None for symbol in window.board.symbols):
            return None
        if self._side == "longbridge":
            from longbridge.openapi import Config, QuoteContext

            self._sdk = QuoteContext(Config.from_apikey_env())
        from capflow_gui.ui.chart.view import PlotView

        # What lies below it is hidden by it, and never painted.
        self._surface = window.chart.chart.findChild(PlotView).viewport()
        self._surface.installEventFilter(self)
        self._calm_from = time.monotonic() + SETTLE_S
        return window

    def _ask(self) -> None:
        if self._side == "longbridge":
            self._check(len(self._sdk.capital_flow(ASKED)))
        else:
            self._call = asyncio.ensure_future(self.providers[0].get_capital_flow(Symbol.parse(ASKED)))
            self._call.add_done_callback(lambda call: self._check(len(call.result())))

    def _check(self, lines: int) -> None:
        self._answered = time.monotonic()
        took = self._answered - self._asked
        if self._window is not None and (lines < 100 or took < LATE_S):
            # Closed without a result: the other side of the pipe complains.
            self._timer.stop()
            self._window.close()
            raise RuntimeError(f"{lines} lines after {took:.3f} s")

    def _print(self) -> None:
        calm = [at for at in self.frames if self._calm_from <= at <= self._asked]
        first = max(at for at in self.frames if at <= self._asked)
        last = min(at for at in self.frames if at > self._answered)
        meanwhile = [at for at in self.frames if first <= at <= last]
        gaps = [b - a for a, b in itertools.pairwise(meanwhile)]
        found = {
            "calm_fps": (len(calm) - 1) / (calm[-1] - calm[0]),
            "fps": len(gaps) / (last - first),
            "longest_gap_ms": max(gaps) * 1e3,
        }
        print(json.dumps(found), flush=True)


def main(side: str, folder: Path, packages: str) -> None:
    """Run the window until the hand closes it."""
    # Last: whatever both have, is ours.
    sys.path.append(packages)
    settings = Settings(first_run_done=True, source="longport", watchlist=WatchSettings(WATCHED))
    save(folder / "config" / "settings.toml", settings)
    hands: list[Hand] = []
    begin_window, begin_provider = run.Desktop.__init__, LongportProvider.__init__

    def with_a_hand(desktop: Any, app: QApplication, request: Request) -> None:
        begin_window(desktop, app, request)
        hands.append(Hand(app, side))

    def noted(provider: LongportProvider, *args: Any, **kwargs: Any) -> None:
        begin_provider(provider, *args, **kwargs)
        hands[0].providers.append(provider)

    run.Desktop.__init__ = with_a_hand  # type: ignore[method-assign]
    LongportProvider.__init__ = noted  # type: ignore[method-assign]
    sys.exit(run.main(Request(folders=(folder / "config", folder / "data"), log_level="error", size=(1600, 1000))))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
