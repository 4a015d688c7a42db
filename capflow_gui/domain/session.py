"""Trading sessions: when a market is open, and where a minute stands on the session's axis.

Instants are UTC epoch seconds; a trading day is named by the exchange's own calendar date.
The *session minute index* counts trading minutes since the open. The break takes no room on it, so in Hong Kong
12:00 and 13:00 are both index 150. Auctions before the open and after the close are not in the session.
The table is passed in (resources/sessions.json, made by packaging/generate_calendar.py from exchange_calendars).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from capflow_gui.domain.flow import Ints
from capflow_gui.domain.symbol import Market

Hours = tuple[tuple[int, int], ...]  # (open, close) of each trading period, minutes after the exchange's midnight

# A session is over this long after its close, whether or not its last line was confirmed.
SESSION_END_S = 1800.0
_FORMAT = 1
_ONE_DAY = timedelta(days=1)
_SOON = timedelta(days=60)
_SATURDAY = 5
# Longer than any closure the table knows (10 days), and than any a broker is likely to announce.
_LONGEST_CLOSURE_DAYS = 60
# Before about 1905 a zone's offset has seconds, and no minute grid fits it; no broker serves a day as old as this.
_FIRST_YEAR = 1970
_NO_DATE = (0.0, 0.0, date.max)


@dataclass(frozen=True, slots=True)
class TradingDay:
    """One session of one market.

    day      the exchange's date
    zone     IANA name of the exchange's time zone
    periods  (open, close) of each trading period, UTC epoch seconds, ascending, on whole minutes
    half     whether the session is shorter than usual
    assumed  the date lies outside the table: a weekday taken to be an ordinary session
    open     the first minute's beginning, UTC epoch seconds; label of the axis' index 0
    close    the end of the last trading period, UTC epoch seconds
    minutes  trading minutes in all; also the last index of the axis
    seams    indexes at which a break lies: (150,) in Hong Kong, () in New York
    """

    market: Market
    day: date
    zone: str
    periods: tuple[tuple[int, int], ...]
    half: bool = False
    assumed: bool = False
    open: int = field(init=False, compare=False, repr=False)
    close: int = field(init=False, compare=False, repr=False)
    minutes: int = field(init=False, compare=False)
    seams: tuple[int, ...] = field(init=False, compare=False)
    _bases: tuple[int, ...] = field(init=False, compare=False, repr=False)
    _labels: Ints = field(init=False, compare=False, repr=False)
    _axis: Ints = field(init=False, compare=False, repr=False)
    _bytes: bytes = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        edges = [edge for period in self.periods for edge in period]
        if not edges or any(a >= b for a, b in itertools.pairwise(edges)):
            raise ValueError(f"periods must ascend: {self.periods}")
        if any(edge % 60 for edge in edges):
            raise ValueError(f"periods must lie on whole minutes: {self.periods}")
        ends: list[int] = []
        total = 0
        labels = [np.array([self.periods[0][0]], np.int64)]
        for begin, end in self.periods:
            total += (end - begin) // 60
            ends.append(total)
            labels.append(np.arange(begin + 60, end + 60, 60, dtype=np.int64))
        grid = np.concatenate(labels)
        axis = np.arange(total + 1, dtype=np.int64)
        for array in (grid, axis):
            array.setflags(write=False)
        object.__setattr__(self, "open", edges[0])
        object.__setattr__(self, "close", edges[-1])
        object.__setattr__(self, "minutes", total)
        object.__setattr__(self, "seams", tuple(ends[:-1]))
        object.__setattr__(self, "_bases", (0, *ends[:-1]))
        object.__setattr__(self, "_labels", grid)
        object.__setattr__(self, "_axis", axis)
        object.__setattr__(self, "_bytes", grid.tobytes())

    def __hash__(self) -> int:
        # It is a key of what is worked out once for every reply.
        return hash(self.day)

    def in_session(self, ts: float) -> bool:
        """Whether `ts` (UTC epoch seconds) lies in a trading period, both ends included, as labels do."""
        return any(begin <= ts <= end for begin, end in self.periods)

    def part(self, ts: float) -> int:
        """Which part of the day `ts` (UTC epoch seconds) lies in: 0 before the open, 1 the first trading period, 2 what
        follows it, a break or the time after the close, and so on; the last begins where the session is over for sure.
        A part has its beginning, and not its end.
        """
        return sum(edge <= ts for period in self.periods for edge in period) + (self.close + SESSION_END_S <= ts)

    def index(self, ts: float) -> float:
        """Trading minutes from the open to `ts` (UTC epoch seconds), in 0..minutes; a break stands still."""
        for (begin, end), base in zip(reversed(self.periods), reversed(self._bases), strict=True):
            if ts >= begin:
                return base + (min(ts, end) - begin) / 60
        return 0.0

    def label(self, index: int) -> int:
        """UTC epoch seconds of the label at `index`, held to 0..minutes: in Hong Kong 150 is 12:00, 151 is 13:01."""
        return int(self._labels[min(max(index, 0), self.minutes)])

    def labels(self) -> Ints:
        """(minutes + 1,) every label a full session has, UTC epoch seconds, read-only: 331 in Hong Kong."""
        return self._labels

    def axis(self) -> Ints:
        """(minutes + 1,) the axis index of each of these labels, read-only."""
        return self._axis

    def begins_with(self, timestamps: Ints) -> bool:
        """Whether these labels (UTC epoch seconds) are the session's first ones, none missing: the usual reply."""
        # Bytes, not elements: called for every row of the list, and ten times as fast.
        return self._bytes.startswith(timestamps.tobytes())

    def indexes(self, timestamps: Ints) -> Ints:
        """(n,) axis index of each label (UTC epoch seconds); -1 off the grid or outside the session.

        The beginning of a later period (13:00 in Hong Kong) has the index of the break.
        """
        if self.begins_with(timestamps):
            return self._axis[: len(timestamps)]
        places = np.minimum(self._labels.searchsorted(timestamps), self.minutes)
        found: Ints = np.where(self._labels[places] == timestamps, places, -1)
        for (begin, _), base in zip(self.periods[1:], self._bases[1:], strict=True):
            found[timestamps == begin] = base
        return found


