"""Two windows and a printer at once on one real monitor over the simulator: none disturbs another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.exceptions import capture_exceptions

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.events import AlertEvent, Event
from capflow_gui.feed.subscriptions import Subscription
from capflow_gui.monitor import Monitor
from capflow_gui.paths import resource
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from capflow_gui.ui.window.main_window import MainWindow
from tests.integration.conftest import collect, make_source
from tests.integration.hurried_clock import HurriedClock
from tests.ui.window_fixture import open_window, shut

CALENDAR = Calendar.from_json(resource("sessions.json").read_bytes())
SYMBOLS = [Symbol.parse(text) for text in ("700.HK", "3690.HK", "9988.HK")]
TENCENT, MEITUAN, ALIBABA = SYMBOLS


async def print_to_a_full_disk(subscription: Subscription) -> None:
    async for event in subscription:
        raise OSError(28, "No space left on device", str(event))


async def until(condition: Callable[[], object], clock: HurriedClock, within_s: float = 120.0) -> None:
    deadline = clock.monotonic() + within_s
    while not condition():
        assert clock.monotonic() < deadline, condition
        QApplication.processEvents()
        await clock.sleep_until(clock.monotonic() + 0.1)


def shown(window: MainWindow) -> set[Symbol]:
    """The rows in which a window shows figures."""
    return {each.row.symbol for each in window.watchlist.model.all_figures() if each.row.series is not None}


async def test_a_failing_window_and_a_failing_printer_disturb_nobody() -> None:
    clock = HurriedClock(20.0)
    async with OpendSimulator(SimulatorConfig(clock="2026-06-10T10:30:00+08:00"), clock=clock) as simulator:
        source = make_source("opend", simulator.port, clock)
        monitor = Monitor([source], SYMBOLS[:2], calendar=CALENDAR, clock=clock, rules=RuleTable(-1.0))
        events: list[Event] = []
        listening = monitor.subscribe("listener", events=True)
        good, bad = open_window(monitor), open_window(monitor)
        torn = good.views.torn.open({"kind": "chart", "symbol": str(MEITUAN)})
        wall = good.views.torn.open({"kind": "wall"})
        assert torn is not None
        assert wall is not None
        drawn: list[object] = []

        def polls() -> int:
            return simulator.stats.calls(3211).requests

        def fail(symbols: object) -> None:
            drawn.append(symbols)
            raise RuntimeError("this window cannot draw")

        bad.bridge.flows_changed.connect(fail)
        torn.bridge.flows_changed.connect(fail)
        with capture_exceptions() as caught:
            running = asyncio.create_task(monitor.run(), name="monitor")
            hearing = asyncio.create_task(collect(listening, events), name="listener")
            printing = asyncio.create_task(print_to_a_full_disk(monitor.subscribe("printer", events=True)))
            try:
                await until(lambda: shown(good) == set(SYMBOLS[:2]) and drawn, clock)
                await asyncio.wait({printing})
                with pytest.raises(OSError, match="No space left"):
                    printing.result()
                # What one window does, both show; what both show is asked for.
                good.intents.add([ALIBABA])
                before = polls()
                await until(lambda: shown(good) == shown(bad) == set(SYMBOLS), clock)
                await until(lambda: polls() > before + 10, clock)
                monitor.set_threshold(None, 1e12)  # certainly passed
                await until(lambda: len(good.board.alerts) >= 3 and good.detail.alerts.model().rowCount() >= 3, clock)
                assert {event.record.symbol for event in events if isinstance(event, AlertEvent)} == set(SYMBOLS)
                shut(bad)
                after = polls()
                await until(lambda: polls() > after + 10, clock)
                assert monitor.troubles == ()
                # The wall beside the failing windows has what the good one has; each gives its own back.
                assert all(wall.content.widget.tile(symbol).true for symbol in SYMBOLS)  # type: ignore[attr-defined]
                assert set(monitor._subscriptions.shown) == set(SYMBOLS)
                wall.close()
                torn.close()
                good.bridge.show([])
                assert monitor._subscriptions.shown == ()
            finally:
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running
                listening.close()
                await hearing
                shut(good)
        assert len(caught) == len(drawn)
        assert {str(error) for _, error, _ in caught} == {"this window cannot draw"}
