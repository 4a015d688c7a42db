"""A small collector for tests: it publishes states of its own making over a real bus, with tails and beats."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from msgspec.structs import replace
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import RePublish, StorageType, StreamConfig

from capflow_gui.clock import SystemClock
from capflow_gui.desk.serving.configuration import COLLECTOR
from capflow_gui.domain.alert_record import AlertChange, AlertRecord
from capflow_gui.domain.quote import SecurityKind
from capflow_gui.domain.symbol import Symbol
from capflow_gui.providers.desk.client import BusClient
from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.coding import VERSION
from capflow_gui.wire.desk.lines import Lines
from capflow_gui.wire.desk.messages import (
    Beat,
    Interest,
    SharedAlert,
    SourceBeat,
    decode_interest,
    encode_alert,
    encode_beat,
)
from capflow_gui.wire.desk.states import Facts, Fault, FlowState, Known, Price, encode_flow, encode_tail
from tests.desk_bus import WITHIN_S, Bus

# A Monday; Hong Kong opens at 09:30.
OPEN = int(datetime(2026, 6, 8, 1, 30, tzinfo=UTC).timestamp())
SESSION = datetime(2026, 6, 8, tzinfo=UTC).date()
STREAM = StreamConfig(
    name=subjects.FLOW_STREAM,
    subjects=[subjects.ALL_FLOW],
    max_msgs_per_subject=1,
    max_age=129600,
    allow_direct=True,
    storage=StorageType.FILE,
    duplicate_window=120,
    republish=RePublish(src=subjects.ALL_FLOW, dest=subjects.LIVE_FLOW, headers_only=True),
)
ALERTS, ACKS = (
    StreamConfig(
        name=name,
        subjects=[matching],
        max_msgs_per_subject=1,
        allow_direct=True,
        storage=StorageType.FILE,
        republish=RePublish(src=matching, dest=live),
    )
    for name, matching, live in (
        (subjects.ALERT_STREAM, subjects.ALL_ALERTS, subjects.LIVE_ALERTS),
        (subjects.ACK_STREAM, subjects.ALL_ACKS, subjects.LIVE_ACKS),
    )
)


def lines(count: int, seed: int = 0) -> Lines:
    """`count` minutes from the open; the newest is not confirmed."""
    flow = np.cumsum(np.random.default_rng(seed).normal(0.0, 1e5, (4, count)).round(), axis=1)
    amounts = np.vstack([flow.sum(axis=0), flow])
    confirmed = np.arange(count) < count - 1
    return Lines(OPEN + 60 * np.arange(1, count + 1), amounts, np.zeros(count, np.uint16), confirmed)


class Publisher:
    """Signed in as the collector. `states` is what it published last, by symbol."""

    def __init__(self, bus: Bus, *, epoch: int = 1, kind: str = "opend", ca: Path | None = None) -> None:
        self.bus = bus
        self.epoch = epoch
        self._context = None if ca is None else ssl.create_default_context(cafile=str(ca))
        self.kind = kind
        self.client = BusClient()
        self.states: dict[Symbol, FlowState] = {}
        self.interests: dict[str, Interest] = {}
        self.sequence = 0
        self.market_offset = OPEN + 3600 - time.monotonic()

    async def connect(self) -> None:
        """Sign in, and make the stream where there is none."""
        self.client = BusClient()
        await self.client.connect(
            self.bus.url,
            tls=self._context,
            user=COLLECTOR,
            password=self.bus.secrets[COLLECTOR],
            inbox_prefix=subjects.inbox(COLLECTOR),
            reconnect_time_wait=0.05,
            max_reconnect_attempts=-1,
            error_cb=self._quiet,
        )
        await self.client.subscribe(subjects.ALL_INTERESTS, cb=self._hear)
        await self.make_stream()

    async def make_stream(self) -> None:
        """Have the stream, empty if there is none."""
        for stream in (STREAM, ALERTS, ACKS):
            await self.client.jetstream(timeout=2).add_stream(stream)

    async def _quiet(self, error: Exception) -> None:
        """Errors of the connection are what the tests make."""

    async def _hear(self, message: Msg) -> None:
        self.interests[subjects.read_interest(message.subject)] = decode_interest(message.data)
        await self.beat()

    async def publish(self, symbol: Symbol, day: Lines, *, fault: Fault | None = None) -> FlowState:
        """A symbol's day as it is now, with the tail against what was published before."""
        at = float(day.timestamps[-1]) if len(day) else None
        now = time.monotonic()
        price = Price("Tencent", 400.0, 390.0, 9e10, 5, at, False)
        known = Known(at, now + self.market_offset, now, 0, fault, price)
        before = self.states.get(symbol)
        facts = Facts("Tencent", SecurityKind.STOCK.value, 100, "HKD")
        rev = 1 if before is None else before.rev + 1
        state = FlowState(self.kind, self.kind, False, symbol, SESSION, self.epoch, rev, known, facts, day)
        header = None if before is None else encode_tail(before, state)
        self.states[symbol] = state
        headers = {} if header is None else {subjects.TAIL: header}
        self.sequence = await self._publish(subjects.flow(self.kind, symbol), encode_flow(state), headers)
        return state

    async def _publish(self, subject: str, payload: bytes, headers: dict[str, str]) -> int:
        """Until the server has it: its sequence."""
        while True:
            try:
                ack = await self.client.jetstream(timeout=0.2).publish(subject, payload, headers=headers)
            except (NatsError, OSError):
                await asyncio.sleep(0.02)
                headers.pop(subjects.TAIL, None)  # whether it arrived is not known
            else:
                return ack.seq

    async def grow(self, symbol: Symbol) -> FlowState:
        """One minute more."""
        before = self.states[symbol].lines
        more = lines(len(before) + 1, len(before))
        day = before.replaced(len(before) - 1, more.after(len(before) - 1), all_confirmed=False)
        day = replace_confirmed(day)
        return await self.publish(symbol, day)

    async def beat(self, **changes: object) -> None:
        """The holder of the only shard is there."""
        now = time.monotonic()
        market_now, count = now + self.market_offset, len(self.states)
        about = self.kind, self.kind, False, True, market_now, 1.0, "ready", None
        source = SourceBeat(*about, 12, 30, 30.0, 20.0, "700.HK", 3.0, 0, 120, count, 0)
        beat = Beat(VERSION, "shard0", 1, "c1", self.epoch, self.sequence, now, 1, len(self.states), (source,))
        await self.client.publish(subjects.beat("shard0"), encode_beat(replace(beat, **changes)))

    async def alert(self, record: AlertRecord, change: AlertChange = AlertChange.RAISED) -> None:
        """A rule of the collector raised an alert, or that changed."""
        await self._publish(subjects.alert(record.id), encode_alert(SharedAlert(record, change)), {})

    async def ask(self) -> None:
        """Every window is to say its interest."""
        await self.client.publish(subjects.LIVE_ASK, b"")

    async def close(self) -> None:
        """Sign out."""
        await self.client.close()


def replace_confirmed(day: Lines) -> Lines:
    """All lines but the newest confirmed."""
    return Lines(day.timestamps, day.amounts, day.flags, np.arange(len(day)) < len(day) - 1)


def symbols(count: int) -> Sequence[Symbol]:
    """So many symbols of Hong Kong and New York; a code with a dot among them."""
    return [
        Symbol.parse("700.HK"),
        Symbol.parse("BRK.B.US"),
        *(Symbol.parse(f"{1000 + n}.HK") for n in range(count - 2)),
    ]


async def until(condition: Callable[[], object], within_s: float = WITHIN_S) -> None:
    """Wait for something to come true."""
    clock = SystemClock()
    deadline = clock.monotonic() + within_s
    while not condition():
        assert clock.monotonic() < deadline, "it never came true"
        await clock.sleep_until(clock.monotonic() + 0.01)
