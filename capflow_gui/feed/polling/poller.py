"""Asks for capital flow: the symbols the schedule picks, when the quota allows, several questions in flight."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from capflow_gui.clock import Bell, Clock
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import (
    CapflowError,
    ConnectFailed,
    ConnectionLost,
    PartFailed,
    ProtocolError,
    ProviderError,
    RemoteProtocolError,
    RequestTimeout,
)
from capflow_gui.feed.market_clock import MarketClock
from capflow_gui.feed.polling.cycle import PollCycle
from capflow_gui.feed.polling.schedule import Schedule
from capflow_gui.providers.base import Provider
from capflow_gui.quota.limiter import Limiter, Reservation, settled
from capflow_gui.reason import Code, Reason

log = logging.getLogger(__name__)


class Poller:
    """Polls the symbols of `schedule` for ever, while `gate()` holds.

    on_series(series) judges and keeps a reply; on_error(symbol, error) hears of a failed question. `generation` is
    the watchlist's: an answer to a question of an older one is dropped unless its symbol is still watched.

    answered_at       when the source answered last (monotonic), a refusal being an answer; None before it did
    unanswered_since  since when it has answered nothing it was asked; None where no question is open
    """

    def __init__(
        self,
        provider: Provider,
        limiter: Limiter,
        schedule: Schedule,
        market: MarketClock,
        cycle: PollCycle,
        *,
        clock: Clock,
        gate: Callable[[], bool],
        on_series: Callable[[FlowSeries], None],
        on_error: Callable[[Symbol, CapflowError], None],
    ) -> None:
        self._provider = provider
        self._limiter = limiter
        self._schedule = schedule
        self._market = market
        self._cycle = cycle
        self._clock = clock
        self._gate = gate
        self._on_series = on_series
        self._on_error = on_error
        self._bell = Bell(clock)
        self._watched: dict[Symbol, int] = {}
        self._generation = 0
        self._in_flight = 0
        self.answered_at: float | None = None
        self.unanswered_since: float | None = None

    def watch(self, symbols: Iterable[Symbol]) -> None:
        """The symbols to poll from now on; one that comes back is a new one."""
        self._generation += 1
        self._watched = {symbol: self._watched.get(symbol, self._generation) for symbol in symbols}
        self._bell.ring()

    def poke(self) -> None:
        """Something changed that may make a symbol due."""
        self._bell.ring()

    async def run(self) -> None:
        """Poll until cancelled."""
        async with asyncio.TaskGroup() as calls:
            while True:
                due_since = await self._something_due()
                reservation = await self._limiter.acquire(wanted_since=due_since)
                # Chosen only now: the wait for a slot may have been long, and the weightiest goes first.
                symbol = self._pick()
                if symbol is None:
                    reservation.unsent()
                    continue
                self._schedule.sent(symbol)
                self._in_flight += 1
                if self.unanswered_since is None:
                    self.unanswered_since = self._clock.monotonic()
                calls.create_task(self._ask(symbol, self._watched[symbol], reservation), name=f"ask {symbol}")
                # Its turn now: the question leaves before the next is chosen.
                await asyncio.sleep(0)

    def _pick(self) -> Symbol | None:
        if not self._gate():
            return None
        return self._schedule.pick(self._clock.monotonic(), self._market.now(), self._cycle.slot_s)

    async def _something_due(self) -> float:
        """Wait until a symbol is due; since when it has been, as far as we saw (monotonic)."""
        while self._pick() is None:
            now = self._clock.monotonic()
            if not self._gate():
                await self._bell.wait()
                continue
            await self._bell.wait_until(self._schedule.next_due(now, self._market.now(), self._market.rate))
        return self._clock.monotonic()

    async def _ask(self, symbol: Symbol, generation: int, reservation: Reservation) -> None:
        try:
            with settled(reservation):
                series = await self._provider.get_capital_flow(symbol)
        except (ProviderError, ProtocolError) as error:
            self._settle(answered=not isinstance(error, ConnectFailed | ConnectionLost | RequestTimeout))
            self._failed(symbol, generation, error)
        except Exception as error:
            self._settle(answered=True)
            log.exception("the answer for %s could not be read", symbol)
            reason = Reason.of(Code.UNUSABLE_ANSWER, kind=type(error).__name__)
            self._failed(symbol, generation, RemoteProtocolError(reason, self._provider.source))
        else:
            self._settle(answered=True)
            self._handle(series, generation)
        finally:
            self._schedule.dropped(symbol)
            self._bell.ring()

    def _settle(self, *, answered: bool) -> None:
        """A question is over. One that was not answered leaves the source silent until another one is."""
        self._in_flight -= 1
        if answered:
            self.answered_at = self._clock.monotonic()
            self.unanswered_since = self.answered_at if self._in_flight else None

    def _handle(self, series: FlowSeries, generation: int) -> None:
        """Hand a reply on. A failure here is no fault of the source."""
        symbol = series.symbol
        if self._watched.get(symbol) != generation:
            return
        try:
            self._on_series(series)
        except (ProviderError, ProtocolError) as error:
            self._failed(symbol, generation, error)
        except Exception as error:
            log.exception("the figures of %s could not be judged", symbol)
            reason = Reason.of(Code.PART_FAILED, part=f"judging {symbol}", error=type(error).__name__)
            self._failed(symbol, generation, PartFailed(reason))

    def _failed(self, symbol: Symbol, generation: int, error: CapflowError) -> None:
        if self._watched.get(symbol) == generation:
            self._schedule.failed(symbol, error, self._clock.monotonic(), self._market.now())
            self._on_error(symbol, error)
