"""A board made by hand: what a window shows when the feed says exactly this."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from capflow_gui.domain.flow import Flag, FlowSeries, Period
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.quote import Quote
from capflow_gui.domain.session import Calendar, TradingDay
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import CapflowError
from capflow_gui.feed.board import AlertRecord, AlertState, Budget, Freshness, HistoryState, Row, Subscription
from capflow_gui.feed.subscriptions import Subscriptions
from capflow_gui.paths import resource
from capflow_gui.reason import Code, Reason
from capflow_gui.ui.models.threshold_choice import INHERIT, ThresholdChoice

HONG_KONG = ZoneInfo("Asia/Hong_Kong")
DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 14, 32, 8, tzinfo=HONG_KONG).timestamp()
CALENDAR = Calendar.from_json(resource("sessions.json").read_bytes())


def trading_day(market: Market = Market.HK) -> TradingDay:
    """The session everything here happens in."""
    day = CALENDAR.day(market, DAY)
    assert day is not None
    return day


def flow(symbol: Symbol, net: float, *, upto: float = NOW, seed: int = 0) -> FlowSeries:
    """A plausible day that ends at `net`, until market time `upto`."""
    day = CALENDAR.day(symbol.market, CALENDAR.session_date(symbol.market, upto)) or trading_day(symbol.market)
    labels = day.labels()
    # Before the open brokers serve the session before: two lines of one will do.
    labels = labels[: max(int((labels <= upto).sum()), 2)]
    steps = np.random.default_rng(seed).normal(0, 1, (4, len(labels)))
    walks = np.cumsum(steps, axis=1)
    walks[:, 0] = 0
    shares = np.array([0.34, 0.24, 0.25, 0.17])[:, None]
    wanted = net * shares * np.linspace(0, 1, len(labels)) ** 2
    drift = walks - walks[:, -1:] * np.linspace(0, 1, len(labels))
    classes = wanted + drift * abs(net or 1e6) * 0.012
    values = np.vstack([classes.sum(axis=0), classes[0] + classes[1], classes])
    confirmed = labels <= upto - 60
    return FlowSeries(
        symbol=symbol,
        source="opend",
        period=Period.INTRADAY,
        timestamps=labels,
        values=values,
        last_valid=upto,
        session=day.day,
        received=upto,
        confirmed=confirmed,
    )


def row_of(code: str, name: str, net: float, turnover: float, *, change: float = 0.0, **facts: object) -> Row:
    """A live row; `facts` replace whatever differs."""
    symbol = Symbol.parse(code)
    upto = NOW - (sum(map(ord, code)) % 30)
    series = flow(symbol, net, upto=upto, seed=sum(map(ord, code)))
    quote = Quote(symbol, name, 100.0 * (1 + change), 100.0, turnover, 1_000_000, upto, halted=False)
    row = Row(
        symbol=symbol,
        source="opend",
        name=name,
        currency={Market.HK: "HKD", Market.US: "USD"}.get(symbol.market, "CNY"),
        currency_assumed=False,
        series=series,
        day=trading_day(symbol.market) if symbol.market is Market.HK else None,
        quote=quote,
        freshness=Freshness.LIVE,
        flagged=False,
        error=None,
        age_s=NOW - upto,
        cycle_s=37.0,
        polled_at=90.0,
        next_poll_at=106.0,
        next_open=None,
        threshold=None,
        threshold_own=False,
        alert=None,
    )
    return replace(row, **facts)  # type: ignore[arg-type]


def alert_of(row: Row, *, number: int = 1, level: float = -200e6, **facts: object) -> AlertRecord:
    """An alert of a row's own threshold; `facts` replace whatever differs."""
    at = int(NOW - 360)
    record = AlertRecord(
        id=str(number),
        source=row.source,
        symbol=row.symbol,
        rule=f"net <= {level / 1e6:.0f}M",
        state=AlertState.ACTIVE,
        session=DAY.isoformat(),
        line_time=at - at % 60,
        value=level * 1.045,
        threshold=level,
        raised_at=at,
    )
    return replace(record, **facts)  # type: ignore[arg-type]


def unjudged_of(row: Row, reason: str, *, number: int = 1) -> AlertRecord:
    """A row's own threshold that cannot be judged."""
    why = Reason.of(Code.VERBATIM, text=reason)
    return alert_of(row, number=number, cannot_judge=True, value=float("nan"), reason=why)


