"""What a screen reader says. Asked of Qt when there is something to say: its types take a while to load."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QAccessible


def is_read_aloud() -> bool:
    """Whether a screen reader, or something like it, follows the program."""
    return _accessible().isActive()


@cache
def _accessible() -> type[QAccessible]:
    """Qt's class, imported once: every import of a Qt name takes a tenth of the painting of a row."""
    from PySide6.QtGui import QAccessible  # noqa: PLC0415 - after the first paint

    return QAccessible


def announce(widget: QWidget, text: str) -> None:
    """Let a screen reader say something now."""
    from PySide6.QtGui import QAccessibleAnnouncementEvent  # noqa: PLC0415 - after the first paint

    if is_read_aloud():
        _accessible().updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
