"""DAY, WEEK and MONTH series, fetched when somebody looks at them and kept for the exchange day."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.validation import judge
from capflow_gui.errors import ProtocolError, ProviderError
from capflow_gui.feed.board import HistoryState
from capflow_gui.feed.market_clock import MarketClock
from capflow_gui.providers.base import Provider
from capflow_gui.quota.limiter import Limiter

Key = tuple[Symbol, Period]

_KEPT = 64
_FIRST = 0  # somebody is looking: before the polls that wait for the same quota


@dataclass(slots=True)
class _Kept:
    state: HistoryState
    day: date | None = None


class History:
    """The newest 64 series asked for. on_change(key) is called when a state changes."""

    def __init__(
        self,
        provider: Provider,
        limiter: Limiter,
        market: MarketClock,
        calendar: Callable[[], Calendar],
        on_change: Callable[[Key], None],
    ) -> None:
        self._provider = provider
        self._limiter = limiter
        self._market = market
        self._calendar = calendar
        self._on_change = on_change
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._wanted: asyncio.Queue[Key] = asyncio.Queue()

    def get(self, symbol: Symbol, period: Period) -> HistoryState:
        """What there is."""
        kept = self._kept.get((symbol, period))
        return kept.state if kept is not None else HistoryState()

    def request(self, symbol: Symbol, period: Period) -> None:
        """Have it fetched, unless it is on its way or was fetched on this exchange day."""
        key = (symbol, period)
        kept = self._kept.setdefault(key, _Kept(HistoryState()))
        self._kept.move_to_end(key)
        today = self._calendar().session_date(symbol.market, self._market.now())
        if kept.state.loading or (kept.state.series is not None and kept.day == today):
            return
        kept.state = HistoryState(series=kept.state.series, loading=True)
        self._wanted.put_nowait(key)
        self._on_change(key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    async def run(self) -> None:
        """Fetch what is requested, one at a time, until cancelled."""
        while True:
            key = await self._wanted.get()
            if key in self._kept:
                await self._fetch(key)

    async def _fetch(self, key: Key) -> None:
        symbol, period = key
        state = HistoryState()
        try:
            async with self._limiter.slot(_FIRST, "history"):
                series = await self._provider.get_capital_flow(symbol, period)
            state = HistoryState(series=self._judged(series))
        except (ProviderError, ProtocolError) as error:
            state = HistoryState(series=self.get(symbol, period).series, error=error)
        finally:
            if (kept := self._kept.get(key)) is not None:
                kept.state = state
                kept.day = self._calendar().session_date(symbol.market, self._market.now())
                self._on_change(key)

    def _judged(self, series: FlowSeries) -> FlowSeries:
        return judge(series, self._calendar(), turnover=None, previous=None, received=self._market.now())
