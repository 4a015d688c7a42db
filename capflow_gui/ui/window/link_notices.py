"""Says once what is wrong with a link where only the user can mend it, and opens the way to it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog

from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.errors import NotSignedIn
from capflow_gui.feed.board import BoardView
from capflow_gui.present.language.texts import _, one_after_other
from capflow_gui.present.longport_sentences import needs_sign_in, needs_user
from capflow_gui.present.sentences import Action, error_sentence
from capflow_gui.ui.ports import LongportAccess
from capflow_gui.ui.window.dialogs import WindowDialogs
from capflow_gui.ui.window.notice import Notice


class LinkNotices(QObject):
    """Belongs to one window. Where there is nothing to sign in with, the sign-in opens by itself, once in a run."""

    def __init__(self, board: BoardView, notice: Notice, dialogs: WindowDialogs, longport: LongportAccess) -> None:
        super().__init__(dialogs)
        self._board = board
        self._notice = notice
        self._dialogs = dialogs
        self._longport = longport
        self._said: dict[str, str] = {}

    def follow(self) -> None:
        """Look at the links."""
        for link in self._board.links:
            if link.phase is LinkPhase.READY:
                self._over(link.source)
            elif link.error is not None and needs_user(link):
                self._say(link, error_sentence(link.error))

    def _over(self, source: str) -> None:
        said = self._said.pop(source, None)
        if said is not None and self._notice.text().endswith(said):
            self._notice.dismiss()

    def _say(self, link: LinkState, text: str) -> None:
        if self._said.get(link.source) == text:
            return
        self._said[link.source] = text
        source = link.source
        if isinstance(link.error, NotSignedIn) and self._dialogs.current is None and self._longport.asks_once():
            self._dialogs.open_connection(source, on_end=lambda result: self._declined(source, text, result))
        else:
            self._offer(source, text, Action.SIGN_IN if needs_sign_in(link) else _("Connections"))

    def _declined(self, source: str, text: str, result: int) -> None:
        """The sign-in was closed without one: the source stays stopped, and says so."""
        if result != QDialog.DialogCode.Accepted:
            self._offer(source, text, Action.SIGN_IN)

    def _offer(self, source: str, text: str, action: str) -> None:
        notice = self._notice
        # What stands there about the start has not been read yet.
        before = "" if notice.text() in self._said.values() else notice.text()
        open_it = partial(self._dialogs.open_connection, source)
        notice.say(one_after_other((before, text)), action, open_it, stay=True)
