"""The collector of a desk: polls the symbols of its shards, and says on the bus what it knows.

The monitor below polls, records and judges as it does for a window. What is said of it on the bus is for others: while
the bus is away all that goes on, and afterwards the newest state of every symbol is published.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import zlib
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from capflow_gui.clock import Bell, Clock, ended
from capflow_gui.desk.beats import Collecting, beat_of, parting_of, said_now, standby_of
from capflow_gui.desk.bus import Bus, BusAccess, together
from capflow_gui.desk.interests import MOST_WATCHED, Interests
from capflow_gui.desk.leases import LEASE_S, Leases
from capflow_gui.desk.publisher import Publisher
from capflow_gui.desk.shards import STANDBY, Shares, shard_of
from capflow_gui.desk.shared_alerts import COLLECTORS, SOMEBODY, SharedAlerts
from capflow_gui.desk.states import flow_state
from capflow_gui.desk.streams import flow_stream, set_up
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import RemoteProtocolError
from capflow_gui.feed.events import AlertEvent, ErrorEvent, FlowEvent
from capflow_gui.feed.source_feed import SourceFeed
from capflow_gui.feed.subscriptions import Subscription
from capflow_gui.monitor import Monitor
from capflow_gui.present.reasons import reason_words
from capflow_gui.providers.desk.unread import Unread
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.messages import decode_beat, decode_interest, encode_beat
from capflow_gui.wire.desk.states import FlowState

BEAT_S = 2.0
_LEAVE_S = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CollectorConfig:
    """How a collector takes part.

    me      its name, which is new at every start
    shards  into how many parts the symbols of the desk are divided, the same in every collector
    own     symbols that are polled whether a window wants them or not, at first
    kinds   what subjects are named by, a name of a source each: opend-2 -> opend
    declared  the kinds whose figures a desk may have; of any other those of simulators alone are published
    """

    me: str
    shards: int
    own: tuple[Symbol, ...]
    kinds: Mapping[str, str]
    declared: frozenset[str] = frozenset()
    lease_s: float = LEASE_S
    beat_s: float = BEAT_S


class Collector:
    """A monitor without symbols is given, which whoever made it runs, and the way to the bus.

    server_trouble  what whoever runs the server beside it knows of it
    """

    def __init__(self, monitor: Monitor, config: CollectorConfig, access: BusAccess, clock: Clock) -> None:
        self.interests = Interests()
        self._own = config.own
        self._edit: Reason | None = None
        self.server_trouble: Reason | None = None
        self.monitor = monitor
        self._config = config
        self._clock = clock
        self._feeds: dict[str, SourceFeed] = {feed.name: feed for feed in monitor.feeds}
        self._shares = Shares(config.me, config.shards, clock.monotonic())
        self.leases = Leases(config.me, self._shares, clock, self._leases_changed, config.lease_s)
        self.publisher = Publisher(config.me, clock, self._epoch, self._doubt)
        self.unread = Unread(clock)
        self._too_many: Reason | None = None
        self._downs: dict[str, Reason] = {}
        self.alerts = SharedAlerts(clock, self._holds, lambda alert_id: monitor.acknowledge([alert_id]), self.unread)
        self.bus = Bus(access, clock, self._work)
        self._created: str | None = None
        self._leaving = False
        self._bell = Bell(clock)
        self._beat_now = Bell(clock)
        self._subscription: Subscription = monitor.subscribe("desk", events=True)
        self._sources: dict[Symbol, str] = {}

    @property
    def troubles(self) -> tuple[Reason, ...]:
        """What is wrong at the collector, the bus first."""
        not_stored = self.publisher.trouble or self.leases.trouble
        full = () if not_stored is None else (not_stored,)
        edit = () if self._edit is None else (self._edit,)
        server = () if self.server_trouble is None else (self.server_trouble,)
        windows = () if self._too_many is None else (self._too_many,)
        unread = (
            Reason.of(Code.DESK_UNREAD, user=user, count=count, why=why)
            for user, (count, why) in self.unread.recent().items()
        )
        return (*self.bus.troubles, *server, *full, *edit, *self.monitor.troubles, *windows, *unread)

    def set_own(self, symbols: Iterable[Symbol]) -> None:
        """Poll these, whether a window wants them or not, as far as their shards are held."""
        self._own = tuple(dict.fromkeys(symbols))
        self._arrange()

    def edited(self, told: Reason) -> None:
        """What became of an edit of the profile's files: what does not hold is a trouble until the next one."""
        _log.log(logging.INFO if told.code is Code.EDIT_TAKEN else logging.WARNING, "%s", reason_words(told))
        self._edit = None if told.code is Code.EDIT_TAKEN else told

    async def run(self) -> None:
        """Collect until cancelled. Raises AuthFailed where the bus does not let this user in at the start."""
        with closing(self._subscription):
            await together(self.bus.run(), self._pump(), self._look())

    # --- what the monitor says

    async def _pump(self) -> None:
        """Have published what is new, as fast as it comes."""
        async for event in self._subscription:
            match event:
                case FlowEvent(replied=True):
                    self._say(event.source, event.symbol)
                    if self.alerts.is_compared_next(event.symbol):
                        standing = {record.id for record in self.monitor.alerts if record.standing}
                        self.alerts.judged(event.symbol, standing, event.at)
                case ErrorEvent():
                    self._say(event.source, event.symbol)
                case AlertEvent():
                    self.alerts.put(event)

    def _say(self, source: str, symbol: Symbol) -> None:
        feed = self._feeds[source]
        if symbol not in self.monitor.symbols:
            return
        # What comes while the lease has lapsed is said with the next one: the symbol may rest after this reply.
        self._sources[symbol] = source
        kind = self._config.kinds[source]
        state = flow_state(feed, symbol, kind) if self._holds(symbol) else None
        if state is not None and (state.simulated or kind in self._config.declared):
            self.publisher.put(state)

    # --- which symbols

    def _shard(self, symbol: Symbol) -> str:
        return shard_of(symbol, self._config.shards)

    def _holds(self, symbol: Symbol) -> bool:
        return self.leases.epoch(self._shard(symbol)) is not None

    def _epoch(self, state: FlowState) -> int | None:
        return self.leases.epoch(self._shard(state.symbol))

    async def _doubt(self, js: JetStreamContext, state: FlowState) -> None:
        await self.leases.check(js, self._shard(state.symbol))

    def _leases_changed(self) -> None:
        self._beat_now.ring()  # who lost a shard, and who waits, hear of its new holder at once
        self._arrange()
        for symbol, source in tuple(self._sources.items()):
            self._say(source, symbol)
        self.alerts.say_again()

    def _arrange(self) -> None:
        """Poll what is wanted of the shards that are held."""
        if self._leaving:
            return
        # While the bus is away nobody says what is wanted, and the shards stay ours as far as the archive goes.
        held = set(self.leases.names)
        watched = self.interests.watched
        self._note_wanted(len(watched))
        wanted = dict.fromkeys((*self._own, *watched[:MOST_WATCHED]))
        ours = [symbol for symbol in wanted if self._shard(symbol) in held]
        present = set(self.monitor.symbols)
        gone, new = present.difference(ours), [symbol for symbol in ours if symbol not in present]
        if gone:
            for symbol in gone:
                self._sources.pop(symbol, None)
            lost = {symbol for symbol in gone if self._shard(symbol) not in held}
            self.monitor.remove_symbols(lost, Code.HANDED_OVER)
            self.monitor.remove_symbols(gone - lost)
        if new:
            self.alerts.taken_over(set(new))
            self._spread(new)
            self.monitor.add_symbols(new)
        self._subscription.show(symbol for symbol in self.interests.shown if symbol in wanted)

    def _note_wanted(self, count: int) -> None:
        before = self._too_many
        self._too_many = None
        if count > MOST_WATCHED:
            self._too_many = Reason.of(Code.DESK_MOST_POLLED, count=count, most=MOST_WATCHED)
            if before is None:
                _log.warning("%s", reason_words(self._too_many))

    def _spread(self, symbols: Collection[Symbol]) -> None:
        """Of several logins at one broker each is asked about its part of the symbols."""
        names = sorted(self._feeds)
        if len(names) > 1 and len({self._config.kinds[name] for name in names}) == 1:
            for symbol in symbols:
                # Of the symbols of one shard, too, each login has its part.
                place = zlib.crc32(str(symbol).encode()) // self._config.shards
                self.monitor.choose_source(symbol, names[place % len(names)])

    async def _look(self) -> None:
        """Forget the windows that are gone."""
        while True:
            end = self.interests.next_end()
            if end is None:
                await self._bell.wait()
            else:
                await self._bell.wait_until(end)
            if self.interests.expire(self._clock.monotonic()):
                self._arrange()

    # --- on the bus

    async def _work(self, client: Client) -> None:
        js = client.jetstream()
        await set_up(js, self.leases.lease_s)
        lost = await self._see_stream(js)
        await client.subscribe(subjects.ALL_INTERESTS, cb=self._hear_interest)
        await client.subscribe(subjects.LIVE_BEATS, cb=self._hear_beat)
        await client.subscribe(subjects.LIVE_ACKS, cb=self.alerts.hear_ack)
        await client.subscribe(subjects.LIVE_ALERTS, cb=self.alerts.hear_alert)
        await client.flush()
        await self.alerts.load(client, lost=lost)
        await client.publish(subjects.LIVE_ASK)
        beating = self._beat(client), self._watch_stream(client, js)
        try:
            await together(self.leases.run(js), self.publisher.run(js), self.alerts.run(js), *beating)
        except asyncio.CancelledError:
            if client.is_connected:
                leaving = asyncio.ensure_future(self._leave(client, js))
                await ended(leaving)
                leaving.result()
            raise

    async def _see_stream(self, js: JetStreamContext) -> bool:
        """Make what is missing; whether the bus has lost what was said before: everything is published again then."""
        said = self.publisher.sequence  # before it is asked: another may be stored meanwhile
        found = await flow_stream(js)
        if found is not None and found.created == self._created and found.last < said:
            _log.warning("the bus was set back: the last %s of what it stored are gone", said - found.last)
            # Numbers would be given a second time: a window that has them already would miss what is new.
            await js.delete_stream(subjects.FLOW_STREAM)
            found = None
        if found is None:
            await set_up(js, self.leases.lease_s)
            found = await flow_stream(js)
        created = None if found is None else found.created
        lost = self._created not in (None, created)
        if lost:
            _log.warning("the bus lost what it held: everything is published again")
            self.publisher.forget()
        self._created = created
        return lost

    async def _watch_stream(self, client: Client, js: JetStreamContext) -> None:
        """Beside the beats: a server that is slow to say what it keeps makes no collector silent."""
        while True:
            await self._clock.sleep_until(self._clock.monotonic() + self._config.beat_s)
            if await self._see_stream(js):
                await self.alerts.load(client, lost=True)
            symbols = frozenset(self.monitor.symbols)
            self.publisher.refresh(symbols)
            self.alerts.say_missing(each for each in self.monitor.alerts if each.standing and each.symbol in symbols)

    async def _beat(self, client: Client) -> None:
        while True:
            now = self._now()
            held = self.leases.held
            beats = [beat_of(now, name, epoch, self._count(name)) for name, epoch in held.items()]
            for beat in beats or [standby_of(now)]:
                await client.publish(subjects.beat(beat.shard), encode_beat(beat))
            await self._beat_now.wait_until(self._clock.monotonic() + self._config.beat_s)

    def _now(self) -> Collecting:
        return Collecting(
            self._config.me,
            self._config.shards,
            self._clock.monotonic(),
            len(self.interests.windows),
            self.publisher.sequence,
            *said_now(self.monitor, self._config.kinds, self.troubles, self._downs),
        )

    async def _leave(self, client: Client, js: JetStreamContext) -> None:
        """Give the shards back and say so: another collector has them at once, and windows know why.

        The symbols stay here to the end: with them what stands on them would end, and be raised and told once more when
        this collector is started again.
        """
        self._leaving = True
        with contextlib.suppress(NatsError, OSError):  # a server that is gone, or hangs, drops the leases by itself
            async with asyncio.timeout(_LEAVE_S):
                names, now = await self.leases.leave(js), self._now()
                for name in names:
                    await client.publish(subjects.beat(name), encode_beat(parting_of(now, name)))
                await client.flush()

    def _count(self, shard: str) -> int:
        return sum(self._shard(symbol) == shard for symbol in self.monitor.symbols)

    async def _hear_interest(self, message: Msg) -> None:
        user = SOMEBODY
        try:
            user = subjects.read_interest(message.subject)
            wanted = decode_interest(message.data)
        except RemoteProtocolError as error:
            self.unread.note(user, message.subject, error)
            return
        if wanted.left_out:
            odd = RemoteProtocolError(Reason.of(Code.DESK_LEFT_OUT, count=wanted.left_out))
            self.unread.note(user, message.subject, odd)
        if (user, wanted.window) not in self.interests.windows:
            self._beat_now.ring()  # a new window waits for a sign of life before it shows anything
        changed = self.interests.put(user, wanted, self._clock.monotonic())
        self._bell.ring()
        if changed:
            self._arrange()

    async def _hear_beat(self, message: Msg) -> None:
        try:
            beat = decode_beat(message.data)
        except RemoteProtocolError as error:
            self.unread.note(COLLECTORS, message.subject, error)
            return
        if beat.epoch or beat.shard == STANDBY:
            self._shares.heard(beat.shard, beat.holder, self._clock.monotonic())
        else:
            self._shares.left(beat.holder)
            self.leases.look()
