"""A broker may repeat a secret in its own words: all a provider says is cleaned here, once, before anybody hears.

What leaves a provider in words are errors and link states. Both pass through here on their way to the window, the
command line, the files of alerts and the log, so none of those has to think of it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from capflow_gui.credentials import Conceal
from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.link import LinkState
from capflow_gui.domain.quote import (
    Distribution,
    GlobalState,
    MarketState,
    Quote,
    SearchHit,
    StaticInfo,
    SymbolGroup,
    TradeDate,
)
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.providers.base import Provider


@contextmanager
def words_cleaned(conceal: Conceal) -> Iterator[None]:
    """Take the secrets out of every text of an error that passes; what caused it is for the log, which cleans too."""
    try:
        yield
    except Exception as error:
        _clean_error(error, conceal)
        raise


def _clean_error(error: Exception, conceal: Conceal) -> None:
    for name, value in list(vars(error).items()):
        if isinstance(value, str):
            setattr(error, name, conceal.clean(value))
    error.args = tuple(conceal.clean(each) if isinstance(each, str) else each for each in error.args)


def _clean_link(link: LinkState, conceal: Conceal) -> LinkState:
    """Whatever holds words: texts, the facts' texts, and the error the reason was taken from."""
    cleaned: dict[str, Any] = {}
    for field in dataclasses.fields(link):
        match getattr(link, field.name):
            case Exception() as error:
                _clean_error(error, conceal)
            case str() as text if type(text) is str:  # not a word of ours, such as the phase
                cleaned[field.name] = conceal.clean(text)
            case tuple() as facts:
                cleaned[field.name] = tuple((fact, conceal.clean(text)) for fact, text in facts)
    return dataclasses.replace(link, **cleaned)


class ConcealedProvider:
    """A providers.base.Provider around another: the same answers, and no secret in its errors and link states."""

    def __init__(self, provider: Provider, conceal: Conceal) -> None:
        self.source = provider.source
        self.capabilities = provider.capabilities
        self._provider = provider
        self._conceal = conceal
        self._seen: LinkState | None = None
        self._shown = provider.link

    @property
    def link(self) -> LinkState:
        """The link as it is now."""
        return self._cleaned(self._provider.link)

    def _cleaned(self, link: LinkState) -> LinkState:
        """A link state without secrets; rows ask often, and mostly for the one they were given before."""
        if link is self._seen:
            return self._shown
        self._seen = link
        silent = not link.reason and link.error is None and not any(text for _, text in link.facts)
        self._shown = link if silent else _clean_link(link, self._conceal)
        return self._shown

    def on_link(self, callback: Callable[[LinkState], None]) -> None:
        """Have `callback` called, on the loop's thread, whenever the link changes."""
        self._provider.on_link(lambda link: callback(self._cleaned(link)))

    async def run(self) -> None:
        """Connect, and keep connected with back-off, until cancelled; closes the connection on the way out."""
        with words_cleaned(self._conceal):
            await self._provider.run()

    async def wait_ready(self, deadline: float) -> None:
        """Return when the link is ready; raise the last ConnectFailed at monotonic `deadline`."""
        with words_cleaned(self._conceal):
            await self._provider.wait_ready(deadline)

    def reconnect_now(self) -> None:
        """Skip the rest of a back-off wait, or drop the connection and connect again."""
        self._provider.reconnect_now()

    async def get_capital_flow(
        self, symbol: Symbol, period: Period = Period.INTRADAY, start: date | None = None, end: date | None = None
    ) -> FlowSeries:
        """Every line the source has; start and end are exchange dates, for DAY, WEEK, MONTH only."""
        with words_cleaned(self._conceal):
            return await self._provider.get_capital_flow(symbol, period, start, end)

    async def get_distribution(self, symbol: Symbol) -> Distribution:
        """The day's money in and out by class."""
        with words_cleaned(self._conceal):
            return await self._provider.get_distribution(symbol)

    async def get_snapshots(self, symbols: Sequence[Symbol]) -> list[Quote]:
        """Price snapshots; one unknown symbol fails the whole call."""
        with words_cleaned(self._conceal):
            return await self._provider.get_snapshots(symbols)

    async def get_static_info(self, symbols: Sequence[Symbol]) -> list[StaticInfo]:
        """Names, kinds, lots."""
        with words_cleaned(self._conceal):
            return await self._provider.get_static_info(symbols)

    async def get_market_states(self, symbols: Sequence[Symbol]) -> list[MarketState]:
        """The exchange's state for each symbol."""
        with words_cleaned(self._conceal):
            return await self._provider.get_market_states(symbols)

    async def get_trade_dates(self, market: Market, start: date, end: date) -> list[TradeDate]:
        """Trading days, half days marked."""
        with words_cleaned(self._conceal):
            return await self._provider.get_trade_dates(market, start, end)

    async def get_global_state(self) -> GlobalState:
        """The source's clock and login state."""
        with words_cleaned(self._conceal):
            return await self._provider.get_global_state()

    async def get_groups(self) -> list[SymbolGroup]:
        """The user's watchlist groups at the broker."""
        with words_cleaned(self._conceal):
            return await self._provider.get_groups()

    async def get_group_symbols(self, name: str) -> list[StaticInfo]:
        """The members of one group."""
        with words_cleaned(self._conceal):
            return await self._provider.get_group_symbols(name)

    async def search(self, keyword: str, max_count: int = 10) -> list[SearchHit]:
        """Symbols by code or name."""
        with words_cleaned(self._conceal):
            return await self._provider.search(keyword, max_count)
