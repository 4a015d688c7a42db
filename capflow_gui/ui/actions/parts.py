"""The keys of the window's parts, which work while a part has the keyboard, as actions with names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.ui.keyboard import press
from capflow_gui.ui.window.chart_slot import ChartSlot
from capflow_gui.ui.window.detail_tabs import DetailTabs
from capflow_gui.ui.window.keys import Action, ActionScope

Key = tuple[str, str, tuple[str, ...]]  # its name, a sentence of what it does, how it is written


def part_actions(table: QWidget, detail: DetailTabs, chart: ChartSlot) -> list[Action]:
    """What list, tabs and chart do with a key; by name, the part is given the keyboard and the key."""

    def show_strip() -> None:
        if not chart.strip.is_shown:
            chart.toggle_strip()

    no_session = "" if chart.recorded.dates() else chart.recorded.fault or _("No session is recorded yet.")
    return [
        *_keys(_list_keys(), ActionScope.IN_LIST, lambda: table),
        *_keys(_alert_keys(), ActionScope.IN_ALERTS, lambda: detail.alerts, detail.focus_alerts),
        *_keys(_rule_keys(), ActionScope.IN_RULES, detail.rules, detail.focus_rules),
        *_keys(_chart_keys(), ActionScope.IN_CHART, lambda: chart.chart or chart),
        *_keys(_session_keys(), ActionScope.IN_SESSIONS, chart.strip, show_strip, no_session),
        *_keys(_tape_keys(), ActionScope.IN_TAPE, detail.tape, detail.focus_tape),
    ]


def _keys(
    keys: list[Key],
    scope: ActionScope,
    part: Callable[[], QWidget],
    show: Callable[[], object] = lambda: None,
    why_not: str = "",
) -> list[Action]:
    def pressed(key: str) -> None:
        show()
        press(part(), key)

    return [
        Action(partial(pressed, written[0]), name, written, what=what, scope=scope, why_not=why_not)
        for name, what, written in keys
    ]


def _list_keys() -> list[Key]:
    return [
        (_("Next row"), _("Selects the row below."), ("↓", "J")),
        (_("Row before"), _("Selects the row above."), ("↑", "K")),
        (_("To the chart"), _("Gives the chart the keyboard."), ("Enter",)),
        (_("Move the row up"), _("Moves the row up in an order of your own."), ("Alt+↑",)),
        (_("Move the row down"), _("Moves the row down in an order of your own."), ("Alt+↓",)),
        (_("Take out of the group"), _("Takes the selected symbols out of the group shown."), ("Del",)),
        (_("Remove from the list"), _("Removes the selected symbols from the list and every group."), ("⇧Del",)),
    ]


def _alert_keys() -> list[Key]:
    return [(_("To the alert's symbol or minute"), _("Shows the row, or in the log the minute."), ("Enter",))]


def _rule_keys() -> list[Key]:
    return [
        (_("Edit the rule"), _("Opens the selected rule."), ("E", "Enter")),
        (_("Duplicate the rule"), _("Makes another rule of the selected one."), ("Ctrl+D",)),
        (_("Delete the rule"), _("Deletes the selected rule."), ("Del",)),
        (_("Switch the rule on or off"), _("Starts or stops judging the selected rule."), ("Space",)),
        (_("Mute the rule for the list's symbol"), _("Stops judging it for the selected symbol."), ("M",)),
    ]


def _chart_keys() -> list[Key]:
    return [
        (_("Minute before"), _("Moves the crosshair by a minute, or by a day."), ("←",)),
        (_("Minute after"), _("Moves the crosshair on by a minute, or by a day."), ("→",)),
        (_("Ten before"), _("Moves the crosshair by ten."), ("⇧←",)),
        (_("Ten after"), _("Moves the crosshair on by ten."), ("⇧→",)),
        (_("To the open"), _("Moves the crosshair to the first minute."), ("Home",)),
        (_("To the newest"), _("Moves the crosshair to the newest minute."), ("End",)),
        (_("Zoom in"), _("Shows less of the session, wider."), ("+",)),
        (_("Zoom out"), _("Shows more of the session."), ("−",)),
        (_("The whole session"), _("Shows all of it."), ("0",)),
        (_("Raise the threshold by 1 %"), _("Moves the line in the chart up."), ("Alt+↑",)),
        (_("Lower the threshold by 1 %"), _("Moves the line in the chart down."), ("Alt+↓",)),
        (_("Threshold at the crosshair"), _("Sets the symbol's threshold to the net there."), ("T",)),
        (_("Next line alone"), _("Shows one line after the other alone, then all."), ("N",)),
        (_("Cumulative, or per minute"), _("Shows running totals, or each minute's own flow."), ("C",)),
    ]


def _session_keys() -> list[Key]:
    return [
        (_("Session to the left"), _("Goes to the recorded session before."), ("←",)),
        (_("Session to the right"), _("Goes to the recorded session after."), ("→",)),
        (_("Oldest session"), _("Goes to the first recorded session."), ("Home",)),
        (_("Newest session"), _("Goes to the newest session."), ("End",)),
        (_("Earlier page"), _("Goes back by what is on screen, in the calendar by a month."), ("PgUp",)),
        (_("Later page"), _("Goes on by what is on screen, in the calendar by a month."), ("PgDn",)),
        (_("Show the session"), _("Shows the session that has the keyboard."), ("Enter",)),
        (_("Compare the session"), _("Draws the session behind the one shown."), ("⇧Enter",)),
    ]


def _tape_keys() -> list[Key]:
    return [(_("To the event's minute"), _("Shows the symbol at the minute of the event."), ("Enter",))]
