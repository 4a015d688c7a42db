"""What the icon in the system's tray says, and what can be pressed on a notification."""

from __future__ import annotations

from capflow_gui.delivery.desktop import Action
from capflow_gui.present.alerts.handling import SNOOZES

SHOW, ACKNOWLEDGE, QUIT = "Show the window", "Acknowledge all alerts", "Quit"
ON_NOTIFICATION = {
    Action.ACKNOWLEDGE: "Acknowledge",
    Action.SNOOZE: f"Snooze {SNOOZES[0]} min",
    Action.SHOW: "Show",
}
_MOST_SHOWN = 9


def tray_words(waiting: int, troubles: int, *, simulated: bool) -> str:
    """How many alerts wait, and whether something is wrong, in a line each."""
    words = ["Capflow", "SIMULATED"] if simulated else ["Capflow"]
    alerts = {0: "no alert waits", 1: "1 alert waits"}.get(waiting, f"{waiting} alerts wait")
    lines = [f"{' · '.join(words)}: {alerts}"]
    if troubles:
        lines.append("1 trouble, see the status bar" if troubles == 1 else f"{troubles} troubles, see the status bar")
    return "\n".join(lines)


def badge_words(waiting: int) -> str:
    """The count on the icon; "" for none."""
    if waiting > _MOST_SHOWN:
        return f"{_MOST_SHOWN}+"
    return str(waiting) if waiting else ""
