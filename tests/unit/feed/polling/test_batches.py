"""One bad symbol fails a whole batch: it is found, remembered, and the others are answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from capflow_gui.domain.link import RateLimit
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import (
    CapflowError,
    NoQuoteRight,
    RateLimited,
    RemoteProtocolError,
    RequestTimeout,
    UnknownSymbol,
)
from capflow_gui.feed.polling.batches import Batches
from capflow_gui.providers.longport.errors import rejection as longport_refuses
from capflow_gui.providers.opend.errors import rejection as opend_refuses
from capflow_gui.quota.limiter import Limiter
from tests.reasons import said

EVERYTHING = [Symbol(Market.HK, str(code)) for code in range(1, 901)]


def not_served(symbol: Symbol) -> CapflowError:
    return (UnknownSymbol if symbol.code < "5" else NoQuoteRight)("s", -1, "未知股票")


# Answers that do not say whose fault they are, of both brokers.
UNNAMED: list[Callable[[Symbol], CapflowError]] = [
    lambda symbol: opend_refuses("opend", -1, 0, "未知错误"),
    lambda symbol: opend_refuses("opend", -1, 0, "NN_ProtoRet_SvrFailed"),
    lambda symbol: longport_refuses("longport", 7, 301602, "server error"),
    lambda symbol: longport_refuses("longport", 7, 301603, "no quotes"),
    lambda symbol: RemoteProtocolError(said()),
]


class Broker:
    def __init__(self, bad: set[Symbol], refusal: Callable[[Symbol], CapflowError] = not_served) -> None:
        self.bad = bad
        self.refusal = refusal
        self.asked: list[int] = []
        self.alone: list[Symbol] = []

    async def question(self, symbols: Sequence[Symbol]) -> list[Symbol]:
        self.asked.append(len(symbols))
        if len(symbols) == 1:
            self.alone.append(symbols[0])
        if unknown := self.bad & set(symbols):
            raise self.refusal(min(unknown))
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


@pytest.mark.parametrize("refusal", UNNAMED)
@pytest.mark.parametrize("failing", [[0], [59], [3, 4, 40]])
async def test_a_refusal_that_names_no_cause_is_found_too_and_asked_alone(
    hand_clock, refusal: Callable[[Symbol], CapflowError], failing: list[int]
) -> None:
    refused = {EVERYTHING[place] for place in failing}
    broker, asking = Broker(refused, refusal), batches(hand_clock)
    assert set(await asking.ask(EVERYTHING[:60], broker.question)) == set(EVERYTHING[:60]) - refused
    assert (asking.bad, set(asking.alone)) == (set(), refused)
    assert len(broker.asked) <= 1 + 12 * len(refused)
    broker.asked.clear()
    await asking.ask(EVERYTHING[:60], broker.question)
    assert broker.asked == [60 - len(refused), *[1] * len(refused)]
    broker.bad.clear()
    assert set(await asking.ask(EVERYTHING[:60], broker.question)) == set(EVERYTHING[:60])
    assert asking.alone == {}


@pytest.mark.parametrize("refusal", UNNAMED)
@pytest.mark.parametrize("count", [1, 3, 400])
async def test_where_nothing_is_answered_no_symbol_is_blamed_and_few_calls_are_made(
    hand_clock, refusal: Callable[[Symbol], CapflowError], count: int
) -> None:
    broker, asking = Broker(set(EVERYTHING), refusal), batches(hand_clock)
    with pytest.raises(type(refusal(EVERYTHING[0]))):
        await asking.ask(EVERYTHING[:count], broker.question)
    assert (asking.bad, asking.alone) == (set(), {})
    assert len(broker.asked) <= 15


async def test_those_asked_alone_take_turns(hand_clock) -> None:
    refused = set(EVERYTHING[:6])
    broker, asking = Broker(refused, UNNAMED[0]), batches(hand_clock)
    await asking.ask(EVERYTHING[:60], broker.question)
    for everything in (EVERYTHING[:60], EVERYTHING[:6]):  # also where nothing else is asked
        broker.alone.clear()
        for _ in range(3):
            try:
                await asking.ask(everything, broker.question)
            except CapflowError:
                assert len(everything) == 6
        assert len(broker.alone) == 12
        assert all(broker.alone.count(symbol) == 2 for symbol in refused)


async def test_one_asked_alone_that_turns_out_unknown_is_asked_no_more(hand_clock) -> None:
    broker, asking = Broker({EVERYTHING[0]}, UNNAMED[0]), batches(hand_clock)
    await asking.ask(EVERYTHING[:3], broker.question)
    broker.refusal = not_served
    await asking.ask(EVERYTHING[:3], broker.question)
    assert (asking.bad, asking.alone) == ({EVERYTHING[0]}, {})


async def test_too_many_calls_are_not_answered_by_more(hand_clock) -> None:
    broker = Broker(set(EVERYTHING), lambda symbol: RateLimited("s", -1, "", 30.0))
    with pytest.raises(RateLimited):
        await batches(hand_clock).ask(EVERYTHING[:60], broker.question)
    assert broker.asked == [60]