def date_begins(day: TradingDay, *, days_on: int = 0) -> float:
    """Midnight at the exchange before the session's date, or before a date so many days on; UTC epoch seconds."""
    return datetime.combine(day.day + timedelta(days=days_on), time(), ZoneInfo(day.zone)).timestamp()


class Phase(StrEnum):
    """What a market is doing. PRE_OPEN is a trading day before its open."""

    PRE_OPEN = "pre_open"
    OPEN = "open"
    LUNCH = "lunch"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class MarketNow:
    """One market at one instant. All times are UTC epoch seconds.

    day         the session of the exchange's date, None when there is none
    last_day    the newest session that has opened
    next_open   the next session's open, later than now; the end of a lunch break is `resumes`, not this
    period_end  the end of the running trading period; None unless OPEN
    resumes     the end of the break; None unless LUNCH
    assumed     the session that closes, resumes or opens next is assumed: its date lies outside the table
    """

    phase: Phase
    day: TradingDay | None
    last_day: TradingDay
    next_open: int
    period_end: int | None
    resumes: int | None
    assumed: bool


@dataclass(frozen=True, slots=True)
class _Table:
    """What the file says about one market. `special` maps the dates whose hours are not `regular`; () is closed."""

    zone: ZoneInfo
    regular: Hours
    half: Hours
    known_from: date
    known_to: date
    special: Mapping[date, Hours]

    def hours(self, day: date) -> Hours:
        """The trading periods of `day`; () when the market is closed."""
        known = self.special.get(day)
        if known is not None:
            return known
        return self.regular if day.weekday() < _SATURDAY else ()


