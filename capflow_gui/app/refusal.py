"""A box that says why the program does not start, for whoever started it without a terminal."""

from __future__ import annotations

import asyncio

from PySide6.QtWidgets import QMessageBox

from capflow_gui.errors import CapflowError


async def show_refusal(error: CapflowError, stop: asyncio.Event) -> None:
    """Show the error's sentence until it is closed, or `stop` is set."""
    from capflow_gui.present.sentences import error_sentence  # noqa: PLC0415 - a start that works does not need it

    box = QMessageBox(QMessageBox.Icon.Critical, "Capflow", "Capflow cannot start.")
    box.setInformativeText(error_sentence(error, retrying=False))
    closed = asyncio.Event()
    box.finished.connect(lambda _result: closed.set())
    box.open()
    waits = [asyncio.create_task(event.wait()) for event in (closed, stop)]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
        box.close()
        box.deleteLater()
