"""Bars of days, weeks and months: the broker's, and the archive's own where it has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from capflow_gui.domain.flow import Period
from capflow_gui.feed.board import BoardView, Freshness, HistoryState, Row

if TYPE_CHECKING:
    from capflow_gui.archive.bars import Totals


def period_bars(
    board: BoardView, totals: Totals | None, row: Row, period: Period
) -> tuple[HistoryState, Mapping[int, Sequence[date]]]:
    """The bars of a row's symbol, and by their places those made of `totals`, with the damaged sessions each lacks."""
    symbol, calendar = row.symbol, board.calendar
    state = board.history(symbol, period)
    if totals is None or not any(totals) or state.loading:
        return state, {}
    from capflow_gui.archive.bars import merged_bars  # noqa: PLC0415 - when first shown

    series, recorded = merged_bars(
        state.series,
        totals,
        period,
        calendar.zone(symbol.market),
        trades=lambda day: calendar.day(symbol.market, day) is not None,
        until=None if row.day is None or row.freshness is Freshness.CLOSED else row.day.day,
    )
    return (HistoryState(series), recorded) if recorded else (state, {})
