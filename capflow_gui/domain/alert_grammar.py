"""Alert rules, and their canonical text: `SCOPE: METRIC OP AMOUNT`, and options after it.

    700.HK: net <= -200M                     *: net change 5m <= -20M
    *: net/turnover <= -3%                   *: net drawdown >= 150M
    @HK core: main <= -80M for 2m once       *: net crosses 0 band 5M
    *: net change 5m unusual 3 floor 5M      *: net divergence 30m price 0.5% flow 0.3%
    *: net <= -200M from 10:00 to 15:30      *: net <= -200M skip first 15m last 5m until 2026-12-31

`Rule.text` is the canonical form, and what the app shows; `Rule.id` and `Rule.version` say which rule it is.
Amounts are in the symbol's own currency, shares of turnover are fractions, minutes are trading minutes.
`domain.typed.rule` reads what people type.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from capflow_gui.domain.money import format_amount
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Level, Share, format_percent

Operator = Literal["<=", ">="]

DEFAULT_REARM = 0.1
# A share of turnover is of little soon after the open, and moves to and fro: a threshold that is one begins later, and
# is armed again farther back.
_SHARE_SKIPS_FIRST, _SHARE_REARM = 30, 0.5


class Kind(StrEnum):
    """What is measured.

    The figure itself, its share of turnover, a change, a drawdown, a crossing, how unusual a change is, how far price
    and flow go against each other.
    """

    LEVEL = "level"
    SHARE = "share"
    CHANGE = "change"
    DRAWDOWN = "drawdown"
    CROSSES = "crosses"
    UNUSUAL = "unusual"
    DIVERGENCE = "divergence"


_TWO_SIDED = frozenset({Kind.UNUSUAL, Kind.DIVERGENCE})


@dataclass(frozen=True, slots=True)
class Scope:
    """Which symbols a rule is for: one symbol, the group `@name`, or all of them when both are None."""

    symbol: Symbol | None = None
    group: str | None = None

    def __str__(self) -> str:
        if self.symbol is not None:
            return str(self.symbol)
        return "*" if self.group is None else f"@{self.group}"

    def covers(self, symbol: Symbol, groups: Collection[str] = ()) -> bool:
        """Whether the rule is for `symbol`, which stands in the watchlist groups named by `groups`."""
        if self.symbol is not None:
            return self.symbol == symbol
        return self.group is None or self.group in groups


@dataclass(frozen=True, slots=True)
class PartOfSession:
    """The lines of a session on which a rule may alert; its lines elsewhere can only clear what stands.

    begin, end  the exchange's time of day of the first and the last of them; None: as the session's
    skip_first  trading minutes after the open, `skip_last` before the close, that are left out
    """

    begin: time | None = None
    end: time | None = None
    skip_first: int = 0
    skip_last: int = 0

    def __str__(self) -> str:
        words = []
        if self.begin is not None:
            words.append(f"from {self.begin:%H:%M}")
        if self.end is not None:
            words.append(f"to {self.end:%H:%M}")
        if self.skip_first or self.skip_last:
            words.append("skip")
        if self.skip_first:
            words.append(f"first {self.skip_first}m")
        if self.skip_last:
            words.append(f"last {self.skip_last}m")
        return " ".join(words)

    @lru_cache(maxsize=512)  # noqa: B019 - it is asked for every reply; parts and days are small and few
    def labels(self, day: TradingDay) -> tuple[int, int]:
        """The first and the last label of `day` that is in it, UTC epoch seconds; the first may be the later one."""
        first, last = day.label(self.skip_first), day.label(day.minutes - self.skip_last)
        zone = ZoneInfo(day.zone)
        if self.begin is not None:
            first = max(first, int(datetime.combine(day.day, self.begin, zone).timestamp()))
        if self.end is not None:
            last = min(last, int(datetime.combine(day.day, self.end, zone).timestamp()))
        return first, last


WHOLE_SESSION = PartOfSession()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    metric    a name of domain.flow.COLUMNS
    level     what it is compared with; for SHARE a fraction of turnover
    minutes   trading minutes a CHANGE, an UNUSUAL or a DIVERGENCE looks back, else 0
    band      how far behind its level a CROSSES must be to count, else 0
    floor     the least change that is UNUSUAL, else 0
    price     the least change of price, as a fraction, in a DIVERGENCE, else 0
    hold      confirmed minutes in a row that must be past the level
    rearm     how far back, as a fraction of the level, before it may fire anew
    again     a further step worse that escalates, in the units of `level`
    cooldown  trading minutes after firing in which it does not fire anew
    once      at most one alert a session
    part      of the session, in which it may alert
    until     the last session it is for, an exchange date; None: it does not expire
    early     mark a minute that is past the level before it is over; the mark is confirmed or withdrawn when it is
    own_id    the id it was given when it was made; empty: it is known by its text

    UNUSUAL measures how many deviations a change is from the median of earlier sessions, and `level` is in these; of a
    change below the floor, and where the MAD is 0, it is level·change/floor. DIVERGENCE measures the change of flow as
    a fraction of the session's turnover so far, where the price went the other way, else 0; where the price went less
    far than `price` for that, it is smaller in the same proportion. Both are signed as the flow is, and compared by
    their size.
    """

    scope: Scope
    metric: str
    kind: Kind
    operator: Operator
    level: float
    minutes: int = 0
    band: float = 0.0
    floor: float = 0.0
    price: float = 0.0
    hold: int = 1
    rearm: float = DEFAULT_REARM
    again: float | None = None
    cooldown: int = 0
    once: bool = False
    part: PartOfSession = WHOLE_SESSION
    until: date | None = None
    early: bool = False
    own_id: str = ""

    @property
    def text(self) -> str:
        """The canonical form, scope first; parse_rule reads it back."""
        return f"{self.scope}: {self.condition}"

    @property
    def id(self) -> str:
        """The rule's identity: `own_id`, `default`, `own:700.HK`, or `rule:` and a digest of its text.

        The first three stay when its amount changes. A rule given as text that is a plain net-outflow threshold is
        that threshold: the window and `watch` share it.
        """
        if self.own_id:
            return self.own_id
        level = Share(self.level) if self.kind is Kind.SHARE else self.level
        if self == level_rule(level, self.scope.symbol):
            return "default" if self.scope.symbol is None else f"own:{self.scope.symbol}"
        return f"rule:{self.version}"

    @property
    def version(self) -> str:
        """A digest of the canonical text: two programs that judge the same rule agree on it."""
        return hashlib.blake2s(self.text.encode(), digest_size=8).hexdigest()

    @property
    def condition(self) -> str:
        """The canonical form without its scope: `net <= -200M for 2m`."""
        words = [self._measure()]
        if self.hold != 1:
            words.append(f"for {self.hold}m")
        if self.rearm != DEFAULT_REARM:
            words.append(f"rearm {format_percent(self.rearm)}")
        if self.again is not None:
            words.append(f"again {self.amount_text(self.again)}")
        if self.cooldown:
            words.append(f"cooldown {self.cooldown}m")
        if self.once:
            words.append("once")
        if self.part != WHOLE_SESSION:
            words.append(str(self.part))
        if self.until is not None:
            words.append(f"until {self.until.isoformat()}")
        if self.early:
            words.append("early")
        return " ".join(words)

    def _measure(self) -> str:
        level = self.amount_text(self.level)
        match self.kind:
            case Kind.CROSSES:
                return f"{self.metric} crosses {level}" + (f" band {format_amount(self.band)}" if self.band else "")
            case Kind.UNUSUAL:
                return f"{self.metric} change {self.minutes}m unusual {level} floor {format_amount(self.floor)}"
            case Kind.DIVERGENCE:
                return f"{self.metric} divergence {self.minutes}m price {format_percent(self.price)} flow {level}"
        middle = {
            Kind.LEVEL: "",
            Kind.SHARE: "/turnover",
            Kind.CHANGE: f" change {self.minutes}m",
            Kind.DRAWDOWN: " drawdown",
        }[self.kind]
        return f"{self.metric}{middle} {self.operator} {level}"

    def amount_text(self, value: float) -> str:
        """A value in the units of `level`, as rules write it: `-200M`, `-3%`, `2.5`."""
        if self.kind is Kind.UNUSUAL:
            return format(Decimal(repr(value)).normalize(), "f")
        return format_percent(value) if self.kind in (Kind.SHARE, Kind.DIVERGENCE) else format_amount(value)

    @property
    def is_two_sided(self) -> bool:
        """Whether a figure is compared by its size, whatever its sign."""
        return self.kind in _TWO_SIDED

    @property
    def rearm_level(self) -> float:
        """Where a fired rule is re-armed: the level, moved back by `rearm` of its own size."""
        distance = self.rearm * abs(self.level)
        return self.level + distance if self.operator == "<=" else self.level - distance

    def past(self, value: float) -> bool:
        """Whether a figure is at or beyond the level; not for CROSSES."""
        value = abs(value) if self.is_two_sided else value
        return value <= self.level if self.operator == "<=" else value >= self.level

    def is_back(self, value: float) -> bool:
        """Whether a figure is at or behind the re-arm level; not for CROSSES."""
        value = abs(value) if self.is_two_sided else value
        return value >= self.rearm_level if self.operator == "<=" else value <= self.rearm_level


def level_rule(level: Level, symbol: Symbol | None = None) -> Rule:
    """The net-outflow threshold for one symbol or for all.

    It is `net <= -200M`, or of a share `net/turnover <= -2% rearm 50% skip first 30m`.
    """
    scope = Scope(symbol=symbol)
    if isinstance(level, Share):
        part = PartOfSession(skip_first=_SHARE_SKIPS_FIRST)
        return Rule(scope, "net", Kind.SHARE, "<=", level.fraction, rearm=_SHARE_REARM, part=part)
    return Rule(scope, "net", Kind.LEVEL, "<=", level)
