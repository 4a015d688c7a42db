"""What the tables of the tabs below the chart share: rows and headers, keys, focus, and the words of an empty one."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from types import NoneType

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QBrush, QColor, QFocusEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from capflow_gui.ui import shapes
from capflow_gui.ui.layouts import set_header_font, text_label
from capflow_gui.ui.theme import Role, Theme

Index = QModelIndex | QPersistentModelIndex
_WORDS, _PEN = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ForegroundRole
_ALIGN, _RIGHT = Qt.ItemDataRole.TextAlignmentRole, Qt.AlignmentFlag.AlignRight
_SELECTED, _ENABLED = QStyle.StateFlag.State_Selected, QStyle.StateFlag.State_Enabled

ROW_HEIGHT = 32
HEADER_HEIGHT = 28
LEAD, PADDING = 18, 12
_LEAST_WIDTH = 260
# What else a model may say of a cell; the style paints that.
_OTHER_ROLES = Qt.ItemDataRole.CheckStateRole, Qt.ItemDataRole.DecorationRole, Qt.ItemDataRole.FontRole


class _Cells(QStyledItemDelegate):
    """One line of text in the colour that the model gives it, also where its row is selected.

    It looks as the style sheet's cells do, and takes half as long. Any other cell is painted by the style.
    """

    def __init__(self, table: DetailTable) -> None:
        super().__init__(table)
        self._table = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """A cell."""
        table, model = self._table, index.model()
        text, pen = model.data(index, _WORDS), model.data(index, _PEN)
        is_odd = table.has_marks and any(model.data(index, role) is not None for role in _OTHER_ROLES)
        if is_odd or not isinstance(text, str) or "\n" in text or not isinstance(pen, (QColor, NoneType)):
            super().paint(painter, option, index)
            return
        theme, rect, state = table.theme, option.rect, option.state
        left, top, width, height = rect.left(), rect.top(), rect.width(), rect.height()
        if state & _SELECTED:
            painter.fillRect(rect, table.selection_color)
        painter.fillRect(left, top + height - 1, width, 1, theme.line)
        lead = LEAD if index.column() == table.first_column else PADDING
        room = width - lead - PADDING
        face = theme.face(Role.CELL)
        shown = face.elided(text, room)
        align = model.data(index, _ALIGN)
        is_right = align is not None and bool(align & _RIGHT)
        at = left + lead + (room - face.width(shown) if is_right else 0)
        painter.setFont(face.font)
        painter.setPen(pen or (theme.text if state & _ENABLED else theme.faint))
        painter.drawText(QPointF(at, top + (height - 1 - round(face.height)) // 2 + face.ascent), shown)

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Select by the background alone: a style sheet would give the text the colour of all selected rows."""
        super().initStyleOption(option, index)
        selected = QStyle.StateFlag.State_Selected
        if option.state & selected:
            option.state &= ~selected
            option.backgroundBrush = QBrush(self._table.selection_color)


class WholeRows(QVBoxLayout):
    """A table, as high as its whole rows are: scrolled to its end, it has no half row under its headers."""

    def __init__(self, table: DetailTable) -> None:
        super().__init__()
        self._table = table
        self.addWidget(table)

    def setGeometry(self, rect: QRect) -> None:
        """What is left under the last whole row stays empty."""
        super().setGeometry(QRect(rect.topLeft(), QSize(rect.width(), self._table.whole_rows(rect.height()))))


