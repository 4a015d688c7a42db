"""The watchlist as a table: rows worked out once, ordered by a numpy index array."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from capflow_gui.domain.flow import Floats, FlowSeries
from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.text import folded
from capflow_gui.feed.board import BoardView
from capflow_gui.present import numbers
from capflow_gui.present.language.texts import N_, _
from capflow_gui.present.row_sentence import row_message, snapshot_words
from capflow_gui.present.sentences import rule_words
from capflow_gui.ui.models.figures import NAN, Figures, Look, age_cell, figures_of
from capflow_gui.ui.words import row_source

Index = QModelIndex | QPersistentModelIndex


class Column(StrEnum):
    """Columns in their order on screen; the value is what settings keep."""

    SYMBOL = "symbol"
    TODAY = "today"
    NET = "net"
    TURNOVER = "turnover"
    DELTA = "delta"
    MIX = "mix"
    CHANGE = "change"
    AGE = "age"


COLUMNS = tuple(Column)
# Sorted within each currency: amounts of different ones cannot be compared.
_AMOUNTS = frozenset({Column.TODAY, Column.NET, Column.DELTA, Column.MIX})
TITLES = {
    Column.SYMBOL: N_("Symbol"),
    Column.TODAY: N_("Today"),
    Column.NET: N_("Net"),
    Column.TURNOVER: N_("% turnover"),
    Column.DELTA: N_("Δ 5 min"),
    Column.MIX: N_("Main | rest"),
    Column.CHANGE: N_("Change"),
    Column.AGE: N_("Age"),
}
_NO_PARENT = QModelIndex()


@dataclass(frozen=True, slots=True)
class SortOrder:
    """`column` None is the user's own order."""

    column: Column | None = Column.TURNOVER
    descending: bool = False

    @classmethod
    def parse(cls, text: str) -> SortOrder:
        """Read what settings kept; anything unreadable is the default, worst share of turnover first."""
        name, __, direction = text.partition(":")
        if name == "manual":
            return cls(None)
        return cls(Column(name), direction == "desc") if name in set(Column) else cls()

    def __str__(self) -> str:
        if self.column is None:
            return "manual"
        return f"{self.column.value}:{'desc' if self.descending else 'asc'}"

    def words(self) -> str:
        """The order in words: `% of turnover, lowest first`."""
        if self.column is None:
            return _("your own order")
        ends = {Column.SYMBOL: (_("A to Z"), _("Z to A")), Column.AGE: (_("newest first"), _("oldest first"))}
        ascending, descending = ends.get(self.column, (_("lowest first"), _("highest first")))
        title = _("% of turnover") if self.column is Column.TURNOVER else _(TITLES[self.column])
        return _("{column}, {order}").format(column=title, order=descending if self.descending else ascending)


