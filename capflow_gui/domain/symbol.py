"""A stock's name, in the one form Capflow prints: `700.HK`, `AAPL.US`, `600519.SH`, `BRK.B.US`."""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

from capflow_gui.errors import InvalidInput


class Market(StrEnum):
    """The exchanges Capflow has a calendar for."""

    HK = "HK"
    US = "US"
    SH = "SH"
    SZ = "SZ"
    SG = "SG"


_CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,19}")
_MARKETS = ", ".join(market.value for market in Market)


class Symbol(msgspec.Struct, frozen=True, order=True, cache_hash=True):
    """`code` is canonical: upper case, and for HK without leading zeros; A shares keep their six digits.

    It is the key of nearly every table: a frozen dataclass takes five times as long to look up.
    """

    market: Market
    code: str

    def __str__(self) -> str:
        return f"{self.code}.{self.market.value}"

    @classmethod
    def parse(cls, text: str) -> Symbol:
        """Read either broker's style in any case: `700.HK`, `hk.00700`, `US.BRK.B`, `BRK.B.US`.

        Raises InvalidInput with a reason and a suggestion.
        """
        word = text.strip().upper()
        head, dot, tail = word.partition(".")
        if not dot or not head or not tail:
            raise InvalidInput(text, "no market in this symbol", f"write it as 700.HK or HK.00700; markets: {_MARKETS}")
        front, _, last = word.rpartition(".")
        # Both styles are tried, the suffix first: `SH.US` and `US.SH` are both the ticker SH in New York.
        fault = InvalidInput(text, f"unknown market {last!r}", f"markets: {_MARKETS}")
        for market, code in ((last, front), (head, tail)):
            if market in Market.__members__:
                try:
                    return cls(Market(market), _canonical_code(text, Market(market), code))
                except InvalidInput as error:
                    fault = error
        raise fault


def _canonical_code(text: str, market: Market, code: str) -> str:
    if not _CODE.fullmatch(code):
        raise InvalidInput(text, f"{code!r} is not a stock code", "letters, digits, dot and dash, at most 20")
    if market is Market.HK:
        if not code.isdigit() or len(code) > 6:
            raise InvalidInput(text, f"{code!r} is not a Hong Kong code", "up to five digits, for example 700.HK")
        return code.lstrip("0") or _refuse(text, "code zero does not exist")
    if market in (Market.SH, Market.SZ):
        if not (code.isdigit() and len(code) <= 6):
            raise InvalidInput(text, f"{code!r} is not an A-share code", "six digits, for example 600519.SH")
        return code.zfill(6)
    return code


def _refuse(text: str, reason: str) -> str:
    raise InvalidInput(text, reason)
