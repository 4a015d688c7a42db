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
from typing import Self

from capflow_gui.clock import Clock
from capflow_gui.domain.session import Calendar
from capflow_gui.simulator.faults import Fault
from capflow_gui.simulator.opend.connection import OpendConnection
from capflow_gui.simulator.opend.pushes import fault_pushes
from capflow_gui.simulator.opend.service import OpendService
from capflow_gui.simulator.opend.service import SimulatorConfig as SimulatorConfig  # noqa: PLC0414 - and its config
from capflow_gui.wire.opend.frame import Proto

_log = logging.getLogger(__name__)

_GRACE_INTERVALS = 3
_FIRST_CONNECTION_ID = 7_000_000_000_000_000_001


class OpendSimulator(OpendService[OpendConnection]):
    """Listens for OpenD's clients on loopback."""

    def __init__(
        self, config: SimulatorConfig, *, clock: Clock | None = None, calendar: Calendar | None = None
    ) -> None:
        """Nothing is opened yet. Raises InvalidInput, SettingsError or OSError for a config that cannot be used."""
        super().__init__(config, clock=clock, calendar=calendar)
        self.host = config.host
        self.port = config.port  # the one listened on; stays the same while the server is away
        self._numbers = itertools.count(_FIRST_CONNECTION_ID)
        self._listener: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """Listen. OSError where the port is taken."""
        self.background.start(self._drop_silent_clients())
        return await super().__aenter__()

    def notify(self, body: bytes) -> None:
        """Push a Notify (1003) to every client that wants them."""
        for connection in self.sockets:
            connection.push(Proto.NOTIFY, body)

    # --- inside

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            lambda: OpendConnection(self, next(self._numbers)), self.host, self.port
        )
        self.port = self._listener.sockets[0].getsockname()[1]

    async def _stop_listening(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _on_fault(self, fault: Fault, active: bool) -> None:
        for push in fault_pushes(fault.name, active=active):
            self.notify(push)

    async def _drop_silent_clients(self) -> None:
        """OpenD drops a client that does not send keep-alives; how soon is not documented."""
        grace = self.config.keep_alive * _GRACE_INTERVALS
        while True:
            now = self.clock.monotonic()
            for connection in list(self.sockets):
                if now - connection.last_sign > grace:
                    _log.info("connection %d sent no keep-alive for %.0f s and is dropped", connection.number, grace)
                    self.stats.dropped_silent += 1
                    connection.close()
                    connection.last_sign = now
            await self.clock.sleep_until(now + self.config.keep_alive / 2)
