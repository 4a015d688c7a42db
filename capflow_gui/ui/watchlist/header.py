"""The column headers: names, units, and arrows at the columns the rows are sorted by."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHeaderView, QStyle, QWidget

from capflow_gui.present.language.texts import said_together
from capflow_gui.ui.layouts import set_header_font
from capflow_gui.ui.models.columns import DEFAULT, DELTA_MINUTES, Column, SortOrder, title
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.watchlist.cells import GAP, LEFT

HEIGHT = 28
_ORDINALS = "¹²³⁴⁵⁶⁷⁸⁹"


class WatchlistHeader(QHeaderView):
    """Draws itself. Its sections are `columns`, from the left; a drag moves all but the first, an edge sizes one.

    sort_requested(SortOrder): clicked, with Shift as one more key · settled(): a drag of a section or an edge is over ·
    menu_requested(Column | None, QPoint on the screen)
    """

    sort_requested = Signal(object)
    settled = Signal()
    menu_requested = Signal(object, QPoint)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setFirstSectionMovable(False)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(20)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._theme = theme
        self.columns: tuple[Column, ...] = DEFAULT
        self._minutes = DELTA_MINUTES
        self._units: dict[Column, str] = {}
        self._sort = SortOrder()
        self._pressed: QPoint | None = None
        self.sizing = False  # an edge is dragged
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Fonts and colours."""
        self._theme = theme
        set_header_font(self, theme.font(Role.CAPTION))
        self.setFixedHeight(theme.px(HEIGHT))
        self.viewport().update()

    def set_columns(self, columns: tuple[Column, ...], minutes: int) -> None:
        """What the sections are, and the window of the Δ column."""
        self.columns, self._minutes = columns, minutes
        self.viewport().update()

    def set_units(self, units: dict[Column, str]) -> None:
        """What stands after the names: "HKD M", "M"."""
        if units != self._units:
            self._units = units
            self.viewport().update()

    def set_sort(self, order: SortOrder) -> None:
        """Which columns carry an arrow."""
        self._sort = order
        self.viewport().update()

    def sizeHint(self) -> QSize:
        """Wide as Qt thinks, high as the design says."""
        return QSize(super().sizeHint().width(), self.maximumHeight())

    def label(self, column: Column) -> str:
        """What the header says for a column; of several sort keys each arrow has its number."""
        unit = self._units.get(column)
        text = title(column, self._minutes)
        text = said_together(filter(None, (text, unit)))
        keys = self._sort.keys
        for place, (key, descending) in enumerate(keys):
            if key is column:
                text += f" {'↓' if descending else '↑'}{_ORDINALS[place] if len(keys) > 1 else ''}"
        return text

    def paintEvent(self, event: QPaintEvent) -> None:
        """One pass over the shown sections."""
        theme = self._theme
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), theme.panel)
        painter.fillRect(QRect(0, self.height() - 1, self.width(), 1), theme.line)
        for section in range(len(self.columns)):
            if not self.isSectionHidden(section):
                rect = QRect(self.sectionViewportPosition(section), 0, self.sectionSize(section), self.height() - 1)
                self.paintSection(painter, rect, section)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N803  Qt's name
        """A header's text; Qt asks for it, too, for the section that is dragged."""
        theme, column = self._theme, self.columns[logicalIndex]
        active = any(column is key for key, _descending in self._sort.keys)
        face = theme.face(Role.CAPTION_STRONG if active else Role.CAPTION)
        painter.setFont(face.font)
        painter.setPen(theme.text if active else theme.dim)
        place, flags = _place(column, QRectF(rect))
        painter.drawText(place, flags, face.elided(self.label(column), place.width()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where; a press on an edge is no click on a column."""
        point = event.position().toPoint()
        left = event.button() is Qt.MouseButton.LeftButton
        self.sizing = left and self._is_edge(point.x())
        self._pressed = point if left and not self.sizing else None
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click sorts, with Shift by one more key; a drag does not."""
        super().mouseReleaseEvent(event)
        point, pressed, self._pressed, self.sizing = event.position().toPoint(), self._pressed, None, False
        section = self.logicalIndexAt(point)
        near = pressed is not None and (point - pressed).manhattanLength() < QApplication.startDragDistance()
        if near and section >= 0:
            beside = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.sort_requested.emit(self._sort.turned(self.columns[section], beside=beside))
        else:
            self.settled.emit()

    def _is_edge(self, x: int) -> bool:
        """Whether a press there sizes a section."""
        grip = self.style().pixelMetric(QStyle.PixelMetric.PM_HeaderGripMargin, None, self)
        shown = [section for section in range(len(self.columns)) if not self.isSectionHidden(section)]
        ends = (self.sectionViewportPosition(section) + self.sectionSize(section) for section in shown)
        return any(abs(x - end) <= grip for end in ends)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the columns."""
        section = self.logicalIndexAt(event.pos())
        self.menu_requested.emit(self.columns[section] if section >= 0 else None, event.globalPos())


def _place(column: Column, rect: QRectF) -> tuple[QRectF, Qt.AlignmentFlag]:
    middle = Qt.AlignmentFlag.AlignVCenter
    if column is Column.SYMBOL:
        return rect.adjusted(LEFT, 0, 0, 0), Qt.AlignmentFlag.AlignLeft | middle
    if column in (Column.ALERT, Column.TODAY, Column.SOURCE):
        return rect, Qt.AlignmentFlag.AlignLeft | middle
    if column is Column.MIX:
        return rect, Qt.AlignmentFlag.AlignHCenter | middle
    return rect.adjusted(0, 0, -GAP, 0), Qt.AlignmentFlag.AlignRight | middle
