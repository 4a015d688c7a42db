"""What is raised in an override of Qt's methods reaches the log, instead of ending the program.

On Python 3.11 an error that C code raises, as the index of a list that is too short does, is a type and a text until
something catches it. PySide 6.11 and 6.12 take the text for the error where Qt was called from Python, and end with a
segmentation fault. Python 3.12 has no such errors any more.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType
from typing import Any

from shiboken6 import Shiboken


def _whole(run: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(run)
    def run_whole(*arguments: Any, **named: Any) -> Any:
        try:
            return run(*arguments, **named)
        except BaseException:  # noqa: TRY203  to catch it makes it an object
            raise

    return run_whole


def _of_qt(kind: type) -> bool:
    return kind.__module__.partition(".")[0] == "PySide6"


def make_errors_whole() -> None:
    """Have each class that is made of one of Qt's from now on raise errors that are objects, in what it overrides."""

    qt_object: Any = Shiboken.Object

    def begin(cls: Any, /, **named: Any) -> None:
        super(qt_object, cls).__init_subclass__(**named)
        bases = [each for each in cls.__mro__[1:] if _of_qt(each)]
        for name, own in [*vars(cls).items()]:
            if (
                isinstance(own, FunctionType)
                and not name.startswith("__")
                and any(hasattr(each, name) for each in bases)
            ):
                setattr(cls, name, _whole(own))

    qt_object.__init_subclass__ = classmethod(begin)
