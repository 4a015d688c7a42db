"""Imports in a thread, so that the window goes on being painted and clicked meanwhile."""

from __future__ import annotations

import asyncio
import importlib
import threading

_LOOK_S = 0.01


async def load(*names: str) -> None:
    """Return when these modules are imported. One that fails says why when it is imported by who needs it."""

    def run() -> None:
        for name in names:
            importlib.import_module(name)

    thread = threading.Thread(target=run, name=f"import {names[-1]}")
    thread.start()
    while thread.is_alive():
        await asyncio.sleep(_LOOK_S)
