"""How a connected source stands, and the way to be rid of it: it asks back in its own place."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QWidget

from capflow_gui.present.connection_words import Leaving, disconnect_words
from capflow_gui.present.language.texts import _
from capflow_gui.present.sentences import Sentence, Tone
from capflow_gui.ui.layouts import NO_MARGINS, beside, push_button, stacked, text_label
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
        self._title.setText(_("Connected") if state.tone is Tone.LIVE else state.state)
        self._text.setText(
            _("Answers in {text}.").format(text=state.text) if state.tone is Tone.LIVE and state.text else state.text
        )
        self._text.setVisible(bool(self._text.text()))
        self._question = self._label(theme.sized_font(10, 650), "")
        self._advice = self._label(theme.font(Role.SENTENCE), "dim")
        self.disconnect_button = push_button(_("Disconnect…"), self, "link")
        self.sign_out_button = push_button(_("Sign out…"), self, "link")
        self.sign_out_button.setVisible(signs_out)
        self.yes_button = QPushButton(_("Disconnect"), self)
        self.no_button = QPushButton(_("Keep it"), self)
        self._pages = QWidget(self), QWidget(self)
        self._build()

    def _label(self, font: QFont, role: str) -> QLabel:
        return text_label("", self, font, role, wrap=True)

    def _build(self) -> None:
        standing, asking = self._pages
        head = beside((self._title, 1), self.disconnect_button, self.sign_out_button, spacing=8)
        stacked(head, self._text, of=standing, margins=NO_MARGINS, spacing=3)
        answers = beside(self.no_button, self.yes_button, None, spacing=8)
        stacked(self._question, self._advice, 7, answers, of=asking, margins=NO_MARGINS, spacing=3)
        stacked(*self._pages, of=self, margins=(14, 10, 14, 10))
        self.disconnect_button.clicked.connect(lambda: self._ask(sign_out=False))
        self.sign_out_button.clicked.connect(lambda: self._ask(sign_out=True))
        self.yes_button.clicked.connect(lambda: self.confirmed.emit(self._sign_out))
        self.no_button.clicked.connect(self._back)
        self._back()

    def hold(self) -> None:
        """Somebody else has decided that the source stays."""
        for each in (self.disconnect_button, self.sign_out_button):
            each.setEnabled(False)
            each.setToolTip(_(GREYED))

    def said(self) -> str:
        """What is on screen."""
        shown = (self._question, self._advice) if self.asking else (self._title, self._text)
        return " ".join(filter(None, (each.text() for each in shown)))

    def _ask(self, *, sign_out: bool) -> None:
        self._sign_out = sign_out
        question, advice = disconnect_words(self._leaving, sign_out=sign_out)
        self._question.setText(question)
        self._advice.setText(advice)
        self.yes_button.setText(_("Sign out") if sign_out else _("Disconnect"))
        self._show(1)
        # Enter and Space do no harm.
        self.no_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _back(self) -> None:
        was_asking = self.asking
        self._show(0)
        if was_asking:
            used = self.sign_out_button if self._sign_out else self.disconnect_button
            used.setFocus(Qt.FocusReason.OtherFocusReason)

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
