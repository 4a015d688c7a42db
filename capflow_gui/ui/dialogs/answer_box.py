"""How a test ended, in a box: a title, advice under it, an edge in the colour of what it means."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QWidget

from capflow_gui.ui.fitting import into_sight
from capflow_gui.ui.layouts import stacked, text_label
from capflow_gui.ui.theme import Role, Theme, mix


class AnswerBox(QFrame):
    """Hidden until something is said."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = text_label("", self, wrap=True)
        self._advice = text_label("", self, role="dim", wrap=True)
        stacked(self._title, self._advice, of=self, margins=(14, 10, 14, 10), spacing=3)
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self._title.setFont(theme.sized_font(10, 650))
        self._advice.setFont(theme.font(Role.SENTENCE))

    def say(self, title: str, advice: str, *, trouble: bool) -> None:
        """Show an answer, where it is seen."""
        edge = self._theme.alert if trouble else self._theme.accent
        ground = mix(edge, self._theme.panel, 0.14)
        self.setStyleSheet(
            f"QFrame {{ background: {ground.name()}; border: 0; border-left: 3px solid {edge.name()}; }}"
            "QLabel { border: 0; background: transparent; }"
        )
        self._title.setText(title)
        self._advice.setText(advice)
        self._advice.setVisible(bool(advice))
        self.setAccessibleName(f"{title} {advice}")
        self.show()
        into_sight(self)

    def said(self) -> str:
        """The answer on screen, title and advice."""
        return "" if self.isHidden() else f"{self._title.text()} {self._advice.text()}".strip()