@dataclass
class HandBoard:
    """Implements BoardView over what a test puts in it, and the intents as the monitor would."""

    rows: dict[Symbol, Row] = field(default_factory=dict)
    links: tuple[LinkState, ...] = (LinkState("opend", LinkPhase.READY, 0.0, latency_s=0.012),)
    alerts: tuple[AlertRecord, ...] = ()
    troubles: tuple[Reason, ...] = ()
    simulated: bool = False
    now: float = NOW
    monotonic: float = 100.0
    calendar: Calendar = CALENDAR
    histories: dict[tuple[Symbol, Period], HistoryState] = field(default_factory=dict)
    default: float | None = None
    subscriptions: Subscriptions = field(default_factory=Subscriptions)
    said: list[tuple[str, object]] = field(default_factory=list)

    @classmethod
    def of(cls, *rows: Row) -> HandBoard:
        """A board of these rows, with the alerts they carry."""
        board = cls({row.symbol: row for row in rows})
        board.alerts = tuple(row.alert for row in rows if row.alert is not None)
        return board

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        return tuple(self.rows)

    @property
    def budgets(self) -> tuple[Budget, ...]:
        following = self.symbols[-1] if self.rows else None
        return (Budget("opend", 28, 30, 30.0, 37.0, len(self.rows), 12, following, 36.0, 0, 900),)

    def market_now(self, source: str | None = None) -> float:
        return self.now

    def monotonic_now(self) -> float:
        return self.monotonic

    def row(self, symbol: Symbol) -> Row:
        return self.rows[symbol]

    def history(self, symbol: Symbol, period: Period) -> HistoryState:
        return self.histories.get((symbol, period), HistoryState())

    def subscribe(self, name: str, *, events: bool = False) -> Subscription:
        return self.subscriptions.subscribe(name, events=events)

    # what a test does to it

    def put(self, row: Row) -> None:
        """Another reply."""
        self.rows[row.symbol] = row
        self.subscriptions.changed((row.symbol,))

    def raise_alert(self, record: AlertRecord) -> None:
        """An alert fires."""
        self.alerts = (record, *(alert for alert in self.alerts if alert.id != record.id))
        self.put(replace(self.rows[record.symbol], alert=record))
        self.subscriptions.changed(alerts=True)

    # intents

    def add_symbols(self, symbols: list[Symbol]) -> None:
        """New rows, never polled."""
        for symbol in symbols:
            row = row_of(str(symbol), "", 0.0, 0.0)
            self.rows.setdefault(
                symbol, replace(row, series=None, quote=None, freshness=Freshness.NEVER_POLLED, age_s=None)
            )
        self._listed("add", symbols)

    def remove_symbols(self, symbols: list[Symbol]) -> None:
        for symbol in symbols:
            self.rows.pop(symbol, None)
        self._listed("remove", symbols)

    def reorder(self, symbols: list[Symbol]) -> None:
        self.rows = {symbol: self.rows[symbol] for symbol in symbols}
        self._listed("reorder", symbols)

    def set_threshold(self, symbol: Symbol | None, choice: ThresholdChoice) -> None:
        level = choice if isinstance(choice, float) else None
        if symbol is None:
            self.default = level
            return
        own = choice is not INHERIT
        row = self.rows[symbol]
        self.put(replace(row, threshold=level if own else self.default, threshold_own=own))

    def acknowledge(self, ids: list[str] | None) -> None:
        self.alerts = tuple(
            replace(alert, seen=alert.told) if ids is None or alert.id in ids else alert for alert in self.alerts
        )
        for alert in self.alerts:
            self.put(replace(self.rows[alert.symbol], alert=alert if alert.standing else None))
        self.subscriptions.changed(alerts=True)
        self.said.append(("acknowledge", ids))

    def _listed(self, what: str, symbols: list[Symbol]) -> None:
        self.subscriptions.watchlist_changed(self.rows)
        self.said.append((what, list(symbols)))


def flagged_row(code: str) -> Row:
    """A row whose reply failed a check."""
    row = row_of(code, "China Mobile", -18.8e6, 940e6)
    assert row.series is not None
    return replace(row, flagged=True, series=msgspec.structs.replace(row.series, flags=Flag.SUM))


def failed_row(code: str, error: CapflowError, freshness: Freshness = Freshness.ERROR) -> Row:
    """A row without figures, and why."""
    row = row_of(code, "", 0.0, 0.0)
    return replace(row, series=None, quote=None, error=error, freshness=freshness, age_s=None)
