"""The window while a session is played: all of it that is not live is the played one, and nothing else is touched."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.alerts.rules import RuleTable
from capflow_gui.archive.model import DayKey, Gap
from capflow_gui.domain.alert import parse_rule
from capflow_gui.domain.flow import FlowSeries
from capflow_gui.feed.events import AlertEvent, Event, FlowEvent
from capflow_gui.monitor import Monitor
from capflow_gui.playback.recording import Recording
from capflow_gui.present.recorded_words import NO_ALERT_PLAYED
from capflow_gui.simulator.opend.server import OpendSimulator, SimulatorConfig
from capflow_gui.ui.alerts.table import NO_ALERT
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.integration.conftest import collect, make_source
from tests.integration.hurried_clock import HurriedClock
from tests.ui.boards import CALENDAR, HandBoard, alert_of
from tests.ui.recorded_days import TENCENT, HandDays, minute_by_minute, recorded
from tests.ui.typed_keys import MEITUAN
from tests.ui.window_fixture import Answers, open_window, shut

THURSDAY = date(2026, 11, 19)


@pytest.fixture(scope="module")
def days() -> HandDays:
    return HandDays.of(minute_by_minute(recorded(symbol, THURSDAY, -120e6)) for symbol in (TENCENT, MEITUAN))


@pytest.fixture
def playing(board: HandBoard, days: HandDays, theme: Theme, qtbot: QtBot) -> Iterator[MainWindow]:
    window = open_window(board, answers=Answers(recorded=days))
    window.go_to(TENCENT)
    qtbot.waitUntil(lambda: window.chart.chart is not None)
    play(window)
    yield window
    shut(window)


def play(window: MainWindow) -> None:
    window.playback.slice_s = math.inf
    window.chart.show_date(THURSDAY)
    window.chart.play_or_pause()
    window.playback.pause()


def lines(window: MainWindow) -> int:
    data = window.chart.chart.plot.data
    return 0 if data is None else data.last + 1


def test_symbols_whose_recordings_are_damaged_are_named(playing: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "damaged" not in playing.played.banner().accessibleName()
    recordings = HandDays.recordings

    async def without_one(self: HandDays, keys: Sequence[DayKey]) -> list[Recording]:
        return await recordings(self, [key for key in keys if key.symbol != MEITUAN])

    monkeypatch.setattr(HandDays, "recordings", without_one)
    playing.playback.close()
    play(playing)
    assert playing.played.banner().accessibleName().endswith(" · damaged and not played: 3690.HK")


def test_list_and_alerts_are_those_of_the_played_minute_and_the_clock_is_live(
    playing: MainWindow, board: HandBoard
) -> None:
    playing.playback.seek(playing.playback.span[0] + 3600)
    at = playing.playback.now
    for figures in playing.watchlist.model.all_figures():
        series = figures.row.series
        assert len(series) == 61
        assert figures.row.age_s == at - series.last_valid
        assert figures.row.symbol in board.symbols
    assert playing.played.banner.is_shown
    said = "PLAYBACK · Thu 19 Nov 2026 · 2 symbols as they were at 10:30:20"
    assert playing.played.banner().accessibleName() == said
    assert playing.toolbar.clock.accessibleName().startswith("HK 14:32:08")
    assert playing.detail.alerts.alerts.rowCount() == 0
    assert playing.detail.alerts._nothing.text() == NO_ALERT_PLAYED
    playing.playback.next_alert()
    assert {alert.symbol for alert in playing.shown.alerts} == {TENCENT, MEITUAN}
    assert playing.watchlist.model.figures(0).row.alert is not None
    playing.watchlist.tick()
    QTest.keyClick(playing.watchlist.table, Qt.Key.Key_B)
    assert not playing.played.banner.is_shown
    assert playing.detail.alerts._nothing.text() == NO_ALERT
    assert [figures.row.series for figures in playing.watchlist.model.all_figures()] == [
        board.row(symbol).series for symbol in board.symbols
    ]


def test_live_replies_leave_the_played_list_alone(
    playing: MainWindow, board: HandBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []
    monkeypatch.setattr(playing.watchlist.model, "refresh", read.append)
    board.put(replace(board.row(TENCENT), turnover=9e9))
    playing.bridge.drain()
    assert read == []
    playing.playback.close()
    board.put(replace(board.row(TENCENT), turnover=8e9))
    playing.bridge.drain()
    assert read == [[TENCENT]]


def test_a_symbol_that_left_the_list_is_played_too(playing: MainWindow, board: HandBoard, qtbot: QtBot) -> None:
    board.remove_symbols([MEITUAN])
    playing.bridge.drain()
    assert playing.watchlist.model.rowCount() == 2
    playing.go_to(MEITUAN)
    playing.playback.seek(playing.playback.span[0] + 3600)
    assert lines(playing) == 61
    QTest.keyClick(playing.watchlist.table, Qt.Key.Key_B)
    assert playing.watchlist.model.rowCount() == 1
    assert playing.current_symbol() == TENCENT


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_A, Qt.Key.Key_E])
def test_the_live_list_and_its_alerts_are_not_changed_from_a_playback(
    playing: MainWindow, board: HandBoard, key: Qt.Key
) -> None:
    board.raise_alert(alert_of(board.rows[MEITUAN], level=-150e6))
    said = list(board.said)
    QTest.keyClick(playing.watchlist.table, key)
    assert playing.notice.text().startswith("This is a playback: go back to live (B)")
    assert board.said == said
    assert playing.dialogs.current is None


def test_live_alerts_go_on_underneath(playing: MainWindow, board: HandBoard) -> None:
    playing.playback.next_alert()
    assert board.alerts == ()
    board.raise_alert(alert_of(board.rows[MEITUAN], level=-150e6))
    playing.bridge.drain()
    assert playing.toolbar.attention.accessibleName() == "Live: 1 alert"
    assert {alert.symbol for alert in board.alerts} == {MEITUAN}
    assert {alert.id for alert in playing.shown.alerts}.isdisjoint(alert.id for alert in board.alerts)
    assert playing.detail.alerts.alerts.rowCount() == len(playing.shown.alerts) > 0
    playing.toolbar.attention.chosen.emit(board.alerts[0])
    assert not playing.playback.active
    assert playing.current_symbol() == MEITUAN
    assert playing.chart.chart is not None
    data, index = playing.chart.chart.plot.data, playing.chart.chart.pointer.index
    assert data is not None
    assert index is not None
    assert data.day.label(index) == board.alerts[0].line_time
    assert playing.toolbar.attention.accessibleName() == "1 alert"
    assert [playing.detail.alerts.alerts.alert(0).id] == [alert.id for alert in board.alerts]


class Memory:
    """An archive and its recorder, in memory."""

    kind = True

    def __init__(self) -> None:
        self.recorded: list[FlowSeries] = []

    def open(self, simulated: bool) -> Memory:
        return self

    def start(self, tell: object) -> None:
        pass

    def record(self, series: FlowSeries, **_facts: object) -> None:
        self.recorded.append(series)

    def note_gap(self, gap: Gap) -> None:
        pass

    def note_outage(self, *_facts: object) -> None:
        pass

    def look(self) -> None:
        pass


async def test_nothing_is_polled_recorded_or_delivered_while_live_goes_on(theme: Theme, days: HandDays) -> None:
    clock, archive, events = HurriedClock(20.0), Memory(), list[Event]()
    async with OpendSimulator(SimulatorConfig(clock="2026-11-20T10:30:00+08:00"), clock=clock) as simulator:
        source = make_source("opend", simulator.port, clock)
        monitor = Monitor(
            [source],
            [TENCENT],
            calendar=CALENDAR,
            clock=clock,
            rules=RuleTable(rules=[parse_rule("*: net <= 100B")]),
            archive=archive,
        )
        hearing = asyncio.create_task(collect(monitor.subscribe("announcements", events=True), events))
        window = open_window(monitor, answers=Answers(recorded=days))
        play(window)
        window.playback.next_alert()
        assert window.shown.row(MEITUAN).series is not None
        running = asyncio.create_task(monitor.run())

        def alerts() -> list[AlertEvent]:
            return [event for event in events if isinstance(event, AlertEvent)]

        deadline = clock.monotonic() + 120.0
        while not alerts() or not window.toolbar.attention.accessibleName().startswith("Live: 1"):
            assert clock.monotonic() < deadline
            QApplication.processEvents()
            window.playback.step_minute()
            window.bridge.drain()
            await clock.sleep_until(clock.monotonic() + 0.5)
        assert window.playback.active
        assert {alert.symbol for alert in window.shown.alerts} == {TENCENT, MEITUAN}
        assert {event.record.symbol for event in alerts()} == {TENCENT}
        assert {event.run for event in events if isinstance(event, AlertEvent | FlowEvent)} == {""}
        assert {series.symbol for series in archive.recorded} == {TENCENT}
        assert THURSDAY not in {series.session for series in archive.recorded}
        assert monitor.symbols == (TENCENT,)
        shut(window)
        for task in (running, hearing):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def test_the_clock_asks_no_source_that_the_session_was_recorded_from(
    playing: MainWindow, board: HandBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []

    def market_now(source: str | None = None) -> float:
        asked.append(source)
        return board.now

    monkeypatch.setattr(board, "market_now", market_now)
    playing._show_time()
    assert asked == [None]
    playing.playback.close()
    asked.clear()
    playing._show_time()
    assert asked == ["opend"]
