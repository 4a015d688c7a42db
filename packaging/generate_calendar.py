"""Make resources/sessions.json, the trading calendar the program reads, from exchange_calendars.

    python packaging/generate_calendar.py            writes the file
    python packaging/generate_calendar.py --check    compares it, and fails if it would change

exchange_calendars (and pandas) are needed here only: they never ship.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
import warnings
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import exchange_calendars
import pandas

TARGET = Path(__file__).resolve().parent.parent / "resources" / "sessions.json"
FIRST = date(2020, 1, 1)
# The farthest we care to know: New York's rules have no end, and Hong Kong's lunar dates run to 2049.
LAST = date(2035, 12, 31)


@dataclass(frozen=True)
class Source:
    """Where one market's days come from.

    `breaks` are hours of a break the calendar lacks; `early` is another calendar on whose early closes this market
    too trades its first period only.
    """

    market: str
    calendar: str
    known_to: date = LAST
    breaks: tuple[str, str] | None = None
    early: str | None = None


SOURCES = (
    Source("HK", "XHKG"),
    Source("US", "XNYS"),
    # Shanghai and Shenzhen keep the same days and hours; the package has Shanghai only, announced year by year.
    Source("SH", "XSHG", known_to=date(2026, 12, 31)),
    Source("SZ", "XSHG", known_to=date(2026, 12, 31)),
    # XSES knows neither SGX's mid-day break (12:00-13:00 since 2017-11-13: SGX's announcement of 2017-07-18, and the
    # phases of SGX-ST Rulebook Practice Note 8.2.1) nor its half days, which end at 12:00 on the eves of Christmas,
    # New Year and Lunar New Year (SGX trading calendar): the dates on which Hong Kong closes early.
    Source("SG", "XSES", known_to=date(2026, 12, 31), breaks=("12:00", "13:00"), early="XHKG"),
)


@cache
def session_hours(name: str, last: date, breaks: tuple[str, str] | None = None) -> tuple[str, dict[date, str]]:
    """The zone's name, and the local hours of every session from FIRST to `last`: `09:30-12:00 13:00-16:00`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas' notices about its own future
        calendar = exchange_calendars.get_calendar(name, start=FIRST.isoformat(), end=last.isoformat())
    zone = calendar.tz
    hours: dict[date, str] = {}
    for label, *edges in calendar.schedule[["open", "break_start", "break_end", "close"]].itertuples(name=None):
        local = [edge.tz_convert(zone).strftime("%H:%M") for edge in edges if pandas.notna(edge)]
        if breaks is not None:
            local[1:1] = breaks
        hours[label.date()] = " ".join(f"{a}-{b}" for a, b in zip(local[::2], local[1::2], strict=True))
    return zone.key, hours


def early_closes(name: str, last: date) -> set[date]:
    """The sessions up to `last` that are not of the usual length."""
    _, hours = session_hours(name, last)
    usual = Counter(hours.values()).most_common(1)[0][0]
    return {day for day, text in hours.items() if text != usual}


def by_year(days: list[date]) -> dict[str, str]:
    """`{"2026": "01-01 02-17"}`: a line a year reads well in a diff."""
    years: dict[str, list[str]] = {}
    for day in sorted(days):
        years.setdefault(str(day.year), []).append(day.strftime("%m-%d"))
    return {year: " ".join(named) for year, named in years.items()}


def market_table(source: Source) -> dict[str, Any]:
    """One market's entry."""
    zone, hours = session_hours(source.calendar, source.known_to, source.breaks)
    regular = Counter(hours.values()).most_common(1)[0][0]
    if source.early is not None:
        first_period = regular.split()[0]
        hours = hours | dict.fromkeys(early_closes(source.early, source.known_to) & hours.keys(), first_period)
    short = Counter(text for text in hours.values() if text != regular).most_common(1)
    half = short[0][0] if short else ""
    span = [FIRST + timedelta(days=n) for n in range((source.known_to - FIRST).days + 1)]
    return {
        "zone": zone,
        "source": source.calendar,
        "known_from": FIRST.isoformat(),
        "known_to": source.known_to.isoformat(),
        "regular": regular,
        "half": half,
        "half_days": by_year([day for day, text in hours.items() if text == half]),
        "special": {
            day.isoformat(): text
            for day, text in sorted(hours.items())
            if text not in (regular, half) or (text == regular and day.weekday() > 4)
        },
        "holidays": by_year([day for day in span if day.weekday() <= 4 and day not in hours]),
    }


def render() -> str:
    """The whole file."""
    content = {
        "about": "Trading sessions, exchange-local. Made by packaging/generate_calendar.py; edit that, not this.",
        "format": 1,
        "markets": {source.market: market_table(source) for source in SOURCES},
    }
    return json.dumps(content, indent=1) + "\n"


def main() -> int:
    """Write or check the file; 1 when the check fails."""
    parser = argparse.ArgumentParser(description="Make resources/sessions.json.")
    parser.add_argument("--check", action="store_true", help="compare, and fail if the file would change")
    arguments = parser.parse_args()
    wanted = render()
    if not arguments.check:
        TARGET.write_text(wanted, encoding="utf-8", newline="\n")
        return 0
    present = TARGET.read_text(encoding="utf-8") if TARGET.exists() else ""
    if present == wanted:
        return 0
    diff = difflib.unified_diff(present.splitlines(), wanted.splitlines(), "committed", "generated", lineterm="", n=1)
    sys.stderr.write("\n".join(diff) + f"\n{TARGET.name} is out of date: run packaging/generate_calendar.py\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
