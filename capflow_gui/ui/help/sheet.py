"""The `?` sheet: every key and everything the window does, made from its actions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from capflow_gui.present.language.texts import _
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.late import InTurns
from capflow_gui.ui.layouts import NO_MARGINS, beside, stacked, text_label
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.toolbar.ranking import Asked
from capflow_gui.ui.window.keys import Action, ActionScope, KeyLine, key_lines

_BETWEEN = 34  # columns
_MARGINS = 64  # of the sheet, with its scroll bar
_LINES_A_STEP = 12


class _Group(QWidget):
    """The lines of one scope under its heading."""

    def __init__(self, scope: ActionScope, lines: Sequence[KeyLine], theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._wrap = False
        self._lines = lines
        self._labels: dict[int, tuple[QLabel, QLabel]] = {}  # by row; one is made when it is first shown
        self._grid = QGridLayout()
        self._grid.setContentsMargins(*NO_MARGINS)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnMinimumWidth(0, theme.px(86))
        self._grid.setColumnStretch(1, 1)
        title = text_label(scope.title, self, theme.font(Role.CAPTION_STRONG), "faint")
        stacked(title, self._grid, of=self, margins=(0, 0, 0, 14), spacing=6)

    def wrap(self, on: bool) -> None:
        """Whether a long text goes on in the next line."""
        self._wrap = on
        for _key, text in self._labels.values():
            text.setWordWrap(on)

    def show_only(self, asked: Asked | None) -> int:
        """Show the lines that fit what is typed; where nothing is, those with a key. Returns how many."""
        count = 0
        for row, line in enumerate(self._lines):
            shown = bool(line.keys) if asked is None else _fits(asked, line)
            count += shown
            for label in self._made(row, line) if shown else self._labels.get(row, ()):
                _show(label, shown)
        _show(self, count > 0)
        return count

    def _made(self, row: int, line: KeyLine) -> tuple[QLabel, QLabel]:
        if row not in self._labels:
            key = text_label(line.keys, self, self._theme.sized_font(10, 650))
            text = text_label(line.text, self, self._theme.font(Role.CELL), "dim", wrap=self._wrap)
            for label in (key, text):
                label.setToolTip(line.what)
            text.setAccessibleDescription(line.what)
            self._grid.addWidget(key, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(text, row, 1)
            self._labels[row] = key, text
        return self._labels[row]


def _show(part: QWidget, shown: bool) -> None:
    if part.isHidden() is shown:  # Qt lays out anew even what it is told again
        part.setVisible(shown)


def _fits(asked: Asked, line: KeyLine) -> bool:
    keys = line.keys.split()
    words = f"{line.words} {line.what} {line.scope.title}"
    return any(asked.fits(line.text, key, words) for key in keys or [""])


class HelpSheet(Sheet):
    """Lists the keys by what they belong to, in as many columns as fit; typing searches all that the window does.

    It is to be opened once the steps of `make` are done.
    """

    def __init__(self, actions: Sequence[Action], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(_("Keys"), theme, parent)
        self._theme, self._actions = theme, actions
        self.search = QLineEdit(self._page)
        self.search.setPlaceholderText(_("Search keys and actions"))
        self.search.setAccessibleName(_("Search keys and actions"))
        self.search.setClearButtonEnabled(True)
        self.nothing = text_label(_("Nothing is called like that."), self._page, role="dim")
        self._searching = InTurns(self)
        self.groups: list[_Group] = []
        self._columns: list[QVBoxLayout] = []
        self._high = 1.0  # of a column, in pixels

    def make(self) -> Iterator[None]:
        """Make the lines in some steps. What is typed meanwhile is typed into the search."""
        self.search.grabKeyboard()
        try:
            made = 0
            for scope, lines in groupby(key_lines(self._actions), key=lambda line: line.scope):
                group = _Group(scope, [*lines], self._theme, self._page)
                self.groups.append(group)
                made += group.show_only(None)  # what is measured is what is shown first
                if made > _LINES_A_STEP:
                    made = 0
                    yield
            yield
            self._arrange(self._theme)
            yield from self._found(self.search.text())
        finally:
            if isValid(self.search):
                self.search.releaseKeyboard()
        self.search.textChanged.connect(self._search)
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def _arrange(self, theme: Theme) -> None:
        widest = max(group.sizeHint().width() for group in self.groups)
        room = self.screen().availableGeometry().width() - _MARGINS
        columns = max(min((room + _BETWEEN) // (widest + _BETWEEN), 3), 1)
        for group in self.groups:
            group.wrap(columns == 1)
        heights = [group.sizeHint().height() if not group.isHidden() else 0 for group in self.groups]
        self._columns = [QVBoxLayout() for _place in range(columns)]
        for side in self._columns:
            side.setSpacing(0)
            side.addStretch(1)
        self._high = sum(heights) / columns
        self._spread()
        note = text_label(
            _("Single keys work wherever no text is typed. Searching finds what has no key, too."),
            self._page,
            theme.font(Role.SENTENCE),
            "faint",
            wrap=True,
        )
        self.fill(
            stacked(
                self.search, 10, self.nothing, beside(*((side, 1) for side in self._columns), spacing=_BETWEEN), note
            )
        )

    def _spread(self) -> None:
        """Fill the columns from the left with the groups that are shown, each as high as they are without a search."""
        taken = 0.0
        for group in self.groups:
            height = 0 if group.isHidden() else group.sizeHint().height()
            side = self._columns[min(int((taken + height / 2) / self._high), len(self._columns) - 1)]
            for each in self._columns:
                each.removeWidget(group)
            side.insertWidget(side.count() - 1, group)
            taken += height

    @property
    def searching(self) -> bool:
        """Whether some of the lines are not those yet that what is typed fits."""
        return self._searching.running

    def _search(self, typed: str) -> None:
        self._searching.begin(self._found(typed))

    def _found(self, typed: str) -> Iterator[None]:
        """Show what is typed, the lines of one scope a step."""
        found = 0
        asked = Asked(typed.strip()) if typed.strip() else None
        for group in self.groups:
            found += group.show_only(asked)
            yield
        self._spread()
        _show(self.nothing, not found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc empties the search first. While the sheet is made it has only what can be typed."""
        if not self.isVisible():
            return
        if event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
        else:
            super().keyPressEvent(event)
