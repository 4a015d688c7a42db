"""Chinese texts and the words that are put into them.

A catalogue writes a space on each side of a field, as Chinese has one beside Latin letters and digits: `打开 {x}。`.
Where a Chinese word is put in, there is none: `打开列表。`. A space that has to stay is written as a no-break one.
"""

from __future__ import annotations

import gettext
import re
from functools import lru_cache
from typing import Any

_SPACES = re.compile(r"( (?=\{)|(?<=\}) )")  # beside a field
_KEPT_TEXTS = 4096  # more than a catalogue has


class ChineseCatalogue(gettext.GNUTranslations):
    """A catalogue whose texts take words in without a space between two Chinese ones."""

    def gettext(self, message: str) -> str:
        """The text."""
        text = super().gettext(message)
        return _fitted(text) if text else text  # argparse asks for None where it has no description

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The text for a count."""
        return _fitted(super().ngettext(msgid1, msgid2, n))

    def pgettext(self, context: str, message: str) -> str:
        """The text in a context."""
        return _fitted(super().pgettext(context, message))


class _Fitted(str):
    """A text with spaces beside its fields."""

    __slots__ = ()

    def format(self, *args: Any, **fields: Any) -> str:
        """The text with its fields filled in; what is put in otherwise is left alone."""
        if not any(isinstance(value, str) and value and _is_wide(value[0] + value[-1]) for value in fields.values()):
            return super().format(*args, **fields)
        pieces = [piece if piece == " " else piece.format(*args, **fields) for piece in _split(self)]
        words = pieces[0]
        for space, piece in zip(pieces[1::2], pieces[2::2], strict=True):
            words += piece if _is_wide(words[-1:]) and _is_wide(piece[:1]) else space + piece
        return words


@lru_cache(_KEPT_TEXTS)
def _fitted(text: str) -> str:
    return _Fitted(text) if _SPACES.search(text) else text


@lru_cache(_KEPT_TEXTS)
def _split(text: str) -> tuple[str, ...]:
    """Pieces of a text with the spaces beside its fields between them: at even places pieces, at odd ones spaces."""
    return tuple(_SPACES.split(text))


def _is_wide(letters: str) -> bool:
    """Whether the first or last of them is a Chinese character or a full-width mark."""
    return any("\u2e80" <= letter <= "\u9fff" or "\uff00" <= letter <= "\uffef" for letter in letters)
