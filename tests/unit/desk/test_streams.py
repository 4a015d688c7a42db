from __future__ import annotations

import pytest

from capflow_gui.desk.streams import all_stored, flow_stream, last_stored, set_up
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.wire.desk import subjects
from tests.desk_bus import Bus, client_of


async def test_streams_are_made_once_and_changed_where_they_differ(bus: Bus) -> None:
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        assert await flow_stream(js) is None
        await set_up(js, 4.0)
        created = await flow_stream(js)
        await set_up(js, 3.0)
        assert await flow_stream(js) == created
        lease = await js.stream_info("KV_LEASE")
        assert lease.config.max_age == 3.0
        flow = await js.stream_info(subjects.FLOW_STREAM)
        assert (flow.config.max_bytes, flow.config.max_msgs_per_subject, flow.config.deny_delete) == (-1, 1, True)
        await js.delete_stream(subjects.FLOW_STREAM)
        await set_up(js, 3.0)
        assert await flow_stream(js) != created


async def test_everything_that_is_stored_is_read_in_any_number(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capflow_gui.desk.streams._BATCH", 10)
    async with client_of(bus, "collector") as client:
        js = client.jetstream()
        await set_up(js, 4.0)
        assert await all_stored(client, subjects.FLOW_STREAM, subjects.ALL_FLOW) == []
        symbols = [Symbol(Market.US, f"A{number}") for number in range(25)]
        for symbol in symbols:
            await client.publish(subjects.flow("opend", symbol), str(symbol).encode())
        await js.publish(subjects.flow("opend", symbols[0]), b"newer", headers={subjects.TAIL: "t"})
        found = await all_stored(client, subjects.FLOW_STREAM, subjects.flow_of("opend"))
        assert {each.subject for each in found} == {subjects.flow("opend", symbol) for symbol in symbols}
        assert (found[-1].payload, found[-1].headers[subjects.TAIL]) == (b"newer", "t")
        last = await last_stored(js, subjects.FLOW_STREAM, subjects.flow("opend", symbols[0]))
        assert last is not None
        assert (last.sequence, last.payload, last.headers[subjects.TAIL]) == (26, b"newer", "t")
        assert await last_stored(js, subjects.FLOW_STREAM, subjects.flow("longport", symbols[0])) is None
