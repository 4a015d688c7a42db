"""Live, replay and dry run agree: a recording of the simulator, its alerts, and what comes of the file afterwards."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from capflow_gui.alerts.past import Past, PastKey
from capflow_gui.alerts.rules import RuleTable
from capflow_gui.archive import open_archive
from capflow_gui.archive.model import DayKey, apply
from capflow_gui.archive.profile import ProfileArchive
from capflow_gui.archive.schema import FILE_NAME
from capflow_gui.domain.alert import Kind, parse_rule
from capflow_gui.domain.alert_record import AlertChange
from capflow_gui.domain.session import Calendar, TradingDay
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.domain.tape.event import TapeEvent, TapeKind
from capflow_gui.feed.events import AlertEvent, Event, FlowEvent
from capflow_gui.feed.intake.asked import Pace
from capflow_gui.monitor import Monitor
from capflow_gui.playback.board import PlayedBoard
from capflow_gui.playback.dry_run import Outcome, dry_run
from capflow_gui.playback.past import read_past, usual_of_days
from capflow_gui.playback.player import Player
from capflow_gui.playback.recording import Recording
from capflow_gui.reason import Reason
from capflow_gui.settings import ArchiveSettings
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from tests.integration.conftest import make_source
from tests.integration.hurried_clock import HurriedClock
from tests.unit.playback.files import keep
from tests.unit.playback.recorded import Poll, known, reply

SYMBOLS = [Symbol.parse("700.HK"), Symbol.parse("3690.HK")]
RULES = [
    parse_rule(text)
    for text in (
        "*: net <= -20M",
        "*: net <= -20M for 2m again 5M",
        "*: main >= 10M rearm 0%",
        "*: net/turnover <= -1%",
        "*: net change 5m <= -5M cooldown 10m",
        "*: net drawdown >= 20M once",
        "*: net crosses 0",
        "*: net change 5m unusual 2 floor 1M",
        "*: net divergence 5m price 0.1% flow 0.1% again 0.1%",
        "*: net <= -10M from 10:20 to 15:40 early",
        "*: net >= 1M skip first 30m last 10m until 2026-06-10",
        "*: net <= 100M until 2026-06-09",
    )
]
# Market seconds a second of the program's clock, which itself hurries.
SPEED, HURRY = 30.0, 20.0
# So many events happen before the earlier sessions of the first symbol are read.
WAITING = 20
WORDS = {Outcome.UNJUDGED: AlertChange.CANNOT_JUDGE, Outcome.JUDGED_AGAIN: AlertChange.JUDGED_AGAIN}
Told = dict[tuple[str, str], list[tuple[object, ...]]]


def told(events: Iterable[Event]) -> Told:
    """What each rule said of each symbol, in order; not whether it was late, and not when it was said.

    Why a rule cannot be judged is left out: a reply and an outage may be in the way together.
    """
    found: Told = {}
    for event in events:
        if isinstance(event, AlertEvent):
            said = event.change.value, event.time, known(event.value), event.threshold, _why(event.change, event.reason)
            found.setdefault((str(event.record.symbol), event.record.rule_text), []).append(said)
    return found


def _why(change: str, reason: Reason | None) -> Reason | None:
    return None if change == AlertChange.CANNOT_JUDGE else reason


@pytest.mark.parametrize(
    ("begin", "end"), [("09:25", "10:40"), ("10:15", "11:00"), ("15:10", "16:40")], ids=["open", "late", "close"]
)
async def test_what_was_recorded_gives_the_alerts_that_were_raised(
    sessions: Calendar, tmp_path: Path, begin: str, end: str
) -> None:
    clock = HurriedClock(HURRY)
    config = SimulatorConfig(clock=f"2026-06-10T{begin}:00+08:00", rate_limit=None, speed=SPEED)
    seconds = 60 * sum(
        factor * (int(b) - int(a)) for factor, a, b in zip((60, 1), begin.split(":"), end.split(":"), strict=True)
    )
    live: list[Event] = []
    enough = threading.Event()

    def read(key: PastKey) -> Past:
        """Take as long as some replies do."""
        assert enough.wait(60.0)
        return read_past(tmp_path, key)

    keep(tmp_path, *earlier_sessions(sessions), simulated=True)
    async with OpendSimulator(config, clock=clock, calendar=sessions) as simulator:
        archive = await asyncio.to_thread(ProfileArchive, tmp_path, ArchiveSettings(), real=False)
        monitor = Monitor(
            [make_source("opend", simulator.port, clock)],
            SYMBOLS,
            calendar=sessions,
            clock=clock,
            rules=RuleTable(rules=RULES),
            pace=Pace(1.0, 1.0),
            archive=archive,
            read_past=read,
        )
        events = monitor.subscribe("test", events=True)

        async def collect() -> None:
            async for event in events:
                live.append(event)
                if len(live) > WAITING:
                    enough.set()

        collecting, running = asyncio.create_task(collect()), asyncio.create_task(monitor.run())
        await clock.sleep_until(clock.monotonic() + seconds / SPEED)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        events.close()
        await collecting
        await asyncio.to_thread(archive.close)
    with open_archive(tmp_path / FILE_NAME) as recorded:
        summaries = recorded.sessions(start="2026-06-10")
        keys = [each.key for each in summaries]
        usual = usual_of_days(recorded, keys, RULES)
        days = [recorded.day(each.key.symbol, each.key.session, each.key.source) for each in summaries]
    assert {each.key.symbol for each in summaries} == set(SYMBOLS)
    recordings = [
        Recording(day.summary.key, day.summary.day, day.states(), outages=day.outages)
        for day in days
        if day is not None
    ]
    player = Player(recordings, calendar=sessions, rules=RuleTable(rules=RULES), usual=usual)
    expected = told(live)
    assert sum(map(len, expected.values())) > 10
    played = player.play_to(player.end)
    assert told(played) == expected
    board = PlayedBoard(player, monitor)
    board.take(played)
    assert of_lines(board.tape) == of_lines(monitor.tape)
    assert {each.symbol for each in monitor.tape} == set(SYMBOLS)
    # An event of the tape is no event that anybody is told: it never rings.
    assert not any(isinstance(event, TapeEvent) for event in live)
    replies = [event.series for event in played if isinstance(event, FlowEvent) and event.replied]
    for recording in recordings:
        _, symbol, session = recording.key
        newest = next(each for each in reversed(replies) if (each.symbol, each.session) == (symbol, session))
        kept = None
        for state in recording.states:
            kept = apply(recording.key, kept, state)
        assert kept is not None
        # The checks of today, on what the archive kept, say what they said of the replies.
        assert np.array_equal(newest.confirmed, kept.confirmed)
        assert np.array_equal(newest.line_flags, kept.line_flags)
    tried: Told = {}
    for day in days:
        assert day is not None
        for rule in RULES:
            past = usual.get(PastKey(*day.summary.key, rule.metric, rule.minutes))
            for each in dry_run(rule, day.summary, day.final(), day.outages, past):
                if not each.all_day:
                    said = (
                        WORDS.get(each.outcome, each.outcome).value,
                        each.time,
                        each.value,
                        each.threshold,
                        _why(WORDS.get(each.outcome, each.outcome), each.reason),
                    )
                    tried.setdefault((str(each.key.symbol), rule.text), []).append(said)
    assert tried == {key: finished for key, said in expected.items() if (finished := list(filter(is_finished, said)))}
    assert {Kind.UNUSUAL, Kind.DIVERGENCE} <= {parse_rule(rule).kind for _, rule in expected}
    assert not any("2026-06-09" in rule for _, rule in expected)


def of_lines(tape: Iterable[TapeEvent]) -> list[TapeEvent]:
    """The day's events of lines: when figures were found to be stale depends on when somebody looked.

    Before the open there were those of the session before, too.
    """
    aged = (TapeKind.STALE, TapeKind.BACK)
    return [each for each in tape if each.session == date(2026, 6, 10) and each.kind not in aged]


def is_finished(said: tuple[object, ...]) -> bool:
    """Whether it is of a minute that was over: the dry run has no others."""
    return said[0] not in ("early", "withdrawn")


def earlier_sessions(sessions: Calendar) -> list[tuple[TradingDay, list[Poll]]]:
    """Eleven sessions of each symbol before the one that is watched, in which little happened, polled once each."""
    found = list[tuple[TradingDay, list[Poll]]]()
    for day in filter(None, (sessions.day(Market.HK, date(2026, 5, 26) + timedelta(days=each)) for each in range(15))):
        labels = day.labels()
        for number, symbol in enumerate(SYMBOLS):
            values = np.full((6, len(labels)), np.nan)
            values[0] = 1e5 * np.random.default_rng(day.open + number).normal(size=len(labels)).cumsum()
            raw = reply(labels, values, day.close + 800.0, DayKey("opend", symbol, day.day))
            found.append((day, [Poll(day.close + 801.0, raw, None)]))
    return found
