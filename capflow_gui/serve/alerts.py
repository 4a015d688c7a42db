"""alerts.list, alerts.acknowledge and rules.list: the alerts of the profile, and what raises them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from capflow_gui.deliveries import Deliveries, acknowledge, channels_in_use
from capflow_gui.domain.period import date_window
from capflow_gui.domain.symbol import Market
from capflow_gui.errors import InvalidInput
from capflow_gui.present.alerts.past_alerts import alert_facts
from capflow_gui.present.language.texts import english
from capflow_gui.present.sentences import error_sentence
from capflow_gui.serve.arguments import AcknowledgeArguments, Arguments, BadArgument, RecordedArguments
from capflow_gui.serve.service import Service
from capflow_gui.storage.alert_history import PastAlert, newest_session, read_alerts
from capflow_gui.storage.alert_log import FILE_NAME

# Alerts of an answer, the newest of them.
MOST_ALERTS = 1000

Facts = dict[str, Any]


async def list_alerts(service: Service, asked: RecordedArguments) -> Facts:
    """The alerts of some sessions, oldest first, those of this run among them. Raises StorageError."""
    if asked.start is not None and asked.end is not None and asked.start > asked.end:
        raise BadArgument(f"from: {asked.start} is after to, {asked.end}.", "from")
    calendar = service.monitor.calendar
    found = await asyncio.to_thread(_read, service, asked)
    # What stands is told by the monitor: the file has it a moment later, or, of a simulator of our own, never.
    newest = {record.id: record for record in service.monitor.alerts}
    found = [PastAlert(newest.pop(each.record.id, each.record), each.deliveries) for each in found]
    first, last = (None if each is None else each.isoformat() for each in (asked.start, asked.end))
    simulated = {feed.name for feed in service.monitor.feeds if feed.simulated}
    found += (
        PastAlert(replace(record, simulated=record.simulated or record.source in simulated), ())
        for record in newest.values()
        if (first is None or first <= record.session) and (last is None or record.session <= last)
    )
    found.sort(key=lambda each: (each.record.raised_at, each.record.id))
    kept = found[-MOST_ALERTS:]
    return {
        "simulated": any(each.record.simulated for each in kept),
        "alerts": [alert_facts(each, calendar) | _money(service, each) for each in kept],
        "left_out": len(found) - len(kept),
    }


def _money(service: Service, alert: PastAlert) -> Facts:
    currency, assumed = service.monitor.money(alert.record.source, alert.record.symbol)
    return {"currency": currency, "currency_assumed": assumed}


def _read(service: Service, asked: RecordedArguments) -> list[PastAlert]:
    files = [paths.data / FILE_NAME for paths in service.alert_paths]
    calendar, wall = service.monitor.calendar, service.clock.wall()
    newest = max(calendar.session_date(market, wall) for market in Market)
    # A simulator's market may be ahead.
    newest = max([newest, *filter(None, map(newest_session, files))])
    first, last = date_window(asked.start, asked.end, newest)
    return [alert for file in files for alert in read_alerts(file, first, last)]


async def acknowledge_alerts(service: Service, asked: AcknowledgeArguments) -> Facts:
    """Mark alerts as seen, or none of them where one is not known."""
    held = {record.id for record in service.monitor.alerts}
    ours, others = [each for each in asked.ids if each in held], [each for each in asked.ids if each not in held]
    if others:
        files = [paths.data / FILE_NAME for paths in service.alert_paths]
        channels = channels_in_use(service.profile.settings)
        calendar = service.monitor.calendar
        deliveries = Deliveries(channels, calendar=calendar, clock=service.clock, conceal=service.conceal)
        try:
            await acknowledge(files, others, deliveries)
        except InvalidInput as error:
            with english():
                raise BadArgument(f"ids: {error_sentence(error)}", "ids") from error
    service.monitor.acknowledge(ours)
    return {"acknowledged": [*asked.ids]}


async def list_rules(service: Service, _asked: Arguments) -> Facts:
    """The rules of the profile, those that are not in force too, then the thresholds."""
    monitor = service.monitor
    return {
        "rules": [
            {
                "id": entry.id,
                "rule": entry.text,
                "enabled": entry.enabled,
                "is_threshold": entry.is_threshold,
                "covered": [*map(str, monitor.covered(entry))],
                "muted": sorted(map(str, entry.muted)),
                "channels": None if entry.channels is None else [*entry.channels],
                "fault": None if entry.unread is None else _fault(entry.unread.fault),
            }
            for entry in monitor.rules
        ]
    }


def _fault(fault: InvalidInput) -> str:
    with english():
        return error_sentence(fault)