class WatchlistModel(QAbstractTableModel):
    """Rows in view order. Figures are read from the board on `reload` and `refresh`, never while painting."""

    def __init__(self, board: BoardView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._board = board
        self._symbols: tuple[Symbol, ...] = ()
        self._figures: list[Figures] = []
        self._place: dict[Symbol, int] = {}
        # One row a column: what it is sorted by. Sorting and the columns' units read it, never the rows.
        self._keys: Floats = np.zeros((len(COLUMNS), 0))
        self._order: npt.NDArray[np.intp] = np.zeros(0, np.intp)
        self._shown: list[Figures] | None = None
        self._lines: int | None = None
        self._rank: npt.NDArray[np.intp] = np.zeros(0, np.intp)
        self._extents: dict[Column, float] = {}
        self.currencies: frozenset[str] = frozenset()
        self._sort = SortOrder()
        self._filter: tuple[str, ...] = ()
        self._members: tuple[Symbol, ...] | None = None
        self.unsorted = False
        self.reload()

    # reading

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """Rows that pass the filter."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """All columns, the hidden ones too."""
        return 0 if parent.isValid() else len(COLUMNS)

    def figures(self, view_row: int) -> Figures:
        """The figures of a row as shown."""
        return self._figures[int(self._order[view_row])]

    def shown(self) -> list[Figures]:
        """Every row that passes the filter, in view order; the same list until a row or the order changes."""
        if self._shown is None:
            self._shown = [self._figures[place] for place in self._order]
        return self._shown

    @property
    def lines(self) -> int:
        """The lines of every row together."""
        if self._lines is None:
            rows = (figures.row for figures in self._figures)
            self._lines = sum(len(row.series) for row in rows if row.series is not None)
        return self._lines

    def all_figures(self) -> list[Figures]:
        """Every row of the watchlist, in the user's order."""
        return self._figures

    def view_row(self, symbol: Symbol) -> int | None:
        """Where a symbol is shown; None if it is filtered away or not on the list."""
        place = self._place.get(symbol)
        rank = -1 if place is None else int(self._rank[place])
        return None if rank < 0 else rank

    def extent(self, column: Column) -> float:
        """The largest magnitude shown in a column; 0 where there is no figure."""
        known = self._extents.get(column)
        if known is None:
            keys = np.abs(self._keys[COLUMNS.index(column), self._order])
            known = self._extents[column] = float(np.nanmax(keys, initial=0.0))
        return known

    def _grown(self, before: tuple[float, ...], after: tuple[float, ...]) -> None:
        """A row's keys changed: a larger one is the extent, the loss of the largest makes it unknown."""
        for column, known in list(self._extents.items()):
            place = COLUMNS.index(column)
            if abs(after[place]) >= known:
                self._extents[column] = abs(after[place])
            elif not abs(before[place]) < known:
                del self._extents[column]

    @property
    def sort_order(self) -> SortOrder:
        """The order in force."""
        return self._sort

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Plain words for assistive technology and copying; the view paints from `figures`."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.ToolTipRole:
            row, column = self.figures(index.row()).row, COLUMNS[index.column()]
            if column is Column.MIX:
                return snapshot_words(row) or None
            link = next((link for link in self._board.links if link.source == row.source), None)
            message = row_message(row, link, self._board.monotonic_now())
            return self._words(self.figures(index.row()), Column.SYMBOL) if message is None else str(message)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        return self._words(self.figures(index.row()), COLUMNS[index.column()])

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Column names, and the code of a row; assistive technology hears how the rows are sorted, too."""
        spoken = role == Qt.ItemDataRole.AccessibleTextRole
        if not spoken and role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation is Qt.Orientation.Vertical:
            return str(self.figures(section).row.symbol)
        column = COLUMNS[section]
        return self.order_words() if spoken and column is self._sort.column else _(TITLES[column])

    def _words(self, figures: Figures, column: Column) -> str:
        row = figures.row
        if column is Column.SYMBOL:
            alert = _("alert {rule}").format(rule=rule_words(row.alert.rule)) if row.alert else ""
            source = row_source(row) if row.shared else ""
            return ", ".join(filter(None, (f"{row.symbol} {row.name}", source, alert)))
        if column is Column.NET:
            return f"{numbers.compact(figures.net)} {row.money}"
        if column is Column.AGE:
            zone = self._board.calendar.zone(row.symbol.market)
            return age_cell(figures, self._board.market_now(row.source), zone)[0]
        words = {
            Column.TODAY: _today(row.series),
            Column.TURNOVER: numbers.percent(figures.of_turnover),
            Column.DELTA: numbers.compact(figures.delta),
            Column.MIX: snapshot_words(row) or _("main {amount}").format(amount=numbers.compact(figures.main)),
            Column.CHANGE: numbers.percent(figures.change, 2),
        }
        return words.get(column, "")

    # changing

    def reload(self) -> None:
        """Read the whole watchlist again: symbols came, went or were moved."""
        self.beginResetModel()
        self._symbols = self._board.symbols
        ready = self._ready_sources()
        self._figures, self._lines = [self._read(symbol, ready) for symbol in self._symbols], None
        self._keys = np.array([_keys(figures) for figures in self._figures]).reshape(-1, len(COLUMNS)).T.copy()
        self._place = {symbol: place for place, symbol in enumerate(self._symbols)}
        self._arrange()
        self._find_currencies()
        self.endResetModel()

    def refresh(self, symbols: Iterable[Symbol] | None = None) -> None:
        """Read some rows again (None: all), in place: their order waits for `resort`."""
        ready = self._ready_sources()
        changed: list[int] = []
        places: list[int] = []
        keys: list[tuple[float, ...]] = []
        if symbols is None:
            self._extents.clear()
        for symbol in self._symbols if symbols is None else symbols:
            place = self._place.get(symbol)
            if place is None:
                continue
            before, figures = self._figures[place], self._read(symbol, ready)
            passed = bool(self._filter) and self._passes(place)
            if figures.row.money != before.row.money:
                self.currencies |= {figures.row.money}
            self._figures[place] = figures
            self.unsorted = self.unsorted or (bool(self._filter) and self._passes(place) != passed)
            self._shown = self._lines = None
            places.append(place)
            keys.append(_keys(figures))
            rank = int(self._rank[place])
            if rank >= 0:
                changed.append(rank)
                if self._extents:
                    self._grown(_keys(before), keys[-1])
        if places:
            self._keys[:, places] = np.array(keys).T
        self.unsorted = self.unsorted or (bool(changed) and self._sort.column is not None)
        for first, last in _runs(changed):
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(COLUMNS) - 1))

    def order_words(self) -> str:
        """The order in force, in words."""
        grouped = self._sort.column in _AMOUNTS and len(self.currencies) > 1
        return _("{words}, by currency").format(words=self._sort.words()) if grouped else self._sort.words()

    def set_sort(self, order: SortOrder) -> None:
        """Change the order, now."""
        self._sort = order
        self.resort()

    def set_filter(self, text: str, members: Sequence[Symbol] | None) -> None:
        """Show some symbols, in their order, or (None) all: those whose code, name, source and state have every word.

        An alert is a state, too.
        """
        self._filter = tuple(folded(text).casefold().split())
        self._members = None if members is None else tuple(members)
        self.resort(filtered=True)

    def resort(self, *, filtered: bool = False) -> None:
        """Bring the rows into the order in force; selections follow their rows. `filtered`: others are shown now."""
        self.layoutAboutToBeChanged.emit()
        held = [(index, self.figures(index.row()).row.symbol) for index in self.persistentIndexList()]
        self._arrange()
        if filtered or self._filter:
            self._find_currencies()
        for index, symbol in held:
            view_row = self.view_row(symbol)
            target = QModelIndex() if view_row is None else self.index(view_row, index.column())
            self.changePersistentIndex(index, target)
        self.layoutChanged.emit()

    def moved(self, symbol: Symbol, before: Symbol | None) -> list[Symbol]:
        """The symbols shown as they would stand with `symbol` in front of `before` (None: at the end).

        Those the text hides are among them.
        """
        order = [self._symbols[place] for place in self._sorted()]
        order.remove(symbol)
        order.insert(len(order) if before is None else order.index(before), symbol)
        return order

    def _ready_sources(self) -> frozenset[str]:
        return frozenset(link.source for link in self._board.links if link.phase is LinkPhase.READY)

    def _read(self, symbol: Symbol, ready: frozenset[str]) -> Figures:
        row = self._board.row(symbol)
        return figures_of(row, link_ready=row.source in ready)

    def _find_currencies(self) -> None:
        self.currencies = frozenset(self._figures[place].row.money for place in self._order)

    def _arrange(self) -> None:
        order = self._sorted()
        if self._filter:
            order = order[np.fromiter((self._passes(place) for place in order), bool, len(order))]
        self._order = order
        self._shown = None
        self._rank = np.full(len(self._figures), -1, np.intp)
        self._rank[order] = np.arange(len(order))
        self._extents.clear()
        self.unsorted = False

    def _sorted(self) -> npt.NDArray[np.intp]:
        """The places of the rows of the tab in force, in order."""
        column, listed = self._sort.column, self._figures
        places = np.arange(len(listed), dtype=np.intp)
        if self._members is not None:
            places = np.array([self._place[each] for each in self._members if each in self._place], np.intp)
            listed = [self._figures[place] for place in places]
        if column is None:
            return places
        if column is Column.SYMBOL:
            ranked = sorted(places.tolist(), key=self._symbols.__getitem__, reverse=self._sort.descending)
            return np.array(ranked, np.intp)
        keys = self._keys[COLUMNS.index(column), places]
        # argsort puts NaN last: rows without a figure stay at the bottom either way.
        order = np.argsort(-keys if self._sort.descending else keys, kind="stable")
        if column in _AMOUNTS:
            money = np.array([figures.row.money for figures in listed])
            order = order[np.argsort(money[order], kind="stable")]
        if column is not Column.AGE:
            true = np.array([figures.look is Look.TRUE for figures in listed], bool)
            order = order[np.argsort(~(true & ~np.isnan(keys))[order], kind="stable")]
        return places[order]

    def _passes(self, place: int) -> bool:
        figures = self._figures[place]
        row = figures.row
        state = "alert" if row.alert is not None else ""
        found = f"{row.symbol} {row.name} {row.source} {row.freshness.value} {state}".casefold()
        return all(word in found for word in self._filter)


def _today(series: FlowSeries | None) -> str:
    """What the sparkline shows."""
    if series is None or not np.isfinite(series.net).any():
        return ""
    low, high = float(np.nanmin(series.net)), float(np.nanmax(series.net))
    return _("between {low} and {high} today").format(low=numbers.compact(low), high=numbers.compact(high))


def _keys(figures: Figures) -> tuple[float, ...]:
    """What a row is sorted by in each of COLUMNS; NaN where it has no figure. Symbols sort by themselves."""
    age, main = figures.row.age_s, figures.classes[0] + figures.classes[1]
    net, of_turnover, main = (figures.net, figures.of_turnover, main) if figures.possible else (NAN, NAN, NAN)
    return (
        0.0,
        net,
        net,
        of_turnover,
        figures.delta,
        main,
        figures.change,
        NAN if age is None or figures.look is Look.SENTENCE else age,
    )


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Neighbouring rows as (first, last) spans."""
    spans: list[tuple[int, int]] = []
    for row in sorted(rows):
        if spans and row <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], row)
        else:
            spans.append((row, row))
    return spans
