"""archive.export and rules.check: what `export` and `check-rule` print, out of the profile's archive."""

from __future__ import annotations

import asyncio
from datetime import date
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from capflow_gui.archive import open_archive
from capflow_gui.archive.model import DamagedEntry, DaySummary
from capflow_gui.archive.reader import Archive
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import StorageError
from capflow_gui.playback.asked import check_scopes, dry_runs, meant_symbols, recorded_dates
from capflow_gui.present.check_lines import Tally, tally_facts, tried_facts
from capflow_gui.present.language.texts import english
from capflow_gui.present.recorded_export import (
    archive_facts,
    day_facts,
    day_fault,
    entry_fault,
    nothing_recorded,
    state_facts,
)
from capflow_gui.reason import Reason
from capflow_gui.serve.arguments import (
    Arguments,
    BadArgument,
    CheckArguments,
    ExportArguments,
    RecordedArguments,
    read_rule,
    read_symbols,
)
from capflow_gui.serve.service import Refused, Service

# Symbol-days of an answer. More are asked for in parts, or with `capflow export`.
MOST_DAYS = 100
MOST_STATES = 5000
MOST_EVENTS = 5000

Facts = dict[str, Any]


async def export(service: Service, asked: ExportArguments) -> Facts:
    """Recorded sessions. Raises Refused where there are none, StorageError where the archive cannot be read."""
    symbols = read_symbols(asked.symbols)
    return await asyncio.to_thread(_export, service, asked, symbols)


def _export(service: Service, asked: ExportArguments, symbols: list[Symbol]) -> Facts:
    with open_archive(service.paths.data) as archive:
        dates = _dates(service, archive, asked)
        faults = list[str]()
        name = partial(_name, faults)
        days = [each for symbol in symbols for each in archive.sessions(symbol, asked.source, *dates, damaged=name)]
        if not (days or faults):
            raise _nothing(archive, symbols[0], dates, asked.source)
        if len(days) > MOST_DAYS:
            said = f"from: the answer has {len(days)} symbol-days, more than {MOST_DAYS}; ask for fewer."
            raise BadArgument(said, "from")
        sessions = list[Facts]()
        for each in days:
            key = each.key
            try:
                day = archive.day(key.symbol, key.session, key.source)
                if day is not None:
                    sessions += state_facts(day) if asked.states else [day_facts(day)]
            except StorageError as error:
                with english():
                    faults.append(day_fault(key, error.reason))
            if asked.states and len(sessions) > MOST_STATES:
                raise BadArgument(f"from: the answer has more than {MOST_STATES} states; ask for fewer.", "from")
        kind = "states" if asked.states else "sessions"
        marked = [facts | {"simulated": archive.simulated} for facts in sessions]
        return {"simulated": archive.simulated, kind: marked, "faults": faults}


async def get_info(service: Service, _asked: Arguments) -> Facts:
    """What is recorded, all in all. Raises StorageError where there is no archive."""
    return await asyncio.to_thread(_info, service)


def _info(service: Service) -> Facts:
    with open_archive(service.paths.data) as archive:
        return archive_facts(archive, service.profile.settings.archive)


async def check_rule(service: Service, asked: CheckArguments) -> Facts:
    """What a rule would have done. Raises Refused where nothing is recorded, StorageError."""
    symbols = read_symbols(asked.symbols or ())
    return await asyncio.to_thread(_check, service, asked, symbols)


def _check(service: Service, asked: CheckArguments, symbols: list[Symbol]) -> Facts:
    rule, own = read_rule(asked.rule), service.profile.groups
    check_scopes([rule], symbols, own)
    with open_archive(service.paths.data) as archive:
        dates = _dates(service, archive, asked)
        wanted = meant_symbols(rule, symbols, own.get(rule.scope.group))
        tally, events, faults = Tally(), list[Facts](), list[str]()

        def unread(summary: DaySummary, why: Reason) -> None:
            with english():
                faults.append(day_fault(summary.key, why))

        name = partial(_name, faults)
        for summary, said in dry_runs(archive, rule, wanted, asked.source, dates, unread=unread, damaged=name):
            tally.add(summary.key, said)
            zone = ZoneInfo(summary.day.zone)
            events += (tried_facts(each, zone) for each in said)
            if len(events) > MOST_EVENTS:
                raise BadArgument(f"from: the answer has more than {MOST_EVENTS} events; ask for fewer.", "from")
        if not (tally.symbols or faults):
            raise _nothing(archive, wanted[0] if wanted else None, dates, asked.source)
        facts = {"simulated": archive.simulated, "rule": rule.text, "events": events, "summary": tally_facts(tally)}
        return facts | {"faults": faults}


def _name(faults: list[str], entry: DamagedEntry) -> None:
    with english():
        faults.append(entry_fault(entry))


def _dates(service: Service, archive: Archive, asked: RecordedArguments) -> tuple[date, date]:
    if asked.start is not None and asked.end is not None and asked.start > asked.end:
        raise BadArgument(f"from: {asked.start} is after to, {asked.end}.", "from")
    return recorded_dates(archive, asked.start, asked.end, service.monitor.calendar, service.clock.wall())


def _nothing(archive: Archive, symbol: Symbol | None, dates: tuple[date, date], source: str | None) -> Refused:
    there = archive.sessions(symbol) or archive.sessions()
    with english():
        return Refused("NothingRecorded", nothing_recorded(symbol, dates, source, there))
