"""Raises one alert and delivers it to the webhook HOOK: `python -m tests.integration.delivering_process FILE`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from capflow_gui.clock import Clock, SystemClock
from capflow_gui.credentials import no_log
from capflow_gui.deliveries import Deliveries
from capflow_gui.domain.alert_record import AlertChange, AlertEvent, AlertRecord, AlertState
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.paths import resource
from capflow_gui.settings.channels import WebhookSettings

RECORD = AlertRecord(
    "aa11",
    "opend",
    Symbol.parse("700.HK"),
    "net <= -200M",
    AlertState.ACTIVE,
    "2022-06-08",
    1654656060,
    -2.134e8,
    -2e8,
    1654656125.5,
)
RAISED = AlertEvent(1654656125.5, AlertChange.RAISED, RECORD, 1654656060, -2.134e8, -2e8)


async def deliver(path: Path, clock: Clock, *events: AlertEvent, environ: dict[str, str] | None = None) -> None:
    """Deliver what is in the file, and these events, as a program that then ends."""
    calendar = Calendar.from_json(resource("sessions.json").read_bytes())
    channels = {"team": WebhookSettings(address="env:HOOK")}
    deliveries = Deliveries(channels, calendar=calendar, clock=clock, conceal=no_log, environ=environ)
    async with deliveries.running():
        log = deliveries.open_log(path, simulated=False)
        log.start(lambda _news: None)
        log.save({}, [], [event.record for event in events], [], events)
    await asyncio.to_thread(log.close)


if __name__ == "__main__":
    asyncio.run(deliver(Path(sys.argv[1]), SystemClock(), RAISED))
