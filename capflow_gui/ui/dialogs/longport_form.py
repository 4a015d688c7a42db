"""The ways into Longport: signed in already, the browser, an app key, the environment; and a test that answers."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QButtonGroup, QLabel, QLineEdit, QPushButton, QRadioButton, QWidget

from capflow_gui.domain.typed.text import folded
from capflow_gui.present.connection_words import answered_in
from capflow_gui.present.language.texts import N_, _
from capflow_gui.present.sentences import error_sentence
from capflow_gui.settings import LongportSettings
from capflow_gui.ui.choice import Choice
from capflow_gui.ui.dialogs.answer_box import AnswerBox
from capflow_gui.ui.layouts import NO_MARGINS, beside, stacked, text_label
from capflow_gui.ui.ports import ConnectionReport, LongportAccess, LongportEntry, LongportStanding, LongportWay, Start
from capflow_gui.ui.theme import Role, Theme

_WAYS: tuple[tuple[LongportWay, str], ...] = (
    ("kept", N_("As signed in already")),
    ("browser", N_("Sign in with the browser")),
    ("key", N_("App key and token")),
    ("environment", N_("Environment variables")),
)
_REGIONS = (
    ("global", N_("Global")),
    ("mainland", N_("Mainland China")),
    ("custom", N_("Own addresses, in the settings file")),
)
_BROWSER_HINT = N_("Longport's page opens in your browser; come back when it says that you are signed in.")
_KEY_HINT = N_("From Longport's developer page.")
_KEPT = N_("Kept in this computer's keyring, and nowhere else.")
_HELD = N_("This computer has no keyring: Capflow keeps this until it ends, and asks again at its next start.")
_KINDS = {"browser": N_("Signed in with the browser."), "key": N_("Signed in with an app key and token.")}


class LongportForm(QWidget):
    """`connect_requested` carries the LongportSettings once the secrets are kept.

    `stood` carries how Capflow is signed in (a LongportStanding) once that is known.
    """

    connect_requested = Signal(object)
    stood = Signal(object)

    def __init__(
        self,
        settings: LongportSettings,
        access: LongportAccess,
        start: Start,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        anew: bool = False,
    ) -> None:
        """`anew`: what Capflow is signed in with does not work any more."""
        super().__init__(parent)
        self._settings = settings
        self._access = access
        self._start = start
        self._theme = theme
        self._anew = anew
        self._cancel: Callable[[], None] | None = None
        self._asked_standing = self._chose = False
        self._hints: dict[LongportWay, QLabel] = {}
        self._forget: Callable[[], None] | None = None
        self.ways = {way: QRadioButton(_(name), self) for way, name in _WAYS}
        self.region = Choice(self)
        self.client_id = self._edit(_("Client id"), _("this app registers itself"))
        self.key = self._edit(_("App key"))
        self.secret = self._edit(_("App secret"), hidden=True)
        self.token = self._edit(_("Access token"), hidden=True)
        self.test_button = QPushButton(_("Test connection"), self)
        self.connect_button = QPushButton(_("Connect"), self)
        self.connect_button.setProperty("look", "primary")
        self.cancel_button = QPushButton(_("Cancel"), self)
        self.answered = text_label("", self, theme.font(Role.SENTENCE), "dim")
        self.report = AnswerBox(theme, self)
        self._pages: list[QWidget] = []
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
            self.region.addItem(_(name), value)
        self.region.setCurrentIndex(self.region.findData(self._settings.region))
        self.region.setAccessibleName(_("Region"))
        group = QButtonGroup(self)
        for place, (way, button) in enumerate(self.ways.items()):
            group.addButton(button, place)
            self._pages.append(self._page(way))
            self._pages[-1].hide()
        group.idToggled.connect(self._chosen)
        group.idClicked.connect(lambda _place: self._note_choice())
        self.ways["kept"].hide()
        self.ways["browser"].setChecked(True)
        self._say_hints("", "")
        choices = stacked(*self.ways.values(), spacing=4)
        region = beside(self._caption(_("Region")), (self.region, 1))
        buttons = beside(self.test_button, self.connect_button, 6, (self.answered, 1), self.cancel_button)
        parts = (choices, region, *self._pages, buttons, self.report, None)
        stacked(*parts, of=self, margins=NO_MARGINS, spacing=12)
        self.cancel_button.hide()
        self.cancel_button.clicked.connect(self._cancelled)
        self.test_button.clicked.connect(self.run_test)
        self.connect_button.clicked.connect(self._connect)
        self.region.activated.connect(lambda _index: self._edited())

    def _page(self, way: LongportWay) -> QWidget:
        page = QWidget(self)
        rows = stacked(of=page, margins=NO_MARGINS, spacing=5)
        fields = {"browser": (self.client_id,), "key": (self.key, self.secret, self.token)}.get(way, ())
        for edit in fields:
            rows.addWidget(self._caption(edit.accessibleName()))
            rows.addWidget(edit)
        hint = self._hints[way] = self._caption("")
        hint.setWordWrap(True)
        rows.addWidget(hint)
        return page

    def showEvent(self, event: QShowEvent) -> None:
        """The first time, look how Capflow is signed in: not before, since a keyring may ask for its password."""
        super().showEvent(event)
        if not self._asked_standing:
            self._asked_standing = True
            self._forget = self._start(self._access.standing, self._stands, self._unknown)

    def _stands(self, standing: LongportStanding) -> None:
        """Offer what is there already first, unless that is what fails."""
        self._say_hints(
            _(_KEPT) if standing.keyring else _(_HELD), _(_KINDS[standing.way]) if standing.way in _KINDS else ""
        )
        signed_in = standing.way in _KINDS
        self.ways["kept"].setVisible(signed_in)
        self.stood.emit(standing)
        if self._chose or self._cancel is not None or standing.way is None:
            return
        way: LongportWay = "kept" if signed_in and not self._anew else standing.way
        had_keyboard = self.window().focusWidget() in self.ways.values()
        self.ways[way].setChecked(True)
        if had_keyboard:
            self.focus_way()

    def _unknown(self, error: Exception) -> None:
        self._say_hints(error_sentence(error), "")

    def _say_hints(self, keeping: str, signed_in: str) -> None:
        said: dict[LongportWay, str] = {
            "kept": f"{signed_in} {keeping}",
            "browser": f"{_(_BROWSER_HINT)} {keeping}",
            "key": f"{_(_KEY_HINT)} {keeping}",
            "environment": self._access.environment_words(),
        }
        for way, text in said.items():
            self._hints[way].setText(text.strip())

    def _note_choice(self) -> None:
        self._chose = True

    def _caption(self, text: str) -> QLabel:
        return text_label(text, self, self._theme.font(Role.CAPTION), "dim")

    def _chosen(self, place: int, checked: bool) -> None:
        if checked:
            for each, page in enumerate(self._pages):
                page.setVisible(each == place)
            self._edited()

    @property
    def way(self) -> LongportWay:
        """The way chosen."""
        return next(way for way, button in self.ways.items() if button.isChecked())

    def entry(self) -> LongportEntry | None:
        """What is filled in; None, with the fault said, where something is missing."""
        settings = msgspec.structs.replace(self._settings, region=self.region.currentData())
        if self.way != "key":
            return LongportEntry(self.way, settings, folded(self.client_id.text()) if self.way == "browser" else "")
        texts = [folded(edit.text()) for edit in (self.key, self.secret, self.token)]
        missing = [
            edit.accessibleName()
            for edit, text in zip((self.key, self.secret, self.token), texts, strict=True)
            if not text
        ]
        if missing:
            self.report.say(
                _("{missing} is missing.").format(missing=missing[0]),
                _("All three come from Longport's developer page."),
                trouble=True,
            )
            return None
        return LongportEntry("key", settings, "", *texts)

    def run_test(self) -> None:
        """Ask once."""
        entry = self.entry()
        if entry is not None:
            self._begin(_("waiting for the browser …") if self.way == "browser" else _("asking Longport …"))
            self._cancel = self._start(lambda: self._access.test(entry), self._tested, self._failed)

    def rest(self) -> None:
        """Drop what is running. A port that was listened at is free at once."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        for button in (self.test_button, self.connect_button):
            button.setEnabled(True)
        if (
            self.window().focusWidget() is self.cancel_button
        ):  # hidden, it would give the keyboard to whatever comes next
            self.test_button.setFocus(Qt.FocusReason.OtherFocusReason)
        self.cancel_button.hide()

    def focus_way(self) -> None:
        """Give the chosen way the keyboard."""
        self.ways[self.way].setFocus(Qt.FocusReason.OtherFocusReason)

    def leave(self) -> None:
        """Drop everything: the form goes away."""
        self.rest()
        if self._forget is not None:
            self._forget()

    def said(self) -> str:
        """The answer on screen."""
        return self.report.said()

    def _begin(self, text: str) -> None:
        self.rest()
        self.report.hide()
        self.cancel_button.show()
        for button in (self.test_button, self.connect_button):
            if self.window().focusWidget() is button:
                self.cancel_button.setFocus(Qt.FocusReason.OtherFocusReason)
            button.setEnabled(False)
        self.answered.setText(text)

    def _cancelled(self) -> None:
        """The form as it was before; the browser's page may stay open, nobody listens to it any more."""
        self.rest()
        self.answered.setText("")
        self.test_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _tested(self, report: ConnectionReport) -> None:
        self._cancel = None
        self.rest()
        self.answered.setText(answered_in(report.seconds))
        self.report.say(report.title, report.advice, trouble=not report.usable)

    def _failed(self, error: Exception) -> None:
        self._cancel = None
        self.rest()
        self.answered.setText("")
        self.report.say(_("That did not work."), error_sentence(error), trouble=True)

    def _edited(self) -> None:
        self.rest()
        self.answered.setText("")
        self.report.hide()

    def _connect(self) -> None:
        entry = self.entry()
        if entry is not None:
            self._begin(_("waiting for the browser …") if self.way == "browser" else _("keeping the credentials …"))
            self._cancel = self._start(
                lambda: self._access.keep(entry), lambda _kept: self._kept(entry.settings), self._failed
            )

    def _kept(self, settings: LongportSettings) -> None:
        self._cancel = None
        self.rest()
        for edit in (self.key, self.secret, self.token):
            edit.clear()
        self.connect_requested.emit(settings)
