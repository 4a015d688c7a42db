"""What the tables of the tabs below the chart share: rows and headers, keys, focus, and the words of an empty one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
from PySide6.QtGui import QBrush, QColor, QFocusEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
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
from capflow_gui.ui.theme import Face, Role, Theme

Index = QModelIndex | QPersistentModelIndex
_WORDS, _PEN = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ForegroundRole
_ALIGN, _RIGHT = Qt.ItemDataRole.TextAlignmentRole, Qt.AlignmentFlag.AlignRight
_SELECTED, _ENABLED = QStyle.StateFlag.State_Selected, QStyle.StateFlag.State_Enabled

ROW_HEIGHT = 32
HEADER_HEIGHT = 28
LEAD, PADDING = 18, 12
_LEAST_WIDTH = 260
_MORE = 8  # painted rows that are kept beyond those a table shows
# What else a model may say of a cell; the style paints that.
_OTHER_ROLES = Qt.ItemDataRole.CheckStateRole, Qt.ItemDataRole.DecorationRole, Qt.ItemDataRole.FontRole


@dataclass(frozen=True, slots=True)
class _Text:
    """One line of text in a row: `at` pixels from the row's left end to its own, in the colour `pen`."""

    at: float
    words: str
    pen: QColor


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a column's cells stand: `left` is in pixels from the row's left end."""

    column: int
    left: int
    width: int
    lead: int
    to_right: bool

    def text(self, face: Face, words: str, pen: QColor) -> _Text:
        """Words in a cell, cut where there is no room."""
        room = self.width - self.lead - PADDING
        shown = face.elided(words, room)
        return _Text(self.left + self.lead + (room - face.width(shown) if self.to_right else 0), shown, pen)


def _is_right(align: object) -> bool:
    return isinstance(align, (Qt.AlignmentFlag, int)) and bool(align & _RIGHT)


def _draw(painter: QPainter, texts: Iterable[_Text], face: Face, corner: QPoint, height: int) -> None:
    """Texts of a row whose upper left corner is there, over what is behind them."""
    painter.setFont(face.font)
    left, line = corner.x(), corner.y() + (height - 1 - round(face.height)) // 2 + face.ascent
    for text in texts:
        painter.setPen(text.pen)
        painter.drawText(QPointF(left + text.at, line), text.words)


class _Cells(QStyledItemDelegate):
    """One line of text in the colour that the model gives it, also where its row is selected.

    It looks as the style sheet's cells do, and takes half as long. A cell that has a mark is painted by the style.
    """

    def __init__(self, table: DetailTable) -> None:
        super().__init__(table)
        self._table = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """A cell."""
        table, model = self._table, index.model()
        text, pen = model.data(index, _WORDS), model.data(index, _PEN)
        is_odd = any(model.data(index, role) is not None for role in _OTHER_ROLES)
        if is_odd or not isinstance(text, str) or "\n" in text or not isinstance(pen, (QColor, NoneType)):
            super().paint(painter, option, index)
            return
        theme, rect, state = table.theme, option.rect, option.state
        left, top, width, height = rect.left(), rect.top(), rect.width(), rect.height()
        if state & _SELECTED:
            painter.fillRect(rect, table.selection_color)
        painter.fillRect(left, top + height - 1, width, 1, theme.line)
        lead = LEAD if index.column() == table.first_column else PADDING
        place = _Place(index.column(), 0, width, lead, _is_right(model.data(index, _ALIGN)))
        face = theme.face(Role.CELL)
        shown = place.text(face, text, pen or (theme.text if state & _ENABLED else theme.faint))
        _draw(painter, (shown,), face, rect.topLeft(), height)

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Select by the background alone: a style sheet would give the text the colour of all selected rows."""
        super().initStyleOption(option, index)
        selected = QStyle.StateFlag.State_Selected
        if option.state & selected:
            option.state &= ~selected
            option.backgroundBrush = QBrush(self._table.selection_color)


@dataclass(slots=True)
class _Picture:
    """A row as it was painted last, up to the end of its last text, and what it was painted from."""

    places: tuple[_Place, ...]
    texts: list[_Text]
    pixmap: QPixmap


