"""What the window does with recorded sessions and single minutes, and what can be taken out of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from capflow_gui.domain.flow import Period
from capflow_gui.feed.board import AlertRecord, BoardView, Row
from capflow_gui.present.recorded_words import NOT_PLAYING
from capflow_gui.ui.window.chart_slot import ChartSlot
from capflow_gui.ui.window.detail_tabs import DetailTabs
from capflow_gui.ui.window.keys import Action

if TYPE_CHECKING:
    from capflow_gui.ui.history.exports import Exports


def show_line(chart: ChartSlot, row: Row, session: date, line: int) -> None:
    """Show a session of the chart's symbol, live or recorded, and point at the line of a label (UTC seconds)."""
    live = row.day is not None and row.day.day == session
    if not (live or chart.playback.active):
        chart.show_date(session, line)
        return
    if not chart.playback.active and chart.recorded.date is not None:
        chart.show_date(None)
    if chart.period is not Period.INTRADAY:
        chart.period_chosen.emit(Period.INTRADAY)
    if live and chart.chart is not None:
        chart.chart.point_at(line)


def show_alert(chart: ChartSlot, board: BoardView, record: AlertRecord) -> None:
    """Show the minute of an alert of the chart's symbol; nothing where that is no longer watched."""
    if record.symbol in board.symbols:
        show_line(chart, board.row(record.symbol), date.fromisoformat(record.session), record.line_time)


def history_actions(chart: ChartSlot, detail: DetailTabs, exports: Callable[[], Exports]) -> list[Action]:
    """All of it, for the keys, the menu and the search box."""
    recorded = chart.recorded
    ghost = "Hide the session before" if recorded.ghost else "Show the session before behind the chart"

    def copy_table() -> None:
        """The table that has the keyboard, else the chart's lines."""
        if not detail.copy_table():
            exports().copy_table()

    playback = chart.playback

    def while_playing(name: str, key: str, run: Callable[[], None]) -> Action:
        return Action(lambda: run() if playback.active else chart.said.emit(NOT_PLAYING), f"Playback: {name}", (key,))

    return [
        Action(chart.toggle_strip, "Recorded sessions", ("H",), 2),
        Action(chart.open_calendar, "Calendar of recorded sessions…", ("⇧H",), 2),
        Action(lambda: chart.step(-1), "Session before", ("Alt+←",), 2, able=not chart.no_before()),
        Action(lambda: chart.step(1), "Session after", ("Alt+→",), 2, able=recorded.date is not None),
        Action(lambda: chart.show_date(None), "Back to live", ("B",)),
        Action(chart.toggle_ghost, ghost, ("G",), 2, able=not chart.no_before()),
        Action(chart.play_or_pause, "Play back the recorded session", ("⇧P",), 2, able=not chart.no_playing()),
        while_playing("one minute", ".", playback.step_minute),
        while_playing("next alert", "]", playback.next_alert),
        while_playing("next revision", "}", playback.next_revision),
        while_playing("slower", "<", lambda: playback.change_speed(-1)),
        while_playing("faster", ">", lambda: playback.change_speed(1)),
        Action(detail.focus_tape, "Go to the tape", ("V",)),
        Action(detail.focus_quality, "Quality", ("D",), 2),
        Action(copy_table, "Copy the table", ("Ctrl+C",)),
        Action(lambda: exports().save_csv(), "Save the session as CSV…", ("Ctrl+E",), 2),
        Action(lambda: exports().save_picture(), "Save the chart's picture…", ("Ctrl+S",), 2),
    ]
