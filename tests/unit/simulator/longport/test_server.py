"""The limits of the simulated Longport."""

from __future__ import annotations

from capflow_gui.simulator.longport.server import LongportConfig
from capflow_gui.wire.longport.protocol import Answer, Rejected
from tests.unit.simulator.longport.client import connected, one, simulated


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
