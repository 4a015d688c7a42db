"""One chart, several, the wall, and windows of their own, as actions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.ui.keyboard import press
from capflow_gui.ui.window.keys import Action, ActionScope

ONE, WALL = 1, 0
WALL_KEY = "Ctrl+Alt+5"
SIZES = {ONE: "1", 4: "2×2", 9: "3×3", 16: "4×4"}


def size_actions(choose: Callable[[int], object], *, one: bool) -> list[Action]:
    """The keys of the numbers of charts, with or without a single one."""
    what = _("Shows one chart, or 2×2, 3×3 or 4×4 side by side.")
    return [
        Action(partial(choose, size), keys=(f"Ctrl+Alt+{place}",), what=what, scope=ActionScope.WALL)
        for place, size in enumerate(SIZES, 1)
        if one or size != ONE
    ]


def view_actions(
    view: int,
    choose: Callable[[int], object],
    tear: Callable[[str], object],
    *,
    fill: Callable[[], object],
    no_chart: str,
) -> list[Action]:
    """What is shown in the place of the chart, `view` now; `tear` gets what is to be in a window of its own.

    `no_chart`: why there is no chart to tear off.
    """
    scope = partial(Action, scope=ActionScope.WALL)
    choices = [(name, size == view, partial(choose, size)) for size, name in SIZES.items()]
    no_grid = "" if view not in (ONE, WALL) else _("There is one chart alone.")
    parts = (("alerts", _("alerts")), ("tape", _("tape")), ("grid", _("several charts")), ("wall", _("wall")))
    torn = [(name, False, partial(tear, kind)) for kind, name in parts]
    windows, tiles = _("second screen monitor detach pop out"), _("grid tiles side by side")
    return [
        scope(
            lambda: None,
            _("Charts"),
            section=2,
            choices=choices,
            what=_("Shows one chart, or several side by side."),
            words=tiles,
        ),
        *size_actions(choose, one=True),
        scope(
            fill,
            _("Fill the charts from the list"),
            what=_("Shows the top of the list as it is sorted now; pinned charts stay."),
            words=tiles,
            why_not=no_grid,
        ),
        scope(
            partial(choose, WALL),
            _("Wall"),
            (WALL_KEY,),
            2,
            what=_("Shows every symbol as a coloured tile; again, or Esc: back."),
            words=_("heat map tiles overview"),
        ),
        scope(
            partial(tear, "chart"),
            _("Tear off the chart"),
            ("Ctrl+T",),
            2,
            what=_("Shows the chart in a window of its own."),
            words=windows,
            why_not=no_chart,
        ),
        scope(
            lambda: None,
            _("Tear off"),
            section=2,
            choices=torn,
            what=_("Shows a part in a window of its own."),
            words=windows,
        ),
    ]


def full_screen_action(toggle: Callable[[], object]) -> Action:
    """Fill the screen, and back."""
    what, words = _("Fills the screen; again: a window as before."), _("maximise whole monitor")
    return Action(toggle, _("Full screen"), ("F11",), 2, what=what, words=words)


def wall_actions(wall: Callable[[], QWidget], show: Callable[[], object]) -> list[Action]:
    """The keys of the wall; by name, it is shown and given the key."""

    def pressed(key: str) -> None:
        show()
        press(wall(), key)

    keys = (
        (("←", "→", "↑", "↓"), _("Next tile"), _("Goes from tile to tile.")),
        (("Enter",), _("Chart of the tile"), _("Opens the chart of the tile.")),
        (("A",), _("Acknowledge the tile's alerts"), _("Acknowledges the alerts of the tile.")),
    )
    return [
        Action(partial(pressed, written[0]), name, written, what=what, scope=ActionScope.IN_WALL)
        for written, name, what in keys
    ]