class _Rows:
    """Rows of a table that has words in a colour and nothing more: each is painted once, and blitted from then on."""

    def __init__(self) -> None:
        self._pictures: dict[tuple[object, ...], _Picture] = {}
        self._places: tuple[_Place, ...] = ()

    def forget(self) -> None:
        """Other fonts and colours: nothing that was painted can be shown again."""
        self._pictures.clear()

    def _find_places(self, table: DetailTable) -> None:
        """Where the columns stand; the same object until one stands elsewhere."""
        header, model = table.horizontalHeader(), table.model()
        columns = [header.logicalIndex(at) for at in range(header.count())]
        places = tuple(
            _Place(
                column,
                header.sectionPosition(column),
                header.sectionSize(column),
                LEAD if not at else PADDING,
                _is_right(model.data(model.index(0, column), _ALIGN)),
            )
            for at, column in enumerate(columns)
            if not header.isSectionHidden(column)
        )
        if places != self._places:
            self._places = places

    def paint(self, table: DetailTable, painter: QPainter, area: QRect) -> None:
        """The rows in an area of the table's viewport."""
        first, last = table.rowAt(area.top()), table.rowAt(area.bottom())
        if first < 0:
            return  # it is below the last row
        end = table.model().rowCount() if last < 0 else last + 1
        self._find_places(table)
        chosen = {index.row() for index in table.selectionModel().selectedRows()}
        for row in range(first, end):
            self._row(table, painter, row, selected=row in chosen)
        most = table.viewport().height() // max(table.verticalHeader().defaultSectionSize(), 1) + _MORE
        while len(self._pictures) > most:
            del self._pictures[next(iter(self._pictures))]

    def _row(self, table: DetailTable, painter: QPainter, row: int, *, selected: bool) -> None:
        places = self._places
        end = places[-1].left + places[-1].width if places else 0
        if not end:
            return
        theme, height, ratio = table.theme, table.rowHeight(row), painter.device().devicePixelRatioF()
        left, top = -table.horizontalOffset(), table.rowViewportPosition(row)
        plain = theme.text if table.isEnabled() else theme.faint
        look = tuple((words, pen or plain) for words, pen in table.look(row, [place.column for place in places]))
        key = tuple((words, pen.rgba()) for words, pen in look), selected, height, ratio
        face = theme.face(Role.CELL)
        behind = table.selection_color if selected else theme.panel
        drawn = self._pictures.pop(key, None)
        if drawn is None or drawn.places is not places:
            texts = [place.text(face, *each) for place, each in zip(places, look, strict=True) if each[0]]
            if ratio != int(ratio):  # a pixmap would lie between pixels
                painter.fillRect(left, top, end, height, behind)
                painter.fillRect(left, top + height - 1, end, 1, theme.line)
                _draw(painter, texts, face, QPoint(left, top), height)
                return
            if drawn is None or drawn.texts != texts:
                width = min(ceil(max((each.at + face.width(each.words) for each in texts), default=0)) + PADDING, end)
                pixmap = QPixmap(QSize(width, height) * ratio)
                pixmap.setDevicePixelRatio(ratio)
                pixmap.fill(behind)
                with QPainter(pixmap) as cells:
                    cells.fillRect(0, height - 1, width, 1, theme.line)
                    _draw(cells, texts, face, QPoint(), height)
                drawn = _Picture(places, texts, pixmap)
            drawn.places = places
        self._pictures[key] = drawn  # the one shown last stands last
        painter.drawPixmap(left, top, drawn.pixmap)
        shown = round(drawn.pixmap.width() / ratio)
        if shown < end:
            painter.fillRect(left + shown, top, end - shown, height, behind)
            painter.fillRect(left + shown, top + height - 1, end - shown, 1, theme.line)


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

    Its rows are painted whole, from what `look` says. Where it is `painted`, a delegate of its own paints all of a
    cell. One that `has_marks` has more in its cells than words in a colour: it is painted cell by cell, too.
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
        self._rows = _Rows()
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

    def look(self, row: int, columns: Sequence[int]) -> Iterable[tuple[str, QColor | None]]:
        """What the cells of a row say, each one line, and in which colour; None is that of all text."""
        model = self.model()
        for column in columns:
            index = model.index(row, column)
            words = model.data(index, _WORDS)
            yield ("" if words is None else str(words)).replace("\n", " "), model.data(index, _PEN)

    def fit_columns(self, room: int) -> None:
        """Give the columns their widths in `room` pixels."""
        raise NotImplementedError

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts. The same once more costs nothing: what holds it is given its theme, too, as it is made."""
        if theme is self._styled:
            return
        self._theme = self._styled = theme
        self._rows.forget()
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
        if self._painted or self.has_marks:
            super().paintEvent(event)
        else:
            with QPainter(self.viewport()) as painter:
                self._rows.paint(self, painter, event.rect())
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
