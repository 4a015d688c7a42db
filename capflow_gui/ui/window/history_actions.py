"""What the window does with recorded sessions, and what can be taken out of it."""

from __future__ import annotations

from capflow_gui.ui.history.exports import Exports
from capflow_gui.ui.window.chart_slot import ChartSlot
from capflow_gui.ui.window.detail_tabs import DetailTabs
from capflow_gui.ui.window.keys import Action


def history_actions(chart: ChartSlot, detail: DetailTabs, exports: Exports) -> list[Action]:
    """All of it, for the keys, the menu and the search box."""
    recorded = chart.recorded
    ghost = "Hide the session before" if recorded.ghost else "Show the session before behind the chart"

    def copy_table() -> None:
        """The table that has the keyboard, else the chart's lines."""
        if not detail.copy_table():
            exports.copy_table()

    playback = chart.playback
    return [
        Action(chart.toggle_strip, "Recorded sessions", ("H",), 2),
        Action(lambda: chart.step(-1), "Session before", ("Alt+←",)),
        Action(lambda: chart.step(1), "Session after", ("Alt+→",)),
        Action(lambda: chart.show_date(None), "Back to live", ("B",)),
        Action(lambda: recorded.set_ghost(not recorded.ghost), ghost, ("G",), 2),
        Action(chart.play_or_pause, "Play back the recorded session", ("⇧P",), 2),
        Action(playback.step_minute, "Playback: one minute", (".",)),
        Action(playback.next_alert, "Playback: next alert", ("]",)),
        Action(playback.next_revision, "Playback: next revision", ("}",)),
        Action(lambda: playback.change_speed(-1), "Playback: slower", ("<",)),
        Action(lambda: playback.change_speed(1), "Playback: faster", (">",)),
        Action(detail.focus_quality, "Data quality", ("D",), 2),
        Action(copy_table, "Copy the table", ("Ctrl+C",)),
        Action(exports.save_csv, "Save the session as CSV…", ("Ctrl+E",), 2),
        Action(exports.save_picture, "Save the chart's picture…", ("Ctrl+S",), 2),
    ]
