"""Bars of days, weeks and months: the broker's, and the archive's own where it has none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from capflow_gui.domain.flow import Period
from capflow_gui.feed.board import BoardView, Freshness, HistoryState, Row

if TYPE_CHECKING:
    from capflow_gui.archive.bars import Total


def period_bars(
    board: BoardView, totals: Sequence[Total] | None, row: Row, period: Period
) -> tuple[HistoryState, list[int]]:
    """The bars of a row's symbol, and the places of those made of `totals`, the recorded sessions' last lines."""
    symbol, calendar = row.symbol, board.calendar
    state = board.history(symbol, period)
    if not totals or state.loading:
        return state, []
    from capflow_gui.archive.bars import merged_bars  # noqa: PLC0415 - when first shown

    series, recorded = merged_bars(
        state.series,
        totals,
        period,
        calendar.zone(symbol.market),
        trades=lambda day: calendar.day(symbol.market, day) is not None,
        until=None if row.day is None or row.freshness is Freshness.CLOSED else row.day.day,
    )
    if not recorded.any():
        return state, []
    return HistoryState(series), np.flatnonzero(recorded).tolist()
