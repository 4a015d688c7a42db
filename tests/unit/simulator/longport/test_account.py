"""Who may ask the simulated Longport."""

from __future__ import annotations

import aiohttp

from capflow_gui.wire.longport.protocol import AuthRejected, ClosedByServer
from tests.unit.simulator.longport.client import Client, simulated


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
