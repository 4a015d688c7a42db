"""Where a desk is, who this window is there, and a test that answers with a sentence that helps."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from capflow_gui.domain.typed.text import folded
from capflow_gui.present.connection_words import answered_in
from capflow_gui.present.language.texts import _
from capflow_gui.present.sentences import error_sentence
from capflow_gui.settings import DeskSettings
from capflow_gui.ui.dialogs.answer_box import AnswerBox
from capflow_gui.ui.dialogs.files import ask_for_file
from capflow_gui.ui.layouts import NO_MARGINS, beside, push_button, stacked, text_label
from capflow_gui.ui.ports import ConnectionReport, DeskAccess, Start
from capflow_gui.ui.theme import Role, Theme


class DeskForm(QWidget):
    """Edits a DeskSettings. `connect_requested` carries it once the form is filled in well and the secret is kept."""

    connect_requested = Signal(object)

    def __init__(
        self, settings: DeskSettings, access: DeskAccess, start: Start, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._access = access
        self._start = start
        self._theme = theme
        self._cancel: Callable[[], None] | None = None
        self.host = QLineEdit(settings.host, self)
        self.port = QLineEdit(str(settings.port), self)
        self.user = QLineEdit(settings.user, self)
        self.secret = QLineEdit(self)
        self.ca = QLineEdit(settings.ca or "", self)
        self.choose_button = push_button(_("Choose…"), self)
        self.test_button = QPushButton(_("Test connection"), self)
        self.connect_button = push_button(_("Connect"), self, "primary")
        self.answered = text_label("", self, role="dim")
        self.report = AnswerBox(theme, self)
        self._hint = text_label(_("works without a test, too"), self, role="dim")
        self._build()
        self.set_theme(theme)

    def _build(self) -> None:
        self.port.setValidator(QIntValidator(1, 65535, self))
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.secret.setPlaceholderText(_("as it is kept"))
        self.ca.setPlaceholderText(_("none chosen"))
        self.ca.setClearButtonEnabled(True)
        fields = (
            (_("Host"), self.host),
            (_("Port"), self.port),
            (_("User"), self.user),
            (_("Secret"), self.secret),
            (_("Certificate file, only if the desk made its own"), self.ca),
        )
        for name, edit in fields:
            edit.setAccessibleName(name)
            edit.textEdited.connect(lambda _text: self._edited())
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 1)
        host, port, user, secret, ca = (self._caption(name) for name, _edit in fields)
        for place, (caption, edit) in enumerate(((host, self.host), (port, self.port))):
            grid.addWidget(caption, 0, place)
            grid.addWidget(edit, 1, place)
        for row, (caption, edit) in enumerate(((user, self.user), (secret, self.secret))):
            grid.setRowMinimumHeight(3 * row + 2, 8)
            grid.addWidget(caption, 3 * row + 3, 0, 1, 2)
            grid.addWidget(edit, 3 * row + 4, 0, 1, 2)
        grid.setRowMinimumHeight(8, 8)
        grid.addWidget(ca, 9, 0, 1, 2)
        grid.addLayout(beside((self.ca, 1), self.choose_button, spacing=6), 10, 0, 1, 2)
        stacked(
            grid,
            beside(self.test_button, 6, (self.answered, 1)),
            self.report,
            beside(self.connect_button, 6, (self._hint, 1)),
            None,
            of=self,
            margins=NO_MARGINS,
            spacing=16,
        )
        self.choose_button.clicked.connect(self._choose)
        self.test_button.clicked.connect(self.run_test)
        self.connect_button.clicked.connect(self._connect)

    def _caption(self, text: str) -> QLabel:
        return text_label(text, self, self._theme.font(Role.CAPTION), "dim")

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        for each in (self.answered, self._hint):
            each.setFont(theme.font(Role.SENTENCE))
        self.report.set_theme(theme)

    def values(self) -> DeskSettings | None:
        """What is filled in; None, with the fault said, where it cannot be used."""
        host, port, user = folded(self.host.text()), folded(self.port.text()), folded(self.user.text())
        fault = ""
        if not host or any(character.isspace() or character in "/@" for character in host):
            fault = _("Write the host as a name or an address, for example 127.0.0.1.")
        elif not port.isdecimal() or len(port) > 5 or not 1 <= int(port) <= 65535:
            fault = _("The port is a number from 1 to 65535; that of a desk is 4222.")
        elif not _is_user(user):
            fault = _("The user is the name its administrator gave this window, for example ws01.")
        if fault:
            self.report.say(fault, "", trouble=True)
            return None
        return DeskSettings(host, int(port), user, self.ca.text().strip() or None)

    def run_test(self) -> None:
        """Ask once; what is being asked is dropped. The button stays as it is: disabled, it would lose the keyboard."""
        values = self.values()
        if values is None:
            return
        self.rest()
        self.report.hide()
        self.answered.setText(_("asking {host}:{port} …").format(host=values.host, port=values.port))
        secret = self.secret.text().strip()
        self._cancel = self._start(lambda: self._access.test(values, secret), self._tested, self._failed)

    def rest(self) -> None:
        """Drop a running test."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def said(self) -> str:
        """The answer on screen, title and advice."""
        return self.report.said()

    def _tested(self, report: ConnectionReport) -> None:
        self._cancel = None
        self.answered.setText(answered_in(report.seconds))
        self.report.say(report.title, report.advice, trouble=not report.usable)

    def _failed(self, error: Exception) -> None:
        self._cancel = None
        self.answered.setText("")
        title = _("The secret could not be kept, or the test could not be made.")
        self.report.say(title, error_sentence(error), trouble=True)

    def _edited(self) -> None:
        self.rest()
        self.answered.setText("")
        self.report.hide()

    def _connect(self) -> None:
        values = self.values()
        if values is None:
            return
        self.rest()
        secret = self.secret.text().strip()
        if not secret:
            self.connect_requested.emit(values)
            return
        self._cancel = self._start(
            lambda: self._access.keep(values, secret), lambda _none: self.connect_requested.emit(values), self._failed
        )

    def _choose(self) -> None:
        ask_for_file(self, _("The certificate that the desk made"), self._take_certificate)

    def _take_certificate(self, path: str) -> None:
        self.ca.setText(path)
        self._edited()


def _is_user(text: str) -> bool:
    """Whether a text may name a user: it is a part of subjects on the bus."""
    return bool(text) and all(character.isascii() and (character.isalnum() or character in "-_") for character in text)
