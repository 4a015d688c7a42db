"""A label that is as wide as its room: what it cannot show is told on pointing."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from capflow_gui.ui.theme import Face

# Fewer letters of a sentence, the ellipsis among them, say nothing.
LEAST_LETTERS = 7


class ElidedLabel(QLabel):
    """Plain text in the quiet colour; `say` sets it, `set_face` its font.

    least  where there is no room for so many letters of a text, the ellipsis among them, nothing of it is shown
    """

    def __init__(self, parent: QWidget, *, least: int = 0) -> None:
        super().__init__(parent)
        self._least = least
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "dim")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._face: Face | None = None
        self._said = ""

    def set_face(self, face: Face) -> None:
        """Its font, with its measures."""
        self._face = face
        self.setFont(face.font)
        self._elide()

    def say(self, text: str) -> None:
        """What it is to say."""
        self._said = text
        self.setToolTip(text)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As much as there is room for."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        if self._face is not None:
            text = self._face.elided(self._said, self.width())
            self.setText(text if text == self._said or len(text) >= self._least else "")
