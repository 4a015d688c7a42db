"""What is recorded of every source, and what of it is shown before a source answers."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from capflow_gui.archive.model import Gap, Outage
from capflow_gui.archive.news import Loaded, News, Pruning, Trouble
from capflow_gui.domain.flow import FlowSeries, Period
from capflow_gui.domain.quote import StaticInfo, Turnover
from capflow_gui.domain.session import Calendar, TradingDay
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.gaps import GapDetector, WatchGap
from capflow_gui.feed.market_clock import MarketClock
from capflow_gui.feed.recording import Recording
from capflow_gui.feed.store import FlowStore
from capflow_gui.reason import Code, Reason
from tests.unit.conftest import HandClock, run_pending

TENCENT, HSBC = Symbol.parse("700.HK"), Symbol.parse("5.HK")
WEDNESDAY = date(2022, 6, 8)
OPEN = 1_654_651_800  # of that day
TRADED = Turnover(1e9, OPEN + 60.0)


class Recorder:
    """Keeps what it is given, and tells what a test has it tell."""

    def __init__(self) -> None:
        self.kept: list[tuple[FlowSeries, dict[str, Any]]] = []
        self.gaps: list[Gap | Outage] = []
        self.looks = 0
        self.tell: Callable[[News], None] = lambda _news: None

    def start(self, tell: Callable[[News], None]) -> None:
        self.tell = tell

    def record(self, series: FlowSeries, **facts: Any) -> None:
        self.kept.append((series, facts))

    def note(self, what: Gap | Outage) -> None:
        self.gaps.append(what)

    def look(self) -> None:
        self.looks += 1


@dataclass
class Archive:
    """Of real sources, unless a test has it of another kind."""

    kind: bool | None = False
    recorders: dict[bool, Recorder] = field(default_factory=dict)
    opened: list[bool] = field(default_factory=list)

    def open(self, simulated: bool) -> Recorder | None:
        self.opened.append(simulated)
        return self.recorders.get(simulated)


class Feed:
    """What recording reads of a source."""

    def __init__(self, clock: HandClock, calendar: Calendar, *, name: str = "opend", simulated: bool = False) -> None:
        self.name = name
        self.simulated = simulated
        self.clock = clock
        self.calendar = calendar
        self.market = MarketClock(clock)
        self.gaps = GapDetector()
        self.store = FlowStore(lambda _symbol: None)
        self.watched = (TENCENT,)
        self.slow_lane = SimpleNamespace(infos={})

    def say_time(self, at: float | None = None) -> None:
        """As the source says it; by default the same as this computer's."""
        self.market.answered(self.clock.monotonic(), self.clock.monotonic(), at or self.clock.wall())


class Rig:
    """A recording of one source on 2022-06-08."""

    def __init__(
        self, calendar: Calendar, *, minutes: float = 60.0, archive: Archive | None = None, **facts: Any
    ) -> None:
        self.clock = HandClock(wall=OPEN + 60 * minutes)
        self.feed = Feed(self.clock, calendar, **facts)
        self.recorder = Recorder()
        self.archive = archive or Archive(recorders={False: self.recorder})
        self.changes = 0
        self.recording = Recording([self.feed], self.clock, self.archive, self.changed)  # type: ignore[list-item]
        self.task = asyncio.create_task(self.recording.run())

    def changed(self) -> None:
        self.changes += 1

    def judged(self, series: FlowSeries) -> None:
        day = self.feed.calendar.day(series.symbol.market, WEDNESDAY)
        self.recording.judged(self.feed, series, day, TRADED)  # type: ignore[arg-type]

    async def hear(self, news: News) -> None:
        """As the thread of the recorder tells it."""
        await run_pending()
        await asyncio.to_thread(self.recorder.tell, news)
        await run_pending()

    @property
    def shown(self) -> FlowSeries | None:
        return self.feed.store.get(TENCENT).series


@pytest.fixture
async def new_rig(calendar: Calendar) -> Any:
    rigs: list[Rig] = []

    def new(**facts: Any) -> Rig:
        rigs.append(Rig(calendar, **facts))
        return rigs[-1]

    yield new
    for rig in rigs:
        rig.task.cancel()
        with suppress(asyncio.CancelledError):
            await rig.task


