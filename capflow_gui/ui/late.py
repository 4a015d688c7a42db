"""Parts of the window that are made when they are first shown: its first paint does not wait for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtWidgets import QWidget

W = TypeVar("W", bound=QWidget)


class Late(Generic[W]):
    """A widget that `make` makes when it is first called for or shown; `made` is None before."""

    def __init__(self, make: Callable[[], W]) -> None:
        self._make = make
        self.made: W | None = None

    def __call__(self) -> W:
        """The widget."""
        if self.made is None:
            self.made = self._make()
        return self.made

    def show(self, on: bool) -> None:
        """Show or hide it."""
        if on or self.made is not None:
            self().setVisible(on)

    @property
    def is_shown(self) -> bool:
        """Whether it is on screen as soon as what it lies in is."""
        return self.made is not None and not self.made.isHidden()
