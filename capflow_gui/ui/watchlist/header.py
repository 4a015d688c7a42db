"""The column headers: names, units, and the arrow of the column the rows are sorted by."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.ui.models.watchlist_model import COLUMNS, TITLES, Column, SortOrder
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.watchlist.painter import GAP, LEFT

HEIGHT = 28
# Widths at 100 %; the symbol takes what is left up to a bound, the sparkline the rest. All but symbol, today and mix
# align right.
WIDTHS = {
    Column.SYMBOL: 162,
    Column.TODAY: 119,
    Column.NET: 104,
    Column.TURNOVER: 92,
    Column.DELTA: 80,
    Column.MIX: 82,
    Column.CHANGE: 72,
    Column.AGE: 60,
}
NEEDED_SYMBOL = 178
MOST_SYMBOL = 240
LEAST_TODAY = 64
OPTIONAL = (Column.CHANGE, Column.MIX, Column.DELTA)


class WatchlistHeader(QHeaderView):
    """Emits `sort_requested` when a column is clicked; draws itself."""

    sort_requested = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(20)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._theme = theme
        self._units: dict[Column, str] = {}
        self._sort = SortOrder()
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Fonts and colours."""
        self._theme = theme
        self.setFont(theme.font(Role.CAPTION))
        self.setFixedHeight(theme.px(HEIGHT))
        self.viewport().update()

    def set_units(self, net: str, delta: str) -> None:
        """What stands after `Net` and `Δ 5 min`: "HKD M", "M"."""
        units = {Column.NET: net, Column.DELTA: delta}
        if units != self._units:
            self._units = units
            self.viewport().update()

    def set_sort(self, order: SortOrder) -> None:
        """Which column carries the arrow."""
        self._sort = order
        self.viewport().update()

    def sizeHint(self) -> QSize:
        """Wide as Qt thinks, high as the design says."""
        return QSize(super().sizeHint().width(), self.maximumHeight())

    def label(self, column: Column) -> str:
        """What the header says for a column."""
        unit = self._units.get(column)
        title = _(TITLES[column])
        text = f"{title}, {unit}" if unit else title
        if column is self._sort.column:
            text += " ↓" if self._sort.descending else " ↑"
        return text

    def paintEvent(self, event: QPaintEvent) -> None:
        """One pass over the shown sections."""
        theme = self._theme
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), theme.panel)
        painter.fillRect(QRect(0, self.height() - 1, self.width(), 1), theme.line)
        for section, column in enumerate(COLUMNS):
            if self.isSectionHidden(section):
                continue
            left, width = self.sectionViewportPosition(section), self.sectionSize(section)
            active = column is self._sort.column
            face = theme.face(Role.CAPTION_STRONG if active else Role.CAPTION)
            painter.setFont(face.font)
            painter.setPen(theme.text if active else theme.dim)
            rect, flags = _place(column, QRectF(left, 0, width, self.height() - 1))
            painter.drawText(rect, flags, face.elided(self.label(column), rect.width()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click sorts."""
        super().mouseReleaseEvent(event)
        section = self.logicalIndexAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and section >= 0:
            self.sort_requested.emit(self.next_order(COLUMNS[section]))

    def next_order(self, column: Column) -> SortOrder:
        """What a click on `column` leads to: its natural direction, then the other, then the user's own order."""
        first_descending = column is Column.AGE
        if column is not self._sort.column:
            return SortOrder(column, first_descending)
        if self._sort.descending == first_descending:
            return SortOrder(column, not first_descending)
        return SortOrder(None)


def _place(column: Column, rect: QRectF) -> tuple[QRectF, Qt.AlignmentFlag]:
    middle = Qt.AlignmentFlag.AlignVCenter
    if column is Column.SYMBOL:
        return rect.adjusted(LEFT, 0, 0, 0), Qt.AlignmentFlag.AlignLeft | middle
    if column is Column.TODAY:
        return rect, Qt.AlignmentFlag.AlignLeft | middle
    if column is Column.MIX:
        return rect, Qt.AlignmentFlag.AlignHCenter | middle
    return rect.adjusted(0, 0, -GAP, 0), Qt.AlignmentFlag.AlignRight | middle
