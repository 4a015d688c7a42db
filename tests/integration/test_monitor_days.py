"""Days of uptime: three sessions in a row, a jump of the market clock, sleep, one budget for several programs."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.domain.alert_record import AlertChange
from capflow_gui.domain.flow import Period
from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.feed.board import Freshness
from capflow_gui.feed.events import AlertEvent, ErrorEvent, FlowEvent
from capflow_gui.feed.intake.asked import Pace
from capflow_gui.monitor import Monitor
from capflow_gui.providers.opend.codes import wall_time
from capflow_gui.quota.calls import KEPT_S
from capflow_gui.reason import Code
from capflow_gui.simulator.market.universe import GROUPS
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from capflow_gui.wire.opend.frame import Proto

SYMBOLS = ["700.HK", "9988.HK", "600519.SH"]
TENCENT, APPLE = Symbol.parse("700.HK"), Symbol.parse("AAPL.US")
HONG_KONG, NEW_YORK = ZoneInfo("Asia/Hong_Kong"), ZoneInfo("America/New_York")


async def test_three_sessions_at_600_times(watched) -> None:
    config = SimulatorConfig(speed=600.0, clock="2026-06-09T09:00:00+08:00")
    async with watched(SYMBOLS, speed=25.0, config=config, rules=RuleTable(default=-1e6), pace=Pace(1.0, 1.0)) as rig:
        sessions: list[date] = []
        freshness: set[Freshness] = set()
        asked = rig.simulator.stats.calls(3211)

        def third_day_is_over() -> bool:
            row = rig.monitor.row(TENCENT)
            freshness.add(row.freshness)
            if row.series is not None and row.series.session not in sessions:
                sessions.append(row.series.session)
            if rig.simulator.market_clock.now() > sunset and row.freshness is Freshness.CLOSED:
                # Nights are skipped: nothing is asked in them, and a test has no time to wait.
                days_done.append(row.series.session)
                skip_night()
            return len(days_done) == 3

        days_done: list[date] = []
        sunset = hk(9, 16, 40)

        def skip_night() -> None:
            nonlocal sunset
            rig.simulator.market_clock.set(sunset + 16.5 * 3600)
            sunset += 86400

        await rig.until(third_day_is_over, 900.0)
        assert days_done == [date(2026, 6, 9), date(2026, 6, 10), date(2026, 6, 11)]
        assert sessions[0] == date(2026, 6, 8)  # shown as the previous session before the first open
        assert {Freshness.LIVE, Freshness.CLOSED} <= freshness
        assert asked.refused == 0
        raised = {event.record.session for event in rig.events if isinstance(event, AlertEvent)}
        assert {"2026-06-09", "2026-06-10", "2026-06-11"} <= raised | {"2026-06-08"}  # thresholds re-arm
        assert rig.monitor._supervisor.restarts == 0


def hk(day: int, hour: int, minute: int) -> float:
    return datetime(2026, 6, day, hour, minute, tzinfo=HONG_KONG).timestamp()


@pytest.mark.parametrize(
    ("morning", "next_morning", "close", "opens_at"),
    [
        # The clocks of New York go forward in the night to Sunday: for Hong Kong it opens an hour earlier.
        ("2026-03-06T15:50:00-05:00", "2026-03-09T09:30:55-04:00", "16:00", ("22:30", "21:30")),
        ("2026-10-30T15:50:00-04:00", "2026-11-02T09:30:55-05:00", "16:00", ("21:30", "22:30")),
        # The day after Thanksgiving is a half day.
        ("2026-11-27T12:50:00-05:00", "2026-11-30T09:30:55-05:00", "13:00", ("22:30", "22:30")),
    ],
    ids=["clocks forward", "clocks back", "half day"],
)
async def test_new_york_goes_over_midnight_a_weekend_and_a_change_of_its_clocks(
    watched, morning: str, next_morning: str, close: str, opens_at: tuple[str, str]
) -> None:
    """From ten minutes before a close to after the next open; of the time between, midnights alone are watched."""
    first, second = (datetime.fromisoformat(each) for each in (morning, next_morning))
    sessions = [str(first.date()), str(second.date())]
    config = SimulatorConfig(clock=morning, rate_limit=None)
    rules = RuleTable(default=1e12)  # every net is below it
    async with watched(["AAPL.US"], speed=60.0, config=config, rules=rules, pace=Pace(1.0, 1.0)) as rig:
        clock, states = rig.simulator.market_clock, list[tuple[Freshness, str]]()

        def state() -> tuple[Freshness, str]:
            row = rig.monitor.row(APPLE)
            found = row.freshness, "" if row.series is None else str(row.series.session)
            if found not in states[-1:]:
                states.append(found)
            return found

        def is_over() -> bool:
            return state()[0] is Freshness.CLOSED and bool(rig.monitor.row(APPLE).series.confirmed.all())

        def is_past() -> bool:
            return clock.now() > midnight.timestamp() + 10 and state() == (Freshness.CLOSED, sessions[0])

        def raised() -> list[str]:
            return [
                event.record.session
                for event in rig.events
                if isinstance(event, AlertEvent) and event.change == AlertChange.RAISED
            ]

        await rig.until(lambda: state()[0] is Freshness.LIVE and raised() == sessions[:1])
        clock.set(first.replace(hour=int(close[:2]), minute=1, second=55).timestamp())
        await rig.until(is_over, 600.0)
        ended = rig.monitor.row(APPLE).series
        assert datetime.fromtimestamp(int(ended.timestamps[-1]), NEW_YORK).strftime("%H:%M") == close
        in_new_york = first.replace(hour=23, minute=59, second=55)
        in_hong_kong = datetime.combine(second, time(23, 59, 55), HONG_KONG) - timedelta(1)
        for midnight in (in_new_york, in_hong_kong):
            clock.set(midnight.timestamp())
            await rig.until(is_past)
        clock.set(second.timestamp())
        await rig.until(lambda: state() and raised() == sessions, 600.0)
        between = (Freshness.PREVIOUS_SESSION, sessions[0])
        assert [each for each in states[1:] if each != between] == [
            (Freshness.LIVE, sessions[0]),
            (Freshness.CLOSED, sessions[0]),
            (Freshness.LIVE, sessions[1]),
        ]
        began = rig.monitor.row(APPLE).series
        opens = [datetime.fromtimestamp(int(each.timestamps[0]), HONG_KONG) for each in (ended, began)]
        assert tuple(f"{each:%H:%M}" for each in opens) == opens_at


async def test_a_closed_market_is_asked_once_and_rests(watched) -> None:
    config = SimulatorConfig(speed=1.0, clock="2026-06-10T20:00:00+08:00")
    async with watched(SYMBOLS, config=config) as rig:
        await rig.until(lambda: rig.all_seen_since(0))
        await rig.clock.sleep_until(rig.clock.monotonic() + 50)
        assert rig.simulator.stats.calls(3211).requests == 3
        assert rig.monitor.row(TENCENT).freshness is Freshness.CLOSED
        assert rig.monitor.budgets[0].resting_symbols == 3


async def test_a_day_that_the_calendar_has_as_closed_is_opened_by_its_lines(watched, sessions) -> None:
    config = SimulatorConfig(clock="2026-06-10T10:30:00+08:00")
    async with watched(["700.HK"], speed=40.0, config=config, rules=RuleTable(default=-1e6)) as rig:
        await rig.until(lambda: rig.simulator.stats.calls(Proto.TRADE_DATE).requests == 1, 5.0)  # at once
        await rig.until(lambda: rig.all_seen_since(0))
        days = [(date(2026, 6, 9), "whole"), (date(2026, 6, 11), "whole")]
        rig.monitor.calendar_changed(sessions.with_overrides(Market.HK, days))
        await rig.until(lambda: rig.monitor.row(TENCENT).freshness is Freshness.CLOSED)
        await rig.until(lambda: rig.monitor.row(TENCENT).freshness is Freshness.LIVE, 400.0)
        assert [trouble.code for trouble in rig.monitor.troubles] == [Code.LINES_ON_CLOSED_DAY]
        assert rig.monitor.calendar.day(Market.HK, date(2026, 6, 10)) is not None


async def test_a_jump_of_forty_minutes_is_followed(watched) -> None:
    config = SimulatorConfig(clock="2026-06-10T10:00:00+08:00")
    async with watched(SYMBOLS, config=config) as rig:
        await rig.until(lambda: rig.all_seen_since(0))
        await rig.until(lambda: rig.monitor.feeds[0].market.ask_after_s == 60.0)
        rig.simulator.market_clock.set(rig.simulator.market_clock.now() + 2400)
        jumped = rig.clock.monotonic()
        await rig.until(lambda: abs(rig.monitor.market_now() - rig.simulator.market_clock.now()) < 5)
        assert rig.clock.monotonic() - jumped < 75
        await rig.until(lambda: rig.monitor.row(TENCENT).freshness is Freshness.LIVE)
        await rig.until(lambda: Code.NOT_WATCHED in [trouble.code for trouble in rig.monitor.troubles])
        blind = rig.monitor._router.unwatched_times()[-1]
        assert blind.end - blind.start == pytest.approx(2400, abs=120)
        assert rig.simulator.stats.connections == 1


async def test_after_sleep_there_is_one_reconnect_and_no_storm(watched) -> None:
    async with watched(SYMBOLS) as rig:
        await rig.until(lambda: rig.all_seen_since(0))
        await rig.clock.sleep_until(rig.clock.monotonic() + 3)
        rig.clock.asleep += 2400  # the wall clock went on, the monotonic one stood
        rig.simulator.market_clock.set(rig.simulator.market_clock.now() + 2400)
        await rig.until(lambda: rig.simulator.stats.connections == 2)
        since = rig.clock.monotonic()
        await rig.until(lambda: rig.all_seen_since(since))
        await rig.until(rig.monitor._router.unwatched_times)
        await rig.clock.sleep_until(since + 60)
        assert rig.simulator.stats.connections == 2
        assert rig.simulator.stats.refused == 0
        assert rig.monitor.row(TENCENT).freshness is Freshness.LIVE


async def test_the_seed_day_is_told_to_the_last_digit(watched) -> None:
    config = SimulatorConfig(scenario="seed-day", speed=0.0)
    async with watched(["700.HK"], config=config, pace=Pace(1.0, 1.0, ignore_calendar=True)) as rig:
        await rig.until(lambda: rig.monitor.row(TENCENT).series is not None)
        series = rig.monitor.row(TENCENT).series
        assert series.session == date(2022, 6, 8)
        assert series.net[:4].tolist() == [0.0, -4960940.0, -3260340.0, 57157940.0]


async def test_history_is_fetched_once_a_day_through_the_same_quota(watched) -> None:
    # In the evening nothing is polled: every further call is for the history.
    async with watched(SYMBOLS, config=SimulatorConfig(clock="2026-06-10T20:00:00+08:00")) as rig:
        await rig.until(lambda: rig.monitor.budgets[0].resting_symbols == len(SYMBOLS))
        asked = rig.simulator.stats.calls(3211, "700.HK")
        before = asked.requests
        rig.monitor.request_history(TENCENT, Period.DAY)
        assert rig.monitor.history(TENCENT, Period.DAY).loading
        await rig.until(lambda: rig.monitor.history(TENCENT, Period.DAY).series is not None)
        assert not rig.monitor.history(TENCENT, Period.DAY).series.cumulative
        assert (TENCENT, Period.DAY) in rig.subscription.changes().histories
        rig.monitor.request_history(TENCENT, Period.DAY)
        assert not rig.monitor.history(TENCENT, Period.DAY).loading
        assert asked.requests == before + 1
        assert rig.monitor.budgets[0].requests == rig.simulator.stats.calls(3211).requests


async def test_the_watchlist_and_its_thresholds_follow_the_user(watched) -> None:
    async with watched(SYMBOLS) as rig:
        await rig.until(lambda: rig.all_seen_since(0))
        monitor = rig.monitor
        apple = Symbol.parse("AAPL.US")
        monitor.add_symbols([apple, TENCENT], 0)
        assert monitor.symbols == (apple, *(Symbol.parse(text) for text in SYMBOLS))
        monitor.reorder(list(reversed(monitor.symbols)))
        monitor.remove_symbols([Symbol.parse("9988.HK")])
        assert [str(symbol) for symbol in monitor.symbols] == ["600519.SH", "700.HK", "AAPL.US"]
        with pytest.raises(KeyError):
            monitor.row(Symbol.parse("9988.HK"))
        await rig.until(lambda: monitor.row(apple).series is not None)
        assert monitor.row(apple).freshness is Freshness.PREVIOUS_SESSION
        rig.subscription.changes()
        monitor.set_threshold(None, -1.0)
        monitor.set_threshold(TENCENT, 1e12)  # certainly passed
        row = monitor.row(TENCENT)
        assert (row.threshold, row.threshold_own) == (1e12, True)
        assert row.alert is not None
        changes = rig.subscription.changes()
        assert changes.alerts
        assert TENCENT in changes.symbols
        monitor.acknowledge()
        assert rig.subscription.changes().alerts


async def test_search_and_groups_answer_or_say_at_once_that_they_cannot(watched, expect_log) -> None:
    expect_log("WARNING capflow_gui.providers")
    async with watched(SYMBOLS) as rig:
        await rig.until(lambda: rig.all_seen_since(0))
        assert await rig.questions.search("tencent")
        groups = await rig.questions.groups()
        assert "US tech" in [group.name for group in groups]
        members = await rig.questions.group_symbols("US tech")
        assert {str(info.symbol) for info in members} == set({name: codes for name, _, codes in GROUPS}["US tech"])
        rig.simulator.faults.add("refuse:30")
        await rig.until(lambda: rig.monitor.links[0].phase is not LinkPhase.READY)
        with pytest.raises(Exception, match="opend"):
            await rig.questions.search("tencent")
        await rig.until(lambda: rig.monitor.links[0].phase is LinkPhase.WAITING)  # it has said why


async def test_two_watches_and_a_monitor_share_one_budget(tmp_path: Path, sessions, new_source, monkeypatch) -> None:
    """Real seconds, real processes: none knows of the others but by the shared file, and the server counts."""
    from capflow_gui.clock import SystemClock

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    config = SimulatorConfig(clock="2026-06-10T10:00:00+08:00")
    names = [Symbol.parse(text) for text in SYMBOLS]
    async with OpendSimulator(config, calendar=sessions) as simulator:
        quota = tmp_path / "state" / "capflow" / "quota"
        source = new_source("opend", simulator.port, SystemClock(), quota)
        source.limiter.budget = 10  # it starts first, and leaves the others something to share
        monitor = Monitor([source], names, calendar=sessions, clock=SystemClock(), pace=Pace(0.05, 0.05))
        folders = ["--data-dir", str(tmp_path / "data"), "--config-dir", str(tmp_path / "config")]
        arguments = [
            sys.executable,
            "-m",
            "capflow_gui",
            "watch",
            *SYMBOLS,
            "--interval",
            "0.05",
            "--for",
            "8",
            *folders,
        ]
        watches = [
            await asyncio.create_subprocess_exec(
                *arguments, "--source", f"opend://127.0.0.1:{simulator.port}", stdout=subprocess.DEVNULL
            )
            for _ in range(2)
        ]
        running = asyncio.create_task(monitor.run())
        statuses = [await watch.wait() for watch in watches]
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        calls = simulator.stats.calls(3211)
    assert statuses == [0, 0]
    assert calls.refused == 0
    assert calls.requests == 30  # the whole budget, in the first burst of three programs
    assert monitor.budgets[0].requests == 10


async def test_flow_events_tell_what_is_new(watched) -> None:
    async with watched(["700.HK"], config=SimulatorConfig(speed=0.0, clock="2026-06-10T10:00:20+08:00")) as rig:
        await rig.until(lambda: sum(isinstance(event, FlowEvent) for event in rig.events) >= 2)
        first, second = [event for event in rig.events if isinstance(event, FlowEvent)][:2]
        assert (first.unchanged, second.unchanged) == (False, True)
        assert second.series.session == date(2026, 6, 10)


async def test_an_answer_of_an_older_watchlist_is_dropped(watched) -> None:
    async with watched(SYMBOLS) as rig:
        await rig.until(lambda: rig.all_seen_since(0))
        delay = rig.simulator.faults.add("delay:6")
        asked = rig.simulator.stats.calls(3211, "700.HK")
        before = asked.requests
        await rig.until(lambda: asked.requests > before)
        rig.monitor.remove_symbols([TENCENT])
        rig.simulator.faults.remove(delay)
        rig.monitor.add_symbols([TENCENT])
        held = rig.monitor.feeds[0].store
        assert held.get(TENCENT).series is None
        await rig.until(lambda: held.get(TENCENT).replies == 1)
        await rig.clock.sleep_until(rig.clock.monotonic() + 8)  # the old answer has come, and changed nothing
        assert held.get(TENCENT).replies == asked.requests - before - 1


async def test_an_unknown_symbol_costs_the_others_neither_names_nor_prices(watched) -> None:
    async with watched([*SYMBOLS, "99999.HK"]) as rig:
        known = [Symbol.parse(text) for text in SYMBOLS]
        await rig.until(lambda: all(rig.monitor.row(symbol).quote is not None for symbol in known))
        assert rig.monitor.row(TENCENT).name == "Tencent Holdings"
        assert rig.monitor.row(TENCENT).currency == "HKD"
        assert rig.monitor.money(rig.monitor.row(TENCENT).source, TENCENT) == ("HKD", False)
        await rig.until(lambda: rig.monitor.row(Symbol.parse("99999.HK")).error is not None)
        unknown = rig.monitor.row(Symbol.parse("99999.HK"))
        assert (unknown.quote, unknown.freshness) == (None, Freshness.ERROR)
        await rig.clock.sleep_until(rig.clock.monotonic() + 35)
        assert sum(isinstance(event, ErrorEvent) for event in rig.events) == 1
        assert rig.simulator.stats.calls(3203).requests >= 4


async def test_memory_does_not_grow_with_replies(watched) -> None:
    """Two stores that fill at first are left out: calls of the last minute, and a cache of 1024 times of replies."""
    import gc

    def held() -> int:
        wall_time.cache_clear()
        assert calls[0].sent >= calls[-1].sent - KEPT_S
        gc.collect()
        return len(gc.get_objects()) - len(calls)

    assert wall_time.cache_parameters()["maxsize"] == 1024
    config = SimulatorConfig(clock="2026-06-10T10:00:00+08:00", rate_limit=None)
    async with watched(SYMBOLS, config=config) as rig:
        rig.subscription.close()  # nothing is collected any more
        rig.monitor.subscribe("window").show(rig.monitor.symbols)
        rig.monitor.feeds[0].intake.limiter.limit = type(rig.monitor.feeds[0].intake.limiter.limit)(1000, 30.0)
        rig.monitor.feeds[0].intake.limiter.budget = 1000
        rig.monitor.feeds[0].intake.schedule._visible_s = 0.02
        calls = rig.monitor.feeds[0].intake.limiter.calls._calls
        await rig.until(lambda: rig.simulator.stats.calls(3211).requests > 200)
        few = held()
        await rig.until(lambda: rig.simulator.stats.calls(3211).requests > 900)
        assert held() < few + 200
