"""A plot of one pane with a crosshair of its own, that stands on an index: a period, or a minute of several symbols."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from capflow_gui.ui.chart.axes import MoneyAxis, TimeAxis
from capflow_gui.ui.chart.crosshair import Readout, ReadoutTable
from capflow_gui.ui.chart.look import Look
from capflow_gui.ui.chart.view import TABLE_LEAST_HEIGHT, PlotView
from capflow_gui.ui.keyboard import key_of


class OnePane(PlotView):
    """Base of HistoryPlot and ComparePlot. `moved` is told where the crosshair went by mouse or keys."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.index: int | None = None
        self.moved: Callable[[int | None], None] = lambda _index: None
        self._follows = False
        self._place = -1
        self.money = MoneyAxis(look, self.fonts, self.touches)
        self.time = TimeAxis(look, self.fonts, self.touches)
        self.pane = self.make_plot(0, self.money, self.time)
        self._table = ReadoutTable(look, self.fonts)
        self._keys = self.walking_keys(self)
        self.pointed.connect(self._point)
        self.departed.connect(self.leave)

    @abstractmethod
    def ends(self) -> tuple[int, int]:
        """The first and the last index there are; the last is below the first where there are none."""

    @abstractmethod
    def read(self) -> Readout | None:
        """The table of the crosshair's index; None while it is away."""

    @abstractmethod
    def label(self, index: int) -> object:
        """What other charts know an index by."""

    @abstractmethod
    def place(self, label: object) -> int | None:
        """The index of what another chart's crosshair stands on; None where there is none."""

    @abstractmethod
    def aim(self) -> None:
        """Draw the crosshair where it stands."""

    @property
    def _has_table(self) -> bool:
        """Whether there is room for the table; where nobody points, it would hide what somebody looks at."""
        return bool(self.height() >= TABLE_LEAST_HEIGHT * self.fonts.scale) and not self._follows

    def _point(self, x: float, y: float) -> None:
        frame = self.frame(self.pane)
        if frame.contains(x, y):
            self.stand(round(frame.index(x)))
        else:
            self.leave()

    def stand(self, index: int) -> None:
        """Put the crosshair on an index; held to those there are."""
        first, last = self.ends()
        index = min(max(index, first), last)
        if last >= first and (index != self.index or self._follows):
            self.index, self._follows = index, False
            self.aim()
            self.moved(index)

    def follow(self, index: int | None) -> None:
        """Stand where another chart's crosshair stands, without a table."""
        first, last = self.ends()
        if index is None or not first <= index <= last:
            self._go_away()
        elif index != self.index or not self._follows:
            self.index, self._follows = index, True
            self.aim()

    def step(self, by: int) -> None:
        """Move the crosshair; the first step comes in at the newest."""
        self.stand(self.ends()[1] if self.index is None else self.index + by)

    def leave(self) -> None:
        """Take the crosshair away; where it follows another one, that one stays."""
        was_own = self.index is not None and not self._follows
        self._go_away()
        if was_own:
            self.moved(None)

    def _go_away(self) -> None:
        if self.index is not None:
            self.index, self._place = None, -1
            self.cross.hide_it()

    def handle_key(self, event: QKeyEvent) -> bool:
        """← → one (⇧ ten), Home End, + − 0 zoom, Esc."""
        if key_of(event) is Qt.Key.Key_Escape and self.index is not None:
            self.leave()
            return True
        run = self._keys.find(event)
        if run is not None:
            run()
        return run is not None
