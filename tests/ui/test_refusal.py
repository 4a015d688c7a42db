from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox

from capflow_gui.app.desktop import show_refusal
from capflow_gui.errors import PolicyError
from tests.reasons import said


@pytest.mark.parametrize("by_user", [True, False])
async def test_the_reason_is_shown_until_it_is_read_or_the_program_is_ended(
    qapp: QApplication, *, by_user: bool
) -> None:
    stop = asyncio.Event()
    error = PolicyError(Path("/etc/capflow/policy.toml"), 7, "locked.opend.prot", said("this setting is not known"))
    shown = asyncio.create_task(show_refusal(error, stop))
    await asyncio.sleep(0)
    (box,) = [widget for widget in qapp.topLevelWidgets() if isinstance(widget, QMessageBox)]
    assert box.isVisible()
    assert "line 7, locked.opend.prot" in box.informativeText()
    if by_user:
        box.accept()
    else:
        stop.set()
    await shown
    assert not box.isVisible()
