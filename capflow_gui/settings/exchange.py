"""Settings, lists and rules as one file that is passed on: without secrets and where they are sent, key files, and what
is of one window alone.

capflow = "export"
version = 2
[settings.appearance]
scheme = "light"
[[rule]]
text = "*: main <= -80M for 2m"
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import tomli_w

from capflow_gui.domain.typed.rule_entry import RuleEntry, free_id
from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.checks import is_secret
from capflow_gui.settings.declared import Part, changed, leaves, replaced, value_at
from capflow_gui.settings.file import migrated
from capflow_gui.settings.layers import Document, names
from capflow_gui.settings.lines import document_of
from capflow_gui.settings.reader import Reader
from capflow_gui.settings.rules import read_rules, rule_table
from capflow_gui.settings.types import VERSION, GroupSettings, Settings

SETTINGS, LISTS, RULES = "settings", "lists", "rules"
PARTS = (SETTINGS, LISTS, RULES)
_OF = {Part.SETTINGS: SETTINGS, Part.LISTS: LISTS}
_RULE = "rule"


def exported(
    settings: Settings, rules: Iterable[RuleEntry], parts: Collection[str], locks: Collection[str] = ()
) -> bytes:
    """What differs from the defaults, of the parts wanted. What a policy has locked is left out."""
    table: Document = {}
    for key in changed(Settings(), settings):
        value = msgspec.to_builtins(value_at(settings, key))
        if _OF.get(leaves(Settings)[key].setting.part) in parts and key not in locks and not _has_secret(value):
            *tables, name = key.split(".")
            inner = table
            for each in tables:
                inner = inner.setdefault(each, {})
            inner[name] = "" if value is None else value
    own = {_RULE: [rule_table(entry) for entry in rules]} if RULES in parts else {}
    return tomli_w.dumps({"capflow": "export", "version": VERSION, **own, "settings": table}).encode()


def _has_secret(value: object) -> bool:
    if isinstance(value, dict | list):
        return any(map(_has_secret, value.values() if isinstance(value, dict) else value))
    return isinstance(value, str) and is_secret(value)


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file has that can be used: values by their keys, and rules. `problems` say what cannot."""

    values: dict[str, Any]
    rules: tuple[RuleEntry, ...]
    problems: list[Reason]


def read_export(raw: bytes, name: str) -> Imported:
    """An exported file, or a settings file. Raises SettingsError where it is neither; `name` is how that calls it."""
    document = document_of(raw, name)
    rules = read_rules(raw, name) if _RULE in document else ()
    version = document.get("version", VERSION)
    table = document.get("settings", {key: value for key, value in document.items() if key not in (_RULE, "capflow")})
    if not isinstance(table, dict) or not isinstance(version, int):
        raise SettingsError(name, Reason.of(Code.NOT_AN_EXPORT))
    reader = Reader(Settings())
    read = reader.read(migrated({**table, "version": version}))
    found = replaced(Settings(), _flat(read))
    kept = {
        key: value_at(found, key)
        for key in names(Settings, read)
        if leaves(Settings)[key].setting.part is not Part.NOTHING
    }
    newer = [Reason.of(Code.SETTINGS_NEWER, name=name)] if version > VERSION else []
    return Imported(kept, rules, [*newer, *(fault.told for fault in reader.faults)])


def _flat(document: Document) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key in names(Settings, document):
        value: Any = document
        for part in key.split("."):
            value = value[part]
        values[key] = value
    return values


def merged(settings: Settings, imported: Imported, parts: Collection[str], locks: Collection[str]) -> dict[str, Any]:
    """The values that an import would change. Lists and maps get what they lack; a channel one has stays as it is.

    A channel comes in switched off: it may run a program, or send a secret that it names to an address of the file's.
    """
    values: dict[str, Any] = {}
    for key, value in imported.values.items():
        if _OF[leaves(Settings)[key].setting.part] in parts and key not in locks:
            own = value_at(settings, key)
            new = _channels(own, value) if key == "channels" else _together(own, value)
            if new != own:
                values[key] = new
    return values


def _together(own: Any, new: Any) -> Any:
    if isinstance(new, dict):
        return {**own, **new}
    if not isinstance(new, list):
        return new
    if any(isinstance(each, GroupSettings) for each in new):
        return _groups(own, new)
    return list(dict.fromkeys([*own, *new]))


def _groups(own: list[GroupSettings], new: list[GroupSettings]) -> list[GroupSettings]:
    whole = {group.name.casefold(): group for group in own}
    for group in new:
        known = whole.get(group.name.casefold(), msgspec.structs.replace(group, symbols=[]))
        symbols = list(dict.fromkeys([*known.symbols, *group.symbols]))
        whole[group.name.casefold()] = msgspec.structs.replace(known, symbols=symbols)
    return list(whole.values())


def _channels(own: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    quiet = {name: msgspec.structs.replace(each, enabled=False) for name, each in new.items()}
    return {**quiet, **own} if new.keys() - own.keys() else own


def new_rules(own: Collection[RuleEntry], imported: Iterable[RuleEntry]) -> list[RuleEntry]:
    """The rules of an import that are not there yet, each with an id of its own."""
    texts, taken = {entry.text for entry in own}, {entry.id for entry in own}
    found: list[RuleEntry] = []
    for entry in imported:
        if entry.rule is not None and entry.text not in texts and not entry.is_threshold:
            own_id = free_id(entry.id, taken)
            found.append(entry if own_id == entry.id else replace(entry, rule=replace(entry.rule, own_id=own_id)))
            texts.add(entry.text)
            taken.add(own_id)
    return found
