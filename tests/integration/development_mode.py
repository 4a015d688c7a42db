"""`python -X dev development_mode.py ARGUMENTS`: `python -m capflow_gui`, with asyncio's watch over slow callbacks off.

In Python's development mode asyncio warns of every callback of 0.1 s, which says how busy the machine is.
"""

from __future__ import annotations

import asyncio
import runpy
import sys
from pathlib import Path

COMMAND = [sys.executable, "-X", "dev", "-W", "error", __file__]

_init = asyncio.BaseEventLoop.__init__


def _unhurried(loop: asyncio.BaseEventLoop) -> None:
    _init(loop)
    loop.slow_callback_duration = float("inf")


if __name__ == "__main__":
    asyncio.BaseEventLoop.__init__ = _unhurried  # type: ignore[method-assign]
    sys.path[0] = str(Path.cwd())
    runpy.run_module("capflow_gui", run_name="__main__", alter_sys=True)
