"""`capflow check-rule`: what a rule would have done on the recorded sessions."""

from __future__ import annotations

import argparse
import time
from datetime import date
from zoneinfo import ZoneInfo

from capflow_gui.archive import open_archive
from capflow_gui.archive.reader import Archive
from capflow_gui.cli.output import say, write_out
from capflow_gui.cli.replay import check_scopes
from capflow_gui.cli.status import DONE, REJECTED
from capflow_gui.domain.alert import Rule
from capflow_gui.domain.period import date_window
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.paths import Paths, resource
from capflow_gui.playback.dry_run import Tried, dry_run
from capflow_gui.present.check_lines import Tally, tally_json, tally_words, to_json, to_table
from capflow_gui.present.recorded_export import nothing_recorded
from capflow_gui.present.watch_lines import rule_line


def run(arguments: argparse.Namespace) -> int:
    """Try the rule; the exit status. Raises InvalidInput, StorageError and OutputFailed."""
    rule: Rule = arguments.rule
    check_scopes([rule], arguments.symbols)
    say(f"rule {rule_line(rule)}\n")
    paths = Paths.resolve(config_dir=arguments.config_dir, data_dir=arguments.data_dir)
    with open_archive(paths.data) as archive:
        if archive.simulated:
            say("SIMULATED: these figures come from a simulator.\n")
        return _check(archive, rule, arguments)


def _check(archive: Archive, rule: Rule, arguments: argparse.Namespace) -> int:
    symbols: list[Symbol] = arguments.symbols or ([] if rule.scope.symbol is None else [rule.scope.symbol])
    wanted = [each for each in symbols if rule.scope.symbol in (None, each)]
    dates = _dates(archive, arguments)
    tally, found = Tally(), list[tuple[Tried, ZoneInfo]]()
    for summary, final in archive.finals(wanted or None, arguments.source, *dates):
        said, zone = dry_run(rule, summary, final), ZoneInfo(summary.day.zone)
        tally.add(summary.key, said)
        if arguments.format == "jsonl":
            write_out("".join(f"{to_json(each, zone)}\n" for each in said))
        else:
            found += ((each, zone) for each in said)
    missing: list[Symbol | None] = [each for each in wanted if each not in tally.symbols]
    for symbol in missing or ([] if tally.symbols else [None]):
        there = archive.sessions(symbol) or archive.sessions()
        say(f"{nothing_recorded(symbol, dates, arguments.source, there)}\n")
    if arguments.format == "jsonl":
        write_out(f"{tally_json(tally)}\n")
    else:
        write_out(f"{to_table(rule, found)}{tally_words(tally)}\n")
    return DONE if tally.symbols else REJECTED


def _dates(archive: Archive, arguments: argparse.Namespace) -> tuple[date, date]:
    """The exchange dates that are meant; a simulated market has a time of its own."""
    recorded = archive.sessions()
    newest = recorded[-1].key.session if recorded else None
    if newest is None or not archive.simulated:
        calendar = Calendar.from_json(resource("sessions.json").read_bytes())
        newest = max(calendar.session_date(market, time.time()) for market in Market)
    return date_window(arguments.start, arguments.end, newest)
