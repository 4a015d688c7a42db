"""The user's settings file: loaded, and saved with nothing but what the user chose.

A settings file is never lost. One that cannot be read is set aside as `settings.toml.damaged-1`, -2, … and said so;
a value that cannot be used falls back to its default alone, after a copy was set aside; keys this version does not
know stay in the file. Locked values of a policy never get into it.
"""

from __future__ import annotations

import contextlib
import tempfile
import tomllib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import tomli_w

from capflow_gui.errors import SettingsError
from capflow_gui.paths import Paths, write_atomically
from capflow_gui.reason import Reason
from capflow_gui.settings.layers import Document, built, overlaid
from capflow_gui.settings.policy import NO_POLICY, Policy
from capflow_gui.settings.reader import Reader
from capflow_gui.settings.types import VERSION, Settings, items

Migration = Callable[[Document], Document]

# The n-th entry turns a document of version n into one of version n + 1: types.VERSION is one more than there are.
MIGRATIONS: tuple[Migration, ...] = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """`problems` are sentences for the user, in the order of the file; empty when all is well."""

    settings: Settings
    problems: list[str] = field(default_factory=list)


def load(
    path: Path,
    policy: Policy = NO_POLICY,
    *,
    migrations: Sequence[Migration] = MIGRATIONS,
    words: Callable[[Reason], str] = str,
) -> Loaded:
    """Read the settings, between the policy's defaults and its locked values; a missing file adds nothing to those.

    `words` puts the reason of a fault into words.
    Raises SettingsError only when the file exists and the system refuses to read it.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Loaded(_layered({}, policy))
    except OSError as error:
        raise SettingsError(str(path), f"cannot be read: {error.strerror}", _ACCESS) from error
    try:
        document = _parse(raw, migrations)
    except (ValueError, KeyError, TypeError) as error:
        kept = _set_aside(path, raw, "damaged", move=True)
        return Loaded(_layered({}, policy), [f"{path.name} is damaged ({error}). The defaults are used. {kept}"])
    reader = Reader(policy.base, policy.locks, words)
    settings = _layered(reader.read(document), policy)
    problems = [fault.sentence for fault in reader.faults]
    if settings.version > len(migrations) + 1:
        kept = _set_aside(path, raw, f"version-{settings.version}", move=False)
        problems.append(f"{path.name} was written by a newer Capflow. {kept}")
    elif reader.fallbacks:
        problems.append(_set_aside(path, raw, "damaged", move=False))
    return Loaded(msgspec.structs.replace(settings, version=VERSION), problems)


def _layered(own: Document, policy: Policy) -> Settings:
    return built(Settings, overlaid(Settings, policy.defaults, own, policy.locked))


def save(path: Path, settings: Settings, policy: Policy = NO_POLICY) -> None:
    """Replace the file in one step: whoever reads it sees the old settings or the new ones.

    A setting that is in the present file stays there; another is written where it differs from what would hold without
    the file. So defaults, a policy's too, go on holding for whoever never chose, and a lock that is lifted gives back
    what the user had. Keys this version does not know are carried over.
    Raises SettingsError where the folder or the file cannot be written.
    """
    path = path.resolve()  # a link to a file kept elsewhere stays a link
    present: Document = {}
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        # A file that cannot be read has nothing to carry over; load() has set it aside.
        present = _parse(path.read_bytes(), MIGRATIONS)
    document = {"version": VERSION, **_chosen(settings, policy.base, present, policy.locks)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, tomli_w.dumps(document).encode())
    except OSError as error:
        raise SettingsError(str(path), f"cannot be written: {error.strerror}", _ACCESS) from error


def to_toml(settings: Settings) -> str:
    """Everything that holds, defaults too, as the file would have it; what is None is left out."""
    return tomli_w.dumps(_without_none(msgspec.to_builtins(settings)))


def _without_none(document: Document) -> Document:
    return {
        key: _without_none(value) if isinstance(value, dict) else value
        for key, value in document.items()
        if value is not None
    }


def prepare(paths: Paths) -> None:
    """Create the folders of a profile. Raises SettingsError naming the one that cannot be written, and what to do."""
    for folder in (paths.config, paths.data, paths.log, paths.state):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise SettingsError(str(folder), f"cannot be written: {error.strerror}", _ACCESS) from error


_ACCESS = "give your user access to it, or choose other folders with --config-dir and --data-dir"


def _parse(raw: bytes, migrations: Sequence[Migration]) -> Document:
    document = tomllib.loads(raw.decode("utf-8-sig"))
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


def _set_aside(path: Path, raw: bytes, label: str, *, move: bool) -> str:
    """Keep the file as it was under the next free name, once, and say where in a sentence."""
    number = 1
    try:
        while (spare := path.with_name(f"{path.name}.{label}-{number}")).exists():
            if spare.read_bytes() == raw:
                break
            number += 1
        else:
            write_atomically(spare, raw)
        if move:
            path.unlink()
    except OSError as error:
        return f"It could not be set aside: {error.strerror}."
    return f"The file as it was is kept as {spare.name}."
