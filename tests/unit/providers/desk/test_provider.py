"""What can be asked of a desk is answered from what is here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest

from capflow_gui.domain.flow import Period
from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import ConnectionLost, InvalidInput, NoData, UnknownSymbol
from capflow_gui.providers.desk.channel import DeskConfig
from capflow_gui.providers.desk.provider import DeskProvider
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk.messages import MOST_SYMBOLS
from capflow_gui.wire.desk.states import Fault
from tests.desk_bus import Bus, bus
from tests.desk_publisher import SESSION, lines, symbols, until
from tests.unit.conftest import HandClock
from tests.unit.providers.desk.linked import Linked, linked, publishing

__all__ = ["bus"]
TENCENT, BERKSHIRE = symbols(2)
ABSENT = Symbol.parse("9988.HK")


@pytest.fixture
async def desk(bus: Bus) -> AsyncIterator[Linked]:
    """With two symbols, of which one failed."""
    async with publishing(bus) as publisher:
        await publisher.publish(TENCENT, lines(10))
        fault = Fault("UnknownSymbol", 3, Reason.of(Code.NO_LINES).to_json())
        await publisher.publish(BERKSHIRE, lines(0), fault=fault)
        async with linked(bus) as found:
            found.publisher = publisher
            await until(lambda: found.provider.link.phase is LinkPhase.READY)
            yield found


async def test_flow_names_prices_and_time(desk: Linked):
    provider = desk.provider
    flow = await provider.get_capital_flow(TENCENT)
    assert (len(flow), flow.session, flow.source) == (10, SESSION, "desk")
    assert [quote.price for quote in await provider.get_snapshots([TENCENT])] == [400.0]
    assert [info.name for info in await provider.get_static_info([TENCENT])] == ["Tencent"]
    assert [hit.symbol for hit in await provider.search("tenc")] == [TENCENT, BERKSHIRE]
    assert [hit.symbol for hit in await provider.search("brk", 1)] == [BERKSHIRE]
    state = await provider.get_global_state()
    assert state.time == pytest.approx(provider._clock.monotonic() + desk.publisher.market_offset, abs=1.0)
    assert not state.simulated
    assert await provider.get_market_states([TENCENT]) == []
    assert await provider.get_trade_dates(Market.HK, SESSION, SESSION) == []
    assert await provider.get_groups() == []
    assert provider.capabilities.periods == {Period.INTRADAY}
    assert provider.capabilities.classes


async def test_what_a_desk_does_not_have_is_said(desk: Linked):
    provider = desk.provider
    with pytest.raises(NoData) as absent:
        await provider.get_capital_flow(ABSENT)
    assert absent.value.reason == Reason.of(Code.DESK_HAS_NOT, symbol="9988.HK")
    with pytest.raises(UnknownSymbol):
        await provider.get_capital_flow(BERKSHIRE)
    with pytest.raises(NoData):
        await provider.get_capital_flow(TENCENT, Period.DAY)
    with pytest.raises(InvalidInput):
        await provider.get_capital_flow(TENCENT, start=date(2026, 6, 1))
    with pytest.raises(NoData):
        await provider.get_distribution(TENCENT)
    with pytest.raises(NoData):
        await provider.get_group_symbols("core")


async def test_the_quota_is_the_collectors(desk: Linked):
    (quota,) = desk.provider.quotas
    assert (quota.source, quota.used, quota.limit, quota.cycle_s, quota.next_symbol) == ("opend", 12, 30, 20.0, TENCENT)


async def test_what_a_window_wants_reaches_the_collector_when_it_changes(desk: Linked):
    desk.provider.want([TENCENT, ABSENT], [ABSENT])
    await until(lambda: desk.publisher.interests["ws01"].watched == (TENCENT, ABSENT))
    assert desk.publisher.interests["ws01"].shown == (ABSENT,)
    desk.publisher.interests.clear()
    await desk.publisher.ask()
    await until(lambda: "ws01" in desk.publisher.interests)
    many = [Symbol(Market.SH, f"{600000 + number}") for number in range(MOST_SYMBOLS + 5)]
    desk.provider.want(many, [])
    await until(lambda: len(desk.publisher.interests["ws01"].watched) == MOST_SYMBOLS)


async def test_nothing_is_answered_while_it_is_not_connected(hand_clock: HandClock):
    async def never() -> str:
        raise AssertionError

    provider = DeskProvider(DeskConfig("127.0.0.1", 1, "ws01"), never, hand_clock)
    assert provider.heard_time is None
    assert provider.quotas == ()
    for question in (provider.get_capital_flow(TENCENT), provider.get_groups(), provider.search("x")):
        with pytest.raises(ConnectionLost):
            await question


async def test_a_clock_that_is_stepped_moves_market_time_and_no_age(desk: Linked):
    """Neither machine's wall clock is subtracted from the other's: ages are of the collector's monotonic clock."""
    provider = desk.provider
    before = provider.pushed(TENCENT)
    assert before is not None
    was = (await provider.get_global_state()).time
    desk.publisher.market_offset += 7200
    await desk.publisher.beat()
    await until(lambda: provider.heard_time is not None and provider.heard_time[0] > was + 7000)
    after = provider.pushed(TENCENT)
    assert after is not None
    assert after.replied_at == pytest.approx(before.replied_at, abs=0.5)


async def test_a_symbol_that_a_desk_cannot_have_keeps_no_other_from_being_polled(
    bus: Bus, hand_clock: HandClock
) -> None:
    provider = DeskProvider(DeskConfig("127.0.0.1", bus.port, "ws01"), no_secret, hand_clock)
    odd, many = Symbol(Market.US, "ABC-"), [Symbol(Market.US, f"A{number}") for number in range(MOST_SYMBOLS + 2)]
    provider.want([TENCENT, odd], [odd])
    assert (provider.wanted.watched, provider.wanted.shown) == ((TENCENT,), ())
    refusal = provider.refusal(odd)
    assert refusal is not None
    assert refusal.reason == Reason.of(Code.NOT_A_SUBJECT, text="ABC-.US")
    assert provider.refusal(TENCENT) is None
    provider.want(many, many[-1:])
    assert [symbol for symbol in many if provider.refusal(symbol) is not None] == [many[-2]]
    refusal = provider.refusal(many[-2])
    assert refusal is not None
    assert refusal.reason == Reason.of(Code.DESK_LIST_TOO_LONG, most=MOST_SYMBOLS)


async def no_secret() -> str:
    raise NotImplementedError
