"""Symbols from what a person typed or pasted: a code, a list of codes, or rows with codes and names.

A code alone means the same here as typed alone: digits are told by their number, letters are New York's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

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
LONG_TEXT = 4_000  # characters: to read more takes a window longer than a frame
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


def _all_words(rows: list[str]) -> Generator[None, None, list[str]]:
    words: list[str] = []
    for row in rows:
        words += words_of(row)
        yield
    return words


def _all(words: list[str], is_so: Callable[[str], bool]) -> Generator[None, None, bool]:
    for word in words:
        if not is_so(word):
            return False
        yield
    return True


def read_symbols(text: str) -> TypedSymbols:
    """Read a text as symbols. Names in it are ignored: columns beside a code, and words without ASCII letters."""
    steps = read_in_steps(text)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return cast("TypedSymbols", end.value)


def read_in_steps(text: str) -> Generator[None, None, TypedSymbols]:
    """Read a text as `read_symbols` does, a row or a word in each step."""
    rows = []
    for row in text.splitlines():
        if words_of(row):
            rows.append(row)
        yield
    rows = yield from _tabbed(rows)
    is_table = yield from _is_table(rows)
    read: list[tuple[str, Symbol | InvalidInput]] = []
    for coded in _table_codes(rows) if is_table else _list_codes(rows):
        yield
        if coded is None:
            continue
        word, as_symbol = coded
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


def _is_marked(word: str) -> bool:
    """Whether a word is a code with its market."""
    return _readable(word, Symbol.parse)


def _certain(word: str) -> bool:
    """Whether a word among others is a code: small letters are rather a name."""
    return _is_marked(word) or (word == word.upper() and _readable(word))


def _tabbed(rows: list[str]) -> Generator[None, None, list[str]]:
    """Rows without their heading; with tabs for commas where the first column alone holds codes."""
    heading = len(rows) > 1 and words_of(rows[0])[0].upper() in _HEADINGS
    rows = rows[heading:]
    for row in rows:
        yield
        cells = [words_of(cell) for cell in row.split(",")]
        if len(cells) == 1 or not _is_code(cells[0], alone=not heading) or not _are_names(cells[1]):
            return rows
    return [row.replace(",", "\t") for row in rows]


def _is_code(cell: list[str], *, alone: bool) -> bool:
    """Whether a cell is one code; `alone`: nothing else says so, and letters may be a name."""
    return len(cell) == 1 and _certain(cell[0]) and not (alone and cell[0].isalpha())


def _are_names(cell: list[str]) -> bool:
    return bool(cell) and not any(word.isdecimal() or _is_marked(word) for word in cell)


def _list_codes(rows: list[str]) -> Iterator[tuple[str, _Read] | None]:
    """Every word, and how to read it; None in between."""
    every = yield from _all_words(rows)
    # `threshold for all` is no list of tickers: where a word is no code, small letters are none either.
    strict = len(every) > 1 and not (yield from _all(every, _readable))
    for row in rows:
        yield None
        words = words_of(row)
        coded = any(map(_certain, words))
        for word in words:
            if not (coded and (_is_name(word) or _FIGURE.fullmatch(word))):
                yield word, Symbol.guess if not strict or _certain(word) or not word.isalpha() else Symbol.parse


def _is_name(word: str) -> bool:
    """Beside a code: `00700 腾讯控股`, `AAPL Apple Inc`."""
    return word.isalpha() and (not word.isascii() or word not in (word.upper(), word.lower()))


def _is_table(rows: list[str]) -> Generator[None, None, bool]:
    """Whether cells are codes and what belongs to them; a list may have tabs too, in one row or with markets."""
    words = yield from _all_words(rows)
    codes_alone = yield from _all(words, _certain if len(rows) == 1 else _is_marked)
    return not codes_alone and any("\t" in row for row in rows)


def _table_codes(rows: list[str]) -> Iterator[tuple[str, _Read] | None]:
    """The code of each row: the first cell that is one, or all that have their market. A heading has none."""
    table = []
    for text in rows:
        table.append([words_of(cell) for cell in text.split("\t")])
        yield None
    numbered = len(table) > 1 and [row[0] for row in table][-2:] == [[str(len(table) - 1)], [str(len(table))]]
    for place, row in enumerate(table):
        yield None
        cells = [cell for cell in (row[1:] if numbered else row) if cell]
        marked = [word for cell in cells for word in cell if _is_marked(word)]
        codes = marked or [cell[0] for cell in cells if len(cell) == 1 and _certain(cell[0])][:1]
        if place == 0 and (not codes or codes[0] in _HEADINGS):
            continue
        for word in codes or [cells[0][0]]:
            yield word, Symbol.guess
