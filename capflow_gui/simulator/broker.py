"""What both simulated brokers share: connections that are counted, faults, and what these do to answers."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, Protocol, Self, TypeVar

from capflow_gui.clock import Clock
from capflow_gui.simulator.background import Background
from capflow_gui.simulator.faults import Fault, FaultName, Faults
from capflow_gui.simulator.market.clock import MarketClock
from capflow_gui.simulator.stats import Stats

NOT_PROTOBUF = b"\xff\xff\xff\xff this is not protobuf"
ID_MASK = 0x5A5A0000
_GARBAGE_BYTES = 64
_REORDER_WAIT_S = 0.3


class Socket(Protocol):
    """The server's end of one connection."""

    def close(self) -> None:
        """Close in order: what was written still goes out."""

    def abort(self) -> None:
        """Close at once: what was written may be lost."""


S = TypeVar("S", bound=Socket)


class SimulatedBroker(Generic[S]):
    """`faults` switches faults at run time, `stats` counts, `market_clock` can be moved."""

    def __init__(
        self, clock: Clock, market_clock: MarketClock, stats: Stats, seed: int, started_faults: Iterable[str]
    ) -> None:
        """Nothing is opened yet. Raises InvalidInput for a fault that is none."""
        self.clock = clock
        self.market_clock = market_clock
        self.stats = stats
        self.faults = Faults(clock.monotonic, market_clock.now, seed)
        self.background = Background()
        self.sockets: set[S] = set()
        self._started_faults = [Fault.parse(text) for text in started_faults]
        self._listening = False

    async def __aenter__(self) -> Self:
        """Listen. OSError where a port is taken."""
        self._listening = True
        await self._listen()
        self.stats.started = self.clock.monotonic()
        self.faults.on_change(self._fault_changed)
        for fault in self._started_faults:
            self.faults.add(fault)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close everything."""
        for each in list(self.sockets):
            each.abort()
        await self.background.close()
        await self._stop_listening()
        while self.sockets:
            await asyncio.sleep(0)

    def drop_connections(self) -> None:
        """Close every connection, as a restart of the broker would."""
        for each in list(self.sockets):
            each.close()

    def admit(self, served: S) -> None:
        """Count a connection in."""
        self.sockets.add(served)
        self.stats.connections += 1
        self.stats.open_connections = len(self.sockets)
        self.stats.most_connections = max(self.stats.most_connections, len(self.sockets))

    def forget(self, served: S) -> None:
        """Count a connection out."""
        self.sockets.discard(served)
        self.stats.open_connections = len(self.sockets)

    # --- what a broker does its own way

    async def _listen(self) -> None:
        raise NotImplementedError

    async def _stop_listening(self) -> None:
        raise NotImplementedError

    def _on_fault(self, fault: Fault, active: bool) -> None:
        """Say or do at once what a fault switched on or off brings with it."""

    # --- inside

    def _fault_changed(self, fault: Fault, active: bool) -> None:
        self._on_fault(fault, active)
        if fault.name is FaultName.REFUSE and active is self._listening:
            self._listening = not active
            self.background.start(self._stop_listening() if active else self._listen())
        if fault.name is FaultName.REFUSE and active:
            self.drop_connections()
        if active and fault.lasts and fault.seconds is not None:
            self.background.start(self._end_fault(fault, fault.since + fault.seconds))

    async def _end_fault(self, fault: Fault, deadline: float) -> None:
        await self.clock.sleep_until(deadline)
        self.faults.remove(fault)


A = TypeVar("A")  # an answer before it is encoded
B = TypeVar("B", bound=SimulatedBroker[Any])


class AnsweringSocket(Generic[B, A]):
    """The server's end of one connection, as far as faults change what it answers."""

    def __init__(self, server: B) -> None:
        self._server = server
        self._held: list[bytes] = []

    def close(self) -> None:
        """Close in order: what was written still goes out."""
        raise NotImplementedError

    def abort(self) -> None:
        """Close at once: what was written may be lost."""
        raise NotImplementedError

    # --- what a broker's connection does its own way

    def _encode(self, answer: A) -> bytes:
        raise NotImplementedError

    def _send(self, data: bytes) -> None:
        raise NotImplementedError

    def _reply(self, answer: A) -> None:
        """Send an answer as it is."""
        self._finish(self._encode(answer))

    def _finish(self, data: bytes = b"") -> None:
        """Send the last that a request gets; nothing where it stays unanswered."""
        if data:
            self._send(data)

    def _acts(self) -> Mapping[FaultName, Callable[[Fault, A], None]]:
        """What each fault does instead of a plain answer."""
        return {
            FaultName.DROP: self._drop,
            FaultName.RESET: self._reset,
            FaultName.DROP_MID_FRAME: self._drop_mid_frame,
            FaultName.GARBAGE: self._garbage,
            FaultName.DELAY: self._delay,
            FaultName.REORDER: self._reorder,
        }

    # --- for the broker's connection

    def _answer(self, answer: A, interface: int) -> None:
        """Send the answer to a request, or what a fault makes of it."""
        faults = self._server.faults
        for name, act in self._acts().items() if faults else ():
            fault = faults.strike(name, interface)
            if fault is not None:
                act(fault, answer)
                return
        self._reply(answer)

    def _drop(self, _fault: Fault, _answer: A) -> None:
        self._finish()
        self.close()

    def _reset(self, _fault: Fault, _answer: A) -> None:
        self._finish()
        self.abort()

    def _drop_mid_frame(self, _fault: Fault, answer: A) -> None:
        whole = self._encode(answer)
        self._finish(whole[: len(whole) // 2])
        self.close()

    def _garbage(self, _fault: Fault, answer: A) -> None:
        self._send(b"\x00" + self._server.faults.random_bytes(_GARBAGE_BYTES - 1))
        self._reply(answer)

    def _delay(self, fault: Fault, answer: A) -> None:
        self._later(fault.seconds or 0.0, lambda: self._reply(answer))

    def _reorder(self, _fault: Fault, answer: A) -> None:
        """Hold an answer until the next one overtakes it, or for a moment where none does."""
        self._held.append(self._encode(answer))
        if len(self._held) == 1:
            self._later(_REORDER_WAIT_S, self._release)
        else:
            self._release()

    def _release(self) -> None:
        held, self._held = self._held, []
        for data in reversed(held):
            self._finish(data)

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        async def waited() -> None:
            clock = self._server.clock
            await clock.sleep_until(clock.monotonic() + seconds)
            act()

        self._server.background.start(waited())


def reset(transport: asyncio.WriteTransport) -> None:
    """Close with RST instead of FIN."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        # SO_LINGER with a wait of zero; the struct has two shorts on Windows and two ints elsewhere.
        form = "hh" if hasattr(socket, "SIO_RCVALL") else "ii"
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(form, 1, 0))
    transport.abort()
