"""The newest reply is the truth; an error does not unmake it."""

from __future__ import annotations

from datetime import date

import numpy as np

from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import RequestTimeout
from capflow_gui.feed.store import FlowStore

TENCENT, ALIBABA = Symbol(Market.HK, "700"), Symbol(Market.HK, "9988")
OPEN = 1_654_651_800


def series(nets: list[float], day: date = date(2022, 6, 8), confirmed: int = 0, symbol: Symbol = TENCENT) -> FlowSeries:
    n = len(nets)
    stamps = OPEN + 60 * np.arange(n, dtype=np.int64)
    return FlowSeries(
        symbol,
        "s",
        Period.INTRADAY,
        stamps,
        np.tile(np.array(nets, float), (6, 1)),
        session=day,
        confirmed=np.arange(n) < confirmed,
    )


def test_a_reply_replaces_and_says_what_it_changed() -> None:
    told: list[Symbol] = []
    store = FlowStore(told.append)
    first = store.put(series([0, 1], confirmed=1), 10.0)
    assert (first.unchanged, first.rolled_over, first.revised) == (False, False, 0)
    same = store.put(series([0, 1], confirmed=2), 20.0)
    assert same.unchanged
    assert store.get(TENCENT).series is same.series
    assert store.get(TENCENT).replied_at == 20.0
    revised = store.put(series([0, 5, 6], confirmed=2), 30.0)
    assert (revised.unchanged, revised.revised) == (False, 1)
    assert store.get(TENCENT).revisions == 1
    assert told == [TENCENT] * 3


def test_an_error_keeps_the_last_good_series_until_a_good_reply() -> None:
    store = FlowStore(lambda symbol: None)
    store.put(series([0, 1]), 10.0)
    error = RequestTimeout("s")
    store.put_error(TENCENT, error, 20.0)
    held = store.get(TENCENT)
    assert held.series is not None
    assert (held.error, held.failed_at, held.replied_at) == (error, 20.0, 10.0)
    store.put(series([0, 1]), 30.0)
    assert store.get(TENCENT).error is None


def test_a_new_session_keeps_the_one_before_as_ghost() -> None:
    store = FlowStore(lambda symbol: None)
    store.put(series([0, 1], confirmed=2), 10.0)
    store.put(series([0, 2], confirmed=2), 11.0)
    put = store.put(series([0], date(2022, 6, 9)), 20.0)
    held = store.get(TENCENT)
    assert (put.rolled_over, put.revised, held.revisions) == (True, 0, 0)
    assert held.previous is not None
    assert held.previous.session == date(2022, 6, 8)


def test_symbols_that_left_are_let_go() -> None:
    store = FlowStore(lambda symbol: None)
    store.put(series([0]), 1.0)
    store.put(series([0], symbol=ALIBABA), 1.0)
    store.keep_only(frozenset({ALIBABA}))
    assert store.get(TENCENT).series is None
    assert store.get(ALIBABA).series is not None


def test_an_error_can_be_forgotten_once() -> None:
    told: list[Symbol] = []
    store = FlowStore(told.append)
    store.put_error(TENCENT, RequestTimeout("s"), 1.0)
    store.forget_error(TENCENT)
    store.forget_error(TENCENT)
    store.forget_error(ALIBABA)
    assert store.get(TENCENT).error is None
    assert told == [TENCENT, TENCENT]
