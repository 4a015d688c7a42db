"""An error in an override of Qt's methods is an error, and no end of the program."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from types import FunctionType

import pytest
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

import capflow_gui.app
import capflow_gui.ui

NONE: list[int] = []


@pytest.mark.parametrize("fail", [lambda: NONE[0], lambda: int("x"), lambda: 1 // 0, lambda: len(3)])
def test_what_c_raises_in_an_override_is_raised_where_qt_was_called(fail: Callable[[], object], qtbot: QtBot) -> None:
    class Odd(QWidget):
        def resizeEvent(self, event: QResizeEvent) -> None:
            fail()

    odd = Odd()
    qtbot.addWidget(odd)
    with pytest.raises((IndexError, ValueError, ZeroDivisionError, TypeError), match="resizeEvent"):
        odd.show()
    Odd.resizeEvent = QWidget.resizeEvent  # type: ignore[method-assign]


def test_all_overrides_of_the_program_are_so() -> None:
    for package in (capflow_gui.ui, capflow_gui.app):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    left, todo = [], [Shiboken.Object]
    while todo:
        kind = todo.pop()
        todo += kind.__subclasses__()
        if not kind.__module__.startswith("capflow_gui"):
            continue
        for name, own in vars(kind).items():
            bases = [each for each in kind.__mro__[1:] if each.__module__.startswith("PySide6.")]
            is_override = isinstance(own, FunctionType) and not name.startswith("__")
            if is_override and any(hasattr(each, name) for each in bases) and not hasattr(own, "__wrapped__"):
                left.append(f"{kind.__qualname__}.{name}")
    assert left == []
