"""The table: a QTableView whose rows are painted whole, once a change, and blitted from then on.

Qt's own machinery keeps selection, keyboard and accessibility; what it does not do is call a delegate per cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import ceil

from PySide6.QtCore import QItemSelectionModel, QPoint, QRect, QRectF, QSignalBlocker, QSize, Qt, QTimeLine, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import BoardView
from capflow_gui.present.language.texts import _
from capflow_gui.ui import shapes
from capflow_gui.ui.access.motion import is_reduced
from capflow_gui.ui.access.read_aloud import is_read_aloud
from capflow_gui.ui.keyboard import key_of
from capflow_gui.ui.models.columns import Column, ColumnChoice, SortOrder
from capflow_gui.ui.models.figures import Figures, Look
from capflow_gui.ui.models.watchlist_model import Index, WatchlistModel
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.watchlist.cells import GAP, LEFT, RowStyle, gap_behind, price_decimals, units_of
from capflow_gui.ui.watchlist.header import WatchlistHeader
from capflow_gui.ui.watchlist.live import SPINE, LivePainter
from capflow_gui.ui.watchlist.row_cache import RowCache
from capflow_gui.ui.watchlist.widths import KEPT, MOST_SYMBOL, WIDTHS, fitted, needed_width

ROW_HEIGHT = 48
LOW_ROW_HEIGHT = 44
DENSE_ROW_HEIGHT = 28
LOW_WINDOW = 800
_BREATH_MS = 600
_SELECT = QItemSelectionModel.SelectionFlag.Select


class WatchlistTable(QTableView):
    """Shows a WatchlistModel. Emits what the user means; changes nothing itself.

    carried(symbols, the QPoint on the screen where they are outside of the table or None, whether they were let go
    there, whether with Ctrl)
    remove_requested(whether with Shift)
    """

    symbol_selected = Signal(object)
    moved = Signal(object, object)
    action_clicked = Signal(object)
    activated_symbol = Signal(object)
    carried = Signal(list, object, bool, bool)
    remove_requested = Signal(bool)

    def __init__(self, model: WatchlistModel, board: BoardView, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._board = board
        self._model = model
        self._theme = theme
        self._rows = RowCache(theme)
        self._style: RowStyle | None = None
        self._edges: dict[Column, tuple[float, float]] = {}
        self._choice = ColumnChoice()
        self.dense = False
        self._live = LivePainter(board, theme)
        self._pressed: tuple[QPoint, Symbol] | None = None
        self._carried: list[Symbol] = []
        self._drop_row: int | None = None
        self._dragging = False
        self._keyboard_focus = False
        self._breath = QTimeLine(3 * _BREATH_MS, self)
        self._breath.setUpdateInterval(40)
        self._breath.setEasingCurve(self._breath.easingCurve().Type.Linear)
        self._breath.valueChanged.connect(lambda _value: self._update_spines())
        self._breath.finished.connect(self._update_spines)
        self.header = WatchlistHeader(theme, self)
        self._set_up(model)
        self.set_theme(theme)

    def _set_up(self, model: WatchlistModel) -> None:
        self.setModel(model)
        self.setHorizontalHeader(self.header)
        self.header.show()
        self.header.setStretchLastSection(False)
        self.header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(20)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setFrameShape(self.Shape.NoFrame)
        self.setTabKeyNavigation(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName(_("Watchlist"))
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)  # single keys are commands here
        # Every pixel is drawn over: Qt need not fill behind it.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        model.modelReset.connect(self._forget)
        model.layoutChanged.connect(self._rearranged)
        self.header.sectionResized.connect(self._column_sized)
        self.header.sectionHandleDoubleClicked.connect(lambda section: self.fit_column(model.columns[section]))
        self.header.settled.connect(self._columns_settled)

    # look

    def set_theme(self, theme: Theme) -> None:
        """Fonts and colours; every row is painted anew."""
        self._theme = theme
        self._rows.set_theme(theme)
        self._live = LivePainter(self._board, theme)
        self.header.set_theme(theme)
        self.fit_height(self.window().height())
        self.updateGeometry()
        self._forget()

    def fit_height(self, window_height: int) -> None:
        """Rows are a little lower in a low window, and have one line of text where they are to be dense."""
        tall = LOW_ROW_HEIGHT if window_height < LOW_WINDOW else ROW_HEIGHT
        height = self._theme.px(DENSE_ROW_HEIGHT if self.dense else tall)
        if height != self.verticalHeader().defaultSectionSize():
            self.verticalHeader().setDefaultSectionSize(height)
            self._forget()

    def set_dense(self, dense: bool) -> None:
        """Have rows of one line, or of two."""
        self.dense = dense
        self.fit_height(self.window().height())

    @property
    def choice(self) -> ColumnChoice:
        """The columns the user wants; a narrow table still drops some of them."""
        return self._choice

    def set_choice(self, choice: ColumnChoice) -> None:
        """Have other columns, orders or widths of them; the selection stays."""
        before, self._choice = self._choice, choice
        if (before.order, before.minutes) == (choice.order, choice.minutes):
            self._fit_columns()
            self.updateGeometries()
            return
        current, chosen = self.current_symbol(), self.selected_symbols()
        with self.keep_top():
            self._model.set_columns(choice)
            if current is not None:
                self.select(current)
            rows = self._model.index
            for symbol in chosen:
                place = self._model.view_row(symbol)
                if symbol != current and place is not None:
                    self.selectionModel().select(rows(place, 0), _SELECT | QItemSelectionModel.SelectionFlag.Rows)

    def fit_column(self, column: Column) -> None:
        """Make a column as wide as what it shows; one that found no room shows nothing, and stays as it is."""
        if self._style is None or column not in self._style.edges:
            return
        wide = needed_width(column, self._model.shown(), self._style, self._theme)
        if wide is not None:
            label = self._theme.face(Role.CAPTION_STRONG).width(self.header.label(column))
            left = LEFT if column is Column.SYMBOL else 0
            wide = ceil(max(wide, label + left + GAP) / self._theme.scale)
        self.set_choice(self._choice.sized(column, wide))

    def _column_sized(self, section: int, _before: int, width: int) -> None:
        """An edge is dragged: the others follow when it is let go."""
        if self.header.sizing:
            self._choice = self._choice.sized(self._model.columns[section], round(width / self._theme.scale))
            self._edges = self._measured()
            self._restyle()

    def _columns_settled(self) -> None:
        """A column was moved, or sized."""
        order = [self._model.columns[self.header.logicalIndex(place)] for place in range(self.header.count())]
        self.set_choice(self._choice.ordered(order))

    def shown_columns(self) -> tuple[Column, ...]:
        """The columns there is room for."""
        return tuple(column for place, column in enumerate(self._model.columns) if not self.isColumnHidden(place))

    def minimumSizeHint(self) -> QSize:
        """Symbol, net, % and age are never dropped; two rows are always seen."""
        return QSize(
            self._theme.px(sum(map(WIDTHS.__getitem__, KEPT))),
            self.header.height() + 2 * self._theme.px(LOW_ROW_HEIGHT),
        )

    def _fit_columns(self) -> None:
        columns = self._model.columns
        widths = fitted(self._choice, self.viewport().width(), self._theme.px)
        self.header.set_columns(columns, self._choice.minutes)
        # Qt's table would have its scroll bars worked out and all be painted once more in a later turn, a column each.
        with QSignalBlocker(self.header):
            for place, column in enumerate(columns):
                self.header.moveSection(self.header.visualIndex(place), place)
                self.setColumnHidden(place, column not in widths)
                self.setColumnWidth(place, widths.get(column, 0))
        self._edges = self._measured()
        self._restyle()

    def _measured(self) -> dict[Column, tuple[float, float]]:
        """(left, right) of what is drawn in each shown column, in pixels of the viewport."""
        edges = {}
        for place, column in enumerate(self._model.columns):
            if not self.isColumnHidden(place):
                left = float(self.columnViewportPosition(place))
                edges[column] = (left, left + self.columnWidth(place) - gap_behind(column))
        return edges

    def _restyle(self) -> None:
        """Work out the units again; rows painted with others are painted anew when they are next shown."""
        model, currencies = self._model, self._model.currencies
        units = units_of(model, self._edges)
        height = float(self.verticalHeader().defaultSectionSize())
        width = float(self.viewport().width())
        currency = next(iter(currencies)) if len(currencies) == 1 else ""
        written = {column: unit.suffix for column, unit in units.items()} | {Column.PRICE: currency}
        if Column.NET in units:
            written[Column.NET] = f"{currency} {units[Column.NET].suffix}".strip()
        self.header.set_units(written)
        left, decimals = float(self.columnWidth(0)), price_decimals(model, self._edges)
        sentence_left = min(left, self._theme.px(MOST_SYMBOL))
        style = RowStyle(self._edges, left, sentence_left, height, width, units, decimals, len(currencies) > 1)
        if style == self._style:
            return
        self._style = style
        self.viewport().update()

    def _rearranged(self) -> None:
        self._restyle()
        self.viewport().update()

    def _forget(self) -> None:
        self._rows.drawn.clear()
        self._live.forget()
        self._fit_columns()
        self.updateGeometries()

    # state

    def symbol_at(self, point: QPoint) -> Symbol | None:
        """The row under a point of the viewport."""
        view_row = self.rowAt(point.y())
        return None if view_row < 0 else self._model.figures(view_row).row.symbol

    def current_symbol(self) -> Symbol | None:
        """The row the chart shows."""
        current = self.current_figures()
        return None if current is None else current.row.symbol

    def current_figures(self) -> Figures | None:
        """The figures of that row, as the list shows them."""
        index = self.currentIndex()
        return self._model.figures(index.row()) if index.isValid() else None

    def selected_symbols(self) -> list[Symbol]:
        """The selected rows from top to bottom."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self._model.figures(row).row.symbol for row in rows]

    def select(self, symbol: Symbol) -> bool:
        """Make a row current and selected; False where it is not shown."""
        view_row = self._model.view_row(symbol)
        if view_row is None:
            return False
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(self._model.index(view_row, 0), flags)
        return True

    @contextmanager
    def keep_top(self) -> Iterator[None]:
        """Let rows and selection change without scrolling: the top of the list stays in view."""
        bar, follows = self.verticalScrollBar(), self.hasAutoScroll()
        top = bar.value()
        self.setAutoScroll(False)
        yield
        self.setAutoScroll(follows)
        bar.setValue(top)

    def visible_symbols(self) -> list[Symbol]:
        """The rows on screen."""
        return [self._model.figures(row).row.symbol for row in self._exposed(self.viewport().rect())]

    def set_sort(self, order: SortOrder) -> None:
        """Sort now, and say so in the header."""
        self._model.set_sort(order)
        self.header.set_sort(order)

    def busy(self) -> bool:
        """Whether a hand is on the table: rows must not move under it."""
        return self._dragging or self.viewport().underMouse()

    def breathe(self) -> None:
        """A new alert's spine breathes three times and holds; where motion is reduced it only holds."""
        self._breath.stop()
        if not is_reduced():
            self._breath.start()

    def rest(self) -> None:
        """Stop every motion: nobody is looking."""
        self._breath.stop()
        self._update_spines()

    def tick(self) -> None:
        """A second passed: ages and sentences that say something else now are painted, and nothing more."""
        if self._style is None:
            return
        height, offset = self.verticalHeader().defaultSectionSize(), self.verticalOffset()
        for view_row in self._exposed(self.viewport().rect()):
            figures = self._model.figures(view_row)
            if self._live.says_other(figures):
                left = self._live.left(figures, self._style)
                self.viewport().update(QRect(left, view_row * height - offset, self.viewport().width() - left, height))

    def at_rest(self) -> bool:
        """Whether time alone changes nothing here: a sentence in place of figures may tell seconds."""
        shown = (self._model.figures(row) for row in self._exposed(self.viewport().rect()))
        sentences = any(each is not None and each.look is Look.SENTENCE for each in (self.current_figures(), *shown))
        return self._board.at_rest and not sentences

    # painting

    def dataChanged(self, first: Index, last: Index, roles: Sequence[int] = ()) -> None:
        """Repaint the rows that changed, and nothing else: Qt would have the row below painted as well."""
        self._restyle()
        if self.isVisible() and is_read_aloud():
            super().dataChanged(first, last, roles)
            return
        height = self.verticalHeader().defaultSectionSize()
        top = first.row() * height - self.verticalOffset()
        self.viewport().update(0, top, self.viewport().width(), (last.row() - first.row() + 1) * height)

    def _exposed(self, rect: QRect) -> range:
        height = self.verticalHeader().defaultSectionSize()
        offset = self.verticalOffset()
        first = max(0, (rect.top() + offset) // height)
        last = min(self._model.rowCount(), (rect.bottom() + offset) // height + 1)
        return range(first, max(first, last))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Blit the exposed rows; paint those that changed; ages and spines over them."""
        style = self._style
        if style is None:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # A few rows far from each other are one event, whose rectangle has all rows between them.
        rows = sorted({row for rect in event.region() for row in self._exposed(rect)})  # type: ignore[attr-defined]
        height, offset = self.verticalHeader().defaultSectionSize(), self.verticalOffset()
        selected = {index.row() for index in self.selectionModel().selectedRows()}
        for view_row in rows:
            figures = self._model.figures(view_row)
            top = view_row * height - offset
            pixmap = self._rows.pixmap(figures, style, self.devicePixelRatioF(), selected=view_row in selected)
            painter.drawPixmap(0, top, pixmap)
            pinned = view_row < self._model.pinned_rows
            self._live.paint(painter, figures, style, top, selected=view_row in selected, pinned=pinned)
        self._rows.keep_only(style)
        end = self._model.rowCount() * height - offset
        if end < event.rect().bottom():
            painter.fillRect(
                QRect(0, max(end, 0), self.viewport().width(), self.viewport().height()), self._theme.panel
            )
        if self._model.pinned_rows:
            line = self._model.pinned_rows * height - offset - 1
            painter.fillRect(QRect(0, line, self.viewport().width(), 1), self._theme.dim)
        if self._dragging and self._drop_row is not None:
            painter.setPen(QPen(self._theme.accent, 2))
            line = self._drop_row * height - offset
            painter.drawLine(0, line, self.viewport().width(), line)
        if self._keyboard_focus and self.hasFocus() and self.currentIndex().isValid():
            top = self.currentIndex().row() * height - offset
            shapes.draw_focus_ring(painter, QRectF(0, top, style.width, height), self._theme.accent)

    def _update_spines(self) -> None:
        running = self._breath.state() is QTimeLine.State.Running
        phase = (self._breath.currentTime() % _BREATH_MS) / _BREATH_MS if running else 0.0
        self._live.breath = 1.0 - 0.75 * (1 - abs(2 * phase - 1)) if running else 1.0
        height, offset = self.verticalHeader().defaultSectionSize(), self.verticalOffset()
        for view_row in self._exposed(self.viewport().rect()):
            if self._model.figures(view_row).alerting:
                self.viewport().update(QRect(0, view_row * height - offset, SPINE, height))

    # hands

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Columns follow the width."""
        self._fit_columns()
        super().resizeEvent(event)

    def currentChanged(self, current: object, previous: object) -> None:
        """The chart follows the current row."""
        super().currentChanged(current, previous)  # type: ignore[arg-type]
        symbol = self.current_symbol()
        if symbol is not None:
            self.symbol_selected.emit(symbol)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """j and k beside the arrows; Alt+arrows move the row."""
        steps = {Qt.Key.Key_J: 1, Qt.Key.Key_K: -1}
        key, modifiers = key_of(event), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if modifiers == Qt.KeyboardModifier.AltModifier and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._move_current(1 if key is Qt.Key.Key_Down else -1)
        elif modifiers == Qt.KeyboardModifier.NoModifier and key in steps:
            row = min(max(self.currentIndex().row() + steps[key], 0), self._model.rowCount() - 1)
            if row >= 0:
                self.select(self._model.figures(row).row.symbol)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current_symbol() is not None:
            self.activated_symbol.emit(self.current_symbol())
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_requested.emit(bool(modifiers & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)
        self._keyboard_focus = True
        self.viewport().update()

    def _move_current(self, step: int) -> None:
        row = self.currentIndex().row()
        target = row + step
        if row < 0 or not 0 <= target < self._model.rowCount():
            return
        symbol = self._model.figures(row).row.symbol
        before_row = target + 1 if step > 0 else target
        before = self._model.figures(before_row).row.symbol if before_row < self._model.rowCount() else None
        self.moved.emit(symbol, before)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Who comes by Tab sees where the keyboard is."""
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._keyboard_focus = True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select; remember where a drag may begin."""
        self._keyboard_focus = False
        point = event.position().toPoint()
        symbol = self.symbol_at(point)
        if event.button() is Qt.MouseButton.LeftButton and symbol is not None:
            if self._live.actions.get(symbol, QRect()).contains(point):
                self.action_clicked.emit(symbol)
                return
            self._pressed, self._carried = (point, symbol), [symbol]
            chosen = self.selected_symbols()
            if len(chosen) > 1 and symbol in chosen and event.modifiers() == Qt.KeyboardModifier.NoModifier:
                self._carried = chosen  # they may be carried together: a click that is none selects when it ends
                return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """With the button down a row is carried, never a selection widened."""
        point = event.position().toPoint()
        if self._pressed is None:
            over = self.symbol_at(point)
            on_action = over is not None and self._live.actions.get(over, QRect()).contains(point)
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if on_action else Qt.CursorShape.ArrowCursor)
            return
        if not self._dragging and (point - self._pressed[0]).manhattanLength() >= 10:
            self._dragging = True
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        if self._dragging:
            height = self.verticalHeader().defaultSectionSize()
            row = round((point.y() + self.verticalOffset()) / height)
            inside = self.viewport().rect().contains(point)
            self._drop_row = min(max(row, 0), self._model.rowCount()) if inside else None
            outside = None if inside else event.globalPosition().toPoint()
            self.carried.emit(self._carried, outside, False, _with_ctrl(event))
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the carried row go; outside the list it stays where it was."""
        pressed, dragging, drop, carried = self._pressed, self._dragging, self._drop_row, self._carried
        self.cancel_drag()
        if not dragging or pressed is None:
            if pressed is not None and len(carried) > 1:
                self.select(pressed[1])
            super().mouseReleaseEvent(event)
            return
        if drop is None:
            self.carried.emit(carried, event.globalPosition().toPoint(), True, _with_ctrl(event))
        row = self._model.view_row(pressed[1])
        if row is not None and drop is not None and drop not in (row, row + 1):
            before = self._model.figures(drop).row.symbol if drop < self._model.rowCount() else None
            self.moved.emit(pressed[1], before)

    def cancel_drag(self) -> bool:
        """Let go of a carried row, and leave it where it was; False where none is carried."""
        dragging = self._dragging
        self._pressed, self._dragging, self._drop_row, self._carried = None, False, None, []
        if dragging:
            self.carried.emit([], None, False, False)
        self.viewport().unsetCursor()
        self.viewport().update()
        return dragging


def _with_ctrl(event: QMouseEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
