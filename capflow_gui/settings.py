"""What the user chose, typed: loaded from and saved to one TOML file.

A settings file is never lost. One that cannot be read is set aside as `settings.toml.damaged-1`, -2, … and said so;
a value that cannot be used falls back to its default alone, after a copy was set aside; keys this version does not
know stay in the file.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, cast

import msgspec
import tomli_w

from capflow_gui.domain.money import parse_amount
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import InvalidInput, SettingsError
from capflow_gui.paths import Paths

Document = dict[str, Any]
Migration = Callable[[Document], Document]

# The n-th entry turns a document of version n into one of version n + 1.
MIGRATIONS: tuple[Migration, ...] = ()
VERSION = len(MIGRATIONS) + 1
NO_THRESHOLD = "none"

_Struct = TypeVar("_Struct", bound=msgspec.Struct)


class OpendSettings(msgspec.Struct, frozen=True):
    """Where OpenD listens. `rsa_key` is the path of the private key OpenD was given; `budget` is in calls per 30 s."""

    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 11111
    rsa_key: str | None = None
    budget: Annotated[int, msgspec.Meta(ge=1, le=30)] = 30


class LongportSettings(msgspec.Struct, frozen=True):
    """Where Longport is; secrets are in the keyring. The addresses count where `region` is custom, or where set.

    `tcp` is HOST:PORT; `budget` is in calls per second.
    """

    region: Literal["global", "mainland", "custom"] = "global"
    transport: Literal["auto", "websocket", "tcp", "http"] = "auto"
    http_url: str | None = None
    ws_url: str | None = None
    tcp: str | None = None
    language: Literal["en", "zh-CN", "zh-HK"] = "en"
    budget: Annotated[int, msgspec.Meta(ge=1, le=10)] = 10


class Appearance(msgspec.Struct, frozen=True):
    """How it looks. `palette` says which colour means inflow; `font_scale` multiplies every font size."""

    scheme: Literal["dark", "light", "system"] = "dark"
    palette: Literal["green_up", "red_up", "colour_blind"] = "green_up"
    font_scale: Annotated[float, msgspec.Meta(ge=0.8, le=2.0)] = 1.0


class Thresholds(msgspec.Struct, frozen=True):
    """Net-outflow levels as amount texts such as "-200M", in each symbol's own currency.

    `symbols` maps a symbol to its own level, or to "none": no level although there is a default.
    """

    default: str | None = None
    symbols: dict[str, str] = {}


class WatchSettings(msgspec.Struct, frozen=True):
    """The watchlist in the user's order, as canonical symbols (`700.HK`)."""

    symbols: list[str] = []


class WindowSettings(msgspec.Struct, frozen=True):
    """What the window looked like last. `geometry` and `splitter` are Qt's state in base64."""

    geometry: str = ""
    splitter: str = ""
    columns: list[str] = []
    sort: str = ""
    selected: str | None = None
    period: Literal["intraday", "day", "week", "month"] = "intraday"


class Settings(msgspec.Struct, frozen=True):
    """Everything the user chose. `source` is None until one was connected."""

    version: Annotated[int, msgspec.Meta(ge=1)] = VERSION
    first_run_done: bool = False
    source: Literal["opend", "longport"] | None = None
    opend: OpendSettings = msgspec.field(default_factory=OpendSettings)
    longport: LongportSettings = msgspec.field(default_factory=LongportSettings)
    appearance: Appearance = msgspec.field(default_factory=Appearance)
    thresholds: Thresholds = msgspec.field(default_factory=Thresholds)
    watchlist: WatchSettings = msgspec.field(default_factory=WatchSettings)
    window: WindowSettings = msgspec.field(default_factory=WindowSettings)


@dataclass(frozen=True, slots=True)
class Loaded:
    """`problems` are sentences for the user, in the order of the file; empty when all is well."""

    settings: Settings
    problems: list[str] = field(default_factory=list)


