"""`capflow alerts`: the alerts of a profile and their deliveries, acknowledging them, and testing a channel."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from capflow_gui.cli.output import say, write_out
from capflow_gui.cli.status import DONE, NO_CONNECTION, REJECTED
from capflow_gui.clock import SystemClock
from capflow_gui.credentials import Conceal
from capflow_gui.deliveries import Deliveries, acknowledge, chosen_channels
from capflow_gui.delivery.model import RetryAt, Sent
from capflow_gui.domain.period import date_window
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market
from capflow_gui.errors import InvalidInput
from capflow_gui.paths import Paths, resource
from capflow_gui.present.alerts import past_alerts
from capflow_gui.present.language.texts import _
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import Settings
from capflow_gui.storage.alert_history import newest_session, read_alerts
from capflow_gui.storage.alert_log import FILE_NAME


def run(arguments: argparse.Namespace, settings: Settings, conceal: Conceal) -> int:
    """Do what is asked; the exit status. Raises InvalidInput, StorageError, OutputFailed."""
    calendar = Calendar.from_json(resource("sessions.json").read_bytes())
    folders = arguments.config_dir, arguments.data_dir
    # A simulator's alerts are kept in the demo profile.
    files = [Paths.resolve(profile, *folders).data / FILE_NAME for profile in (None, "demo")]
    match arguments.action:
        case "ack":
            return asyncio.run(_acknowledge(files, arguments.names, settings, calendar, conceal))
        case "test":
            return asyncio.run(_test(arguments.names, settings, calendar, conceal))
        case _:
            return _print(files, arguments, calendar)


def _print(files: Sequence[Path], arguments: argparse.Namespace, calendar: Calendar) -> int:
    newest = max(calendar.session_date(market, time.time()) for market in Market)
    # A simulator's market may be ahead.
    newest = max([newest, *filter(None, map(newest_session, files))])
    first, last = date_window(arguments.start, arguments.end, newest)
    found = [alert for file in files for alert in read_alerts(file, first, last)]
    found.sort(key=lambda alert: (alert.record.raised_at, alert.record.id))
    writers = {"json": past_alerts.to_json, "csv": past_alerts.to_csv, "table": past_alerts.to_table}
    write_out(writers[arguments.format](found, calendar))
    if not found and arguments.format == "table":
        said = _("No alert was kept of the sessions from {first} to {last}.").format(first=first, last=last)
        say(f"{said}\n")
    return DONE


async def _acknowledge(
    files: Sequence[Path], ids: Sequence[str], settings: Settings, calendar: Calendar, conceal: Conceal
) -> int:
    if not ids:
        raise InvalidInput("ack", Reason.of(Code.NAME_AN_ALERT))
    deliveries = Deliveries(settings.channels, calendar=calendar, clock=SystemClock(), conceal=conceal)
    await acknowledge(files, ids, deliveries)
    return DONE


async def _test(names: Sequence[str], settings: Settings, calendar: Calendar, conceal: Conceal) -> int:
    """Send one marked test, past quiet hours and budgets, and say how it went."""
    if len(names) != 1:
        raise InvalidInput("test", Reason.of(Code.NAME_A_CHANNEL))
    (name,) = names
    deliveries = Deliveries(chosen_channels(settings, names), calendar=calendar, clock=SystemClock(), conceal=conceal)
    try:
        result = await deliveries.test(name)
    finally:
        await deliveries.close()
    write_out(f"{past_alerts.result_words(name, result)}\n")
    match result:
        case Sent():
            return DONE
        case RetryAt():
            return NO_CONNECTION
        case _:
            return REJECTED
