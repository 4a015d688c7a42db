"""What goes into the bundle, computed from the code, for any of the three platforms.

Standard library only: the spec, the installers and the tests all read it, and none of them needs PyInstaller for that.
Names in a bundle are written with forward slashes, as PyInstaller places files below `_internal`.
"""

from __future__ import annotations

import ast
import datetime
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import metadata
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "capflow_gui"
RESOURCES = ROOT / "resources"
BUNDLE_ID = "io.github.capflow.Capflow"
# One file system in two does not tell `capflow` from `Capflow`: only Linux has both names side by side.
CONSOLE_NAME = "capflow"
DESK_NAME = "Capflow" if sys.platform == "linux" else "capflow-desktop"

# Qt looks plugins up by folder: what is not named here is left out. Each line says who would miss it.
QT_PLUGINS = {
    "platforms": r"q(xcb|wayland|offscreen|windows|cocoa)",  # a screen; offscreen draws pictures without one
    "xcbglintegrations": r".*",  # xcb asks for one when a window wants OpenGL
    "wayland-shell-integration": r"xdg-shell",
    "wayland-decoration-client": r".*",  # GNOME draws no frames
    "platforminputcontexts": r".*",  # IBus, compose keys: Chinese input
    "platformthemes": r"qxdgdesktopportal",  # the desktop's own file dialogs; qgtk3 would bring GTK
    "iconengines": r"qsvgicon",
    "imageformats": r"q(svg|ico|icns)",
}
# What a Linux desktop has in one copy that talks to its daemons and reads its configuration: the packages of
# resources/system-packages.txt bring them, and libc's neighbours are at least as new as the libc they came with.
# libmvec is a part of libc itself, and asks it for private symbols: only its own copy fits.
SYSTEM_OWNED = (
    r"lib(glib|gio|gobject|gmodule|gthread)-2\.0\.so",
    r"lib(dbus-1|systemd|fontconfig|freetype|expat)\.so",
    r"lib(stdc\+\+|gcc_s|mvec)\.so",
    r"libX11\.so",
)
# What Capflow never does: build Fortran, draw in three dimensions or in a notebook, edit lines on a console, show
# Python's own help; and decimal's second implementation, for Pythons without the first. Nothing a dependency brings:
# what imports it may be on its way.
UNUSED_MODULES = (
    "PySide6.QtOpenGL",  # entry/without_opengl.py stands in
    "PySide6.QtOpenGLWidgets",
    "_pydecimal",
    "numpy.f2py",
    "numpy.distutils",
    "pydoc_data",
    "pyqtgraph.examples",
    "pyqtgraph.jupyter",
    "pyqtgraph.opengl",
    "readline",
    "tkinter",
)
# What is imported before the first paint lies in files of its own: unpacking it from PyInstaller's compressed archive
# cost the bundle 0.2 s, half of its start. The rest stays packed, and is imported behind the first paint.
UNPACKED = ("asyncio", "capflow_gui", "google", "msgspec", "numpy", "qasync", "typing_extensions")
UNUSED_FILES = r"(^|/)pyqtgraph/(icons/peegee/|examples/)|(^|/)tests?/|\.pyi$|\.h$|\.a$|/direct_url\.json$"


def version() -> str:
    """The version, from its one place (capflow_gui/__init__.py), without importing anything."""
    for node in ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__version__":
            return str(ast.literal_eval(node.value))
    raise LookupError("capflow_gui/__init__.py names no __version__")


def numbers() -> tuple[int, int, int, int]:
    """The version as Windows wants it; a pre-release counts as its release."""
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", version())
    if found is None:
        raise LookupError(f"the version {version()} does not begin with three numbers")
    major, minor, patch = map(int, found.groups())
    return major, minor, patch, 0


