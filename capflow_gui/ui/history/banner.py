"""The line over the chart while it does not show the running session: which one it is, and the way back."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from capflow_gui.ui.theme import Role, Theme

HEIGHT = 34


class DayBanner(QWidget):
    """A word in reverse, the date, facts, the way back to live (`left`), and out of a comparison (`compare_ended`)."""

    left = Signal()
    compare_ended = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "raised")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._theme, self._said = theme, ""
        self._word, self._day, self._facts = QLabel(self), QLabel(self), QLabel(self)
        self._facts.setProperty("role", "dim")
        self._facts.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.end_compare = QPushButton("Stop comparing", self)
        self.back = QPushButton("Back to live", self)
        self._key = QLabel("B", self)
        self._key.setAccessibleName("Key B")
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 0, 16, 0)
        row.setSpacing(10)
        row.addWidget(self._word, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._day)
        row.addWidget(self._facts, 1)
        for button in (self.end_compare, self.back):
            button.setProperty("look", "link")
            row.addWidget(button)
        row.addWidget(self._key, 0, Qt.AlignmentFlag.AlignVCenter)
        self.back.clicked.connect(self.left)
        self.end_compare.clicked.connect(self.compare_ended)
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self.setFixedHeight(theme.px(HEIGHT))
        self._word.setFont(theme.font(Role.CAPTION_STRONG))
        self._word.setStyleSheet(
            f"background: {theme.text.name()}; color: {theme.panel.name()}; border-radius: 3px; padding: 2px 8px;"
        )
        self._day.setFont(theme.font(Role.ROW_SYMBOL))
        self._facts.setFont(theme.font(Role.SENTENCE))
        self._key.setFont(theme.font(Role.CAPTION))
        self._key.setStyleSheet(
            f"color: {theme.dim.name()}; border: 1px solid {theme.line2.name()}; border-radius: 4px; padding: 1px 5px;"
        )
        self._elide()

    def say(self, word: str, day: str, facts: str, *, compared: bool) -> None:
        """Show what is shown."""
        self._word.setText(word)
        self._day.setText(day)
        self._said = facts
        self.end_compare.setVisible(compared)
        self.setAccessibleName(" · ".join(filter(None, (word, day, facts))))
        self.show()
        self._elide()

    def resizeEvent(self, event: object) -> None:  # noqa: ARG002  Qt's signature
        """The facts take what is left."""
        self._elide()

    def _elide(self) -> None:
        face = self._theme.face(Role.SENTENCE)
        self._facts.setText(face.elided(self._said, self._facts.width()))
        self._facts.setToolTip(self._said)
