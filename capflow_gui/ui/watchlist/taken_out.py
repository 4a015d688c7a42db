"""The list as a table for a spreadsheet: the shown columns in their order, every figure in full."""

from __future__ import annotations

import csv
import io

from capflow_gui.present.language.texts import _
from capflow_gui.present.recorded_words import spreadsheet_cell
from capflow_gui.ui.models.columns import CLASSES, Column, title
from capflow_gui.ui.models.figures import Figures, Look, is_number
from capflow_gui.ui.models.watchlist_model import WatchlistModel, class_amount
from capflow_gui.ui.words import source_label

_BOM = "\ufeff"  # Excel asks for it


def list_table(
    model: WatchlistModel, columns: tuple[Column, ...], *, minutes: int, simulated: bool
) -> list[tuple[str, ...]]:
    """The headers, then a row a line; an empty cell where a figure is missing.

    Amounts are in the row's currency and shares in per cent, both in full. A sparkline is no text and has no column;
    name, currency, source and state follow in every case, and that a simulator made the figures.
    """
    told = [column for column in columns if column not in (Column.TODAY, Column.SOURCE)]
    more = (_("Name"), _("Currency"), _("Source"), _("State"), *([_("Simulated")] if simulated else []))
    rows = [(*(title(column, minutes) for column in told), *more)]
    for figures in model.shown():
        row = figures.row
        cells = [_cell(model, figures, column) for column in told]
        facts = row.name, row.money, source_label(row.source), row.freshness.value
        rows.append(tuple(map(spreadsheet_cell, (*cells, *facts, *(["true"] if simulated else [])))))
    return rows


def csv_bytes(rows: list[tuple[str, ...]]) -> bytes:
    """For a file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return (_BOM + text.getvalue()).encode()


def _cell(model: WatchlistModel, figures: Figures, column: Column) -> str:
    if column is Column.SYMBOL:
        return str(figures.row.symbol)
    if column in (Column.ALERT, Column.AGE):
        return model.words(figures, column)
    if figures.look is Look.SENTENCE:
        return ""
    if column is Column.MIX:
        main, rest = figures.classes[0] + figures.classes[1], figures.classes[2] + figures.classes[3]
        known = is_number(main) or is_number(rest)
        return _("main {main}, rest {rest}").format(main=_percent(main), rest=_percent(rest)) if known else ""
    shares = {Column.TURNOVER: figures.of_turnover, Column.CHANGE: figures.change, Column.LEVEL: figures.to_level}
    if column in shares:
        return _percent(shares[column])
    amounts = {Column.NET: figures.net, Column.DELTA: figures.delta, Column.PRICE: figures.price}
    if column in (Column.MAIN, *CLASSES):
        amounts[column] = class_amount(figures, column)
    return _amount(amounts.get(column, figures.row.turnover))


def _amount(value: float | None) -> str:
    return repr(value) if value is not None and is_number(value) else ""


def _percent(share: float) -> str:
    return f"{share * 100:.4f}%" if is_number(share) else ""
