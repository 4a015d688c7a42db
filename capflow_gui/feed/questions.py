"""Questions a user asks of the brokers: symbols by name, and the groups kept there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from capflow_gui.domain.comparison import compare
from capflow_gui.domain.flow import Flag, FlowSeries
from capflow_gui.domain.quote import SearchHit, StaticInfo, SymbolGroup
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import CapflowError, ConnectionLost, NoData
from capflow_gui.feed.board import ComparedSources
from capflow_gui.reason import Code, Reason

if TYPE_CHECKING:
    from capflow_gui.feed.source_feed import SourceFeed


class FeedQuestions:
    """Each question waits until there are feeds, and passes the quota of its interface. All raise a CapflowError."""

    def __init__(self, feeds: Sequence[SourceFeed] | None = None) -> None:
        self._feeds = feeds or ()
        self._opened = asyncio.Event()
        if feeds is not None:
            self._opened.set()

    def open(self, feeds: Sequence[SourceFeed]) -> None:
        """These feeds answer from now on."""
        self._feeds = feeds
        self._opened.set()

    async def search(self, text: str) -> list[SearchHit]:
        """Symbols by code or name, of the first connected source that finds any."""
        hits: list[SearchHit] = []
        failure: CapflowError | None = None
        for feed in await self._connected():
            try:
                async with feed.source.limiters.of("search").slot(kind="search"):
                    hits = await feed.provider.search(text)
            except CapflowError as error:
                failure = failure or error
            if hits:
                return hits
        if failure is not None:
            raise failure
        return hits

    async def groups(self) -> list[SymbolGroup]:
        """The groups at every connected source, each marked with it; raises only where none answers."""
        found: list[SymbolGroup] = []
        failures: list[CapflowError] = []
        connected = await self._connected()
        for feed in connected:
            try:
                async with feed.source.limiters.of("groups").slot(kind="groups"):
                    found += [replace(group, source=feed.name) for group in await feed.provider.get_groups()]
            except CapflowError as error:
                failures.append(error)
        if len(failures) == len(connected):
            raise failures[0]
        return found

    async def group_symbols(self, name: str, source: str = "") -> list[StaticInfo]:
        """The members of one group."""
        feed = next((each for each in await self._connected() if source in ("", each.name)), None)
        if feed is None:
            raise ConnectionLost(source, Reason.of(Code.LINK_DOWN), sent=False)
        async with feed.source.limiters.of("group_symbols").slot(kind="group_symbols"):
            return await feed.provider.get_group_symbols(name)

    async def compare(self, symbol: Symbol) -> ComparedSources:
        """Ask the first two connected sources for the same session, and lay them side by side; costs a call each.

        Raises NoData where fewer than two are connected, they give different sessions, or one gives no running totals.
        """
        feeds = (await self._connected())[:2]
        if len(feeds) < 2:
            raise NoData(feeds[0].name, 0, reason=Reason.of(Code.ONE_SOURCE_ONLY))
        first, second = [await self._fresh(feed, symbol) for feed in feeds]
        day = feeds[0].calendar.day(symbol.market, first.session) if first.session is not None else None
        if day is None or first.session != second.session:
            raise NoData(feeds[1].name, 0, reason=Reason.of(Code.OTHER_SESSION))
        for feed, series in zip(feeds, (first, second), strict=True):
            if feed.calibrator.flagged(series).flags & Flag.PER_MINUTE:
                raise NoData(feed.name, 0, reason=Reason.of(Code.NO_TOTALS))
        turnovers = [each.amount for feed in feeds if (each := feed.turnover(symbol)) is not None]
        turnover = turnovers[0] if turnovers else None
        return ComparedSources(
            symbol,
            (feeds[0].name, feeds[1].name),
            day,
            turnover,
            compare(first, second, day, turnover),
            (feeds[0].calibrator.verdict(first), feeds[1].calibrator.verdict(second)),
        )

    @staticmethod
    async def _fresh(feed: SourceFeed, symbol: Symbol) -> FlowSeries:
        async with feed.source.limiter.slot(kind="comparison"):
            return feed.judge(await feed.provider.get_capital_flow(symbol), None)

    async def _connected(self) -> list[SourceFeed]:
        """Checked before waiting for a slot: a question to a broken link would fail anyway."""
        await self._opened.wait()
        connected = [feed for feed in self._feeds if feed.is_ready]
        if not connected:
            first = self._feeds[0] if self._feeds else None
            name, reason = (first.name, first.provider.link.reason) if first else ("capflow", None)
            raise ConnectionLost(name, reason or Reason.of(Code.LINK_DOWN), sent=False)
        return connected
