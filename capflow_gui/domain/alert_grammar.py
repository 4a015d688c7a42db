"""Alert rules as text: `SCOPE: METRIC OP AMOUNT`, and options after it.

    700.HK: net <= -200M                     *: net change 5m <= -20M
    *: net/turnover <= -3%                   *: net drawdown >= 150M
    @HK core: main <= -80M for 2m once       *: net crosses 0 band 5M

`Rule.text` is the canonical form, and what the app shows; `Rule.id` and `Rule.version` say which rule it is.
Amounts are in the symbol's own currency, shares of turnover are fractions, minutes are trading minutes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from capflow_gui.domain.flow import COLUMNS
from capflow_gui.domain.money import amount_at, format_amount
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import PERCENT, Level, Share, format_percent, level_size, percent_value
from capflow_gui.domain.typed.text import TypedText
from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Code, Reason

Operator = Literal["<=", ">="]

_DEFAULT_REARM = 0.1
_LONGEST_MINUTES = 400
_OPERATOR = re.compile(r"<=|>=|≤|≥|[<>=]+")
_WORD = re.compile(r"[^\W\d_][\w]*")
_MINUTES = re.compile(r"(\d+)(\w*)")
_METRICS = ", ".join(COLUMNS)


class Kind(StrEnum):
    """What is measured: the figure itself, its share of turnover, a change, a drawdown, a crossing."""

    LEVEL = "level"
    SHARE = "share"
    CHANGE = "change"
    DRAWDOWN = "drawdown"
    CROSSES = "crosses"


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
class Rule:
    """One rule.

    metric    a name of domain.flow.COLUMNS
    level     what it is compared with; for SHARE a fraction of turnover
    minutes   trading minutes a CHANGE looks back, else 0
    band      how far behind its level a CROSSES must be to count, else 0
    hold      confirmed minutes in a row that must be past the level
    rearm     how far back, as a fraction of the level, before it may fire anew
    again     a further step worse that escalates, in the units of `level`
    cooldown  trading minutes after firing in which it does not fire anew
    once      at most one alert a session
    own_id    the id it was given when it was made; empty: it is known by its text
    """

    scope: Scope
    metric: str
    kind: Kind
    operator: Operator
    level: float
    minutes: int = 0
    band: float = 0.0
    hold: int = 1
    rearm: float = _DEFAULT_REARM
    again: float | None = None
    cooldown: int = 0
    once: bool = False
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
        if self.rearm != _DEFAULT_REARM:
            words.append(f"rearm {format_percent(self.rearm)}")
        if self.again is not None:
            words.append(f"again {self._amount(self.again)}")
        if self.cooldown:
            words.append(f"cooldown {self.cooldown}m")
        if self.once:
            words.append("once")
        return " ".join(words)

    def _measure(self) -> str:
        level = self._amount(self.level)
        if self.kind is Kind.CROSSES:
            return f"{self.metric} crosses {level}" + (f" band {format_amount(self.band)}" if self.band else "")
        middle = {
            Kind.LEVEL: "",
            Kind.SHARE: "/turnover",
            Kind.CHANGE: f" change {self.minutes}m",
            Kind.DRAWDOWN: " drawdown",
        }[self.kind]
        return f"{self.metric}{middle} {self.operator} {level}"

    def _amount(self, value: float) -> str:
        return format_percent(value) if self.kind is Kind.SHARE else format_amount(value)

    @property
    def rearm_level(self) -> float:
        """Where a fired rule is re-armed: the level, moved back by `rearm` of its own size."""
        distance = self.rearm * abs(self.level)
        return self.level + distance if self.operator == "<=" else self.level - distance

    def past(self, value: float) -> bool:
        """Whether a figure is at or beyond the level; not for CROSSES."""
        return value <= self.level if self.operator == "<=" else value >= self.level


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """A rule of the profile: whether it is in force at all, and the symbols for which it is not (`muted`)."""

    rule: Rule
    enabled: bool = True
    muted: frozenset[Symbol] = frozenset()

    def covers(self, symbol: Symbol, groups: Collection[str] = ()) -> bool:
        """Whether it is in force for `symbol`, which stands in the watchlist groups named by `groups`."""
        return self.enabled and symbol not in self.muted and self.rule.scope.covers(symbol, groups)


def level_rule(level: Level, symbol: Symbol | None = None) -> Rule:
    """The net-outflow threshold `net <= level` or `net/turnover <= level`, for one symbol or for all."""
    kind = Kind.SHARE if isinstance(level, Share) else Kind.LEVEL
    return Rule(Scope(symbol=symbol), "net", kind, "<=", level_size(level))


def parse_rule(text: str) -> Rule:
    """Read a rule. Raises InvalidInput whose `position` is the offset of the fault in `text`."""
    return _Reader(text).rule()


class _Reader:
    """Reads one rule from left to right; `at` is the offset of what comes next."""

    def __init__(self, text: str) -> None:
        self.typed = TypedText(text)
        self.text = self.typed.text
        self.at = 0

    def fault(self, at: int, code: Code, example: str = "", **args: str | int) -> InvalidInput:
        """`example` is a rule, or a part of one, that is right."""
        suggestion = Reason.of(Code.FOR_EXAMPLE, example=example) if example else None
        return self.typed.fault(at, Reason.of(code, **args), suggestion)

    def skip(self) -> int:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.at

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        self.skip()
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def word(self) -> str:
        found = self.take(_WORD)
        return found.group().lower() if found else ""

    def rule(self) -> Rule:
        scope = self.scope()
        metric = self.metric()
        kind, operator, level, minutes, band = self.measure()
        options = self.options(kind)
        return Rule(scope, metric, kind, operator, level, minutes, band, *options)

    def scope(self) -> Scope:
        start = self.skip()
        # A group's name may hold a colon; nothing behind the scope does.
        end = self.text.rfind(":") if self.text.startswith("@", start) else self.text.find(":", start)
        if end < 0:
            raise self.fault(start, Code.SCOPE_MISSING, "*: net <= -200M")
        name = self.text[start:end].strip()
        self.at = end + 1
        if name == "*":
            return Scope()
        if name.startswith("@"):
            # The broker's own name of the group, letter by letter.
            group = self.typed.as_typed(start + 1, end)
            if not group:
                raise self.fault(start, Code.GROUP_WITHOUT_NAME, "@HK core: net <= -200M")
            return Scope(group=group)
        try:
            return Scope(symbol=Symbol.parse(name))
        except InvalidInput as error:
            raise self.typed.fault(start, error.reason, Reason.of(Code.SCOPES)) from error

    def metric(self) -> str:
        start = self.skip()
        name = self.word()
        if name not in COLUMNS:
            reason = Reason.of(Code.UNKNOWN_METRIC, name=name) if name else Reason.of(Code.METRIC_MISSING)
            raise self.typed.fault(start, reason, Reason.of(Code.METRICS, names=_METRICS))
        return name

    def measure(self) -> tuple[Kind, Operator, float, int, float]:
        if self.take(re.compile("/")):
            start = self.at
            if self.word() != "turnover":
                raise self.fault(start, Code.ONLY_TURNOVER, "net/turnover <= -3%")
            return Kind.SHARE, self.operator(), self.percent(Code.SHARE_IN_PERCENT, "-3%"), 0, 0.0
        start = self.skip()
        word = self.word()
        if word == "crosses":
            level = self.amount()
            return Kind.CROSSES, ">=", level, 0, self.band()
        if word == "change":
            minutes = self.minutes("change")
            return Kind.CHANGE, self.operator(), self.amount(), minutes, 0.0
        if word == "drawdown":
            return Kind.DRAWDOWN, self.drawdown_operator(), self.positive(Code.DRAWDOWN_POSITIVE), 0, 0.0
        if word:
            raise self.typed.fault(start, Reason.of(Code.NOT_A_MEASURE, found=word), Reason.of(Code.MEASURES))
        return Kind.LEVEL, self.operator(), self.amount(), 0, 0.0

    def operator(self) -> Operator:
        start = self.skip()
        found = self.take(_OPERATOR)
        if found is None:
            raise self.typed.fault(start, Reason.of(Code.COMPARISON_MISSING), Reason.of(Code.COMPARISONS))
        if found.group() in ("<=", "≤"):
            return "<="
        if found.group() in (">=", "≥"):
            return ">="
        reason = Reason.of(Code.NOT_A_COMPARISON, found=found.group())
        raise self.typed.fault(start, reason, Reason.of(Code.COMPARISONS))

    def drawdown_operator(self) -> Operator:
        start = self.skip()
        if self.operator() == "<=":
            raise self.fault(start, Code.DRAWDOWN_GROWS, "net drawdown >= 150M")
        return ">="

    def amount(self) -> float:
        start = self.skip()
        value, self.at = amount_at(self.typed, self.at)
        if self.text.startswith("%", self.at):
            raise self.fault(start, Code.PERCENT_WITHOUT_SHARE, "net/turnover <= -3%")
        return value

    def positive(self, otherwise: Code) -> float:
        start = self.skip()
        value = self.amount()
        if value <= 0:
            raise self.fault(start, otherwise)
        return value

    def percent(self, otherwise: Code, example: str) -> float:
        found = self.take(PERCENT)
        if found is None:
            raise self.fault(self.at, otherwise, example)
        return percent_value(found)

    def minutes(self, option: str) -> int:
        start = self.skip()
        found = self.take(_MINUTES)
        if found is None or found.group(2) != "m":
            unit = found.group(2) if found else ""
            at = found.start(2) if found and unit else start
            if unit == "M":
                raise self.fault(at, Code.MINUTES_ARE_SMALL, f"{option} 5m")
            raise self.fault(at, Code.TAKES_MINUTES, f"{option} 5m", option=option)
        if len(found.group(1)) > 4 or not 1 <= int(found.group(1)) <= _LONGEST_MINUTES:
            raise self.fault(start, Code.MINUTES_RANGE, option=option, most=_LONGEST_MINUTES)
        return int(found.group(1))

    def band(self) -> float:
        mark = self.at
        if self.word() == "band":
            return self.positive(Code.BAND_POSITIVE)
        self.at = mark
        return 0.0

    def options(self, kind: Kind) -> tuple[int, float, float | None, int, bool]:
        hold, rearm, again, cooldown, once = 1, _DEFAULT_REARM, None, 0, False
        seen: set[str] = set()
        while True:
            start = self.skip()
            if start == len(self.text):
                return hold, rearm, again, cooldown, once
            word = self.word()
            if word in seen:
                raise self.fault(start, Code.OPTION_TWICE, option=word)
            seen.add(word)
            if kind is Kind.CROSSES and word in ("rearm", "again"):
                reason = Reason.of(Code.NOT_WITH_CROSSES, option=word)
                raise self.typed.fault(start, reason, Reason.of(Code.CROSSES_HAS_BAND))
            match word:
                case "for":
                    hold = self.minutes("for")
                case "rearm":
                    rearm = self.rearm()
                case "again":
                    again = self.step(kind)
                case "cooldown":
                    cooldown = self.minutes("cooldown")
                case "once":
                    once = True
                case _:
                    reason = Reason.of(Code.NOT_AN_OPTION, found=self.text[start:])
                    raise self.typed.fault(start, reason, Reason.of(Code.OPTIONS))

    def rearm(self) -> float:
        start = self.skip()
        value = self.percent(Code.REARM_IN_PERCENT, "rearm 10%")
        if not 0 <= value <= 1:
            raise self.fault(start, Code.REARM_RANGE)
        return value

    def step(self, kind: Kind) -> float:
        if kind is not Kind.SHARE:
            return self.positive(Code.STEP_POSITIVE)
        start = self.skip()
        value = self.percent(Code.STEP_IN_PERCENT, "again 1%")
        if value <= 0:
            raise self.fault(start, Code.STEP_POSITIVE)
        return value
