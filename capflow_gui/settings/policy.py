"""The administrator's policy: a machine-wide TOML file with `[defaults]` and `[locked]`, read at the start.

Its keys are those of settings.types. A file with any fault is refused whole, and the program with it: a lock that is
not in force would go unnoticed by the person who relies on it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from capflow_gui.errors import PolicyError
from capflow_gui.paths import disk_words, read_document
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.checks import is_secret
from capflow_gui.settings.declared import PolicyReach, leaves, nearest
from capflow_gui.settings.layers import Document, built, names, nested, overlaid
from capflow_gui.settings.lines import fault_of, parsed, places
from capflow_gui.settings.reader import Fault, Reader
from capflow_gui.settings.types import Settings

_SECTIONS = ("defaults", "locked")
_BY, _WHY = "by", "why"
_SECRET_NAME = re.compile(r"token|secret|passw|credential|(api|app|access|private)_?key", re.IGNORECASE)
_NO_SECRETS = Reason.of(Code.POLICY_SECRETS)
_KEEP_SECRETS = Reason.of(Code.KEEP_SECRETS)


@dataclass(frozen=True, slots=True)
class Policy:
    """`defaults` and `locked` are checked values, nested as in the file; `file` is None where there is no policy.

    by   who locks, as a person reads it; empty where the file does not say
    why  reasons in that person's words, by the keys of settings or of whole tables
    """

    file: Path | None = None
    defaults: Document = field(default_factory=dict)
    locked: Document = field(default_factory=dict)
    by: str = ""
    why: Mapping[str, str] = field(default_factory=dict)

    @property
    def base(self) -> Settings:
        """What holds where the user chose nothing."""
        return built(Settings, self.defaults)

    @property
    def locks(self) -> frozenset[str]:
        """The dotted names of the locked settings, for example `opend.host`."""
        return frozenset(names(Settings, self.locked))

    def why_locked(self, key: str) -> str:
        """The reason that the policy gives for a setting; empty where it gives none."""
        return self.why.get(key) or self.why.get(key.partition(".")[0], "")


NO_POLICY = Policy()


def enforced(settings: Settings, policy: Policy) -> Settings:
    """The settings with the locked values in place."""
    if not policy.locked:
        return settings
    return built(Settings, overlaid(Settings, nested(settings), policy.locked))


def lockable_names() -> list[str]:
    """The keys of all settings that a policy may lock."""
    return [key for key, item in leaves(Settings).items() if item.setting.policy is PolicyReach.LOCK]


def read_policy(files: Iterable[Path]) -> Policy:
    """The first of the files that exists; no policy where none does. Raises PolicyError for any fault in it."""
    for file in files:
        try:
            raw = read_document(file)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            reason = Reason.of(Code.CANNOT_BE_READ, why=disk_words(error))
            raise PolicyError(file, 0, "", reason, Reason.of(Code.LET_READ)) from error
        return _parse(file, raw)
    return NO_POLICY


def _parse(file: Path, raw: bytes) -> Policy:
    try:
        text = raw.decode("utf-8-sig")
        document = parsed(text)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise PolicyError(file, line, "", Reason.of(Code.NOT_UTF8), Reason.of(Code.SAVE_AS_UTF8)) from None
    except tomllib.TOMLDecodeError as error:
        line, _, reason = fault_of(error, text)
        raise PolicyError(file, line, "", reason) from None
    reading = _Reading(file, text)
    for key, value in document.items():
        if key not in (*_SECTIONS, _BY, _WHY) or isinstance(value, dict) is (key == _BY):
            reading.refuse((key,), Reason.of(Code.POLICY_SECTIONS))
    defaults, locked = (reading.section(name, document.get(name, {})) for name in _SECTIONS)
    by = reading.text((_BY,), document.get(_BY, ""))
    return Policy(file, defaults, locked, by, reading.reasons(document.get(_WHY, {}), names(Settings, locked)))


class _Reading:
    """Knows the text, to say in which line a fault is."""

    def __init__(self, file: Path, text: str) -> None:
        self._file = file
        self._places = places(text)

    def section(self, name: str, document: Document) -> Document:
        """The checked values of [defaults] or [locked]."""
        self._refuse_secrets((name,), document)
        reader = Reader(Settings())
        values = reader.read(document)
        if reader.faults:
            self._refuse_fault(name, reader.faults[0])
        for key in names(Settings, values):
            reach = leaves(Settings)[key].setting.policy
            if reach is PolicyReach.NOTHING:
                self.refuse((name, *key.split(".")), Reason.of(Code.USERS_OWN))
            if reach is PolicyReach.DEFAULT and name == "locked":
                path = name, *key.split(".")
                self.refuse(path, Reason.of(Code.DEFAULT_ALONE), Reason.of(Code.MOVE_TO_DEFAULTS))
        return values

    def text(self, path: tuple[str, ...], value: object) -> str:
        """A text of the administrator's own."""
        self._refuse_secrets(path, value)
        if not isinstance(value, str):
            self.refuse(path, Reason.of(Code.NOT_A_TEXT), Reason.of(Code.PUT_IN_QUOTES))
        return " ".join(str(value).split())

    def reasons(self, table: Document, locked: Collection[str]) -> dict[str, str]:
        """The texts of [why], each for a setting that is locked, or for a table with one."""
        tables = {key.partition(".")[0] for key in locked}
        found: dict[str, str] = {}
        for name, value in table.items():
            inside = value if isinstance(value, dict) else {"": value}
            for last, each in inside.items():
                path = (_WHY, name, last) if last else (_WHY, name)
                key = f"{name}.{last}" if last else name
                if key not in locked and key not in tables:
                    self.refuse(path, Reason.of(Code.NOT_LOCKED))
                found[key] = self.text(path, each)
        return found

    def _refuse_secrets(self, path: tuple[str, ...], value: object) -> None:
        """Before anything else is said of a value: no sentence may repeat a secret."""
        if isinstance(value, dict):
            for key, inner in value.items():
                if _SECRET_NAME.search(key):
                    self.refuse((*path, key), _NO_SECRETS, _KEEP_SECRETS)
                self._refuse_secrets((*path, key), inner)
        elif isinstance(value, list):
            for inner in value:
                self._refuse_secrets(path, inner)
        elif isinstance(value, str) and is_secret(value):
            self.refuse(path, _NO_SECRETS, _KEEP_SECRETS)

    def _refuse_fault(self, section: str, fault: Fault) -> None:
        path = (section, *fault.name.split("."))
        if fault.shown == "":
            self.refuse(path[:3], Reason.of(Code.USERS_OWN))
        if fault.shown is not None:
            self.refuse(path, Reason.of(Code.VALUE_UNUSABLE, shown=fault.shown, why=fault.reason))
        near = nearest(fault.name, Settings)
        guess = Reason.of(Code.DID_YOU_MEAN, name=f"{section}.{near}") if near else None
        self.refuse(path, Reason.of(Code.NO_SUCH_SETTING), guess)

    def refuse(self, path: tuple[str, ...], reason: Reason, suggestion: Reason | None = None) -> None:
        """Raise the PolicyError of a key."""
        raise PolicyError(self._file, self._places.get(path, self._places[()]), ".".join(path), reason, suggestion)
