"""What is declared of a setting beside its type and default, once, at its field in settings.types.

Reader, policy, file, dialog, guide and command line all take it from there.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from enum import Enum, auto
from functools import cache
from typing import Annotated, Any, TypeVar, get_args, get_origin

import msgspec

from capflow_gui.marked_texts import N_

Struct = TypeVar("Struct", bound=msgspec.Struct)

# Returns the text to keep; raises InvalidInput.
Check = Callable[[str], str]
# Turns a key and its value into those to keep; raises InvalidInput.
EntryCheck = Callable[[str, str], tuple[str, str]]


class PolicyReach(Enum):
    """What a policy may do with a setting."""

    LOCK = auto()
    DEFAULT = auto()
    NOTHING = auto()


class Part(Enum):
    """The part of an export that a setting is in."""

    SETTINGS = auto()
    LISTS = auto()
    NOTHING = auto()


class Section(Enum):
    """The sections of the settings in their order; the value is the name on screen."""

    LOOK = N_("Look")
    ALERTS = N_("Alerts")
    SOURCES = N_("Sources")
    RECORDING = N_("Recording")
    PROGRAM = N_("Program")


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """Annotates the field of a setting, or of a table: what of it is marked § then holds for all in it.

    name      on screen; empty where it is not shown there
    sentence  what it does
    also      more words to find it by, with spaces between
    section   § where it stands
    values    how each of its values is called, where they are fixed words
    offered   what the dialog offers, where any number in a range can be
    unit      stands behind the value; `percent` shows 1.1 as 110 %
    page      the dialog that changes it, where it is not that of the settings: connection, threshold, channels
    check     of a text, beside its type
    entry     check of each entry, where it is a list or a map
    restart   § whether a change holds only from the next start
    policy    § what a policy may do with it
    part      § the part of an export that it is in
    """

    name: str = ""
    sentence: str = ""
    _: KW_ONLY
    also: str = ""
    section: Section | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    offered: tuple[float, ...] = ()
    unit: str = ""
    percent: bool = False
    page: str = ""
    check: Check | None = None
    entry: EntryCheck | None = None
    restart: bool = False
    policy: PolicyReach = PolicyReach.LOCK
    part: Part = Part.SETTINGS

    def within(self, table: Setting) -> Setting:
        """This setting in a table: the stricter of the two counts."""
        return replace(
            self,
            section=self.section or table.section,
            restart=self.restart or table.restart,
            policy=max(self.policy, table.policy, key=lambda reach: reach.value),
            part=max(self.part, table.part, key=lambda part: part.value),
        )


UNDECLARED = Setting()


@dataclass(frozen=True, slots=True)
class Item:
    """A field of a struct. `struct` is its type where that is a table of further settings, else None.

    key  the whole name, with dots: `opend.host`
    """

    key: str
    name: str
    type: Any
    struct: type[msgspec.Struct] | None
    setting: Setting

    @property
    def optional(self) -> bool:
        """Whether it may be None, which a file writes as an empty text."""
        return type(None) in get_args(self.bare)

    @property
    def bare(self) -> Any:
        """Its type without limits and without what is declared of it."""
        return get_args(self.type)[0] if get_origin(self.type) is Annotated else self.type


@cache
def items(kind: type[msgspec.Struct], prefix: str = "", table: Setting = UNDECLARED) -> tuple[Item, ...]:
    """The fields of a struct in their order; `prefix` and `table` are those of the struct itself."""
    found = []
    for each in msgspec.structs.fields(kind):
        bare, *notes = get_args(each.type) if get_origin(each.type) is Annotated else (each.type,)
        struct = bare if isinstance(bare, type) and issubclass(bare, msgspec.Struct) else None
        setting = next((note for note in notes if isinstance(note, Setting)), UNDECLARED)
        found.append(Item(prefix + each.name, each.name, each.type, struct, setting.within(table)))
    return tuple(found)


@cache
def leaves(kind: type[msgspec.Struct], prefix: str = "", table: Setting = UNDECLARED) -> Mapping[str, Item]:
    """Every setting of a struct and of the tables in it, by its key, in their order."""
    found: dict[str, Item] = {}
    for item in items(kind, prefix, table):
        found |= {item.key: item} if item.struct is None else leaves(item.struct, f"{item.key}.", item.setting)
    return found


def value_at(settings: msgspec.Struct, key: str) -> Any:
    """The value of a setting by its key."""
    for name in key.split("."):
        settings = getattr(settings, name)
    return settings


def replaced(settings: Struct, values: Mapping[str, object]) -> Struct:
    """The settings with other values, by their keys."""
    parts: dict[str, dict[str, object]] = {}
    whole: dict[str, object] = {}
    for key, value in values.items():
        name, dot, rest = key.partition(".")
        if dot:
            parts.setdefault(name, {})[rest] = value
        else:
            whole[name] = value
    inner = {name: replaced(getattr(settings, name), inside) for name, inside in parts.items()}
    return msgspec.structs.replace(settings, **whole, **inner)


def changed(before: msgspec.Struct, now: msgspec.Struct) -> list[str]:
    """The keys of the settings that differ."""
    return [key for key in leaves(type(now)) if value_at(before, key) != value_at(now, key)]


def nearest(key: str, kind: type[msgspec.Struct]) -> str | None:
    """The key that a person may have meant: written alike, in another table, or called so in other words."""
    known = leaves(kind)
    tables = dict.fromkeys(each.rpartition(".")[0] for each in known if "." in each)
    if close := difflib.get_close_matches(key, [*known, *tables], 1):
        return close[0]
    last = key.rpartition(".")[2]
    shown = [each for each, item in known.items() if item.setting.sentence]
    ends = {each.rpartition(".")[2]: each for each in reversed(shown)}
    if close := difflib.get_close_matches(last, ends, 1, 0.75):
        return ends[close[0]]
    return next((each for each in shown if last.casefold() in known[each].setting.also.split()), None)
