"""The text of a rule as it is typed, with a caret under what cannot be read."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPolygonF, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.ui.theme import Role, Theme

_LINES = 2
_PADDING = 20  # of the style sheet, and the room of the caret
_CARET = 3.5


class RuleText(QPlainTextEdit):
    """Emits `edited(text)` when the user changed it, and `entered` on Enter, which breaks no line."""

    edited = Signal(str)
    entered = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._fault: int | None = None
        self._showing = False
        self.setFont(theme.font(Role.CELL))
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("The rule as text"))
        self.textChanged.connect(self._changed)

    def sizeHint(self) -> QSize:
        """Two lines."""
        return QSize(self._theme.px(300), round(_LINES * self._theme.face(Role.CELL).height + _PADDING))

    def minimumSizeHint(self) -> QSize:
        """As high as that."""
        return QSize(self._theme.px(120), self.sizeHint().height())

    def text(self) -> str:
        """What is written, on one line."""
        return self.toPlainText().replace("\n", " ")

    def show_text(self, text: str) -> None:
        """Write something, where it differs; nobody edited it then."""
        if text != self.text():
            self._showing = True
            self.setPlainText(text)
            self._showing = False

    def mark(self, place: int | None) -> None:
        """Put the caret under a character; None: nothing is at fault there."""
        self._fault = place
        self.viewport().update()

    def fault_point(self) -> QPointF | None:
        """Where the tip of the caret is, in the viewport; None without a fault."""
        if self._fault is None:
            return None
        cursor = QTextCursor(self.document())
        cursor.setPosition(min(self._fault, len(self.toPlainText())))
        box = self.cursorRect(cursor)
        return QPointF(box.left() + _CARET, box.bottom())

    def _changed(self) -> None:
        if not self._showing:
            self.edited.emit(self.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter is the dialog's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text, and the caret."""
        super().paintEvent(event)
        tip = self.fault_point()
        if tip is None:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.alert_text))
        size = _CARET * self._theme.scale
        painter.drawPolygon(QPolygonF([tip, tip + QPointF(size, 1.6 * size), tip + QPointF(-size, 1.6 * size)]))
