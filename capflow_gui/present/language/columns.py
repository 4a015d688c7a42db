"""Text in columns for a terminal, where a Chinese character takes the room of two letters."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from unicodedata import category, east_asian_width

_WIDE = frozenset("WF")


def display_width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(2 if east_asian_width(each) in _WIDE else category(each) not in ("Mn", "Me") for each in text)


def left(text: str, width: int) -> str:
    """The text at the left of so many columns."""
    return text + " " * (width - display_width(text))


def right(text: str, width: int) -> str:
    """The text at the right of so many columns."""
    return " " * (width - display_width(text)) + text


def table(rows: Sequence[Sequence[str]], to_the_right: Collection[int]) -> list[str]:
    """A line a row, its cells under each other; `to_the_right` are the columns of figures."""
    widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            (right if place in to_the_right else left)(cell, width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most so many columns, broken at spaces and between Chinese characters."""
    lines, line = [], ""
    for word in _words(" ".join(text.split())):
        if line and display_width(line + word.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += word if line else word.lstrip()
    return [*lines, line.rstrip()]


def _words(text: str) -> list[str]:
    """What stays whole: words with the space behind them, Chinese characters with what may not begin a line."""
    words: list[str] = []
    for before, each in zip(" " + text, text, strict=False):
        is_wide, follows = east_asian_width(each) in _WIDE, east_asian_width(before) in _WIDE
        if before == " " or ((is_wide or follows) and each not in "，。：；、）」”)…:;,. " and before not in "（「“("):
            words.append(each)
        else:
            words[-1] += each
    return words
