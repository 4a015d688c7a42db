"""The leases of shards: who may publish, and until when.

A lease is a key of a bucket whose messages the server drops after a while. Its holder renews it three times in that
while, and stops publishing half a second before the server would drop it, counted from *before* the renewal was sent:
nobody else can have got it until then. Its *epoch* is the revision under which it was acquired. What is held is renewed
by a task of its own, which waits for nothing else, and an answer counts for as long as the lease lasts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from nats.errors import TimeoutError as NoAnswer
from nats.js import JetStreamContext
from nats.js.errors import APIError

from capflow_gui.clock import Bell, Clock
from capflow_gui.desk.bus import all_of, together
from capflow_gui.desk.shards import Shares
from capflow_gui.desk.streams import LEASE_STREAM, is_full, last_stored
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk import subjects

LEASE_S = 3.0
# The server's clock may be faster by so much of a lease, and a publish is on its way for a while.
_MARGIN_S = 0.5
_RENEWALS = 3
_TRY_S = 0.5
_REQUEST_S = 1.0
_QUIET_S = 600.0  # of what the log has been told
WRONG_LAST_SEQUENCE = 10071

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Held:
    epoch: int
    revision: int
    until: float  # monotonic: nothing is published from then on
    renew_at: float


class Leases:
    """The leases of this collector. `changed` is called when it holds others than before."""

    def __init__(self, me: str, shares: Shares, clock: Clock, changed: Callable[[], None], lease_s: float) -> None:
        self.lease_s = lease_s
        self._me = me
        self._shares = shares
        self._clock = clock
        self._changed = changed
        self.trouble: Reason | None = None  # why the server writes no lease
        self._say_from = -inf
        self._held: dict[str, _Held] = {}
        self._bell = Bell(clock)
        self._try_now = Bell(clock)

    def epoch(self, shard: str) -> int | None:
        """Under which this collector may publish for a shard now; None: it may not."""
        held = self._held.get(shard)
        return held.epoch if held is not None and self._clock.monotonic() < held.until else None

    @property
    def held(self) -> dict[str, int]:
        """The shards that are held now, and their epochs."""
        return {name: epoch for name in sorted(self._held) if (epoch := self.epoch(name)) is not None}

    @property
    def names(self) -> tuple[str, ...]:
        """The shards that were held last, and nobody else is known to have got: while the bus is away they stay."""
        return tuple(sorted(self._held))

    async def run(self, js: JetStreamContext) -> None:
        """Renew, acquire and give up, until cancelled. Raises what the client of NATS raises."""
        await together(self._renew(js), self._acquire(js))

    async def _renew(self, js: JetStreamContext) -> None:
        while True:
            # Side by side: a server that is slow to answer for one shard is so for all.
            await all_of(*(self._look_after(js, name) for name in self._held))
            if self._held:
                await self._bell.wait_until(min(held.renew_at for held in self._held.values()))
            else:
                await self._bell.wait()

    async def _acquire(self, js: JetStreamContext) -> None:
        while True:
            await self._try(js)
            await self._try_now.wait_until(self._clock.monotonic() + _TRY_S)

    def look(self) -> None:
        """Somebody gave a shard back: try to get it at once."""
        self._try_now.ring()

    async def leave(self, js: JetStreamContext) -> list[str]:
        """Give back all that is held, for this collector is stopped; the shards that others may have now."""
        names = list(self.held)
        await all_of(*(self.give_up(js, name) for name in names))
        return names

    async def give_up(self, js: JetStreamContext, name: str) -> None:
        """Let another collector have a shard at once; of no effect where it is not held."""
        if self.epoch(name) is not None:
            self._lose(name, "given up")
            # Only while it is certainly ours: the server would remove another's lease as well.
            await js.purge_stream(LEASE_STREAM, subject=_key(name))

    async def check(self, js: JetStreamContext, name: str) -> None:
        """Somebody else wrote what the holder alone writes: see whether the lease is still ours."""
        held = self._held.get(name)
        if held is not None:
            held.renew_at = self._clock.monotonic()
            await self._look_after(js, name)

    async def _look_after(self, js: JetStreamContext, name: str) -> None:
        held, now = self._held[name], self._clock.monotonic()
        if now < held.renew_at:
            return
        revision = await self._write(js, name, held.revision, max(_REQUEST_S, held.until - now))
        if self._held.get(name) is not held:
            return  # it was given up meanwhile, or known to be lost
        if revision is None:
            await self._have_again(js, name, held)
        elif revision == 0:
            self._try_later(held)  # no answer: again, for as long as it is ours
        else:
            was_over = self._clock.monotonic() >= held.until
            self._keep(held, revision, now)
            if was_over and self.epoch(name) is not None:
                self._changed()  # what was not published meanwhile is published now

    async def _have_again(self, js: JetStreamContext, name: str, held: _Held) -> None:
        """A lease was not renewed in time. Where nobody has it yet it is ours once more, and the symbols stay.

        A busy computer may be late again and again, and would never come to the end of a list that it begins anew.
        """
        asked_at = self._clock.monotonic()
        revision = await self._write(js, name, 0, _REQUEST_S)
        if self._held.get(name) is not held:
            return
        if revision:
            self._acquired(name, revision, asked_at)
        elif self.trouble is not None:
            self._try_later(held)  # nobody else has it either: it is polled and recorded here until somebody has it
        else:
            self._lose(name, "lost")

    def _try_later(self, held: _Held) -> None:
        held.renew_at = self._clock.monotonic() + (0.0 if self.trouble is None else _TRY_S)

    def _acquired(self, name: str, revision: int, asked_at: float) -> None:
        held = self._held[name] = _Held(revision, revision, 0.0, 0.0)
        self._keep(held, revision, asked_at)
        self._bell.ring()
        _log.info("%s is held now, epoch %s", name, revision)
        self._changed()

    async def _try(self, js: JetStreamContext) -> None:
        mine = set(self._held)
        surplus = self._shares.surplus(mine, self._clock.monotonic())
        if surplus is not None:
            self._shares.give(surplus, self._clock.monotonic())
            await self.give_up(js, surplus)
            return
        for name in self._shares.wanted(mine, self._clock.monotonic()):
            now, was_free = self._clock.monotonic(), self._shares.is_free(name)
            revision = await self._write(js, name, 0, _REQUEST_S)
            if revision:
                self._acquired(name, revision, now)
                if not was_free:
                    return  # one at a time: others may be starting too

    async def _write(self, js: JetStreamContext, name: str, last: int, within_s: float) -> int | None:
        """The revision of the key when it is written; None: another collector holds it, 0: no answer, or no room."""
        headers = {subjects.EXPECTED_SEQUENCE: str(last)}
        try:
            ack = await js.publish(_key(name), self._me.encode(), timeout=within_s, headers=headers)
        except NoAnswer:
            return 0
        except APIError as error:
            if is_full(error):
                if self._clock.monotonic() >= self._say_from:  # a lease that ends makes room for one, for a moment
                    _log.warning("the bus stores no lease: %s", error)
                    self._say_from = self._clock.monotonic() + _QUIET_S
                self.trouble = Reason.of(Code.BUS_FULL, why=error.description or "")
                return 0
            if error.err_code != WRONG_LAST_SEQUENCE:
                raise
        else:
            self.trouble = None
            return ack.seq
        # What was written before, and not answered, is ours as well.
        found = await last_stored(js, LEASE_STREAM, _key(name))
        return found.sequence if found is not None and found.payload == self._me.encode() else None

    def _keep(self, held: _Held, revision: int, asked_at: float) -> None:
        held.revision = revision
        held.until = asked_at + self.lease_s - min(_MARGIN_S, self.lease_s / 4)
        held.renew_at = asked_at + self.lease_s / _RENEWALS

    def _lose(self, name: str, how: str) -> None:
        del self._held[name]
        _log.info("%s is %s", name, how)
        self._changed()


def _key(name: str) -> str:
    return f"$KV.{subjects.LEASE_BUCKET}.{name}"
