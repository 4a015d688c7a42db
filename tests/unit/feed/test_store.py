"""The newest reply is the truth; an error does not unmake it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from capflow_gui.domain.flow import Flag, FlowSeries, Ints, Period
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import RequestTimeout
from capflow_gui.feed.store import FlowStore, Put
from tests.reasons import said

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


def minutes(put: Put) -> tuple[list[int], list[int], list[int]]:
    """Lines that changed, were confirmed and were revised, by their minute."""
    changed, confirmed, revised = ([(label - OPEN) // 60 for label in labels.tolist()] for labels in put_labels(put))
    return changed, confirmed, revised


def put_labels(put: Put) -> tuple[Ints, Ints, Ints]:
    return put.changed, put.confirmed, put.revised


def test_a_reply_replaces_and_says_what_it_changed() -> None:
    told: list[Symbol] = []
    store = FlowStore(told.append)
    first = store.put(series([0, 1], confirmed=1), 10.0)
    assert (first.old, minutes(first), first.unchanged) == (None, ([0, 1], [0], []), False)
    same = store.put(series([0, 1], confirmed=2), 20.0)
    assert (same.old, minutes(same), same.unchanged) == (first.new, ([], [1], []), True)
    assert store.get(TENCENT).series is same.new
    assert store.get(TENCENT).replied_at == 20.0
    revised = store.put(series([0, 5, 6], confirmed=2), 30.0)
    assert (minutes(revised), revised.unchanged) == (([1, 2], [], [1]), False)
    shorter = store.put(series([0], confirmed=1), 40.0)
    assert (minutes(shorter), shorter.unchanged) == (([1, 2], [], []), False)
    assert told == [TENCENT] * 4


def test_an_error_keeps_the_last_good_series_until_a_good_reply() -> None:
    store = FlowStore(lambda symbol: None)
    store.put(series([0, 1]), 10.0)
    error = RequestTimeout("s", said())
    store.put_error(TENCENT, error, 20.0)
    held = store.get(TENCENT)
    assert held.series is not None
    assert (held.error, held.failed_at, held.replied_at) == (error, 20.0, 10.0)
    store.put(series([0, 1]), 30.0)
    assert store.get(TENCENT).error is None


def test_in_a_new_session_every_line_is_new_and_none_is_revised() -> None:
    store = FlowStore(lambda symbol: None)
    before = store.put(series([0, 1], confirmed=2), 10.0).new
    put = store.put(series([0, 9], date(2022, 6, 9), confirmed=1), 20.0)
    assert (put.old, minutes(put)) == (before, ([0, 1], [0], []))


@pytest.mark.parametrize("last_valid", [None, OPEN + 300.0])
def test_a_reply_without_lines_is_no_new_session_and_changes_nothing(last_valid: float | None) -> None:
    store = FlowStore(lambda symbol: None)
    before = store.put(series([0, 1], confirmed=2), 10.0).new
    put = store.put(replace(series([]), session=None, last_valid=last_valid), 20.0)
    assert (put.old, put.new, minutes(put), put.unchanged) == (before, before, ([], [], []), True)
    assert (store.get(TENCENT).series, store.get(TENCENT).replied_at) == (before, 20.0)
    assert store.put(series([0, 1], confirmed=2), 30.0).unchanged


@given(st.lists(st.lists(st.sampled_from([0.0, 1.0, 2.0]), max_size=3), min_size=1))
def test_the_lines_kept_are_those_of_the_newest_reply_that_had_some(replies: list[list[float]]) -> None:
    store = FlowStore(lambda symbol: None)
    for number, nets in enumerate(replies):
        put = store.put(series(nets, confirmed=1), float(number))
        assert put.new is store.get(TENCENT).series
        assert set(put.revised) <= set(put.changed)
    full = [nets for nets in replies if nets]
    assert put.new.net.tolist() == (full[-1] if full else [])


def test_lines_that_are_flagged_otherwise_are_kept_and_none_has_changed() -> None:
    store = FlowStore(lambda symbol: None)
    judged = store.put(series([0, 1], confirmed=2), 10.0).new
    put = store.judged_again(replace(judged, flags=Flag.SCALE))
    assert (put.old, put.unchanged, store.get(TENCENT).series) == (judged, True, put.new)
    assert (store.get(TENCENT).replied_at, store.get(TENCENT).replies) == (10.0, 1)


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
    store.put_error(TENCENT, RequestTimeout("s", said()), 1.0)
    store.forget_error(TENCENT)
    store.forget_error(TENCENT)
    store.forget_error(ALIBABA)
    assert store.get(TENCENT).error is None
    assert told == [TENCENT, TENCENT]


def test_what_an_earlier_run_recorded_stands_until_the_first_reply() -> None:
    told: list[Symbol] = []
    store = FlowStore(told.append)
    recorded, reply = series([0, 1, 2], confirmed=2), series([0, 5, 2, 3], confirmed=3)
    store.recall(recorded)
    assert (store.get(TENCENT).series, store.get(TENCENT).replied_at, told) == (recorded, None, [TENCENT])
    put = store.put(reply, 10.0)
    assert put.old is recorded
    assert minutes(put) == ([1, 3], [2], [1])  # what changed meanwhile: one of it had been confirmed
    store.recall(recorded)
    assert store.get(TENCENT).series is reply
