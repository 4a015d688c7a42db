"""How a connected source stands, and the way to be rid of it: it asks back in its own place."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from capflow_gui.present.connection_words import Leaving, disconnect_words
from capflow_gui.present.sentences import Sentence, Tone
from capflow_gui.ui.locked import GREYED
from capflow_gui.ui.theme import Role, Theme


class SourceStrip(QFrame):
    """`confirmed(sign_out)` once the user has said yes; `asking` while the question is on screen."""

    confirmed = Signal(bool)

    def __init__(
        self, leaving: Leaving, state: Sentence, theme: Theme, parent: QWidget | None = None, *, signs_out: bool
    ) -> None:
        """`state` is the link's sentence; `signs_out`: there is a sign-in to end, too."""
        super().__init__(parent)
        self._leaving = leaving
        self._sign_out = False
        self.asking = False
        self.setProperty("look", "card")
        self._title = self._label(theme.sized_font(10, 650), "trouble" if state.tone is Tone.TROUBLE else "")
        self._text = self._label(theme.font(Role.SENTENCE), "dim")
        self._title.setText("Connected" if state.tone is Tone.LIVE else state.state)
        self._text.setText(f"Answers in {state.text}." if state.tone is Tone.LIVE and state.text else state.text)
        self._text.setVisible(bool(self._text.text()))
        self._question = self._label(theme.sized_font(10, 650), "")
        self._advice = self._label(theme.font(Role.SENTENCE), "dim")
        self.disconnect_button = QPushButton("Disconnect…", self)
        self.sign_out_button = QPushButton("Sign out…", self)
        self.sign_out_button.setVisible(signs_out)
        self.yes_button = QPushButton("Disconnect", self)
        self.no_button = QPushButton("Keep it", self)
        self._pages = QWidget(self), QWidget(self)
        self._build()

    def _label(self, font: object, role: str) -> QLabel:
        label = QLabel(self)
        label.setFont(font)  # type: ignore[arg-type]
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setProperty("role", role)
        return label

    def _build(self) -> None:
        for button in (self.disconnect_button, self.sign_out_button):
            button.setProperty("look", "link")
        standing, asking = self._pages
        under = _rows(standing)
        beside = QHBoxLayout()
        beside.setSpacing(8)
        beside.addWidget(self._title, 1)
        for button in (self.disconnect_button, self.sign_out_button):
            beside.addWidget(button)
        under.addLayout(beside)
        under.addWidget(self._text)
        under = _rows(asking)
        under.addWidget(self._question)
        under.addWidget(self._advice)
        under.addSpacing(7)
        answers = QHBoxLayout()
        answers.setSpacing(8)
        answers.addWidget(self.no_button)
        answers.addWidget(self.yes_button)
        answers.addStretch(1)
        under.addLayout(answers)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(14, 10, 14, 10)
        for page in self._pages:
            rows.addWidget(page)
        self.disconnect_button.clicked.connect(lambda: self._ask(sign_out=False))
        self.sign_out_button.clicked.connect(lambda: self._ask(sign_out=True))
        self.yes_button.clicked.connect(lambda: self.confirmed.emit(self._sign_out))
        self.no_button.clicked.connect(self._back)
        self._back()

    def hold(self) -> None:
        """Somebody else has decided that the source stays."""
        for button in (self.disconnect_button, self.sign_out_button):
            button.setEnabled(False)
            button.setToolTip(GREYED)

    def said(self) -> str:
        """What is on screen."""
        shown = (self._question, self._advice) if self.asking else (self._title, self._text)
        return " ".join(filter(None, (label.text() for label in shown)))

    def _ask(self, *, sign_out: bool) -> None:
        self._sign_out = sign_out
        question, advice = disconnect_words(self._leaving, sign_out=sign_out)
        self._question.setText(question)
        self._advice.setText(advice)
        self.yes_button.setText("Sign out" if sign_out else "Disconnect")
        self._show(1)
        # Enter and Space do no harm.
        self.no_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _back(self) -> None:
        was_asking = self.asking
        self._show(0)
        if was_asking:
            button = self.sign_out_button if self._sign_out else self.disconnect_button
            button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self, page: int) -> None:
        self.asking = page == 1
        for place, widget in enumerate(self._pages):
            widget.setVisible(place == page)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes the question back; only then does it close the dialog."""
        if event.key() == Qt.Key.Key_Escape and self.asking:
            self._back()
        else:
            super().keyPressEvent(event)


def _rows(page: QWidget) -> QVBoxLayout:
    rows = QVBoxLayout(page)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setSpacing(3)
    return rows
