"""What the icon in the system's tray says, and what can be pressed on a notification."""

from __future__ import annotations

from capflow_gui.delivery.desktop import Action
from capflow_gui.present.alerts.handling import SNOOZES
from capflow_gui.present.language.texts import N_, _, ngettext

SHOW, ACKNOWLEDGE, QUIT = N_("Show the window"), N_("Acknowledge all alerts"), N_("Quit")
_ON_NOTIFICATION = {
    Action.ACKNOWLEDGE: N_("Acknowledge"),
    Action.SNOOZE: N_("Snooze {minutes} min"),
    Action.SHOW: N_("Show"),
}
_MOST_SHOWN = 9


def notification_labels() -> dict[Action, str]:
    """What can be pressed on a notification."""
    return {action: _(text).format(minutes=SNOOZES[0]) for action, text in _ON_NOTIFICATION.items()}


def tray_words(waiting: int, troubles: int, *, simulated: bool) -> str:
    """How many alerts wait, and whether something is wrong, in a line each."""
    words = ["Capflow", _("SIMULATED")] if simulated else ["Capflow"]
    alerts = ngettext("{count} alert waits", "{count} alerts wait", waiting).format(count=waiting)
    if not waiting:
        alerts = _("no alert waits")
    lines = [f"{' · '.join(words)}: {alerts}"]
    if troubles:
        lines.append(
            ngettext("{count} trouble, see the status bar", "{count} troubles, see the status bar", troubles).format(
                count=troubles
            )
        )
    return "\n".join(lines)


def badge_words(waiting: int) -> str:
    """The count on the icon; "" for none."""
    if waiting > _MOST_SHOWN:
        return f"{_MOST_SHOWN}+"
    return str(waiting) if waiting else ""
