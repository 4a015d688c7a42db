"""Symbols from what a person typed or pasted: a code, a list of codes, or rows with codes and names.

A code alone means the same here as typed alone: digits are told by their number, letters are New York's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.typed.text import TypedText
from capflow_gui.errors import InvalidInput

# Quotes, brackets and `=` too: spreadsheets copy `="1398.HK"`, web pages `Tencent (00700.HK)`.
_BETWEEN = re.compile(r"[\s,;|、\"'“”„«»「」『』【】《》()\[\]{}<>=]+")
_MARKET_BESIDE = re.compile(rf"^(?:{'|'.join(Market)})。|。(?:{'|'.join(Market)})$", re.IGNORECASE)
# `700 HK`, `AAPL US`: a code and its market apart. Letters before HK or SH may be two tickers.
_APART = re.compile(r"(?<![\w.])(?:(\d{1,6}) +(?=(?:HK|SH|SZ|SG)(?![\w.]))|([A-Z.]{1,7}) +(?=US(?![\w.])))")
# `5.12`, `+1.2%`, `-0.5`: a price or a change; digits alone may be a code.
_FIGURE = re.compile(r"[+-]?\d*\.\d+|[+-]\d+|[+-]?\d*\.?\d+[%KMBT万亿萬億]")
_REMEMBERED = 16_384  # words, cells and rows
_SHORT = 200  # characters
_Read = Callable[[str], Symbol]
_HEADINGS = frozenset({"CODE", "NAME", "STOCK", "PRICE", "SYMBOL", "TICKER"})


@dataclass(frozen=True, slots=True)
class TypedSymbols:
    """`read` has every word with the symbol it is, or why it is none, in the order typed."""

    read: tuple[tuple[str, Symbol | InvalidInput], ...]

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The symbols, once each."""
        return tuple(dict.fromkeys(found for _, found in self.read if isinstance(found, Symbol)))

    @property
    def faults(self) -> tuple[InvalidInput, ...]:
        """One for every word that is no symbol."""
        return tuple(found for _, found in self.read if isinstance(found, InvalidInput))

    @property
    def rest(self) -> str:
        """The words that could not be used, to be corrected."""
        return " ".join(fault.text for fault in self.faults)


def words_of(text: str) -> list[str]:
    """The words of a text, split at whatever lists are written with."""
    return [*(_short_words(text) if len(text) <= _SHORT else _words(text))]


@lru_cache(_REMEMBERED)  # a row and its cells are looked at several times, and again with each letter typed among them
def _short_words(text: str) -> tuple[str, ...]:
    return tuple(_words(text))


def _words(text: str) -> list[str]:
    # The full stop of a Chinese keyboard is a dot beside a market, `700。HK`, and ends a word elsewhere.
    parts = (
        part if _MARKET_BESIDE.search(part) and "." not in part else part.replace("。", " ") for part in text.split()
    )
    folded = _APART.sub(r"\1\2.", TypedText(" ".join(parts)).text)
    return [word for part in _BETWEEN.split(folded) if (word := part.strip("."))]


def _all_words(rows: list[str]) -> list[str]:
    return [word for row in rows for word in words_of(row)]


def read_symbols(text: str) -> TypedSymbols:
    """Read a text as symbols. Names in it are ignored: columns beside a code, and words without ASCII letters."""
    rows = _tabbed([row for row in text.splitlines() if words_of(row)])
    read: list[tuple[str, Symbol | InvalidInput]] = []
    for word, as_symbol in _table_codes(rows) if _is_table(rows) else _list_codes(rows):
        try:
            read.append((word, as_symbol(word)))
        except InvalidInput as error:
            read.append((word, error))
    return TypedSymbols(tuple(read))


@lru_cache(_REMEMBERED)  # a word is looked at as part of a table and of a list, and alone
def _readable(word: str, read: _Read = Symbol.guess) -> bool:
    # Most of a table are figures and times, and a market has a dot beside it: why each is no symbol is not needed.
    if read == Symbol.parse and word.isascii() and ("." not in word or _FIGURE.fullmatch(word)):
        return False
    try:
        read(word)
    except InvalidInput:
        return False
    return True


def _certain(word: str) -> bool:
    """Whether a word among others is a code: small letters are rather a name."""
    return _readable(word, Symbol.parse) or (word == word.upper() and _readable(word))


def _tabbed(rows: list[str]) -> list[str]:
    """Rows without their heading; with tabs for commas where the first column alone holds codes."""
    heading = len(rows) > 1 and words_of(rows[0])[0].upper() in _HEADINGS
    rows = rows[heading:]
    table = [[words_of(cell) for cell in row.split(",")] for row in rows]
    coded = all(len(row) > 1 and _is_code(row[0], alone=not heading) and _are_names(row[1]) for row in table)
    return [row.replace(",", "\t") for row in rows] if coded else rows


def _is_code(cell: list[str], *, alone: bool) -> bool:
    """Whether a cell is one code; `alone`: nothing else says so, and letters may be a name."""
    return len(cell) == 1 and _certain(cell[0]) and not (alone and cell[0].isalpha())


def _are_names(cell: list[str]) -> bool:
    return bool(cell) and not any(word.isdecimal() or _readable(word, Symbol.parse) for word in cell)


def _list_codes(rows: list[str]) -> Iterator[tuple[str, _Read]]:
    """Every word, and how to read it."""
    every = _all_words(rows)
    # `threshold for all` is no list of tickers: where a word is no code, small letters are none either.
    strict = len(every) > 1 and not all(map(_readable, every))
    for row in rows:
        words = words_of(row)
        coded = any(map(_certain, words))
        for word in words:
            if not (coded and (_is_name(word) or _FIGURE.fullmatch(word))):
                yield word, Symbol.guess if not strict or _certain(word) or not word.isalpha() else Symbol.parse


def _is_name(word: str) -> bool:
    """Beside a code: `00700 腾讯控股`, `AAPL Apple Inc`."""
    return word.isalpha() and (not word.isascii() or word not in (word.upper(), word.lower()))


def _is_table(rows: list[str]) -> bool:
    """Whether cells are codes and what belongs to them; a list may have tabs too, in one row or with markets."""
    words = _all_words(rows)
    codes_alone = all(map(_certain, words)) if len(rows) == 1 else all(_readable(word, Symbol.parse) for word in words)
    return not codes_alone and any("\t" in row for row in rows)


def _table_codes(rows: list[str]) -> Iterator[tuple[str, _Read]]:
    """The code of each row: the first cell that is one, or all that have their market. A heading has none."""
    table = [[words_of(cell) for cell in row.split("\t")] for row in rows]
    numbered = len(table) > 1 and [row[0] for row in table][-2:] == [[str(len(table) - 1)], [str(len(table))]]
    for place, row in enumerate(table):
        cells = [cell for cell in (row[1:] if numbered else row) if cell]
        marked = [word for cell in cells for word in cell if _readable(word, Symbol.parse)]
        codes = marked or [cell[0] for cell in cells if len(cell) == 1 and _certain(cell[0])][:1]
        if place == 0 and (not codes or codes[0] in _HEADINGS):
            continue
        for word in codes or [cells[0][0]]:
            yield word, Symbol.guess
