"""A program that is killed while it delivers, and the one that takes over."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from capflow_gui.clock import SystemClock
from capflow_gui.delivery.outbox import LEASE_S
from capflow_gui.storage.alert_history import read_alerts
from tests.integration.delivering_process import RAISED, deliver
from tests.stand_ins.hook import hook

SESSION = date(2022, 6, 8)


class LaterClock(SystemClock):
    """A clock that is so many seconds ahead."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def wall(self) -> float:
        return super().wall() + self._seconds


def test_what_a_killed_program_was_sending_is_sent_once_more_under_its_key(tmp_path: Path) -> None:
    path = tmp_path / "capflow.db"
    with hook() as receiver:
        environ = {"HOOK": receiver.url}
        receiver.gate.clear()
        program = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.delivering_process", str(path)],
            env={**os.environ, **environ},
            cwd=Path(__file__).parents[2],
        )
        try:
            assert receiver.arrived.acquire(timeout=30)
        finally:
            program.kill()
            program.wait()
        receiver.gate.set()
        # Its claim holds still: another program, that sees the same event, leaves it alone.
        asyncio.run(deliver(path, SystemClock(), RAISED, environ=environ))
        assert receiver.ids == ["aa11-1"]
        for _ in range(2):
            asyncio.run(deliver(path, LaterClock(LEASE_S), RAISED, environ=environ))
            assert receiver.ids == ["aa11-1", "aa11-1"]
    (alert,) = read_alerts(path, SESSION, SESSION)
    assert [(each.state, each.attempts) for each in alert.deliveries] == [("sent", 2)]
