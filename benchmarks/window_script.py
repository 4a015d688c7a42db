"""Runs the program with a script in its window, for workers that look at it: what it finds is printed as JSON."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any


def run_script(folder: Path, script: Callable[[Any], Awaitable[dict[str, float]]]) -> None:
    """Run the program on the profile in a folder, the script once its window was painted; leave without ceremony.

    What the script raises is told on stderr, and the exit status is 1 then.
    """
    from capflow_gui.app.session import Session
    from capflow_gui.cli.main import main as capflow

    show, tasks = Session._show, list[asyncio.Task[None]]()

    async def run(window: Any) -> None:
        try:
            found = await script(window)
        except BaseException:  # noqa: BLE001  told, and the end of the process
            traceback.print_exc()
            os._exit(1)  # the window would stay for ever
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()
        os._exit(0)

    async def shown(session: Session, window: Any) -> None:
        window.painted.connect(lambda: tasks.append(asyncio.create_task(run(window))))
        await show(session, window)

    Session._show = shown  # type: ignore[method-assign]
    capflow(["--config-dir", str(folder / "config"), "--data-dir", str(folder / "data")])
