"""A rule tried on the last recorded sessions: how often it would have alerted, and where in each of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from capflow_gui.archive.model import DamagedEntry, DaySummary, FinalDay
from capflow_gui.archive.reader import Archive
from capflow_gui.domain.alert import Kind, Rule
from capflow_gui.domain.flow import COLUMNS, Floats, Ints
from capflow_gui.domain.measures.usual import UsualChanges
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Symbol
from capflow_gui.playback.dry_run import Outcome, Tried, dry_run
from capflow_gui.playback.past import RecordedChanges
from capflow_gui.playback.recorded_readings import RecordedReadings
from capflow_gui.reason import Reason

TRIED_SESSIONS = 10


@dataclass(slots=True, eq=False)
class TriedDay:
    """One session, of one symbol or of many.

    complete   every line of every symbol is confirmed
    labels     (n,) ends of the lines, UTC epoch seconds; empty where there are many symbols
    values     (n,) what the rule measures, as it was confirmed, in the units of its level; without its sign where the
               rule looks at both
    fired      the line and the figure of each alert of one symbol
    raised     alerts of all `symbols` that were recorded
    unjudged   why the rule could not be judged for a while, or at all: by the figures, outages aside
    missed     of the symbols, those on which it could not be judged at all; `partly` those on which for a while
    """

    day: TradingDay
    complete: bool = True
    labels: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    values: Floats = field(default_factory=lambda: np.empty(0))
    fired: list[tuple[int, float]] = field(default_factory=list)
    symbols: int = 0
    raised: int = 0
    unjudged: list[Reason] = field(default_factory=list)
    missed: int = 0
    partly: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """What came of it: the sessions, ascending, and how many symbols are recorded in them.

    damaged  sessions that were left out because their entry in the archive's list cannot be read
    """

    days: Sequence[TriedDay] = ()
    symbols: int = 0
    damaged: Sequence[DamagedEntry] = ()


def try_rule(
    archive: Archive, symbols: Collection[Symbol], rule: Rule, going: Callable[[], bool] = lambda: True
) -> Trial:
    """Try a rule on the last ten sessions of symbols, whichever its scope names.

    On a session that cannot be read the rule could not be judged. Of a session that several sources are recorded of, a
    complete recording goes before others, then that of the source of the symbol's newest session. Ends early, with what
    it has, once `going` says no. Raises StorageError.
    """
    chosen: dict[tuple[Symbol, date], DaySummary] = {}
    damaged: list[DamagedEntry] = []
    for symbol in symbols:
        recorded = archive.sessions(symbol, damaged=damaged.append) if going() else []
        for each in recorded:
            place, newest = (symbol, each.key.session), recorded[-1].key.source
            kept = chosen.get(place)
            if kept is None or _rank(each, newest) > _rank(kept, newest):
                chosen[place] = each
    keys, dates = {each.key for each in chosen.values()}, {session for _, session in chosen}
    days: dict[date, TriedDay] = {}
    seen: set[Symbol] = set()
    changes = RecordedChanges(archive, rule.metric, rule.minutes)

    def unread(summary: DaySummary, why: Reason) -> None:
        if summary.key in keys:
            seen.add(summary.key.symbol)
            tried = days.setdefault(summary.key.session, TriedDay(summary.day))
            tried.symbols, tried.missed, tried.complete = tried.symbols + 1, tried.missed + 1, False
            tried.unjudged.append(why)

    begin = min(sorted(dates)[-TRIED_SESSIONS:], default=None)
    if begin is not None:
        damaged = [each for each in damaged if each.session >= str(begin)]
        for summary, final in archive.finals(symbols, start=begin, unread=unread):
            if not going():
                break
            key = summary.key
            if key in keys:
                seen.add(key.symbol)
                tried = days.setdefault(key.session, TriedDay(summary.day))
                past = changes.before(key) if rule.kind is Kind.UNUSUAL else None
                outages = archive.outages(summary.day.open, summary.day.close, key.symbol)
                outages = [each for each in outages if each.source == key.source]
                said = dry_run(rule, summary, final, outages, past)
                _take(tried, rule, summary, said)
                outside = {each.reason for each in outages}
                obstacles = [each for each in said if each.outcome is Outcome.UNJUDGED and each.reason not in outside]
                curve = _curve(rule, summary, final, past) if obstacles or len(symbols) == 1 else None
                if curve is not None:
                    _take_obstacles(tried, obstacles, measured=len(curve[0]) > 0)
                if curve is not None and len(symbols) == 1:
                    tried.labels, tried.values = curve
    return Trial(list(days.values()), len(seen), damaged)


def _rank(summary: DaySummary, source: str) -> tuple[bool, bool]:
    return summary.complete, summary.key.source == source


def _take(tried: TriedDay, rule: Rule, summary: DaySummary, said: Iterable[Tried]) -> None:
    tried.symbols += 1
    tried.complete = tried.complete and summary.complete
    for each in said:
        if each.outcome is Outcome.RAISED and each.time is not None and each.value is not None:
            tried.raised += 1
            tried.fired.append((each.time, abs(each.value) if rule.is_two_sided else each.value))


def _take_obstacles(tried: TriedDay, obstacles: Sequence[Tried], *, measured: bool) -> None:
    """`measured`: whether the rule measures anything in the session of the symbol."""
    tried.unjudged += [each.reason for each in obstacles if each.reason is not None]
    if obstacles and (not measured or any(each.all_day for each in obstacles)):
        tried.missed += 1
    else:
        tried.partly += bool(obstacles)


def _curve(rule: Rule, summary: DaySummary, final: FinalDay, past: UsualChanges | None) -> tuple[Ints, Floats]:
    """What the rule measures at each line as it was confirmed; a share is taken of what was traded then."""
    if rule.kind is Kind.SHARE:
        order = np.argsort(final.labels, kind="stable")
        traded = final.moments.turnover[final.confirmed_in]
        shares = final.values[COLUMNS.index(rule.metric)] / np.where(traded > 0, traded, np.nan)
        labels, values = final.labels[order], shares[order]
    else:
        found = RecordedReadings(rule, summary, final, past or UsualChanges()).as_confirmed()
        labels, values = found.labels, np.abs(found.values) if rule.is_two_sided else found.values
    known = np.isfinite(values)
    return labels[known], values[known]
