"""What the commands on recorded sessions share: which dates and sources are meant."""

from __future__ import annotations

import argparse
import time
from datetime import date

from capflow_gui.archive.reader import Archive
from capflow_gui.domain.session import Calendar
from capflow_gui.errors import InvalidInput
from capflow_gui.paths import resource
from capflow_gui.playback.asked import recorded_dates
from capflow_gui.present.names import source_title
from capflow_gui.reason import Code, Reason

_BROKERS = ("opend", "longport")


def meant_dates(archive: Archive, arguments: argparse.Namespace) -> tuple[date, date]:
    """The exchange dates that are meant. Raises InvalidInput where the start comes after the end."""
    calendar = Calendar.from_json(resource("sessions.json").read_bytes())
    return recorded_dates(archive, arguments.start, arguments.end, calendar, time.time())


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
