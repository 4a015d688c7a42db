"""The bundle's windowed entry: there is no console, so a refusal to start is shown in a box of the system's own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from capflow_gui.cli.main import main


def run() -> int:
    """Run the program and return its exit status. Windows gives a windowed program no standard streams at all."""
    if sys.stderr is not None:
        return main()
    # Files, not StringIO: crash hooks ask for a descriptor.
    with (
        open(os.devnull, "w", encoding="utf-8") as nowhere,  # noqa: PTH123
        tempfile.TemporaryFile("w+", encoding="utf-8") as said,
    ):
        sys.stdout, sys.stderr = nowhere, said
        try:
            status = main()
        except SystemExit as stopped:
            status = stopped.code if isinstance(stopped.code, int) else 1
        finally:
            sys.stdout = sys.stderr = None
        said.seek(0)
        if status:
            show(said.read())
    return status


def show(text: str) -> None:
    """A message box without Qt: Qt may be what did not start."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.MessageBoxW(None, text, "Capflow", 0x10)  # MB_ICONERROR
    elif sys.platform == "darwin":
        script = "on run argv\ndisplay alert (item 1 of argv) message (item 2 of argv) as critical\nend run"
        subprocess.run(["osascript", "-e", script, "Capflow", text], check=False)


if __name__ == "__main__":
    sys.exit(run())
