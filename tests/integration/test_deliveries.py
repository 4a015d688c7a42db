"""A program that is killed while it delivers, and the one that takes over."""

from __future__ import annotations

import asyncio
import os
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

from capflow_gui.clock import SystemClock
from capflow_gui.credentials import no_log
from capflow_gui.deliveries import Deliveries
from capflow_gui.delivery.outbox import LEASE_S
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.paths import resource
from capflow_gui.settings.channels import WebhookSettings
from capflow_gui.storage.alert_history import read_alerts
from tests.forked import COMMAND
from tests.integration.delivering_process import RAISED, RECORD, deliver
from tests.integration.hurried_clock import HurriedClock
from tests.stand_ins.hook import hook

SESSION = date(2022, 6, 8)


class LaterClock(SystemClock):
    """A clock that is so many seconds ahead."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def wall(self) -> float:
        return super().wall() + self._seconds


async def test_a_storm_is_its_first_alert_and_one_digest_at_the_service_and_a_row_each_in_the_log(
    tmp_path: Path,
) -> None:
    """Forty symbols breach in one minute, in four polls."""
    path, clock = tmp_path / "capflow.db", HurriedClock(20.0)
    channels = {name: WebhookSettings(address="env:HOOK") for name in ("team", "desk")}
    calendar = Calendar.from_json(resource("sessions.json").read_bytes())
    with hook() as receiver:

        async def received(count: int) -> None:
            async with asyncio.timeout(60):
                while len(receiver.received) < count:
                    await clock.sleep_until(clock.monotonic() + 1.0)

        environ = {"HOOK": receiver.url}
        deliveries = Deliveries(channels, calendar=calendar, clock=clock, conceal=no_log, environ=environ)
        async with deliveries.running():
            log = deliveries.open_log(path, simulated=False)
            log.start(lambda _news: None)
            for number in range(40):
                symbol = Symbol(Market.HK, str(number + 1))
                record = replace(RECORD, id=f"{number:02}", symbol=symbol)
                log.save({}, [], [record], [], [replace(RAISED, record=record)])
                if number == 0:  # it is sent alone, however slow the computer is
                    await received(len(channels))
                elif number % 10 == 0:
                    await clock.sleep_until(clock.monotonic() + 2.0)
            await received(2 * len(channels))
        await asyncio.to_thread(log.close)
    titles = sorted(body["data"]["title"] for _, body in receiver.received)
    assert [title.partition(" ")[0] for title in titles[:2]] == ["1.HK", "1.HK"]
    assert titles[2:] == ["39 alerts: 2.HK, 3.HK, 4.HK and 36 more"] * 2
    alerts = read_alerts(path, SESSION, SESSION)
    assert len(alerts) == 40
    assert {each.state for alert in alerts for each in alert.deliveries} == {"sent"}
    assert sum(len(alert.deliveries) for alert in alerts) == 80


def test_what_a_killed_program_was_sending_is_sent_once_more_under_its_key(tmp_path: Path) -> None:
    path = tmp_path / "capflow.db"
    with hook() as receiver:
        environ = {"HOOK": receiver.url}
        receiver.gate.clear()
        program = subprocess.Popen(
            [*COMMAND, "-m", "tests.integration.delivering_process", str(path)],
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
