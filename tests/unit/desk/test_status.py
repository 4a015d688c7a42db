from __future__ import annotations

import asyncio
import json

import msgspec
from msgspec.structs import replace

from capflow_gui.clock import SystemClock
from capflow_gui.desk.beats import Collecting, beat_of, parting_of, standby_of
from capflow_gui.desk.status import DeskStatus, look
from capflow_gui.desk.streams import set_up
from capflow_gui.domain.symbol import Symbol
from capflow_gui.present.desk.status_lines import to_json
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.coding import VERSION
from capflow_gui.wire.desk.messages import SourceBeat, encode_beat
from capflow_gui.wire.desk.states import encode_flow
from tests.desk_bus import Bus, client_of
from tests.unit.desk.conftest import state_of

SOURCE = SourceBeat(
    "opend", "opend", True, True, 1654651871.0, 1.0, "ready", None, 3, 30, 30.0, 20.0, "700.HK", 1.0, 0, 9, 1, 0
)


async def test_who_holds_what_and_what_nobody_holds(bus: Bus, monkeypatch: object) -> None:
    monkeypatch.setattr("capflow_gui.desk.status._LISTEN_S", 0.2)  # type: ignore[attr-defined]
    found: list[DeskStatus] = []
    async with client_of(bus, "collector") as collector, client_of(bus, "ws01") as window:
        await set_up(collector.jetstream(), 4.0)
        state = replace(state_of(), epoch=7, rev=1)
        await collector.jetstream().publish(subjects.flow("opend", Symbol.parse("700.HK")), encode_flow(state))
        looking = asyncio.create_task(look(window, SystemClock(), found.append))
        now = Collecting("a", 2, 5.0, 3, 1, (SOURCE,), ())
        waits = now._replace(me="b")
        for _ in range(5):
            await collector.publish(subjects.beat("shard1"), encode_beat(beat_of(now, "shard1", 7, 1)))
            await collector.publish(subjects.beat("standby"), encode_beat(standby_of(waits)))
            await collector.publish(subjects.beat("shard0"), b"\xc1")
            await collector.publish(subjects.beat("shard0"), msgspec.msgpack.encode([VERSION + 1, "more"]))
            await collector.publish(subjects.beat("shard0"), encode_beat(parting_of(now._replace(me="c"), "shard0")))
            await collector.flush()
            await SystemClock().sleep_until(SystemClock().monotonic() + 0.02)
        await looking
    (status,) = found
    assert status.update == Reason.of(Code.DESK_NEWER, found=VERSION + 1, known=VERSION)
    assert [(beat.shard, beat.holder) for beat in status.beats] == [("shard1", "a"), ("standby", "b")]
    assert (status.states, status.missing, status.lag) == (1, ("shard0",), {"shard1": 10.0})
    said = json.loads(to_json(status))
    assert (said["standby"], said["without_holder"], said["windows"]) == (["b"], ["shard0"], 3)
