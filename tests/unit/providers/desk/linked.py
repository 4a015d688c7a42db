"""A provider of a desk on a real bus, and a small collector beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from capflow_gui.clock import Clock, SystemClock
from capflow_gui.domain.link import LinkState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.providers.backoff import Backoff
from capflow_gui.providers.desk.channel import DeskConfig
from capflow_gui.providers.desk.provider import DeskProvider
from tests.desk_bus import Bus
from tests.desk_publisher import Publisher


@dataclass
class Linked:
    bus: Bus
    provider: DeskProvider
    states: list[LinkState] = field(default_factory=list)
    came: list[Symbol] = field(default_factory=list)
    publisher: Publisher | None = None

    def reasons(self) -> list[str]:
        """The codes of why the link was down, each once."""
        return list(dict.fromkeys(state.reason.code.value for state in self.states if state.reason is not None))

    def wrong(self, publisher: Publisher) -> list[Symbol]:
        """The symbols whose figures here are not those that were published last."""
        return [symbol for symbol, state in publisher.states.items() if not self._is_right(symbol, state.lines.amounts)]

    def _is_right(self, symbol: Symbol, amounts: np.ndarray) -> bool:
        pushed = self.provider.pushed(symbol)
        return pushed is not None and np.array_equal(pushed.series.values[[0, 2, 3, 4, 5]], amounts, equal_nan=True)


@asynccontextmanager
async def linked(
    bus: Bus,
    *,
    clock: Clock | None = None,
    user: str = "ws01",
    secret: Callable[[], str] | None = None,
    ca: Path | None = None,
    host: str = "127.0.0.1",
    port: int | None = None,
) -> AsyncIterator[Linked]:
    """Runs until the end of the context; back-off is a tenth of a second."""

    async def find() -> str:
        return bus.secrets[user] if secret is None else secret()

    config = DeskConfig(host, bus.port if port is None else port, user, ca)
    provider = DeskProvider(config, find, clock or SystemClock(), backoff=Backoff(first_s=0.1, cap_s=0.1))
    found = Linked(bus, provider)
    provider.on_link(found.states.append)
    provider.on_pushed(found.came.append)
    running = asyncio.create_task(provider.run(), name="desk")
    try:
        yield found
    finally:
        running.cancel()
        await asyncio.wait({running})


@asynccontextmanager
async def publishing(bus: Bus, *, beats: bool = True, ca: Path | None = None) -> AsyncIterator[Publisher]:
    """A collector that has signed in, and beats four times a second, or when it hears an interest alone."""
    publisher, clock = Publisher(bus, ca=ca), SystemClock()
    await publisher.connect()

    async def beat() -> None:
        while True:
            if publisher.client.is_connected:
                await publisher.beat()
            await clock.sleep_until(clock.monotonic() + 0.25)

    beating = [asyncio.create_task(beat(), name="beats")] if beats else []
    try:
        yield publisher
    finally:
        for task in beating:
            task.cancel()
            await asyncio.wait({task})
        await publisher.close()
