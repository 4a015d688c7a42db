"""A stock's name, in the one form Capflow prints: `700.HK`, `AAPL.US`, `600519.SH`, `BRK.B.US`."""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

from capflow_gui.domain.typed.text import TypedText
from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Code, Reason


class Market(StrEnum):
    """The exchanges Capflow has a calendar for."""

    HK = "HK"
    US = "US"
    SH = "SH"
    SZ = "SZ"
    SG = "SG"


_CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,19}")
_LETTERS = re.compile(r"[A-Z]{1,5}(\.[A-Z])?")  # a ticker of New York, with its share class
_MARKETS = ", ".join(market.value for market in Market)
_BEIJING = "BJ"
# The exchange of a six-digit code by how it begins, the longest beginning first. 000… is Shenzhen's for stocks and
# Shanghai's for indexes.
_BEGINNINGS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("92", "8", "4"), _BEIJING),
    (("60", "68", "90", "50", "51", "52", "53", "55", "56", "58", "110", "111", "113", "118"), "SH"),
    (("00", "30", "20", "15", "16", "18", "12"), "SZ"),
)
_SHANGHAI_INDEX, _SHENZHEN_INDEX = "000", "399"


class Symbol(msgspec.Struct, frozen=True, order=True, cache_hash=True):
    """`code` is canonical: upper case, and for HK without leading zeros; A shares keep their six digits.

    It is the key of nearly every table: a frozen dataclass takes five times as long to look up.
    """

    market: Market
    code: str

    def __str__(self) -> str:
        return f"{self.code}.{self.market.value}"

    @property
    def is_index(self) -> bool:
        """Whether the code is an index by its number: indexes have no capital flow."""
        match self.market:
            case Market.SH:
                return self.code.startswith(_SHANGHAI_INDEX)
            case Market.SZ:
                return self.code.startswith(_SHENZHEN_INDEX)
            case _:
                return self.market is Market.HK and len(self.code) == 6

    @classmethod
    def parse(cls, text: str) -> Symbol:
        """Read either broker's style in any case: `700.HK`, `hk.00700`, `US.BRK.B`, `BRK.B.US`.

        Raises InvalidInput with a reason and a suggestion.
        """
        word = _word(text)
        head, dot, tail = word.partition(".")
        if not dot or not head or not tail:
            raise _no_market(text, word)
        front, _, last = word.rpartition(".")
        # Both styles are tried, the suffix first: `SH.US` and `US.SH` are both the ticker SH in New York.
        fault: InvalidInput | None = None
        for market, code in ((last, front), (head, tail)):
            if market in Market.__members__:
                try:
                    return cls(Market(market), _canonical_code(text, Market(market), code))
                except InvalidInput as error:
                    fault = error
        raise fault or _unknown_market(text, head, last)

    @classmethod
    def guess(cls, text: str) -> Symbol:
        """Read what parse() reads, and a code without its market: digits by their number, letters as New York's.

        Raises InvalidInput for a code whose exchange its number does not tell, and for an index.
        """
        word = _word(text)
        symbol = _bare(text, word) or cls.parse(text)
        if symbol.is_index:
            raise InvalidInput(text, Reason.of(Code.AN_INDEX, symbol=str(symbol)), Reason.of(Code.STOCKS_ALONE))
        return symbol


def _word(text: str) -> str:
    """Upper case of ASCII letters alone: `ß` stays as it is."""
    typed = TypedText(text).text.strip()
    return typed.upper() if typed.isascii() else "".join(c.upper() if c.isascii() else c for c in typed)


def _bare(text: str, word: str) -> Symbol | None:
    """The symbol of a code without a market; None where it has one, or its exchange cannot be told."""
    if not word.isascii():
        return None
    head, dot, _ = word.partition(".")
    if _LETTERS.fullmatch(word) and not (dot and head in Market.__members__):
        return Symbol(Market.US, word)
    if not word.isdigit() or len(word) > 6:
        return None
    if len(word) < 6:
        return Symbol(Market.HK, _canonical_code(text, Market.HK, word))
    if word.startswith(_SHENZHEN_INDEX):
        return Symbol(Market.SZ, word)
    exchange = next((name for starts, name in _BEGINNINGS if word.startswith(starts)), None)
    if exchange == _BEIJING:
        raise _beijing(text)
    return Symbol(Market(exchange), word) if exchange else None


def _no_market(text: str, word: str) -> InvalidInput:
    """A code alone: the suggestion writes it out where its exchange is known."""
    try:
        meant = _bare(text, word)
    except InvalidInput as error:
        return error
    examples = f"{meant}" if meant is not None else "700.HK, HK.00700"
    suggestion = Reason.of(Code.WRITE_SYMBOL, examples=examples, markets=_MARKETS)
    return InvalidInput(text, Reason.of(Code.NO_MARKET), suggestion)


def _unknown_market(text: str, head: str, last: str) -> InvalidInput:
    if _BEIJING in (head, last):
        return _beijing(text)
    return InvalidInput(text, Reason.of(Code.UNKNOWN_MARKET, market=last), Reason.of(Code.MARKETS, markets=_MARKETS))


def _beijing(text: str) -> InvalidInput:
    return InvalidInput(text, Reason.of(Code.BEIJING_NOT_COVERED), Reason.of(Code.MARKETS, markets=_MARKETS))


def _canonical_code(text: str, market: Market, code: str) -> str:
    if not _CODE.fullmatch(code):
        raise InvalidInput(text, Reason.of(Code.NOT_A_CODE, found=code), Reason.of(Code.CODE_FORM))
    if market is Market.HK:
        if not code.isdigit() or len(code) > 6:
            raise InvalidInput(text, Reason.of(Code.NOT_A_HK_CODE, found=code), Reason.of(Code.HK_CODE_FORM))
        if not (short := code.lstrip("0")):
            raise InvalidInput(text, Reason.of(Code.CODE_ZERO))
        return short
    if market in (Market.SH, Market.SZ):
        if not (code.isdigit() and len(code) <= 6):
            raise InvalidInput(text, Reason.of(Code.NOT_AN_A_SHARE_CODE, found=code), Reason.of(Code.A_SHARE_FORM))
        return code.zfill(6)
    return code
