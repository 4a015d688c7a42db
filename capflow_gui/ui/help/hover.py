"""What is said on hovering over figures and headers, and which figure the pointer is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QCursor, QHelpEvent
from PySide6.QtWidgets import QApplication, QTableView, QToolTip, QWidget

from capflow_gui.present.help.glossary import brief_words, hover_words

ALERT_FIGURES = ("alert_state", "alert_time", "symbol", "alert_rule", "alert_fired", "alert_now")
LOG_FIGURES = ("alert_time", "symbol", "alert_rule", "alert_fired", "alert_state")
RULE_FIGURES = ("alert_rule", "rule_scope", "rule_state", "rule_last")
QUALITY_FIGURES = ("quality_what", "quality_minute", "quality_from", "quality_to", "quality_received")
TURN_FIGURES = ("next", "turn_reply", "turn_at", "turn_why")
TAPE_FIGURES = ("tape_time", "symbol", "tape_kind", "tape_size", "tape_words")


class Explained(QObject):
    """Says what the figures of a widget mean, after what the widget says of itself."""

    def __init__(self, widget: QWidget, figure_at: Callable[[QPoint], str], *, speaks: bool = False) -> None:
        """`figure_at` gives the key of the figure at a point of the widget, "" where there is none.

        A widget that `speaks` says on hovering what its figures mean by itself.
        """
        super().__init__(widget)
        self._widget = widget
        self.figure_at = figure_at
        if not speaks:
            widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Show the words where the pointer rests."""
        if not isinstance(event, QHelpEvent) or event.type() is not QEvent.Type.ToolTip:
            return False
        words = self.words_at(event.pos())
        if words:
            QToolTip.showText(event.globalPos(), words, self._widget)
        return bool(words)

    def words_at(self, point: QPoint) -> str:
        """What is said at a point of the widget."""
        return "\n".join(filter(None, (self._widget.toolTip(), brief_words(self.figure_at(point)))))


class _Header(Explained):
    """The whole definition, on a header."""

    def words_at(self, point: QPoint) -> str:
        return hover_words(self.figure_at(point))


class _Cells(Explained):
    """The cell in full, what it says of itself, and what its column is."""

    def __init__(self, table: QTableView, figure_at: Callable[[QPoint], str]) -> None:
        super().__init__(table.viewport(), figure_at)
        self._table = table

    def words_at(self, point: QPoint) -> str:
        index = self._table.indexAt(point)
        if not index.isValid():
            return ""
        said = [index.data(role) for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)]
        return "\n".join(dict.fromkeys(filter(None, (*said, brief_words(self.figure_at(point))))))


def explain_table(table: QTableView, figures: Callable[[], Sequence[str]]) -> None:
    """Explain headers and cells; `figures` gives the keys of the columns in their logical order."""

    def figure_at(point: QPoint) -> str:
        column, keys = table.columnAt(point.x()), figures()
        return keys[column] if 0 <= column < len(keys) else ""

    _Header(table.horizontalHeader().viewport(), figure_at)
    _Cells(table, figure_at)


def figure_under_pointer() -> str:
    """The key of the figure that the pointer is over; "" where there is none."""
    place = QCursor.pos()
    widget = QApplication.widgetAt(place)
    while widget is not None:
        explained = widget.findChild(Explained, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if explained is not None:
            return explained.figure_at(widget.mapFromGlobal(place))
        widget = widget.parentWidget()
    return ""
