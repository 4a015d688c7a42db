"""What the commands on recorded sessions share: which dates and sources are meant."""

from __future__ import annotations

import argparse
import time
from datetime import date

from capflow_gui.archive.reader import Archive
from capflow_gui.domain.period import date_window
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market
from capflow_gui.errors import InvalidInput
from capflow_gui.paths import resource
from capflow_gui.present.names import source_title
from capflow_gui.reason import Code, Reason

_BROKERS = ("opend", "longport")


def recorded_dates(archive: Archive, arguments: argparse.Namespace) -> tuple[date, date]:
    """The exchange dates that are meant. Raises InvalidInput where the start comes after the end.

    They count from today, or from the newest recorded session where that is later, or is of a simulated market, which
    has a time of its own.
    """
    calendar = Calendar.from_json(resource("sessions.json").read_bytes())
    newest = max(calendar.session_date(market, time.time()) for market in Market)
    last = archive.newest()
    if last is not None:
        newest = last if archive.simulated else max(newest, last)
    return date_window(arguments.start, arguments.end, newest)


def check_source(archive: Archive, source: str | None) -> None:
    """Raises InvalidInput for a name that is no broker's, and of which nothing is recorded."""
    if source is None or source in _BROKERS:
        return
    there = archive.sources()
    if there and source not in there:
        names = ", ".join(f"{name} ({source_title(name)})" for name in there)
        raise InvalidInput(
            f"--source {source}", Reason.of(Code.SOURCE_NOT_RECORDED), Reason.of(Code.ONE_OF, names=names)
        )
