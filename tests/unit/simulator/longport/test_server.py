from __future__ import annotations

from itertools import pairwise

import aiohttp
import pytest

from capflow_gui.domain.symbol import Symbol
from capflow_gui.simulator.faults import Fault, FaultName
from capflow_gui.simulator.longport.connection import _ACTS
from capflow_gui.simulator.longport.server import LongportConfig, LongportSimulator
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from capflow_gui.wire.longport.events import (
    Answer,
    AuthRejected,
    Broken,
    ClosedByServer,
    Rejected,
    Unmatched,
    Unreadable,
)
from capflow_gui.wire.longport.packet import Command
from capflow_gui.wire.pb.longport import quote_pb2 as quote
from tests.unit.simulator.longport.client import Client, ask_http, connected, simulated

TENCENT = Symbol.parse("700.HK")


def one(symbol: str) -> bytes:
    return quote.SymbolRequest(symbol=symbol).SerializeToString()


def several(*symbols: str) -> bytes:
    return quote.SymbolsRequest(symbol=symbols).SerializeToString()


@pytest.mark.parametrize("transport", ["ws", "tcp"])
async def test_capital_flow_is_the_same_money_as_opends_by_another_method(transport: str) -> None:
    opend = OpendSimulator(SimulatorConfig(speed=0))
    now = opend.market_clock.now()
    async with (
        LongportSimulator(LongportConfig(), market=opend.market, market_clock=opend.market_clock) as simulator,
        connected(simulator, transport) as client,
    ):
        event = await client.ask(Command.CAPITAL_FLOW, one("700.HK"))
        assert isinstance(event, Answer)
        flow = quote.CapitalFlowResponse.FromString(event.body)
    reply = opend.market.intraday(TENCENT, now)
    assert reply.day is not None
    lines = [(line.timestamp, float(line.inflow)) for line in flow.capital_flow_lines]
    assert flow.symbol == "700.HK"
    assert lines[0][0] == reply.session.open
    assert [b - a for (a, _), (b, _) in pairwise(lines[:100])] == [60] * 99
    theirs = float(reply.day.flows[:, reply.finals - 1].sum())
    ours = next(amount for label, amount in lines if label + 60 == reply.session.label(reply.finals - 1))
    assert ours == pytest.approx(theirs, rel=0.5)
    assert ours != theirs
    assert all(line.inflow.endswith(".000") for line in flow.capital_flow_lines)


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


async def test_the_eleventh_call_in_a_second_is_refused_and_counted() -> None:
    async with simulated() as simulator, connected(simulator) as client:
        events = [await client.ask(24, one("700.HK")) for _ in range(11)]
        assert [type(event) for event in events] == [Answer] * 10 + [Rejected]
        assert isinstance(events[-1], Rejected)
        assert (events[-1].status, events[-1].code) == (3, 301606)
        assert simulator.stats.calls(24).requests == 11
        assert simulator.stats.refused == 1
        assert simulator.stats.as_json()["interfaces"]["24"]["name"] == "capital_flow"


async def test_the_sixth_request_in_flight_is_refused() -> None:
    async with simulated(LongportConfig(faults=("delay:30",))) as simulator, connected(simulator) as client:
        for _ in range(5):
            await client.send(client.wire.request(24, one("700.HK"), 0.0)[1])
        while simulator.in_flight.now < 5:
            await client.simulator.clock.sleep_until(client.simulator.clock.monotonic() + 0.01)
        simulator.faults.clear()
        event = await client.ask(24, one("700.HK"))
        assert isinstance(event, Rejected)
        assert event.code == 301606
        assert simulator.in_flight.most == 6


async def test_who_may_ask_over_http() -> None:
    async with simulated() as simulator, aiohttp.ClientSession() as session:
        status, answer = await ask_http(simulator, session, "GET", "/v1/socket/token")
        assert (status, answer["code"], answer["data"]["limit"]) == (200, 0, 10)
        status, answer = await ask_http(simulator, session, "GET", "/v1/socket/token", secret="wrong")
        assert (status, answer["code"]) == (403, 403201)
        status, answer = await ask_http(simulator, session, "GET", "/v1/socket/token", token="stale")
        assert (status, answer["code"]) == (401, 401004)
        path = "/v1/token/refresh?expired_at=2027-02-20T08%3A16%3A58.006227987Z"
        status, answer = await ask_http(simulator, session, "GET", path)
        assert (status, answer["data"]["token"]) == (200, simulator.account.access_token)
        simulator.account.token_expires = 1.0
        status, answer = await ask_http(simulator, session, "GET", "/v1/watchlist/groups")
        assert (status, answer["code"]) == (401, 401003)


