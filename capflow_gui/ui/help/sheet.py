"""The `?` sheet: every key and everything the window does, made from its actions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.layouts import NO_MARGINS, beside, stacked, text_label
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.toolbar.ranking import fit
from capflow_gui.ui.window.keys import Action, ActionScope, KeyLine, key_lines

_BETWEEN = 34  # columns
_MARGINS = 64  # of the sheet, with its scroll bar


class _Group(QWidget):
    """The lines of one scope under its heading."""

    def __init__(self, scope: ActionScope, lines: Sequence[KeyLine], theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        title = text_label(scope.title, self, theme.font(Role.CAPTION_STRONG), "faint")
        self.lines = [(line, self._label(line, theme)) for line in lines]
        grid = QGridLayout()
        grid.setContentsMargins(*NO_MARGINS)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(5)
        for row, (_line, (key, text)) in enumerate(self.lines):
            grid.addWidget(key, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(text, row, 1)
        grid.setColumnMinimumWidth(0, theme.px(86))
        grid.setColumnStretch(1, 1)
        stacked(title, grid, of=self, margins=(0, 0, 0, 14), spacing=6)

    def _label(self, line: KeyLine, theme: Theme) -> tuple[QLabel, QLabel]:
        key = text_label(line.keys, self, theme.sized_font(10, 650))
        text = text_label(line.text, self, theme.font(Role.CELL), "dim")
        for label in (key, text):
            label.setToolTip(line.what)
        text.setAccessibleDescription(line.what)
        return key, text

    def show_only(self, typed: str) -> int:
        """Show the lines that what is typed fits; without any text, those with a key. Returns how many."""
        count = 0
        for line, labels in self.lines:
            shown = bool(line.keys) if not typed else _fits(typed, line)
            count += shown
            for label in labels:
                label.setVisible(shown)
        self.setVisible(count > 0)
        return count


def _fits(typed: str, line: KeyLine) -> bool:
    keys = line.keys.split()
    words = f"{line.words} {line.what} {line.scope.title}"
    return any(fit(typed, line.text, key, words) is not None for key in keys or [""])


class HelpSheet(Sheet):
    """Lists the keys by what they belong to, in as many columns as fit; typing searches all that the window does."""

    def __init__(self, actions: Sequence[Action], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(_("Keys"), theme, parent)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(_("Search keys and actions"))
        self.search.setAccessibleName(_("Search keys and actions"))
        self.search.setClearButtonEnabled(True)
        self.nothing = text_label(_("Nothing is called like that."), self, role="dim")
        lines = groupby(key_lines(actions), key=lambda line: line.scope)
        self.groups = [_Group(scope, [*of_scope], theme, self) for scope, of_scope in lines]
        self._arrange(theme)
        self.search.textChanged.connect(self._search)
        self._search("")
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def _arrange(self, theme: Theme) -> None:
        self._search("")  # what is measured is what is shown first
        widest = max(group.sizeHint().width() for group in self.groups)
        room = self.screen().availableGeometry().width() - _MARGINS
        columns = max(min((room + _BETWEEN) // (widest + _BETWEEN), 3), 1)
        for _line, (_key, text) in (each for group in self.groups for each in group.lines):
            text.setWordWrap(columns == 1)
        heights = [group.sizeHint().height() if not group.isHidden() else 0 for group in self.groups]
        each, sides, taken = sum(heights) / columns, [QVBoxLayout() for _place in range(columns)], 0.0
        for group, height in zip(self.groups, heights, strict=True):
            sides[min(int((taken + height / 2) / each), columns - 1)].addWidget(group)
            taken += height
        for side in sides:
            side.setSpacing(0)
            side.addStretch(1)
        note = text_label(
            _("Single keys work wherever no text is typed. Searching finds what has no key, too."),
            self,
            theme.font(Role.SENTENCE),
            "faint",
            wrap=True,
        )
        self.fill(
            stacked(self.search, 10, self.nothing, beside(*((side, 1) for side in sides), spacing=_BETWEEN), note)
        )

    def _search(self, typed: str) -> None:
        found = sum(group.show_only(typed.strip()) for group in self.groups)
        self.nothing.setVisible(not found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc empties the search first."""
        if event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
        else:
            super().keyPressEvent(event)
