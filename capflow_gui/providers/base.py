"""What every data source offers, and what it can do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from capflow_gui.domain.alert_record import AlertChange, AlertRecord
from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.link import LinkState, RateLimit
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
from capflow_gui.errors import CapflowError, ProviderError


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a source can fill. Views it cannot fill are hidden or say why.

    `limits` maps an interface name (capital_flow, distribution, snapshot, static_info, market_state, trade_dates,
    groups, group_symbols, search) to its quota; an absent name has none published. `one_quota`: they all share one.
    """

    periods: frozenset[Period]
    classes: bool
    limits: dict[str, RateLimit]
    one_quota: bool = False


@dataclass(frozen=True, slots=True)
class Pushed:
    """A symbol as somebody else polled and judged it.

    series      its day, judged there; `received` is None before the first reply
    replied_at  when that reply came, in monotonic seconds of this machine
    error       what the newest question failed with, None where it was answered
    """

    series: FlowSeries
    replied_at: float
    error: CapflowError | None = None
    quote: Quote | None = None
    info: StaticInfo | None = None
    distribution: Distribution | None = None


@dataclass(frozen=True, slots=True)
class PushedAlert:
    """An alert of rules that are judged elsewhere, and what happened to it last.

    fresh   False: it was there before this window was
    before  what was said of it last, while this window was there; None: nothing
    """

    record: AlertRecord
    change: AlertChange
    fresh: bool
    before: AlertRecord | None = None


@dataclass(frozen=True, slots=True)
class PushedQuota:
    """The quota of a source that somebody else polls; `budget` of feed.board has the same.

    heard_at  when it was said, in monotonic seconds of this machine
    """

    source: str
    used: int
    limit: int
    window_s: float
    cycle_s: float | None
    next_symbol: Symbol | None
    oldest_reply_s: float | None
    refused: int
    requests: int
    open_symbols: int
    resting_symbols: int
    heard_at: float


class Pushing(Protocol):
    """The part of a provider whose replies come without being asked for."""

    def on_pushed(self, callback: Callable[[Symbol], None]) -> None:
        """Have `callback` called, on the loop's thread, with each symbol that has something new."""

    def pushed(self, symbol: Symbol) -> Pushed | None:
        """What is there of a symbol; None while nothing is."""

    def want(self, watched: Sequence[Symbol], shown: Sequence[Symbol]) -> None:
        """The symbols to have polled, and those of them on screen."""

    def refusal(self, symbol: Symbol) -> ProviderError | None:
        """Why a symbol that is wanted is not asked for there; None of all others."""

    def on_alert(self, callback: Callable[[PushedAlert], None]) -> None:
        """Have `callback` called, on the loop's thread, with each alert that is new or has changed."""

    def acknowledge(self, record: AlertRecord) -> None:
        """Acknowledge an alert for everybody: now, or as soon as there is a connection."""

    @property
    def quotas(self) -> tuple[PushedQuota, ...]:
        """Those of the sources that are polled there, as they said last."""


class Provider(Protocol):
    """A source of capital flow over one connection.

    Every call raises a ProviderError at once while the link is not ready: nothing ever blocks on a reconnect.
    RemoteProtocolError is raised where an answer cannot be read.
    """

    source: str

    @property
    def capabilities(self) -> Capabilities:
        """What it can fill; a desk's depend on what its collectors poll."""

    @property
    def link(self) -> LinkState:
        """The link as it is now."""

    @property
    def heard_time(self) -> tuple[float, float] | None:
        """The source's clock (UTC epoch seconds), and when it was heard (monotonic); None: it has not said it yet.

        It may be heard before the link is ready.
        """

    def on_link(self, callback: Callable[[LinkState], None]) -> None:
        """Have `callback` called, on the loop's thread, whenever the link changes."""

    async def run(self) -> None:
        """Connect, and keep connected with back-off, until cancelled; closes the connection on the way out."""

    async def wait_ready(self, deadline: float) -> None:
        """Return when the link is ready; raise the last ConnectFailed at monotonic `deadline`."""

    def reconnect_now(self) -> None:
        """Skip the rest of a back-off wait, or drop the connection and connect again."""

    async def get_capital_flow(
        self, symbol: Symbol, period: Period = Period.INTRADAY, start: date | None = None, end: date | None = None
    ) -> FlowSeries:
        """Every line the source has; start and end are exchange dates, for DAY, WEEK, MONTH only."""

    async def get_distribution(self, symbol: Symbol) -> Distribution:
        """The day's money in and out by class."""

    async def get_snapshots(self, symbols: Sequence[Symbol]) -> list[Quote]:
        """Price snapshots; one unknown symbol fails the whole call."""

    async def get_static_info(self, symbols: Sequence[Symbol]) -> list[StaticInfo]:
        """Names, kinds, lots."""

    async def get_market_states(self, symbols: Sequence[Symbol]) -> list[MarketState]:
        """The exchange's state for each symbol."""

    async def get_trade_dates(self, market: Market, start: date, end: date) -> list[TradeDate]:
        """Trading days, half days marked."""

    async def get_global_state(self) -> GlobalState:
        """The source's clock and login state."""

    async def get_groups(self) -> list[SymbolGroup]:
        """The user's watchlist groups at the broker."""

    async def get_group_symbols(self, name: str) -> list[StaticInfo]:
        """The members of one group."""

    async def search(self, keyword: str, max_count: int = 10) -> list[SearchHit]:
        """Symbols by code or name."""