class Calendar:
    """Sessions of every market. Never changes; made from the table by `from_json`."""

    __slots__ = ("_dates", "_days", "_nows", "_tables")

    def __init__(self, tables: Mapping[Market, _Table]) -> None:
        self._tables = dict(tables)
        self._days: dict[tuple[Market, date], TradingDay | None] = {}
        self._dates: dict[Market, tuple[float, float, date]] = {}  # of each the date asked for last, and its bounds
        self._nows: dict[Market, tuple[float, float, MarketNow]] = {}  # of each what it did last, and its bounds

    @classmethod
    def from_json(cls, data: bytes) -> Calendar:
        """Read resources/sessions.json; ValueError when it is not that file."""
        content = json.loads(data)
        if not isinstance(content, dict) or content.get("format") != _FORMAT:
            raise ValueError(f"not a sessions table of format {_FORMAT}")
        return cls({Market(name): _read_table(entry) for name, entry in content["markets"].items()})

    def zone(self, market: Market) -> ZoneInfo:
        """The exchange's time zone."""
        return self._tables[market].zone

    def known_to(self, market: Market) -> date:
        """The last date the table knows; later weekdays are assumed to be ordinary sessions."""
        return self._tables[market].known_to

    def ends_soon(self, market: Market, today: date) -> bool:
        """Whether the table ends within two months of the exchange's date `today`, or has ended."""
        return self.known_to(market) < today + _SOON

    def day(self, market: Market, day: date) -> TradingDay | None:
        """The session of the exchange's date `day`; None when the market is closed that day."""
        if day.year < _FIRST_YEAR:
            return None
        key = (market, day)
        try:
            return self._days[key]
        except KeyError:
            found = self._days[key] = self._make_day(market, day)
            return found

    def session_date(self, market: Market, ts: float) -> date:
        """The exchange's calendar date at `ts` (UTC epoch seconds), trading day or not."""
        begin, end, found = self._dates.get(market, _NO_DATE)
        if begin <= ts < end:
            return found
        zone = self._tables[market].zone
        found = datetime.fromtimestamp(ts, zone).date()
        if found < date.max:
            begin, end = (datetime.combine(each, time(), zone).timestamp() for each in (found, found + timedelta(1)))
            self._dates[market] = begin, end, found
        return found

    def now(self, market: Market, now: float) -> MarketNow:
        """What `market` is doing at market now (UTC epoch seconds); at the end of a period it is no longer open."""
        known = self._nows.get(market)
        if known is not None and known[0] <= now < known[1]:
            return known[2]
        date_now = self.session_date(market, now)
        today = self.day(market, date_now)
        midnight = self._dates.get(market, _NO_DATE)[1]
        edges = [edge for period in today.periods for edge in period if edge > now] if today is not None else []
        found = self._find_now(market, now, date_now)
        self._nows[market] = now, min([midnight, *edges]), found
        return found

    def _find_now(self, market: Market, now: float, date_now: date) -> MarketNow:
        today = self.day(market, date_now)
        opened = today is not None and today.open <= now
        last_day = today if today is not None and opened else self._neighbour(market, date_now, -_ONE_DAY)
        next_day = today if today is not None and not opened else self._neighbour(market, date_now, _ONE_DAY)
        phase, period_end, resumes = Phase.CLOSED, None, None
        if today is not None and not opened:
            phase = Phase.PRE_OPEN
        elif today is not None:
            for begin, end in today.periods:
                if now < begin:
                    phase, resumes = Phase.LUNCH, begin
                    break
                if now < end:
                    phase, period_end = Phase.OPEN, end
                    break
        next_bell = next_day if phase in (Phase.CLOSED, Phase.PRE_OPEN) or today is None else today
        return MarketNow(phase, today, last_day, next_day.open, period_end, resumes, next_bell.assumed)

    def trading_minutes(self, market: Market, start: float, end: float) -> float:
        """Trading minutes from `start` to `end` (UTC epoch seconds); negative when `end` is earlier."""
        if end < start:
            return -self.trading_minutes(market, end, start)
        day, last = self.session_date(market, start), self.session_date(market, end)
        total = 0.0
        while day <= last:
            session = self.day(market, day)
            if session is not None:
                total += session.index(end) - session.index(start)
            day += _ONE_DAY
        return total

    def with_day(self, day: TradingDay) -> Calendar:
        """A calendar in which this very session stands, whatever the table says of its date."""
        changed = Calendar(self._tables)
        changed._days.update(self._days)
        changed._days[day.market, day.day] = day
        return changed

    def with_overrides(
        self,
        market: Market,
        days: Iterable[tuple[date, str]],
        *,
        start: date | None = None,
        end: date | None = None,
    ) -> Calendar:
        """A calendar in which the broker's trading days overrule the table.

        `days` are (date, kind), kind being whole, morning or afternoon; `start` and `end` are the dates that were
        asked for (default: the first and the last of `days`): a date between them that is not listed is closed, unless
        more than sixty in a row are missing. No exchange rests so long: such a list has a hole.
        """
        table = self._tables[market]
        listed = dict(days)
        if not listed:
            return self
        first, last = start or min(listed), end or max(listed)
        special = dict(table.special)
        for before, after in itertools.pairwise((first - _ONE_DAY, *sorted(listed), last + _ONE_DAY)):
            days_between = (after - before).days - 1
            if days_between <= _LONGEST_CLOSURE_DAYS:
                for offset in range(days_between):
                    special[before + (offset + 1) * _ONE_DAY] = _overruled(table, before, None)
        for day, kind in listed.items():
            special[day] = _overruled(table, day, kind)
        known_to = max(table.known_to, last) if first <= table.known_to + _ONE_DAY else table.known_to
        changed = _Table(table.zone, table.regular, table.half, table.known_from, known_to, special)
        return Calendar({**self._tables, market: changed})

    def _make_day(self, market: Market, day: date) -> TradingDay | None:
        table = self._tables[market]
        hours = table.hours(day)
        if not hours:
            return None
        midnight = datetime(day.year, day.month, day.day, tzinfo=table.zone)
        # Wall-clock arithmetic, then the zone's offset of that very minute: right on the days DST changes.
        periods = tuple((_epoch(midnight, begin), _epoch(midnight, end)) for begin, end in hours)
        assumed = day not in table.special and not table.known_from <= day <= table.known_to
        return TradingDay(market, day, table.zone.key, periods, _length(hours) < _length(table.regular), assumed)

    def _neighbour(self, market: Market, day: date, step: timedelta) -> TradingDay:
        # It ends: outside the table every weekday is taken for a session.
        day += step
        while (session := self.day(market, day)) is None:
            day += step
        return session


