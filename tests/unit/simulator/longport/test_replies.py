"""What the simulated Longport answers, command by command."""

from __future__ import annotations

import pytest

from capflow_gui.simulator.faults import Fault, FaultName
from capflow_gui.simulator.longport.server import LongportConfig
from capflow_gui.simulator.opend.server import SimulatorConfig
from capflow_gui.wire.longport.packet import Command
from capflow_gui.wire.longport.protocol import Answer, Rejected
from capflow_gui.wire.pb.longport import quote_pb2 as quote
from tests.unit.simulator.longport.client import connected, one, simulated


def several(*symbols: str) -> bytes:
    return quote.SymbolsRequest(symbol=symbols).SerializeToString()


async def test_the_seed_page_comes_through() -> None:
    market = SimulatorConfig(scenario="seed-day", clock="2022-06-13T16:10:00+08:00", speed=0)
    async with simulated(market=market) as simulator, connected(simulator) as client:
        event = await client.ask(Command.CAPITAL_FLOW, one("700.HK"))
        assert isinstance(event, Answer)
        lines = quote.CapitalFlowResponse.FromString(event.body).capital_flow_lines
        assert [(line.inflow, line.timestamp) for line in lines] == [
            ("-310255860.000", 1655106960),
            ("-314011220.000", 1655107020),
            ("-314011220.000", 1655107080),
            ("-314011220.000", 1655107140),
            ("-314011220.000", 1655107200),
        ]
        assert isinstance(await client.ask(Command.QUOTE, several("700.HK")), Rejected)


async def test_others_are_served_while_the_days_of_many_symbols_are_made() -> None:
    async with simulated(LongportConfig(calls=None)) as simulator, connected(simulator, "tcp") as client:
        symbols = [str(each.symbol) for each in simulator.view.market.listings.values() if each.has_flow][:12]
        index = quote.CalcIndexRequest(symbols=symbols, calc_index=[quote.CALC_INDEX_CAPITAL_FLOW]).SerializeToString()

        async def order(command: int, body: bytes) -> list[int]:
            """In which order the answers come, of those asked for at once."""
            asked = [
                client.wire.request(*each, 0.0) for each in ((command, body), (Command.STATIC_INFO, several("700.HK")))
            ]
            await client.send(b"".join(data for _number, data in asked))
            events = [await client.event() for _answer in asked]
            assert all(isinstance(event, Answer) for event in events)
            numbers = [number for number, _data in asked]
            return [numbers.index(event.request_id) for event in events if isinstance(event, Answer)]

        assert await order(Command.QUOTE, several(*symbols)) == [1, 0]
        assert await order(Command.QUOTE, several(*symbols)) == [0, 1]  # they are made
        simulator.market_clock.set(simulator.market_clock.now() + 86_400)
        assert await order(Command.CALC_INDEX, index) == [1, 0]


async def test_the_other_commands() -> None:
    async with simulated(LongportConfig(calls=None)) as simulator, connected(simulator) as client:

        async def ask(command: int, body: bytes) -> bytes:
            event = await client.ask(command, body)
            assert isinstance(event, Answer)
            return event.body

        split = quote.CapitalDistributionResponse.FromString(await ask(25, one("700.HK")))
        assert float(split.capital_in.large) > 0 < float(split.capital_out.small)
        info = quote.StaticInfoResponse.FromString(await ask(10, several("700.HK", "NOPE.US", "AAPL.US")))
        assert [(each.symbol, each.currency) for each in info.secu_static_info] == [
            ("700.HK", "HKD"),
            ("AAPL.US", "USD"),
        ]
        found = quote.QuoteResponse.FromString(await ask(11, several("1234.HK"))).secu_quote[0]
        assert (found.symbol, found.trade_status) == ("1234.HK", quote.TRADE_STATUS_HALTED)
        hours = quote.TradeSessionsResponse.FromString(await ask(8, b"")).market_trade_session
        assert [(p.beg_time, p.end_time) for p in hours[0].trade_session] == [(930, 1200), (1300, 1600)]
        days = quote.TradeDaysRequest(market="HK", beg_day="20260601", end_day="20260607").SerializeToString()
        assert len(quote.TradeDaysResponse.FromString(await ask(9, days)).trade_day) == 5
        assert quote.ProfileResponse.FromString(await ask(4, b"")).quote_level == "SIMULATED"
        index = quote.CalcIndexRequest(symbols=["700.HK"], calc_index=[quote.CALC_INDEX_CAPITAL_FLOW])
        assert quote.CalcIndexResponse.FromString(await ask(26, index.SerializeToString())).security_calc_index[0]


@pytest.mark.parametrize(
    ("command", "body", "status", "code"),
    [
        (24, one("12345.HK"), 7, 301600),
        (24, one("nonsense"), 7, 301600),
        (24, one("6666.HK"), 7, 301604),
        (24, b"\xff\xff", 3, 301600),
        (99, b"", 3, 301600),
        (11, several(*["700.HK"] * 501), 7, 301607),
        (11, b"", 3, 301600),
    ],
)
async def test_refusals_have_a_status_and_a_code(command: int, body: bytes, status: int, code: int) -> None:
    async with simulated() as simulator, connected(simulator) as client:
        event = await client.ask(command, body)
        assert isinstance(event, Rejected)
        assert (event.status, event.code) == (status, code)


def test_every_way_to_spoil_an_answer_has_a_name() -> None:
    assert all(Fault.parse(name.value).name is name for name in FaultName)


async def test_figures_can_be_spoiled() -> None:
    async with simulated(LongportConfig(calls=None)) as simulator, connected(simulator) as client:

        async def lines() -> list[tuple[int, float]]:
            event = await client.ask(24, one("700.HK"))
            assert isinstance(event, Answer)
            found = quote.CapitalFlowResponse.FromString(event.body).capital_flow_lines
            return [(line.timestamp, float(line.inflow)) for line in found]

        plain = await lines()
        scaled = simulator.faults.add("scale:700.HK")
        assert [amount for _, amount in await lines()] == pytest.approx([each / 1e4 for _, each in plain], abs=1e-3)
        simulator.faults.remove(scaled)
        steps = simulator.faults.add("per-minute")
        assert sum(amount for _, amount in await lines()) == pytest.approx(plain[-1][1])
        simulator.faults.remove(steps)
        for fault, count in (("gap", len(plain) - 10), ("duplicate", len(plain) + 1), ("disorder", len(plain))):
            added = simulator.faults.add(fault)
            spoiled = await lines()
            assert len(spoiled) == count
            assert spoiled != plain
            simulator.faults.remove(added)
        simulator.faults.add("previous-session")
        assert (await lines())[0][0] < plain[0][0] - 3600
