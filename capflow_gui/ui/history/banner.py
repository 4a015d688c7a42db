"""The line over the chart while it does not show the running session: which one it is, and the way back."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from capflow_gui.ui.layouts import beside, push_button, text_label
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
        self._word, self._day = text_label("", self), text_label("", self)
        self._facts = text_label("", self, role="dim")
        self._facts.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.end_compare = push_button("Stop comparing", self, "link")
        self.back = push_button("Back to live", self, "link")
        self._key = text_label("B", self)
        self._key.setAccessibleName("Key B")
        middle = Qt.AlignmentFlag.AlignVCenter
        parts = ((self._word, middle), self._day, (self._facts, 1), self.end_compare, self.back, (self._key, middle))
        beside(*parts, of=self, margins=(18, 0, 16, 0), spacing=10)
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
