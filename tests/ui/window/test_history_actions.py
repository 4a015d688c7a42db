"""Every way to a recorded session has a name in the search box."""

from __future__ import annotations

from capflow_gui.ui.window.main_window import MainWindow


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
