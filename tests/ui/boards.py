"""The program's monitor fed by hand: what a window shows when its sources say exactly this."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from capflow_gui.archive.news import Pruning
from capflow_gui.domain.alert_record import Changed, News
from capflow_gui.domain.flow import Flag, FlowSeries, Period
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.quote import Quote
from capflow_gui.domain.session import Calendar, TradingDay
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.tape.tape import Tape
from capflow_gui.domain.typed.level import Level
from capflow_gui.errors import CapflowError
from capflow_gui.feed.board import AlertRecord, AlertState, Budget, Freshness, HistoryState, Row
from capflow_gui.feed.poll_budget import PollBudget
from capflow_gui.feed.subscriptions import Subscriptions
from capflow_gui.monitor import Monitor
from capflow_gui.paths import resource
from capflow_gui.reason import Code, Reason

HONG_KONG = ZoneInfo("Asia/Hong_Kong")
DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 14, 32, 8, tzinfo=HONG_KONG).timestamp()
STANDING_S = 100.0  # what the monotonic clock says
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
        turnover=turnover or None,
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


class StoodClock:
    """A clock.Clock that stands; `wall` is the market's time too, where there is no source to ask."""

    def __init__(self) -> None:
        self.now = NOW
        self.seconds = STANDING_S

    def monotonic(self) -> float:
        return self.seconds

    def wall(self) -> float:
        return self.now

    async def sleep_until(self, deadline: float) -> None:
        raise AssertionError("nobody runs this monitor")


@dataclass
class OtherProgram:
    """An AlertStore of another Capflow on the profile: what it tells comes into the monitor's records."""

    simulated: bool = False

    def start(self, tell: Callable[[News], None]) -> None:
        pass

    def save(self, *_: object) -> None:
        pass

    def look(self) -> None:
        pass


