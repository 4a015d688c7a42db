"""The problem report before it is saved: every text of it can be read, and nothing leaves this computer by itself."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from capflow_gui.errors import CapflowError
from capflow_gui.present.language.texts import N_, _
from capflow_gui.present.sentences import error_sentence
from capflow_gui.ui.dialogs.answer_box import AnswerBox
from capflow_gui.ui.dialogs.files import ask_for_place
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.fitting import WholeLines
from capflow_gui.ui.layouts import beside, push_button, stacked, text_label
from capflow_gui.ui.ports import ProblemReports, ReportDraft, Start
from capflow_gui.ui.theme import Role, Theme

_INTRO = N_(
    "This is all the file will hold. Nothing is sent anywhere: save it, read it, and give it "
    "to whom you like. Tokens, keys and account numbers are left out; the symbols you watch "
    "and your thresholds are not."
)


class ReportSheet(Sheet):
    """Collects when it opens, shows, and saves where the user says."""

    def __init__(self, reports: ProblemReports, start: Start, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(_("Problem report"), theme, parent, (860, 560))
        self._reports = reports
        self._start = start
        self._theme = theme
        self._draft: ReportDraft | None = None
        self._cancel: Callable[[], None] | None = None
        self.intro = text_label(_(_INTRO), self, theme.font(Role.SENTENCE), "dim", wrap=True)
        self.list = QListWidget(self)
        self.text = WholeLines(self)
        self.answer = AnswerBox(theme, self)
        self.save_button = push_button(_("Save…"), self, "primary")
        self.close_button = push_button(_("Close"), self, auto_default=False)
        self._build()
        self.list.currentRowChanged.connect(self._show_part)
        self.save_button.clicked.connect(self._choose_place)
        self.close_button.clicked.connect(self.reject)
        self.finished.connect(lambda _result: self.rest())
        self._cancel = start(reports.gather, self._gathered, self._failed)

    def _build(self) -> None:
        theme = self._theme
        self.list.setAccessibleName(_("Files of the report"))
        self.list.setFixedWidth(theme.px(150))
        self.list.setSpacing(3)
        self.text.setAccessibleName(_("Text of the file"))
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPointSizeF(theme.font(Role.SENTENCE).pointSizeF())
        self.text.setFont(fixed)
        self.text.setPlainText(_("Collecting …"))
        self.save_button.setEnabled(False)
        middle = beside(self.list, (self.text, 1), spacing=12)
        self.fill(
            stacked(self.intro, (middle, 1), self.answer, spacing=12), beside(None, self.close_button, self.save_button)
        )

    def rest(self) -> None:
        """Wait for nothing more."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def _gathered(self, draft: ReportDraft) -> None:
        self._cancel = None
        self._draft = draft
        for part in draft.parts:
            item = QListWidgetItem(part.name, self.list)
            item.setToolTip(_(part.what))
        self.list.setCurrentRow(0)
        self.save_button.setEnabled(True)

    def _show_part(self, place: int) -> None:
        if self._draft is not None:
            self.text.setPlainText(self._draft.parts[place].text)

    def _choose_place(self) -> None:
        if self._draft is None:
            return
        kinds = _("Zip archive (*.zip)")
        ask_for_place(self, _("Save the problem report"), kinds, self._draft.place, self.save_to)

    def save_to(self, path: str) -> None:
        """Save what is shown."""
        draft = self._draft
        if draft is None:
            return
        self.rest()
        self.save_button.setEnabled(False)
        self._cancel = self._start(
            lambda: self._reports.save(draft, path), lambda _none: self._saved(path), self._failed
        )

    def _saved(self, path: str) -> None:
        self._cancel = None
        self.save_button.setEnabled(True)
        self.answer.say(_("The report is saved. Nothing was sent."), path, trouble=False)

    def _failed(self, error: Exception) -> None:
        self._cancel = None
        self.save_button.setEnabled(self._draft is not None)
        advice = error_sentence(error) if isinstance(error, CapflowError) else _("Details are in the log.")
        self.answer.say(_("The report is not saved."), advice, trouble=True)
