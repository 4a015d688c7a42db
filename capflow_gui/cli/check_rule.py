"""`capflow check-rule`: what a rule would have done on the recorded sessions."""

from __future__ import annotations

import argparse
from datetime import date
from zoneinfo import ZoneInfo

from capflow_gui.archive import open_archive
from capflow_gui.archive.model import DamagedEntry, DaySummary
from capflow_gui.archive.reader import Archive
from capflow_gui.cli.output import SIMULATED, say, write_out
from capflow_gui.cli.recorded import check_source, meant_dates
from capflow_gui.cli.status import DONE, FAILED, REJECTED
from capflow_gui.credentials import Conceal
from capflow_gui.domain.alert import Rule
from capflow_gui.domain.lists.groups import Group
from capflow_gui.domain.symbol import Symbol
from capflow_gui.paths import Paths
from capflow_gui.playback.asked import check_scopes, dry_runs, meant_symbols
from capflow_gui.playback.dry_run import Tried
from capflow_gui.present.check_lines import Tally, tally_json, tally_words, to_json, to_table
from capflow_gui.present.language.texts import _
from capflow_gui.present.recorded_export import day_fault, entry_fault, nothing_recorded
from capflow_gui.present.watch_lines import rule_line
from capflow_gui.reason import Reason
from capflow_gui.settings import Settings, own_groups


def run(arguments: argparse.Namespace, settings: Settings, _conceal: Conceal) -> int:
    """Try the rule; the exit status. Raises InvalidInput, StorageError and OutputFailed."""
    rule: Rule = arguments.rule
    own = own_groups(settings)
    check_scopes([rule], arguments.symbols, own)
    paths = Paths.resolve(config_dir=arguments.config_dir, data_dir=arguments.data_dir)
    with open_archive(paths.data) as archive:
        check_source(archive, arguments.source)
        dates = meant_dates(archive, arguments)
        say(f"{rule_line(rule)}\n")
        if archive.simulated:
            say(f"{_(SIMULATED)}\n")
        return _check(archive, rule, arguments, dates, own.get(rule.scope.group))


def _check(
    archive: Archive, rule: Rule, arguments: argparse.Namespace, dates: tuple[date, date], group: Group | None
) -> int:
    """`group` is the user's own that the rule is for."""
    wanted = meant_symbols(rule, arguments.symbols, group)
    tally, found = Tally(), list[tuple[Tried, ZoneInfo]]()
    damaged = set[str]()

    def unread(summary: DaySummary, why: Reason) -> None:
        damaged.add(str(summary.key.symbol))
        say(f"{day_fault(summary.key, why)}\n")

    def unlisted(entry: DamagedEntry) -> None:
        damaged.add(entry.symbol)
        say(f"{entry_fault(entry)}\n")

    for summary, said in dry_runs(archive, rule, wanted, arguments.source, dates, unread=unread, damaged=unlisted):
        zone = ZoneInfo(summary.day.zone)
        tally.add(summary.key, said)
        if arguments.format == "jsonl":
            write_out("".join(f"{to_json(each, zone)}\n" for each in said))
        else:
            found += ((each, zone) for each in said)
    missing: list[Symbol | None] = [each for each in wanted if each not in tally.symbols and str(each) not in damaged]
    for unknown in missing or ([] if tally.symbols or damaged else [None]):
        there = archive.sessions(unknown) or archive.sessions()
        say(f"{nothing_recorded(unknown, dates, arguments.source, there)}\n")
    if arguments.format == "jsonl":
        write_out(f"{tally_json(tally)}\n")
    elif tally.symbols:
        write_out(f"{to_table(rule, found)}{tally_words(tally)}\n")
    if tally.symbols:
        return DONE
    return FAILED if damaged else REJECTED
