"""The user's settings file: loaded, and saved with nothing but what the user chose.

A settings file is never lost. One that cannot be read is set aside as `settings.toml.damaged-1`, -2, … and said so;
a value that cannot be used falls back to its default alone, after a copy was set aside; keys this version does not
know stay in the file. Locked values of a policy never get into it. Where the path is a link, all this happens beside
the file it leads to, and the link stays.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import tomli_w

from capflow_gui.errors import SettingsError
from capflow_gui.paths import (
    Paths,
    disk_words,
    is_passing,
    is_protected,
    read_document,
    shown,
    target,
    write_atomically,
)
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.declared import items
from capflow_gui.settings.layers import Document, built, overlaid
from capflow_gui.settings.lines import parsed
from capflow_gui.settings.policy import NO_POLICY, Policy
from capflow_gui.settings.reader import Reader
from capflow_gui.settings.types import VERSION, Settings

# So many faults of a file are named.
_NAMED = 5

Migration = Callable[[Document], Document]


def _list_leads(document: Document) -> Document:
    """Version 1 knew no groups. Where there are some it wrote over version 2: what left the list has left them too."""
    watchlist = document.get("watchlist")
    groups = watchlist.get("groups") if isinstance(watchlist, dict) else None
    listed = watchlist.get("symbols", []) if isinstance(watchlist, dict) else None
    if isinstance(listed, list) and isinstance(groups, list):  # else the reader says what is wrong
        for group in groups:
            if isinstance(group, dict) and isinstance(members := group.get("symbols"), list):
                group["symbols"] = [each for each in members if each in listed]
    return document


# The n-th entry turns a document of version n into one of version n + 1: types.VERSION is one more than there are.
MIGRATIONS: tuple[Migration, ...] = (_list_leads,)


@dataclass(frozen=True, slots=True)
class Loaded:
    """`problems` are for the user, in the order of the file; empty when all is well.

    `at_risk`: the file holds what these settings do not, and no copy of it could be made: do not save over it.

    content  the file as it is known: `save` keeps another one
    """

    settings: Settings
    problems: list[Reason] = field(default_factory=list)
    at_risk: Reason | None = None
    content: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Saved:
    """A file's new content. `kept` says where the old one is, if somebody had edited that meanwhile."""

    content: bytes
    kept: Reason | None


def load(path: Path, policy: Policy = NO_POLICY, *, migrations: Sequence[Migration] = MIGRATIONS) -> Loaded:
    """Read the settings, between the policy's defaults and its locked values; a missing file adds nothing to those.

    Raises SettingsError only when the file exists and the system refuses to read it.
    """
    try:
        end = target(path)
        raw = read_document(end)
    except FileNotFoundError:
        return Loaded(_layered({}, policy))
    except OSError as error:
        raise SettingsError(
            shown(path), Reason.of(Code.CANNOT_BE_READ, why=disk_words(error)), advice(error)
        ) from error
    try:
        document = _parse(raw, migrations)
    except (ValueError, KeyError, TypeError) as error:
        kept, at_risk = set_aside(path, end, raw, "damaged", move=True)
        damaged = Reason.of(Code.SETTINGS_DAMAGED, name=path.name, error=str(error))
        return Loaded(_layered({}, policy), [damaged, kept], at_risk)
    reader = Reader(policy.base, policy.locks)
    settings = _layered(reader.read(document), policy)
    problems, at_risk = first_few([fault.told for fault in reader.faults], path.name), None
    if settings.version > len(migrations) + 1:
        kept, at_risk = set_aside(path, end, raw, f"version-{settings.version}", move=False)
        problems += [Reason.of(Code.SETTINGS_NEWER, name=path.name), kept]
    elif reader.fallbacks:
        kept, at_risk = set_aside(path, end, raw, "damaged", move=False)
        problems.append(kept)
    return Loaded(msgspec.structs.replace(settings, version=VERSION), problems, at_risk, raw)


def first_few(faults: list[Reason], name: str) -> list[Reason]:
    """The first faults of a file, and how many more it has."""
    more = len(faults) - _NAMED
    return [*faults[:_NAMED], Reason.of(Code.MORE_FAULTS, name=name, count=more)] if more > 0 else faults


