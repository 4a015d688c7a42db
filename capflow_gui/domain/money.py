"""Amounts of money as people type them and as rules show them: `-200M`, `1.5B`, `-1500万`.

Amounts are plain floats in the symbol's own currency; nothing here converts between currencies.
Suffixes are case-sensitive: M is million, m is minutes.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.typed.text import TypedText
from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Code, Reason

FACTORS: dict[str, int] = {
    "": 1,
    "K": 10**3,
    "M": 10**6,
    "B": 10**9,
    "T": 10**12,
    "万": 10**4,
    "亿": 10**8,
    "萬": 10**4,
    "億": 10**8,
    "万亿": 10**12,
    "萬億": 10**12,
}
MINUS = "\u2212"

# A hundred trillion: more than any exchange turns over in a day, in any currency.
LARGEST_AMOUNT = 1e14

_DEFAULT_CURRENCY: dict[Market, str] = {
    Market.HK: "HKD",
    Market.US: "USD",
    Market.SH: "CNY",
    Market.SZ: "CNY",
    Market.SG: "SGD",
}
# What a range of an exchange's codes trades in by the exchange's own rules, where it is not the market's default.
_COUNTERS: dict[Market, tuple[tuple[range, str | None], ...]] = {
    # Preference shares and debt (4…), and the second counters of funds (9000 to 9599, 9800 to 9849), trade in one of
    # several currencies; the other codes from 9600 are ordinary shares, JD.com's and Alibaba's among them.
    Market.HK: (
        (range(80000, 90000), "CNY"),
        (range(4000, 5000), None),
        (range(9000, 9600), None),
        (range(9800, 9850), None),
    ),
    Market.SH: ((range(900000, 901000), "USD"),),  # B shares
    Market.SZ: ((range(200000, 201000), "HKD"),),
}
_LAST_HK_SHARE = 9999

_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
_NUMBER = re.compile(rf"[+-]?(?P<digits>{_DIGITS})")
_SUFFIX = re.compile(r"\s*([^\W\d_]*)")
# Digits grouped by points, white space or apostrophes, or with a decimal comma: `1.200.000,50`, `1 200 000`, `1'200`.
_GROUPED = re.compile(
    r"[+-]?(?P<whole>\d{1,3}(?:(?P<mark>[.,' ])\d{3})(?:(?P=mark)\d{3})*|\d+)"
    r"(?:(?!(?P=mark))[.,](?P<decimals>\d+))?(?![.,' ]?\d)"
)
_TWO_READINGS = re.compile(r"[1-9]\d{0,2}\.\d{3}")
_WRITTEN = (("T", 10**12), ("B", 10**9), ("M", 10**6), ("K", 10**3))


def parse_amount(text: str) -> float:
    """Read an amount: an optional sign (any dash), digits with or without thousands commas, a suffix.

    Raises InvalidInput whose `position` is the offset of the fault in `text`.
    """
    typed = TypedText(text)
    start = len(typed.text) - len(typed.text.lstrip())
    value, end = amount_at(typed, start)
    rest = typed.text[end:]
    if found := rest.strip():
        at = end + len(rest) - len(rest.lstrip())
        raise typed.fault(at, Reason.of(Code.AFTER_AMOUNT, found=found), Reason.of(Code.AMOUNT_EXAMPLES))
    return value


def amount_at(typed: TypedText, start: int) -> tuple[float, int]:
    """The amount that begins at an offset, and the offset just behind it.

    Raises InvalidInput for what is no amount, and for one whose digits can be read in two ways.
    """
    examples = Reason.of(Code.AMOUNT_EXAMPLES)
    number = _NUMBER.match(typed.text, start)
    if number is None:
        raise typed.fault(start, Reason.of(Code.AMOUNT_MISSING), examples)
    if (found := _GROUPED.match(typed.text, start)) and found.end() > number.end():
        raise _foreign(typed, found)
    suffix = _SUFFIX.match(typed.text, number.end())
    name = suffix.group(1) if suffix else ""
    end = number.end()
    factor = 1
    if suffix is not None and name:
        if name in FACTORS:
            factor, end = FACTORS[name], suffix.end()
        elif suffix.start(1) == number.end():
            # `net <= -80000 for 2m`: a word behind white space is the next option, not a suffix.
            raise typed.fault(suffix.start(1), _bad_suffix(name), examples)
    digits = number.group("digits")
    if factor == 1 and _TWO_READINGS.fullmatch(digits):
        raise _two_readings(typed, start, digits)
    value = float(Decimal(digits.replace(",", "")) * factor)
    if value > LARGEST_AMOUNT:
        raise typed.fault(start, Reason.of(Code.AMOUNT_TOO_LARGE), examples)
    negative = typed.text[start] == "-"
    return (-value if negative and value else value), end


def _two_readings(typed: TypedText, start: int, digits: str) -> InvalidInput:
    """`-200.000` is two hundred thousand in half of Europe, and two hundred elsewhere."""
    sign = "-" if typed.text[start] == "-" else ""
    thousands, plain = format_amount(float(digits.replace(".", ""))), format_amount(float(digits))
    ways = Reason.of(Code.WRITE_ONE_OF, first=sign + thousands, second=sign + plain)
    return typed.fault(start, Reason.of(Code.TWO_READINGS), ways)


def _foreign(typed: TypedText, found: re.Match[str]) -> InvalidInput:
    """Digits grouped as in another country: suggest the amount that is most likely meant."""
    whole = re.sub(r"\D", "", found["whole"])
    suffix = _SUFFIX.match(typed.text, found.end())
    value = float(f"{whole}.{found['decimals'] or 0}") * FACTORS.get(suffix.group(1) if suffix else "", 1)
    if value > LARGEST_AMOUNT:
        return typed.fault(found.start(), Reason.of(Code.AMOUNT_TOO_LARGE), Reason.of(Code.AMOUNT_EXAMPLES))
    amount = format_amount(-value if found.group().startswith("-") else value)
    return typed.fault(found.start(), Reason.of(Code.FOREIGN_GROUPING), Reason.of(Code.WRITE_AMOUNT, amount=amount))


def _bad_suffix(name: str) -> Reason:
    if name == "m":
        return Reason.of(Code.SUFFIX_MINUTES)
    if name in ("k", "b", "t"):
        return Reason.of(Code.SUFFIX_SMALL, suffix=name)
    return Reason.of(Code.SUFFIX_UNKNOWN, suffix=name)


def format_amount(value: float) -> str:
    """The shortest exact text: `-200M`, `1.5B`, `80K`, `512`; ASCII, as in rule texts. parse_amount reads it back."""
    if not math.isfinite(value):
        raise ValueError(f"an amount must be finite, not {value}")
    if value == 0:
        return "0"
    exact = abs(Decimal(repr(value)))
    suffix, factor = next(((name, size) for name, size in _WRITTEN if exact >= size), ("", 1))
    digits = format((exact / factor).normalize(), "f")
    if not suffix and _TWO_READINGS.fullmatch(digits):
        digits += "0"
    return f"{'-' if value < 0 else ''}{digits}{suffix}"


def currency_of(symbol: Symbol) -> str | None:
    """What a listing trades in by its exchange's rules; None where that depends on the listing."""
    number = int(symbol.code) if symbol.code.isdigit() else None
    for codes, currency in _COUNTERS.get(symbol.market, ()) if number is not None else ():
        if number in codes:
            return currency
    if symbol.market is Market.SG or (symbol.market is Market.HK and (number or 0) > _LAST_HK_SHARE):
        return None
    return _DEFAULT_CURRENCY[symbol.market]


def usual_currency(market: Market) -> str:
    """What most listings of a market trade in: an assumption about any of them."""
    return _DEFAULT_CURRENCY[market]


def stated_currency(symbol: Symbol, said: str | None = None) -> tuple[str, bool]:
    """The currency of a symbol's amounts, and whether it is assumed; `said` is what the broker says."""
    known = said or currency_of(symbol)
    return known or usual_currency(symbol.market), known is None
