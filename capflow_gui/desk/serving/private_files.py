"""Files of a desk that is served: those that only their owner reads, and what is read of them."""

from __future__ import annotations

import os
from pathlib import Path

from capflow_gui.errors import InvalidInput
from capflow_gui.paths import disk_words, shown
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.file import advice

_MODE = 0o600


def write_private(path: Path, content: bytes) -> None:
    """Write a file of mode 600, whole or not at all. On Windows the folder's own rights count."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    # Made with the mode, and not changed to it afterwards: nobody can have opened it in between.
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    new.replace(path)


def read_kept(path: Path) -> bytes:
    """What a file holds that was written once. Raises InvalidInput that names it, where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        reason = Reason.of(Code.CANNOT_BE_READ, why=disk_words(error))
        raise InvalidInput(shown(path), reason, advice(error)) from error