def load(path: Path, *, migrations: Sequence[Migration] = MIGRATIONS) -> Loaded:
    """Read the settings; a missing file gives the defaults.

    Raises SettingsError only when the file exists and the system refuses to read it.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Loaded(Settings())
    except OSError as error:
        raise SettingsError(str(path), f"cannot be read: {error.strerror}", _ACCESS) from error
    try:
        document = _parse(raw, migrations)
    except (ValueError, KeyError, TypeError) as error:
        kept = _set_aside(path, raw, "damaged", move=True)
        return Loaded(Settings(), [f"{path.name} is damaged ({error}). The defaults are used. {kept}"])
    reader = _Reader()
    settings = reader.struct(Settings, document, "")
    if settings.version > len(migrations) + 1:
        kept = _set_aside(path, raw, f"version-{settings.version}", move=False)
        reader.problems.append(f"{path.name} was written by a newer Capflow. {kept}")
    elif reader.fallbacks:
        reader.problems.append(_set_aside(path, raw, "damaged", move=False))
    return Loaded(msgspec.structs.replace(settings, version=VERSION), reader.problems)


def save(path: Path, settings: Settings) -> None:
    """Replace the file in one step: whoever reads it sees the old settings or the new ones.

    Keys of the present file that this version does not know are carried over.
    Raises SettingsError where the folder or the file cannot be written.
    """
    path = path.resolve()  # a link to a file kept elsewhere stays a link
    document: Document = _without_none(msgspec.to_builtins(settings))
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        # A file that cannot be read has no keys to carry over; load() has set it aside.
        _keep_unknown(Settings, _parse(path.read_bytes(), MIGRATIONS), document)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_atomically(path, tomli_w.dumps(document).encode())
    except OSError as error:
        raise SettingsError(str(path), f"cannot be written: {error.strerror}", _ACCESS) from error


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


_EntryCheck = Callable[[str, str], tuple[str, str]]


class _Reader:
    """Turns a document into structs, one key at a time, and notes what it could not use."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.fallbacks = 0

    def struct(self, kind: type[_Struct], document: Document, prefix: str) -> _Struct:
        fields = {item.name: item for item in msgspec.structs.fields(kind)}
        values: Document = {}
        for key, value in document.items():
            if (item := fields.get(key)) is None:
                self._unknown(prefix + key, difflib.get_close_matches(key, fields, 1), prefix)
            elif isinstance(item.type, type) and issubclass(item.type, msgspec.Struct):
                if isinstance(value, dict):
                    values[key] = self.struct(item.type, value, f"{prefix}{key}.")
                else:
                    self._refuse(prefix + key, value, f"write a [{prefix}{key}] table", "the defaults are used")
            else:
                self._value(values, item, value, prefix + key)
        return kind(**values)

    def _value(self, values: Document, item: msgspec.structs.FieldInfo, value: object, name: str) -> None:
        if name in _LISTS and isinstance(value, list | dict):
            value = self._usable(_LISTS[name], value, name)
        try:
            converted = msgspec.convert(value, item.type)
            if converted is not None and name in _CHECKS:
                converted = _CHECKS[name](converted)
        except msgspec.ValidationError as error:
            self._refuse(name, value, _choices(item.type, value) or _lower(str(error)), _default(item))
        except InvalidInput as error:
            self._refuse(name, value, _said(error), _default(item))
        else:
            values[item.name] = converted

    def _usable(self, check: _EntryCheck, entries: list[Any] | Document, name: str) -> list[str] | dict[str, str]:
        """Leave out only the entries that cannot be used, and what is there twice."""
        pairs = entries.items() if isinstance(entries, dict) else ((entry, "") for entry in entries)
        usable: dict[str, str] = {}
        for key, value in pairs:
            shown = f"{key} = {value!r}" if isinstance(entries, dict) else key
            try:
                usable.update([check(_text(key), _text(value))])
            except InvalidInput as error:
                self._refuse(name, shown, _said(error), "this entry is left out")
        return usable if isinstance(entries, dict) else list(usable)

    def _refuse(self, name: str, value: object, reason: str, consequence: str) -> None:
        self.fallbacks += 1
        self.problems.append(f"Setting {name}: {_shown(value)} cannot be used: {reason}; {consequence}.")

    def _unknown(self, name: str, close: list[str], prefix: str) -> None:
        guess = f"did you mean {prefix}{close[0]}? " if close else ""
        self.problems.append(f"Setting {name} is not known: {guess}It is kept and has no effect.")