async def test_the_watchlist_and_the_fall_back() -> None:
    async with simulated(LongportConfig(ids_as_text=False)) as simulator, aiohttp.ClientSession() as session:
        _, answer = await ask_http(simulator, session, "GET", "/v1/watchlist/groups")
        names = [group["name"] for group in answer["data"]["groups"]]
        assert names == ["HK core", "US tech", "Connect"]
        assert isinstance(answer["data"]["groups"][0]["id"], int)
        _, flow = await ask_http(simulator, session, "POST", "/quote/capital-flow", {"symbol": "700.HK"})
        assert flow["data"]["symbol"] == "700.HK"
        assert flow["data"]["capital_flow_lines"][0]["inflow"].endswith(".000")
        _, refused = await ask_http(simulator, session, "POST", "/quote/capital-flow", {"symbol": "12345.HK"})
        assert refused["code"] == 301600
        assert simulator.in_flight.now == 0
        status, answer = await ask_http(simulator, session, "GET", "/")
        assert status == 404


async def test_a_password_is_good_once_and_a_session_until_it_expires() -> None:
    async with simulated() as simulator, aiohttp.ClientSession() as session:
        first = Client(simulator, session)
        await first.dial()
        ready = await first.login()
        second = Client(simulator, session)
        await second.dial()
        await second.send(second.wire.resume(ready.session_id, {}, 0.0))
        await second.event()
        ended = await first.event()
        assert ended == ClosedByServer(6, "connected elsewhere")
        simulator.faults.add("session-expiry")
        assert await second.event() == ClosedByServer(5, "session expired")
        third = Client(simulator, session)
        await third.dial()
        await third.send(third.wire.resume(ready.session_id, {}, 0.0))
        assert await third.event() == AuthRejected(5, 401003, "session expired", resumed=True)
        fourth = Client(simulator, session)
        await fourth.dial()
        await fourth.send(fourth.wire.authenticate("made up", {}, 0.0))
        assert isinstance(await fourth.event(), AuthRejected)
        for client in (first, second, third, fourth):
            await client.close()


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("drop:1", type(None)),
        ("reset:1", type(None)),
        ("drop-mid-frame:1", Broken),
        ("close-code:4,every=1", ClosedByServer),
        ("verify", Answer),
        ("gzip", Answer),
        ("bad-gzip:every=1", Unreadable),
        ("unparsable:1", Answer),
        ("wrong-magic:1", Broken),
        ("huge-length:1", Broken),
        ("garbage:1", Broken),
        ("unknown-serial:1", Unmatched),
        ("delay:0.01", Answer),
        ("reorder", Answer),
        ("pieces", Answer),
        ("rate-refusal:1", Rejected),
        ("unknown-symbol:700.HK", Rejected),
        ("no-right:700.HK", Rejected),
        ("server-failure", Rejected),
        ("error-code:301603", Rejected),
        ("kicked", ClosedByServer),
        ("refuse:1", type(None)),
    ],
)
async def test_every_fault_does_what_it_says(fault: str, expected: type) -> None:
    async with simulated() as simulator, connected(simulator) as client:
        simulator.faults.add(fault)
        try:
            event = await client.ask(Command.CAPITAL_FLOW, one("700.HK"))
        except ConnectionError:
            event = None
        assert isinstance(event, expected)
        if fault.startswith("close-code"):
            assert event == ClosedByServer(4, "simulated")
        if fault.startswith("error-code"):
            assert isinstance(event, Rejected)
            assert event.code == 301603


def test_every_way_to_spoil_an_answer_has_a_name() -> None:
    assert all(Fault.parse(name.value).name is name for name in FaultName)
    assert FaultName.UNANSWERED in _ACTS


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


async def test_oauth_with_pkce() -> None:
    from capflow_gui.simulator.longport.account import pkce_challenge

    async with simulated() as simulator, aiohttp.ClientSession() as session:
        base = simulator.http_url + "/oauth2"
        target = "http://127.0.0.1:60355/callback"
        async with session.post(f"{base}/register", json={"redirect_uris": [target]}) as response:
            client_id = (await response.json())["client_id"]

        async def code() -> str:
            query = {
                "response_type": "code",
                "client_id": client_id,
                "redirect_uri": target,
                "state": "s",
                "code_challenge": pkce_challenge("verifier"),
                "code_challenge_method": "S256",
            }
            async with session.get(f"{base}/authorize", params=query, allow_redirects=False) as response:
                assert response.status == 302
                return response.headers["Location"].rpartition("code=")[2]

        async def token(**form: str) -> tuple[int, dict[str, str]]:
            async with session.post(f"{base}/token", data={"client_id": client_id, **form}) as response:
                return response.status, await response.json()

        form = {"grant_type": "authorization_code", "redirect_uri": target}
        assert (await token(**form, code=await code(), code_verifier="wrong"))[0] == 400
        status, tokens = await token(**form, code=await code(), code_verifier="verifier")
        assert status == 200
        bearer = {"Authorization": f"Bearer {tokens['access_token']}", "X-Api-Key": client_id, "X-Timestamp": "1"}
        async with session.get(f"{simulator.http_url}/v1/socket/token", headers=bearer) as response:
            assert (await response.json())["code"] == 0
            assert response.headers["X-Simulated"] == "SIMULATED"
        status, renewed = await token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        assert status == 200
        async with session.post(f"{base}/revoke", data={"token": renewed["access_token"]}) as response:
            assert response.status == 200
        async with session.get(f"{simulator.http_url}/v1/socket/token", headers=bearer) as response:
            assert (response.status, (await response.json())["code"]) == (401, 401102)
