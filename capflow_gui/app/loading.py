"""Imports that let the window go on being painted and clicked.

Parts that are made when they are first shown are imported once the window is open, one now and then: else the first use
of each would hold the window up by what it imports.

What has Qt in it is imported in the window's own thread, some modules a turn of the loop: PySide's types must not be
made in another one (`ui.chart_import` says why). The rest comes in by thread.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
import threading

from capflow_gui.clock import Clock

_LOOK_S = 0.01
_BETWEEN_S = 0.3
_PARTS = (
    "capflow_gui.ui.settings.dialog",
    "capflow_gui.ui.grid.view",
    "capflow_gui.ui.help.sheet",
    "capflow_gui.ui.budget.strip",
    "capflow_gui.ui.budget.view",
    "capflow_gui.ui.wall.view",
    "capflow_gui.ui.torn.windows",
    "capflow_gui.ui.docks.dock",
    "capflow_gui.ui.docks.docks",
    "capflow_gui.ui.alerts.why",
    "capflow_gui.ui.alerts.log",
    "capflow_gui.ui.rules.editor",
    "capflow_gui.ui.log.view",
    "capflow_gui.ui.toolbar.market_sheet",
    "capflow_gui.ui.help.page",
    "capflow_gui.ui.chart_table.tables",
    "capflow_gui.ui.chart_table.view",
    "capflow_gui.ui.history.strip",
    "capflow_gui.ui.history.quality",
    "capflow_gui.ui.history.calendar",
    "capflow_gui.ui.history.playback_bar",
    "capflow_gui.ui.arrangement.dialog",
    "capflow_gui.ui.channels.fields",
    "capflow_gui.ui.channels.page",
    "capflow_gui.ui.settings.profiles",
    "capflow_gui.ui.settings.exchange",
    "capflow_gui.ui.dialogs.comparison",
    "capflow_gui.ui.dialogs.report",
)


async def load(*names: str) -> None:
    """Import modules without Qt in a thread. One that fails says why when it is imported by who needs it."""

    def run() -> None:
        for name in names:
            importlib.import_module(name)

    thread = threading.Thread(target=run, name=f"import {names[-1]}")
    thread.start()
    while thread.is_alive():
        await asyncio.sleep(_LOOK_S)


async def load_in_turns(*names: str) -> None:
    """Import modules of the window, one a turn of the loop."""
    for name in names:
        importlib.import_module(name)
        await asyncio.sleep(0)


async def load_parts(clock: Clock) -> None:
    """Import what is shown sooner or later, a module at a time, with time for the window between two.

    It begins when the chart is there: some need what `ui.chart_import` imports in many turns.
    """
    from capflow_gui.ui.chart_import import MODULE  # noqa: PLC0415 - after the first paint

    while MODULE not in sys.modules:
        await clock.sleep_until(clock.monotonic() + _BETWEEN_S)
    for name in _PARTS:
        await clock.sleep_until(clock.monotonic() + _BETWEEN_S)
        importlib.import_module(name)
