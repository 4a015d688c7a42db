"""Imports that let the window go on being painted and clicked.

What has Qt in it is imported in the window's own thread, some modules a turn of the loop: PySide's types must not be
made in another one (`ui.chart_import` says why). The rest comes in by thread.
"""

from __future__ import annotations

import asyncio
import importlib
import threading

_LOOK_S = 0.01


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
