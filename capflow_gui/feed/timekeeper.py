"""Asks a source for its own time, by which its market clock goes."""

from __future__ import annotations

import logging
from collections.abc import Callable

from capflow_gui.clock import Bell, Clock
from capflow_gui.domain.link import LinkPhase
from capflow_gui.errors import ProtocolError, ProviderError
from capflow_gui.feed.market_clock import MarketClock, is_plausible
from capflow_gui.providers.base import Provider

log = logging.getLogger(__name__)


class Timekeeper:
    """Asks at once when told to, soon again while the rate of the clock is unsettled, then once a minute.

    simulated  whether the source has said with its time that it is a simulator
    on_asked   is called after every question: True where the time is known for the first time, or the clock stepped
    """

    def __init__(self, provider: Provider, market: MarketClock, clock: Clock, on_asked: Callable[[bool], None]) -> None:
        self._provider = provider
        self._market = market
        self._clock = clock
        self._on_asked = on_asked
        self._bell = Bell(clock)
        self.simulated = False

    def now(self) -> float:
        """Market now, UTC epoch seconds; before the source was asked by what it said at its login, if it did.

        A time outside this century is none.
        """
        heard = self._provider.heard_time
        if self._market.known or heard is None or not is_plausible(heard[0]):
            return self._market.now()
        return heard[0] + self._clock.monotonic() - heard[1]

    def ask_now(self) -> None:
        """Something happened to time: sleep, a new connection, figures from the future."""
        self._market.resettle()
        self._bell.ring()

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            if self._provider.link.phase is LinkPhase.READY:
                self._on_asked(await self._ask())
            await self._bell.wait_until(self._clock.monotonic() + self._market.ask_after_s)

    async def _ask(self) -> bool:
        sent = self._clock.monotonic()
        try:
            state = await self._provider.get_global_state()
        except (ProviderError, ProtocolError) as error:
            log.info("%s: its time is not known now: %s", self._provider.source, error)
            return False
        self.simulated = self.simulated or state.simulated
        known = self._market.known
        stepped = self._market.answered(sent, self._clock.monotonic(), state.time)
        if stepped:
            log.info("%s: the market clock stepped to %.0f", self._provider.source, state.time)
        return stepped or not known
