"""Reads a document setting by setting, and notes what it cannot use."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from capflow_gui.domain.lists.groups import group_name
from capflow_gui.errors import InvalidInput
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.channels import KINDS, marks
from capflow_gui.settings.checks import as_text, listed_symbol
from capflow_gui.settings.declared import EntryCheck, Item, items, nearest
from capflow_gui.settings.layers import Document
from capflow_gui.settings.types import GroupSettings, Settings

_CHANNEL_NAME = re.compile(r"[\w-]{1,40}")


@dataclass(frozen=True, slots=True)
class Fault:
    """A key that cannot be used.

    shown  its value as a person reads it; "" where it is not to be repeated, None where the key is not known
    """

    name: str
    shown: str | None
    reason: Reason | None
    instead: Reason | None = None

    @property
    def told(self) -> Reason:
        """For the user whose file it is."""
        if self.shown == "":
            return Reason.of(Code.CHANNEL_REFUSED, name=self.name, why=self.reason)
        if self.shown is not None:
            facts = {"shown": self.shown, "why": self.reason, "instead": self.instead}
            return Reason.of(Code.SETTING_REFUSED, name=self.name, **facts)
        if self.reason is None:
            return Reason.of(Code.SETTING_UNKNOWN, name=self.name)
        return Reason.of(Code.SETTING_MISSPELT, name=self.name, guess=self.reason)


class Reader:
    """`base` has the values that hold where nothing usable is said; settings named in `skip` are not looked at."""

    def __init__(self, base: msgspec.Struct, skip: Collection[str] = ()) -> None:
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
                    self._refuse(name, value, Reason.of(Code.WRITE_TABLE, name=name), Reason.of(Code.DEFAULTS_USED))
            elif name not in self._skip:
                self._value(values, item, value, name, getattr(base, key))
        return values

    def _value(self, values: Document, item: Item, value: object, name: str, base: object) -> None:
        if item.setting.entry is not None and isinstance(value, list | dict):
            value = self._usable(item.setting.entry, value, name)
        if name == "channels":
            value = self._channels(value)
        if name == "watchlist.groups" and isinstance(value, list):
            value = self._groups(value, name)
        try:
            values[item.name] = usable(item, value)
        except InvalidInput as error:
            self._refuse(name, value, _with_advice(error), _instead(base))

    def _usable(self, check: EntryCheck, entries: list[Any] | Document, name: str) -> list[str] | dict[str, str]:
        """Leave out only the entries that cannot be used, and what is there twice."""
        pairs = entries.items() if isinstance(entries, dict) else ((entry, "") for entry in entries)
        usable: dict[str, str] = {}
        for key, value in pairs:
            shown = f"{key} = {value!r}" if isinstance(entries, dict) else key
            try:
                usable.update([check(as_text(key), as_text(value))])
            except InvalidInput as error:
                self._refuse(name, shown, _with_advice(error), Reason.of(Code.ENTRY_LEFT_OUT))
        return usable if isinstance(entries, dict) else list(usable)

    def _channels(self, tables: object) -> Document:
        """The channels without a fault. No fault repeats a value: somebody may have put a secret there."""
        usable: Document = {}
        if not isinstance(tables, dict):
            self.faults.append(Fault("channels", "", Reason.of(Code.WRITE_TABLE, name="channels.NAME")))
            return usable
        for name, table in tables.items():
            faults = dict(channel_faults(name, table))
            self.faults += [Fault(f"channels.{name}{key}", "", reason) for key, reason in faults.items()]
            if not faults:
                usable[name] = table
        return usable

    def _groups(self, tables: list[Any], name: str) -> list[Document]:
        """The groups that have a name of their own, each with what of it can be used."""
        usable: list[Document] = []
        for table in tables:
            try:
                group = dict(table) if isinstance(table, dict) else {"name": table}
                typed = as_text(group.get("name", ""))
                group["name"] = group_name(typed, [each["name"] for each in usable])
            except InvalidInput as error:
                self._refuse(name, table, _with_advice(error), Reason.of(Code.ENTRY_LEFT_OUT))
                continue
            where = f"{name}.{group['name']}"
            if isinstance(symbols := group.get("symbols"), list):
                group["symbols"] = self._usable(listed_symbol, symbols, f"{where}.symbols")
            for key in [key for key in group if key not in GroupSettings.__struct_fields__]:
                unknown = Reason.of(Code.NO_SUCH_SETTING)
                self._refuse(where, f"{key} = {group.pop(key)!r}", unknown, Reason.of(Code.ENTRY_LEFT_OUT))
            usable.append(self._table(GroupSettings, group, GroupSettings(group["name"]), f"{where}."))
        return usable

    def _refuse(self, name: str, value: object, reason: Reason, instead: Reason) -> None:
        self.faults.append(Fault(name, _shown(value), reason, instead))

    def _unknown(self, name: str, close: list[str], prefix: str) -> None:
        guess = prefix + close[0] if close else nearest(name, Settings)
        self.faults.append(Fault(name, None, Reason.of(Code.DID_YOU_MEAN, name=guess) if guess else None))


def usable(item: Item, value: object) -> Any:
    """A setting's value of a file, or as the dialog has it, as the program takes it. Raises InvalidInput."""
    if item.optional and value == "":
        return None
    try:
        converted = msgspec.convert(value, item.type)
    except msgspec.ValidationError as error:
        raise InvalidInput(str(value), _misfit(item.type, value, error)) from None
    return converted if converted is None or item.setting.check is None else item.setting.check(converted)


