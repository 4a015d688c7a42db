"""A package comes in by parts, and whoever cannot wait has it whole."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from capflow_gui.ui.chart_import import import_in_parts

NAME = "in_parts_of_a_test"
PARTS = ("first", "second", "third")
# `second` asks the package for what it has by then, and for a module of it that it does not import itself.
CODE = {
    "__init__": """
import sys
from .first import *
OPTIONS = {}
def option():
    return OPTIONS["it"]
def late():
    from .later import late
    return late
from .second import *
import zipfile
from .third import third
OPTIONS["it"] = 1
""",
    "first": "first = 1\n",
    "second": "from . import helper, late, option\n__all__ = ['second']\nsecond = helper.value + 1\n",
    "third": "third = 3\n",
    "helper": "value = 1\n",
    "later": "late = 4\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The package, importable; it is forgotten afterwards."""
    folder = tmp_path / NAME
    folder.mkdir()
    for name, code in CODE.items():
        (folder / f"{name}.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    before = dict(sys.modules)
    importlib.invalidate_caches()
    yield folder
    for name in set(sys.modules) - set(before):
        del sys.modules[name]


def there() -> list[str]:
    return [part for part in PARTS if f"{NAME}.{part}" in sys.modules]


def test_each_step_imports_one_module_more(folder: Path) -> None:
    assert folder.is_dir()
    assert [there() for _step in import_in_parts(NAME)] == [["first"], ["first", "second"], [*PARTS]]


def test_what_comes_in_by_parts_is_what_one_import_makes(folder: Path) -> None:
    package = importlib.import_module(NAME)
    whole, own = set(vars(package)), package.option.__builtins__
    for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
        del sys.modules[name]
    for _step in import_in_parts(NAME):
        pass
    package = importlib.import_module(NAME)
    assert folder.is_dir()
    assert set(vars(package)) == whole
    assert type(package) is ModuleType
    early = sys.modules[f"{NAME}.second"]
    assert early.option() == package.option() == 1  # what a module took early on sees the options of the whole
    assert early.late() == 4
    assert package.option.__builtins__ is own


def test_who_asks_between_two_steps_has_the_whole_package(folder: Path) -> None:
    steps = import_in_parts(NAME)
    next(steps)
    package = importlib.import_module(NAME)
    assert (package.first, there()) == (1, ["first"])
    assert (package.third, there()) == (3, [*PARTS])
    assert not hasattr(package, "fourth")
    assert list(steps) == []
    assert folder.is_dir()


def test_another_import_goes_on_where_one_was_left(folder: Path) -> None:
    next(import_in_parts(NAME))
    package = sys.modules[NAME]
    assert [there() for _step in import_in_parts(NAME)] == [["first", "second"], [*PARTS]]
    assert sys.modules[NAME] is package
    assert folder.is_dir()


def test_what_an_import_raises_is_raised_and_nothing_half_made_is_left(folder: Path) -> None:
    (folder / "second.py").write_text("raise ZeroDivisionError\n")
    steps = import_in_parts(NAME)
    next(steps)
    with pytest.raises(ZeroDivisionError):
        next(steps)
    assert NAME not in sys.modules


def test_a_package_that_is_not_there_is_said() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_package_of_a_test"):
        next(import_in_parts("no_such_package_of_a_test"))