class HandBoard(Monitor):
    """The program's monitor over a clock that stands: what sources would answer is put in by hand.

    The list, thresholds, alerts with what was seen of them, and subscriptions are the monitor's own. A row's threshold
    and alert are taken over when it is put in; from then on the monitor decides.
    """

    def __init__(
        self,
        rows: Iterable[Row] = (),
        links: tuple[LinkState, ...] = (LinkState("opend", LinkPhase.READY, 0.0, latency_s=0.012),),
    ) -> None:
        self._stood = StoodClock()
        super().__init__([], [], calendar=CALENDAR, clock=self._stood)
        self._answers: dict[Symbol, Row] = {}
        self._links = links
        self._simulated = False
        self._said_troubles: tuple[Reason, ...] = ()
        self._pruning: Pruning | None = None
        self._poll_budgets: tuple[PollBudget, ...] = ()
        self._other = OtherProgram()
        self._book.use_store(self._other, None, NOW)
        self.histories: dict[tuple[Symbol, Period], HistoryState] = {}
        self.said: list[tuple[str, object]] = []
        for row in rows:
            self.put(row)

    @classmethod
    def of(cls, *rows: Row) -> HandBoard:
        """A board of these rows, with the thresholds and alerts they carry."""
        return cls(rows)

    # what sources say

    @property
    def links(self) -> tuple[LinkState, ...]:
        return self._links

    @links.setter
    def links(self, links: tuple[LinkState, ...]) -> None:
        self._links = links

    @property
    def budgets(self) -> tuple[Budget, ...]:
        following = self.symbols[-1] if self.symbols else None
        return (Budget("opend", 28, 30, 30.0, 37.0, len(self.symbols), 12, following, 36.0, 0, 900),)

    @property
    def poll_budgets(self) -> tuple[PollBudget, ...]:
        return self._poll_budgets

    @poll_budgets.setter
    def poll_budgets(self, budgets: tuple[PollBudget, ...]) -> None:
        self._poll_budgets = budgets

    @property
    def troubles(self) -> tuple[Reason, ...]:
        return (*super().troubles, *self._said_troubles)

    @troubles.setter
    def troubles(self, troubles: tuple[Reason, ...]) -> None:
        self._said_troubles = troubles

    @property
    def pruning(self) -> Pruning | None:
        return self._pruning

    @pruning.setter
    def pruning(self, pruning: Pruning | None) -> None:
        self._pruning = pruning

    @property
    def simulated(self) -> bool:
        return self._simulated

    @simulated.setter
    def simulated(self, simulated: bool) -> None:
        self._simulated = simulated

    def row(self, symbol: Symbol) -> Row:
        """What was put in, with the threshold and the alert that the monitor has."""
        known = super().row(symbol)
        row = self._answers.get(symbol)
        if row is None:
            return known
        return replace(row, threshold=known.threshold, threshold_own=known.threshold_own, alert=known.alert)

    def history(self, symbol: Symbol, period: Period) -> HistoryState:
        return self.histories.get((symbol, period), HistoryState())

    # what a test does to it

    @property
    def rows(self) -> dict[Symbol, Row]:
        return {symbol: self.row(symbol) for symbol in self.symbols}

    @property
    def now(self) -> float:
        """Market now, which is this computer's too."""
        return self._stood.now

    @now.setter
    def now(self, now: float) -> None:
        self._stood.now = now

    @property
    def monotonic(self) -> float:
        return self._stood.seconds

    @monotonic.setter
    def monotonic(self, seconds: float) -> None:
        self._stood.seconds = seconds

    @property
    def default(self) -> Level | None:
        return self._rules.default

    @property
    def subscriptions(self) -> Subscriptions:
        return self._subscriptions

    def put(self, row: Row) -> None:
        """A reply."""
        symbol = row.symbol
        self._answers[symbol] = row
        super().add_symbols([symbol])
        if (row.threshold, row.threshold_own) != self._rules.threshold(symbol):
            self.set_threshold(symbol, row.threshold)
        if row.alert is not None:
            self.hold_alerts(row.alert)
        self._subscriptions.changed((symbol,))

    def hold_alerts(self, *records: AlertRecord) -> None:
        """Alerts that are known; of one that was known before, what was told and seen of it counts."""
        self._book.heard(self._other, Changed(records), lambda _source: self.now)

    def raise_alert(self, record: AlertRecord) -> None:
        """An alert fires."""
        self.hold_alerts(record)
        self._subscriptions.changed((record.symbol,), alerts=True)

    def fill_tape(self) -> None:
        """The tape of the days that the rows show."""
        tape = Tape()
        for row in self.rows.values():
            if row.series is not None and row.day is not None:
                tape.take(row.series, row.day)
        self._tape._tape = tape
        self._subscriptions.changed(tape=True)

    # intents, noted

    def add_symbols(self, symbols: Iterable[Symbol], index: int | None = None) -> None:
        wanted = list(symbols)
        super().add_symbols(wanted, index)
        self.said.append(("add", wanted))

    def remove_symbols(self, symbols: Iterable[Symbol]) -> None:
        gone = list(symbols)
        super().remove_symbols(gone)
        for symbol in gone:
            self._answers.pop(symbol, None)
        self.said.append(("remove", gone))

    def reorder(self, symbols: Sequence[Symbol]) -> None:
        super().reorder(symbols)
        self.said.append(("reorder", list(symbols)))

    def acknowledge(self, ids: Iterable[str] | None = None) -> None:
        super().acknowledge(ids)
        self.said.append(("acknowledge", ids))


def flagged_row(code: str) -> Row:
    """A row whose reply failed a check."""
    row = row_of(code, "China Mobile", -18.8e6, 940e6)
    assert row.series is not None
    return replace(row, flagged=True, series=msgspec.structs.replace(row.series, flags=Flag.SUM))


def failed_row(code: str, error: CapflowError, freshness: Freshness = Freshness.ERROR) -> Row:
    """A row without figures, and why."""
    row = row_of(code, "", 0.0, 0.0)
    return replace(row, series=None, quote=None, error=error, freshness=freshness, age_s=None)
