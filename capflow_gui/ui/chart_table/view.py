"""A chart as a table: its rows, a sentence of what they are, and the ways out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPixmap
from PySide6.QtWidgets import QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.ui.chart_table.charted import Charted, Part, charted
from capflow_gui.ui.chart_table.model import ShownModel
from capflow_gui.ui.chart_table.tables import Table
from capflow_gui.ui.history.exports import Exports, Shown
from capflow_gui.ui.layouts import beside, push_button, stacked, text_label
from capflow_gui.ui.ports import WindowServices
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.window.detail_table import LEAD, PADDING, DetailTable, WholeRows

_WIDTHS = (60, 400)  # the least and the most of a column at 100 %
_ROW = 24
_MEASURED = 40


class ShownTable(DetailTable):
    """Rows of a chart; a table that is wider than its window scrolls."""

    def __init__(self, name: str, theme: Theme, parent: QWidget) -> None:
        self.shown = ShownModel(theme)
        super().__init__(self.shown, name, _("The chart shows no figures now."), theme, parent)
        self.shown.setParent(self)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts; rows are low."""
        self.shown.theme = theme
        super().set_theme(theme)
        self.verticalHeader().setDefaultSectionSize(theme.px(_ROW))

    def look(self, row: int, columns: Sequence[int]) -> Iterable[tuple[str, QColor | None]]:
        """The texts of a row, all in one colour."""
        words, pen = self.shown.words(row), self.shown.pen
        return [(words[column], pen) for column in columns]

    def show_table(self, table: Table | None) -> None:
        """Show it; columns get their widths where it is one of something else, or has other headers."""
        before = () if self.shown.table is None else self.shown.table.headers
        if self.shown.show_table(table) and (table is None or table.headers != before):
            self._fit()

    def fit_columns(self, room: int) -> None:
        """Columns as wide as what the newest rows say; words in the last one have the rest."""
        table = self.shown.table
        if table is None:
            return
        places, last = table.places[:_MEASURED], len(table.columns) - 1
        for at, column in enumerate(table.columns):
            more = LEAD - PADDING if not at else 0
            width = self.width_for(column.header, map(column.cell, places), _WIDTHS, more)
            self.setColumnWidth(at, width if at < last or column.figures else max(width, room))
            room -= width


class ChartTableView(QWidget):
    """Reads `part` when `refresh` is called: once a second while it is looked at."""

    def __init__(
        self,
        part: Callable[[], Part],
        simulated: Callable[[], bool],
        services: WindowServices,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._part = part
        self.theme = theme
        self._now: Charted | None = None
        self._title, self._words = text_label("", self), text_label("", self, role="dim", wrap=True)
        self.table = ShownTable(_("Figures of the chart"), theme, self)
        self.in_out = ShownTable(_("Money in and out by order size"), theme, self)
        self.copy_button = push_button(_("Copy"), self)
        self.save_button = push_button(_("Save as CSV…"), self)
        self._told = text_label("", self, role="dim", wrap=True)
        self.exports = Exports(self, self, self._told.setText, simulated, services)
        foot = beside((self._told, 1), self.copy_button, self.save_button, spacing=10)
        parts = (self._title, 2, self._words, 8, (WholeRows(self.table), 1), self.in_out, 8, foot)
        stacked(*parts, of=self, margins=(18, 0, 18, 12), spacing=0)
        self.in_out.hide()
        self.copy_button.clicked.connect(self.copy)
        self.save_button.clicked.connect(self.save)
        self.setFocusProxy(self.table)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self.theme = theme
        for table in (self.table, self.in_out):
            table.set_theme(theme)
        self._title.setFont(theme.font(Role.SENTENCE_STRONG))
        for label in (self._words, self._told):
            label.setFont(theme.font(Role.SENTENCE))

    def refresh(self) -> None:
        """Show what the chart shows now."""
        self._now = now = charted(self._part())
        self._title.setText(now.title)
        self._words.setText(now.said)
        self.table.setAccessibleDescription(now.title)
        self.table.show_table(now.table)
        self.in_out.setVisible(now.in_out is not None)
        self.in_out.show_table(now.in_out)
        if now.in_out is not None:
            rows = len(now.in_out.places) - 1
            self.in_out.setFixedHeight(self.in_out.least_height() + rows * self.theme.px(_ROW) + 2)

    def shown(self) -> Shown | None:
        """The lines of one symbol, for a file."""
        return None if self._now is None else self._now.shown()

    def pictured(self) -> tuple[QWidget, QPixmap] | None:
        """No picture: the chart itself gives one."""
        return None

    def _rows(self) -> list[tuple[str, ...]]:
        """The table that has the keyboard, else the chart's own, as it is shown."""
        shown = (self.in_out if self.in_out.hasFocus() else self.table).shown.table
        return [] if shown is None else [shown.headers, *shown.rows()]

    def copy(self) -> None:
        """Put it on the clipboard: lines of one symbol in full."""
        if self.in_out.hasFocus() or self.shown() is None:
            self.exports.copy_rows(self._rows())
        else:
            self.exports.copy_table()

    def save(self) -> None:
        """Put it in a file the user names: lines of one symbol in full."""
        if self.shown() is None:
            self.exports.save_rows(self._rows(), self._title.text())
        else:
            self.exports.save_csv()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The system's keys to copy and to save."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.Save):
            self.save()
        else:
            super().keyPressEvent(event)

    def state(self) -> dict[str, Any]:
        """Nothing is chosen in it."""
        return {}

    def restore(self, _state: Mapping[str, Any]) -> None:
        """Nothing to choose."""
