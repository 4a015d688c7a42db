"""Amounts of money as people type them and as rules show them: `-200M`, `1.5B`, `-1500万`.

Amounts are plain floats in the symbol's own currency; nothing here converts between currencies.
Suffixes are case-sensitive: M is million, m is minutes.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

from capflow_gui.domain.symbol import Market
from capflow_gui.errors import InvalidInput

FACTORS: dict[str, int] = {
    "": 1,
    "K": 10**3,
    "M": 10**6,
    "B": 10**9,
    "万": 10**4,
    "亿": 10**8,
    "萬": 10**4,
    "億": 10**8,
}
MINUS = "\u2212"

# What a listing is quoted in unless the broker's static info says otherwise.
DEFAULT_CURRENCY: dict[Market, str] = {
    Market.HK: "HKD",
    Market.US: "USD",
    Market.SH: "CNY",
    Market.SZ: "CNY",
    Market.SG: "SGD",
}

_NUMBER = re.compile(r"[+\-\u2212]?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)")
_SUFFIX = re.compile(r"\s*([^\W\d_]*)")
_WRITTEN = (("B", 10**9), ("M", 10**6), ("K", 10**3))


def parse_amount(text: str) -> float:
    """Read an amount: an optional sign (- or U+2212), digits with or without thousands commas, a suffix.

    Raises InvalidInput whose `position` is the offset of the fault in `text`.
    """
    start = len(text) - len(text.lstrip())
    value, end = amount_at(text, start)
    rest = text[end:]
    if rest.strip():
        at = end + len(rest) - len(rest.lstrip())
        raise InvalidInput(text, f"nothing may follow the amount, found {text[at:]!r}", _EXAMPLES, at)
    return value


_EXAMPLES = "write it as -200M, 1.5B, -1500万 or -80000"


def amount_at(text: str, start: int) -> tuple[float, int]:
    """The amount that begins at `start`, and the offset just behind it.

    Raises InvalidInput with the offset of the fault.
    """
    number = _NUMBER.match(text, start)
    if number is None:
        raise InvalidInput(text, "an amount is missing here", _EXAMPLES, start)
    suffix = _SUFFIX.match(text, number.end())
    name = suffix.group(1) if suffix else ""
    end = number.end()
    factor = 1
    if suffix is not None and name:
        if name not in FACTORS:
            # `net <= -80000 for 2m`: a word behind white space is the next option, not a suffix.
            if suffix.start(1) == number.end():
                raise InvalidInput(text, _bad_suffix(name), _EXAMPLES, suffix.start(1))
        else:
            factor, end = FACTORS[name], suffix.end()
    value = float(Decimal(number.group("digits").replace(",", "")) * factor)
    if not math.isfinite(value):
        raise InvalidInput(text, "this amount is too large", _EXAMPLES, start)
    negative = text[start] in ("-", MINUS)
    return (-value if negative and value else value), end


def _bad_suffix(name: str) -> str:
    if name == "m":
        return "m is minutes; million is a capital M"
    if name in ("k", "b"):
        return f"{name!r} is not a suffix; suffixes are capital letters"
    return f"{name!r} is not a suffix; there are K, M, B, 万, 亿, 萬 and 億"


def format_amount(value: float) -> str:
    """The shortest exact text: `-200M`, `1.5B`, `80K`, `512`; ASCII, as in rule texts. parse_amount reads it back."""
    if not math.isfinite(value):
        raise ValueError(f"an amount must be finite, not {value}")
    if value == 0:
        return "0"
    exact = abs(Decimal(repr(value)))
    suffix, factor = next(((name, size) for name, size in _WRITTEN if exact >= size), ("", 1))
    digits = format((exact / factor).normalize(), "f")
    return f"{'-' if value < 0 else ''}{digits}{suffix}"


def currency_of(market: Market) -> str:
    """The market's default currency: an assumption until static info confirms it."""
    return DEFAULT_CURRENCY[market]