def _shown(value: object) -> str:
    return repr(value) if not isinstance(value, bool) else str(value).lower()


def _default(item: msgspec.structs.FieldInfo) -> str:
    if item.default is None or item.default is msgspec.NODEFAULT:
        return "none is used"
    return f"the default ({_shown(item.default)}) is used"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _said(error: InvalidInput) -> str:
    return error.reason + (f" ({error.suggestion})" if error.suggestion else "")


def _choices(kind: object, value: object) -> str:
    """For a setting with fixed words, the words: the nearest one first where there is one."""
    schema = msgspec.json.schema(kind)
    words = next((option["enum"] for option in schema.get("anyOf", [schema]) if "enum" in option), None)
    if words is None:
        return ""
    close = difflib.get_close_matches(str(value), words, 1)
    guess = f"did you mean {close[0]!r}? " if close else ""
    return f"{guess}It is one of {', '.join(words)}"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidInput(str(value), "this is not a text", "put it in quotes")
    return value


def _symbol(text: str, _value: str = "") -> tuple[str, str]:
    return str(Symbol.parse(text)), ""


def _threshold(text: str) -> str:
    if parse_amount(text) >= 0:
        raise InvalidInput(text, "a net-outflow level is below zero", "for example -200M")
    return text


def _own_threshold(symbol: str, text: str) -> tuple[str, str]:
    return str(Symbol.parse(symbol)), text if text == NO_THRESHOLD else _threshold(text)


def _host(text: str) -> str:
    if not text or any(character.isspace() or character == "/" for character in text):
        raise InvalidInput(text, "this is not a host", "a name or an address, without the port")
    return text


_CHECKS: dict[str, Callable[[str], str]] = {
    "opend.host": _host,
    "thresholds.default": _threshold,
    "window.selected": lambda text: str(Symbol.parse(text)),
}
_LISTS: dict[str, _EntryCheck] = {
    "watchlist.symbols": _symbol,
    "thresholds.symbols": _own_threshold,
}


def _without_none(document: Document) -> Document:
    """TOML has no null: a setting that is None is absent."""
    return {
        key: _without_none(value) if isinstance(value, dict) else value
        for key, value in document.items()
        if value is not None
    }


def _keep_unknown(kind: type[msgspec.Struct], present: Document, document: Document) -> None:
    fields = {item.name: item.type for item in msgspec.structs.fields(kind)}
    for key, value in present.items():
        if key not in fields:
            document[key] = value
        elif isinstance(value, dict) and isinstance(fields[key], type) and issubclass(fields[key], msgspec.Struct):
            _keep_unknown(cast("type[msgspec.Struct]", fields[key]), value, document[key])


def _set_aside(path: Path, raw: bytes, label: str, *, move: bool) -> str:
    """Keep the file as it was under the next free name, once, and say where in a sentence."""
    number = 1
    try:
        while (spare := path.with_name(f"{path.name}.{label}-{number}")).exists():
            if spare.read_bytes() == raw:
                break
            number += 1
        else:
            _write_atomically(spare, raw)
        if move:
            path.unlink()
    except OSError as error:
        return f"It could not be set aside: {error.strerror}."
    return f"The file as it was is kept as {spare.name}."


def _write_atomically(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    if os.name == "posix":  # Windows cannot open a folder, and its rename is written through
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
