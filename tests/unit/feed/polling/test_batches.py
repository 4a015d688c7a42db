"""One bad symbol fails a whole batch: it is found, remembered, and the others are answered."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from capflow_gui.domain.link import RateLimit
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import NoQuoteRight, RequestTimeout, UnknownSymbol
from capflow_gui.feed.polling.slow_lane import Batches
from capflow_gui.quota.limiter import Limiter
from tests.reasons import said

EVERYTHING = [Symbol(Market.HK, str(code)) for code in range(1, 901)]


class Broker:
    def __init__(self, bad: set[Symbol]) -> None:
        self.bad = bad
        self.asked: list[int] = []

    async def question(self, symbols: Sequence[Symbol]) -> list[Symbol]:
        self.asked.append(len(symbols))
        if unknown := self.bad & set(symbols):
            kind = UnknownSymbol if min(unknown).code < "5" else NoQuoteRight
            raise kind("s", -1, "未知股票")
        return list(symbols)


def batches(clock) -> Batches:
    return Batches(Limiter("k", RateLimit(10_000, 30.0), clock=clock))


@pytest.mark.parametrize("bad", [[], [0], [59], [3, 4, 40], list(range(10))])
async def test_all_but_the_bad_are_answered_and_the_bad_are_remembered(hand_clock, bad: list[int]) -> None:
    unknown = {EVERYTHING[place] for place in bad}
    broker = Broker(unknown)
    asking = batches(hand_clock)
    assert set(await asking.ask(EVERYTHING[:60], broker.question)) == set(EVERYTHING[:60]) - unknown
    assert asking.bad == unknown
    assert len(broker.asked) <= 1 + 12 * len(unknown)
    broker.asked.clear()
    await asking.ask(EVERYTHING[:60], broker.question)
    assert broker.asked == [60 - len(unknown)]


async def test_no_batch_is_larger_than_the_broker_takes(hand_clock) -> None:
    broker = Broker(set())
    assert set(await batches(hand_clock).ask(EVERYTHING, broker.question)) == set(EVERYTHING)
    assert sorted(broker.asked) == [100, 400, 400]


async def test_nothing_to_ask_is_no_call(hand_clock) -> None:
    broker = Broker(set())
    assert await batches(hand_clock).ask([], broker.question) == []
    assert broker.asked == []


async def test_what_is_no_symbols_fault_is_raised_and_blames_none(hand_clock) -> None:
    async def question(symbols: Sequence[Symbol]) -> list[Symbol]:
        raise RequestTimeout("s", said())

    asking = batches(hand_clock)
    with pytest.raises(RequestTimeout):
        await asking.ask(EVERYTHING[:3], question)
    assert asking.bad == set()
