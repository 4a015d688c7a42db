"""What the window does with recorded sessions and single minutes, and what can be taken out of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from capflow_gui.domain.flow import Period
from capflow_gui.feed.board import AlertRecord, BoardView, Row
from capflow_gui.present.language.texts import _
from capflow_gui.present.recorded_words import NEWEST_IS_SHOWN, NOT_PLAYING
from capflow_gui.ui.watchlist.panel import WatchlistPanel
from capflow_gui.ui.window.chart_slot import ChartSlot
from capflow_gui.ui.window.detail_tabs import DetailTabs
from capflow_gui.ui.window.keys import Action, ActionScope

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


def history_actions(
    chart: ChartSlot, detail: DetailTabs, panel: WatchlistPanel, exports: Callable[[], Exports]
) -> list[Action]:
    """All of it, for the keys, the menu and the search box."""
    return [*_session_actions(chart, detail), *_playback_actions(chart), *_copy_actions(detail, panel, exports)]


def _session_actions(chart: ChartSlot, detail: DetailTabs) -> list[Action]:
    recorded, session = chart.recorded, partial(Action, scope=ActionScope.SESSIONS)
    ghost = _("Hide the session before") if recorded.ghost else _("Show the session before behind the chart")
    no_before, no_after = chart.no_before(), _(NEWEST_IS_SHOWN) if recorded.date is None else ""
    strip, days = _("Shows the recorded sessions below the chart, a bar each."), _("Opens a calendar to choose from.")
    behind = _("Draws the session before, in grey, behind the one shown.")
    quality = _("Says what is missing or doubtful in the session's record.")
    step, words = chart.step, _("history day date past archive")
    return [
        session(chart.toggle_strip, _("Recorded sessions"), ("H",), 2, what=strip, words=words),
        session(chart.open_calendar, _("Calendar of recorded sessions…"), ("⇧H",), 2, what=days, words=words),
        session(
            lambda: step(-1),
            _("Session before"),
            ("Alt+←",),
            2,
            what=_("Shows the session before the one shown."),
            why_not=no_before,
        ),
        session(
            lambda: step(1),
            _("Session after"),
            ("Alt+→",),
            2,
            what=_("Shows the session after the one shown."),
            why_not=no_after,
        ),
        session(
            lambda: chart.show_date(None),
            _("Back to live"),
            ("B",),
            what=_("Shows the session that runs."),
            words=words,
        ),
        session(chart.toggle_ghost, ghost, ("G",), 2, what=behind, words=_("ghost yesterday"), why_not=no_before),
        session(detail.focus_quality, _("Quality"), ("D",), 2, what=quality, words=_("gaps flags record")),
    ]


def _playback_actions(chart: ChartSlot) -> list[Action]:
    playback, playing = chart.playback, partial(Action, scope=ActionScope.PLAYBACK)
    not_playing = "" if playback.active else _(NOT_PLAYING)

    def step(name: str, key: str, run: Callable[[], None], what: str) -> Action:
        def asked() -> None:
            if playback.active:
                run()
            else:
                chart.said.emit(_(NOT_PLAYING))

        return playing(asked, _("Playback: {step}").format(step=name), (key,), what=what, why_not=not_playing)

    played = _("Plays the recorded session shown, or pauses it.")
    name, no_playing, words = _("Play back the recorded session"), chart.no_playing(), _("replay pause")
    return [
        playing(chart.play_or_pause, name, ("⇧P",), 2, what=played, words=words, why_not=no_playing),
        step(_("one minute"), ".", playback.step_minute, _("Goes on by one minute.")),
        step(_("next alert"), "]", playback.next_alert, _("Goes on to where an alert was raised.")),
        step(_("next revision"), "}", playback.next_revision, _("Goes on to where a confirmed line changed.")),
        step(_("slower"), "<", lambda: playback.change_speed(-1), _("Plays at half the speed.")),
        step(_("faster"), ">", lambda: playback.change_speed(1), _("Plays at twice the speed.")),
    ]


def _copy_actions(detail: DetailTabs, panel: WatchlistPanel, exports: Callable[[], Exports]) -> list[Action]:
    out = partial(Action, scope=ActionScope.COPY)

    def copy_table() -> None:
        """The table that has the keyboard, else the chart's lines."""
        if not detail.copy_table():
            exports().copy_table()

    tape = _("Shows what happened in the flow of all symbols, newest first.")
    copied = _("Copies the table that has the keyboard, else the lines of the chart.")
    saved, picture = _("Writes the lines of the chart into a file."), _("Writes the chart into a file, as it looks.")
    listed, kept = (
        _("Copies the shown rows and columns of the list."),
        _("Writes the list into a file, as it is shown."),
    )
    words = _("export file")
    return [
        Action(
            detail.focus_tape, _("Go to the tape"), ("V",), what=tape, scope=ActionScope.TAPE, words=_("events bursts")
        ),
        out(copy_table, _("Copy the table"), ("Ctrl+C",), what=copied, words=_("clipboard")),
        out(lambda: exports().copy_list(panel), _("Copy the list"), ("Ctrl+⇧C",), what=listed, words=_("clipboard")),
        out(lambda: exports().save_list(panel), _("Save the list as CSV…"), ("Ctrl+⇧E",), 2, what=kept, words=words),
        out(lambda: exports().save_csv(), _("Save the session as CSV…"), ("Ctrl+E",), 2, what=saved, words=words),
        out(
            lambda: exports().save_picture(), _("Save the chart's picture…"), ("Ctrl+S",), 2, what=picture, words=words
        ),
    ]
