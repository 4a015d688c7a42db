"""The language of the words: English until another is chosen, the same for the whole process."""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from capflow_gui import marked_texts

N_ = marked_texts.N_


class _Chosen:
    """Holds the catalogue in use."""

    catalogue: _gettext.NullTranslations = _gettext.NullTranslations()
    language: str = "en"


def use(catalogue: _gettext.NullTranslations, language: str = "en") -> None:
    """Take every text from this catalogue from now on; `language` is a code such as zh_CN."""
    _Chosen.catalogue, _Chosen.language = catalogue, language


def language() -> str:
    """The code of the language in use."""
    return _Chosen.language


@contextmanager
def english() -> Iterator[None]:
    """Inside, texts are English: for what programs and log files read. Nothing may be awaited inside."""
    kept = _Chosen.catalogue
    _Chosen.catalogue = _gettext.NullTranslations()
    try:
        yield
    finally:
        _Chosen.catalogue = kept


def _(text: str) -> str:
    """The text in the reader's language; English where it has no translation."""
    return _Chosen.catalogue.gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """The text for a count."""
    return _Chosen.catalogue.ngettext(one, many, count)


def listed(items: Iterable[str]) -> str:
    """Names, codes or times one after the other."""
    return pgettext("between the items of a list", ", ").join(items)


def said_together(parts: Iterable[str]) -> str:
    """Parts of a sentence one after the other."""
    return pgettext("between the parts of a sentence", ", ").join(parts)


def one_after_other(parts: Iterable[str]) -> str:
    """Words or sentences with what the language has between them; empty ones are left out."""
    said = ""
    for part in filter(None, parts):
        said = pgettext("one after the other", "{first} {second}").format(first=said, second=part) if said else part
    return said


def full_stop(text: str) -> str:
    """A sentence with its full stop, as the language writes it; one that ends is left as it is."""
    return text if text.endswith((".", "!", "?", "。", "！", "？")) else _("{words}.").format(words=text)


def pgettext(context: str, text: str) -> str:
    """The text where one English word means two things; the context says which."""
    return _Chosen.catalogue.pgettext(context, text)


def NN_(one: str, many: str) -> tuple[str, str]:  # noqa: N802
    """Mark the two forms of a counted text for the catalogue; `ngettext` looks them up later."""
    return one, many
