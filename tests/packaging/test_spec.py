"""The recipe, carried out for each platform with stand-ins for PyInstaller's classes: what it asks for, and how."""

from __future__ import annotations

import contextlib
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import capflow_gui

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
PLUGINS = {"linux": ".so", "win32": ".dll", "darwin": ".dylib"}


class Asked:
    """What the recipe asked PyInstaller for; the analysis finds a few files of each kind."""

    def __init__(self, platform: str, dist: Path) -> None:
        self.platform = platform
        self.dist = dist
        self.analysis: dict[str, Any] = {}
        self.programs: list[dict[str, Any]] = []
        self.folders: list[tuple[str, list[Any]]] = []
        self.apps: list[dict[str, Any]] = []
        suffix = PLUGINS[platform]
        self.pure: list[Any] = []
        self.scripts = [("pyi_rth_pyside6", "x", "PYSOURCE"), ("capflow", "x", "PYSOURCE"), ("desk", "x", "PYSOURCE")]
        plugins = ("platforms/libqxcb", "platforms/qwindows", "platforms/libqcocoa", "platforms/libqvnc")
        self.binaries = [(f"PySide6/plugins/{name}{suffix}", f"/{name}", "BINARY") for name in plugins]
        self.binaries += [("libneeded.so.1", "/needed", "BINARY"), ("libleft.so.1", "/left", "BINARY")]
        self.binaries += [("link.so", "libneeded.so.1", "SYMLINK"), ("dead.so", "libleft.so.1", "SYMLINK")]
        self.datas = [("PySide6/translations/qtbase_de.qm", "/de", "DATA"), ("capflow_gui/resources/x", "/x", "DATA")]

    def names(self) -> dict[str, Any]:
        """What PyInstaller gives a recipe to call."""

        def analysis(scripts: list[str], **how: Any) -> Asked:
            self.analysis = {"scripts": scripts, **how}
            return self

        def exe(_pyz: object, scripts: list[Any], _nothing: object, **how: Any) -> dict[str, Any]:
            self.programs.append({"scripts": [entry[0] for entry in scripts], **how})
            return self.programs[-1]

        def collect(*parts: Any, name: str, **_how: Any) -> Any:
            self.folders.append((name, parts[-1]))
            folder = self.dist / name
            (folder / "_internal").mkdir(parents=True)
            return type("Folder", (), {"name": str(folder)})

        def app(_folder: object, **how: Any) -> None:
            self.apps.append(how)

        names = {"Analysis": analysis, "EXE": exe, "COLLECT": collect, "BUNDLE": app, "PYZ": lambda pure: pure}
        return {**names, "SPECPATH": str(PACKAGING)}


def imports(file: str) -> list[tuple[str, str]]:
    """The plugins for a screen need one library; nothing needs the other."""
    return [("libneeded.so.1", "/needed")] if "/libq" in file or "/q" in file else []


def stand_ins() -> dict[str, ModuleType]:
    """PyInstaller's modules that the recipe imports."""
    bindepend = ModuleType("PyInstaller.depend.bindepend")
    bindepend.get_imports = imports  # type: ignore[attr-defined]
    version = ModuleType("PyInstaller.utils.win32.versioninfo")
    kinds = ("FixedFileInfo", "StringFileInfo", "StringStruct", "StringTable", "VarFileInfo", "VarStruct")
    for name in (*kinds, "VSVersionInfo"):
        setattr(version, name, lambda *parts, _name=name, **named: (_name, parts, named))
    return {bindepend.__name__: bindepend, version.__name__: version}


@contextlib.contextmanager
def fresh_bundle() -> Iterator[None]:
    """bundle.py decides by the platform it is imported on."""
    sys.path.insert(0, str(PACKAGING))
    before = sys.modules.pop("bundle", None)
    try:
        yield
    finally:
        sys.modules.pop("bundle", None)
        while str(PACKAGING) in sys.path:
            sys.path.remove(str(PACKAGING))
        if before is not None:
            sys.modules["bundle"] = before


@pytest.fixture(params=sorted(PLUGINS))
def asked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Asked:
    told = Asked(request.param, tmp_path)
    for name, module in stand_ins().items():
        monkeypatch.setitem(sys.modules, name, module)

    def objdump(command: list[str], **_how: Any) -> subprocess.CompletedProcess[str]:
        lines = "".join(f"  NEEDED               {name}\n" for name, _ in imports(command[-1]))
        return subprocess.CompletedProcess(command, 0, lines)

    monkeypatch.setattr(subprocess, "run", objdump)
    monkeypatch.setattr(sys, "platform", told.platform)
    text = (PACKAGING / "capflow.spec").read_text(encoding="utf-8")
    with fresh_bundle():
        exec(compile(text, "capflow.spec", "exec"), told.names())  # noqa: S102 - our own recipe
    return told


def test_both_programs_are_made(asked: Asked) -> None:
    names = {program["name"]: program["console"] for program in asked.programs}
    own = {"capflow": True} if asked.platform == "linux" else {"capflow": True, "capflow-desktop": False}
    assert names == own
    for program, script in zip(asked.programs, ("capflow", "desk"), strict=False):
        assert program["scripts"] == ["pyi_rth_pyside6", script]
        assert program["strip"] is (asked.platform == "linux")
        assert program["upx"] is False
    if asked.platform == "linux":
        assert (asked.dist / "capflow" / "Capflow").readlink() == Path("capflow")


def test_files_are_pruned(asked: Asked) -> None:
    ((name, entries),) = asked.folders
    assert name == "capflow"
    places = {entry[0] for entry in entries}
    suffix = PLUGINS[asked.platform]
    assert f"PySide6/plugins/platforms/libqxcb{suffix}" in places
    assert f"PySide6/plugins/platforms/libqvnc{suffix}" not in places
    assert {"libneeded.so.1", "link.so", "capflow_gui/resources/x"} <= places
    assert not {"libleft.so.1", "dead.so", "PySide6/translations/qtbase_de.qm"} & places


def test_icons_versions_and_rights_are_the_platforms_own(asked: Asked) -> None:
    for program in asked.programs:
        icon, version = program["icon"], program["version"]
        rights = program["entitlements_file"]
        assert Path(icon or "x").suffix == {"linux": "", "win32": ".ico", "darwin": ".icns"}[asked.platform]
        assert (version is not None) is (asked.platform == "win32")
        assert (rights is not None) is (asked.platform == "darwin")
        assert rights is None or Path(rights).is_file()
        assert version is None or capflow_gui.__version__ in repr(version)
    if asked.platform == "darwin":
        (app,) = asked.apps
        assert app["version"] == capflow_gui.__version__
        assert app["info_plist"]["CFBundleExecutable"] == "capflow-desktop"
    else:
        assert asked.apps == []


def test_what_is_analysed_exists(asked: Asked) -> None:
    assert all(Path(script).is_file() for script in asked.analysis["scripts"])
    assert all(Path(file).is_file() for file, _ in asked.analysis["datas"])
    assert importlib.util.find_spec("capflow_gui.cli.fetch") is not None
    assert "capflow_gui.cli.fetch" in asked.analysis["hiddenimports"]
    assert "numpy" not in asked.analysis["excludes"]
