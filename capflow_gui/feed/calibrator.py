"""Finds out what a source's amounts are, where it does not say: unit, sign, and whether lines are running totals.

For sources without order-size classes. Once a symbol has lines and a turnover, its money in and out is asked, seldom:
the question costs a call of the quota that flow is asked with.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import date

import numpy as np
from msgspec.structs import replace

from capflow_gui.clock import Clock
from capflow_gui.domain.calibration import Calibration, Kind, Scale, Sign, calibrate
from capflow_gui.domain.flow import Flag, FlowSeries
from capflow_gui.domain.quote import Quote
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import ProtocolError, ProviderError
from capflow_gui.feed.limiter import Limiters
from capflow_gui.providers.base import Provider

log = logging.getLogger(__name__)

_EVERY_S = 5.0
_AGAIN_S = 900.0
_LEAST_LINES = 5


class Calibrator:
    """`wanted()` gives symbols, those on screen first, with their newest series and quote. on_verdict(symbol): new."""

    def __init__(
        self,
        provider: Provider,
        limiters: Limiters,
        clock: Clock,
        *,
        wanted: Callable[[], Iterable[tuple[Symbol, FlowSeries | None, Quote | None]]],
        may_ask: Callable[[], bool],
        on_verdict: Callable[[Symbol], None],
    ) -> None:
        self._provider = provider
        self._limiters = limiters
        self._clock = clock
        self._wanted = wanted
        self._may_ask = may_ask
        self._on_verdict = on_verdict
        self._verdicts: dict[Symbol, tuple[date, Calibration]] = {}
        self._asked_at: dict[Symbol, float] = {}

    def verdict(self, series: FlowSeries | None) -> Calibration | None:
        """What was found out in the session of the series; None while nothing was."""
        found = self._verdicts.get(series.symbol) if series is not None else None
        return found[1] if found is not None and series is not None and found[0] == series.session else None

    def flagged(self, series: FlowSeries) -> FlowSeries:
        """The judged series with the flags its verdict calls for; figures stay as they came."""
        verdict = self.verdict(series)
        if verdict is None:
            return series
        whole, lines = Flag.NONE, Flag.NONE
        if verdict.scale is Scale.TEN_THOUSANDS:
            whole |= Flag.SCALE
        if verdict.kind is Kind.PER_MINUTE:
            whole |= Flag.PER_MINUTE
        if verdict.sign is Sign.OPPOSITE:
            lines |= Flag.SIGN
        if not whole | lines:
            return series
        line_flags = series.line_flags | np.uint16((whole | lines).value)
        return replace(series, flags=series.flags | whole | lines, line_flags=line_flags)

    async def run(self) -> None:
        """Ask now and then, until cancelled."""
        while True:
            began = self._clock.monotonic()
            if self._may_ask():
                await self._ask_next(began)
            await self._clock.sleep_until(began + _EVERY_S)

    async def _ask_next(self, now: float) -> None:
        for symbol, series, quote in self._wanted():
            asked_at = self._asked_at.get(symbol)
            if asked_at is not None and now - asked_at < _AGAIN_S and self.verdict(series) is not None:
                continue
            if asked_at is not None and now - asked_at < 10 * _EVERY_S:
                continue
            if series is None or series.session is None or len(series) < _LEAST_LINES:
                continue
            if quote is None or not quote.turnover > 0:
                continue
            self._asked_at[symbol] = now
            try:
                async with self._limiters.of("distribution").slot():
                    distribution = await self._provider.get_distribution(symbol)
            except (ProviderError, ProtocolError) as error:
                log.info("%s: money in and out of %s is not known: %s", self._provider.source, symbol, error)
                return
            verdict = calibrate(series.net, distribution, quote.turnover)
            before = self.verdict(series)
            self._verdicts[symbol] = series.session, verdict
            if verdict != before:
                self._on_verdict(symbol)
            return
