"""The Quality tab: how often a session was polled, what was revised, not watched or flagged."""

from __future__ import annotations

from math import ceil
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTableView, QWidget

from capflow_gui.archive.quality import quality_of
from capflow_gui.domain.money import stated_currency
from capflow_gui.present.language.texts import _
from capflow_gui.present.numbers import full_day
from capflow_gui.present.recorded_words import (
    QUALITY_HEADERS,
    no_quality,
    nothing_happened,
    quality_rows,
    quality_summary,
    quality_table,
)
from capflow_gui.ui import shapes
from capflow_gui.ui.help.hover import QUALITY_FIGURES, explain_table
from capflow_gui.ui.layouts import NO_MARGINS, set_header_font, stacked, text_label
from capflow_gui.ui.ports import RecordedSession
from capflow_gui.ui.theme import Face, Role, Theme

ROW_HEIGHT = 32
HEADER_HEIGHT = 28
_LEAD, _LEFT = 18, 12
_FIGURES = (2, 3)
_PART = " · "
Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()


class QualityModel(QAbstractTableModel):
    """Rows of texts, as QUALITY_HEADERS."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[tuple[str, ...]] = []

    def show_rows(self, rows: list[tuple[str, ...]]) -> None:
        """Replace them, where they differ."""
        if rows != self.rows:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """One a revision, gap or flagged line."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """See QUALITY_HEADERS."""
        return 0 if parent.isValid() else len(QUALITY_HEADERS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell says."""
        if not index.isValid():
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.rows[index.row()][index.column()]
        return _alignment(index.column()) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Column names."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < self.columnCount():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _(QUALITY_HEADERS[section])
        return _alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in _FIGURES else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _in_lines(said: str, face: Face, room: float) -> list[str]:
    """A sentence of parts in one line, or in two that break between parts; what has no room in them is elided."""
    if face.width(said) <= room:
        return [said]
    parts = said.split(_PART)
    count = max((n for n in range(1, len(parts)) if face.width(_PART.join(parts[:n])) <= room), default=1)
    return [face.elided(_PART.join(each), room) for each in (parts[:count], parts[count:]) if each]


class _Table(QTableView):
    """The table, with a ring around it while keys go to it."""

    accent: QColor | None = None

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus() and self.accent is not None:
            shapes.draw_focus_ring(QPainter(self.viewport()), self.viewport().rect().toRectF(), self.accent)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text():  # no search among the rows: single keys are the window's
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.selectionModel().hasSelection() and self.model().rowCount():
            self.selectRow(0)


class QualityPage(QWidget):
    """The quality of one session: a line, and a table of what happened."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._said = ""
        self._shown: RecordedSession | None = None
        self.rows = QualityModel(self)
        self.line = text_label("", self, role="dim")
        self.table = _Table(self)
        self.table.setModel(self.rows)
        explain_table(self.table, lambda: QUALITY_FIGURES)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        self.table.setFrameShape(QTableView.Shape.NoFrame)
        self.table.setTabKeyNavigation(False)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.setAccessibleName(_("Quality"))
        self.table.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)  # single keys are commands here
        self._nothing = text_label("", self.table, role="dim")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        stacked(self.line, (self.table, 1), of=self, margins=NO_MARGINS, spacing=0)
        self.setFocusProxy(self.table)
        self.set_theme(theme)
        self.show_session(None)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self.line.setFont(theme.font(Role.SENTENCE))
        self.line.setContentsMargins(_LEAD, 0, _LEAD, 0)
        self.table.accent = theme.accent
        self.table.setFont(theme.font(Role.CELL))
        self.table.verticalHeader().setMinimumSectionSize(20)
        self.table.verticalHeader().setDefaultSectionSize(theme.px(ROW_HEIGHT))
        self.table.horizontalHeader().setFixedHeight(theme.px(HEADER_HEIGHT))
        self.table.setStyleSheet(
            f"QTableView::item {{ padding: 0 {_LEFT - 3}px; border-bottom: 1px solid {theme.line.name()}; }}"
            f"QTableView::item:first {{ padding-left: {_LEAD - 3}px; }}"
            f"QHeaderView::section {{ padding: 0 {_LEFT}px; }}QHeaderView::section:first {{ padding-left: {_LEAD}px; }}"
        )
        set_header_font(self.table.horizontalHeader(), theme.font(Role.CAPTION))
        self._fit()

    def show_session(self, session: RecordedSession | None) -> None:
        """Show a recorded session's quality; None where nothing of it is recorded."""
        if session is self._shown and self._said:
            return
        self._shown = session
        if session is None:
            self._said = no_quality()
            self.rows.show_rows([])
        else:
            summary = session.summary
            quality = quality_of(summary, session.series, session.states, session.gaps)
            currency, assumed = stated_currency(summary.key.symbol)
            # Of revised and flagged lines; gaps have times in the same columns.
            money = _("Amount in {currency}").format(currency=f"{currency}?" if assumed else currency)
            said = f"{summary.key.symbol} · {full_day(summary.key.session)} · {quality_summary(quality)}"
            self._said = f"{said} · {money}"
            self.rows.show_rows(quality_rows(quality, summary.day))
        self.table.horizontalHeader().setHidden(not self.rows.rows)
        self._nothing.setVisible(session is not None and not self.rows.rows)
        if session is not None:
            self._nothing.setText(nothing_happened(journal=session.summary.journal))
        self.line.setToolTip(self._said)
        self._fit()

    @property
    def count(self) -> int | None:
        """How many things happened; None for nothing."""
        return len(self.rows.rows) or None

    def copy(self) -> str:
        """The table as text with a header, on the clipboard too; every row says whose session it is of."""
        text = "" if self._shown is None else quality_table(self._shown.summary, self.rows.rows)
        QApplication.clipboard().setText(text)
        return text

    def whole_rows(self, height: int) -> int:
        """The most pixels up to `height` that show no part of a row."""
        above, row = self.line.height() + self._theme.px(HEADER_HEIGHT), self._theme.px(ROW_HEIGHT)
        body = height - above
        return height - body % row if body > 0 else height

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The last column takes what is left."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        face = self._theme.face(Role.SENTENCE)
        self._nothing.setGeometry(self.table.rect())
        room = self.width() - 2 * _LEAD - 2
        lines = _in_lines(self._said, face, room)
        self.line.setText("\n".join(lines))
        self.line.setFixedHeight(self._theme.px(ROW_HEIGHT) + ceil(face.height) * (len(lines) - 1))
        cell, caption = self._theme.face(Role.CELL), self._theme.face(Role.CAPTION)
        widths = [
            ceil(max([caption.width(_(name)), *(cell.width(row[place]) for row in self.rows.rows)])) + 2 * _LEFT + 12
            for place, name in enumerate(QUALITY_HEADERS)
        ]
        widths[0] += _LEAD - _LEFT
        widths[-1] = max(self.width() - sum(widths[:-1]), widths[-1])
        for place, width in enumerate(widths):
            self.table.setColumnWidth(place, width)