def channel_faults(name: str, table: object) -> Iterator[tuple[str, Reason]]:
    """What is wrong with a channel, by `.KEY`; "" for its name, or the table itself. No reason repeats a value."""
    if not _CHANNEL_NAME.fullmatch(name):
        yield "", Reason.of(Code.CHANNEL_NAME)
    elif not isinstance(table, dict):
        yield "", Reason.of(Code.WRITE_TABLE, name=f"channels.{name}")
    elif (kind := KINDS.get(str(table.get("kind")))) is None:
        yield ".kind", Reason.of(Code.ONE_OF, names=", ".join(KINDS))
    else:
        known = {field.name: field for field in msgspec.structs.fields(kind)}
        for key in [key for key in table if key not in known and key != "kind"]:
            close = difflib.get_close_matches(key, known, 1)
            yield f".{key}", Reason.of(Code.DID_YOU_MEAN, name=close[0]) if close else Reason.of(Code.NO_SUCH_SETTING)
        for key, field in known.items():
            if key not in table:
                if field.required:
                    yield f".{key}", Reason.of(Code.SETTING_MISSING)
                continue
            try:
                msgspec.convert(table[key], field.type)
            except msgspec.ValidationError as error:
                yield f".{key}", _channel_misfit(field.type, table[key], error)


def _channel_misfit(kind: object, value: object, error: msgspec.ValidationError) -> Reason:
    found = marks(kind)
    if "secret" in found:
        return Reason.of(Code.SECRET_ELSEWHERE)
    if "form" in found:
        return Reason.of(Code.WRITE_AS, form=found["form"])
    return _misfit(kind, value, error)


def _shown(value: object) -> str:
    return repr(value) if not isinstance(value, bool) else str(value).lower()


def _instead(base: object) -> Reason:
    return Reason.of(Code.NOTHING_USED) if base is None else Reason.of(Code.DEFAULT_USED, value=_shown(base))


def _with_advice(error: InvalidInput) -> Reason:
    if error.suggestion is None:
        return error.reason
    return Reason.of(Code.WITH_ADVICE, why=error.reason, advice=error.suggestion)


def _misfit(kind: object, value: object, error: msgspec.ValidationError) -> Reason:
    """What can be written instead: of fixed words the nearest one first, of numbers the range."""
    schema = msgspec.json.schema(kind)
    options = schema.get("anyOf", [schema])
    words = next((option["enum"] for option in options if "enum" in option), None)
    if words is not None:
        close = difflib.get_close_matches(str(value), words, 1)
        names = ", ".join(words)
        return Reason.of(Code.NEAREST_OF, near=close[0], names=names) if close else Reason.of(Code.ONE_OF, names=names)
    for each in options:
        low, high = each.get("minimum"), each.get("maximum")
        if each.get("type") == "integer":
            bounded = Reason.of(Code.WHOLE_NUMBER_BETWEEN, low=low, high=high)
            return Reason.of(Code.WHOLE_NUMBER) if low is None or high is None else bounded
        if each.get("type") == "number":
            return Reason.of(Code.NUMBER_BETWEEN, low=low, high=high)
    if any(option.get("type") == "boolean" for option in options):
        return Reason.of(Code.ONE_OF, names="true, false")
    if not isinstance(value, str) and any(option.get("type") == "string" for option in options):
        return Reason.of(Code.WITH_ADVICE, why=Reason.of(Code.NOT_A_TEXT), advice=Reason.of(Code.PUT_IN_QUOTES))
    text = str(error)
    return Reason.of(Code.VERBATIM, text=text[:1].lower() + text[1:])
