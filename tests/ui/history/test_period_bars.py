"""Bars of the broker and of the archive, side by side."""

from __future__ import annotations

from capflow_gui.archive.bars import Total, Totals
from capflow_gui.domain.flow import Period
from capflow_gui.feed.board import HistoryState
from capflow_gui.ui.history.period_bars import period_bars
from tests.ui.boards import HandBoard, row_of
from tests.ui.recorded_days import two_weeks


def test_recorded_sessions_stand_where_the_broker_has_no_bar() -> None:
    row = row_of("700.HK", "Tencent", -60e6, 2e9)
    board = HandBoard.of(row)
    found = sorted(two_weeks().found.items(), key=lambda each: each[0].session)
    totals = Totals([Total(key, each.series.values[:, -1], each.summary.complete) for key, each in found])
    assert period_bars(board, None, row, Period.DAY) == (HistoryState(), {})
    assert period_bars(board, Totals([]), row, Period.DAY) == (HistoryState(), {})
    state, recorded = period_bars(board, totals, row, Period.DAY)
    assert state.series is not None
    assert recorded == dict.fromkeys(range(len(state.series)), ())
    waiting = board.histories[row.symbol, Period.DAY] = HistoryState(loading=True)
    assert period_bars(board, totals, row, Period.DAY) == (waiting, {})
