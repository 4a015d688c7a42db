"""Host, port, optional key, and a test that answers with a sentence that helps."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from capflow_gui.domain.typed.text import folded
from capflow_gui.present.connection_words import answered_in
from capflow_gui.present.language.texts import _
from capflow_gui.settings import OpendSettings
from capflow_gui.ui.dialogs.answer_box import AnswerBox
from capflow_gui.ui.dialogs.files import ask_for_file
from capflow_gui.ui.layouts import NO_MARGINS, beside, push_button, stacked, text_label
from capflow_gui.ui.ports import ConnectionReport, ConnectionTest, Start
from capflow_gui.ui.settings.changed import ChangedMark
from capflow_gui.ui.theme import Role, Theme


class ConnectionForm(QWidget):
    """Edits an OpendSettings. `connect_requested` carries it once the form is filled in well."""

    connect_requested = Signal(object)

    def __init__(
        self,
        settings: OpendSettings,
        test: ConnectionTest,
        start: Start,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._ask = test
        self._start = start
        self._theme = theme
        self._cancel: Callable[[], None] | None = None
        self.host = QLineEdit(settings.host, self)
        self.port = QLineEdit(str(settings.port), self)
        self.key = QLineEdit(settings.rsa_key or "", self)
        self.test_button = QPushButton(_("Test connection"), self)
        self.connect_button = push_button(_("Connect"), self, "primary")
        self.answered = text_label("", self, role="dim")
        self.report = AnswerBox(theme, self)
        self._hint = text_label(_("works without a test, too"), self, role="dim")
        usual = OpendSettings()
        self._defaults = {self.host: usual.host, self.port: str(usual.port), self.key: usual.rsa_key or ""}
        self._build()
        self.set_theme(theme)

    def _build(self) -> None:
        self.port.setValidator(QIntValidator(1, 65535, self))
        self.key.setPlaceholderText(_("none chosen"))
        self.key.setClearButtonEnabled(True)
        for name, edit in ((_("Host"), self.host), (_("Port"), self.port), (_("RSA key file"), self.key)):
            edit.setAccessibleName(name)
        choose = self.choose_button = push_button(_("Choose…"), self)
        choose.clicked.connect(self._choose_key)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._caption(_("Host")), 0, 0)
        grid.addWidget(self._caption(_("Port")), 0, 1)
        grid.addWidget(self.host, 1, 0)
        grid.addWidget(self.port, 1, 1)
        grid.setRowMinimumHeight(2, 8)
        grid.addWidget(self._caption(_("RSA key, only if OpenD has one")), 3, 0)
        grid.addLayout(beside((self.key, 1), choose, spacing=6), 4, 0, 1, 2)
        marks = self._marks = QWidget(self)
        self._changed = {edit: ChangedMark(self._theme, marks) for edit in self._defaults}
        stacked(*self._changed.values(), of=marks, margins=NO_MARGINS, spacing=2)
        for edit, mark in self._changed.items():
            mark.reset_wanted.connect(partial(self._reset, edit))
        self._follow_defaults()
        stacked(
            grid,
            marks,
            beside(self.test_button, 6, (self.answered, 1)),
            self.report,
            beside(self.connect_button, 6, (self._hint, 1)),
            None,
            of=self,
            margins=NO_MARGINS,
            spacing=16,
        )
        self.test_button.clicked.connect(self.run_test)
        self.connect_button.clicked.connect(self._connect)
        for edit in (self.host, self.port, self.key):
            edit.textEdited.connect(lambda _text: self._edited())
            edit.textChanged.connect(lambda _text: self._follow_defaults())

    def _follow_defaults(self) -> None:
        """Say which field is not as it is at first, below them all."""
        for edit, mark in self._changed.items():
            name, default = edit.accessibleName(), self._defaults[edit]
            said, differs = _("{name} changed.").format(name=name), edit.text().strip() != default
            mark.follow(name, default or _("nothing"), differs=differs, held=not edit.isEnabled(), said=said)
        self._marks.setHidden(all(mark.isHidden() for mark in self._changed.values()))  # else it takes room

    def _reset(self, edit: QLineEdit) -> None:
        edit.setText(self._defaults[edit])
        edit.setFocus()
        self._edited()

    def _caption(self, text: str) -> QLabel:
        return text_label(text, self, self._theme.font(Role.CAPTION), "dim")

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        for each in (self.answered, self._hint):
            each.setFont(theme.font(Role.SENTENCE))
        self.report.set_theme(theme)

    def values(self) -> OpendSettings | None:
        """What is filled in; None, with the fault said, where it cannot be used."""
        host = folded(self.host.text())
        port = folded(self.port.text())
        fault = ""
        if not host or any(character.isspace() or character == "/" for character in host):
            fault = _("Write the host as a name or an address, for example 127.0.0.1.")
        elif not port.isdecimal() or len(port) > 5 or not 1 <= int(port) <= 65535:
            fault = _("The port is a number from 1 to 65535; OpenD's own default is 11111.")
        if fault:
            self.report.say(fault, "", trouble=True)
            return None
        return OpendSettings(host, int(port), self.key.text().strip() or None, self._settings.budget)

    def run_test(self) -> None:
        """Ask once; what is being asked is dropped. The button stays as it is: disabled, it would lose the keyboard."""
        values = self.values()
        if values is None:
            return
        self.rest()
        self.report.hide()
        self.answered.setText(_("asking {host}:{port} …").format(host=values.host, port=values.port))
        self._cancel = self._start(
            lambda: self._ask(values.host, values.port, values.rsa_key), self._tested, self._test_failed
        )

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

    def _test_failed(self, error: Exception) -> None:
        self._cancel = None
        self.answered.setText("")
        self.report.say(_("The test could not be made."), str(error), trouble=True)

    def _edited(self) -> None:
        self.rest()
        self.answered.setText("")
        self.report.hide()

    def _connect(self) -> None:
        values = self.values()
        if values is not None:
            self.rest()
            self.connect_requested.emit(values)

    def _choose_key(self) -> None:
        ask_for_file(self, _("The private key OpenD was given"), self._take_key)

    def _take_key(self, path: str) -> None:
        self.key.setText(path)
        self._edited()
