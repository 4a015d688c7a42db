"""The alerts of a desk: what the collector's rules raise goes to every window, and anybody acknowledges it.

A record has one id whichever collector raises it. What is on the bus is not taken back: a collector that takes a shard
over says of an alert only what is newer than what stands there, and ends one that its own rules do not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from dataclasses import replace as with_fields
from types import MappingProxyType

from msgspec.structs import replace
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.errors import APIError

from capflow_gui.clock import Bell, Clock
from capflow_gui.desk.streams import all_stored, is_full
from capflow_gui.domain.alert_record import AlertChange, AlertEvent, AlertRecord, AlertState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import RemoteProtocolError
from capflow_gui.providers.desk.unread import Unread
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.known_alerts import KnownAlerts
from capflow_gui.wire.desk.messages import SharedAlert, decode_ack, decode_alert, encode_alert

# Of whom it cannot be said which user they are.
COLLECTORS, SOMEBODY = "collectors", "?"
_FULL_S = 2.0  # until it is tried again where the server has no room
_ORDER = (AlertState.ACTIVE, AlertState.CLEARED, AlertState.ENDED)


@dataclass(frozen=True, slots=True)
class _Acknowledged:
    user: str
    told: int
    at: float


class SharedAlerts:
    """Publishes records and takes acknowledgements.

    may_publish(symbol)        whether this collector holds the shard of a symbol now
    acknowledge(alert id)      what is done in the collector's own book
    """

    def __init__(
        self, clock: Clock, may_publish: Callable[[Symbol], bool], acknowledge: Callable[[str], None], unread: Unread
    ) -> None:
        self._clock = clock
        self._may_publish = may_publish
        self._acknowledge = acknowledge
        self._unread = unread
        self._known = KnownAlerts()  # as the bus has them
        self._acks: dict[str, _Acknowledged] = {}  # the first of each
        self._queue: dict[str, SharedAlert] = {}
        self._taken_over: set[Symbol] = set()
        self._gone: dict[str, SharedAlert] = {}  # what the bus had and lost, or could not be told
        self._bell = Bell(clock)

    def put(self, event: AlertEvent) -> None:
        """Have every window told what happened.

        An alert that ends here because its shard is another collector's now goes on there.
        """
        reason = event.record.reason
        if reason is not None and reason.code is Code.HANDED_OVER:
            return
        self._put(SharedAlert(event.record, event.change))

    def taken_over(self, symbols: set[Symbol]) -> None:
        """Another collector had these symbols: what it raised is compared once their first reply is judged."""
        self._taken_over |= symbols

    def is_compared_next(self, symbol: Symbol) -> bool:
        """Whether what another collector raised on a symbol is to be compared with its next reply here."""
        return symbol in self._taken_over

    def judged(self, symbol: Symbol, standing: set[str], now: float) -> None:
        """The rules were evaluated on a symbol: end what stands on the bus and by them does not.

        standing  ids of the records that stand here; `now` is market time
        """
        if symbol not in self._taken_over:
            return
        self._taken_over.discard(symbol)
        for shared in tuple(self._known.values()):
            record = shared.record
            if record.symbol == symbol and record.standing and record.id not in standing:
                ended = with_fields(
                    record, state=AlertState.CLEARED, cleared_at=now, reason=Reason.of(Code.JUDGED_AGAIN)
                )
                self._put(SharedAlert(ended, AlertChange.CLEARED))

    async def load(self, client: Client, *, lost: bool = False) -> None:
        """Read what the bus has. Raises what the client of NATS raises.

        lost  it was made anew, or set back: what it had is published again
        """
        if lost:
            self._gone |= self._known
            self._known.clear()
        said: dict[str, tuple[str, str]] = {}  # when each alert was said last
        for stored in await all_stored(client, subjects.ALERT_STREAM, subjects.ALL_ALERTS):
            try:
                shared = decode_alert(stored.payload)
            except RemoteProtocolError as error:
                self._unread.note(COLLECTORS, stored.subject, error)
            else:
                said[shared.record.id] = stored.time
                self._keep(shared)
        for stored in await all_stored(client, subjects.ACK_STREAM, subjects.ALL_ACKS):
            self._take_ack(stored.subject, stored.payload, stored.time, said)
        self.say_again()

    def say_again(self) -> None:
        """Publish what the bus lost or was not told, as far as this collector may; else another one does."""
        for alert_id, shared in tuple(self._gone.items()):
            known = self._queue.get(alert_id) or self._known.get(alert_id)
            if known is not None and (known == shared or _progress(known.record) > _progress(shared.record)):
                del self._gone[alert_id]
            elif self._may_publish(shared.record.symbol):
                del self._gone[alert_id]
                self._queue[alert_id] = shared
                self._bell.ring()

    def say_missing(self, standing: Iterable[AlertRecord]) -> None:
        """Publish what stands here and the bus does not have, of symbols that this collector publishes.

        What was raised before it was started nobody says again by itself, where the store was lost meanwhile.
        """
        for record in standing:
            is_said = any(record.id in said for said in (self._known, self._queue, self._gone))
            if not is_said and record.symbol not in self._taken_over and self._may_publish(record.symbol):
                self._put(SharedAlert(record, AlertChange.RAISED))

    async def hear_ack(self, message: Msg) -> None:
        """Somebody acknowledged an alert."""
        self._take_ack(message.subject, message.data)

    async def hear_alert(self, message: Msg) -> None:
        """A collector published an alert, this one or another."""
        try:
            shared = decode_alert(message.data)
        except RemoteProtocolError as error:
            self._unread.note(COLLECTORS, message.subject, error)
        else:
            self._keep(shared)

    async def run(self, js: JetStreamContext) -> None:
        """Publish until cancelled. Raises what the client of NATS raises."""
        while True:
            while not self._queue:
                await self._bell.wait()
            alert_id = next(iter(self._queue))
            shared = self._queue[alert_id]
            if self._may_publish(shared.record.symbol):
                try:
                    await js.publish(subjects.alert(alert_id), encode_alert(shared))
                except APIError as error:
                    if not is_full(error):
                        raise
                    await self._clock.sleep_until(self._clock.monotonic() + _FULL_S)
                    continue
                self._keep(shared)
            else:
                # The lease has lapsed, perhaps for a moment: with the next one it is said, unless another has said it.
                self._gone[alert_id] = shared
            if self._queue.get(alert_id) is shared:
                del self._queue[alert_id]

    def _keep(self, shared: SharedAlert) -> None:
        for old in self._known.keep(shared):
            self._acks.pop(old, None)

    def _put(self, shared: SharedAlert) -> None:
        record = shared.record
        known = self._queue.get(record.id) or self._known.get(record.id)
        if known is not None and _progress(record) < _progress(known.record) and not _was_doubted(known.record):
            return
        ack = self._acks.get(record.id)
        if ack is not None and ack.told >= record.told:
            seen = with_fields(record, seen=record.told)
            shared = replace(shared, record=seen, acknowledged_by=ack.user, acknowledged_at=ack.at)
        if known is not None and known.record == shared.record and known.acknowledged_by == shared.acknowledged_by:
            return
        self._queue[record.id] = shared
        self._bell.ring()

    def _take_ack(
        self,
        subject: str,
        payload: bytes,
        at: tuple[str, str] = ("", ""),
        said: Mapping[str, tuple[str, str]] = MappingProxyType({}),
    ) -> None:
        """`at`: when it was stored, and `said` when the alerts were: empty, it came just now."""
        user = SOMEBODY
        try:
            user, alert_id = subjects.read_ack(subject)
            ack = decode_ack(payload)
        except RemoteProtocolError as error:
            self._unread.note(user, subject, error)
            return
        shared = self._queue.get(alert_id) or self._known.get(alert_id)
        if shared is None:
            return  # nobody sees an alert before it is published
        # Nor more announcements of it than there were: what comes later is not acknowledged.
        # One from before the alert was said last is believed as far as whoever said it did.
        were = shared.record.seen if at < said.get(alert_id, at) else shared.record.told
        told = min(ack.told, were)
        before = self._acks.get(alert_id)
        if before is not None and before.told >= told:
            return  # the first to acknowledge stays the one who did
        self._acks[alert_id] = _Acknowledged(user, told, ack.at)
        if told >= shared.record.told:
            if self._may_publish(shared.record.symbol):
                self._acknowledge(alert_id)
            self._put(shared)


def _was_doubted(record: AlertRecord) -> bool:
    """Whether it was ended only because another collector's rules did not hold it at their first reply."""
    return record.reason is not None and record.reason.code is Code.JUDGED_AGAIN


def _progress(record: AlertRecord) -> tuple[int, int]:
    """How far the life of an alert is: what is further is newer."""
    return _ORDER.index(record.state), record.told
