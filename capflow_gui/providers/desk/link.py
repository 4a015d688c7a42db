"""The connection to a desk: its bus, and whether a collector is there.

The bus and the collector are two things, and fail each for itself: while no collector is heard the link is lost, and
the connection to the bus stays.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Collection

from capflow_gui.clock import Clock
from capflow_gui.credentials import Conceal, no_log
from capflow_gui.domain.link import LinkFact, LinkFacts, LinkPhase
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import AuthFailed, CapflowError, ConnectFailed, ConnectionLost, NotSignedIn, SettingsError
from capflow_gui.providers.backoff import Backoff
from capflow_gui.providers.base import PushedAlert
from capflow_gui.providers.desk.alerts import DeskAlerts
from capflow_gui.providers.desk.channel import DeskChannel, DeskConfig, Followed, trust
from capflow_gui.providers.desk.copy import SILENCE_S, DeskCopy
from capflow_gui.providers.desk.unread import Unread
from capflow_gui.providers.link import BrokerLink
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk import subjects
from capflow_gui.wire.desk.follower import Full
from capflow_gui.wire.desk.messages import Interest, encode_ack

LEASE_S = 30.0  # of what this window wants; it is said again every ten seconds
FIRST_S, CAP_S = 0.3, 2.0  # of the back-off: the bus is the firm's own, and back within seconds

_log = logging.getLogger(__name__)
FindSecret = Callable[[], Awaitable[str]]


class DeskLink(BrokerLink[DeskChannel]):
    """A secret that is refused or not there, and was never accepted, fails for good; access may come back later."""

    final = (SettingsError, NotSignedIn, AuthFailed)

    def __init__(
        self,
        config: DeskConfig,
        find_secret: FindSecret,
        clock: Clock,
        source: str = "desk",
        *,
        backoff: Backoff | None = None,
        conceal: Conceal = no_log,
    ) -> None:
        """`find_secret` is asked at every connection: a secret may be changed meanwhile. It raises NotSignedIn."""
        self.copy = DeskCopy(source)
        self.alerts = DeskAlerts(source, Unread(clock))
        self.flow = Followed(subjects.FLOW_STREAM, subjects.ALL_FLOW, subjects.LIVE_FLOW[:-1], whole=False)
        self._alert_stream = Followed(subjects.ALERT_STREAM, subjects.ALL_ALERTS, subjects.LIVE_ALERTS[:-1], whole=True)
        self._ack_stream = Followed(subjects.ACK_STREAM, subjects.ALL_ACKS, subjects.LIVE_ACKS[:-1], whole=True)
        self.streams: tuple[Followed, ...] = self.flow, self._alert_stream, self._ack_stream
        self._alert_listeners: list[Callable[[PushedAlert], None]] = []
        self._config = config
        self._find_secret = find_secret
        self._wanted = Interest((), (), LEASE_S, secrets.token_hex(4))
        self._known: str | None = None  # a secret that was accepted
        self._listeners: list[Callable[[Symbol], None]] = []
        self._expires: Reason | None = None
        self._lost = False  # the bus is there, and no collector is
        super().__init__(source, config.address, clock, backoff or Backoff(first_s=FIRST_S, cap_s=CAP_S), conceal)

    @property
    def heard_time(self) -> tuple[float, float] | None:
        """As the newest beat said it."""
        clock = self.copy.clock()
        return None if clock is None else (clock[0], clock[2])

    @property
    def wanted(self) -> Interest:
        """The symbols to have polled."""
        return self._wanted

    # --- what a channel tells

    def whole(self, followed: Followed, message: Full, now: float) -> Symbol | None:
        """A message of a stream came; the symbol whose figures are new by it, if any."""
        if followed is self.flow:
            return self.copy.full(message.subject, message.payload, now)
        if followed is self._alert_stream:
            fresh = followed.follower.has_loaded
            alert = self.alerts.alert(message.subject, message.payload, fresh=fresh, time=message.time)
        else:
            alert = self.alerts.ack(message.subject, message.payload, message.time)
        if alert is not None:
            for listener in self._alert_listeners:
                listener(alert)
        return None

    def unsaid(self) -> Collection[tuple[str, bytes, str]]:
        """The acknowledgements that nobody has heard of yet."""
        user = self._config.user
        return [
            (subjects.ack(user, record.id), encode_ack(record.told, at), f"{user}-{record.id}-{record.told}")
            for record, at in self.alerts.unsent.values()
        ]

    def changed(self, symbols: Collection[Symbol]) -> None:
        """These have something new."""
        for symbol in symbols:
            for listener in self._listeners:
                listener(symbol)

    def beaten(self) -> None:
        """A collector was heard, or something is new about the desk itself."""
        if self._lost and self.copy.holders(self._clock.monotonic()):
            self._lost = False
            self._channel = self._opening
            self._be_up()
        else:
            self._publish()

    def expires(self, reason: Reason | None) -> None:
        """The certificate of the bus's server ends soon, or (None) does not."""
        if reason != self._expires:
            self._expires = reason
            if reason is not None:
                _log.warning("%s: %s", self.source, reason)
            self._publish()

    def silent(self, *, stopped: bool = False) -> None:
        """The bus is there, and no collector is: the last one said that it is `stopped`, or was not heard."""
        if self._lost:
            return  # what was said first stays true
        self._lost = True
        self._channel = None
        self._settled.clear()
        reason = Reason.of(Code.COLLECTOR_STOPPED) if stopped else Reason.of(Code.COLLECTOR_LOST, seconds=SILENCE_S)
        if (why := self.copy.waits_because(self._clock.monotonic())) is not None:
            reason = Reason.of(Code.COLLECTOR_WAITS, why=why)
        elif self.copy.update is not None and self._clock.monotonic() - self.copy.newer_beat_at < 2 * SILENCE_S:
            reason = self.copy.update  # it is heard, and cannot be read
        self._error = ConnectionLost(self.source, reason)
        self._publish(LinkPhase.LOST, self._error)

    # --- providers.link

    async def _one_connection(self) -> CapflowError:
        try:
            secret = await self._find_secret()
            self.conceal(secret)
            context = None
            if self._config.must_encrypt:
                # It takes 50 ms of a processor, and more of a busy one.
                context = await asyncio.to_thread(trust, self.source, self._config.ca)
        except (SettingsError, NotSignedIn) as error:
            if self._known is None:
                raise
            # It was there before: whoever changes it may have taken the old one away first.
            raise ConnectFailed(self.source, error.reason) from error
        channel = DeskChannel(self.source, self._clock, self._config, self)
        await channel.connect(secret, context, known=self._known == secret)
        self._known, self._lost = secret, False
        return await self._serve(channel)

    def _facts_now(self) -> LinkFacts:
        copy, now = self.copy, self._clock.monotonic()
        facts: list[tuple[LinkFact, Reason]] = []
        if any(source.simulated for source, _ in copy.sources(now)):
            facts.append((LinkFact.SIMULATED, Reason.of(Code.DESK_SIMULATED)))
        if copy.update is not None:
            facts.append((LinkFact.UPDATE_NEEDED, copy.update))
        if missing := copy.missing(now):
            facts.append((LinkFact.SHARDS_LOST, Reason.of(Code.SHARDS_LOST, count=missing)))
        for name, why in copy.downs(now):
            facts.append((LinkFact.SOURCE_DOWN, Reason.of(Code.DESK_SOURCE_DOWN, source=name, why=why)))
        lacks = self._opening.lacks if self._opening is not None else ()
        if lacks:
            subject = min(lacks)
            facts.append((LinkFact.RIGHT_MISSING, Reason.of(Code.DESK_NO_RIGHT, subject=subject)))
        if self._expires is not None:
            facts.append((LinkFact.CERTIFICATE_ENDS, self._expires))
        return tuple(facts)
