"""A simulated OpenD on loopback that speaks the real wire.

    config = SimulatorConfig(scenario="flush", speed=60)
    async with OpendSimulator(config) as simulator:
        … connect a client to simulator.host, simulator.port …

Market figures and the global state's time run on the market clock; quota and keep-alive run on the injected clock.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from types import TracebackType
from typing import Self

from capflow_gui.clock import Clock
from capflow_gui.domain.session import Calendar
from capflow_gui.simulator.faults import Fault, FaultName
from capflow_gui.simulator.opend.connection import OpendConnection
from capflow_gui.simulator.opend.pushes import fault_pushes
from capflow_gui.simulator.opend.service import OpendService
from capflow_gui.simulator.opend.service import SimulatorConfig as SimulatorConfig  # noqa: PLC0414 - and its config
from capflow_gui.wire.opend.frame import Proto

_log = logging.getLogger(__name__)

MOST_CONNECTIONS = 128
_GRACE_INTERVALS = 3
_FIRST_CONNECTION_ID = 7_000_000_000_000_000_001


class OpendSimulator(OpendService):
    """Listens for OpenD's clients on loopback."""

    def __init__(
        self, config: SimulatorConfig, *, clock: Clock | None = None, calendar: Calendar | None = None
    ) -> None:
        """Nothing is opened yet. Raises InvalidInput, SettingsError or OSError for a config that cannot be used."""
        super().__init__(config, clock=clock, calendar=calendar)
        self._connections: set[OpendConnection] = set()
        self._numbers = itertools.count(_FIRST_CONNECTION_ID)
        self._listener: asyncio.Server | None = None
        self._port = config.port
        self._started_faults = [Fault.parse(text) for text in config.faults]

    @property
    def host(self) -> str:
        """The address listened on."""
        return self.config.host

    @property
    def port(self) -> int:
        """The port listened on; stays the same while the server is away."""
        return self._port

    async def __aenter__(self) -> Self:
        """Listen. OSError where the port is taken."""
        await self._listen()
        self.stats.started = self.clock.monotonic()
        self.faults.on_change(self._fault_changed)
        self.background.start(self._drop_silent_clients())
        for fault in self._started_faults:
            self.faults.add(fault)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close everything."""
        await self.background.close()
        self._stop_listening()
        for connection in list(self._connections):
            connection.abort()
        while self._connections:
            await asyncio.sleep(0)

    def notify(self, body: bytes) -> None:
        """Push a Notify (1003) to every client that wants them."""
        for connection in self._connections:
            connection.push(Proto.NOTIFY, body)

    def drop_connections(self) -> None:
        """Close every connection, as a restart of OpenD would."""
        for connection in list(self._connections):
            connection.close()

    def _admit(self, connection: OpendConnection) -> bool:
        """Count a connection in; False beyond the 128 of an OpenD."""
        if len(self._connections) >= MOST_CONNECTIONS:
            self.stats.refused_connections += 1
            return False
        self._connections.add(connection)
        self.stats.connections += 1
        self.stats.open_connections = len(self._connections)
        self.stats.most_connections = max(self.stats.most_connections, len(self._connections))
        return True

    def _forget(self, connection: OpendConnection) -> None:
        """Count a connection out."""
        self._connections.discard(connection)
        self.stats.open_connections = len(self._connections)

    # --- inside

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            lambda: OpendConnection(self, next(self._numbers), self._admit, self._forget), self.config.host, self._port
        )
        self._port = self._listener.sockets[0].getsockname()[1]

    def _stop_listening(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _fault_changed(self, fault: Fault, active: bool) -> None:
        for push in fault_pushes(fault.name, active=active):
            self.notify(push)
        if fault.name is FaultName.REFUSE and active:
            self._stop_listening()
            self.drop_connections()
        elif fault.name is FaultName.REFUSE and self._listener is None:
            self.background.start(self._listen())
        if active and fault.lasts and fault.seconds is not None:
            self.background.start(self._end_fault(fault, fault.since + fault.seconds))

    async def _end_fault(self, fault: Fault, deadline: float) -> None:
        await self.clock.sleep_until(deadline)
        self.faults.remove(fault)

    async def _drop_silent_clients(self) -> None:
        """OpenD drops a client that does not send keep-alives; how soon is not documented."""
        grace = self.config.keep_alive * _GRACE_INTERVALS
        while True:
            now = self.clock.monotonic()
            for connection in list(self._connections):
                if now - connection.last_sign > grace:
                    _log.info("connection %d sent no keep-alive for %.0f s and is dropped", connection.number, grace)
                    self.stats.dropped_silent += 1
                    connection.close()
                    connection.last_sign = now
            await self.clock.sleep_until(now + self.config.keep_alive / 2)
