"""`capflow fetch`: the capital flow of symbols, once."""

from __future__ import annotations

import argparse
import asyncio
import sys

from capflow_gui.cli.sources import Source, connected, open_source
from capflow_gui.cli.status import DONE, status_of_all
from capflow_gui.clock import Clock, SystemClock
from capflow_gui.credentials import Conceal
from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.link import LinkFact
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.validation import judge
from capflow_gui.errors import CapflowError, InvalidInput
from capflow_gui.feed.market_clock import MarketClock
from capflow_gui.paths import Paths, resource
from capflow_gui.present.export import Answer, to_csv, to_json, to_table
from capflow_gui.present.sentences import error_sentence
from capflow_gui.settings import Settings

# Connecting takes 5 s and InitConnect 8 s at the most; a second try, soon after, forgives a hiccup.
_CONNECT_WITHIN_S = 15.0
_ATTEMPTS = 2


def run(arguments: argparse.Namespace, settings: Settings, conceal: Conceal) -> int:
    """Print what was asked for; the exit status. Raises what keeps every symbol from being asked."""
    _check_dates(arguments)
    return asyncio.run(_fetch(arguments, settings, SystemClock(), conceal))


def _check_dates(arguments: argparse.Namespace) -> None:
    start, end = arguments.start, arguments.end
    if start is not None and end is not None and start > end:
        raise InvalidInput(f"--start {start} --end {end}", "the start comes after the end", "swap them")
    if arguments.period is Period.INTRADAY and (start is not None or end is not None):
        given = "--start" if start is not None else "--end"
        raise InvalidInput(f"{given} {start or end}", "intraday flow has no dates", "add --period day, week or month")


async def _fetch(arguments: argparse.Namespace, settings: Settings, clock: Clock, conceal: Conceal) -> int:
    paths = Paths.resolve(config_dir=arguments.config_dir, data_dir=arguments.data_dir)
    async with (
        open_source(arguments.source, clock=clock, paths=paths, settings=settings, conceal=conceal) as opened,
        connected(opened, clock=clock, within_s=_CONNECT_WITHIN_S, attempts=_ATTEMPTS) as source,
    ):
        market = MarketClock(clock)
        await _ask_time(source, market, clock)
        calendar = Calendar.from_json(resource("sessions.json").read_bytes())
        async with asyncio.TaskGroup() as group:
            asked = [
                group.create_task(_ask(source, symbol, arguments, calendar, market)) for symbol in arguments.symbols
            ]
        answers = [task.result() for task in asked]
    return _print(answers, arguments.format)


async def _ask_time(source: Source, market: MarketClock, clock: Clock) -> None:
    """Market now is the source's own clock: which period is running depends on it."""
    sent = clock.monotonic()
    state = await source.provider.get_global_state()
    market.answered(sent, clock.monotonic(), state.time)


async def _ask(
    source: Source, symbol: Symbol, arguments: argparse.Namespace, calendar: Calendar, market: MarketClock
) -> Answer:
    result: FlowSeries | CapflowError
    try:
        async with source.limiter.slot():
            series = await source.provider.get_capital_flow(symbol, arguments.period, arguments.start, arguments.end)
        result = judge(series, calendar, turnover=None, previous=None, received=market.now())
    except CapflowError as error:
        result = error
    simulated = source.provider.link.fact(LinkFact.SIMULATED) is not None
    return Answer(symbol, source.name, arguments.period, calendar.zone(symbol.market), result, simulated=simulated)


def _print(answers: list[Answer], style: str) -> int:
    failed = [(answer.symbol, answer.result) for answer in answers if isinstance(answer.result, CapflowError)]
    if answers[0].simulated and style != "table":
        sys.stderr.write("SIMULATED: these figures come from a simulator.\n")
    match style:
        case "json":
            sys.stdout.write(to_json(answers))
        case "csv":
            sys.stdout.write(to_csv(answers))
        case _:
            good = [answer for answer in answers if isinstance(answer.result, FlowSeries)]
            sys.stdout.write(to_table(good))
    sys.stdout.flush()
    for symbol, error in failed:
        sys.stderr.write(f"{symbol}: {error_sentence(error, retrying=False)}\n")
    if len(failed) < len(answers):
        return DONE
    return status_of_all(error for _, error in failed)
