"""What faces ask of the monitor, before any source answers. Over the simulator: tests/integration/test_monitor_*.py."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.delivery.dispatcher import Dispatcher, Route
from capflow_gui.delivery.model import Failed
from capflow_gui.delivery.outbox import Outbox
from capflow_gui.domain.alert import parse_rule
from capflow_gui.domain.flow import Period
from capflow_gui.domain.lists.groups import Group, Groups
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Choice
from capflow_gui.domain.typed.rule_entry import RuleEntry
from capflow_gui.feed.board import Freshness, HistoryState
from capflow_gui.monitor import Monitor
from capflow_gui.present.alerts.handling import health_words
from capflow_gui.present.reasons import reason_words
from capflow_gui.reason import Code, Reason
from tests.unit.alerts.shelf import Shelf, StoreInMemory
from tests.unit.conftest import run_pending
from tests.unit.delivery.outgoing import TableInMemory, ToldChannel, digest

TENCENT, HSBC, BYD = map(Symbol.parse, ("700.HK", "5.HK", "1211.HK"))


@pytest.fixture
def monitor(calendar: Calendar, hand_clock: Any) -> Monitor:
    return Monitor([], [TENCENT, HSBC], calendar=calendar, clock=hand_clock)


def test_the_list_is_the_users(monitor: Monitor) -> None:
    changes = monitor.subscribe("a test")
    changes.changes()
    monitor.add_symbols([BYD, TENCENT], 0)
    assert monitor.symbols == (BYD, TENCENT, HSBC)
    monitor.reorder([HSBC, BYD])
    assert monitor.symbols == (HSBC, BYD, TENCENT)
    monitor.remove_symbols([BYD, Symbol.parse("9988.HK")])
    assert monitor.symbols == (HSBC, TENCENT)
    assert changes.changes().watchlist
    with pytest.raises(KeyError):
        monitor.row(BYD)
    changes.close()


def test_a_threshold_of_ones_own_goes_before_the_one_for_all(monitor: Monitor) -> None:
    monitor.set_threshold(None, -5e6)
    monitor.set_threshold(TENCENT, -1e6)
    monitor.set_threshold(HSBC, Choice.NONE)
    rows = [monitor.row(symbol) for symbol in (TENCENT, HSBC)]
    assert [(row.threshold, row.threshold_own) for row in rows] == [(-1e6, True), (None, True)]
    monitor.set_threshold(TENCENT, Choice.INHERIT)
    assert (monitor.row(TENCENT).threshold, monitor.row(TENCENT).threshold_own) == (-5e6, False)
    monitor.set_threshold(None, Choice.INHERIT)
    assert monitor.row(TENCENT).threshold is None


def test_only_the_rows_a_threshold_is_for_are_new(monitor: Monitor) -> None:
    changes = monitor.subscribe("a test")
    changes.changes()
    monitor.set_threshold(HSBC, -1e6)
    assert changes.changes().symbols == {HSBC}
    monitor.set_threshold(None, -1e6)
    assert changes.changes().symbols == {TENCENT, HSBC}
    changes.close()


def test_a_rule_of_the_profile_is_set_and_removed(calendar: Calendar, hand_clock: Any) -> None:
    table = RuleTable()
    monitor = Monitor([], [TENCENT], calendar=calendar, clock=hand_clock, rules=table)
    entry = RuleEntry(replace(parse_rule("*: main <= -1M"), own_id="r1"))
    for _ in range(2):
        monitor.set_rule(entry)
    assert table.rules_for(TENCENT) == (entry.rule,)
    for _ in range(2):
        monitor.remove_rule("r1")
    assert table.rules_for(TENCENT) == ()


def test_the_rules_of_the_profile_are_replaced_all_at_once(calendar: Calendar, hand_clock: Any) -> None:
    first, second, third = (
        RuleEntry(replace(parse_rule(f"*: main <= -{number}M"), own_id=f"r{number}")) for number in (1, 2, 3)
    )
    table = RuleTable(entries=[first, second])
    monitor = Monitor([], [TENCENT], calendar=calendar, clock=hand_clock, rules=table)
    changes = monitor.subscribe("a test")
    changes.changes()
    for _ in range(2):
        monitor.set_rules([third, first])
    assert (table.entries, table.rules_for(TENCENT)) == ((third, first), (third.rule, first.rule))
    assert changes.changes().alerts
    monitor.set_rules([third, first])
    assert not changes.changes().alerts
    changes.close()


def test_without_a_source_rows_say_so_and_time_is_this_computers(monitor: Monitor, hand_clock: Any) -> None:
    row = monitor.row(TENCENT)
    assert (row.source, row.freshness, row.series, row.currency) == ("", Freshness.NEVER_POLLED, None, "HKD")
    assert (monitor.links, monitor.budgets, monitor.alerts, monitor.troubles) == ((), (), (), ())
    assert (monitor.market_now(), monitor.monotonic_now()) == (hand_clock.wall(), hand_clock.monotonic())
    monitor.request_history(TENCENT, Period.DAY)
    assert monitor.history(TENCENT, Period.DAY) == HistoryState()
    assert not monitor.simulated


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-10-26T10:00", []),  # a Monday, more than two months before
        ("2026-11-30T10:00", ["calendar_ends market=SH day=2026-12-31"]),
        ("2026-12-01T10:00", []),  # no Monday
        ("2027-02-01T10:00", ["calendar_ends market=SH day=2026-12-31"]),
    ],
)
def test_the_end_of_the_trading_days_is_said_once_a_week(
    calendar: Calendar, new_clock: Any, at: str, said: list[str]
) -> None:
    wall = datetime.fromisoformat(f"{at}+08:00").timestamp()
    maotai = Symbol.parse("600519.SH")
    monitor = Monitor([], [TENCENT, maotai], calendar=calendar, clock=new_clock(wall=wall))
    assert [str(trouble) for trouble in monitor.troubles] == said
    monitor.remove_symbols([maotai])  # nobody else needs them
    assert monitor.troubles == ()


@pytest.mark.parametrize("channels", [[], ["phone"]])
async def test_alerts_that_cannot_be_saved_are_not_sent_either_and_that_is_said_and_when_it_is_over(
    calendar: Calendar, hand_clock: Any, expect_log: Callable[[str], None], channels: list[str]
) -> None:
    async def open_channel(_name: str) -> ToldChannel:
        raise AssertionError

    over: list[str] = []
    store = StoreInMemory(Shelf(), working=False)
    monitor = Monitor(
        [],
        [TENCENT],
        calendar=calendar,
        clock=hand_clock,
        open_alerts=lambda _simulated: store,
        simulated=False,
        delivery=Dispatcher(map(Route, channels), open_channel, digest, hand_clock),
        tell_health=lambda problem, is_over: over.append(health_words(problem, over=is_over)),
    )
    said = "alerts are not being saved, nor sent to channels: " if channels else "alerts are not being saved: "
    expect_log(said)
    running = asyncio.create_task(monitor.run())
    await run_pending()
    assert [reason_words(trouble).startswith(said) for trouble in monitor.troubles] == [True]
    assert over == []
    store.working = True
    hand_clock.move(1.1)
    await run_pending()
    assert monitor.troubles == ()
    again = "Alerts are saved and sent again, those of the last 15 minutes too."
    assert over == [again if channels else "Alerts are saved again."]
    running.cancel()
    await asyncio.wait({running})


async def test_a_channel_that_is_not_reached_is_a_trouble(
    calendar: Calendar, hand_clock: Any, expect_log: Callable[[str], None]
) -> None:
    expect_log("not_delivered channel=phone")
    table, phone = TableInMemory(), ToldChannel(Failed(Reason.of(Code.VERBATIM, text="no")))

    async def open_channel(_name: str) -> ToldChannel:
        return phone

    dispatcher = Dispatcher([Route("phone")], open_channel, digest, hand_clock)
    monitor = Monitor([], [TENCENT], calendar=calendar, clock=hand_clock, delivery=dispatcher)
    changes = monitor.subscribe("a test")
    changes.changes()
    running = asyncio.create_task(dispatcher.run())
    dispatcher.serve(Outbox(table.ask))
    table.put("a.1", "phone", hand_clock.wall())
    await run_pending()
    assert [str(trouble) for trouble in monitor.troubles] == ["not_delivered channel=phone why=verbatim text=no"]
    assert changes.changes().alerts
    running.cancel()
    await asyncio.wait({running})
    changes.close()


def test_what_is_in_a_group_is_on_the_list_and_what_leaves_the_list_leaves_its_groups(
    calendar: Calendar, hand_clock: Any
) -> None:
    core = Group("core", (BYD, HSBC), "violet")
    monitor = Monitor([], [TENCENT], calendar=calendar, clock=hand_clock, groups=Groups((core,)))
    assert monitor.symbols == (TENCENT, BYD, HSBC)
    changes = monitor.subscribe("a test")
    changes.changes()
    monitor.remove_symbols([BYD])
    assert monitor.groups == Groups((replace(core, symbols=(HSBC,)),))
    monitor.set_groups(Groups((Group("new", (HSBC, BYD)),)))
    assert monitor.symbols == (TENCENT, HSBC, BYD)
    assert changes.changes().watchlist
    monitor.set_groups(monitor.groups)
    assert not changes.changes()
    changes.close()
