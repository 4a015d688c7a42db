"""A virtual screen, and what a program is started with on it: `soak_use.py` and `new_user.py` share it. Needs Xvfb."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def virtual_screen(size: str) -> Iterator[str]:
    """Xvfb on a display of its own, `size` pixels (WIDTHxHEIGHT); the display's name."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
    with os.fdopen(reading, encoding="ascii") as said:
        server = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
        os.close(writing)
        try:
            yield f":{said.readline().strip()}"
        finally:
            server.terminate()
            server.wait()


def environment_on(display: str, folder: Path) -> dict[str, str]:
    """The environment of a program on a display: nothing of the user's desktop, and `folder` as its home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DBUS_", "WAYLAND_"))}
    kept |= {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": str(ROOT), "HOME": str(folder)}
    return kept | {"XDG_STATE_HOME": str(folder / "state")}
