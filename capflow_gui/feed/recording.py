"""Has everything the sources say recorded, and shows what was recorded of today until they answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from capflow_gui.archive.model import Gap, Outage
from capflow_gui.archive.news import Loaded, News, Pruning, Trouble
from capflow_gui.clock import Clock
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.domain.quote import Turnover
from capflow_gui.domain.session import TradingDay
from capflow_gui.feed.gaps import WatchGap
from capflow_gui.feed.rows import money_of
from capflow_gui.feed.source_feed import SourceFeed
from capflow_gui.reason import Code, Reason

_LOOK_S = 10.0


class Recorder(Protocol):
    """What writes an archive: archive.writer.ArchiveWriter. No call waits for the disk, and none raises."""

    def start(self, tell: Callable[[News], None]) -> None:
        """Open the file and give news to `tell`, which may be called in any thread."""

    def record(
        self,
        series: FlowSeries,
        *,
        wall: float,
        turnover: Turnover | None,
        day: TradingDay,
        currency: str,
        assumed: bool,
    ) -> None:
        """A judged intraday series as the feed stored it; one with the `received` of the last is no new poll."""

    def note(self, what: Gap | Outage) -> None:
        """Nothing was watched at a source meanwhile, or no rule on a symbol can be judged, or could not be."""

    def look(self) -> None:
        """Retry what failed."""


class Archive(Protocol):
    """The archive of a profile: archive.profile.ProfileArchive."""

    @property
    def kind(self) -> bool | None:
        """Whether it holds what simulators said; None where nothing is recorded yet."""

    def open(self, simulated: bool) -> Recorder | None:
        """What records simulated, or real sources; None where this archive refuses them."""


class Recording:
    """Records every source in the archive of its kind. `changed` is called when `troubles` or `pruning` may have.

    archive  None: nothing is recorded
    """

    def __init__(
        self, feeds: Sequence[SourceFeed], clock: Clock, archive: Archive | None, changed: Callable[[], None]
    ) -> None:
        self._feeds = feeds
        self._clock = clock
        self._archive = archive
        self._changed = changed
        self._recorders: dict[bool, Recorder | None] = {}
        self._recorded: dict[bool, dict[str, list[FlowSeries]]] = {}  # by source, until it has said its time
        self._refused: dict[str, Reason] = {}
        self._troubles: dict[bool, Reason] = {}
        self._pruning: dict[bool, Pruning] = {}
        self._notices: list[Reason] = []

    @property
    def troubles(self) -> tuple[Reason, ...]:
        """Why something is not recorded, and what happened to the file."""
        return (*self._troubles.values(), *self._refused.values(), *self._notices)

    @property
    def pruning(self) -> Pruning | None:
        """How far the removing of old sessions is; None while none are removed."""
        return next(iter(self._pruning.values()), None)

    async def run(self) -> None:
        """Open the archive and retry what fails, until cancelled."""
        if self._archive is not None and self._archive.kind is not None:
            self._recorder(self._archive.kind)
        while True:
            await self._clock.sleep_until(self._clock.monotonic() + _LOOK_S)
            for recorder in filter(None, self._recorders.values()):
                recorder.look()

    def judged(self, feed: SourceFeed, series: FlowSeries, day: TradingDay | None, turnover: Turnover | None) -> None:
        """Record a judged series; `day` is its session, None where the calendar has none."""
        recorder = self._recorder_of(feed)
        if recorder is not None and day is not None:
            currency, assumed = money_of(feed, series.symbol)
            wall = self._clock.wall()
            recorder.record(series, wall=wall, turnover=turnover, day=day, currency=currency, assumed=assumed)

    def gap_ended(self, feed: SourceFeed, gap: WatchGap) -> None:
        """Record that a source was not watched."""
        recorder = self._recorder_of(feed)
        if recorder is not None:
            recorder.note(Gap(feed.name, gap.start, gap.end))

    def outage(self, outage: Outage) -> None:
        """Record that no rule on a symbol can be judged; what was so before the source said its time is not."""
        for feed in self._feeds:
            recorder = self._recorder_of(feed) if feed.name == outage.source else None
            if recorder is not None:
                recorder.note(outage)

    def time_known(self, feed: SourceFeed) -> None:
        """The source has said its time, and with it whether it is a simulator, whose day may be any."""
        for simulated, by_source in self._recorded.items():
            recorded = by_source.pop(feed.name, [])
            if feed.simulated is simulated:
                _recall(feed, recorded)

    def _recorder_of(self, feed: SourceFeed) -> Recorder | None:
        """Where a source is recorded.

        Before it has said its time, nowhere: it may be a simulator, and its replies have no market time.
        """
        if not feed.market.known:
            return None
        recorder = self._recorder(feed.simulated)
        if recorder is None and self._archive is not None and feed.name not in self._refused:
            self._refused[feed.name] = Reason.of(Code.SIMULATOR_NOT_RECORDED, source=feed.name)
            self._changed()
        return recorder

    def _recorder(self, simulated: bool) -> Recorder | None:
        if self._archive is None or simulated in self._recorders:
            return self._recorders.get(simulated)
        recorder = self._recorders[simulated] = self._archive.open(simulated)
        if recorder is not None:
            loop = asyncio.get_running_loop()
            recorder.start(lambda news: _tell(loop, lambda: self._heard(simulated, news)))
        return recorder

    def _heard(self, simulated: bool, news: News) -> None:
        match news:
            case Loaded():
                self._notices += news.notices
                self._take_recorded(simulated, news.series)
            case Trouble(reason=None):
                self._troubles.pop(simulated, None)
            case Trouble(reason=Reason() as reason):
                self._troubles[simulated] = reason
            case Pruning(done, total):
                self._pruning.pop(simulated, None)
                if done < total:
                    self._pruning[simulated] = news
        self._changed()

    def _take_recorded(self, simulated: bool, recorded: Sequence[FlowSeries]) -> None:
        """Show it at once where it is of a real source, before the source is connected."""
        by_source = self._recorded[simulated] = {feed.name: [] for feed in self._feeds}
        for series in recorded:
            if series.source in by_source:
                by_source[series.source].append(series)
        for feed in self._feeds:
            if feed.market.known:
                self.time_known(feed)
            elif not simulated:
                _recall(feed, by_source[feed.name])


def _recall(feed: SourceFeed, recorded: Sequence[FlowSeries]) -> None:
    """Show what was recorded of the session that runs or ran last. What is later than market now is another run's."""
    now, watched = feed.market.now(), frozenset(feed.watched)
    for series in recorded:
        market, received = series.symbol.market, series.received
        if series.symbol not in watched or received is None or received > now:
            continue
        if series.session == feed.calendar.now(market, now).last_day.day:
            feed.store.recall(series)
            if series.session == feed.calendar.session_date(market, now):
                feed.gaps.resume(received)


def _tell(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(call)
