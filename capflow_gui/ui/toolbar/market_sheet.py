"""A sheet below the toolbar's clock: every market of the list, and how the sources' clocks stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from capflow_gui.domain.symbol import Market
from capflow_gui.feed.board import BoardView
from capflow_gui.present.language.texts import _
from capflow_gui.present.panels.clock_words import MarketLine, clock_lines, clock_note, line_words, market_lines
from capflow_gui.ui.bridge import TICK_MS
from capflow_gui.ui.layouts import NO_MARGINS, stacked, text_label
from capflow_gui.ui.theme import Role, Theme

_WIDTH = 420
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def listed_lines(board: BoardView) -> list[MarketLine]:
    """The markets of the list in its order, each by the clock of the source that its first symbol is asked at."""
    first = {symbol.market: symbol for symbol in reversed(board.symbols)}

    def now_of(market: Market) -> float:
        return board.market_now(board.row(first[market]).source or None)

    return market_lines(board.calendar, dict.fromkeys(symbol.market for symbol in board.symbols), now_of)


class MarketClocks(QWidget):
    """The clocks themselves; `refresh` when a second passed."""

    def __init__(self, board: BoardView, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._board, self._theme = board, theme
        self._rows: list[tuple[QLabel, ...]] = []
        self._grid = QGridLayout()
        self._grid.setVerticalSpacing(3)
        self._roles: dict[QLabel, Role] = {}
        headers = ("", _("there"), _("here"), "", _("comes next"), _("there"), _("here"))
        for column, name in enumerate(headers):
            self._grid.addWidget(self._label(name, Role.CAPTION, "dim"), 0, column, self._side(column))
        self._clocks = self._label("", Role.SENTENCE, wrap=True)
        self._note = self._label("", Role.SENTENCE, "dim", wrap=True)
        stacked(self._grid, 12, self._clocks, 4, self._note, None, of=self, margins=(16, 12, 16, 14), spacing=0)
        self.set_theme(theme)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        for label, role in self._roles.items():
            label.setFont(theme.font(role))
        self._grid.setHorizontalSpacing(theme.px(14))

    def _label(self, text: str, role: Role, color: str = "", *, wrap: bool = False) -> QLabel:
        made = text_label(text, self, self._theme.font(role), color, wrap=wrap)
        self._roles[made] = role
        return made

    @staticmethod
    def _side(column: int) -> Qt.AlignmentFlag:
        return _RIGHT if column in (1, 2, 5, 6) else Qt.AlignmentFlag.AlignLeft

    def refresh(self) -> None:
        """Another second."""
        lines = listed_lines(self._board)
        if len(lines) != len(self._rows):
            self._make_rows(len(lines))
        for line, labels in zip(lines, self._rows, strict=True):
            texts = (line.name, line.time, line.time_here, line.state, line.comes, line.at, line.at_here)
            for label, text in zip(labels, (*texts, "\n".join(line.notes)), strict=True):
                label.setText(text)
            labels[0].setAccessibleName(line_words(line))
            labels[-1].setVisible(bool(line.notes))
        said = clock_lines(self._board.links, simulated=self._board.simulated)
        self._clocks.setText("\n".join(said if lines else (_("No symbol is watched yet."), *said)))
        self._note.setText(clock_note(longport=any(link.source == "longport" for link in self._board.links)))

    def _make_rows(self, count: int) -> None:
        for label in (label for labels in self._rows for label in labels):
            label.hide()
            label.deleteLater()
            del self._roles[label]
        self._rows = []
        for place in range(count):
            roles = (Role.ROW_SYMBOL, Role.TURNOVER, Role.CELL, Role.CELL, Role.CELL, Role.CELL, Role.CELL)
            dim = (2, 6)
            labels = [self._label("", role, "dim" if column in dim else "") for column, role in enumerate(roles)]
            for column, label in enumerate(labels):
                self._grid.addWidget(label, 1 + 2 * place, column, self._side(column))
            labels.append(self._label("", Role.SENTENCE, "dim"))
            self._grid.addWidget(labels[-1], 2 + 2 * place, 3, 1, 4)
            self._rows.append(tuple(labels))

    def state(self) -> dict[str, Any]:
        """Nothing is chosen in it."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Nothing is chosen in it."""


class MarketSheet(QFrame):
    """Closes by Escape, or by a click anywhere else."""

    def __init__(self, board: BoardView, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("look", "popup")
        self.setAccessibleName(_("Market clocks"))
        clocks = MarketClocks(board, theme, self)
        stacked(clocks, of=self, margins=NO_MARGINS, spacing=0)
        self.setMinimumWidth(theme.px(_WIDTH))
        self.refresh = clocks.refresh
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.refresh)

    def open_below(self, place: QPoint) -> None:
        """Open with its right upper corner at `place`, in global pixels, wholly on the screen."""
        layout = self.layout()
        assert layout is not None  # noqa: S101  set when it was built
        width = max(layout.totalSizeHint().width(), self.minimumWidth())  # its frame included
        self.resize(width, layout.totalHeightForWidth(width))
        screen, size = self.screen().availableGeometry(), self.size()
        x = max(min(place.x() - size.width(), screen.right() - size.width()), screen.left())
        y = max(min(place.y(), screen.bottom() - size.height()), screen.top())
        self.move(x, y)
        self._timer.start()
        self.show()

    def hideEvent(self, event: QHideEvent) -> None:
        """Closed: rest."""
        super().hideEvent(event)
        self._timer.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes it."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)


def sheet_words(lines: Sequence[MarketLine]) -> str:
    """The same as text, a line each."""
    return "\n".join(map(line_words, lines))
