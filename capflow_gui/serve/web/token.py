"""The token that HTTP clients show: a secret in a file of its owner's."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

from capflow_gui.credentials import Conceal
from capflow_gui.errors import SettingsError
from capflow_gui.paths import disk_words, shown
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.file import advice

FILE_NAME = "serve.token"
_BYTES = 32
_SHORTEST, _LONGEST = 32, 256


def token_in(folder: Path, conceal: Conceal) -> str:
    """The token in a profile's state folder, made where there is none; `conceal` is told of it.

    Raises SettingsError where the file is another user's, can be read by others, holds no token, or cannot be written.
    """
    file = folder / FILE_NAME
    try:
        _have(file)
        token = _read(file)
    except OSError as error:
        why = Reason.of(Code.CANNOT_BE_READ, why=disk_words(error))
        raise SettingsError(shown(file), why, Reason.of(Code.GIVE_ACCESS)) from error
    conceal(token)
    return token


def _have(file: Path) -> None:
    """Make the file where there is none. A token that is there serves on a full disk, too."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            with contextlib.suppress(FileExistsError):
                _make(file)
    except OSError as error:
        why = Reason.of(Code.CANNOT_BE_WRITTEN, why=disk_words(error))
        raise SettingsError(shown(file), why, advice(error)) from error


def _make(file: Path) -> None:
    """Two programs that start together make one: the second finds it whole."""
    half = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(f"{secrets.token_urlsafe(_BYTES)}\n")
        if os.name == "nt":
            half.rename(file)
        else:
            os.link(half, file)
    finally:
        half.unlink(missing_ok=True)


def _read(file: Path) -> str:
    with file.open("rb") as stream:
        state = os.fstat(stream.fileno())
        raw = stream.read(_LONGEST + 1)
    if os.name == "posix" and (state.st_mode & 0o077 or state.st_uid != os.geteuid()):
        mode = f"{stat.S_IMODE(state.st_mode):o}"
        raise SettingsError(shown(file), Reason.of(Code.TOKEN_NOT_OWN, mode=mode), Reason.of(Code.DELETE_TOKEN))
    text = raw.strip()
    if not _SHORTEST <= len(text) <= _LONGEST or not text.isascii() or not text.decode("ascii").isprintable():
        raise SettingsError(shown(file), Reason.of(Code.NO_TOKEN_IN_FILE), Reason.of(Code.DELETE_TOKEN))
    return text.decode("ascii")
