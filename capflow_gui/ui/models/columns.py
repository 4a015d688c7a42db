"""The columns of the watchlist: their names, the order of the rows, and which of them the user wants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from capflow_gui.present.language.texts import N_, _

DELTA_MINUTES = 5
WINDOWS = (1, 5, 15, 30, 60)  # minutes that the Δ column may span
NARROWEST, WIDEST = 24, 800
MOST_KEYS = 9


class Column(StrEnum):
    """In the order they have until the user gives them another; the value is what settings keep."""

    SYMBOL = "symbol"
    ALERT = "alert"
    TODAY = "today"
    NET = "net"
    MAIN = "main"
    EXTRA_LARGE = "extra_large"
    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"
    TURNOVER = "turnover"  # the net as a share of turnover
    DELTA = "delta"
    MIX = "mix"
    LEVEL = "level"
    PRICE = "price"
    CHANGE = "change"
    TRADED = "traded"  # the turnover itself
    SOURCE = "source"
    AGE = "age"


COLUMNS = tuple(Column)
CLASSES = (Column.EXTRA_LARGE, Column.LARGE, Column.MEDIUM, Column.SMALL)
# Shown until the user chooses.
DEFAULT = (
    Column.SYMBOL,
    Column.TODAY,
    Column.NET,
    Column.TURNOVER,
    Column.DELTA,
    Column.MIX,
    Column.CHANGE,
    Column.AGE,
)
# Sorted within each currency: amounts of different ones cannot be compared.
AMOUNTS = frozenset(
    {Column.TODAY, Column.NET, Column.MAIN, *CLASSES, Column.DELTA, Column.MIX, Column.PRICE, Column.TRADED}
)
_TITLES = {
    Column.SYMBOL: N_("Symbol"),
    Column.ALERT: N_("Alert"),
    Column.TODAY: N_("Today"),
    Column.NET: N_("Net"),
    Column.MAIN: N_("Main"),
    Column.EXTRA_LARGE: N_("Extra-large"),
    Column.LARGE: N_("Large"),
    Column.MEDIUM: N_("Medium"),
    Column.SMALL: N_("Small"),
    Column.TURNOVER: N_("% turnover"),
    Column.DELTA: N_("Δ {minutes} min"),
    Column.MIX: N_("Main | rest"),
    Column.LEVEL: N_("To level"),
    Column.PRICE: N_("Last"),
    Column.CHANGE: N_("Change"),
    Column.TRADED: N_("Turnover"),
    Column.SOURCE: N_("Source"),
    Column.AGE: N_("Age"),
}
# What is first in ascending and in descending order; of figures, as of NET.
_ENDS = {
    Column.NET: (N_("lowest first"), N_("highest first")),
    Column.SYMBOL: (N_("A to Z"), N_("Z to A")),
    Column.SOURCE: (N_("A to Z"), N_("Z to A")),
    Column.ALERT: (N_("waiting first"), N_("waiting last")),
    Column.AGE: (N_("newest first"), N_("oldest first")),
}


def title(column: Column, minutes: int = DELTA_MINUTES) -> str:
    """How a column is called; `minutes` is the window of the Δ column."""
    return _(_TITLES[column]).format(minutes=minutes)


@dataclass(frozen=True, slots=True)
class SortOrder:
    """`column` None is the user's own order; rows that are equal by it stand in the order of `then`."""

    column: Column | None = Column.TURNOVER
    descending: bool = False
    then: SortOrder | None = None

    @classmethod
    def of(cls, keys: Iterable[tuple[Column, bool]]) -> SortOrder:
        """The order by (column, descending), the first one counting most; by none, the user's own."""
        order: SortOrder | None = None
        for column, descending in reversed(list(keys)[:MOST_KEYS]):
            order = cls(column, descending, order)
        return order or cls(None)

    @classmethod
    def parse(cls, text: str) -> SortOrder:
        """Read what settings kept, `source:asc,net:desc`; anything unreadable is left out.

        Where nothing is left, it is the default: worst share of turnover first.
        """
        if text == "manual":
            return cls(None)
        keys: dict[Column, bool] = {}
        for part in text.split(","):
            name, _colon, direction = part.partition(":")
            if name in set(Column):
                keys.setdefault(Column(name), direction == "desc")
        return cls.of(keys.items()) if keys else cls()

    def __str__(self) -> str:
        if self.column is None:
            return "manual"
        return ",".join(f"{column.value}:{'desc' if descending else 'asc'}" for column, descending in self.keys)

    @property
    def keys(self) -> list[tuple[Column, bool]]:
        """(column, descending), the one that counts most first; empty for the user's own order."""
        rest = [] if self.then is None else self.then.keys
        return rest if self.column is None else [(self.column, self.descending), *rest]

    def turned(self, column: Column, *, beside: bool = False) -> SortOrder:
        """What a click on a column leads to: its natural direction, the other, then the user's own order.

        `beside`: the column is one more key; the third time it is a key no longer.
        """
        natural = column is Column.AGE
        keys = self.keys
        if beside and (len(keys) > 1 or column not in dict(keys)):
            now = dict(keys).get(column)
            if now is None:
                return SortOrder.of([*keys, (column, natural)])
            others = [(each, not natural if each is column else down) for each, down in keys]
            return SortOrder.of(others if now is natural else [each for each in keys if each[0] is not column])
        if column is not self.column:
            return SortOrder(column, natural)
        return SortOrder(column, not natural) if self.descending is natural else SortOrder(None)

    def words(self, minutes: int = DELTA_MINUTES) -> str:
        """The order in words: `% of turnover, lowest first`."""
        if self.column is None:
            return _("your own order")
        name = _("% of turnover") if self.column is Column.TURNOVER else title(self.column, minutes)
        end = _ENDS.get(self.column, _ENDS[Column.NET])[self.descending]
        first = _("{column}, {order}").format(column=name, order=_(end))
        if self.then is None:
            return first
        return _("{first}; then {others}").format(first=first, others=self.then.words(minutes))


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """The columns that are wanted, in order, the symbol first.

    `widths` are those set by hand, in pixels at a font scale of 100 %; `minutes` is the window of the Δ column.
    """

    order: tuple[Column, ...] = DEFAULT
    widths: Mapping[Column, int] = field(default_factory=dict)
    minutes: int = DELTA_MINUTES

    @classmethod
    def parse(cls, kept: Iterable[str], minutes: int = DELTA_MINUTES) -> ColumnChoice:
        """Read what settings kept: the shown columns in order, `net` or, with a width, `net:120`.

        What is unreadable is left out; nothing at all is the default.
        """
        order: dict[Column, int | None] = {}
        for each in kept:
            name, _colon, width = each.partition(":")
            if name in set(Column):
                order.setdefault(Column(name), int(width) if width.isascii() and width.isdigit() else None)
        chosen = cls(minutes=minutes if minutes in WINDOWS else DELTA_MINUTES)
        for column, pixels in order.items():
            chosen = chosen.sized(column, pixels)
        return chosen.ordered(order) if order else chosen

    def kept(self) -> list[str]:
        """For settings; empty where it is the default."""
        if self.order == DEFAULT and not self.widths:
            return []
        return [f"{each}:{self.widths[each]}" if each in self.widths else each.value for each in self.order]

    def ordered(self, columns: Iterable[Column]) -> ColumnChoice:
        """These columns in this order, after the symbol."""
        rest = (each for each in dict.fromkeys(columns) if each is not Column.SYMBOL)
        return replace(self, order=(Column.SYMBOL, *rest))

    def toggled(self, column: Column) -> ColumnChoice:
        """With a column or, if it is there, without it. A new one stands where it stands in COLUMNS."""
        if column in self.order:
            return self.ordered(each for each in self.order if each is not column)
        place = COLUMNS.index(column)
        before = max((at for at, each in enumerate(self.order) if COLUMNS.index(each) < place), default=0) + 1
        return self.ordered((*self.order[:before], column, *self.order[before:]))

    def moved(self, column: Column, step: int) -> ColumnChoice:
        """With a column so many places further right; the symbol stays where it is."""
        others = [each for each in self.order if each is not column]
        if column is Column.SYMBOL or column not in self.order:
            return self
        others.insert(min(max(self.order.index(column) + step, 1), len(others)), column)
        return self.ordered(others)

    def over(self, minutes: int) -> ColumnChoice:
        """With another window of the Δ column, one of WINDOWS."""
        return replace(self, minutes=minutes)

    def sized(self, column: Column, width: int | None) -> ColumnChoice:
        """With a column of that width at 100 %; None: of the width it has by itself."""
        others = {each: pixels for each, pixels in self.widths.items() if each is not column}
        own = {} if width is None else {column: min(max(width, NARROWEST), WIDEST)}
        return replace(self, widths=others | own)
