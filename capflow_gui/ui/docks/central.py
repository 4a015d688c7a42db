"""How list, chart and tables lie in the window: who is beside whom, and how large."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, get_args

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QSplitter, QWidget

from capflow_gui.ui.layouts import divided, name_dividers
from capflow_gui.ui.watchlist.panel import WatchlistPanel
from capflow_gui.ui.window.detail_tabs import DetailTabs
from capflow_gui.ui.window.place import decoded, encoded

ListAt = Literal["left", "right", "top"]
TablesBelow = Literal["chart", "list", "window"]
# Shares of the window: the list's of its width or height, the tables' of its height.
_LIST, _LIST_ON_TOP, _TABLES = 0.4925, 0.4, 0.205
_H, _V = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


class Central:
    """Two dividers with three parts: `outer` has one of them and `inner`, which has the other two.

    The list is at the left, at the right or on top; the tables are below the chart, below the list, or below both.
    In a window too narrow for list and chart beside each other the list is on top, until there is room again.
    """

    def __init__(self, watchlist: WatchlistPanel, chart: QWidget, tables: DetailTabs, parent: QWidget) -> None:
        self._list, self._chart, self._tables = watchlist, chart, tables
        self.inner = divided(chart, tables, of=parent, vertical=True)
        self.outer = divided(watchlist, self.inner, of=parent)
        self.outer.setCollapsible(1, True)  # the list alone: the chart is pulled in again by its edge
        self.list_at: ListAt = "left"
        self.tables_below: TablesBelow = "chart"
        self._narrow = False
        self._fitted: tuple[int, QSize, bool] = 0, QSize(), False
        # The sizes of the arrangement that is not on screen, beside and below each other; none: the first ones.
        self._beside = self._below = ""
        self.arrange("left", "chart")

    def arrange(self, list_at: str, tables_below: str) -> None:
        """Put the parts where they are wanted; a place there is not changes nothing. Sizes are as Qt finds them."""
        self.list_at = next((each for each in get_args(ListAt) if each == list_at), self.list_at)
        self.tables_below = next((each for each in get_args(TablesBelow) if each == tables_below), self.tables_below)
        self._place()

    @contextmanager
    def laid_out_once(self) -> Iterator[None]:
        """What happens inside gives the parts several sizes: what they hold is laid out for the last, before a paint.

        Dividers lay out everything below them whenever they are turned, filled or moved.
        """
        parts = self._list, self._chart, self._tables
        layouts = [each for part in parts if (each := part.layout()) is not None and each.isEnabled()]
        for each in layouts:
            each.setEnabled(False)
        try:
            yield
        finally:
            for each in layouts:
                each.setEnabled(True)
                each.update()

    @property
    def least_width(self) -> int:
        """What its parts need below each other."""
        return max(self._list.minimumSizeHint().width(), self._tables.minimumSizeHint().width())

    def fit_width(self, width: int, whole: QSize, roomy: bool) -> None:
        """Follow the width that there is, in a window so large; `roomy` gives the chart's place all the room."""
        least = self._list.minimumSizeHint().width() + self.outer.handleWidth() + self._tables.minimumSizeHint().width()
        self._fitted = width, whole, roomy
        alone = not self._narrow and self.outer.sizes().count(0) == 1
        narrow = self.list_at != "top" and width < least and not alone
        if narrow == self._narrow:
            return
        now = self._state()
        self._beside, self._below = (now, self._below) if narrow else (self._beside, now)
        self._narrow = narrow
        with self.laid_out_once():
            self._place()
            if self._restore(self._below if narrow else self._beside):
                return
            if roomy:
                self._make_room()
            else:
                self._spread(whole.width(), whole.height())

    def _place(self) -> None:
        across = _V if self._narrow or self.list_at == "top" else _H
        if self.tables_below == "chart":
            self._fill(self.inner, _V, self._chart, self._tables)
            self._fill(self.outer, across, *self._sided(self._list, self.inner))
        elif self.tables_below == "list":
            self._fill(self.inner, _V, self._list, self._tables)
            self._fill(self.outer, across, *self._sided(self.inner, self._chart))
        else:
            self._fill(self.inner, across, *self._sided(self._list, self._chart))
            self._fill(self.outer, _V, self.inner, self._tables)

    def _sided(self, of_list: QWidget, of_chart: QWidget) -> tuple[QWidget, QWidget]:
        return (of_chart, of_list) if self.list_at == "right" and not self._narrow else (of_list, of_chart)

    def _fill(self, splitter: QSplitter, orientation: Qt.Orientation, *parts: QWidget) -> None:
        _turn(splitter, orientation)
        for place, part in enumerate(parts):
            if splitter.widget(place) is not part:
                splitter.insertWidget(place, part)
            splitter.setStretchFactor(place, int(part is not self._tables and self._tables in parts))
        name_dividers(splitter)

    # sizes

    def spread(self, width: int, height: int) -> None:
        """The first sizes, in a window so large: the list nearly half, the tables a fifth."""
        self._beside = self._below = ""
        with self.laid_out_once():
            self._spread(width, height)

    def _spread(self, width: int, height: int) -> None:
        for splitter in (self.outer, self.inner):
            whole = width if splitter.orientation() == _H else height
            small = self._small(splitter)
            if small is self._tables:
                size = self._tables.whole_rows(round(height * _TABLES))
            elif splitter.orientation() == _H:
                size = width - round(width * (1 - _LIST))
            else:
                size = round(height * _LIST_ON_TOP)
            self._give(splitter, small, size, whole)

    def make_room(self) -> None:
        """Give all the room there is to the chart's place."""
        self._beside = self._below = ""
        with self.laid_out_once():
            self._make_room()

    def _make_room(self) -> None:
        for splitter in (self.outer, self.inner):
            small, across = self._small(splitter), splitter.orientation() == _H
            least = small.minimumSizeHint()
            low = self._tables.whole_rows(least.height()) if small is self._tables else least.height()
            self._give(
                splitter, small, least.width() if across else low, splitter.width() if across else splitter.height()
            )

    def _small(self, splitter: QSplitter) -> QWidget:
        """Of two parts the one that is not, or has not, the chart; of list and tables the tables."""
        if splitter is self.inner:
            return self._list if self.tables_below == "window" else self._tables
        return {"chart": self._list, "list": self.inner, "window": self._tables}[self.tables_below]

    @staticmethod
    def _give(splitter: QSplitter, small: QWidget, size: int, whole: int) -> None:
        rest = max(whole - size, 1)
        splitter.setSizes([size, rest] if splitter.indexOf(small) == 0 else [rest, size])

    def sizes(self) -> str:
        """The sizes as settings keep them: those beside each other, then those below where there was no room."""
        beside, below = (self._beside or "|", self._state()) if self._narrow else (self._state(), self._below)
        return f"{beside}|{below}" if below else beside

    def _state(self) -> str:
        return f"{encoded(self.outer.saveState())}|{encoded(self.inner.saveState())}"

    def restore_sizes(self, kept: str) -> bool:
        """Give the parts kept sizes, where there is room for them; False where they cannot be read."""
        with self.laid_out_once():
            return self._restore_sizes(kept)

    def _restore_sizes(self, kept: str) -> bool:
        parts = kept.split("|")
        beside, below = "|".join(parts[:2]), "|".join(parts[2:])
        if not self._narrow:
            self._below = below
            return self._restore(beside)
        before, self._narrow = self._beside, False
        self._place()
        done = self._restore(beside)
        self._below = below
        self.fit_width(*self._fitted)  # the list may be alone now, and has room
        if self._narrow:
            self._beside = beside if done else "" if below else before
        return done or bool(below)

    def _restore(self, kept: str) -> bool:
        first, _, second = kept.partition("|")
        for splitter, text in ((self.outer, first), (self.inner, second)):
            state, orientation = decoded(text), splitter.orientation()
            if state is None or not splitter.restoreState(state):
                return False
            _turn(splitter, orientation)  # the state has its own
        return True


def _turn(splitter: QSplitter, orientation: Qt.Orientation) -> None:
    if splitter.orientation() is not orientation:  # Qt lays its parts out anew even when it is told the same again
        splitter.setOrientation(orientation)
