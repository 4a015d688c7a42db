"""Playing a recorded session in the window: as it was then, never taken for live, and nothing of it kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import NET, Period
from capflow_gui.present.recorded_words import session_time
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.recorded_days import TENCENT, HandDays, minute_by_minute, recorded
from tests.ui.typed_keys import MEITUAN
from tests.ui.window_fixture import Answers

THURSDAY = date(2026, 11, 19)


@pytest.fixture
def days() -> HandDays:
    sessions = [minute_by_minute(recorded(symbol, THURSDAY, -120e6)) for symbol in (TENCENT, MEITUAN)]
    return HandDays.of([*sessions, recorded(TENCENT, date(2026, 11, 18), 60e6)])


@pytest.fixture
def playing(window: MainWindow) -> MainWindow:
    window.playback.slice_s = math.inf
    window.chart.show_date(THURSDAY)
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
    window.playback.pause()
    return window


def lines(window: MainWindow) -> int:
    data = window.chart.chart.plot.data
    return 0 if data is None else data.last + 1


def test_playback_cannot_be_taken_for_live(playing: MainWindow) -> None:
    playing.playback.seek(playing.playback.span[0] + 3600)
    assert playing.windowTitle() == "PLAYBACK – Capflow"
    assert playing.chart.banner().accessibleName().startswith("PLAYBACK · Thu 19 Nov 2026 · nothing is polled")
    assert playing.chart.chart.plot.state.session == "Thu 19 Nov 2026, recorded, playback"
    assert playing.chart.head.accessibleDescription().endswith("Playback 10:30:20, then: live")
    assert playing.played.frame.is_shown
    assert playing.chart.strip().isHidden()
    QTest.keyClick(playing.watchlist.table, Qt.Key.Key_B)
    assert playing.windowTitle() == "Capflow"
    assert not playing.played.frame.is_shown
    assert playing.chart.controls().isHidden()
    assert playing.recorded.date is None


def test_charts_beside_the_main_one_say_what_is_played_and_when_and_go_back_to_live(playing: MainWindow) -> None:
    torn = playing.views.torn.open({"kind": "chart", "symbol": "700.HK"})
    dock = playing.views.docks.open({"kind": "grid", "tiles": 4})
    assert torn is not None
    assert dock is not None
    slot, tile = torn.content._slot, dock.view.content._grid.tile(0)
    playing.playback.seek(playing.playback.span[0] + 3600)
    QApplication.processEvents()
    assert torn.windowTitle().endswith("– PLAYBACK – Capflow")
    assert slot.head.accessibleDescription().endswith("Playback 10:30:20, then: live")
    torn.bridge.ticked.emit()
    assert slot.head.accessibleDescription().endswith("Playback 10:30:20, then: live")
    assert "Playback 10:30:20" in tile.head._sentence
    playing.chart.show_date(None)
    QApplication.processEvents()
    assert "Playback" not in slot.head.accessibleDescription()
    assert "Playback" not in tile.head._sentence


def test_in_a_small_window_the_chart_keeps_its_room(playing: MainWindow) -> None:
    head, chart = playing.chart.head, playing.chart.chart
    playing.resize(1000, 640)
    QApplication.processEvents()
    assert head.low
    assert chart.height() > 220
    playing.chart.show_date(None)
    QApplication.processEvents()
    assert not head.low
    playing.chart.show_date(THURSDAY)
    playing.resize(1600, 1000)
    QApplication.processEvents()
    assert not head.low


def test_time_goes_on_by_the_speed_chosen_and_stands_at_the_end(playing: MainWindow, qtbot: QtBot) -> None:
    playback = playing.playback
    begin = playback.now
    for _ in range(3):
        QTest.keyClick(playing.watchlist.table, ">")
    assert playback.speed == 120
    assert not playing.chart.controls().buttons[5].isEnabled()
    playback.toggle()
    qtbot.waitUntil(lambda: playback.now > begin + 120, timeout=10_000)
    assert playing.chart.controls().buttons[0].text() == "Pause"
    playback.seek(playback.span[1] - 60)
    qtbot.waitUntil(lambda: not playback.running, timeout=10_000)
    assert playback.now == playback.span[1]
    assert lines(playing) == 331


def test_while_time_goes_on_what_was_played_is_shown_in_a_turn_of_its_own(playing: MainWindow, qtbot: QtBot) -> None:
    playback, told = playing.playback, list[float]()
    playback.seek(playback.span[0] + 3600)
    playback.resume()
    playback.changed.connect(lambda: told.append(playback.now))
    playback._go(playback.now + 120)
    assert told == []
    assert lines(playing) == 61
    qtbot.waitUntil(lambda: lines(playing) > 61)
    playback._go(playback.now + 60)
    playback.pause()
    assert told[-1] == playback.now, "what waited to be shown is shown where it stands"
    assert playing.watchlist.model.figures(0).row.age_s is not None


def test_quiet_stretches_are_not_waited_for(playing: MainWindow, qtbot: QtBot) -> None:
    playback, day = playing.playback, playing.playback.session.summary.day
    playback.seek(day.periods[0][1] + 600)
    playback.change_speed(-6)
    assert playback.speed == 1
    playback.toggle()
    qtbot.waitUntil(lambda: playback.now > day.periods[1][0], timeout=10_000)
    playback.pause()


def test_trading_time_without_replies_is_not_skipped(window: MainWindow, days: HandDays) -> None:
    few = recorded(TENCENT, THURSDAY, -120e6)  # a reply at 11:00, and the next one half an hour later
    days.found[few.summary.key] = few
    window.chart.show_date(THURSDAY)
    window.chart.play_or_pause()
    playback = window.playback
    playback.pause()
    playback.change_speed(-6)
    playback.resume()
    begin = playback.now
    playback._turn()
    assert playback.now - begin < 60
    playback.close()


def test_the_end_is_told_and_play_begins_again(playing: MainWindow) -> None:
    playback = playing.playback
    playback.seek(playback.span[1] + 60)
    assert playback.now == playback.span[1]
    assert playback.told == "The recording has ended; Play starts it again"
    playing.chart.controls().buttons[0].click()
    playback.pause()
    assert playback.now == playback.span[0]


def test_a_click_on_the_line_goes_there(playing: MainWindow) -> None:
    line, playback = playing.chart.controls().line, playing.playback
    QTest.mouseClick(line, Qt.MouseButton.LeftButton, pos=QPoint(line.width() // 2, line.height() // 2))
    start, end = playback.span
    assert playback.now == pytest.approx((start + end) / 2, abs=(end - start) / 50)


def test_a_click_goes_there_however_long_the_way_is(playing: MainWindow, qtbot: QtBot) -> None:
    line, playback = playing.chart.controls().line, playing.playback
    start, end = playback.span
    playback.slice_s = 0.0
    middle = line.height() // 2
    QTest.mousePress(line, Qt.MouseButton.LeftButton, pos=QPoint(round(line.width() * 0.5), middle))
    QTest.mouseMove(line, QPoint(round(line.width() * 0.25), middle))
    assert playing.chart.controls()._time.text() == session_time(
        start + line.sliderPosition(), playback.session.summary.day
    )
    QTest.mouseRelease(line, Qt.MouseButton.LeftButton, pos=QPoint(round(line.width() * 0.25), middle))
    qtbot.waitUntil(lambda: playback._goal is None, timeout=10_000)
    assert playback.now == pytest.approx(start + (end - start) * 0.25, abs=(end - start) / 50)


@pytest.mark.parametrize("period", [Period.DAY, Period.MONTH])
def test_beside_bars_of_days_what_is_played_is_not_called_live(playing: MainWindow, period: Period) -> None:
    playing.playback.seek(playing.playback.span[0] + 3600)
    playing.chart.set_period(period)
    for _ in range(2):
        assert playing.chart.head.accessibleDescription().endswith("Playback 10:30:20, then: live")
        assert playing.chart.banner().accessibleName().endswith("these bars are live")
        assert playing.chart.controls().isVisible()
        playing.chart.tick()
    assert playing.chart.chart._row == playing.board.row(TENCENT)
    playing.chart.set_period(Period.INTRADAY)
    assert lines(playing) == 61


def test_playing_ends_a_comparison(window: MainWindow) -> None:
    window.chart.show_date(THURSDAY)
    window.recorded.compare(date(2026, 11, 18))
    window.chart.play_or_pause()
    assert window.recorded.other is None
    window.playback.close()


def test_a_long_way_is_played_in_short_turns(playing: MainWindow, qtbot: QtBot) -> None:
    playback = playing.playback
    playback.slice_s = 0.0
    playback.next_alert()
    assert playback.told == "Playing up to there …"
    assert playback.now < playback.span[1]
    qtbot.waitUntil(lambda: "alert: " in playback.told, timeout=10_000)
    alert_at = playback.now
    playback.seek(playback.span[0] + 60)
    qtbot.waitUntil(lambda: playback.now == playback.span[0] + 60, timeout=10_000)
    playback.next_alert()
    playback.pause()
    stood = playback.now
    assert stood < alert_at
    QTest.qWait(20)
    assert (playback.now, playback.told) == (stood, "")
    playback.resume()
    playback.seek(playback.span[1])
    assert playback.told == "Playing up to there …"


def test_reading_says_how_far_it_is_and_can_be_left(window: MainWindow, days: HandDays) -> None:
    begun: list[tuple[Callable[[], object], Callable[[object], None]]] = []
    window.playback._start = lambda job, done, _error: begun.append((job, done)) or begun.clear
    window.chart.show_date(THURSDAY)
    window.chart.play_or_pause()
    assert window.playback.told == "Reading the archive …"
    keys = [key for key in days.found if key.session == THURSDAY]
    begun.pop()[1](keys)
    assert window.playback.told == "Reading 0 of 2 symbols …"
    assert window.windowTitle() == "PLAYBACK – Capflow"
    assert not window.played.frame.is_shown
    assert window.shown.row(TENCENT).series is window.board.row(TENCENT).series
    window.chart.show_date(None)
    assert begun == []
    assert window.windowTitle() == "Capflow"


def test_what_cannot_be_played_says_why(window: MainWindow) -> None:
    table, notice = window.watchlist.table, window.notice
    QTest.keyClick(table, Qt.Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
    assert notice.text().startswith("The newest session cannot be played back yet")
    QTest.keyClick(table, ".")
    assert notice.text().startswith("No session is being played back")


def test_a_minute_the_next_alert_and_the_next_revision_are_keys(playing: MainWindow) -> None:
    playback, table = playing.playback, playing.watchlist.table
    QTest.keyClick(table, ".")
    first = lines(playing)
    QTest.keyClick(table, ".")
    assert lines(playing) == first + 1
    QTest.keyClick(table, "}")
    revised = playback.now
    assert lines(playing) == 81
    QTest.keyClick(table, "]")
    assert playback.now > revised
    assert playback.told.endswith("alert: 700.HK net ≤ −100M")
    state = playing.chart.chart.plot.state
    assert (state.threshold, state.fired is not None) == (-100e6, True)
    at = playback.now
    QTest.keyClick(table, "]")
    assert playback.told == "No further alert in this session"
    assert playback.now == at


def test_back_is_as_it_was(playing: MainWindow) -> None:
    playback = playing.playback
    playback.seek(playback.span[0] + 7200)
    net = playing.chart.chart.plot.data.values[NET].copy()
    playback.next_alert()
    playback.seek(playback.span[0] + 7200)
    now = playing.chart.chart.plot.data.values[NET]
    assert np.array_equal(net, now, equal_nan=True)
    assert playback.told == ""
    assert playing.chart.chart.plot.state.fired == ()


def test_the_line_is_scrubbed_by_hand_and_by_keys(playing: MainWindow) -> None:
    controls, playback = playing.chart.controls(), playing.playback
    controls.line.setValue(3600)
    assert playback.now == playback.span[0] + 3600
    QTest.keyClick(controls.line, Qt.Key.Key_Right)
    assert playback.now == playback.span[0] + 3660
    assert controls._time.text() == "10:31:20"


def test_nothing_is_set_polled_or_kept_by_playing(playing: MainWindow, board: HandBoard, answers: Answers) -> None:
    playing.playback.next_alert()
    said, asked = list(board.said), list(answers.asked)
    chart, before = playing.chart.chart, board.row(TENCENT).threshold
    for key, modifier in (
        (Qt.Key.Key_T, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier),
    ):
        chart.pointer.stand(330)
        QTest.keyClick(chart, key, modifier)
    assert chart.plot.grip is None
    assert not chart.plot.near_line(chart.plot.lines_frame.at_y(-100e6))
    assert board.row(TENCENT).threshold == before
    assert (board.said, answers.asked) == (said, asked)


def test_another_symbol_is_played_from_the_same_time(playing: MainWindow) -> None:
    playing.playback.seek(playing.playback.span[0] + 5400)
    at = playing.playback.now
    playing.go_to(MEITUAN)
    assert playing.playback.active
    assert playing.current_symbol() == MEITUAN
    assert (playing.playback.now, lines(playing)) == (at, 91)


def test_a_session_without_states_is_not_played(window: MainWindow, days: HandDays) -> None:
    bare = recorded(TENCENT, date(2026, 11, 18))
    days.found[bare.summary.key] = replace(bare, states=())
    window.chart.show_date(date(2026, 11, 18))
    window.chart.play_or_pause()
    assert not window.playback.active
    assert "nothing to play back" in window.chart.banner().accessibleName()


def test_the_button_over_a_recorded_day_plays_it(window: MainWindow) -> None:
    window.chart.show_date(THURSDAY)
    assert window.chart.banner().play.isVisible()
    window.chart.banner().play.click()
    assert window.playback.active
    window.playback.close()
