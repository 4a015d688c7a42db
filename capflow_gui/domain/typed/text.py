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


# What an emoji of several characters is made of besides its parts: a family, a skin colour, a flag.
_JOINER, _FLAG = "\u200d", "\U0001f3f4"
_SKINS = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_TAGS = frozenset(map(chr, range(0xE0020, 0xE0080)))
_LETTERS_OF_FLAGS = frozenset(map(chr, range(0x1F1E6, 0x1F200)))
_VARIATIONS = frozenset(map(chr, range(0xFE00, 0xFE10)))
_ENDS_OF_EMOJI = _VARIATIONS | _TAGS


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


def cut(text: str, most: int) -> str:
    """The beginning of a text, of `most` characters at most, without a part of what is seen as one character."""
    end = min(most, len(text))
    while 0 < end < len(text) and _belongs(text, end):
        end -= 1
    return text[: end or most]


def seen(text: str) -> str:
    """A text with a space in place of each character that cannot be seen; emoji of several characters stay whole."""
    return "".join(each if _is_seen(text, at) else " " for at, each in enumerate(text))


def _belongs(text: str, at: int) -> bool:
    """Whether the character at a place is seen as one with that before it."""
    each = text[at]
    if each in _LETTERS_OF_FLAGS:  # two make a flag
        before = text[:at]
        return (len(before) - len(before.rstrip("".join(_LETTERS_OF_FLAGS)))) % 2 == 1
    is_mark = unicodedata.category(each) in ("Mn", "Me", "Mc") or each in _SKINS or each in _TAGS
    return is_mark or each == _JOINER or (text[at - 1] == _JOINER and _is_emoji(each))


def _is_seen(text: str, at: int) -> bool:
    each = text[at]
    if each == _JOINER:  # between the parts of an emoji alone: elsewhere two names would look the same
        before = text[:at].rstrip("".join(_SKINS | _VARIATIONS))[-1:]
        return _is_emoji(before) and _is_emoji(text[at + 1 : at + 2])
    if each in _TAGS:
        return text[:at].rstrip("".join(_TAGS)).endswith(_FLAG)
    return each.isprintable() or _is_emoji(each)


def _is_emoji(character: str) -> bool:
    """Also one that is newer than Python's table."""
    is_new = "\U0001f300" <= character <= "\U0001faff" and unicodedata.category(character) == "Cn"
    return is_new or (character != "" and unicodedata.category(character) == "So")


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
        if start >= end:
            return ""
        last = self.place(end - 1) + 1
        while self.typed[last : last + 1] in _ENDS_OF_EMOJI:
            last += 1
        return self.typed[self.place(start) : last]

    def fault(self, at: int, reason: Reason, suggestion: Reason | None = None) -> InvalidInput:
        """What is wrong at an offset, as an error that points into the text as it was typed."""
        return InvalidInput(self.typed, reason, suggestion, self.place(at))


def _fold_all(typed: str) -> Iterator[tuple[str, int]]:
    for place, character in enumerate(typed):
        for folded in fold(character):
            yield folded, place
