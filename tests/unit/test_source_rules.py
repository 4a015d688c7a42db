"""Rules about the source itself that no linter of ours knows."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "capflow_gui"
REQUIREMENTS = sorted((ROOT / "packaging" / "requirements").glob("*.txt"))
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "pb" not in path.relative_to(PACKAGE).parts)
LINES_A_FILE = 500
MODULES_A_FOLDER = 16

REQUIREMENT = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[0-9][a-z0-9.!+]*)(?: ; (?P<marker>[a-z_ '<>=!.0-9()A-Z]+))?"
    r"(?P<hashes>(?: --hash=sha256:[0-9a-f]{64})+)"
)


class Source(NamedTuple):
    """What the rules ask of a file, found in one walk through it."""

    calls: list[tuple[int, str]]  # their lines and what is called, as written
    defined: list[str]  # names of classes and functions
    named: list[tuple[int, str]]  # every name that is read or written
    imported: list[ast.Import | ast.ImportFrom]


@cache
def source(path: Path) -> Source:
    """A file, as Python parses it; `sleep(0)` only gives way, and is left out."""
    found = Source([], [], [], [])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call():
                name = written(node.func)
                if name != "asyncio.sleep" or ast.unparse(node) != "asyncio.sleep(0)":
                    found.calls.append((node.lineno, name))
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                found.defined.append(node.name)
            case ast.Name():
                found.named.append((node.lineno, node.id))
            case ast.Attribute():
                found.named.append((node.lineno, node.attr))
            case ast.Import() | ast.ImportFrom():
                found.imported.append(node)
    return found


def written(node: ast.expr) -> str:
    """An expression as source; `ast.unparse` takes long for what mostly is a name with dots."""
    if isinstance(node, ast.Name):
        return node.id
    return f"{written(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else ast.unparse(node)


def offences(
    pattern: str, allowed: str = "^$", *, outside: tuple[str, ...] = (), inside: tuple[str, ...] = ()
) -> list[str]:
    """Calls that match, as `file:line call`."""
    found = []
    for path in SOURCES:
        name = path.relative_to(PACKAGE).as_posix()
        if name.startswith(outside) or (inside and not name.startswith(inside)):
            continue
        found += [
            f"{name}:{line} {call}"
            for line, call in source(path).calls
            if re.search(pattern, call) and not re.search(allowed, call)
        ]
    return found


def test_no_nested_event_loop() -> None:
    """exec() reached from a coroutine hangs for ever; QDrag.exec from a mouse event is the one nested loop."""
    assert offences(r"\.exec_?$", r"(?i)drag\.exec$", inside=("ui/", "app/")) == []


def test_the_feed_sleeps_by_the_clock_alone() -> None:
    """Timers of the Qt loop end early: the clock looks again. The programs' own idle loops may doze as they like."""
    assert offences(r"^asyncio\.sleep$", outside=("clock.py", "cli/", "app/")) == []


def test_qt_timers_stay_in_the_window() -> None:
    assert offences(r"(^|\.)QTimer", outside=("ui/", "app/")) == []


def test_no_slot_decorator_hides_a_task() -> None:
    assert [
        path.name for path in SOURCES if re.search(r"\basync(Slot|Close)\b", path.read_text(encoding="utf-8"))
    ] == []


def test_nobody_quits_the_application() -> None:
    """quit() raises `Event loop stopped before Future completed`; a stop event ends the program."""
    assert offences(r"(?i)(^|\.)(app|application|qapp|QApplication|QCoreApplication|instance\(\))\.(quit|exit)$") == []


def test_colours_are_named_by_what_they_say() -> None:
    """Red-up swaps two values: code asks for up and down, never for a hue."""
    hue = re.compile(r"\b(green|red)\b", re.IGNORECASE)
    named = []
    for path in (PACKAGE / "ui").rglob("*.py"):
        named += [
            f"{path.name}:{line} {name}"
            for line, name in source(path).named
            if hue.fullmatch(name) or name in {"darkGreen", "darkRed"}
        ]
    assert named == []