def _epoch(midnight: datetime, minutes: int) -> int:
    return int(midnight.replace(hour=minutes // 60, minute=minutes % 60).timestamp())


def _length(hours: Hours) -> int:
    return sum(end - begin for begin, end in hours)


def _overruled(table: _Table, day: date, kind: str | None) -> Hours:
    if kind is None:
        return ()
    if kind == "morning":
        return table.half or table.regular[:1]
    if kind == "afternoon":
        return table.regular[-1:]
    # A market without a break has no morning to name, so "whole" may be an early close the table knows about.
    if len(table.regular) == 1 and table.hours(day):
        return table.hours(day)
    return table.regular


def _read_hours(text: str) -> Hours:
    periods = []
    for period in text.split():
        begin, end = (int(edge[:2]) * 60 + int(edge[3:]) for edge in period.split("-"))
        periods.append((begin, end))
    return tuple(periods)


def _read_table(entry: dict[str, Any]) -> _Table:
    half = _read_hours(entry["half"])
    special: dict[date, Hours] = {}
    for key, hours in (("holidays", ()), ("half_days", half)):
        for year, days in entry[key].items():
            special.update({date.fromisoformat(f"{year}-{day}"): hours for day in days.split()})
    special.update({date.fromisoformat(day): _read_hours(hours) for day, hours in entry["special"].items()})
    return _Table(
        zone=ZoneInfo(entry["zone"]),
        regular=_read_hours(entry["regular"]),
        half=half,
        known_from=date.fromisoformat(entry["known_from"]),
        known_to=date.fromisoformat(entry["known_to"]),
        special=special,
    )
