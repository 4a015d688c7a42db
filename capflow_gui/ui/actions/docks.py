"""The views at the sides of the window, as actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from capflow_gui.present.language.texts import _
from capflow_gui.ui.window.keys import Action, ActionScope, Choice


def place_actions(list_at: str, tables_below: str, arrange: Callable[[str, str], object]) -> list[Action]:
    """Where the list and the tables are, beside the chart."""
    lists = (("left", _("At the left")), ("right", _("At the right")), ("top", _("On top")))
    tables = (("chart", _("Below the chart")), ("list", _("Below the list")), ("window", _("Below both")))
    scope = partial(Action, lambda: None, section=2, words=_("arrange layout side"))
    return [
        scope(
            name=_("Place of the list"),
            choices=[(name, at == list_at, partial(arrange, at, tables_below)) for at, name in lists],
            what=_("Puts the list at the left of the chart, at the right, or on top."),
        ),
        scope(
            name=_("Place of the tables"),
            choices=[(name, at == tables_below, partial(arrange, list_at, at)) for at, name in tables],
            what=_("Puts alerts, rules, tape and quality below the chart, the list, or both."),
        ),
    ]


def dock_actions(open_one: Callable[[str], object], docked: Mapping[str, Sequence[Choice]]) -> list[Action]:
    """What can be docked, and of each view that is, by its name, where it can stand."""
    kinds = (
        ("chart", _("another chart")),
        ("grid", _("several charts")),
        ("wall", _("wall")),
        ("alerts", _("alerts")),
        ("tape", _("tape")),
        ("budget", _("poll budget")),
        ("log", _("program log")),
        ("clocks", _("market clocks")),
        ("table", _("chart as a table")),
        ("figures", _("what the numbers mean")),
    )
    scope = partial(
        Action, lambda: None, scope=ActionScope.WALL, section=2, words=_("dock panel side arrange split float")
    )
    what, where = (
        _("Shows a part at a side of the window."),
        _("Moves it to another side, lets it float, or closes it."),
    )
    choices = [(name, False, partial(open_one, kind)) for kind, name in kinds]
    return [
        scope(name=_("Dock"), choices=choices, what=what),
        *(
            scope(name=_("Docked: {name}").format(name=name), choices=places, what=where)
            for name, places in docked.items()
        ),
    ]
