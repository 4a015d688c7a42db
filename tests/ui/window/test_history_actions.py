"""Every way to a recorded session has a name in the search box."""

from __future__ import annotations

from datetime import date

from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import Period
from capflow_gui.domain.tape.event import TapeEvent, TapeKind
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import CALENDAR, HandBoard
from tests.ui.recorded_days import TENCENT, two_weeks
from tests.ui.window_fixture import Answers, open_window, shut


def named(window: MainWindow) -> dict[str, str]:
    return {command.name: command.key for command in window.keys.commands()}


def test_each_is_found_by_name_and_its_key_is_told(window: MainWindow) -> None:
    commands = named(window)
    wanted = {
        "Recorded sessions": "H",
        "Session before": "Alt+←",
        "Session after": "Alt+→",
        "Back to live": "B",
        "Go to the tape": "V",
        "Quality": "D",
        "Copy the table": "Ctrl+C",
        "Save the session as CSV": "Ctrl+E",
        "Save the chart's picture": "Ctrl+S",
    }
    assert {name: commands[name] for name in wanted} == wanted


def test_the_ghost_s_name_says_what_it_will_do(window: MainWindow) -> None:
    assert named(window)["Show the session before behind the chart"] == "G"
    window.recorded.set_ghost(True)
    assert named(window)["Hide the session before"] == "G"


def test_an_event_of_another_session_opens_it_at_its_minute(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    window = open_window(board, answers=Answers(recorded=two_weeks()))
    qtbot.waitUntil(lambda: window.chart.chart is not None)
    chart, day = window.chart.chart, CALENDAR.day(TENCENT.market, date(2026, 11, 19))
    assert chart is not None
    assert day is not None
    window.choose_period(Period.DAY)
    for minute in (60, 200):  # the second one while the session is shown
        event = TapeEvent(TapeKind.BURST, TENCENT, "opend", day.day, 0.0, day.label(minute), 1e6, 1e6)
        window.detail.line_chosen.emit(event)
        shown = chart.plot.data
        assert shown is not None
        assert (window.current_symbol(), window.recorded.date, shown.day) == (TENCENT, day.day, day)
        assert chart.pointer.index == minute
    shut(window)
