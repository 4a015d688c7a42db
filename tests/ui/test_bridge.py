"""What changes reaches the window in one go, and waits while nobody can see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from capflow_gui.domain.symbol import Symbol
from capflow_gui.ui.bridge import REST_S, FlowBridge
from tests.ui.boards import HandBoard, alert_of
from tests.ui.window_fixture import TENCENT

NAMES = ("watchlist_changed", "links_changed", "flows_changed", "histories_changed", "alerts_changed", "ticked")


@pytest.fixture
def bridge(board: HandBoard, qtbot: QtBot) -> Iterator[FlowBridge]:
    del qtbot
    made = FlowBridge(board)
    made.drain()
    yield made
    made.close()


@pytest.fixture
def said(bridge: FlowBridge) -> list[str]:
    found: list[str] = []
    for name in NAMES:
        getattr(bridge, name).connect(lambda *_, name=name: found.append(name))
    return found


def test_nothing_new_says_nothing(bridge: FlowBridge, said: list[str]) -> None:
    bridge.drain()
    assert said == []


def test_many_replies_are_one_change(board: HandBoard, bridge: FlowBridge, said: list[str]) -> None:
    rows: list[frozenset[Symbol]] = []
    bridge.flows_changed.connect(rows.append)
    for age in range(5):
        board.put(replace(board.rows[TENCENT], age_s=float(age)))
    bridge.drain()
    assert (said, rows) == (["flows_changed"], [frozenset({TENCENT})])
    bridge.drain()
    assert len(said) == 1


def test_the_list_is_said_before_the_figures_of_its_rows(board: HandBoard, bridge: FlowBridge, said: list[str]) -> None:
    board.add_symbols([Symbol.parse("5.HK")])
    board.raise_alert(alert_of(board.rows[TENCENT]))
    bridge.drain()
    assert said[0] == "watchlist_changed"
    assert said[-1] == "alerts_changed"
    assert "flows_changed" in said


def test_at_rest_changes_wait_and_are_told_on_waking(board: HandBoard, bridge: FlowBridge, said: list[str]) -> None:
    bridge.wake()
    assert (bridge.running, said) == (True, ["ticked"])
    bridge.rest()
    board.put(board.rows[TENCENT])
    assert (bridge.running, said) == (False, ["ticked"])
    bridge.wake()
    bridge.wake()
    assert said == ["ticked", "flows_changed", "ticked"]


def test_while_the_board_rests_the_second_alone_passes_and_a_change_is_told_with_it(
    board: HandBoard, qtbot: QtBot
) -> None:
    del qtbot
    resting = [True]
    bridge = FlowBridge(board, at_rest=lambda: resting[0])
    bridge.drain()
    said: list[str] = []
    for name in ("flows_changed", "ticked"):
        getattr(bridge, name).connect(lambda *_, name=name: said.append(name))
    seconds: list[None] = []
    bridge.passed.connect(lambda: seconds.append(None))
    drain, second = sorted(bridge.findChildren(QTimer), key=QTimer.interval)
    bridge.wake()
    assert (drain.isActive(), said) == (False, ["ticked"])
    for _ in range(REST_S):
        second.timeout.emit()
    assert (len(seconds), said) == (1 + REST_S, ["ticked", "ticked"])
    board.put(board.rows[TENCENT])
    second.timeout.emit()
    assert (drain.isActive(), said[2:]) == (False, ["flows_changed", "ticked"])
    resting[0] = False
    for _ in range(REST_S + 2):
        second.timeout.emit()
    assert said[4:] == ["ticked"] * 3
    bridge.close()


def test_a_change_that_is_looked_for_at_rest_is_followed_by_others_at_once(board: HandBoard, qtbot: QtBot) -> None:
    del qtbot
    bridge = FlowBridge(board, at_rest=lambda: True)
    drain, second = sorted(bridge.findChildren(QTimer), key=QTimer.interval)
    bridge.wake()
    board.put(board.rows[TENCENT])
    bridge.drain()
    assert drain.isActive()
    second.timeout.emit()
    assert not drain.isActive()
    bridge.close()


def test_what_is_on_screen_is_told_until_the_window_closes(board: HandBoard, bridge: FlowBridge) -> None:
    bridge.show([TENCENT])
    assert board.subscriptions.shown == (TENCENT,)
    bridge.close()
    assert board.subscriptions.shown == ()
