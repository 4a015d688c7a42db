"""The watchlist as a table: rows worked out once, ordered by a numpy index array."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from math import isnan
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from capflow_gui.domain.flow import EXTRA_LARGE, LARGE, MEDIUM, SMALL, Floats, FlowSeries
from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.text import folded
from capflow_gui.feed.board import BoardView
from capflow_gui.present import numbers
from capflow_gui.present.language.texts import _, said_together
from capflow_gui.present.row_sentence import STATES, row_message, snapshot_words
from capflow_gui.ui.models.columns import (
    AMOUNTS,
    CLASSES,
    DEFAULT,
    DELTA_MINUTES,
    Column,
    ColumnChoice,
    SortOrder,
    title,
)
from capflow_gui.ui.models.figures import NAN, Figures, Look, age_cell, counted, figures_of
from capflow_gui.ui.words import alert_words, is_snoozed, pill_texts, row_source, source_label

Index = QModelIndex | QPersistentModelIndex


_CLASS_ROWS = {
    Column.EXTRA_LARGE: EXTRA_LARGE,
    Column.LARGE: LARGE,
    Column.MEDIUM: MEDIUM,
    Column.SMALL: SMALL,
}
_NOT_FIGURES = frozenset({Column.SYMBOL, Column.ALERT, Column.SOURCE, Column.AGE})
_NO_PARENT = QModelIndex()


class WatchlistModel(QAbstractTableModel):
    """Rows in view order. Figures are read from the board on `reload` and `refresh`, never while painting."""

    def __init__(self, board: BoardView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._board = board
        self._symbols: tuple[Symbol, ...] = ()
        self._figures: list[Figures] = []
        self._place: dict[Symbol, int] = {}
        self.columns: tuple[Column, ...] = DEFAULT
        # What rows are sorted by: a row for each of DEFAULT and, behind them, of the other columns that are shown or
        # sorted by. Sorting and the columns' units read it, never the rows.
        self._more: tuple[Column, ...] = ()
        self._key_rows = {column: place for place, column in enumerate(DEFAULT)}
        self._keys: Floats = np.zeros((len(DEFAULT), 0))
        self._minutes = DELTA_MINUTES
        self._wants_delta = True
        self._order: npt.NDArray[np.intp] = np.zeros(0, np.intp)
        self._shown: list[Figures] | None = None
        self.lines = 0  # of every row together
        self.sums = 0  # grows with each change of what is counted and added up over the rows shown
        self._rank: npt.NDArray[np.intp] = np.zeros(0, np.intp)
        self._extents: dict[Column, float] = {}
        self.currencies: frozenset[str] = frozenset()
        self._sort = SortOrder()
        self._filter: tuple[str, ...] = ()
        self._members: tuple[Symbol, ...] | None = None
        self._pinned: frozenset[Symbol] = frozenset()
        self.pinned_rows = 0
        self.unsorted = False
        self.reload()

    # reading

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """Rows that pass the filter."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """The columns that are wanted; of these a narrow table hides some."""
        return 0 if parent.isValid() else len(self.columns)

    def figures(self, view_row: int) -> Figures:
        """The figures of a row as shown."""
        return self._figures[int(self._order[view_row])]

    def shown(self) -> list[Figures]:
        """Every row that passes the filter, in view order; the same list until a row or the order changes."""
        if self._shown is None:
            self._shown = [self._figures[place] for place in self._order]
        return self._shown

    @property
    def known(self) -> int:
        """How many rows have a net that they are sorted by."""
        return int(np.isfinite(self._keys[self._key_rows[Column.NET]]).sum())

    def all_figures(self) -> list[Figures]:
        """Every row of the watchlist, in the user's order."""
        return self._figures

    def on_list(self, symbol: Symbol) -> bool:
        """Whether a symbol is watched, shown or not."""
        return symbol in self._place

    def view_row(self, symbol: Symbol) -> int | None:
        """Where a symbol is shown; None if it is filtered away or not on the list."""
        place = self._place.get(symbol)
        rank = -1 if place is None else int(self._rank[place])
        return None if rank < 0 else rank

    def extent(self, column: Column) -> float:
        """The largest magnitude in a column that is shown or sorted by; 0 where there is no figure."""
        known = self._extents.get(column)
        if known is None:
            keys = np.abs(self._keys[self._key_rows[column], self._order])
            known = self._extents[column] = float(np.nanmax(keys, initial=0.0))
        return known

    def least(self, column: Column) -> float:
        """The smallest figure of a column that is shown or sorted by; infinite where there is none."""
        return float(np.nanmin(self._keys[self._key_rows[column], self._order], initial=np.inf))

    def _grown(self, before: Sequence[float], after: Sequence[float]) -> None:
        """A row's keys changed: a larger one is the extent, the loss of the largest makes it unknown."""
        for column, known in list(self._extents.items()):
            place = self._key_rows[column]
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
        figures, column = self.figures(index.row()), self.columns[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._hint(figures, column)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        return self.words(figures, column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Column names, and the code of a row; assistive technology hears how the rows are sorted, too."""
        spoken = role == Qt.ItemDataRole.AccessibleTextRole
        count = self.columnCount() if orientation is Qt.Orientation.Horizontal else self.rowCount()
        if not 0 <= section < count or (not spoken and role != Qt.ItemDataRole.DisplayRole):
            return None
        if orientation is Qt.Orientation.Vertical:
            return str(self.figures(section).row.symbol)
        column = self.columns[section]
        return self.order_words() if spoken and column is self._sort.column else title(column, self._minutes)

    def _hint(self, figures: Figures, column: Column) -> str | None:
        row = figures.row
        if column is Column.MIX and (words := snapshot_words(row)):
            return words
        if column in (Column.MAIN, Column.MIX, *CLASSES) and figures.without_classes:
            return _("{source} gives no order sizes: main and the classes are not known.").format(
                source=source_label(row.source)
            )
        if column is Column.MIX:
            return None
        if column is Column.LEVEL and row.threshold is None:
            return _("No threshold is set.")
        link = next((link for link in self._board.links if link.source == row.source), None)
        message = row_message(row, link, self._board.monotonic_now())
        return self.words(figures, Column.SYMBOL) if message is None else str(message)

    def words(self, figures: Figures, column: Column) -> str:  # noqa: PLR0911  one return a kind of column
        """A cell in words."""
        row = figures.row
        match column:
            case Column.SYMBOL:
                alert = alert_words(row.alert, self._board.calendar.zone(row.symbol.market)) if row.alert else ""
                source = row_source(row) if row.shared else ""
                pinned = _("pinned") if row.symbol in self._pinned else ""
                return said_together(filter(None, (f"{row.symbol} {row.name}", source, alert, pinned)))
            case Column.TODAY:
                return _today(row.series, row.money)
            case Column.NET | Column.DELTA | Column.PRICE | Column.TRADED:
                return _in_money(_MORE_WORDS[column](figures), row.money)
            case Column.AGE:
                zone = self._board.calendar.zone(row.symbol.market)
                return age_cell(figures, self._board.market_now(row.source), zone)[0]
            case Column.MIX:
                return snapshot_words(row) or _("main {amount}").format(
                    amount=_in_money(numbers.compact(figures.main), row.money)
                )
            case Column.MAIN | Column.EXTRA_LARGE | Column.LARGE | Column.MEDIUM | Column.SMALL:
                amount = numbers.compact(class_amount(figures, column))
                return "" if figures.without_classes else _in_money(amount, row.money)
            case Column.LEVEL:
                return "" if row.threshold is None else numbers.percent(figures.to_level, 0, signed=False)
        return _MORE_WORDS[column](figures)

    # changing

    def reload(self, *, anew: bool = True) -> None:
        """Have the symbols that are on the list now; rows that were there before are read again only `anew`."""
        self.beginResetModel()
        known = {} if anew else dict(zip(self._symbols, self._figures, strict=True))
        self._symbols = self._board.symbols
        ready = self._ready_sources()
        self._figures = [known.get(symbol) or self._read(symbol, ready) for symbol in self._symbols]
        self.lines = sum(map(_lines, self._figures))
        self._read_keys()
        self._place = {symbol: place for place, symbol in enumerate(self._symbols)}
        self._arrange()
        self._find_currencies()
        self.endResetModel()

    def _read_keys(self) -> None:
        keys = np.array([_keys(figures, self._more) for figures in self._figures])
        self._keys = keys.reshape(-1, len(self._key_rows)).T.copy()
        self._extents.clear()

    def set_columns(self, choice: ColumnChoice) -> None:
        """Have these columns; what no column shows and no order asks for is not worked out."""
        self.beginResetModel()
        self.columns = choice.order
        self._need(choice.minutes)
        self.endResetModel()

    def _need(self, minutes: int) -> None:
        """Have the figures and keys of what is shown and sorted by, and the change over so many minutes."""
        used = {*self.columns, *(column for column, _descending in self._sort.keys)}
        more = tuple(column for column in Column if column in used and column not in DEFAULT)
        known, self._wants_delta = self._wants_delta and minutes == self._minutes, Column.DELTA in used
        self._minutes = minutes
        anew = self._wants_delta and not known
        if anew:
            ready = self._ready_sources()
            self._figures, self._shown = [self._read(symbol, ready) for symbol in self._symbols], None
        if anew or more != self._more:
            self._more = more
            self._key_rows = {column: place for place, column in enumerate((*DEFAULT, *more))}
            self._read_keys()

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
            self._shown = None
            self.lines += _lines(figures) - _lines(before)
            places.append(place)
            keys.append(_keys(figures, self._more))
            rank = int(self._rank[place])
            if rank >= 0:
                changed.append(rank)
                old = self._keys[:, place].tolist()
                self.unsorted = self.unsorted or self._order_of(before, old) != self._order_of(figures, keys[-1])
                self.sums += counted(before) != counted(figures)
                if self._extents:
                    self._grown(old, keys[-1])
        if places:
            self._keys[:, places] = np.array(keys).T
        for first, last in _runs(changed):
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))

    def order_words(self) -> str:
        """The order in force, in words."""
        words = self._sort.words(self._minutes)
        grouped = any(column in AMOUNTS for column, _descending in self._sort.keys) and len(self.currencies) > 1
        return _("{words}, by currency").format(words=words) if grouped else words

    def set_sort(self, order: SortOrder) -> None:
        """Change the order, now."""
        self._sort = order
        self._need(self._minutes)
        self.resort()

    @property
    def pinned(self) -> frozenset[Symbol]:
        """The symbols that stand at the top, those the filter hides too."""
        return self._pinned

    def set_pinned(self, symbols: Iterable[Symbol]) -> None:
        """Have these at the top, in the order in force among themselves."""
        self._pinned = frozenset(symbols)
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
        return figures_of(row, link_ready=row.source in ready, minutes=self._minutes if self._wants_delta else None)

    def _find_currencies(self) -> None:
        self.currencies = frozenset(self._figures[place].row.money for place in self._order)

    def _arrange(self) -> None:
        order = self._sorted()
        if self._filter:
            order = order[np.fromiter((self._passes(place) for place in order), bool, len(order))]
        self._order = order
        self.pinned_rows = sum(self._symbols[place] in self._pinned for place in order) if self._pinned else 0
        self._shown = None
        self.sums += 1
        self._rank = np.full(len(self._figures), -1, np.intp)
        self._rank[order] = np.arange(len(order))
        self._extents.clear()
        self.unsorted = False

    def _sorted(self) -> npt.NDArray[np.intp]:
        """The places of the rows of the tab in force, in order: the pinned ones, then the rest."""
        places = np.arange(len(self._figures), dtype=np.intp)
        if self._members is not None:
            places = np.array([self._place[each] for each in self._members if each in self._place], np.intp)
        # From the key that counts least to the one that counts most: each sort keeps the order of what is equal.
        for column, descending in reversed(self._sort.keys):
            keys = self._sort_keys(column, places)
            # argsort puts NaN last: rows without a figure stay at the bottom either way.
            order = np.argsort(-keys if descending else keys, kind="stable")
            if column in AMOUNTS:
                money = np.array([self._figures[place].row.money for place in places.tolist()])
                order = order[np.argsort(money[order], kind="stable")]
            if column not in _NOT_FIGURES:
                true = np.array([self._figures[place].look is Look.TRUE for place in places.tolist()], bool)
                order = order[np.argsort(~(true & ~np.isnan(keys))[order], kind="stable")]
            places = places[order]
        if self._pinned:
            loose = [self._symbols[place] not in self._pinned for place in places.tolist()]
            places = places[np.argsort(loose, kind="stable")]
        return places

    def _order_of(self, figures: Figures, keys: Sequence[float]) -> tuple[object, ...]:
        """What `_sorted` reads of a row that may change."""
        sorted_by = (keys[self._key_rows[column]] for column, _descending in self._sort.keys)
        row = figures.row
        return *(None if isnan(key) else key for key in sorted_by), figures.look is Look.TRUE, row.money, row.source

    def _sort_keys(self, column: Column, places: npt.NDArray[np.intp]) -> Floats:
        """Numbers that are in the order of a column's cells."""
        texts: Collection[Any]
        if column is Column.SYMBOL:
            texts = [self._symbols[place] for place in places]
        elif column is Column.SOURCE:
            texts = [source_label(self._figures[place].row.source) for place in places]
        else:
            known: Floats = self._keys[self._key_rows[column], places]
            return known
        ranks = {text: rank for rank, text in enumerate(sorted(set(texts)))}
        ranked: Floats = np.array([ranks[text] for text in texts], float)
        return ranked

    def _passes(self, place: int) -> bool:
        figures = self._figures[place]
        row = figures.row
        state = f"{row.freshness.value} {_(STATES[row.freshness])}"
        alert = f"alert {_('Alert')}" if row.alert is not None else ""
        found = f"{row.symbol} {row.name} {row.source} {state} {alert}".casefold()
        return all(word in found for word in self._filter)


def _lines(figures: Figures) -> int:
    return 0 if figures.row.series is None else len(figures.row.series)


def _in_money(amount: str, money: str) -> str:
    """An amount with its currency, for who does not see the header."""
    return amount if amount == numbers.MISSING else f"{amount} {money}".rstrip()


def _today(series: FlowSeries | None, money: str) -> str:
    """What the sparkline shows."""
    if series is None or not np.isfinite(series.net).any():
        return ""
    low, high = float(np.nanmin(series.net)), float(np.nanmax(series.net))
    return _("between {low} and {high} today").format(
        low=_in_money(numbers.compact(low), money), high=_in_money(numbers.compact(high), money)
    )


def class_amount(figures: Figures, column: Column) -> float:
    """The amount of main or of a class."""
    return figures.main if column is Column.MAIN else figures.newest(_CLASS_ROWS[column])


def _alert_rank(figures: Figures) -> float:
    """What waits, then what stands, is snoozed, has cleared; then what failed a check."""
    row = figures.row
    if row.alert is None:
        return 4.0 if row.flagged else NAN
    if row.alert.waiting:
        return 0.0
    return 2.0 if is_snoozed(row) else 1.0 if row.alert.standing else 3.0


def _keys(figures: Figures, more: Sequence[Column]) -> tuple[float, ...]:
    """What a row is sorted by in each of DEFAULT and `more`; NaN where it has no figure. Texts sort by themselves."""
    age, main = figures.row.age_s, figures.classes[0] + figures.classes[1]
    net, of_turnover, main = (figures.net, figures.of_turnover, main) if figures.possible else (NAN, NAN, NAN)
    keys = (
        0.0,
        net,
        net,
        of_turnover,
        figures.delta,
        main,
        figures.change,
        NAN if age is None or figures.look is Look.SENTENCE else age,
    )
    return keys + tuple([_MORE_KEYS[column](figures) for column in more]) if more else keys


def _possible(column: Column) -> Callable[[Figures], float]:
    return lambda figures: class_amount(figures, column) if figures.possible else NAN


_MORE_KEYS: dict[Column, Callable[[Figures], float]] = {
    **{column: _possible(column) for column in (Column.MAIN, *CLASSES)},
    Column.ALERT: _alert_rank,
    Column.LEVEL: lambda figures: figures.to_level if figures.possible else NAN,
    Column.PRICE: lambda figures: figures.price,
    Column.TRADED: lambda figures: NAN if figures.row.turnover is None else figures.row.turnover,
    Column.SOURCE: lambda _figures: 0.0,
}
_MORE_WORDS: dict[Column, Callable[[Figures], str]] = {
    Column.ALERT: lambda figures: next(iter(pill_texts(figures.row)[0]), ""),
    Column.NET: lambda figures: numbers.compact(figures.net),
    Column.TURNOVER: lambda figures: numbers.percent(figures.of_turnover),
    Column.DELTA: lambda figures: numbers.compact(figures.delta),
    Column.CHANGE: lambda figures: numbers.percent(figures.change, 2),
    Column.PRICE: lambda figures: numbers.price(figures.price),
    Column.TRADED: lambda figures: numbers.compact(figures.row.turnover, signed=False),
    Column.SOURCE: lambda figures: source_label(figures.row.source),
}


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Neighbouring rows as (first, last) spans."""
    spans: list[tuple[int, int]] = []
    for row in sorted(rows):
        if spans and row <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], row)
        else:
            spans.append((row, row))
    return spans
