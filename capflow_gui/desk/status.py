"""How a desk is, as somebody sees it who listens for a few seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nats.aio.client import Client
from nats.aio.msg import Msg

from capflow_gui.clock import Clock
from capflow_gui.desk.collector import BEAT_S
from capflow_gui.desk.shards import STANDBY
from capflow_gui.desk.streams import all_stored
from capflow_gui.errors import RemoteProtocolError, UpdateNeeded
from capflow_gui.reason import Reason
from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.messages import Beat, decode_beat
from capflow_gui.wire.desk.states import decode_flow

_LISTEN_S = BEAT_S + 0.5


@dataclass(frozen=True, slots=True)
class DeskStatus:
    """What was heard. `beats` are the newest of each shard and of each collector that waits, by name and holder.

    states   how many symbols the bus holds
    missing  shards that nobody beats for; None where nobody beats at all
    update   why beats were left out: a newer Capflow said them; None: there were none of it
    lag      by shard: market seconds between the newest reply of any of its symbols on the bus and the source's clock
    """

    beats: tuple[Beat, ...]
    states: int
    missing: tuple[str, ...] | None
    lag: dict[str, float]
    update: Reason | None = None


async def look(client: Client, clock: Clock, tell: Callable[[DeskStatus], None]) -> None:
    """Listen for a beat of everybody, and read what the bus holds. Raises what the client of NATS raises."""
    beats: dict[tuple[str, str], Beat] = {}
    newer: list[Reason] = []

    async def hear(message: Msg) -> None:
        try:
            beat = decode_beat(message.data)
        except UpdateNeeded as error:
            newer.append(error.reason)
            return
        except RemoteProtocolError:
            return
        if beat.epoch or beat.shard == STANDBY:
            beats[beat.shard, beat.holder] = beat
        else:
            beats.pop((beat.shard, beat.holder), None)  # it was stopped

    await client.subscribe(subjects.LIVE_BEATS, cb=hear)
    await client.flush()
    await clock.sleep_until(clock.monotonic() + _LISTEN_S)
    held = [beat for beat in beats.values() if beat.epoch]
    newest: dict[int, float] = {}
    states = await all_stored(client, subjects.FLOW_STREAM, subjects.ALL_FLOW)
    for stored in states:
        try:
            state = decode_flow(stored.payload)
        except RemoteProtocolError:
            continue
        if state.known.received is not None:
            newest[state.epoch] = max(newest.get(state.epoch, 0.0), state.known.received)
    lag = {}
    for beat in held:
        clocks = [source.market_now for source in beat.sources if source.market_now is not None]
        if beat.epoch in newest and clocks:
            lag[beat.shard] = max(0.0, max(clocks) - newest[beat.epoch])
    names = {subjects.shard(number) for beat in held for number in range(beat.shards)}
    missing = tuple(sorted(names - {beat.shard for beat in held})) if held else None
    tell(
        DeskStatus(tuple(beats[key] for key in sorted(beats)), len(states), missing, lag, newer[-1] if newer else None)
    )
