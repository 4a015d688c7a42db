"""The program's log: what was written to it today, and what is being written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QItemSelection, QSize
from PySide6.QtGui import QFontDatabase, QHideEvent, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QCheckBox, QLineEdit, QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.present.panels import log_words
from capflow_gui.present.sentences import error_sentence
from capflow_gui.ui.choice import Choice
from capflow_gui.ui.fitting import WholeLines
from capflow_gui.ui.layouts import beside, push_button, stacked, text_label
from capflow_gui.ui.log.model import LogModel
from capflow_gui.ui.ports import LogFile, LogPart, LogPlace, Start
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.window.detail_table import LEAD, PADDING, DetailTable, WholeRows

# The least and the most each column but the last takes at 100 %.
_WIDTHS = ((92, 130), (60, 90), (90, 220))
_MEASURED = 60
_LEAST_WHAT = 200
_BETWEEN, _SIDE = 10, 18


class LogTable(DetailTable):
    """The entries; several can be chosen."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.entries = LogModel(theme)
        super().__init__(self.entries, _("Program log"), log_words.nothing_found(), theme, parent)
        self.entries.setParent(self)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts; rows are low."""
        self.entries.theme = theme
        super().set_theme(theme)
        self.verticalHeader().setDefaultSectionSize(theme.px(22))

    def say(self, text: str) -> None:
        """What is said where no entry is shown."""
        self._nothing.setText(text)

    def fit(self) -> None:
        """Other entries."""
        self._fit()

    def fit_columns(self, room: int) -> None:
        """Columns as wide as what the newest entries say; the text has the rest."""
        rows = [log_words.cells(line.at, line.level, line.name, line.text) for line in self.entries.lines[-_MEASURED:]]
        widths = [
            self.width_for(name, (row[place] for row in rows), limits, LEAD - PADDING if not place else 0)
            for place, (name, limits) in enumerate(zip(log_words.headers(), _WIDTHS, strict=False))
        ]
        missing = max(self._theme.px(_LEAST_WHAT) - (room - sum(widths)), 0)
        widths[-1] = max(widths[-1] - missing, min(widths[-1], self._theme.px(_WIDTHS[-1][0])))
        for place, width in enumerate(widths):
            self.setColumnWidth(place, width)
        self.setColumnWidth(len(widths), max(room - sum(widths), self._theme.px(_LEAST_WHAT)))


def _wide(*parts: QWidget) -> int:
    """How wide controls beside each other have to be, in pixels."""
    wide = sum(max(each.minimumSizeHint().width(), each.minimumWidth()) for each in parts)
    return wide + _BETWEEN * (len(parts) - 1)


class LogView(QWidget):
    """Reads what was added to the log when `refresh` is called: once a second while it is looked at."""

    def __init__(
        self,
        log: LogFile | None,
        start: Start,
        open_page: Callable[[str], bool],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._log, self._start = log, start
        self._place: LogPlace | None = None
        self._cancel: Callable[[], None] | None = None
        self.words = QLineEdit(self)
        self.words.setPlaceholderText(_("Words to look for"))
        self.words.setAccessibleName(_("Words to look for in the log"))
        self.words.setClearButtonEnabled(True)
        self.level = Choice(self)
        self.level.setAccessibleName(_("Which entries are shown"))
        for level in log_words.LEVELS:
            self.level.addItem(log_words.level_name(level), level)
        self.level.setCurrentIndex(1)
        self.follow = QCheckBox(_("Follow"), self)
        self.follow.setChecked(True)
        self.copy_button = push_button(_("Copy"), self)
        self.folder_button = push_button(_("Open folder"), self)
        self.folder_button.setEnabled(log is not None)
        self.table = LogTable(theme, self)
        self.whole = WholeLines(self)
        self.whole.setAccessibleName(_("The chosen entry"))
        self._said = text_label("", self, role="dim", wrap=True)
        self._top = beside((self.words, 1), self.level, *self._acts, spacing=_BETWEEN)
        self._below = beside(None, spacing=_BETWEEN)
        head = stacked(self._top, self._below, spacing=8)
        parts = (head, 8, (WholeRows(self.table), 3), (self.whole, 1), 6, self._said)
        stacked(*parts, of=self, margins=(_SIDE, 8, _SIDE, 12), spacing=0)
        self.whole.hide()
        self._connect(open_page)
        self.set_theme(theme)
        if log is None:
            self.table.say(log_words.no_log())

    def _connect(self, open_page: Callable[[str], bool]) -> None:
        bar = self.table.verticalScrollBar()
        bar.rangeChanged.connect(self._scroll)
        bar.valueChanged.connect(self._scrolled)
        self.follow.toggled.connect(self._scroll)
        self.words.textChanged.connect(self._filter)
        self.level.currentIndexChanged.connect(self._filter)
        self.copy_button.clicked.connect(self.copy)
        self.folder_button.clicked.connect(lambda: self._log is not None and open_page(self._log.folder))
        self.table.selectionModel().selectionChanged.connect(self._show_whole)

    @property
    def _acts(self) -> tuple[QWidget, ...]:
        return self.follow, self.copy_button, self.folder_button

    def _arrange(self) -> None:
        """Put what is pressed below the search where there is no room beside it."""
        needed = _wide(self.words, self.level, *self._acts) + 2 * _SIDE
        wanted, other = (self._top, self._below) if needed <= self.width() else (self._below, self._top)
        if wanted.indexOf(self.follow) < 0:
            for each in self._acts:
                other.removeWidget(each)
                wanted.addWidget(each)

    def minimumSizeHint(self) -> QSize:
        """As narrow as two lines of controls are."""
        wide = max(_wide(self.words, self.level), _wide(*self._acts)) + 2 * _SIDE
        return QSize(wide, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may have room for all controls in a line."""
        super().resizeEvent(event)
        self._arrange()

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self.table.set_theme(theme)
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPointSizeF(theme.font(Role.CAPTION).pointSizeF())
        self.whole.setFont(fixed)
        self._said.setFont(theme.font(Role.SENTENCE))
        self.follow.setMinimumWidth(self.follow.sizeHint().width() + theme.px(4))  # else its last letter is cut
        self._arrange()

    def refresh(self) -> None:
        """Read on, unless that is being done."""
        if self._log is not None and self._cancel is None:
            log, place = self._log, self._place
            self._cancel = lambda: None  # a job may be done before it is known how to cancel it
            cancel = self._start(lambda: log.read(place), self._take, self._failed)
            if self._cancel is not None:
                self._cancel = cancel

    def _take(self, part: LogPart) -> None:
        self._cancel, self._place = None, part.place
        follows, bar = self.follow.isChecked(), self.table.verticalScrollBar()
        at = bar.value()
        gone = self.table.entries.add(part.lines, cut=part.cut)
        if gone and not follows:  # what is looked at stays where it is
            bar.setValue(at - gone)
        self.table.say(log_words.nothing_found())
        self._say()

    def _failed(self, error: Exception) -> None:
        self._cancel, self._place = None, None
        self.table.entries.clear()
        self.table.say(error_sentence(error))
        self.table.fit()
        self._said.setText(error_sentence(error))

    def _filter(self) -> None:
        follows = self.follow.isChecked()
        self.table.entries.show_only(self.level.currentData(), self.words.text().split())
        self.follow.setChecked(follows)
        self._say()

    def _scroll(self) -> None:
        if self.follow.isChecked():
            self.table.scrollToBottom()

    def _scrolled(self, value: int) -> None:
        """Who looks at older entries stays there; at the end, what comes is followed."""
        self.follow.setChecked(value >= self.table.verticalScrollBar().maximum())

    def _say(self) -> None:
        entries = self.table.entries
        self.table.fit()
        self._said.setText(log_words.summary(entries.rowCount(), entries.known, cut=entries.cut))
        self._scroll()

    def _show_whole(self, _chosen: QItemSelection, _before: QItemSelection) -> None:
        rows = self.table.selectionModel().selectedRows()
        self.whole.setVisible(len(rows) == 1)
        if len(rows) == 1:
            self.follow.setChecked(False)
            self.whole.setPlainText(self._line(rows[0].row()))

    def _line(self, row: int) -> str:
        line = self.table.entries.lines[row]
        return log_words.line_of(line.at, line.level, line.name, line.text)

    def copy(self) -> str:
        """The chosen entries, else all that are shown, on the clipboard."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        text = "\n".join(map(self._line, rows or range(self.table.entries.rowCount())))
        QApplication.clipboard().setText(text)
        return text

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy what is chosen."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody waits for what is being read."""
        super().hideEvent(event)
        cancel, self._cancel = self._cancel, None
        if cancel is not None:
            cancel()

    def state(self) -> dict[str, Any]:
        """What is chosen in it."""
        return {"level": self.level.currentData(), "words": self.words.text(), "follow": self.follow.isChecked()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Choose it again; what cannot be understood stays as it is."""
        if state.get("level") in log_words.LEVELS:
            self.level.setCurrentIndex(log_words.LEVELS.index(state["level"]))
        if isinstance(state.get("words"), str):
            self.words.setText(state["words"][:200])
        if isinstance(state.get("follow"), bool):
            self.follow.setChecked(state["follow"])
