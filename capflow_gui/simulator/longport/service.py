"""What a simulated Longport answers, over whatever connection: its market, account, faults, quota and counts."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from capflow_gui.clock import Clock, SystemClock
from capflow_gui.paths import resource
from capflow_gui.simulator.broker import SimulatedBroker, Socket
from capflow_gui.simulator.faults import FaultName
from capflow_gui.simulator.longport.account import Account
from capflow_gui.simulator.longport.market import LongportMarket
from capflow_gui.simulator.longport.replies import (
    NO_ACCESS,
    RATE,
    SERVER_ERROR,
    UNKNOWN,
    Answer,
    LongportRefusalError,
    LongportReplies,
    refusal_by_code,
)
from capflow_gui.simulator.market.clock import MarketClock
from capflow_gui.simulator.market.market import SimulatedMarket
from capflow_gui.simulator.stats import Stats
from capflow_gui.wire.longport.packet import Command
from capflow_gui.wire.pb.longport import control_pb2 as control


@dataclass(frozen=True, slots=True)
class LongportConfig:
    """What the simulated Longport is like.

    calls, window_s, in_flight  the quota of the quote commands, per user over everything; calls None = no quota
    connections                 how many connections the account may have
    session_s                   how long a session lives
    ping_s                      seconds between the server's pings
    ids_as_text                 watchlist ids and times as strings, as the official clients want them, or as numbers
    refuse_consent              the user says no to OAuth
    """

    host: str = "127.0.0.1"
    port: int = 0
    tcp_port: int = 0
    calls: int | None = 10
    window_s: float = 1.0
    in_flight: int = 5
    connections: int = 10
    session_s: float = 3600.0
    ping_s: float = 30.0
    ids_as_text: bool = True
    refuse_consent: bool = False
    seed: int = 1
    faults: tuple[str, ...] = ()


class InFlight:
    """How many requests are being answered."""

    def __init__(self) -> None:
        self.now = 0
        self.most = 0

    def enter(self) -> None:
        """One more."""
        self.now += 1
        self.most = max(self.most, self.now)

    def leave(self) -> None:
        """One less."""
        self.now -= 1


class LongportStats(Stats):
    """Counts by command."""

    def __init__(self, started_wall: float, started: float, in_flight: InFlight) -> None:
        super().__init__(started_wall, started)
        self._in_flight = in_flight

    def interface_name(self, proto: int) -> str:
        """The command in words."""
        return Command(proto).name.lower() if proto in set(Command) else str(proto)

    def as_json(self) -> dict[str, Any]:
        """Everything, and the most requests that were in flight at once."""
        return {**super().as_json(), "most_in_flight": self._in_flight.most}


class QuoteConnection(Socket, Protocol):
    """A quote connection, as the others see it. `session` is empty before it has signed in."""

    session: str

    def end(self, code: int, reason: str) -> None:
        """Say why, and close."""


S = TypeVar("S", bound=QuoteConnection)


class LongportService(SimulatedBroker[S]):
    """`account` holds what was handed out, `in_flight` counts what is being answered."""

    def __init__(
        self, config: LongportConfig, *, market: SimulatedMarket, market_clock: MarketClock, clock: Clock | None = None
    ) -> None:
        """Nothing is opened yet. Raises InvalidInput for a fault that is none."""
        clock = clock or SystemClock()
        self.in_flight = InFlight()
        stats = LongportStats(clock.wall(), clock.monotonic(), self.in_flight)
        super().__init__(clock, market_clock, stats, config.seed, config.faults)
        self.config = config
        self.view = LongportMarket(market, config.seed, resource("longport_seed_day.json").read_bytes())
        self.account = Account(clock.wall, session_s=config.session_s)
        self._replies = LongportReplies(self.view, self.faults)
        self._arrivals: deque[float] = deque(maxlen=config.calls or 1)

    @property
    def online(self) -> int:
        """Connections with a session."""
        return sum(1 for each in self.sockets if each.session)

    def said_now(self) -> float:
        """Market now as the HTTP Date says it, UTC epoch seconds."""
        return self.market_clock.now() + self.faults.clock_error_s

    def answer(self, command: int, body: bytes) -> Answer:
        """The answer to a quote request, counted first; the caller ends its flight. Raises LongportRefusalError."""
        now = self.clock.monotonic()
        self.in_flight.enter()
        try:
            request = self._replies.parse(command, body)
            symbols = self._replies.symbols_of(request)
        except LongportRefusalError:
            self.stats.record(command, [], now, refused=False)
            raise
        refused = self._arrive(now) or self.faults.strike(FaultName.RATE_REFUSAL, command) is not None
        self.stats.record(command, [str(symbol) for symbol in symbols], now, refused=refused)
        if refused:
            raise LongportRefusalError(RATE)
        if self.faults:
            self._refuse_by_fault(command, symbols)
        return self._replies.answer(command, request, self.market_clock.now())

    def end_duplicates(self, newest: QuoteConnection, session: str) -> None:
        """A session is one connection's: an older socket on it is closed."""
        for each in list(self.sockets):
            if each is not newest and each.session == session:
                each.end(control.CLOSE_CODE_CONNECT_DUPLICATE, "connected elsewhere")

    def _arrive(self, now: float) -> bool:
        """Count an arrival; True where it is one too many, in the window or in flight. A refused one counts too."""
        if self.config.calls is None:
            return False
        full = len(self._arrivals) == self.config.calls and now - self._arrivals[0] < self.config.window_s
        self._arrivals.append(now)
        return full or self.in_flight.now > self.config.in_flight

    def _refuse_by_fault(self, command: int, symbols: list[Any]) -> None:
        for symbol in symbols or [None]:
            for name, reason in _REFUSALS.items():
                if self.faults.strike(name, command, symbol) is not None:
                    raise LongportRefusalError(reason, str(symbol or ""))
            fault = self.faults.strike(FaultName.ERROR_CODE, command, symbol)
            if fault is not None:
                raise refusal_by_code(fault.code or 301602, str(symbol or ""))


_REFUSALS = {
    FaultName.UNKNOWN_SYMBOL: UNKNOWN,
    FaultName.NO_RIGHT: NO_ACCESS,
    FaultName.SERVER_FAILURE: SERVER_ERROR,
}
