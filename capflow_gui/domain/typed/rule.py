"""Alert rules as people type them: `SCOPE: METRIC OP AMOUNT`, and options after it. See domain.alert_grammar."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, time
from typing import Any
from unicodedata import category

from capflow_gui.domain.alert_grammar import WHOLE_SESSION, Kind, Operator, PartOfSession, Rule, Scope
from capflow_gui.domain.flow import COLUMNS
from capflow_gui.domain.lists.groups import LONGEST_NAME
from capflow_gui.domain.money import amount_at
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import PERCENT, percent_value
from capflow_gui.domain.typed.text import TypedText
from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Code, Reason

_LONGEST_MINUTES = 400
_OPERATOR = re.compile(r"<=|>=|≤|≥|[<>=]+")
_WORD = re.compile(r"[^\W\d_][\w]*")
_MINUTES = re.compile(r"(\d+)(\w*)")
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(?![\w.,%])")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?!\d)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)")
# A colon that is not one of a time.
_COLON = re.compile(r":(?!\d\d)")
# Control characters, and halves of characters, which cannot be written to any file.
_NO_LETTERS = frozenset({"Cc", "Cs"})
_METRICS = ", ".join(COLUMNS)
_MOST_DEVIATIONS = 1000
_UNUSUAL, _DIVERGENCE = "net change 5m unusual 3 floor 5M", "net divergence 30m price 0.5% flow 0.3%"


def parse_rule(text: str) -> Rule:
    """Read a rule. Raises InvalidInput whose `position` is the offset of the fault in `text`."""
    return _Reader(text).rule()


def _measure(kind: Kind, operator: Operator, level: float, **others: float) -> dict[str, Any]:
    return {"kind": kind, "operator": operator, "level": level, **others}


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
        measure = self.measure()
        return Rule(scope, metric, **measure, **self.options(measure["kind"]))

    def scope(self) -> Scope:
        start = self.skip()
        # A group's name may hold colons; behind the scope only times do.
        colons = [found.start() for found in _COLON.finditer(self.text, start)]
        end = -1 if not colons else colons[-1] if self.text.startswith("@", start) else colons[0]
        if end < 0:
            raise self.fault(start, Code.SCOPE_MISSING, "*: net <= -200M")
        name = self.text[start:end].strip()
        self.at = end + 1
        if name == "*":
            return Scope()
        if name.startswith("@"):
            # The name as it is, letter by letter; none holds a line break or half a character.
            letters = self.typed.as_typed(start + 1, end)
            group = "".join(" " if category(each) in _NO_LETTERS else each for each in letters).strip()
            if not group:
                raise self.fault(start, Code.GROUP_WITHOUT_NAME, "@HK core: net <= -200M")
            if len(group) > LONGEST_NAME:
                raise self.fault(start, Code.GROUP_NAME_LONG, "@HK core: net <= -200M", most=LONGEST_NAME)
            return Scope(group=group)
        try:
            return Scope(symbol=Symbol.parse(name))
        except InvalidInput as error:
            raise self.typed.fault(start, error.reason, Reason.of(Code.SCOPES)) from error

    def metric(self) -> str:
        start = self.skip()
        name = self.word()
        if name == "divergence":  # without a metric it is one of the net total
            self.at = start
            return "net"
        if name not in COLUMNS:
            reason = Reason.of(Code.UNKNOWN_METRIC, name=name) if name else Reason.of(Code.METRIC_MISSING)
            raise self.typed.fault(start, reason, Reason.of(Code.METRICS, names=_METRICS))
        return name

    def measure(self) -> dict[str, Any]:
        """The fields of Rule that say what is measured, and what it is compared with."""
        if self.take(re.compile("/")):
            start = self.at
            if self.word() != "turnover":
                raise self.fault(start, Code.ONLY_TURNOVER, "net/turnover <= -3%")
            operator = self.operator()
            return _measure(Kind.SHARE, operator, self.percent(Code.SHARE_IN_PERCENT, "-3%"))
        start = self.skip()
        word = self.word()
        match word:
            case "crosses":
                return _measure(Kind.CROSSES, ">=", self.amount(), band=self.band())
            case "change":
                return self.change(self.minutes("change"))
            case "drawdown":
                return _measure(Kind.DRAWDOWN, self.drawdown_operator(), self.positive(Code.DRAWDOWN_POSITIVE))
            case "divergence":
                minutes = self.minutes("divergence")
                price, flow = (self.size(word) for word in ("price", "flow"))
                return _measure(Kind.DIVERGENCE, ">=", flow, minutes=minutes, price=price)
            case "":
                return _measure(Kind.LEVEL, self.operator(), self.amount())
        raise self.typed.fault(start, Reason.of(Code.NOT_A_MEASURE, found=word), Reason.of(Code.MEASURES))

    def change(self, minutes: int) -> dict[str, Any]:
        """What follows `change 5m`: a comparison, or how unusual it must be."""
        if not self.takes("unusual"):
            return _measure(Kind.CHANGE, self.operator(), self.amount(), minutes=minutes)
        start = self.skip()
        found = self.take(_NUMBER)
        level = float(found[1]) if found else 0.0
        if not 0 < level <= _MOST_DEVIATIONS:
            raise self.fault(start, Code.DEVIATIONS_RANGE, _UNUSUAL, most=_MOST_DEVIATIONS)
        start = self.skip()
        if not self.takes("floor"):
            raise self.fault(start, Code.FLOOR_MISSING, _UNUSUAL)
        return _measure(Kind.UNUSUAL, ">=", level, minutes=minutes, floor=self.positive(Code.FLOOR_POSITIVE))

    def takes(self, word: str) -> bool:
        """Whether `word` is next; it is behind us then."""
        return self.take(re.compile(rf"{word}\b", re.IGNORECASE)) is not None

    def size(self, word: str) -> float:
        """`price 0.5%` of a divergence, or its flow."""
        start = self.skip()
        if not self.takes(word):
            raise self.fault(start, Code.DIVERGENCE_OF, _DIVERGENCE)
        start = self.skip()
        value = self.percent(Code.DIVERGENCE_IN_PERCENT, _DIVERGENCE)
        if not 0 < value <= 1:
            raise self.fault(start, Code.DIVERGENCE_RANGE, _DIVERGENCE)
        return value

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
        return self.positive(Code.BAND_POSITIVE) if self.takes("band") else 0.0

    def options(self, kind: Kind) -> dict[str, Any]:
        """The fields of Rule that options set."""
        found: dict[str, Any] = {}
        part = WHOLE_SESSION
        seen: set[str] = set()
        while (start := self.skip()) < len(self.text):
            word = self.word()
            if word in seen:
                raise self.fault(start, Code.OPTION_TWICE, option=word)
            seen.add(word)
            if kind is Kind.CROSSES and word in ("rearm", "again"):
                reason = Reason.of(Code.NOT_WITH_CROSSES, option=word)
                raise self.typed.fault(start, reason, Reason.of(Code.CROSSES_HAS_BAND))
            match word:
                case "for":
                    found["hold"] = self.minutes("for")
                case "rearm":
                    found["rearm"] = self.rearm()
                case "again":
                    found["again"] = self.step(kind)
                case "cooldown":
                    found["cooldown"] = self.minutes("cooldown")
                case "once":
                    found["once"] = self.once()
                case "from" | "to" | "skip":
                    part = self.part(word, part)
                case "until":
                    found["until"] = self.date()
                case "early":
                    found["early"] = True
                case _:
                    reason = Reason.of(Code.NOT_AN_OPTION, found=self.text[start:])
                    raise self.typed.fault(start, reason, Reason.of(Code.OPTIONS))
        return found | {"part": part}

    def once(self) -> bool:
        """`once a session` says the same."""
        self.takes(r"a\s+session")
        return True

    def part(self, word: str, part: PartOfSession) -> PartOfSession:
        start = self.skip()
        match word:
            case "from":
                part = replace(part, begin=self.time_of_day("from 10:00"))
            case "to":
                part = replace(part, end=self.time_of_day("to 15:30"))
            case _:
                return self.skipped(part)
        if part.begin is not None and part.end is not None and part.begin >= part.end:
            raise self.fault(start, Code.PART_EMPTY, "from 10:00 to 15:30")
        return part

    def time_of_day(self, example: str) -> time:
        start = self.skip()
        found = self.take(_TIME)
        if found is None or int(found[1]) >= 24 or int(found[2]) >= 60:
            raise self.fault(start, Code.TIME_MISSING, example)
        return time(int(found[1]), int(found[2]))

    def skipped(self, part: PartOfSession) -> PartOfSession:
        start = self.skip()
        for word in ("first", "last"):
            if self.takes(word):
                minutes = self.minutes(f"skip {word}")
                part = replace(part, skip_first=minutes) if word == "first" else replace(part, skip_last=minutes)
        if not (part.skip_first or part.skip_last):
            raise self.fault(start, Code.SKIPS_WHAT, "skip first 15m last 5m")
        return part

    def date(self) -> date:
        start = self.skip()
        found = self.take(_DATE)
        try:
            return date.fromisoformat(found.group() if found else "")
        except ValueError:
            raise self.fault(start, Code.DATE_MISSING, "until 2026-12-31") from None

    def rearm(self) -> float:
        start = self.skip()
        value = self.percent(Code.REARM_IN_PERCENT, "rearm 10%")
        if not 0 <= value <= 1:
            raise self.fault(start, Code.REARM_RANGE)
        return value

    def step(self, kind: Kind) -> float:
        start = self.skip()
        if kind is Kind.UNUSUAL:
            found = self.take(_NUMBER)
            if found is None or not float(found[1]):
                raise self.fault(start, Code.STEP_POSITIVE, "again 1")
            return float(found[1])
        if kind not in (Kind.SHARE, Kind.DIVERGENCE):
            return self.positive(Code.STEP_POSITIVE)
        value = self.percent(Code.STEP_IN_PERCENT, "again 1%")
        if value <= 0:
            raise self.fault(start, Code.STEP_POSITIVE)
        return value