def recorded(minutes: int, *, symbol: Symbol = TENCENT, source: str = "opend", day: date = WEDNESDAY) -> FlowSeries:
    """A day up to `minutes` after the open, as it was judged then."""
    n = minutes + 1
    stamps = OPEN + 60 * np.arange(n, dtype=np.int64)
    values = np.tile(np.arange(n, dtype=float), (6, 1))
    received = OPEN + 60.0 * minutes
    return FlowSeries(symbol, source, Period.INTRADAY, stamps, values, session=day, received=received)


async def test_what_was_judged_is_recorded_with_what_it_was_judged_by(new_rig: Any) -> None:
    rig = new_rig()
    rig.feed.say_time()
    series = recorded(3)
    rig.judged(series)
    [(kept, facts)] = rig.recorder.kept
    day = rig.feed.calendar.day(TENCENT.market, WEDNESDAY)
    assert kept is series
    assert facts == {
        "wall": rig.clock.wall(),
        "turnover": TRADED,
        "day": day,
        "currency": "HKD",
        "assumed": False,
    }
    rig.feed.slow_lane.infos[TENCENT] = StaticInfo(TENCENT, "Tencent", SimpleNamespace(), 100, "CNY")  # type: ignore[arg-type]
    rig.judged(series)
    assert rig.recorder.kept[1][1]["currency"] == "CNY"


async def test_nothing_is_recorded_of_a_day_the_calendar_has_no_session_on(new_rig: Any) -> None:
    rig = new_rig()
    rig.feed.say_time()
    day: TradingDay | None = None
    rig.recording.judged(rig.feed, recorded(3), day, TRADED)
    assert rig.recorder.kept == []


async def test_nothing_is_recorded_before_a_source_has_said_its_time(new_rig: Any) -> None:
    """It may be a simulator, and the receipt would be stamped by this computer's clock."""
    rig = new_rig(simulated=False)
    rig.judged(recorded(3))
    rig.recording.gap_ended(rig.feed, WatchGap(OPEN, OPEN + 120.0, 5.0))
    assert (rig.recorder.kept, rig.recorder.gaps) == ([], [])


async def test_gaps_are_recorded_by_source(new_rig: Any) -> None:
    rig = new_rig()
    rig.feed.say_time()
    rig.recording.gap_ended(rig.feed, WatchGap(OPEN, OPEN + 120.0, 5.0))
    outage = Outage("opend", Symbol.parse("700.HK"), OPEN, None, Reason.of(Code.NO_ANSWER))
    rig.recording.outage(outage)
    rig.recording.outage(dataclasses.replace(outage, source="longport"))
    gap, *others = rig.recorder.gaps
    assert others == [outage]
    assert (gap.source, gap.start, gap.end) == ("opend", OPEN, OPEN + 120.0)


async def test_an_archive_that_refuses_a_simulator_is_said_to_once(new_rig: Any) -> None:
    rig = new_rig(name="demo", simulated=True)
    rig.feed.say_time()
    for _ in range(3):
        rig.judged(recorded(3, source="demo"))
    assert rig.recording.troubles == (Reason.of(Code.SIMULATOR_NOT_RECORDED, source="demo"),)
    assert (rig.changes, rig.recorder.kept) == (1, [])


async def test_without_an_archive_nothing_happens(calendar: Calendar, new_rig: Any) -> None:
    rig = new_rig()
    recording = Recording([rig.feed], rig.clock, None, rig.changed)
    rig.feed.say_time()
    recording.judged(rig.feed, recorded(3), calendar.day(TENCENT.market, WEDNESDAY), TRADED)
    recording.time_known(rig.feed)
    assert (recording.troubles, rig.changes) == ((), 0)


async def test_the_archive_of_a_known_kind_is_open_before_anybody_answers(new_rig: Any) -> None:
    known, unknown = new_rig(), new_rig(archive=Archive(kind=None))
    await run_pending()
    assert (known.archive.opened, unknown.archive.opened) == ([False], [])


