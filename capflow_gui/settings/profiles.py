"""The profiles of a user: the main one, and others in `profiles/ID` of its folders.

A profile is opened by its folders, as --config-dir and --data-dir name them. Its name stands in `profile.toml` beside
its settings; a profile without that file is called as its folder is.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import shutil
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tomli_w

from capflow_gui.errors import InvalidInput, SettingsError
from capflow_gui.file_lock import try_lock
from capflow_gui.paths import Paths, disk_words, read_document, shown, write_atomically
from capflow_gui.reason import Code, Reason

MAIN = ""
WINDOW_LOCK = "window.lock"  # in the state folder of a profile that is open
_COMMAND_LOCK = "command-{}.lock"  # there, too, of a process
_FOLDER = "profiles"
_NAME_FILE = "profile.toml"
_COPIED = ("settings.toml", "rules.toml")
_LONGEST = 40

Folders = tuple[Path | None, Path | None]


@dataclass(frozen=True, slots=True)
class KnownProfile:
    """`id` is its folder's name, empty for the main one; `name` is what its user calls it, empty for no name."""

    id: str
    name: str


class Profiles:
    """Those below the folders of a main profile (--config-dir and --data-dir, None: the user's own)."""

    def __init__(self, folders: Folders = (None, None)) -> None:
        self._folders = folders
        self._main = Paths.resolve(None, *folders)

    def folders(self, profile: str) -> Folders:
        """What --config-dir and --data-dir are to be for a profile."""
        if profile == MAIN:
            return self._folders
        return self._main.config / _FOLDER / profile, self._main.data / _FOLDER / profile

    def all(self) -> list[KnownProfile]:
        """The main profile, then the others by name."""
        ids: set[str] = set()
        for folder in (self._main.config, self._main.data):
            with contextlib.suppress(OSError):
                ids.update(each.name for each in (folder / _FOLDER).iterdir() if each.is_dir())
        others = [KnownProfile(each, self._name(each) or each) for each in ids]
        return [KnownProfile(MAIN, self._name(MAIN)), *sorted(others, key=lambda each: each.name.casefold())]

    def _name(self, profile: str) -> str:
        with contextlib.suppress(OSError, ValueError):
            name = tomllib.loads(read_document(self._file(profile)).decode("utf-8-sig")).get("name")
            return name.strip() if isinstance(name, str) else ""
        return ""

    def _file(self, profile: str) -> Path:
        return Paths.resolve(None, *self.folders(profile)).config / _NAME_FILE

    def find(self, typed: str) -> KnownProfile:
        """The profile of a name or of a folder's name. Raises InvalidInput."""
        known = self.all()
        for each in known:
            if typed.casefold() in (each.name.casefold(), each.id.casefold()):
                return each
        names = [each.name for each in known if each.name]
        close = difflib.get_close_matches(typed, names, 1)
        if close:
            raise InvalidInput(typed, Reason.of(Code.NO_SUCH_PROFILE), Reason.of(Code.DID_YOU_MEAN, name=close[0]))
        advice = Reason.of(Code.ONE_OF, names=", ".join(names)) if names else Reason.of(Code.MAKE_A_PROFILE)
        raise InvalidInput(typed, Reason.of(Code.NO_SUCH_PROFILE), advice)

    def create(self, name: str, copied: str | None = None) -> KnownProfile:
        """A new profile: empty, or with the settings and rules of another. Raises InvalidInput or SettingsError."""
        name = self._free_name(name)
        made = KnownProfile(self._free_id(name), name)
        config, data = (folder for folder in self.folders(made.id) if folder is not None)
        try:
            config.mkdir(parents=True)
            data.mkdir(parents=True, exist_ok=True)
            self._write_name(made)
            if copied is not None:
                origin = Paths.resolve(None, *self.folders(copied)).config
                for file in _COPIED:
                    with contextlib.suppress(FileNotFoundError):
                        write_atomically(config / file, read_document(origin / file))
        except OSError as error:
            for folder in (config, data):
                shutil.rmtree(folder, ignore_errors=True)
            why = Reason.of(Code.CANNOT_BE_WRITTEN, why=disk_words(error))
            raise SettingsError(shown(config), why) from error
        return made

    def rename(self, profile: str, name: str) -> KnownProfile:
        """Call a profile otherwise; its folder stays. Raises InvalidInput or SettingsError."""
        renamed = KnownProfile(profile, self._free_name(name, but=profile))
        try:
            self._file(profile).parent.mkdir(parents=True, exist_ok=True)
            self._write_name(renamed)
        except OSError as error:
            why = Reason.of(Code.CANNOT_BE_WRITTEN, why=disk_words(error))
            raise SettingsError(shown(self._file(profile)), why) from error
        return renamed

    def _write_name(self, profile: KnownProfile) -> None:
        write_atomically(self._file(profile.id), tomli_w.dumps({"name": profile.name}).encode())

    def _free_name(self, typed: str, but: str | None = None) -> str:
        name = " ".join(unicodedata.normalize("NFC", typed).split())
        if not name or len(name) > _LONGEST or not name.isprintable():
            raise InvalidInput(typed, Reason.of(Code.PROFILE_NAME, most=_LONGEST))
        others = [each for each in self.all() if each.id != but]
        if name.casefold() in {text.casefold() for each in others for text in (each.name, each.id) if text}:
            raise InvalidInput(typed, Reason.of(Code.PROFILE_NAME_TAKEN))
        return name

    def _free_id(self, name: str) -> str:
        """A name for the folder that every system takes."""
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:24] or "profile"
        number, found = 1, f"p-{stem}"  # Windows has no folder "con"
        while any(folder is not None and folder.exists() for folder in self.folders(found)):
            number += 1
            found = f"p-{stem}-{number}"
        return found

    def is_open(self, profile: str) -> bool:
        """Whether a window has it open, or its demo, or a command that runs for long."""
        state = Paths.resolve(None, *self.folders(profile)).state
        windows = state / WINDOW_LOCK, state / "demo" / WINDOW_LOCK
        return any(map(_is_locked, (*windows, *state.glob(_COMMAND_LOCK.format("*")))))

    def size(self, profile: str) -> int:
        """Bytes of its files on disk; one that goes or cannot be looked at meanwhile counts nothing."""
        total = 0
        for folder in self.folders(profile):
            for place, _folders, files in os.walk(folder) if folder is not None else ():
                for file in files:
                    with contextlib.suppress(OSError):
                        total += Path(place, file).lstat().st_size
        return total

    def delete(self, profile: str) -> None:
        """Remove a profile with all that was kept in it. Raises InvalidInput for the main one and one that is open.

        Raises SettingsError where a file cannot be removed: the profile is then still there.
        """
        if profile == MAIN:
            raise InvalidInput("", Reason.of(Code.MAIN_PROFILE_STAYS))
        if self.is_open(profile):
            raise InvalidInput(profile, Reason.of(Code.PROFILE_OPEN))
        for folder in reversed([each for each in self.folders(profile) if each is not None]):
            try:
                shutil.rmtree(folder)
            except FileNotFoundError:
                continue
            except OSError as error:
                why = Reason.of(Code.CANNOT_BE_WRITTEN, why=disk_words(error))
                raise SettingsError(shown(folder), why) from error


@contextlib.contextmanager
def held_open(state: Path) -> Iterator[None]:
    """Have the profile whose state is kept there count as open: it is not deleted meanwhile.

    Where no lock can be held there, it is not.
    """
    file, handle = state / _COMMAND_LOCK.format(os.getpid()), None
    with contextlib.suppress(OSError):
        state.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        try_lock(handle)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)
            with contextlib.suppress(OSError):
                file.unlink()


def _is_locked(file: Path) -> bool:
    """Whether a lock is held, or that cannot be found out: what may be in use is not deleted."""
    try:
        handle = os.open(file, os.O_RDWR)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    try:
        return not try_lock(handle)
    except OSError:
        return True
    finally:
        os.close(handle)
