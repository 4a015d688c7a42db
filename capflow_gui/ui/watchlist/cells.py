"""What the cells of a row say, in the one unit and precision of their column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from capflow_gui.present import numbers
from capflow_gui.ui.models.columns import CLASSES, Column
from capflow_gui.ui.models.figures import Figures
from capflow_gui.ui.models.watchlist_model import WatchlistModel, class_amount

LEFT = 16.0
GAP = 8.0  # between the end of a cell and the next column
# In the unit of the net, which they are read beside, unless that would make them all zeros.
BESIDE_NET = (Column.DELTA, Column.MAIN, *CLASSES)


@dataclass(frozen=True, slots=True)
class RowStyle:
    """What holds for every row of a table at one moment. `edges` are (left, right) pixels of the shown columns.

    `figures_left` is where the symbol's column ends, `sentence_left` where a sentence instead of figures begins;
    `units` are those of the shown columns of amounts.
    """

    edges: dict[Column, tuple[float, float]]
    figures_left: float
    sentence_left: float
    height: float
    width: float
    units: dict[Column, numbers.Unit]
    price_decimals: int = 2
    mixed_currencies: bool = False


def gap_behind(column: Column) -> float:
    """The pixels between the end of a column's cell and the next column."""
    return 0.0 if column in (Column.SYMBOL, Column.MIX) else GAP


def units_of(model: WatchlistModel, shown: dict[Column, tuple[float, float]]) -> dict[Column, numbers.Unit]:
    """One unit for each shown column of amounts."""
    net = numbers.unit_for(model.extent(Column.NET) or 1e6)
    units = {Column.NET: net} if Column.NET in shown else {}
    for column in BESIDE_NET:
        if column in shown:
            extent = model.extent(column)
            units[column] = net if extent >= net.factor / 2 else numbers.unit_for(extent or 1e6)
    if Column.TRADED in shown:
        units[Column.TRADED] = numbers.unit_for(model.extent(Column.TRADED) or 1e6)
    return units


def price_decimals(model: WatchlistModel, shown: dict[Column, tuple[float, float]]) -> int:
    """Three where one of the shown prices is small."""
    return 3 if Column.PRICE in shown and model.least(Column.PRICE) < numbers.SMALL_PRICE else 2


def cell_text(column: Column, figures: Figures, style: RowStyle) -> str:
    """What the cell of a column of texts or figures says; empty where there is nothing to say."""
    return _TEXTS[column](figures, style)


def _level(figures: Figures, _style: RowStyle) -> str:
    return "" if figures.row.threshold is None else numbers.percent(figures.to_level, 0, signed=False)


def _class(column: Column) -> Callable[[Figures, RowStyle], str]:
    def text(figures: Figures, style: RowStyle) -> str:
        # Blank, not missing: the source has none.
        return "" if figures.without_classes else numbers.scaled(class_amount(figures, column), style.units[column])

    return text


_TEXTS: dict[Column, Callable[[Figures, RowStyle], str]] = {
    Column.NET: lambda figures, style: numbers.scaled(figures.net, style.units[Column.NET]),
    Column.TURNOVER: lambda figures, _style: numbers.percent(figures.of_turnover),
    Column.DELTA: lambda figures, style: numbers.scaled(figures.delta, style.units[Column.DELTA]),
    **{column: _class(column) for column in (Column.MAIN, *CLASSES)},
    Column.LEVEL: _level,
    Column.PRICE: lambda figures, style: numbers.price(figures.price, style.price_decimals),
    Column.CHANGE: lambda figures, _style: numbers.percent(figures.change, 2),
    Column.TRADED: lambda figures, style: numbers.scaled(
        figures.row.turnover, style.units[Column.TRADED], signed=False
    ),
}
TEXT_COLUMNS = frozenset(_TEXTS) - {Column.NET}
