"""Two sources of one symbol, side by side: both curves as share of turnover, and what they have in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QWidget

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import ComparedSources
from capflow_gui.present.comparison_words import comparison_words
from capflow_gui.present.language.texts import _
from capflow_gui.present.numbers import compact, percent
from capflow_gui.present.sentences import error_sentence
from capflow_gui.ui.chart.axes import TimeAxis
from capflow_gui.ui.chart.labels import session_labels
from capflow_gui.ui.chart.look import Fonts, build_look, line_pen
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
        self._theme = theme
        self._cancel: Callable[[], None] | None = None
        self.caption = text_label("", self, theme.font(Role.CELL), wrap=True)
        self.words = text_label("", self, theme.font(Role.SENTENCE), "dim", wrap=True)
        self.again = push_button(_("Ask again"), self, auto_default=False)
        look = build_look(theme, ratio=self.devicePixelRatioF())
        self._time = TimeAxis(look, Fonts(theme), lambda _box: True)
        self.plot = pg.PlotWidget(self, background=theme.panel, enableMenu=False, axisItems={"bottom": self._time})
        self.curves = [self.plot.plot(pen=self._pen(color)) for color in (theme.text, theme.medium)]
        self._build()
        self.finished.connect(lambda _result: self.rest())
        self.again.clicked.connect(self.ask)
        self.ask()

    def _build(self) -> None:
        theme = self._theme
        menu = self.plot.getPlotItem().ctrlMenu
        menu.setParent(self)  # made even where it is off, and nobody's child
        menu.hide()
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.plot.addLine(y=0, pen=self._pen(theme.line2))
        self.plot.showAxis("right")
        self.plot.hideAxis("left")
        axis = self.plot.getAxis("right")
        axis.setPen(theme.line2)
        axis.setTextPen(theme.dim)
        axis.setStyle(tickFont=theme.font(Role.CAPTION), hideOverlappingLabels=True)
        self.caption.setTextFormat(Qt.TextFormat.RichText)
        done = push_button(_("Close"), self)
        done.clicked.connect(self.accept)
        self.fill(stacked(self.caption, (self.plot, 1), self.words, spacing=10), beside(self.again, None, done))

    def _pen(self, color: QColor) -> QPen:
        """One pixel wide on any screen."""
        return line_pen(color, self.devicePixelRatioF())

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
        theme, found = self._theme, compared.comparison
        share = compared.turnover is not None
        names = [
            f"<span style='color:{color.name()}'>{source_label(source)}</span>"
            for source, color in zip(compared.sources, (theme.text, theme.medium), strict=True)
        ]
        unit = _("% of the turnover so far") if share else _("amounts as given: the turnover is not known")
        self.caption.setText(
            _("Net inflow since the open, {unit}: {first} and {second}").format(
                unit=unit, first=names[0], second=names[1]
            )
        )
        for curve, values in zip(self.curves, (found.first, found.second), strict=True):
            curve.setData(np.arange(len(values)), values * (100.0 if share else 1.0), connect="finite")
        day = compared.day
        self._time.set_marks(partial(session_labels, day), day.seams)
        self.plot.setXRange(0, day.minutes)
        self.plot.getAxis("right").tickStrings = lambda values, _scale, _spacing: [
            percent(value / 100, 1) if share else compact(value) for value in values
        ]
        self.words.setText("\n".join(comparison_words(compared)))

    def _failed(self, error: Exception) -> None:
        self._answered()
        self.words.setText(error_sentence(error))

    def _answered(self) -> None:
        self._cancel = None
        self.again.setEnabled(True)
