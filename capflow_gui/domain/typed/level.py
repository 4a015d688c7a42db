"""Net-outflow thresholds as people type them and as they are kept: the amount `-200M`, the share of turnover `-3%`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from capflow_gui.domain.money import format_amount, parse_amount
from capflow_gui.domain.typed.text import TypedText
from capflow_gui.reason import Code, Reason

PERCENT = re.compile(r"([+-]?)(\d+(?:\.\d+)?|\.\d+)\s*%")


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the session's turnover so far; below zero is outflow, -0.03 is 3 %."""

    fraction: float


# What net inflow is compared with: an amount in the symbol's own currency, or a share that fits every currency.
Level = float | Share
# What a new profile begins with, and what is offered where nothing was chosen.
OFFERED = Share(-0.02)


class Choice(Enum):
    """What can be chosen as a threshold and is no level: none at all, or the one for all symbols."""

    NONE = "none"
    INHERIT = "inherit"


ThresholdChoice = Level | Choice


def parse_level(text: str) -> Level:
    """Read a threshold. Raises InvalidInput whose `position` is the offset of the fault in `text`."""
    typed = TypedText(text)
    if "%" not in typed.text:
        return parse_amount(text)
    start = len(typed.text) - len(typed.text.lstrip())
    example = Reason.of(Code.FOR_EXAMPLE, example="-3%")
    found = PERCENT.fullmatch(typed.text.strip())
    if found is None:
        raise typed.fault(start, Reason.of(Code.SHARE_IN_PERCENT), example)
    fraction = percent_value(found)
    if abs(fraction) > 1:
        raise typed.fault(start, Reason.of(Code.SHARE_TOO_LARGE), example)
    return Share(fraction)


def percent_value(found: re.Match[str]) -> float:
    """The fraction that a match of PERCENT stands for."""
    value = float(Decimal(found.group(2)) / 100)
    return -value if found.group(1) == "-" and value else value


def format_percent(fraction: float) -> str:
    """The shortest exact text of a fraction: `-3%`, ASCII, as in rule texts."""
    digits = format((Decimal(repr(fraction)) * 100).normalize(), "f")
    return ("0" if fraction == 0 else digits) + "%"


def format_level(level: Level) -> str:
    """The shortest exact text of a threshold, ASCII; parse_level reads it back."""
    return format_percent(level.fraction) if isinstance(level, Share) else format_amount(level)


def level_size(level: Level) -> float:
    """The bare figure of a threshold: an amount or a fraction."""
    return level.fraction if isinstance(level, Share) else level


def level_condition(level: Level) -> str:
    """What a threshold measures, and its level: `net <= -200M`, `net/turnover <= -3%`; its rule may have options."""
    return f"net{'/turnover' if isinstance(level, Share) else ''} <= {format_level(level)}"


def level_amount(level: Level | None, turnover: float | None) -> float | None:
    """The amount of net inflow at which a threshold is reached; None where there is none, or no turnover to share."""
    if isinstance(level, Share):
        return level.fraction * turnover if turnover else None
    return level