def read_edited(raw: bytes, path: Path, policy: Policy = NO_POLICY) -> tuple[Settings, list[Reason]]:
    """The settings of a file that somebody edited while Capflow runs, and the keys in it that nobody knows.

    Raises SettingsError where any value in it cannot be used; nothing is set aside.
    """
    try:
        document = _parse(raw, MIGRATIONS)
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError(path.name, Reason.of(Code.NOT_TOML, error=str(error))) from error
    reader = Reader(policy.base, policy.locks)
    settings = _layered(reader.read(document), policy)
    if settings.version > VERSION:
        raise SettingsError(path.name, Reason.of(Code.SETTINGS_NEWER, name=path.name))
    for fault in reader.faults:
        if fault.shown is not None:
            why = Reason.of(Code.VALUE_UNUSABLE, shown=fault.shown or "it", why=fault.reason)
            raise SettingsError(path.name, Reason.of(Code.SETTING_UNUSABLE, key=fault.name, why=why))
    return settings, first_few([fault.told for fault in reader.faults], path.name)


def _layered(own: Document, policy: Policy) -> Settings:
    return built(Settings, overlaid(Settings, policy.defaults, own, policy.locked))


def save(path: Path, settings: Settings, policy: Policy = NO_POLICY, known: bytes | None = None) -> Saved:
    """Replace the file in one step: whoever reads it sees the old settings or the new ones.

    `known` is the content that these settings replace: one that somebody edited meanwhile is kept as a copy.

    A setting that is in the present file stays there; another is written where it differs from what would hold without
    the file. So defaults, a policy's too, go on holding for whoever never chose, and a lock that is lifted gives back
    what the user had. Keys this version does not know are carried over.
    Raises SettingsError where the folder or the file cannot be written, or the copy cannot be made.
    """
    present: Document = {}
    raw = present_content(path)
    kept = keep_edited(path, raw, known)
    with contextlib.suppress(ValueError, KeyError, TypeError):
        # A file that cannot be parsed has nothing to carry over; a copy of it was kept.
        present = _parse(raw, MIGRATIONS)
    document = {"version": VERSION, **_chosen(settings, policy.base, present, policy.locks)}
    return write_settings(path, opening_comment(raw) + tomli_w.dumps(document).encode(), kept)


def present_content(path: Path) -> bytes:
    """What is in a file that is about to be replaced; nothing where it is not there.

    Raises SettingsError where it cannot be read, as a pipe or one that is too large: it must not be lost.
    """
    try:
        return read_document(path)
    except FileNotFoundError:
        return b""
    except OSError as error:
        why = Reason.of(Code.CANNOT_BE_READ, why=disk_words(error))
        raise SettingsError(shown(path), why, advice(error)) from error


def opening_comment(raw: bytes) -> bytes:
    """The comment that a file begins with, up to its first key or table; comments further down are not kept."""
    lines: list[bytes] = []
    for line in raw.removeprefix(codecs.BOM_UTF8).splitlines():
        if line.strip() and not line.lstrip().startswith(b"#"):
            break
        lines.append(line.rstrip() + b"\n")
    while lines and not lines[-1].strip():
        lines.pop()
    return b"".join([*lines, b"\n"]) if lines else b""


def keep_edited(path: Path, raw: bytes, known: bytes | None) -> Reason | None:
    """Keep a copy of a file that is not as it is `known` (None: it is not known); what to say of it.

    Raises SettingsError where the copy cannot be made.
    """
    if known is None or raw == known or not raw.strip():
        return None
    kept, not_kept = set_aside(path, target(path), raw, "changed", move=False)
    if not_kept is not None:
        raise SettingsError(shown(path), not_kept)
    return Reason.of(Code.EDIT_KEPT, name=path.name, kept=kept)


def write_settings(path: Path, content: bytes, kept: Reason | None) -> Saved:
    """Replace a file of the settings in one step. Raises SettingsError where it cannot be written, or is not to be."""
    if is_protected(path):
        raise SettingsError(shown(path), Reason.of(Code.WRITE_PROTECTED), _ACCESS)
    try:
        target(path).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
    except OSError as error:
        why = Reason.of(Code.CANNOT_BE_WRITTEN, why=disk_words(error))
        raise SettingsError(shown(path), why, advice(error)) from error
    return Saved(content, kept)


