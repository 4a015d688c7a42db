"""How well what is typed fits a name: the order of what the search box offers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from capflow_gui.domain.typed.text import folded

_WORD = re.compile(r"[^\W_]+")
_MAY_HAVE_A_SLIP = 4  # letters of a word that may be typed with one fault
_KIND = re.compile(r"^[^:：]*[:：]\s*")  # of `Setting: Language`
WHOLE, NAME, FIRST_WORDS, INSIDE, OTHER_WORDS, INITIALS, SLIP = range(7)


def fit(typed: str, name: str, key: str = "", words: str = "") -> int | None:
    """The rank of a name for what is typed, 0 for the best; None where it does not fit.

    0 it is the name, or the key; 1 the name begins with it; 2 words of the name begin with its words; 3 it stands in
    the name; 4 other words that say the same; 5 beginnings of words one after the other, `sacsv`; 6 with one slip in a
    word. What a name says of its kind, as in `Setting: Language`, is left out for the first two.
    """
    wanted, said = folded(typed).casefold(), name.casefold()
    names = said, _KIND.sub("", said, count=1)
    if any(each.startswith(wanted) for each in names) or _same_key(wanted, key):
        return WHOLE if wanted in names or _same_key(wanted, key) else NAME
    asked, own = _WORD.findall(wanted), _WORD.findall(said)
    other = _WORD.findall(words.casefold())
    if asked and _all_begin(asked, own):
        return FIRST_WORDS
    if wanted in said:
        return INSIDE
    if asked and _all_begin(asked, [*own, *other]):
        return OTHER_WORDS
    if len(wanted) > 1 and _chained("".join(asked), own):
        return INITIALS
    return SLIP if any(_slips(each, own) for each in asked) and _all_begin(asked, own, slip=True) else None


def _same_key(wanted: str, key: str) -> bool:
    written = key.casefold()
    return bool(key) and wanted in (written, written.replace("⇧", "shift+"))


def _all_begin(asked: Sequence[str], words: Sequence[str], *, slip: bool = False) -> bool:
    return all(any(word.startswith(each) for word in words) or (slip and _slips(each, words)) for each in asked)


def _chained(letters: str, words: Sequence[str]) -> bool:
    """Whether the letters are beginnings of some of the words, in their order."""
    if not letters:
        return True
    for place, word in enumerate(words):
        size = next((at for at, pair in enumerate(zip(letters, word, strict=False)) if pair[0] != pair[1]), None)
        longest = min(len(letters), len(word)) if size is None else size
        if any(_chained(letters[taken:], words[place + 1 :]) for taken in range(longest, 0, -1)):
            return True
    return False


def _slips(typed: str, words: Sequence[str]) -> bool:
    """Whether a word begins with what is typed but for one letter: wrong, missing, too many, or two changed places."""
    if len(typed) < _MAY_HAVE_A_SLIP:
        return False
    return any(_nearly(typed, word[: len(typed) + more]) for word in words for more in (-1, 0, 1) if word)


def _nearly(typed: str, word: str) -> bool:
    start = next((at for at, pair in enumerate(zip(typed, word, strict=False)) if pair[0] != pair[1]), None)
    if start is None:
        return abs(len(typed) - len(word)) <= 1
    rest, other = typed[start:], word[start:]
    swapped = len(rest) > 1 and len(other) > 1 and rest[:2] == other[1::-1] and rest[2:] == other[2:]
    return swapped or rest[1:] == other[1:] or rest[1:] == other or rest == other[1:]
