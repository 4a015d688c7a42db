"""flow.get and flow.history: the objects of `capflow fetch`, with how fresh they are and whose they are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.staleness import last_valid
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError
from capflow_gui.feed.freshness import Freshness, freshness, quiet_seconds
from capflow_gui.feed.rows import money_of
from capflow_gui.feed.source_feed import SourceFeed
from capflow_gui.present.export import Answer, error_facts, series_facts
from capflow_gui.serve.arguments import BadArgument, FlowArguments, HistoryArguments, read_symbols
from capflow_gui.serve.service import Service

# Lines of an answer: a session of 100 symbols. What is larger is asked for in parts.
MOST_LINES = 40_000

Facts = dict[str, Any]
Ask = Callable[[SourceFeed, Symbol], Awaitable[Facts]]


async def get_flows(service: Service, asked: FlowArguments) -> Facts:
    """Intraday flow. A symbol of the watchlist costs no call where its figures are here.

    Raises what kept the first symbol from being answered, where none was.
    """
    symbols = list(service.monitor.symbols) if asked.symbols is None else read_symbols(asked.symbols)

    async def get(feed: SourceFeed, symbol: Symbol) -> Facts:
        if feed.store.get(symbol).series is None:
            await service.connected(feed)
            await service.polled(feed, symbol)
        held = feed.store.get(symbol)
        if held.series is not None:
            facts = _facts(feed, symbol, held.series, feed.freshness(symbol))
            return facts if held.error is None else facts | {"error": error_facts(held.error)}
        if held.error is not None:
            raise held.error
        series = feed.judge(await _ask_broker(service, feed, symbol), None)
        return _facts(feed, symbol, series, _freshness(feed, series))

    return _within_bounds(await _answered(service, symbols, asked.source, get), asked.newest)


async def get_history(service: Service, asked: HistoryArguments) -> Facts:
    """Flow a day, week or month, asked of the broker: each symbol costs a call of its quota.

    Raises what kept the first symbol from being answered, where none was.
    """
    start, end = asked.start, asked.end
    if start is not None and end is not None and start > end:
        raise BadArgument(f"start: {start} is after end, {end}.", "start")

    async def get(feed: SourceFeed, symbol: Symbol) -> Facts:
        await service.connected(feed)
        async with service.turn(feed), feed.source.limiter.slot(kind="history"):
            series = await feed.provider.get_capital_flow(symbol, asked.per, start, end)
        return _facts(feed, symbol, feed.judge(series, None))

    return _within_bounds(await _answered(service, read_symbols(asked.symbols), asked.source, get), None)


async def _ask_broker(service: Service, feed: SourceFeed, symbol: Symbol) -> FlowSeries:
    """A symbol that is not watched, or of which nothing has come yet; asked once for all who ask meanwhile."""

    async def ask() -> FlowSeries:
        async with service.turn(feed), feed.source.limiter.slot():
            return await feed.provider.get_capital_flow(symbol)

    return await service.shared((feed.name, symbol), ask)


async def _answered(service: Service, symbols: Sequence[Symbol], source: str | None, get: Ask) -> list[Facts]:
    """What `get` answers for each symbol at each source; an error in its place. Raises the first where all failed."""
    feeds = service.feeds(source)

    async def tried(feed: SourceFeed, symbol: Symbol) -> Facts | CapflowError:
        try:
            return await get(feed, symbol)
        except CapflowError as error:
            return error

    places = [(feed, symbol) for symbol in symbols for feed in feeds]
    found = await asyncio.gather(*(tried(feed, symbol) for feed, symbol in places))
    errors = [each for each in found if isinstance(each, CapflowError)]
    if errors and len(errors) == len(found):
        raise errors[0]
    return [
        {"symbol": str(symbol), "source": feed.name, "simulated": feed.simulated, "error": error_facts(each)}
        if isinstance(each, CapflowError)
        else each
        for (feed, symbol), each in zip(places, found, strict=True)
    ]


def _within_bounds(flows: list[Facts], newest: int | None) -> Facts:
    for each in flows if newest is not None else ():
        if "lines" in each:
            each["lines"] = each["lines"][max(0, len(each["lines"]) - (newest or 0)) :]
    lines = sum(len(each.get("lines", ())) for each in flows)
    if lines > MOST_LINES:
        raise BadArgument(f"symbols: the answer has {lines} lines, more than {MOST_LINES}; ask for fewer.", "symbols")
    return {"simulated": any(each["simulated"] for each in flows), "flows": flows}


def _facts(feed: SourceFeed, symbol: Symbol, series: FlowSeries, state: Freshness | None = None) -> Facts:
    """The object of `fetch`, and more: whether the currency is assumed, and of an intraday series state, age and link.

    While a link is down the last figures are given, with the time they were true.
    """
    currency, assumed = money_of(feed, symbol)
    zone = feed.calendar.zone(symbol.market)
    answer = Answer(symbol, feed.name, series.period, zone, series, currency, simulated=feed.simulated)
    facts = series_facts(answer) | {"simulated": feed.simulated, "currency_assumed": assumed}
    if state is not None:
        at = last_valid(series)
        age = None if at is None else round(max(0.0, feed.market.now() - at), 3)
        facts |= {"state": state.value, "age_s": age, "link": feed.link.phase.value}
    return facts


def _freshness(feed: SourceFeed, series: FlowSeries) -> Freshness:
    """Of a reply to a question that was asked just now."""
    market, now = feed.market_state(series.symbol.market), feed.market.now()
    quiet_s = quiet_seconds(series, feed.calendar, now)
    return freshness(series, None, market, halted=False, quiet_s=quiet_s, cycle_s=0.0)
