"""What a player has come to, read as a board."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.archive.model import DayKey
from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.tape.event import TapeKind
from capflow_gui.domain.tape.tape import Tape
from capflow_gui.feed.board import BoardView, Freshness, HistoryState, Row
from capflow_gui.playback.board import PlayedBoard, ShownBoard
from capflow_gui.playback.player import Player
from tests.ui.boards import HandBoard, row_of
from tests.unit.playback.recorded import CALENDAR, SESSION, SHORT_DAY, recorded, simulated_polls

TENCENT, MOBILE = Symbol.parse("700.HK"), Symbol.parse("941.HK")


@pytest.fixture
def live() -> HandBoard:
    return HandBoard.of(row_of("5.HK", "HSBC", 1e6, 1e9), row_of("700.HK", "Tencent Holdings", -2e6, 1e9))


@pytest.fixture
def player() -> Player:
    recordings = []
    for symbol, source in ((MOBILE, "longport"), (TENCENT, "opend")):
        day, polls = simulated_polls(symbol, every_s=60.0, source=source)
        recordings.append(recorded(polls[:40], day, DayKey(source, symbol, SESSION)))
    return Player(recordings, calendar=CALENDAR, rules=RuleTable(-1e6))


def test_rows_are_as_they_were_at_the_played_time(live: HandBoard, player: Player) -> None:
    board = PlayedBoard(player, live)
    assert board.symbols == (TENCENT, MOBILE)
    assert board.changes() == {TENCENT, MOBILE}
    before = board.row(TENCENT)
    assert (before.series, before.freshness, before.name) == (None, Freshness.NEVER_POLLED, "Tencent Holdings")
    board.take(player.play_to(player.start + 600))
    row = board.row(TENCENT)
    assert row.series is not None
    assert (len(row.series), row.source, row.money, row.day) == (11, "opend", "HKD", player.recordings[1].day)
    assert row.age_s == board.market_now() - (row.series.last_valid or 0.0)
    assert row.freshness is Freshness.LIVE
    assert row.turnover is not None
    assert (row.threshold, row.threshold_own) == (-1e6, False)
    assert board.row(MOBILE).name == ""
    assert board.changes() == {TENCENT, MOBILE}
    assert board.changes() == frozenset()
    with pytest.raises(KeyError):
        board.row(Symbol.parse("5.HK"))


def test_a_live_row_is_read_for_its_name_alone_and_once(live: HandBoard, player: Player) -> None:
    read: list[Symbol] = []

    class Counted(HandBoard):
        def row(self, symbol: Symbol) -> Row:
            read.append(symbol)
            return super().row(symbol)

    counted = Counted.of(*live.rows.values())
    counted.put(replace(live.row(TENCENT), name=""))
    board = PlayedBoard(player, counted)
    assert board.row(TENCENT).name == ""
    counted.put(live.row(TENCENT))
    assert [board.row(TENCENT).name for _ in range(3)] == ["Tencent Holdings"] * 3
    assert read == [TENCENT, TENCENT]


def test_alerts_are_those_of_the_run_and_go_with_it(live: HandBoard, player: Player) -> None:
    board = PlayedBoard(player, live)
    while board.raised is None:
        board.take(player.step_minute())
    raised = board.raised
    assert raised in board.alerts
    assert board.row(raised.symbol).alert is not None
    measured = board.measure(raised)
    assert (measured, ShownBoard(live).measure(raised)) == (player.book.measure(raised), live.measure(raised))
    assert math.isfinite(measured)
    assert live.alerts == ()
    player.restart()
    board.restarted()
    assert (board.raised, board.alerts, board.row(TENCENT).series) == (None, (), None)
    assert board.changes() == {TENCENT, MOBILE}


def test_the_tape_is_that_of_the_played_day_up_to_the_played_time(live: HandBoard) -> None:
    day, polls = simulated_polls(TENCENT, every_s=300.0)
    recording = recorded(polls, day, DayKey("opend", TENCENT, SESSION))
    player = Player([recording], calendar=CALENDAR, rules=RuleTable())
    board = PlayedBoard(player, live)
    board.take(player.play_to(player.end))
    whole = board.tape
    assert whole
    assert {event.session for event in whole} == {SESSION}
    last = board.row(TENCENT).series
    assert last is not None
    lines = [event for event in whole if event.kind not in (TapeKind.REVISION, TapeKind.STALE, TapeKind.BACK)]
    at_once = Tape()
    at_once.take(last, recording.day)
    assert tuple(lines) == at_once.events
    player.restart()
    board.restarted()
    assert board.tape == ()
    middle = whole[len(whole) // 2].at
    board.take(player.play_to(middle + 150))
    assert board.tape == tuple(event for event in whole if event.at <= board.tape[0].at)
    assert board.tape[0].at >= middle
    board.take(player.play_to(player.end))
    assert board.tape == whole


def test_all_else_is_live(live: HandBoard, player: Player) -> None:
    board = PlayedBoard(player, live)
    for name in ("groups", "budgets", "troubles", "simulated", "pruning"):
        assert getattr(board, name) == getattr(live, name)
    assert board.monotonic_now() == live.monotonic_now()
    assert {link.source for link in board.links} == {"opend", "longport"}
    live.histories[TENCENT, Period.DAY] = HistoryState(loading=True)
    assert board.history(TENCENT, Period.DAY).loading
    assert not board.history(MOBILE, Period.DAY).loading
    subscription = board.subscribe("test")
    live.put(row_of("5.HK", "HSBC", 2e6, 1e9))
    assert subscription.changes().symbols


def test_the_shown_board_is_the_played_one_while_there_is_one(
    live: HandBoard, player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = ShownBoard(live)
    monkeypatch.setattr(HandBoard, "at_rest", True)
    played = PlayedBoard(player, live)

    def said(board: BoardView) -> tuple[object, ...]:
        first = board.symbols[0]
        return (
            board.symbols,
            board.groups,
            board.links,
            board.budgets,
            board.alerts,
            board.rules,
            [board.covered(entry) for entry in board.rules],
            board.tape,
            board.troubles,
            board.pruning,
            board.simulated,
            board.market_now(),
            board.monotonic_now(),
            board.row(first),
            board.history(first, Period.DAY),
        )

    for board in (live, played):
        shown.played = played if board is played else None
        assert said(shown) == said(board)
        assert shown.calendar is board.calendar
        assert shown.at_rest is (board is live)
        shown.subscribe("test").close()
    assert [played.covered(entry) for entry in played.rules] == [(TENCENT, MOBILE)]
    assert played.calendar.day(SHORT_DAY.market, SESSION) == player.recordings[0].day
