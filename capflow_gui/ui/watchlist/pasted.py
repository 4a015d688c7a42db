"""What many pasted words were understood as, before anything is added."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QPlainTextEdit, QTableWidget, QTableWidgetItem, QWidget

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.symbols import read_symbols
from capflow_gui.errors import InvalidInput
from capflow_gui.present.numbers import counted
from capflow_gui.present.reasons import reason_words
from capflow_gui.present.sentences import suggestion_words
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.layouts import beside, push_button, stacked, text_label
from capflow_gui.ui.theme import Theme

_COLUMNS = ("Typed", "Understood as")
_ROWS_SHOWN = 10


class PastedSheet(Sheet):
    """Emits `chosen` with the symbols that are new where they are to be added. The text can be corrected.

    names   the symbols of the list, with their names
    group   where they are to be added; None is the list
    held    what is there already
    """

    chosen = Signal(list)

    def __init__(
        self,
        text: str,
        names: Mapping[Symbol, str],
        theme: Theme,
        parent: QWidget | None = None,
        *,
        group: str | None,
        held: Collection[Symbol],
    ) -> None:
        where = "the list" if group is None else group
        super().__init__(f"Add symbols to {where}", theme, parent, (640, 520))
        self._names, self._theme, self._group, self._held = names, theme, group, held
        self._new: list[Symbol] = []
        self.text = QPlainTextEdit(text, self)
        self.text.setAccessibleName("Pasted text")
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(theme.px(84))
        self.table = QTableWidget(0, len(_COLUMNS), self)
        self.table.setAccessibleName("What was understood")
        self.table.setHorizontalHeaderLabels(_COLUMNS)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        self.table.setMinimumHeight(theme.px(28 * _ROWS_SHOWN))
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        header.sectionResized.connect(lambda *_sizes: self.table.resizeRowsToContents())
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.said = text_label("", self, role="dim", wrap=True)
        self.add_button = push_button("Add", self, "primary")
        cancel = push_button("Cancel", self)
        cancel.clicked.connect(self.reject)
        self.add_button.clicked.connect(self._accept)
        self.fill(stacked(self.text, (self.table, 1), self.said, spacing=12), beside(None, cancel, self.add_button))
        self.text.textChanged.connect(self._read)
        self._read()
        self.add_button.setFocus()

    def _read(self) -> None:
        read = read_symbols(self.text.toPlainText()).read
        seen: set[Symbol] = set()
        self._new = []
        self.table.setRowCount(len(read))
        for row, (word, found) in enumerate(read):
            if isinstance(found, InvalidInput):
                hint = suggestion_words(found)
                told, color = (
                    f"no symbol: {reason_words(found.reason)}{f'; {hint}' if hint else ''}",
                    self._theme.alert_text,
                )
            else:
                state = self._state(found, twice=found in seen)
                told, color = f"{found} {self._names.get(found, '')}".rstrip() + f" · {state}", self._theme.text
                seen.add(found)
            meant = QTableWidgetItem(told)
            meant.setForeground(color)
            self.table.setItem(row, 0, QTableWidgetItem(word))
            self.table.setItem(row, 1, meant)
        self.table.resizeRowsToContents()
        known = len(seen) - len(self._new)
        where = "on the list" if self._group is None else f"in {self._group}"
        parts = [f"{counted(len(self._new), 'symbol')} to add"]
        parts += [f"{known} {where} already"] if known else []
        faults = sum(isinstance(found, InvalidInput) for _, found in read)
        parts += [f"{faults} no {'symbol' if faults == 1 else 'symbols'}"] if faults else []
        self.said.setText(" · ".join(parts))
        self.add_button.setText(f"Add {counted(len(self._new), 'symbol')}" if self._new else "Add")
        self.add_button.setEnabled(bool(self._new))

    def _state(self, symbol: Symbol, *, twice: bool) -> str:
        if twice:
            return "a second time"
        if symbol in self._held:
            return "on the list already" if self._group is None else f"in {self._group} already"
        self._new.append(symbol)
        return "new" if symbol not in self._names else "on the list already, new here"

    def _accept(self) -> None:
        self.chosen.emit(self._new)
        self.accept()
