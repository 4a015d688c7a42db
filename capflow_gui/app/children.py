"""Programs Capflow starts: the browser; and the environment they get, as the user had it."""

from __future__ import annotations

import logging
import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import MutableMapping

_log = logging.getLogger(__name__)
# Most desktops' own way first. A text browser would have no terminal.
_BROWSERS = (
    "xdg-open",
    "gio open",
    "x-www-browser",
    "sensible-browser",
    "firefox",
    "google-chrome",
    "chromium",
    "konqueror",
)
_FAILS_WITHIN_S = 5.0
# A bundle sets these for itself: PyInstaller's starter the first, its hook for Qt the others.
_OF_THE_BUNDLE = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "QT_PLUGIN_PATH", "QML2_IMPORT_PATH")


def restore_environment(environ: MutableMapping[str, str] = os.environ) -> None:
    """Undo what a bundle set for itself, so that every child, Qt's too, gets the variables as the user had them.

    The window calls this once Qt has started, for Qt reads them too; the verbs without Qt call it at once. The loader
    of libraries read them when the program was started.
    `NAME_ORIG` is the user's value (packaging/entry/keep_environment.py and PyInstaller's starter leave it).
    """
    if not getattr(sys, "frozen", False):
        return
    for name in _OF_THE_BUNDLE:
        own = environ.pop(f"{name}_ORIG", None)
        if own is not None:
            environ[name] = own
        else:
            environ.pop(name, None)
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - Windows alone

        ctypes.windll.kernel32.SetDllDirectoryW(None)  # inherited, too


def start_capflow(arguments: list[str]) -> None:
    """Start this program once more, on its own. Raises OSError."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "capflow_gui"]
    nothing = subprocess.DEVNULL
    child = subprocess.Popen(  # noqa: S603 - this program
        [*program, *arguments], stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
    )
    threading.Thread(target=child.wait, name="another profile", daemon=True).start()


def open_page(url: str) -> bool:
    """Open a page in the browser. Returns at once; False where this computer names no browser.

    What the browser prints is dropped: a browser that waits for its end, or starts slowly, holds nobody up.
    """
    commands = _commands(url)
    if commands:
        threading.Thread(target=_start_first, args=(commands,), name="browser", daemon=True).start()
    return bool(commands)


def _commands(url: str) -> list[list[str]]:
    """The commands that may open a page, the user's own choice first. Windows: none, it opens pages itself."""
    if sys.platform == "win32":
        return [[url]]
    if sys.platform == "darwin":
        return [["open", url]]
    named = [entry for entry in os.environ.get("BROWSER", "").split(os.pathsep) if entry.strip()]
    found: list[list[str]] = []
    for entry in (*named, *_BROWSERS):
        words = shlex.split(entry)
        filled = [word.replace("%s", url) for word in words]
        if words and words != ["&"] and shutil.which(words[0]):
            found.append(([word for word in filled if word != "&"]) + ([url] if filled == words else []))
    return found


def _start_first(commands: list[list[str]]) -> None:
    """Start one command after the other until one does not fail at once, and wait for its end."""
    for command in commands:
        try:
            if _opened(command):
                return
        except OSError as error:
            _log.info("%s does not start: %s", command[0], error.strerror)
    _log.warning("no browser could be opened")


def _opened(command: list[str]) -> bool:
    if sys.platform == "win32":
        os.startfile(command[0])  # noqa: S606 - the page of a broker, or of new versions
        return True
    nothing = subprocess.DEVNULL
    with subprocess.Popen(  # noqa: S603 - the user's browser
        command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
    ) as child:
        try:
            return child.wait(_FAILS_WITHIN_S) == 0
        except subprocess.TimeoutExpired:
            return True  # a browser that was not running yet; leaving the block waits for its end