def released() -> tuple[str, int]:
    """The date of this version in CHANGELOG.md, and its epoch; a version not released yet has today's."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(rf"^## \[{re.escape(version())}\] - (\d{{4}}-\d\d-\d\d)$", text, re.MULTILINE)
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.date.fromisoformat(found[1]) if found else now.date()
    moment = datetime.datetime.combine(day, datetime.time(), datetime.UTC)
    return day.isoformat(), int(moment.timestamp())


def hidden_imports() -> list[str]:
    """Every module of the program (verbs and the chart are imported by name), and the packages of its time zones.

    `_cffi_backend` is imported by miniaudio's extension, whose code nobody here can read.
    """
    own = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in PACKAGE.rglob("*.py")]
    names = {"_cffi_backend", *(name.removesuffix(".__init__") for name in own)}
    for zone in zones():
        parts = ["tzdata", "zoneinfo", *zone.split("/")[:-1]]
        names.update(".".join(parts[:length]) for length in range(1, len(parts) + 1))
    return sorted(names)


def zones() -> list[str]:
    """The IANA zones of the markets: what tzdata is asked for where the system has no zones of its own."""
    markets = json.loads((RESOURCES / "sessions.json").read_text(encoding="utf-8"))["markets"]
    return sorted({str(market["zone"]) for market in markets.values()})


def data_files() -> list[tuple[str, str]]:
    """(file, folder in the bundle): the program's resources and its zones."""
    files = [path for path in sorted(RESOURCES.rglob("*")) if path.is_file()]
    placed = [(str(path), str(PurePosixPath("capflow_gui", *path.relative_to(ROOT).parent.parts))) for path in files]
    tzdata = Path(str(metadata.distribution("tzdata").locate_file("tzdata")))
    for zone in zones():
        file = tzdata.joinpath("zoneinfo", *zone.split("/"))
        placed.append((str(file), file.parent.relative_to(tzdata.parent).as_posix()))
    return placed


def languages() -> set[str]:
    """The languages the program has texts for: Qt's own texts are kept in these alone."""
    own = {path.name for path in (RESOURCES / "i18n").iterdir() if path.is_dir()}
    # Qt speaks the Chinese of Hong Kong by no name of its own.
    return {"zh_TW" if name == "zh_HK" else name for name in own}


def pinned(requirements: str) -> set[str]:
    """The names in a requirement file, normalised."""
    text = (ROOT / "packaging" / "requirements" / f"{requirements}.txt").read_text(encoding="utf-8")
    return {normal(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)}


def normal(name: str) -> str:
    """A distribution's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def excluded_modules() -> list[str]:
    """Modules that must not come along: what the build's own tools brought, and what nothing here uses."""
    runtime = pinned("runtime")
    owners = metadata.packages_distributions()
    tools = [name for name, dists in owners.items() if not {normal(dist) for dist in dists} & runtime]
    return sorted({*tools, *UNUSED_MODULES} - {"capflow_gui"})


def is_wanted(name: str) -> bool:
    """Whether a file belongs in the bundle, by its place there."""
    path = PurePosixPath(name)
    if re.search(UNUSED_FILES, name) or any(re.match(pattern, path.name) for pattern in SYSTEM_OWNED):
        return False
    parts = path.parts
    if parts[:2] == ("tzdata", "zoneinfo"):
        return "/".join(parts[2:]) in zones()
    if "PySide6" not in parts:
        return True
    if path.suffix == ".qm":
        return path.stem.partition("_")[2] in languages() and path.name.startswith("qtbase_")
    if "plugins" in parts:
        pattern = QT_PLUGINS.get(parts[parts.index("plugins") + 1])
        stem = path.stem.removeprefix("lib")
        return pattern is not None and re.fullmatch(pattern, stem) is not None
    return True


def reachable(roots: Iterable[str], libraries: Mapping[str, str], needs: Callable[[str], Iterable[str]]) -> set[str]:
    """Places of those shared libraries that something kept still needs.

    `libraries` maps a library's place in the bundle to its file; `roots` are files of programs, extensions and
    plugins; `needs` gives the base names a file is linked to.
    """
    places: dict[str, list[str]] = {}
    for place in libraries:
        places.setdefault(PurePosixPath(place).name, []).append(place)
    kept: set[str] = set()
    ahead = list(roots)
    while ahead:
        for name in needs(ahead.pop()):
            for place in places.get(name, ()):
                if place not in kept:
                    kept.add(place)
                    ahead.append(libraries[place])
    return kept


def may_strip(place: str) -> bool:
    """Whether symbols may be cut out of a shared library: strip corrupts the OpenBLAS of numpy's wheels."""
    parts = PurePosixPath(place).parts
    return "numpy.libs" not in parts and re.search(r"\.so(\.\d+)*$", parts[-1]) is not None and len(parts) > 1
