"""Text that a person typed or pasted, folded to the characters that parsers expect, with the way back to its places."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Reason

# By category: format characters (byte-order mark, zero-width, direction marks), dashes, spaces.
_BY_CATEGORY = {"Cf": "", "Pd": "-", "Zs": " "}
_FOLDED = {
    **dict.fromkeys("\u2212\u2796", "-"),
    **dict.fromkeys("。｡", "."),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("≦⩽", "≤"),
    **dict.fromkeys("≧⩾", "≥"),
    **dict.fromkeys(map(chr, range(0xFE00, 0xFE10)), ""),  # variation selectors
}
# Compatibility characters that mean something else than their plain form: 10² is not 102.
_OTHER_MEANING = ("<super>", "<sub>", "<fraction>", "<circle>")


def fold(character: str) -> str:
    """One character as parsers expect it: wide forms narrow, any dash `-`, any space ` `; empty for invisible marks."""
    if character.isascii():
        return character
    category = unicodedata.category(character)
    known = _FOLDED.get(character, _BY_CATEGORY.get(category))
    if known is not None:
        return known
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if unicodedata.decomposition(character).startswith(_OTHER_MEANING):
        return character
    return unicodedata.normalize("NFKC", character)


def folded(text: str) -> str:
    """A whole text folded, without white space at its ends and with one space between words."""
    return " ".join(TypedText(text).text.split())


class TypedText:
    """`typed` is the text as it came, `text` the same folded; offsets are of `text` unless said otherwise."""

    def __init__(self, typed: str) -> None:
        self.typed = typed
        self._places: Sequence[int]
        self.text, self._places = typed, range(len(typed) + 1)
        if not typed.isascii():
            pairs = list(_fold_all(typed))
            self.text = "".join(character for character, _ in pairs)
            self._places = [*(place for _, place in pairs), len(typed)]

    def place(self, at: int) -> int:
        """The offset in `typed` of the character at `at`; behind the last one, the length of `typed`."""
        return self._places[at]

    def as_typed(self, start: int, end: int) -> str:
        """What was typed between two offsets, without white space and invisible marks at its ends."""
        while start < end and self.text[start].isspace():
            start += 1
        while start < end and self.text[end - 1].isspace():
            end -= 1
        return self.typed[self.place(start) : self.place(end - 1) + 1] if start < end else ""

    def fault(self, at: int, reason: Reason, suggestion: Reason | None = None) -> InvalidInput:
        """What is wrong at an offset, as an error that points into the text as it was typed."""
        return InvalidInput(self.typed, reason, suggestion, self.place(at))


def _fold_all(typed: str) -> Iterator[tuple[str, int]]:
    for place, character in enumerate(typed):
        for folded in fold(character):
            yield folded, place
