"""Reads a document setting by setting, and notes what it cannot use."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import msgspec

from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Reason
from capflow_gui.settings.checks import CHECKS, LISTS, EntryCheck, as_text
from capflow_gui.settings.layers import Document
from capflow_gui.settings.types import Item, items


@dataclass(frozen=True, slots=True)
class Fault:
    """A key that cannot be used. `shown` is its value as a person reads it, None where the key is not known."""

    name: str
    shown: str | None
    reason: str
    consequence: str

    @property
    def sentence(self) -> str:
        """For the user whose file it is."""
        if self.shown is None:
            return f"Setting {self.name} is not known: {self.reason}{self.consequence}"
        return f"Setting {self.name}: {self.shown} cannot be used: {self.reason}; {self.consequence}."


class Reader:
    """`base` has the values that hold where nothing usable is said; settings named in `skip` are not looked at.

    `words` puts a reason into words.
    """

    def __init__(self, base: msgspec.Struct, skip: Collection[str] = (), words: Callable[[Reason], str] = str) -> None:
        self._words = words
        self._base = base
        self._skip = skip
        self.faults: list[Fault] = []

    @property
    def fallbacks(self) -> int:
        """How many values could not be used; keys nobody knows are not counted."""
        return sum(fault.shown is not None for fault in self.faults)

    def read(self, document: Document) -> Document:
        """The usable values, converted, nested as in the document."""
        return self._table(type(self._base), document, self._base, "")

    def _table(self, kind: type[msgspec.Struct], document: Document, base: msgspec.Struct, prefix: str) -> Document:
        known = {item.name: item for item in items(kind)}
        values: Document = {}
        for key, value in document.items():
            name = prefix + key
            if (item := known.get(key)) is None:
                self._unknown(name, difflib.get_close_matches(key, known, 1), prefix)
            elif item.struct is not None:
                if isinstance(value, dict):
                    values[key] = self._table(item.struct, value, getattr(base, key), f"{name}.")
                else:
                    self._refuse(name, value, f"write a [{name}] table", "the defaults are used")
            elif name not in self._skip:
                self._value(values, item, value, name, getattr(base, key))
        return values

    def _value(self, values: Document, item: Item, value: object, name: str, base: object) -> None:
        if name in LISTS and isinstance(value, list | dict):
            value = self._usable(LISTS[name], value, name)
        if item.optional and value == "":
            value = None
        try:
            converted = msgspec.convert(value, item.type)
            if converted is not None and name in CHECKS:
                converted = CHECKS[name](converted)
        except msgspec.ValidationError as error:
            self._refuse(name, value, _choices(item.type, value) or _lower(str(error)), _instead(base))
        except InvalidInput as error:
            self._refuse(name, value, self._said(error), _instead(base))
        else:
            values[item.name] = converted

    def _usable(self, check: EntryCheck, entries: list[Any] | Document, name: str) -> list[str] | dict[str, str]:
        """Leave out only the entries that cannot be used, and what is there twice."""
        pairs = entries.items() if isinstance(entries, dict) else ((entry, "") for entry in entries)
        usable: dict[str, str] = {}
        for key, value in pairs:
            shown = f"{key} = {value!r}" if isinstance(entries, dict) else key
            try:
                usable.update([check(as_text(key), as_text(value))])
            except InvalidInput as error:
                self._refuse(name, shown, self._said(error), "this entry is left out")
        return usable if isinstance(entries, dict) else list(usable)

    def _said(self, error: InvalidInput) -> str:
        return self._words(error.reason) + (f" ({self._words(error.suggestion)})" if error.suggestion else "")

    def _refuse(self, name: str, value: object, reason: str, consequence: str) -> None:
        self.faults.append(Fault(name, _shown(value), reason, consequence))

    def _unknown(self, name: str, close: list[str], prefix: str) -> None:
        guess = f"did you mean {prefix}{close[0]}? " if close else ""
        self.faults.append(Fault(name, None, guess, "It is kept and has no effect."))


def _shown(value: object) -> str:
    return repr(value) if not isinstance(value, bool) else str(value).lower()


def _instead(base: object) -> str:
    return "none is used" if base is None else f"the default ({_shown(base)}) is used"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _choices(kind: object, value: object) -> str:
    """For a setting with fixed words, the words: the nearest one first where there is one."""
    schema = msgspec.json.schema(kind)
    words = next((option["enum"] for option in schema.get("anyOf", [schema]) if "enum" in option), None)
    if words is None:
        return ""
    close = difflib.get_close_matches(str(value), words, 1)
    guess = f"did you mean {close[0]!r}? " if close else ""
    return f"{guess}It is one of {', '.join(words)}"
