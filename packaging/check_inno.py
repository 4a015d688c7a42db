"""Compile the Windows installer with Inno Setup's own compiler under wine, and try it there with a stand-in bundle.

    ISCC=/path/to/ISCC.exe python packaging/check_inno.py      (or: make check-inno ISCC=/path/to/ISCC.exe)

Opt-in: Inno Setup is not Debian's to give. Needs wine for 32-bit programs (the compiler) and 64-bit ones (the setup),
and Xvfb where there is no display. 0 all as it should be, 1 not, 2 *not run*: something needed is missing.
Stand-ins, because the bundle for Windows is built on Windows: this checks the installer and not the program.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path, PureWindowsPath

import bundle

DONE, WRONG, NOT_RUN = 0, 1, 2
QUIET = ("/VERYSILENT", "/SUPPRESSMSGBOXES")
STAND_INS = ("capflow.exe", "capflow-desktop.exe", "_internal/part", "licences/THIRD-PARTY.txt")
LIMIT_S = 300


class Wrong(Exception):
    """Something is not as it should be; the text says what."""


def main() -> int:
    """Compile, install, install over it, uninstall, purge; a line each."""
    compiler = os.environ.get("ISCC", "")
    lacking = [name for name in ("wine", "wineserver") if shutil.which(name) is None]
    if not Path(compiler).is_file():
        lacking.append("Inno Setup's compiler (name it: ISCC=/path/to/ISCC.exe)")
    if not os.environ.get("DISPLAY") and shutil.which("xvfb-run") is None:
        lacking.append("a display, or xvfb-run")
    if lacking:
        print(f"NOT RUN: there is no {', no '.join(lacking)}", file=sys.stderr)
        return NOT_RUN
    if not os.environ.get("DISPLAY"):
        return subprocess.run(["xvfb-run", "-a", sys.executable, __file__], check=False).returncode
    with tempfile.TemporaryDirectory(prefix="capflow-inno-") as folder:
        try:
            Trial(Path(folder), Path(compiler)).run()
        except Wrong as error:
            print(f"check-inno: {error}", file=sys.stderr)
            return WRONG
    return DONE


class Trial:
    """A checkout with a stand-in bundle, and a Windows of its own, both below `folder`."""

    def __init__(self, folder: Path, compiler: Path) -> None:
        self.compiler = compiler
        self.source = folder / "source"
        self.environ = {**os.environ, "WINEPREFIX": str(folder / "wine"), "WINEARCH": "win64", "WINEDEBUG": "-all"}
        self.user = folder / "wine" / "drive_c" / "users" / os.environ.get("USER", "root")

    def run(self) -> None:
        """The whole trial; Wrong at the first thing that is not as it should be."""
        self.wine("winecfg", "-v", "win10")
        (self.user,) = (path for path in self.user.parent.iterdir() if path.name != "Public")
        setup = self.compiled()
        program = self.user / "AppData" / "Local" / "Programs" / "Capflow"
        data = self.user / "AppData" / "Local" / "capflow" / "settings.toml"
        self.wine(setup, *QUIET, "/TASKS=path")
        self.expect(all((program / name).is_file() for name in STAND_INS), "the program is not installed whole")
        self.expect(self.path() == [windows_name(program)], f"the PATH is {self.path()}")
        print("installs silently for one user, and onto the PATH")
        data.parent.mkdir()
        data.write_text("version = 1\n", encoding="utf-8")
        (program / "_internal" / "of an older version").touch()
        self.wine(setup, *QUIET, "/TASKS=path")
        self.expect(not (program / "_internal" / "of an older version").exists(), "an older version's file stayed")
        self.expect(data.exists(), "an upgrade removed settings")
        self.expect(self.path() == [windows_name(program)], f"after an upgrade the PATH is {self.path()}")
        print("upgrades in place; settings stay")
        self.remove(program)
        self.expect(data.exists(), "removing the program removed settings")
        self.expect(self.path() == [], f"after removal the PATH is {self.path()}")
        print("is removed; settings stay")
        self.wine(setup, *QUIET)
        self.remove(program, "/PURGE=1")
        self.expect(not data.parent.exists(), "/PURGE=1 left settings behind")
        print("is removed with settings where /PURGE=1 says so")

    def compiled(self) -> str:
        """The setup program, as wine names it."""
        for name in STAND_INS:
            file = self.source / "dist" / "capflow" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("a stand-in\n", encoding="utf-8")
        recipe = self.source / "packaging" / "windows"
        shutil.copytree(bundle.ROOT / "packaging" / "windows", recipe)
        shutil.copy(bundle.ROOT / "LICENSE", self.source)
        icons = self.source / "build" / "icons"
        icons.mkdir(parents=True)
        shutil.copy(bundle.ROOT / "build" / "icons" / "capflow.ico", icons)
        options = ("/Q", f"/DVersion={bundle.version()}", "/DPrograms={localappdata}\\Programs")
        self.wine(str(self.compiler), *options, "packaging\\windows\\capflow.iss")
        (setup,) = (self.source / "dist").glob("*-setup.exe")
        print(f"compiles: {setup.name}")
        return str(setup)

    def remove(self, program: Path, *options: str) -> None:
        """Uninstall, and wait until it is done: the uninstaller goes on in a copy of itself."""
        self.wine(str(program / "unins000.exe"), *QUIET, *options)
        subprocess.run(["wineserver", "--wait"], env=self.environ, check=True, timeout=LIMIT_S)
        self.expect(not program.exists(), "the program was not removed whole")

    def path(self) -> list[str]:
        """The folders on the user's PATH."""
        asked = self.wine("reg", "query", r"HKCU\Environment", "/v", "Path")
        return [word for word in asked.partition("REG_EXPAND_SZ")[2].strip().split(";") if word]

    def wine(self, *command: str) -> str:
        """Run a Windows program to a good end; its stdout."""
        done = subprocess.run(
            ["wine", *command],
            cwd=self.source if self.source.exists() else None,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=LIMIT_S,
        )
        self.expect(done.returncode == 0, f"{command} ended with {done.returncode}: {done.stdout} {done.stderr}")
        return done.stdout

    @staticmethod
    def expect(good: bool, otherwise: str) -> None:
        """Wrong unless it is so."""
        if not good:
            raise Wrong(otherwise)


def windows_name(path: Path) -> str:
    """A path of the wine prefix, as Windows programs see it."""
    parts = path.parts
    return str(PureWindowsPath("C:\\", *parts[parts.index("drive_c") + 1 :]))


if __name__ == "__main__":
    sys.exit(main())
