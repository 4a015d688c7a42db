"""Three ways into Longport: the browser, an app key, the environment; and a test that answers in a sentence."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from capflow_gui.errors import CapflowError
from capflow_gui.present.sentences import error_sentence
from capflow_gui.settings import LongportSettings
from capflow_gui.ui.dialogs.answer_box import AnswerBox
from capflow_gui.ui.ports import ConnectionReport, LongportAccess, LongportEntry, LongportWay, Start
from capflow_gui.ui.theme import Role, Theme

_WAYS: tuple[tuple[LongportWay, str], ...] = (
    ("browser", "Sign in with the browser"),
    ("key", "App key and token"),
    ("environment", "Environment variables"),
)
_REGIONS = (("global", "Global"), ("mainland", "Mainland China"), ("custom", "Own addresses, in the settings file"))
_BROWSER_HINT = "Longport's page opens in your browser; come back when it says that you are signed in."
_KEY_HINT = "From Longport's developer page. Kept in this computer's keyring, and nowhere else."


class LongportForm(QWidget):
    """`connect_requested` carries the LongportSettings once the secrets are kept."""

    connect_requested = Signal(object)

    def __init__(
        self,
        settings: LongportSettings,
        access: LongportAccess,
        start: Start,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._access = access
        self._start = start
        self._theme = theme
        self._cancel: Callable[[], None] | None = None
        self.ways = {way: QRadioButton(name, self) for way, name in _WAYS}
        self.region = QComboBox(self)
        self.client_id = self._edit("Client id", "this app registers itself")
        self.key = self._edit("App key")
        self.secret = self._edit("App secret", hidden=True)
        self.token = self._edit("Access token", hidden=True)
        self.test_button = QPushButton("Test connection", self)
        self.connect_button = QPushButton("Connect", self)
        self.answered = QLabel(self)
        self.report = AnswerBox(theme, self)
        self._pages = QStackedWidget(self)
        self._build()

    def _edit(self, name: str, hint: str = "", *, hidden: bool = False) -> QLineEdit:
        edit = QLineEdit(self)
        edit.setAccessibleName(name)
        edit.setPlaceholderText(hint)
        if hidden:
            edit.setEchoMode(QLineEdit.EchoMode.Password)
        edit.textEdited.connect(lambda _text: self._edited())
        return edit

    def _build(self) -> None:
        for value, name in _REGIONS:
            self.region.addItem(name, value)
        self.region.setCurrentIndex(self.region.findData(self._settings.region))
        self.region.setAccessibleName("Region")
        group = QButtonGroup(self)
        choices = QVBoxLayout()
        choices.setSpacing(4)
        for place, (way, button) in enumerate(self.ways.items()):
            group.addButton(button, place)
            choices.addWidget(button)
            self._pages.addWidget(self._page(way))
        group.idToggled.connect(self._chosen)
        self.ways["browser"].setChecked(True)
        region = QHBoxLayout()
        region.addWidget(self._caption("Region"))
        region.addWidget(self.region, 1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(12)
        rows.addLayout(choices)
        rows.addLayout(region)
        rows.addWidget(self._pages)
        buttons = QHBoxLayout()
        for push in (self.test_button, self.connect_button):
            push.setAutoDefault(False)
            buttons.addWidget(push)
        buttons.addWidget(self.answered, 1)
        self.connect_button.setProperty("look", "primary")
        self.answered.setProperty("role", "dim")
        self.answered.setFont(self._theme.font(Role.SENTENCE))
        rows.addLayout(buttons)
        rows.addWidget(self.report)
        rows.addStretch(1)
        self.test_button.clicked.connect(self.run_test)
        self.connect_button.clicked.connect(self._connect)
        self.region.activated.connect(lambda _index: self._edited())

    def _page(self, way: LongportWay) -> QWidget:
        page = QWidget(self)
        rows = QVBoxLayout(page)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(5)
        fields = {"browser": (self.client_id,), "key": (self.key, self.secret, self.token)}.get(way, ())
        for edit in fields:
            rows.addWidget(self._caption(edit.accessibleName()))
            rows.addWidget(edit)
        hints = {"browser": _BROWSER_HINT, "key": _KEY_HINT}
        hint = self._caption(hints.get(way) or self._access.environment_words())
        hint.setWordWrap(True)
        rows.addWidget(hint)
        rows.addStretch(1)
        return page

    def _caption(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setProperty("role", "dim")
        label.setFont(self._theme.font(Role.CAPTION))
        return label

    def _chosen(self, place: int, checked: bool) -> None:
        if checked:
            self._pages.setCurrentIndex(place)
            self._edited()

    @property
    def way(self) -> LongportWay:
        """The way chosen."""
        return next(way for way, button in self.ways.items() if button.isChecked())

    def entry(self) -> LongportEntry | None:
        """What is filled in; None, with the fault said, where something is missing."""
        settings = msgspec.structs.replace(self._settings, region=self.region.currentData())
        if self.way != "key":
            return LongportEntry(self.way, settings, self.client_id.text().strip() if self.way == "browser" else "")
        texts = [edit.text().strip() for edit in (self.key, self.secret, self.token)]
        missing = [
            edit.accessibleName()
            for edit, text in zip((self.key, self.secret, self.token), texts, strict=True)
            if not text
        ]
        if missing:
            self.report.say(f"{missing[0]} is missing.", "All three come from Longport's developer page.", trouble=True)
            return None
        return LongportEntry("key", settings, "", *texts)

    def run_test(self) -> None:
        """Ask once."""
        entry = self.entry()
        if entry is not None:
            self._begin("waiting for the browser …" if self.way == "browser" else "asking Longport …")
            self._cancel = self._start(lambda: self._access.test(entry), self._tested, self._failed)

    def rest(self) -> None:
        """Drop what is running."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        for button in (self.test_button, self.connect_button):
            button.setEnabled(True)

    def said(self) -> str:
        """The answer on screen."""
        return self.report.said()

    def _begin(self, text: str) -> None:
        self.rest()
        self.report.hide()
        for button in (self.test_button, self.connect_button):
            button.setEnabled(False)
        self.answered.setText(text)

    def _tested(self, report: ConnectionReport) -> None:
        self._cancel = None
        self.rest()
        self.answered.setText(f"answered in {report.seconds:.1f} s")
        self.report.say(report.title, report.advice, trouble=not report.usable)

    def _failed(self, error: Exception) -> None:
        self._cancel = None
        self.rest()
        self.answered.setText("")
        text = error_sentence(error) if isinstance(error, CapflowError) else str(error)
        self.report.say("That did not work.", text, trouble=True)

    def _edited(self) -> None:
        self.rest()
        self.answered.setText("")
        self.report.hide()

    def _connect(self) -> None:
        entry = self.entry()
        if entry is not None:
            self._begin("waiting for the browser …" if self.way == "browser" else "keeping the credentials …")
            self._cancel = self._start(
                lambda: self._access.keep(entry), lambda _kept: self._kept(entry.settings), self._failed
            )

    def _kept(self, settings: LongportSettings) -> None:
        self._cancel = None
        self.rest()
        for edit in (self.key, self.secret, self.token):
            edit.clear()
        self.connect_requested.emit(settings)
