"""From what a person typed or pasted to symbols: one code or many, either broker's style, nothing lost."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import InvalidInput

_BETWEEN = re.compile(r"[\s,;|，；、。]+")
_A_SHARE_SH = ("5", "6", "9")


@dataclass(frozen=True, slots=True)
class Typed:
    """`symbols` in the order typed, once each; `faults` one for every word that is no symbol."""

    symbols: tuple[Symbol, ...]
    faults: tuple[InvalidInput, ...]

    @property
    def rest(self) -> str:
        """The words that could not be used, to be corrected."""
        return " ".join(fault.text for fault in self.faults)

    def complaint(self) -> str:
        """What was wrong, in one sentence; empty when nothing was."""
        if not self.faults:
            return ""
        first = self.faults[0]
        hint = f" {first.suggestion[:1].upper()}{first.suggestion[1:]}." if first.suggestion else ""
        if len(self.faults) == 1:
            return f"“{first.text}” was not added: {first.reason}.{hint}"
        words = ", ".join(f"“{fault.text}”" for fault in self.faults[:4])
        more = f" and {len(self.faults) - 4} more" if len(self.faults) > 4 else ""
        return f"{words}{more} were not added: the first one because {first.reason}.{hint}"


def words_of(text: str) -> list[str]:
    """The words of a text, split at whatever lists are written with."""
    return [word for word in (part.strip("\"'“”()[]") for part in _BETWEEN.split(text)) if word]


def read_symbols(text: str) -> Typed:
    """Read every word of `text` as a symbol."""
    symbols: dict[Symbol, None] = {}
    faults: list[InvalidInput] = []
    for word in words_of(text):
        try:
            symbols[Symbol.parse(word)] = None
        except InvalidInput as error:
            faults.append(error)
    return Typed(tuple(symbols), tuple(faults))


def guesses(word: str) -> list[Symbol]:
    """What a code without a market may mean, likeliest first: digits by their number, letters are New York's."""
    code = word.strip().upper()
    markets: list[Market] = []
    if code.isdigit() and len(code) == 6:
        markets = [Market.SH] if code.startswith(_A_SHARE_SH) else [Market.SZ]
    elif code.isdigit() and 0 < len(code) <= 5:
        markets = [Market.HK]
    elif code.isalnum() and 0 < len(code) <= 5:
        markets = [Market.US]
    return list(_parsed(f"{code}.{market.value}" for market in markets))


def _parsed(texts: Iterable[str]) -> Iterable[Symbol]:
    for text in texts:
        try:
            yield Symbol.parse(text)
        except InvalidInput:
            continue
