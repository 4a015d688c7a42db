"""What is asked of recorded sessions: which dates and symbols are meant, and what a rule would have done on them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date

from capflow_gui.archive.model import DamagedEntry, DaySummary, Outage
from capflow_gui.archive.reader import Archive
from capflow_gui.domain.alert import Kind, Rule
from capflow_gui.domain.lists.groups import Group, Groups
from capflow_gui.domain.period import date_window
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import InvalidInput
from capflow_gui.playback.dry_run import Tried, dry_run
from capflow_gui.playback.past import RecordedChanges
from capflow_gui.reason import Code, Reason


def recorded_dates(
    archive: Archive, start: date | None, end: date | None, calendar: Calendar, wall: float
) -> tuple[date, date]:
    """The exchange dates that are meant. Raises InvalidInput where the start comes after the end.

    They count from today, by this computer's clock (`wall`, UTC epoch seconds), or from the newest recorded session
    where that is later, or is of a simulated market, which has a time of its own.
    """
    newest = max(calendar.session_date(market, wall) for market in Market)
    last = archive.newest()
    if last is not None:
        newest = last if archive.simulated else max(newest, last)
    return date_window(start, end, newest)


def check_scopes(rules: Sequence[Rule], symbols: Sequence[Symbol], own: Groups) -> None:
    """Raises InvalidInput for a rule that none of the symbols named can meet, or whose group is not known here."""
    for rule in rules:
        scope = rule.scope
        if scope.symbol is not None and symbols and scope.symbol not in symbols:
            missing = {"symbol": str(scope.symbol)}
            raise InvalidInput(
                rule.text, Reason.of(Code.SYMBOL_NOT_NAMED, **missing), Reason.of(Code.ADD_SYMBOL, **missing), 0
            )
        if scope.group is None:
            continue
        group, advice = own.get(scope.group), Reason.of(Code.NAME_ITS_SYMBOLS)
        if group is None and not symbols:
            raise InvalidInput(rule.text, Reason.of(Code.GROUP_NOT_KNOWN, group=str(scope)), advice, 0)
        if group is not None and not {*group.symbols} & {*(symbols or group.symbols)}:
            raise InvalidInput(rule.text, Reason.of(Code.SYMBOL_NOT_NAMED, symbol=str(scope)), advice, 0)


def meant_symbols(rule: Rule, symbols: Sequence[Symbol], group: Group | None) -> list[Symbol]:
    """The symbols a dry run is to be made on: those named, as far as the rule is for them; none: every one recorded.

    `group` is the user's own that the rule is for.
    """
    meant = () if rule.scope.symbol is None else (rule.scope.symbol,)
    members: tuple[Symbol, ...] = meant if group is None else group.symbols
    return [each for each in symbols or members if not members or each in members]


def dry_runs(
    archive: Archive,
    rule: Rule,
    symbols: Collection[Symbol],
    source: str | None,
    dates: tuple[date, date],
    *,
    unread: Callable[[DaySummary, Reason], object] | None = None,
    damaged: Callable[[DamagedEntry], object] | None = None,
) -> Iterator[tuple[DaySummary, list[Tried]]]:
    """What the rule would have done, session by session; no symbols: on every one that is recorded.

    `unread` is told each session that cannot be read, and why; `damaged` each whose entry in the list cannot be.
    """
    outages = defaultdict[tuple[str, Symbol], list[Outage]](list)
    for outage in archive.outages(0.0, math.inf):
        outages[outage.source, outage.symbol].append(outage)
    changes = RecordedChanges(archive, rule.metric, rule.minutes)
    for summary, final in archive.finals(list(symbols) or None, source, *dates, unread=unread, damaged=damaged):
        day = summary.day
        of_session = [
            each for each in outages[summary.key.source, summary.key.symbol] if day.open <= each.start < day.close
        ]
        past = changes.before(summary.key) if rule.kind is Kind.UNUSUAL else None
        yield summary, dry_run(rule, summary, final, of_session, past)
