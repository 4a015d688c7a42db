"""Puts together what a row shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capflow_gui.domain.alert_record import AlertRecord
from capflow_gui.domain.flow import HARMLESS, Flag, FlowSeries
from capflow_gui.domain.money import stated_currency
from capflow_gui.domain.session import Phase
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Level, Share
from capflow_gui.feed.board import Row

if TYPE_CHECKING:
    from capflow_gui.feed.source_feed import SourceFeed


def build_row(
    feed: SourceFeed, symbol: Symbol, threshold: tuple[Level | None, bool], alert: AlertRecord | None, now: float
) -> Row:
    """The row of `symbol` as its feed knows it at monotonic `now`."""
    held = feed.store.get(symbol)
    quote, info = feed.quote(symbol), feed.slow_lane.infos.get(symbol)
    state = feed.market_state(symbol.market)
    series = held.series
    level, own = threshold
    currency, assumed = money_of(feed, symbol)
    day = feed.calendar.day(symbol.market, series.session) if series is not None and series.session else None
    turnover = feed.slow_lane.turnover(symbol, day) if day is not None else None
    names = (info.name if info is not None else None, quote.name if quote is not None else None)
    return Row(
        symbol=symbol,
        source=feed.name,
        name=next((name for name in names if name), ""),
        currency=currency,
        currency_assumed=assumed,
        series=series,
        day=day,
        quote=quote,
        freshness=feed.freshness(symbol, state),
        flagged=series is not None and bool(series.flags & ~HARMLESS & _ALL),
        error=held.error,
        age_s=feed.age(symbol),
        cycle_s=feed.cycle_s(symbol),
        polled_at=held.replied_at,
        next_poll_at=feed.next_poll(symbol, now),
        next_open=None if state.phase is Phase.OPEN else float(state.resumes or state.next_open),
        next_open_assumed=state.assumed,
        threshold=level,
        threshold_own=own,
        turnover=turnover.amount if turnover is not None else None,
        alert=alert,
        classes=feed.provider.capabilities.classes,
        periods=feed.provider.capabilities.periods,
        calibration=feed.calibrator.verdict(series),
        class_flow=feed.calibrator.class_flow(series),
        distribution=feed.calibrator.distribution(series),
        prices=feed.slow_lane.prices(symbol, day) if day is not None else None,
    )


def money_of(feed: SourceFeed, symbol: Symbol) -> tuple[str, bool]:
    """The currency of a symbol's amounts, and whether it is assumed: the market's own, for nobody has said it."""
    info = feed.slow_lane.infos.get(symbol)
    return stated_currency(symbol, None if info is None else info.currency)


def empty_row(symbol: Symbol, threshold: tuple[Level | None, bool]) -> Row:
    """The row of a symbol nobody can be asked about: there is no source yet."""
    return Row(symbol, "", "", *stated_currency(symbol), *threshold)


_ALL = Flag(sum(Flag))
_NEAR = 0.75


def is_near(series: FlowSeries, level: float | None) -> bool:
    """Whether the newest net figure has come three quarters of the way to a net-outflow amount."""
    return level is not None and len(series) > 0 and bool(series.net[-1] <= level * _NEAR)


def turnover_of(feed: SourceFeed, symbol: Symbol, threshold: Level | None) -> float | None:
    """The session's turnover so far, looked up where the threshold is a share of it."""
    turnover = feed.turnover(symbol) if isinstance(threshold, Share) else None
    return None if turnover is None else turnover.amount