async def test_failures_are_tried_again(new_rig: Any) -> None:
    rig = new_rig()
    await run_pending()
    for _ in range(3):
        rig.clock.move(10.0)
        await run_pending()
    assert rig.recorder.looks == 3


async def test_today_is_shown_before_a_real_source_is_connected(new_rig: Any) -> None:
    rig = new_rig()
    await rig.hear(Loaded([recorded(30), recorded(30, symbol=HSBC), recorded(30, source="longport")]))
    assert rig.shown is not None
    assert rig.shown.received == OPEN + 1800.0
    assert rig.feed.store.get(TENCENT).replied_at is None
    assert rig.feed.store.get(HSBC).series is None  # not on the list
    assert rig.changes == 1


async def test_a_simulators_day_is_shown_once_its_time_is_known(new_rig: Any) -> None:
    recorder = Recorder()
    rig = new_rig(name="demo", simulated=True, archive=Archive(kind=True, recorders={True: recorder}))
    rig.recorder = recorder
    await rig.hear(Loaded([recorded(30, source="demo")]))
    assert rig.shown is None
    rig.feed.say_time()
    rig.recording.time_known(rig.feed)
    assert rig.shown is not None


async def test_what_was_recorded_of_a_simulator_is_not_shown_as_of_a_real_source(new_rig: Any) -> None:
    recorder = Recorder()
    rig = new_rig(archive=Archive(kind=True, recorders={True: recorder}))
    rig.recorder = recorder
    await rig.hear(Loaded([recorded(30)]))
    rig.feed.say_time()
    rig.recording.time_known(rig.feed)
    assert rig.shown is None


@pytest.mark.parametrize(
    ("minutes", "session", "shown"),
    [
        (60.0, WEDNESDAY, True),
        (20.0, WEDNESDAY, False),  # later than now: another run of a simulator
        (17 * 60.0, WEDNESDAY, True),  # at night
        (23.5 * 60, WEDNESDAY, True),  # before Thursday's open
        (24.5 * 60, WEDNESDAY, False),  # on Thursday
    ],
)
async def test_only_the_session_that_runs_or_ran_last_is_shown(
    new_rig: Any, minutes: float, session: date, shown: bool
) -> None:
    rig = new_rig(minutes=minutes)
    await rig.hear(Loaded([recorded(30, day=session)]))
    assert (rig.shown is not None) is shown


async def test_what_comes_after_the_first_reply_replaces_nothing(new_rig: Any) -> None:
    rig = new_rig()
    rig.feed.say_time()
    reply = recorded(60)
    rig.feed.store.put(reply, 1.0)
    await rig.hear(Loaded([recorded(30)]))
    assert rig.shown is reply


async def test_a_source_is_watched_again_from_where_the_record_ends(new_rig: Any) -> None:
    rig = new_rig()
    await rig.hear(Loaded([recorded(30)]))
    rig.feed.say_time()
    gap = rig.feed.gaps.watching(rig.feed.market.now(), rig.clock.monotonic())
    assert (gap.start, gap.end) == (OPEN + 1800.0, OPEN + 3600.0)
    overnight = new_rig(minutes=23.5 * 60)
    await overnight.hear(Loaded([recorded(30)]))
    assert overnight.feed.gaps.watching(overnight.clock.wall(), 1.0) is None


async def test_troubles_stand_until_they_pass_and_notices_stay(new_rig: Any) -> None:
    rig = new_rig()
    full, set_aside = Reason.of(Code.VERBATIM, text="the disk is full"), Reason.of(Code.VERBATIM, text="set aside")
    await rig.hear(Loaded([], (set_aside,)))
    await rig.hear(Trouble(full))
    assert rig.recording.troubles == (full, set_aside)
    await rig.hear(Trouble(None))
    assert rig.recording.troubles == (set_aside,)
    assert rig.changes == 3


async def test_how_far_old_sessions_are_removed_is_told_until_all_are(new_rig: Any) -> None:
    rig = new_rig()
    for news, told in ((Pruning(20, 300), Pruning(20, 300)), (Pruning(300, 300), None), (Pruning(5, 5), None)):
        await rig.hear(news)
        assert rig.recording.pruning == told
    assert rig.changes == 3
    assert rig.recording.troubles == ()
