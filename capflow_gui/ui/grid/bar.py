"""The line over the grid: how many charts, what their larger part shows, and what is done with all of them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QWidget

from capflow_gui.domain.flow import Period
from capflow_gui.present.language.texts import _
from capflow_gui.ui.actions.views import SIZES, WALL, WALL_KEY
from capflow_gui.ui.layouts import beside, push_button
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.window.chart_head import PERIODS

HEIGHT = 40
_MARGIN, _SPACING = 14, 8


class Segments(QFrame):
    """Choices side by side, one of which is in force. chosen(its key)."""

    chosen = Signal(object)

    def __init__(self, name: str, choices: Sequence[tuple[Hashable, str, str]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "segments")
        self.setAccessibleName(name)
        self._buttons: dict[Hashable, QToolButton] = {}
        group = QButtonGroup(self)
        row = beside(of=self, margins=(1, 1, 1, 1), spacing=1)
        for key, text, tip in choices:
            button = QToolButton(self)
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(f"{name}: {text}")
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, key=key: self.chosen.emit(key))
            group.addButton(button)
            row.addWidget(button)
            self._buttons[key] = button

    def choose(self, key: Hashable) -> None:
        """Mark the choice in force."""
        self._buttons[key].setChecked(True)

    def set_theme(self, theme: Theme) -> None:
        """Fonts."""
        for button in self._buttons.values():
            button.setFont(theme.font(Role.SENTENCE))


class GridBar(QWidget):
    """size_chosen(number of charts, 0 for the wall) · period_chosen(Period) · minutes_chosen(bool) ·
    shares_chosen(bool) · filled · torn.
    """

    size_chosen = Signal(object)
    period_chosen = Signal(object)
    minutes_chosen = Signal(object)
    shares_chosen = Signal(object)
    filled = Signal()
    torn = Signal()

    def __init__(self, theme: Theme, parent: QWidget, *, whole: bool) -> None:
        """`whole`: in the main window, where one chart and the wall are choices too."""
        super().__init__(parent)
        self._whole = whole
        sizes = [(size, name, f"Ctrl+Alt+{place}") for place, (size, name) in enumerate(SIZES.items(), 1)]
        if whole:
            sizes.append((WALL, _("Wall"), WALL_KEY))
        self.sizes = Segments(_("Charts"), sizes if whole else sizes[1:], self)
        periods = [(period, _(name), f"Alt+{place}") for place, (period, name) in enumerate(PERIODS.items(), 1)]
        self.periods = Segments(_("Period"), periods, self)
        bars = [(False, _("Cumulative"), ""), (True, _("Per minute"), "")]
        self.minutes = Segments(_("Larger part"), bars, self)
        scales = [
            (False, _("Own scales"), ""),
            (True, _("% of turnover"), _("One scale for all: the same height is the same share of turnover.")),
        ]
        self.shares = Segments(_("Scale"), scales, self)
        self._fill = push_button(_("Fill from the list"), self, "link")
        self._fill.setToolTip(_("Show the top of the list as it is sorted now; pinned tiles stay."))
        self._tear = push_button(_("Tear off"), self, "link")
        self._tear.setToolTip(_("The active chart in a window of its own (Ctrl+T)"))
        self._tear.hide()
        middle = Qt.AlignmentFlag.AlignVCenter
        segments = ((part, middle) for part in (self.sizes, self.periods, self.minutes, self.shares))
        beside(
            *segments,
            None,
            (self._tear, middle),
            (self._fill, middle),
            of=self,
            margins=(_MARGIN, 0, _MARGIN, 0),
            spacing=_SPACING,
        )
        self.sizes.chosen.connect(self.size_chosen)
        self.periods.chosen.connect(self.period_chosen)
        self.minutes.chosen.connect(self.minutes_chosen)
        self.shares.chosen.connect(self.shares_chosen)
        self._fill.clicked.connect(self.filled)
        self._tear.clicked.connect(self.torn)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Fonts and height."""
        self.setFixedHeight(theme.px(HEIGHT))
        for part in (self.sizes, self.periods, self.minutes, self.shares):
            part.set_theme(theme)
        for button in (self._fill, self._tear):
            button.setFont(theme.font(Role.SENTENCE_STRONG))
        self._fit()

    def show_period(self, period: Period) -> None:
        """Mark the period; cumulative or per minute, and one scale by share, are about a session alone."""
        self.periods.choose(period)
        for part in (self.minutes, self.shares):
            part.setEnabled(period is Period.INTRADAY)

    def minimumSizeHint(self) -> QSize:
        """How many charts; all else gives way in a narrow window."""
        return QSize(self.sizes.sizeHint().width() + 2 * _MARGIN, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show what there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.width() - 2 * _MARGIN - self.sizes.sizeHint().width()
        for part in (self._fill, self.periods, self.minutes, self.shares, *([self._tear] if self._whole else [])):
            room -= part.sizeHint().width() + _SPACING
            part.setVisible(room >= 0)
