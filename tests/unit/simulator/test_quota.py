from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from capflow_gui.simulator.quota import VENDOR_QUOTAS, Quota, QuotaBook
from capflow_gui.wire.opend.frame import Proto

FLOW = Proto.CAPITAL_FLOW


def test_the_vendors_quota_and_sentence() -> None:
    book = QuotaBook(VENDOR_QUOTAS)
    assert [book.arrive(FLOW, 0.0) for _ in range(30)] == [None] * 30
    assert book.arrive(FLOW, 0.0) == "获取资金流向频率太高，请求失败，每30秒最多30次。"
    # Another interface has its own count; InitConnect, global state, static info and keep-alive have none.
    assert book.arrive(Proto.SNAPSHOT, 0.0) is None
    assert all(book.arrive(Proto.STATIC_INFO, 0.0) is None for _ in range(500))


def test_the_first_and_the_next_after_the_last_must_be_more_than_the_window_apart() -> None:
    book = QuotaBook({FLOW: Quota(2, 30.0, "x")})
    assert book.arrive(FLOW, 0.0) is None
    assert book.arrive(FLOW, 10.0) is None
    assert book.arrive(FLOW, 30.0) is not None
    # The refused one counted: 10 and 30 are still within the window at 40.
    assert book.arrive(FLOW, 40.0) is not None
    assert book.arrive(FLOW, 70.001) is None


@given(st.integers(1, 6), st.lists(st.floats(0, 4, allow_nan=False), max_size=60))
def test_no_window_ever_holds_more_answers_than_calls(calls: int, pauses: list[float]) -> None:
    book = QuotaBook({FLOW: Quota(calls, 5.0, "x")})
    now, arrivals, served = 0.0, [], []
    for pause in pauses:
        now += pause
        within = [at for at in arrivals if now - at <= 5.0]
        refused = book.arrive(FLOW, now)
        assert (refused is not None) == (len(within) >= calls)
        arrivals.append(now)
        if refused is None:
            served.append(now)
    for first, beyond in zip(served, served[calls:], strict=False):
        assert beyond - first > 5.0