def to_toml(settings: Settings) -> str:
    """Everything that holds, defaults too, as the file would have it; what is None is left out."""
    return tomli_w.dumps(_without_none(msgspec.to_builtins(settings)))


def _without_none(document: Document) -> Document:
    return {
        key: _without_none(value) if isinstance(value, dict) else value
        for key, value in document.items()
        if value is not None
    }


def prepare(paths: Paths) -> list[Reason]:
    """Create the folders of a profile; a reason where nothing can be saved in them for now, as on a full disk.

    Raises SettingsError naming the folder that this user may not write, and what to do.
    """
    unsaved: dict[str, list[str]] = {}
    for folder in (paths.config, paths.data, paths.log, paths.state):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"?")
        except OSError as error:
            words = disk_words(error)
            if not is_passing(error):
                raise SettingsError(shown(folder), Reason.of(Code.CANNOT_BE_WRITTEN, why=words), _ACCESS) from error
            unsaved.setdefault(words, []).append(shown(folder))
    return [Reason.of(Code.NOTHING_SAVED_IN, places=", ".join(names), why=words) for words, names in unsaved.items()]


_ACCESS = Reason.of(Code.GIVE_ACCESS)


def advice(error: OSError) -> Reason:
    """What to do where a file of the profile cannot be read or written."""
    if error.errno == errno.ELOOP:
        return Reason.of(Code.LINK_LOOPS)
    if error.errno == errno.EISDIR:
        return Reason.of(Code.FOLDER_IN_ITS_PLACE)
    return Reason.of(Code.MAKE_ROOM) if is_passing(error) and error.errno != errno.EROFS else _ACCESS


def _parse(raw: bytes, migrations: Sequence[Migration]) -> Document:
    return migrated(parsed(raw.decode("utf-8-sig")), migrations)


def migrated(document: Document, migrations: Sequence[Migration] = MIGRATIONS) -> Document:
    """A document of any version as this version has it."""
    version = document.get("version", len(migrations) + 1)
    if isinstance(version, int):
        for migration in migrations[max(version, 1) - 1 :]:
            document = migration(document)
        document["version"] = max(version, len(migrations) + 1)
    return document


def _chosen(
    struct: msgspec.Struct, base: msgspec.Struct, present: Document, locks: Collection[str], prefix: str = ""
) -> Document:
    """What of a struct belongs in the file. TOML has no null: None is absent, or "" where it is chosen over a value."""
    known = {item.name: item for item in items(type(struct))}
    document: Document = {}
    for key, item in known.items():
        value, default = getattr(struct, key), getattr(base, key)
        if item.struct is not None:
            inside = present.get(key)
            table = _chosen(value, default, inside if isinstance(inside, dict) else {}, locks, f"{prefix}{key}.")
            if table:
                document[key] = table
        elif prefix + key in locks:
            if key in present:
                document[key] = present[key]
        elif value is None:
            if default is not None:
                document[key] = ""
        elif key in present or value != default:
            document[key] = msgspec.to_builtins(value)
    return document | {key: value for key, value in present.items() if key not in known}


def set_aside(path: Path, end: Path, raw: bytes, label: str, *, move: bool) -> tuple[Reason, Reason | None]:
    """Keep the file as it was under the next free name, once: what says where, and why not, or None.

    `path` is where the settings are looked for, `end` the file itself, elsewhere where `path` is a link.
    """
    number = 1
    try:
        while (spare := end.with_name(f"{end.name}.{label}-{number}")).exists():
            if spare.read_bytes() == raw:
                break
            number += 1
        else:
            if move:
                end.rename(spare)
            else:
                write_atomically(spare, raw)
        if move:
            end.unlink(missing_ok=True)
    except OSError as error:
        why = Reason.of(Code.NOT_SET_ASIDE, path=shown(end), why=disk_words(error))
        return why, why
    return Reason.of(Code.KEPT_AS, name=shown(spare) if path.is_symlink() else spare.name), None
