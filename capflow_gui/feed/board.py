"""The board: everything a consumer (window or command line) may read, as plain values.

The feed writes it on the loop's thread. A consumer reads it there too, when its subscription says what changed.
Nothing here is a live object of the feed: a consumer cannot change the truth by holding it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from capflow_gui.domain.alert_record import AlertRecord as AlertRecord  # noqa: PLC0414 - consumers read it from here
from capflow_gui.domain.alert_record import AlertState as AlertState  # noqa: PLC0414
from capflow_gui.domain.calibration import Calibration
from capflow_gui.domain.class_flow import ClassFlow
from capflow_gui.domain.comparison import Comparison
from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.link import LinkState
from capflow_gui.domain.lists.groups import Groups
from capflow_gui.domain.quote import Distribution, PriceTrack, Quote
from capflow_gui.domain.session import Calendar, TradingDay
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.tape.event import TapeEvent
from capflow_gui.domain.typed.level import Level, level_amount
from capflow_gui.errors import CapflowError
from capflow_gui.feed.freshness import Freshness as Freshness  # noqa: PLC0414
from capflow_gui.feed.subscriptions import Subscription as Subscription  # noqa: PLC0414
from capflow_gui.reason import Reason

if TYPE_CHECKING:
    from capflow_gui.archive.news import Pruning
    from capflow_gui.domain.typed.rule_entry import RuleEntry
    from capflow_gui.feed.poll_budget import CallMark as CallMark  # noqa: PLC0414
    from capflow_gui.feed.poll_budget import PollBudget as PollBudget  # noqa: PLC0414


@dataclass(frozen=True, slots=True)
class Row:
    """One symbol of the watchlist, everything its row and chart need.

    Ages are in market seconds, cycles in seconds of this machine's monotonic clock. A missing amount is NaN.
    """

    symbol: Symbol
    source: str
    name: str
    currency: str
    currency_assumed: bool
    threshold: Level | None  # the net-outflow threshold in force, below zero
    threshold_own: bool  # False = the default for all
    alert: AlertRecord | None = None  # the symbol's standing alert or what was not seen of it
    series: FlowSeries | None = None  # the newest intraday reply
    day: TradingDay | None = None  # the trading day of that series
    quote: Quote | None = None
    freshness: Freshness = Freshness.NEVER_POLLED
    flagged: bool = False
    error: CapflowError | None = None
    age_s: float | None = None  # market now − last valid
    cycle_s: float = 0.0  # between two replies: the plan at first, then as measured
    polled_at: float | None = None  # monotonic seconds of the last reply
    next_poll_at: float | None = None  # monotonic seconds, where known
    next_open: float | None = None  # UTC epoch seconds, while not open
    next_open_assumed: bool = False  # the trading days of then are not known: a weekday taken for one
    classes: bool = True  # whether the source gives order-size classes
    periods: frozenset[Period] = frozenset(Period)  # what a connected source can answer for it
    instead_of: str | None = None  # the source it was taken from because its link is down
    shared: bool = False  # another row may be of another source: this one says its own
    chosen: str | None = None  # the source the user named for it; None = shared automatically
    calibration: Calibration | None = None  # what the source's amounts were found to be, where it does not say
    class_flow: ClassFlow | None = None  # its snapshots by its own three classes, where it gives no class lines
    turnover: float | None = None  # of the session the lines are of, so far; None where it is not known
    distribution: Distribution | None = None  # its newest money in and out by order size, `time` filled in
    prices: PriceTrack | None = None  # what snapshots of this run had in the session of the lines

    @property
    def money(self) -> str:
        """The currency beside an amount; `HKD?` where it is only assumed."""
        return f"{self.currency}?" if self.currency_assumed else self.currency

    @property
    def level(self) -> float | None:
        """The net amount at which the threshold is reached now; None without one, or while its turnover is unknown."""
        return level_amount(self.threshold, self.turnover)


@dataclass(frozen=True, slots=True)
class Budget:
    """Quota of the capital-flow interface of one source."""

    source: str
    used: int
    limit: int
    window_s: float
    cycle_s: float | None  # the longest cycle of an open symbol: how long one round of all takes
    open_symbols: int
    resting_symbols: int
    next_symbol: Symbol | None
    oldest_reply_s: float | None  # since the reply of the open symbol that has waited longest; a row's age is its own
    refused: int
    requests: int


@dataclass(frozen=True, slots=True)
class HistoryState:
    """A DAY, WEEK or MONTH series: the series, or why there is none yet."""

    series: FlowSeries | None = None
    loading: bool = False
    error: CapflowError | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ComparedSources:
    """Two sources' intraday figures of one symbol and session, asked at about the same time.

    `turnover` is the session's so far, None where neither source knows it; `calibrations` are what each source's
    amounts were found to be, None where it says so itself or nothing was found out.
    """

    symbol: Symbol
    sources: tuple[str, str]
    day: TradingDay
    turnover: float | None
    comparison: Comparison
    calibrations: tuple[Calibration | None, Calibration | None] = (None, None)


class BoardView(Protocol):
    """What a consumer reads. Every answer is a plain value, true at the moment of asking."""

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The watchlist in the user's order."""

    @property
    def groups(self) -> Groups:
        """The user's own groups of the watchlist."""

    @property
    def links(self) -> tuple[LinkState, ...]:
        """One a source."""

    @property
    def budgets(self) -> tuple[Budget, ...]:
        """One a source."""

    @property
    def alerts(self) -> tuple[AlertRecord, ...]:
        """Newest first."""

    def measure(self, record: AlertRecord) -> float:
        """What the rule of an alert measures now, as it is judged, in the rule's units; NaN where it is not known."""

    @property
    def tape(self) -> tuple[TapeEvent, ...]:
        """What happened in the flow of the list's symbols, whatever the rules say; newest first."""

    @property
    def rules(self) -> tuple[RuleEntry, ...]:
        """The profile's rules, those that are not in force too; then the thresholds, the default first."""

    def covered(self, entry: RuleEntry) -> tuple[Symbol, ...]:
        """The symbols of the list that a rule is in force for."""

    @property
    def troubles(self) -> tuple[Reason, ...]:
        """What the status bar says in amber, weightiest first; empty when all is well."""

    @property
    def pruning(self) -> Pruning | None:
        """How far the removing of old recorded sessions is; None while none are removed."""

    @property
    def at_rest(self) -> bool:
        """Whether time alone changes nothing: sources connected, markets closed, their last figures here."""

    @property
    def simulated(self) -> bool:
        """Whether any source is a simulator."""

    @property
    def calendar(self) -> Calendar:
        """The trading calendar in force."""

    def market_now(self, source: str | None = None) -> float:
        """UTC epoch seconds of the source's own clock (domain rule 0); None = the first source."""

    def monotonic_now(self) -> float:
        """Monotonic seconds of this machine."""

    def row(self, symbol: Symbol) -> Row:
        """The symbol's row; KeyError if it is not on the watchlist."""

    def history(self, symbol: Symbol, period: Period) -> HistoryState:
        """The DAY, WEEK or MONTH series, if it was requested."""

    def subscribe(self, name: str, *, events: bool = False) -> Subscription:
        """A new subscription; the caller closes it. `events`: it collects events too."""


class LiveBoard(BoardView, Protocol):
    """The board of the sources, which knows how they are asked, too."""

    @property
    def poll_budgets(self) -> tuple[PollBudget, ...]:
        """How the quota of each source stands now; worked out anew each time."""
