"""How the chart is looked at."""

from __future__ import annotations

from functools import partial

from capflow_gui.present.language.texts import _
from capflow_gui.ui.window.chart_slot import ChartSlot
from capflow_gui.ui.window.keys import Action, ActionScope


def chart_actions(chart: ChartSlot) -> list[Action]:
    """Order sizes stacked, the price, the money in and out, lines counted from a minute."""
    view, chosen, toggle = partial(Action, scope=ActionScope.CHART), chart.views.choices, chart.views.toggle
    stacked = _("Order sizes as lines") if chosen.stacked else _("Order sizes stacked")
    price = _("Hide the price") if chosen.price else _("Show the price beside the flow")
    in_out = _("Hide the money in and out") if chosen.in_out else _("Show the money in and out by order size")
    return [
        view(
            partial(toggle, "stacked"),
            stacked,
            ("U",),
            2,
            what=_("Draws order sizes one on the other: what flowed in upwards, what flowed out downwards."),
            words=_("classes stack area lines"),
        ),
        view(
            partial(toggle, "price"),
            price,
            ("P",),
            2,
            what=_("Draws the session's prices, as snapshots had them, on an axis at the left."),
            words=_("quote second axis"),
        ),
        view(
            partial(toggle, "in_out"),
            in_out,
            ("I",),
            2,
            what=_("Shows the day's money in and out by order size below the chart."),
            words=_("distribution inflow outflow"),
        ),
        view(
            chart.toggle_anchor,
            _("Count the lines from the crosshair's minute"),
            ("O",),
            what=_("Shows what flowed since the minute under the crosshair; again, or Esc: since the open."),
            words=_("anchor since origin"),
        ),
    ]
