"""What many pasted words were understood as, before anything is added."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QPlainTextEdit, QTableWidget, QTableWidgetItem, QWidget

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.symbols import LONG_TEXT, TypedSymbols, read_in_steps, read_symbols
from capflow_gui.errors import InvalidInput
from capflow_gui.present.language.texts import N_, _, ngettext
from capflow_gui.present.names import shortened
from capflow_gui.present.numbers import counted
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.sentences import suggestion_words
from capflow_gui.ui.dialogs.sheets import Sheet, is_typed
from capflow_gui.ui.late import InTurns
from capflow_gui.ui.layouts import beside, push_button, stacked, text_label
from capflow_gui.ui.theme import Theme

_COLUMNS = (N_("Typed"), N_("Understood as"))
_LEAST_ROWS = 4  # the table scrolls by itself; the sheet need not as well
_LONGEST = 24  # letters of a word: a code has fewer, and one of hundreds would leave no room for the second column
_LONG_CODE = re.compile(rf"[0-9A-Za-z.:_-]{{{_LONGEST + 1},}}")  # as a reason quotes it
_STEPS = 100  # rows or words of a long text that are read in a turn of the event loop
_MOST_ROWS = 200  # a whole page that was pasted is not looked at word by word


class PastedSheet(Sheet):
    """Emits `chosen` with the symbols that are new where they are to be added. The text can be corrected.

    typed   what the text was read as; None: it is long, and read here in turns
    names   the symbols of the list, with their names
    group   where they are to be added; None is the list
    held    what is there already
    """

    chosen = Signal(list)

    takes_input = True

    def __init__(
        self,
        text: str,
        typed: TypedSymbols | None,
        names: Mapping[Symbol, str],
        theme: Theme,
        parent: QWidget | None = None,
        *,
        group: str | None,
        held: Collection[Symbol],
    ) -> None:
        where = _("the list") if group is None else group
        super().__init__(_("Add symbols to {where}").format(where=where), theme, parent, (640, 520))
        self._names, self._theme, self._group, self._held = names, theme, group, held
        self._new: list[Symbol] = []
        self.text = QPlainTextEdit(text, self)
        self.text.setAccessibleName(_("Pasted text"))
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(theme.px(84))
        self.table = QTableWidget(0, len(_COLUMNS), self)
        self.table.setAccessibleName(_("What was understood"))
        self.table.setHorizontalHeaderLabels([_(name) for name in _COLUMNS])
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        self.table.setMinimumHeight(theme.px(28 * _LEAST_ROWS))
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self._fitting = QTimer(self)  # rows that are fitted while columns still change are fitted to a width there was
        self._fitting.setSingleShot(True)
        self._fitting.timeout.connect(self.table.resizeRowsToContents)
        header.sectionResized.connect(lambda *_sizes: self._fitting.start(0))
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.said = text_label("", self, role="dim", wrap=True)
        self.add_button = push_button(_("Add"), self, "primary")
        cancel = push_button(_("Cancel"), self)
        cancel.clicked.connect(self.reject)
        self.add_button.clicked.connect(self._accept)
        self.fill(stacked(self.text, (self.table, 1), self.said, spacing=12), beside(None, cancel, self.add_button))
        self._reading = InTurns(self)
        self.text.textChanged.connect(self._read)
        if typed is None:
            self._read()
        else:
            self._show(typed)

    def _read(self) -> None:
        """Read the text; what was being read before is of no more use."""
        text = self.text.toPlainText()
        if len(text) <= LONG_TEXT:
            self._reading.stop()
            self._show(read_symbols(text))
            return
        self._new = []
        self.said.setText(_("Reading what was pasted…"))
        self.add_button.setEnabled(False)
        self._reading.begin(self._read_in_turns(text))

    def _read_in_turns(self, text: str) -> Iterator[None]:
        steps = read_in_steps(text)
        while True:
            try:
                for _step in range(_STEPS):
                    next(steps)
            except StopIteration as end:
                self._show(end.value)
                return
            yield

    def _show(self, typed: TypedSymbols) -> None:
        read = typed.read
        seen: set[Symbol] = set()
        self._new = []
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)  # else every item has both columns measured anew
        more = len(read) - _MOST_ROWS
        self.table.setRowCount(min(len(read), _MOST_ROWS + 1))
        if more > 0:
            self.table.setItem(_MOST_ROWS, 0, QTableWidgetItem(""))
            self.table.setItem(_MOST_ROWS, 1, QTableWidgetItem(_("and {more} more").format(more=more)))
        for row, (word, found) in enumerate(read):
            if isinstance(found, InvalidInput):
                if row >= _MOST_ROWS:
                    continue
                hint = suggestion_words(found)
                told, color = (
                    _("no symbol: {why}{x}").format(why=reason_words(found.reason), x=f"; {hint}" if hint else ""),
                    self._theme.alert_text,
                )
            else:
                state = self._state(found, twice=found in seen)
                told, color = f"{found} {self._names.get(found, '')}".rstrip() + f" · {state}", self._theme.text
                seen.add(found)
            if row < _MOST_ROWS:
                meant = QTableWidgetItem(_LONG_CODE.sub(lambda code: shortened(code[0], _LONGEST), told))
                meant.setForeground(color)
                self.table.setItem(row, 0, QTableWidgetItem(shortened(word, _LONGEST)))
                self.table.setItem(row, 1, meant)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self._fitting.start(0)
        known = len(seen) - len(self._new)
        parts = [_("{symbols} to add").format(symbols=counted(len(self._new), "symbol"))]
        if known:
            there = _("{count} on the list already") if self._group is None else _("{count} in {group} already")
            parts.append(there.format(count=known, group=self._group))
        faults = sum(isinstance(found, InvalidInput) for __, found in read)
        if faults:
            parts.append(ngettext("{count} no symbol", "{count} no symbols", faults).format(count=faults))
        self.said.setText(" · ".join(parts))
        self.add_button.setText(
            _("Add {symbols}").format(symbols=counted(len(self._new), "symbol")) if self._new else _("Add")
        )
        self.add_button.setEnabled(bool(self._new))
        if not is_typed(self.text):
            self.add_button.setFocus()

    def _state(self, symbol: Symbol, *, twice: bool) -> str:
        if twice:
            return _("a second time")
        if symbol in self._held:
            return (
                _("on the list already") if self._group is None else _("in {group} already").format(group=self._group)
            )
        self._new.append(symbol)
        return _("new") if symbol not in self._names else _("on the list already, new here")

    def _accept(self) -> None:
        self.chosen.emit(self._new)
        self.accept()
