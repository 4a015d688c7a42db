"""Two sources of one symbol, side by side: both curves as share of turnover, and what they have in common."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import ComparedSources
from capflow_gui.present.comparison_words import comparison_words
from capflow_gui.present.language.texts import _
from capflow_gui.present.sentences import error_sentence
from capflow_gui.ui.chart.layers.compared import HUNDREDTHS, ComparedLine, ComparePlot
from capflow_gui.ui.chart.look import build_look
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.layouts import beside, push_button, stacked, text_label
from capflow_gui.ui.ports import Questions, Start
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.words import source_label


class ComparisonDialog(Sheet):
    """Asks both sources when it opens, and again at the button."""

    def __init__(
        self, symbol: Symbol, questions: Questions, start: Start, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(_("{symbol}: two sources").format(symbol=symbol), theme, parent, (760, 560))
        self._symbol = symbol
        self._questions = questions
        self._start = start
        self._cancel: Callable[[], None] | None = None
        self.words = text_label("", self, theme.font(Role.SENTENCE), "dim", wrap=True)
        self.again = push_button(_("Ask again"), self, auto_default=False)
        self.plot = ComparePlot(build_look(theme, ratio=self.devicePixelRatioF()), self)
        self.plot.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.plot.setAccessibleName(_("Net inflow by both sources"))
        ring = f"border: 2px solid {theme.accent.name()};"
        self.plot.setStyleSheet(f"QGraphicsView {{ border: 2px solid transparent; }} QGraphicsView:focus {{ {ring} }}")
        done = push_button(_("Close"), self)
        done.clicked.connect(self.accept)
        self.fill(stacked((self.plot, 1), self.words, spacing=10), beside(self.again, None, done))
        self.finished.connect(lambda _result: self.rest())
        self.again.clicked.connect(self.ask)
        self.ask()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """← → minute, Home End, + − 0 zoom, Esc; else what a sheet does."""
        if not self.plot.handle_key(event):
            super().keyPressEvent(event)

    def ask(self) -> None:
        """Ask both sources now."""
        self.rest()
        self.again.setEnabled(False)
        self.words.setText(_("Asking both sources …"))
        self._cancel = self._start(lambda: self._questions.compare(self._symbol), self._show, self._failed)

    def rest(self) -> None:
        """Ask nothing more."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def _show(self, compared: ComparedSources) -> None:
        self._answered()
        share, found = compared.turnover is not None, compared.comparison
        unit = HUNDREDTHS if share else 1.0
        self.plot.show_lines(
            [
                ComparedLine(source_label(source), values * unit, true=True)
                for source, values in zip(compared.sources, (found.first, found.second), strict=True)
            ],
            compared.day,
            amounts=not share,
        )
        self.words.setText("\n".join(comparison_words(compared)))

    def _failed(self, error: Exception) -> None:
        self._answered()
        self.words.setText(error_sentence(error))

    def _answered(self) -> None:
        self._cancel = None
        self.again.setEnabled(True)
