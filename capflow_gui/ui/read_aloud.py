"""What a screen reader says. Asked of Qt when there is something to say: its types take a while to load."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def is_read_aloud() -> bool:
    """Whether a screen reader, or something like it, follows the program."""
    from PySide6.QtGui import QAccessible  # noqa: PLC0415 - after the first paint

    return QAccessible.isActive()


def announce(widget: QWidget, text: str) -> None:
    """Let a screen reader say something now."""
    from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent  # noqa: PLC0415 - after the first paint

    if is_read_aloud():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
