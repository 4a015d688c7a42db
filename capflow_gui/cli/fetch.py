"""`capflow fetch`: the capital flow of symbols, once."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import TypeVar

from capflow_gui.cli.output import SIMULATED, Output, OutputFailed, logging_through
from capflow_gui.cli.status import INTERRUPTED, status_of_fetch
from capflow_gui.clock import Clock, SystemClock
from capflow_gui.credentials import Conceal
from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.link import LinkFact, LinkPhase, LinkState
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.validation import judge
from capflow_gui.errors import CapflowError, ConnectionLost, InvalidInput, NoData
from capflow_gui.feed.market_clock import MarketClock
from capflow_gui.feed.source import Source
from capflow_gui.paths import Paths, resource
from capflow_gui.present.export import Answer, no_lines, to_csv, to_json_object, to_table
from capflow_gui.present.language.texts import _
from capflow_gui.present.sentences import error_sentence
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import Settings
from capflow_gui.sources import connected, open_source
from capflow_gui.stop_signals import stop_on_signals

# Connecting takes 5 s and InitConnect 8 s at the most; a second try, soon after, forgives a hiccup.
_CONNECT_WITHIN_S = 15.0
_ATTEMPTS = 2
_RECONNECT_WITHIN_S = 15.0
# After so many connections in a row without a single answer a symbol is given up.
_TRIES = 5
# After Ctrl-C: for a reader that is slow.
_GRACE_S = 2.0
Given = TypeVar("Given")


def run(arguments: argparse.Namespace, settings: Settings, conceal: Conceal) -> int:
    """Print what was asked for; the exit status. Raises what keeps every symbol from being asked, and OutputFailed."""
    _check_dates(arguments)
    return asyncio.run(_fetch(arguments, settings, SystemClock(), conceal))


def _check_dates(arguments: argparse.Namespace) -> None:
    start, end = arguments.start, arguments.end
    if start is not None and end is not None and start > end:
        raise InvalidInput(f"--start {start} --end {end}", Reason.of(Code.START_AFTER_END), Reason.of(Code.SWAP_THEM))
    if arguments.period is Period.INTRADAY and (start is not None or end is not None):
        given = "--start" if start is not None else "--end"
        reason, advice = Reason.of(Code.DATES_NEED_A_PERIOD), Reason.of(Code.ADD_PERIOD)
        raise InvalidInput(f"{given} {start or end}", reason, advice)


async def _fetch(arguments: argparse.Namespace, settings: Settings, clock: Clock, conceal: Conceal) -> int:
    paths = Paths.resolve(config_dir=arguments.config_dir, data_dir=arguments.data_dir)
    with closing(Output(sys.stdout)) as output, closing(Output(sys.stderr)) as told, logging_through(told):
        async with (
            open_source(arguments.source, clock=clock, paths=paths, settings=settings, conceal=conceal) as opened,
            connected(opened, clock=clock, within_s=_CONNECT_WITHIN_S, attempts=_ATTEMPTS) as source,
        ):
            fetch = _Fetch(arguments, source, clock, output, told)
            await fetch.learn_time()
            return await fetch.run()


class _Fetch:
    """One run: each symbol is asked, and printed as soon as those before it are."""

    def __init__(
        self, arguments: argparse.Namespace, source: Source, clock: Clock, output: Output, told: Output
    ) -> None:
        """`output` is for results, `told` for sentences."""
        self._arguments = arguments
        self._source = source
        self._clock = clock
        self._output = output
        self._told = told
        self._market = MarketClock(clock)
        self._calendar = Calendar.from_json(resource("sessions.json").read_bytes())
        self._printed: list[Answer] = []
        self._phase = source.provider.link.phase
        self._connections = self._answers = 0
        self._moved = asyncio.Event()
        source.provider.on_link(self._link_moved)

    async def learn_time(self) -> None:
        """Market now is the source's own clock: which period is running depends on it."""
        sent = self._clock.monotonic()
        state = await self._answered(self._source.provider.get_global_state)
        self._market.answered(sent, self._clock.monotonic(), state.time)

    async def run(self) -> int:
        """Ask and print; the exit status."""
        asked = [asyncio.create_task(self._ask(symbol)) for symbol in self._arguments.symbols]
        interrupted = False
        current = asyncio.current_task()
        assert current is not None  # noqa: S101 - a coroutine runs in one
        try:
            with stop_on_signals(current.cancel, interrupt=False):
                await self._print_all(asked)
        except asyncio.CancelledError:
            interrupted = True  # a signal; of Ctrl-C the runner does the same: we print what is there
        finally:
            for task in asked:
                task.cancel()
            await asyncio.wait(asked)
        if interrupted:
            try:
                async with asyncio.timeout(_GRACE_S):
                    await self._print_all([task for task in asked[len(self._printed) :] if not task.cancelled()])
            except TimeoutError:
                raise OutputFailed(_("nobody reads the output: not everything was written")) from None
            return INTERRUPTED
        errors = [self._error(answer) for answer in self._printed]
        return status_of_fetch([error for error in errors if error is not None], len(errors))

    async def _ask(self, symbol: Symbol) -> Answer:
        result: FlowSeries | CapflowError
        asked, provider = self._arguments, self._source.provider

        async def ask() -> FlowSeries:
            async with self._source.limiter.slot():
                return await provider.get_capital_flow(symbol, asked.period, asked.start, asked.end)

        try:
            series = await self._answered(ask)
            result = judge(series, self._calendar, turnover=None, previous=None, received=self._market.now())
        except CapflowError as error:
            result = error
        simulated = provider.link.fact(LinkFact.SIMULATED) is not None
        zone = self._calendar.zone(symbol.market)
        return Answer(symbol, self._source.name, asked.period, zone, result, simulated=simulated)

    async def _answered(self, ask: Callable[[], Awaitable[Given]]) -> Given:
        """An answer; asked again after each reconnect. Raises what went wrong last."""
        fruitless = 0
        while True:
            connection, answers = self._connections, self._answers
            try:
                given = await ask()
            except ConnectionLost:
                fruitless = fruitless + 1 if self._answers == answers else 0
                # The link may not know yet what the call already does: another connection is waited for.
                if fruitless == _TRIES or not await self._reconnected(connection):
                    raise
            else:
                self._answers += 1
                return given

    async def _reconnected(self, connection: int) -> bool:
        """Whether there is a later connection than this one, soon enough."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_RECONNECT_WITHIN_S):
                while self._connections == connection and self._phase is not LinkPhase.FAILED:
                    await self._moved.wait()
        return self._connections > connection

    def _link_moved(self, link: LinkState) -> None:
        self._connections += link.phase is LinkPhase.READY and self._phase is not LinkPhase.READY
        self._phase = link.phase
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def _print_all(self, asked: list[asyncio.Task[Answer]]) -> None:
        for task in asked:
            answer = await task
            first = not self._printed
            self._printed.append(answer)
            if first and answer.simulated and self._arguments.format != "table":
                self._told.put(f"{_(SIMULATED)}\n")
            if text := self._text(answer, first=first):
                await self._output.write(text)
            if (error := self._error(answer)) is not None:
                said = no_lines(answer) if isinstance(answer.result, FlowSeries) else None
                self._told.put(f"{answer.symbol}: {said or error_sentence(error, retrying=False)}\n")
        if self._arguments.format == "json":
            await self._output.write("]\n" if self._printed else "[]\n")

    def _text(self, answer: Answer, *, first: bool) -> str:
        match self._arguments.format:
            case "json":
                return ("[" if first else ",\n ") + to_json_object(answer)
            case "csv":
                return to_csv([answer], header=first)
            case _:
                if self._error(answer) is not None:
                    return ""
                blocks = sum(self._error(each) is None for each in self._printed)
                return ("" if blocks == 1 else "\n") + to_table([answer])

    def _error(self, answer: Answer) -> CapflowError | None:
        """Why there are no lines of a symbol; None where there are."""
        if isinstance(answer.result, CapflowError):
            return answer.result
        return None if len(answer.result) else NoData(answer.source, 0, "")
