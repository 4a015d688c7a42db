"""Publishes what a holder has to say: of a symbol one message after the other, each against the one it replaces.

Messages of several symbols are on their way at once: a server that writes each to its disk takes a while to answer.

A holder begins with what is stored: it says what differs from that, whoever said it, and nothing twice: but what it
said long ago, before the server forgets it, for a symbol rests over a weekend and longer.

The server takes a message only where the last one of its subject is the one that this collector knows of. So a holder
that was frozen and comes back late is refused, as soon as its successor has written. The answer to a publish may be
lost; then the last message of the subject says whether it was stored.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from msgspec.structs import replace
from nats.errors import TimeoutError as NoAnswer
from nats.js import JetStreamContext
from nats.js.errors import APIError

from capflow_gui.clock import Bell, Clock
from capflow_gui.desk.bus import together
from capflow_gui.desk.leases import WRONG_LAST_SEQUENCE
from capflow_gui.desk.streams import is_full, last_stored
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import LocalProtocolError, RemoteProtocolError
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.states import FlowState, decode_flow, encode_flow, encode_tail

_ANSWER_S = 2.0
_FULL_S = 2.0
_AT_ONCE = 8
_UNANSWERED = 2  # publishes in a row, until it is said: one answer may be lost
# The stream of flow keeps a message for 36 hours.
SAY_AGAIN_S = 12 * 3600.0

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Place:
    """What is known of a subject. `sequence` is that of its last message, 0 for none, None: not known.

    said    the state of that message, which a tail is made against; None: not known, or nobody can read it
    unsure  id and state of a publish whose answer did not come
    stored_at  monotonic second at which `said` was stored; `again`: what waits is published though it says the same
    """

    waiting: FlowState | None = None
    sequence: int | None = None
    said: FlowState | None = None
    unsure: tuple[str, FlowState] | None = None
    stored_at: float = 0.0
    again: bool = False


class Publisher:
    """Keeps the newest state of each subject until it is published.

    epoch(state)   under which a state may be published now; None: another collector has its shard
    doubt(state)   is awaited when somebody else wrote in a subject of ours: the lease is looked at
    sequence       of the newest message that was published in this stream
    trouble        why nothing can be stored now; None while all is well
    """

    def __init__(
        self,
        me: str,
        clock: Clock,
        epoch: Callable[[FlowState], int | None],
        doubt: Callable[[JetStreamContext, FlowState], Awaitable[None]],
    ) -> None:
        self.sequence = 0
        self.published = 0
        self.trouble: Reason | None = None
        self._me = me
        self._clock = clock
        self._epoch = epoch
        self._doubt = doubt
        self._places: dict[str, _Place] = {}
        self._queue: dict[str, None] = {}
        self._busy: set[str] = set()  # on their way: what comes of them meanwhile waits in its place
        self._bell = Bell(clock)
        self._count = 0
        self._refused: set[str] = set()
        self._unanswered = 0

    def put(self, state: FlowState) -> None:
        """Have a state published; `epoch` and `rev` are filled in. It replaces one of its subject that waits."""
        try:
            subject = subjects.flow(state.kind, state.symbol)
        except LocalProtocolError as error:
            self._refuse(str(state.symbol), error)
            return
        self._places.setdefault(subject, _Place()).waiting = state
        self._enqueue(subject)

    def forget(self) -> None:
        """The stream was made anew: everything that was said is published again."""
        self.sequence = 0
        for subject, place in self._places.items():
            place.waiting = place.waiting or place.said
            place.sequence = place.said = place.unsure = None
            if place.waiting is not None:
                self._enqueue(subject)

    def refresh(self, symbols: Collection[Symbol]) -> None:
        """Publish once more what was said of these symbols so long ago that the server is about to forget it."""
        over = self._clock.monotonic() - SAY_AGAIN_S
        for subject, place in self._places.items():
            if place.said is not None and place.stored_at <= over and place.said.symbol in symbols:
                place.waiting, place.again = place.waiting or place.said, True
                self._enqueue(subject)

    def _enqueue(self, subject: str) -> None:
        if subject not in self._busy:
            self._queue[subject] = None
            self._bell.ring()

    async def run(self, js: JetStreamContext) -> None:
        """Publish until cancelled. Raises NoStreamResponseError where the stream is gone, and what else NATS raises."""
        await together(*(self._publish_one_by_one(js) for _ in range(_AT_ONCE)))

    async def _publish_one_by_one(self, js: JetStreamContext) -> None:
        while True:
            while not self._queue:
                await self._bell.wait()
            subject = next(iter(self._queue))
            del self._queue[subject]
            self._busy.add(subject)
            place = self._places[subject]
            try:
                await self._publish(js, subject, place)
            finally:
                # Whatever ended it: what still waits is not published, as far as is known.
                self._busy.discard(subject)
                if place.waiting is not None:
                    self._enqueue(subject)

    async def _publish(self, js: JetStreamContext, subject: str, place: _Place) -> None:
        if place.sequence is None:
            await self._learn(js, subject, place)
        state = place.waiting
        if state is None:
            return
        epoch = self._epoch(state)
        if epoch is None:
            place.waiting = None
            return
        before = place.said
        after = replace(state, epoch=epoch, rev=before.rev + 1 if before is not None and before.epoch == epoch else 1)
        if before is not None and after.facts is None:
            after = replace(after, facts=before.facts)  # they hold for the day, and this collector has yet to ask
        if before is not None and after.says_the_same(before) and not place.again:
            place.waiting = None
            return
        tail = encode_tail(before, after) if before is not None else None
        try:
            payload = encode_flow(after)
        except LocalProtocolError as error:
            self._refuse(str(state.symbol), error)
            place.waiting = None
            return
        self._count += 1
        number = f"{self._me}-{self._count}"
        headers = {subjects.MESSAGE_ID: number, subjects.EXPECTED_SEQUENCE: str(place.sequence)}
        if tail is not None:
            headers[subjects.TAIL] = tail
        # Until the answer is here nobody knows whether it was stored.
        place.sequence, place.unsure, place.said = None, (number, after), None
        try:
            ack = await js.publish(subject, payload, timeout=_ANSWER_S, headers=headers)
        except NoAnswer:
            self._unanswered += 1
            if self._unanswered >= _UNANSWERED:
                self._say(Reason.of(Code.BUS_STORES_NOTHING), "it answers no publish")
            return
        except APIError as error:
            await self._refused_by_server(js, place, state, error)
            return
        self._stored(place, after, ack.seq)

    async def _learn(self, js: JetStreamContext, subject: str, place: _Place) -> None:
        """See which message of a subject is the last one, and whether it is the one that was not answered."""
        last = await last_stored(js, subjects.FLOW_STREAM, subject)
        unsure, place.unsure = place.unsure, None
        place.sequence = 0 if last is None else last.sequence
        if last is None:
            place.said = None
        elif unsure is not None and last.headers.get(subjects.MESSAGE_ID) == unsure[0]:
            self._stored(place, unsure[1], last.sequence)
        else:
            place.said = _readable(subject, last.payload)

    def _stored(self, place: _Place, state: FlowState, sequence: int) -> None:
        place.sequence, place.said, place.unsure = sequence, state, None
        place.stored_at, place.again = self._clock.monotonic(), False
        if place.waiting is not None and _is_same(place.waiting, state):
            place.waiting = None
        self.sequence = max(self.sequence, sequence)
        self.published += 1
        self._unanswered = 0
        if self.trouble is not None:
            self.trouble = None
            _log.warning("the bus stores again")

    async def _refused_by_server(self, js: JetStreamContext, place: _Place, state: FlowState, error: APIError) -> None:
        if error.err_code == WRONG_LAST_SEQUENCE:
            # It may also be our own, stored before and not answered: `_learn` sees that.
            await self._doubt(js, state)
            return
        if is_full(error):
            place.unsure = None
            self._say(Reason.of(Code.BUS_FULL, why=error.description or ""), str(error))
            await self._clock.sleep_until(self._clock.monotonic() + _FULL_S)
            return
        raise error

    def _say(self, trouble: Reason, why: str) -> None:
        if self.trouble is None:
            self.trouble = trouble
            _log.warning("the bus does not store: %s", why)

    def _refuse(self, symbol: str, error: LocalProtocolError) -> None:
        if symbol not in self._refused:
            self._refused.add(symbol)
            _log.warning("%s cannot be published: %s", symbol, error)


def _is_same(waiting: FlowState, said: FlowState) -> bool:
    return waiting.known is said.known and waiting.lines is said.lines


def _readable(subject: str, payload: bytes) -> FlowState | None:
    """The state of a message that another collector published; None where it cannot be read, and is replaced."""
    try:
        return decode_flow(payload)
    except RemoteProtocolError as error:
        _log.info("%s: %s", subject, error)
        return None
