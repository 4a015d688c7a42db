"""Asks for the day's money in and out, checks lines against it, and finds out what a source's amounts are.

Each answer is a snapshot of the day so far. A session's snapshots are kept: lines, turnover and snapshots together
tell unit, sign, and whether lines are running totals. Where a source gives no class lines, the differences of its
snapshots are the class flow that can be known.

The question costs a call of the quota that flow is asked with. So it goes out while that is half free, and otherwise
once in `_SELDOM_S` at most: 1.3 % of ten calls a second. So seldom are symbols asked about, too, that are off screen
while their market rests.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from capflow_gui.clock import Bell, Clock
from capflow_gui.domain.calibration import LEAST_LINES, Calibration, Kind, Scale, Sign, calibrate
from capflow_gui.domain.class_flow import ClassFlow
from capflow_gui.domain.flow import Flag, FlowSeries
from capflow_gui.domain.quote import Distribution, Turnover
from capflow_gui.domain.session import Calendar, TradingDay
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.validation import with_flags
from capflow_gui.errors import ProtocolError, ProviderError
from capflow_gui.providers.base import Provider
from capflow_gui.quota.limiters import Limiters

log = logging.getLogger(__name__)

_LOOK_S = 1.0
_NOBODY_S = 4.0  # until the next look where nobody is to be asked about
_SELDOM_S = 7.5
# How often one symbol is asked: a snapshot a minute, with some seconds for its turn.
_AGAIN_S = 55.0
# Figures of the closing auction are said to be of a time after the close.
_AFTER_CLOSE_S = 3600
_PROOFS = 2
# For so long after its first lines rules wait for what a symbol's money in and out says of them.
_AWAITED_S = 20.0


@dataclass(slots=True)
class _Known:
    """What a session's snapshots told of a symbol. `asked_of` is the reply the last question was about.

    `newest` is the newest snapshot as it came, `time` filled in.
    """

    session: date
    flow: ClassFlow = field(default_factory=ClassFlow)
    verdict: Calibration | None = None
    asked_of: float | None = None
    newest: Distribution | None = None


class Calibrator:
    """`wanted` gives symbols, those on screen first, with their newest series; True: those off screen at rest, too.

    turnover(symbol): that of its session.
    on_verdict(symbol): its lines are judged otherwise now; on_snapshot(symbol): there is one more snapshot.
    """

    def __init__(
        self,
        provider: Provider,
        limiters: Limiters,
        clock: Clock,
        *,
        wanted: Callable[[bool], Iterable[tuple[Symbol, FlowSeries | None]]],
        turnover: Callable[[Symbol], Turnover | None],
        calendar: Callable[[], Calendar],
        may_ask: Callable[[], bool],
        on_verdict: Callable[[Symbol], None],
        on_snapshot: Callable[[Symbol], None],
    ) -> None:
        self._provider = provider
        self._limiter = limiters.of("distribution")
        self._clock = clock
        self._wanted = wanted
        self._turnover = turnover
        self._calendar = calendar
        self._may_ask = may_ask
        self._on_verdict = on_verdict
        self._on_snapshot = on_snapshot
        self._bell = Bell(clock)
        self._known: dict[Symbol, _Known] = {}
        self._agreed: dict[Market, Kind] = {}
        self._asked_at: dict[Symbol, float] = {}
        self._asked_any = float("-inf")
        self._answered: set[Symbol] = set()
        self._first_at: dict[Symbol, float] = {}

    def verdict(self, series: FlowSeries | None) -> Calibration | None:
        """What was found out in the session of the series; None while nothing was, or where the source says it."""
        return None if series is None or series.has_classes else self._verdict(series)

    def _verdict(self, series: FlowSeries) -> Calibration | None:
        known = self._of(series)
        found = known.verdict if known is not None else None
        if found is None or found.kind is not Kind.UNDECIDED:
            return found
        return dataclasses.replace(found, kind=self._agreed.get(series.symbol.market, Kind.UNDECIDED))

    def is_awaited(self, series: FlowSeries) -> bool:
        """Whether it will be known in a moment what the lines stand for, or that this cannot be known yet.

        That is so while a symbol has not been asked about since the program started, and enough lines are there.
        """
        if series.has_classes or len(series) < LEAST_LINES or series.symbol in self._answered:
            return False
        if self._agreed.get(series.symbol.market, Kind.UNDECIDED) is not Kind.UNDECIDED:
            return False
        now = self._clock.monotonic()
        return now - self._first_at.setdefault(series.symbol, now) < _AWAITED_S

    def class_flow(self, series: FlowSeries | None) -> ClassFlow | None:
        """The snapshots of the session of the series; None while there is none, or where it has class lines."""
        known = None if series is None or series.has_classes else self._of(series)
        return known.flow if known is not None and len(known.flow) else None

    def distribution(self, series: FlowSeries | None) -> Distribution | None:
        """The newest money in and out of the session of the series, `time` filled in; None while there is none."""
        known = self._of(series)
        return known.newest if known is not None else None

    def _of(self, series: FlowSeries | None) -> _Known | None:
        known = self._known.get(series.symbol) if series is not None else None
        return known if known is not None and series is not None and known.session == series.session else None

    def flagged(self, series: FlowSeries) -> FlowSeries:
        """The judged series with the flags its verdict calls for; figures stay as they came."""
        verdict = self._verdict(series)
        kind = verdict.kind if verdict is not None else self._agreed.get(series.symbol.market)
        found = Flag.NONE
        if verdict is not None and verdict.scale is Scale.TEN_THOUSANDS:
            found |= Flag.SCALE
        if kind is Kind.PER_MINUTE:
            found |= Flag.PER_MINUTE
        if verdict is not None and verdict.sign is Sign.OPPOSITE:
            found |= Flag.SIGN
        return with_flags(series, found)

    async def run(self) -> None:
        """Ask now and then, until cancelled."""
        while True:
            began = self._clock.monotonic()
            found = not self._may_ask() or await self._ask_next(began)
            await self._clock.sleep_until(began + _LOOK_S)
            if not found:
                await self._bell.wait_until(began + _NOBODY_S)

    def poke(self) -> None:
        """There is a reply to check."""
        self._bell.ring()

    def _is_free(self) -> bool:
        return 2 * self._limiter.used < self._limiter.allowed

    async def _ask_next(self, now: float) -> bool:
        """Ask about the next symbol, if that may be now; whether there is one."""
        seldom, is_free = now - self._asked_any >= _SELDOM_S, self._is_free()
        if not (seldom or is_free):
            return True
        for symbol, series in self._wanted(seldom):
            if now - self._asked_at.get(symbol, float("-inf")) < _AGAIN_S:
                continue
            if series is None or series.session is None or not len(series):
                continue
            known = self._of(series)
            if known is not None and known.asked_of == series.received:
                continue  # nothing has flowed since: the market rests
            self._asked_at[symbol] = self._asked_any = now
            await self._ask(symbol, series, series.session)
            return True
        return False

    async def _ask(self, symbol: Symbol, series: FlowSeries, session: date) -> None:
        try:
            async with self._limiter.slot(kind="distribution"):
                distribution = await self._provider.get_distribution(symbol)
        except (ProviderError, ProtocolError) as error:
            self._answered.add(symbol)
            log.info("%s: money in and out of %s is not known: %s", self._provider.source, symbol, error)
            return
        self._answered.add(symbol)
        day = self._calendar().day(symbol.market, session)
        known = self._of(series)
        if known is None:
            known = self._known[symbol] = _Known(session)
        known.asked_of = series.received
        if day is not None:
            self._take(known, distribution, day, series)

    def _take(self, known: _Known, distribution: Distribution, day: TradingDay, series: FlowSeries) -> None:
        """Keep a snapshot of this session, and judge the lines anew."""
        at = distribution.time if distribution.time is not None else series.received
        if at is None or not day.open <= at <= day.close + _AFTER_CLOSE_S:
            return  # before the open a source may still tell of the day before
        known.flow = known.flow.joined(distribution, at)
        before = known.verdict
        turnover = self._turnover(series.symbol)
        found = calibrate(series, day, known.flow, turnover.amount if turnover is not None else None)
        if before is not None and found.kind is Kind.UNDECIDED:
            found = dataclasses.replace(found, kind=before.kind)  # what was proved stays so; it may be refuted
        known.verdict = found
        if before is None or before.findings != found.findings:
            self._on_verdict(series.symbol)
            self._agree(series.symbol)
        known.newest = dataclasses.replace(distribution, time=at)
        self._on_snapshot(series.symbol)

    def _agree(self, newest: Symbol) -> None:
        """What lines stand for depends on source and market: two proofs and none against hold for all its symbols."""
        market = newest.market
        verdicts = {symbol: known.verdict for symbol, known in self._known.items() if symbol.market is market}
        kinds = [found.kind for found in verdicts.values() if found is not None and found.kind is not Kind.UNDECIDED]
        agreed = kinds[0] if len(kinds) >= _PROOFS and len(set(kinds)) == 1 else Kind.UNDECIDED
        if agreed is self._agreed.get(market, Kind.UNDECIDED):
            return
        self._agreed[market] = agreed
        for symbol, found in verdicts.items():
            if found is not None and found.kind is Kind.UNDECIDED:
                self._on_verdict(symbol)