class DetailTable(QTableView):
    """Whole rows under one line of headers. A table of its own kind lays out its columns in `fit_columns`.

    Where it is `painted`, a delegate of its own paints all of a cell. One that `has_marks` has more in its cells than
    words in a colour.
    """

    has_marks = False

    def __init__(
        self,
        model: QAbstractItemModel,
        name: str,
        empty: str,
        theme: Theme,
        parent: QWidget | None,
        *,
        painted: bool = False,
    ) -> None:
        """`name` is for screen readers, `empty` what is said while there is no row."""
        super().__init__(parent)
        self._theme = theme
        self._styled: Theme | None = None  # what its style sheet is of
        self._painted = painted
        if not painted:
            self.setItemDelegate(_Cells(self))
        self._ring = False
        self._nothing = text_label(empty, self, role="dim", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setFrameShape(self.Shape.NoFrame)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.setAccessibleName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)  # single keys are commands here

    @property
    def theme(self) -> Theme:
        """Its colours and fonts."""
        return self._theme

    @property
    def first_column(self) -> int:
        """The column at the left."""
        return self.horizontalHeader().logicalIndex(0)

    @property
    def selection_color(self) -> QColor:
        """What is behind the selected row."""
        return self._theme.raised

    def fit_columns(self, room: int) -> None:
        """Give the columns their widths in `room` pixels."""
        raise NotImplementedError

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts. The same once more costs nothing: what holds it is given its theme, too, as it is made."""
        if theme is self._styled:
            return
        self._theme = self._styled = theme
        self.setFont(theme.font(Role.CELL))
        self.verticalHeader().setMinimumSectionSize(20)
        self.verticalHeader().setDefaultSectionSize(theme.px(ROW_HEIGHT))
        self.horizontalHeader().setFixedHeight(theme.px(HEADER_HEIGHT))
        cells = (
            f"QTableView::item {{ padding: 0 {PADDING - 3}px; border-bottom: 1px solid {theme.line.name()}; }}"
            f"QTableView::item:first {{ padding-left: {LEAD - 3}px; }}"
        )
        self.setStyleSheet(
            f"{'' if self._painted else cells}QHeaderView::section {{ padding: 0 {PADDING}px; }}"
            f"QHeaderView::section:first {{ padding-left: {LEAD}px; }}"
        )
        set_header_font(self.horizontalHeader(), theme.font(Role.CAPTION))
        self._fit()
        self.updateGeometry()
        self.viewport().update()

    def _fit(self) -> None:
        """Columns, and the words of an empty table in its middle."""
        self.fit_columns(self.viewport().width())
        self._nothing.setGeometry(self.rect().adjusted(LEAD, 0, -LEAD, 0))
        empty = self.model().rowCount() == 0
        self._nothing.setVisible(empty)
        self.horizontalHeader().setHidden(empty)

    def width_for(self, title: str, texts: Iterable[str], limits: tuple[int, int], room: int = 0) -> int:
        """How wide a column is in which these texts stand under `title`.

        `limits` are the least and the most at 100 %, `room` what it has besides, in pixels.
        """
        theme = self._theme
        cell, caption = theme.face(Role.CELL), theme.face(Role.CAPTION)
        needed = ceil(max([caption.width(title), *map(cell.width, texts)])) + 2 * PADDING + 4 + room
        least, most = limits
        return min(max(theme.px(least), needed), theme.px(most))

    def menu_place(self, index: QModelIndex) -> QPoint:
        """Below a row, on the screen."""
        return self.viewport().mapToGlobal(self.visualRect(index).bottomLeft() + QPoint(LEAD, 0))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin at the first row."""
        super().focusInEvent(event)
        self._ring = event.reason() is not Qt.FocusReason.MouseFocusReason
        if self._ring and not self.selectionModel().hasSelection() and self.model().rowCount():
            self.selectRow(0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, and a ring around the table while keys go to it."""
        super().paintEvent(event)
        if self._ring and self.hasFocus():
            shapes.draw_focus_ring(QPainter(self.viewport()), QRectF(self.viewport().rect()), self._theme.accent)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The widest column takes what is left."""
        super().resizeEvent(event)
        self._fit()

    def least_height(self) -> int:
        """The headers and one row."""
        return self._theme.px(HEADER_HEIGHT) + self.verticalHeader().defaultSectionSize()

    def minimumSizeHint(self) -> QSize:
        """A few words of each column."""
        return QSize(self._theme.px(_LEAST_WIDTH), self.least_height())

    def whole_rows(self, height: int) -> int:
        """The most pixels up to `height` that show no part of a row."""
        row = self.verticalHeader().defaultSectionSize()
        body = height - self._theme.px(HEADER_HEIGHT)
        return height - body % row if body > 0 else height
