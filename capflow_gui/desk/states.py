"""A symbol as the feed has it, as a state for the bus."""

from __future__ import annotations

import math

from capflow_gui.desk.beats import reason_text
from capflow_gui.domain.flow import Flag
from capflow_gui.domain.quote import Distribution, Quote, StaticInfo
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError, ProtocolError, ProviderError, RequestRejected
from capflow_gui.feed.source_feed import SourceFeed
from capflow_gui.reason import Code, Reason
from capflow_gui.wire.desk.lines import Lines
from capflow_gui.wire.desk.states import Facts, Fault, FlowState, Known, Money, Price

_LONGEST_NAME = 128


def flow_state(feed: SourceFeed, symbol: Symbol, kind: str) -> FlowState | None:
    """What is known of a symbol at a source; None before its first answer. Holder and number are filled in later.

    kind  what the subject is named by: all collectors of one broker share it
    """
    held = feed.store.get(symbol)
    if held.replied_at is None and held.error is None:
        return None
    series = held.series if held.replied_at is not None else None
    at = held.replied_at if held.replied_at is not None else held.failed_at or 0.0
    quote, info = feed.quote(symbol), feed.slow_lane.infos.get(symbol)
    money = feed.calibrator.distribution(series) if series is not None else None
    known = Known(
        last_valid=series.last_valid if series is not None else None,
        received=series.received if series is not None else None,
        at=at,
        flags=int(series.flags if series is not None else Flag.NONE),
        fault=None if held.error is None else fault_of(held.error),
        price=None if quote is None else price_of(quote),
        money=None if money is None else money_of(money),
    )
    return FlowState(
        source=feed.name,
        kind=kind,
        simulated=feed.simulated,
        symbol=symbol,
        session=series.session if series is not None else None,
        epoch=0,
        rev=0,
        known=known,
        facts=None if info is None else facts_of(info),
        lines=Lines.of(series) if series is not None else Lines.none(),
    )


def fault_of(error: CapflowError) -> Fault:
    """An error of the broker or of the link, for windows to word."""
    known = isinstance(error, ProviderError | ProtocolError)
    reason = error.reason if known else Reason.of(Code.VERBATIM, text=str(error))  # type: ignore[attr-defined]
    return Fault(type(error).__name__, error.code if isinstance(error, RequestRejected) else 0, reason_text(reason))


def price_of(quote: Quote) -> Price:
    """A price snapshot; an amount that is infinite is not known."""
    return Price(
        None if quote.name is None else quote.name[:_LONGEST_NAME],
        _finite(quote.price),
        _finite(quote.previous_close),
        _finite(quote.turnover),
        int(quote.volume),
        _time(quote.time),
        quote.halted,
    )


def facts_of(info: StaticInfo) -> Facts:
    """What holds for the day."""
    return Facts(info.name[:_LONGEST_NAME], str(info.kind), info.lot_size, info.currency, info.delisted)


def money_of(found: Distribution) -> Money:
    """The day's money in and out by class."""
    inflow, outflow = (
        {name: _amount(amount) for name, amount in side.items()} for side in (found.inflow, found.outflow)
    )
    return Money(_time(found.time), inflow, outflow)


def _finite(amount: float) -> float:
    return amount if math.isfinite(amount) else math.nan


def _amount(amount: float | None) -> float | None:
    return None if amount is None or not math.isfinite(amount) else amount


def _time(at: float | None) -> float | None:
    return at if at is not None and math.isfinite(at) and at >= 0 else None
