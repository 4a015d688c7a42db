from __future__ import annotations

import pytest
from nats.js.errors import APIError

from capflow_gui.desk.streams import all_stored, flow_stream, last_stored, set_up
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.messages import encode_ack
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


async def test_a_window_fills_neither_the_disk_nor_a_collector_with_acknowledgements(bus: Bus) -> None:
    """It may acknowledge whatever it names: that is bounded, each and all together, and the newest are kept."""
    async with client_of(bus, "collector") as client, client_of(bus, "ws01") as window:
        js = client.jetstream()
        await set_up(js, 4.0)
        made = await js.stream_info(subjects.ACK_STREAM)
        assert 0 < made.config.max_msgs * made.config.max_msg_size < 100_000_000
        made.config.max_msgs = 10
        await js.update_stream(made.config)
        with pytest.raises(APIError, match=r"size"):
            await window.jetstream().publish(subjects.ack("ws01", "huge"), b"x" * 2000)
        for number in range(100):
            await window.jetstream().publish(subjects.ack("ws01", f"a{number}"), encode_ack(1, 1.0))
        stored = [each.subject for each in await all_stored(client, subjects.ACK_STREAM, subjects.ALL_ACKS)]
        assert stored[-1] == subjects.ack("ws01", "a99")
        assert len(stored) == 10


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
