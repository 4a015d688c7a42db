"""The board of the first paint: the list is there, and what is deferred waits for the monitor."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.app.early_board import EarlyBoard
from capflow_gui.clock import SystemClock
from capflow_gui.domain.flow import Period
from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.lists.groups import Group, Groups
from capflow_gui.domain.session import Calendar
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import ConnectionLost
from capflow_gui.feed.board import Freshness
from capflow_gui.monitor import Monitor
from capflow_gui.paths import resource
from capflow_gui.reason import Code, Reason

CALENDAR = Calendar.from_json(resource("sessions.json").read_bytes())
TENCENT, MEITUAN, AIA = (Symbol.parse(text) for text in ("700.HK", "3690.HK", "1299.HK"))


@pytest.fixture
def board() -> EarlyBoard:
    rules = RuleTable(-1e8, {TENCENT: -2e8})
    return EarlyBoard([TENCENT, MEITUAN, TENCENT], ["opend"], rules, CALENDAR, SystemClock(), simulated=True)


def monitor_of(board: EarlyBoard) -> Monitor:
    return Monitor([], board.symbols, calendar=CALENDAR, clock=SystemClock(), subscriptions=board.subscriptions)


def test_before_there_is_a_monitor_it_holds_the_list_alone(board: EarlyBoard) -> None:
    assert board.symbols == (TENCENT, MEITUAN)
    own, shared = board.row(TENCENT), board.row(MEITUAN)
    assert (own.threshold, own.threshold_own, own.freshness) == (-2e8, True, Freshness.NEVER_POLLED)
    assert (shared.threshold, shared.threshold_own) == (-1e8, False)
    with pytest.raises(KeyError):
        board.row(AIA)
    assert [(link.source, link.phase) for link in board.links] == [("opend", LinkPhase.CONNECTING)]
    assert (board.budgets, board.alerts, board.troubles) == ((), (), ())
    assert board.simulated
    assert not board.at_rest
    assert not board.subscribe("window").changes()
    assert board.history(TENCENT, Period.DAY).series is None


def test_what_cannot_be_saved_comes_first_among_the_troubles_until_it_is() -> None:
    unsaved: list[Reason] = [Reason.of(Code.SETTINGS_UNSAVED, what="settings.toml cannot be written: the disk is full")]
    board = EarlyBoard(
        [TENCENT],
        ["opend"],
        RuleTable(),
        CALENDAR,
        SystemClock(),
        simulated=True,
        unsaved=lambda: unsaved[0] if unsaved else None,
    )
    assert board.troubles == tuple(unsaved)
    monitor = monitor_of(board)
    board.open(monitor)
    assert board.troubles == (*unsaved, *monitor.troubles)
    unsaved.clear()
    assert board.troubles == monitor.troubles


def test_what_is_deferred_is_done_in_order_once_there_is_one(board: EarlyBoard) -> None:
    done: list[str] = []
    board.defer(lambda monitor: monitor.add_symbols([AIA]))
    board.defer(lambda monitor: monitor.remove_symbols([TENCENT]))
    board.defer(lambda _monitor: done.append("third"))
    assert board.symbols == (TENCENT, MEITUAN)
    assert done == []
    board.open(monitor_of(board))
    assert board.symbols == (MEITUAN, AIA)
    assert done == ["third"]
    assert not board.simulated
    board.defer(lambda monitor: monitor.add_symbols([TENCENT]))
    assert board.symbols == (MEITUAN, AIA, TENCENT)


async def test_a_question_waits_for_the_monitor_and_is_answered_by_it(board: EarlyBoard) -> None:
    asked = asyncio.create_task(board.questions.search("tencent"))
    await asyncio.sleep(0)
    assert not asked.done()
    board.open(monitor_of(board))
    with pytest.raises(ConnectionLost):
        await asked


def test_who_subscribed_before_there_was_a_monitor_hears_from_it(board: EarlyBoard) -> None:
    window = board.subscribe("window")
    window.show([MEITUAN])
    monitor = monitor_of(board)
    assert board.subscriptions.shown == (MEITUAN,)
    board.open(monitor)
    changes = window.changes()
    assert (changes.watchlist, changes.links, changes.alerts) == (True, True, True)
    assert changes.symbols == {TENCENT, MEITUAN}
    assert not window.changes()
    monitor.add_symbols([AIA])
    assert window.changes().watchlist
    second = board.subscribe("second window")
    monitor.remove_symbols([AIA])
    assert window.changes().watchlist
    assert second.changes().watchlist


def test_trading_days_that_a_source_named_are_in_force(board: EarlyBoard) -> None:
    monitor = monitor_of(board)
    board.open(monitor)
    closed = CALENDAR.with_overrides(Market.HK, [(date(2022, 6, 7), "whole")], end=date(2022, 6, 8))
    monitor.calendar_changed(closed)
    assert board.calendar is closed


def test_groups_that_were_set_are_there_before_the_monitor_is() -> None:
    held = Groups((Group("core", (AIA,)),))
    early = EarlyBoard([TENCENT], ["opend"], RuleTable(), CALENDAR, SystemClock(), simulated=True, groups=held)
    assert (early.symbols, early.groups) == ((TENCENT, AIA), held)
    later = held.put("core", [TENCENT])
    early.note_groups(later)
    assert early.groups == later
    early.open(monitor_of(early))
    assert early.groups == Groups()
