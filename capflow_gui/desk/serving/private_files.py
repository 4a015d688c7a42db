"""Files that only their owner reads: secrets and keys of a desk."""

from __future__ import annotations

import os
from pathlib import Path

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
