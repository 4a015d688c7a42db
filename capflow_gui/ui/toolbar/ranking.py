"""How well what is typed fits a name: the order of what the search box offers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from capflow_gui.domain.typed.text import folded

_WORD = re.compile(r"[^\W_]+")
_MAY_HAVE_A_SLIP = 4  # letters of a word that may be typed with one fault
_KIND = re.compile(r"^[^:：]*[:：]\s*")  # of `Setting: Language`
WHOLE, NAME, FIRST_WORDS, INSIDE, OTHER_WORDS, INITIALS, SLIP = range(7)


class Asked:
    """What is typed, read once to be compared with many names."""

    def __init__(self, typed: str) -> None:
        self._text = folded(typed).casefold()
        self._words = _WORD.findall(self._text)

    def fits(self, name: str, key: str = "", words: str = "") -> bool:
        """Whether it fits at all."""
        return self.rank(name, key, words) is not None

    def rank(self, name: str, key: str = "", words: str = "") -> int | None:
        """The rank of a name, 0 for the best; None where it does not fit.

        0 it is the name, or the key; 1 the name begins with it; 2 words of the name begin with its words; 3 it stands
        in the name; 4 other words that say the same; 5 beginnings of words one after the other, `sacsv`; 6 with one
        slip in a word. What a name says of its kind, as in `Setting: Language`, is left out for the first two.
        """
        wanted, asked, said = self._text, self._words, name.casefold()
        names = said, _KIND.sub("", said, count=1)
        if any(each.startswith(wanted) for each in names) or _same_key(wanted, key):
            return WHOLE if wanted in names or _same_key(wanted, key) else NAME
        own = _WORD.findall(said)
        if asked and _all_begin(asked, own):
            return FIRST_WORDS
        if wanted in said:
            return INSIDE
        if asked and _all_begin(asked, [*own, *_WORD.findall(words.casefold())]):
            return OTHER_WORDS
        if len(wanted) > 1 and _chained("".join(asked), own):
            return INITIALS
        return SLIP if asked and _all_begin(asked, own, slip=True) else None


def _same_key(wanted: str, key: str) -> bool:
    written = key.casefold()
    return bool(key) and wanted in (written, written.replace("⇧", "shift+"))


def _all_begin(asked: Sequence[str], words: Sequence[str], *, slip: bool = False) -> bool:
    for each in asked:
        if not any(word.startswith(each) for word in words) and not (slip and _slips(each, words)):
            return False
    return True


def _chained(letters: str, words: Sequence[str]) -> bool:
    """Whether the letters are beginnings of some of the words, in their order."""
    if not letters:
        return True
    for place, word in enumerate(words):
        if word[0] != letters[0]:
            continue
        longest = _same(letters, word)
        if any(_chained(letters[taken:], words[place + 1 :]) for taken in range(longest, 0, -1)):
            return True
    return False


def _slips(typed: str, words: Sequence[str]) -> bool:
    """Whether a word begins with what is typed but for one letter: wrong, missing, too many, or two changed places."""
    return len(typed) >= _MAY_HAVE_A_SLIP and any(_nearly(typed, word) for word in words)


def _nearly(typed: str, word: str) -> bool:
    at = _same(typed, word)
    if at == len(typed):
        return True
    if at == len(word):
        return len(typed) == at + 1
    after = typed[at + 1 :]
    return (
        word.startswith(after, at + 1)
        or word.startswith(after, at)
        or word.startswith(typed[at:], at + 1)
        or (typed[at] == word[at + 1 : at + 2] and after[:1] == word[at] and word.startswith(after[1:], at + 2))
    )


def _same(one: str, other: str) -> int:
    """How many letters two words begin with alike."""
    if one[0] != other[0]:  # of most words
        return 0
    return next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )
