"""What Capflow needs from a Linux system, and what of it is missing. Standard library only: set-up runs it first.

A missing display or xcb library makes Qt abort the process without a Python exception, so it is asked for before.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")


@dataclass(frozen=True, slots=True)
class SystemPackage:
    """`purpose` is python, qt or tests; `name` is Debian's; `sign` tells that it is there (see the list's head)."""

    purpose: str
    name: str
    sign: str


def parse(text: str) -> tuple[SystemPackage, ...]:
    """Read resources/system-packages.txt."""
    lines = (line.split() for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return tuple(SystemPackage(*columns) for columns in lines)


def missing(packages: Iterable[SystemPackage], purposes: Iterable[str]) -> list[SystemPackage]:
    """The packages for these purposes whose sign is not found; on anything but Linux none is needed."""
    if sys.platform != "linux":
        return []
    wanted = set(purposes)
    return [package for package in packages if package.purpose in wanted and not _is_there(package.sign)]


def install_command(packages: Iterable[SystemPackage]) -> str:
    """The command a person types on Debian or Ubuntu."""
    return "sudo apt-get install --no-install-recommends " + " ".join(package.name for package in packages)


def library_problem(packages: Iterable[SystemPackage]) -> str:
    """Why Qt would not start here, and the command that helps; empty when it would."""
    # Without fonts Qt starts; looking for them starts a program.
    lacking = missing([package for package in packages if package.sign != "fonts"], ["qt"])
    if not lacking:
        return ""
    files = ", ".join(package.sign.partition(":")[2] for package in lacking)
    return f"Qt needs libraries this system lacks: {files}. On Debian or Ubuntu: {install_command(lacking)}"


def display_problem(environ: Mapping[str, str]) -> str:
    """Why no window can be shown here, and what to do; empty when one can."""
    if sys.platform != "linux" or environ.get("QT_QPA_PLATFORM", "").partition(":")[0] not in {"", "xcb", "wayland"}:
        return ""
    if environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return ""
    return (
        "There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set. Start Capflow from a desktop session "
        "(over SSH: ssh -X), or on a virtual screen: xvfb-run -a capflow demo; or only draw the window to a file: "
        "QT_QPA_PLATFORM=offscreen capflow demo --screenshot capflow.png --after 20"
    )


def _is_there(sign: str) -> bool:
    kind, _, what = sign.partition(":")
    return _SIGNS[kind](what)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _has_fonts(_what: str) -> bool:
    if (tool := shutil.which("fc-list")) is not None:
        listed = subprocess.run([tool], capture_output=True, check=False)  # noqa: S603
        return bool(listed.stdout.strip())
    folders = map(os.path.expanduser, FONT_FOLDERS)  # Path.expanduser() raises where no home is known
    files = (file for folder in folders for file in Path(folder).rglob("*.[ot]t[fc]"))
    return next(files, None) is not None


_SIGNS: Mapping[str, Callable[[str], bool]] = {
    "lib": _loads,
    "cmd": lambda name: shutil.which(name) is not None,
    "py": lambda name: importlib.util.find_spec(name) is not None,
    "fonts": _has_fonts,
}