def test_a_file_can_be_read_in_one_sitting() -> None:
    texts = {path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in SOURCES}
    lines = {name: len(text.splitlines()) for name, text in texts.items()}
    assert {name: number for name, number in lines.items() if number > LINES_A_FILE} == {}
    assert [name for name, text in texts.items() if re.search(r"\b(TODO|FIXME|XXX)\b", text)] == []


def test_names_say_what_a_thing_is() -> None:
    vague = re.compile(r"manager|utils?$|helpers?$", re.IGNORECASE)
    named = []
    for path in SOURCES:
        named += [f"{path.name}: {name}" for name in (path.stem, *source(path).defined) if vague.search(name)]
    assert named == []


def test_there_are_requirement_files() -> None:
    assert [path.stem for path in REQUIREMENTS] == ["bench-peers", "build", "dev", "interop", "package", "runtime"]


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.stem)
def test_a_requirement_file_holds_versions_and_hashes_and_nothing_else(path: Path) -> None:
    """No address, no path, no option but hashes: it works behind any mirror."""
    text = path.read_text(encoding="utf-8")
    assert "://" not in text
    lines = text.replace("\\\n", "").splitlines()
    assert lines
    for line in lines:
        assert REQUIREMENT.fullmatch(re.sub(r"\s+", " ", line)), line[:120]


def pins(name: str) -> dict[str, set[str]]:
    """Package to versions, as a requirement file has them."""
    text = (ROOT / "packaging" / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for package, version in re.findall(r"^([a-z0-9.-]+)==(\S+)", text, re.MULTILINE):
        found.setdefault(package, set()).add(version)
    return found


def test_the_runtime_is_tested_with_the_versions_that_ship() -> None:
    dev = pins("dev")
    assert {package: dev[package] for package in pins("runtime")} == pins("runtime")


def test_nothing_of_this_machine_is_in_the_repository() -> None:
    """Absolute home and work folders, and package index addresses, have no place in a committed file."""
    odd = re.compile(r"/(?:home|root|Users)/\w|index-url|find-links|extra-index")
    suffixes = {".py", ".toml", ".md", ".txt", ".in", ".json", ".proto", ".yml", ""}
    skipped = {".git", ".venv", ".cache", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "build", "dist"}
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in skipped]
        for path in (Path(folder, name) for name in names if name not in skipped):
            if path == Path(__file__) or path.suffix not in suffixes or not path.is_file():
                continue
            if odd.search(path.read_text(encoding="utf-8", errors="replace")):
                found.append(path.relative_to(ROOT).as_posix())
    assert found == []


def test_nothing_is_committed_that_is_ignored() -> None:
    """What tools leave behind names files of whoever ran them, and differs after every run."""
    if not (ROOT / ".git").exists():
        pytest.skip("no checkout")
    asked = ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"]
    assert subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True).stdout == ""


def imports() -> dict[str, set[str]]:
    """What every module imports of the package: on top, in functions, and for type checkers alone."""
    places = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in SOURCES
    }
    found: dict[str, set[str]] = {}
    for module, path in places.items():
        named: set[str] = set()
        for node in source(path).imported:
            if isinstance(node, ast.Import):
                named |= {alias.name for alias in node.names}
            elif node.module:
                inner = {f"{node.module}.{alias.name}" for alias in node.names}
                named |= inner if inner <= places.keys() else {node.module} | inner
        found[module] = (named & places.keys()) - {module}
    return found


def reachable(module: str, graph: dict[str, set[str]]) -> set[str]:
    """Every module that one imports, at whatever distance."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        for each in graph[waiting.pop()] - seen:
            seen.add(each)
            waiting.append(each)
    return seen


def test_no_module_imports_itself_in_a_circle() -> None:
    """An import for type checkers counts: who names a class of another module cannot be understood without it."""
    graph = imports()
    circles = {module for module in graph if module in reachable(module, graph)}
    assert circles == set()


def test_no_folder_holds_more_modules_than_one_can_know() -> None:
    folders = Counter(path.parent for path in SOURCES if path.name != "__init__.py")
    assert {
        str(folder.relative_to(ROOT)): number for folder, number in folders.items() if number > MODULES_A_FOLDER
    } == {}
