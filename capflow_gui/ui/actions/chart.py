"""How the chart is looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from capflow_gui.domain.symbol import Symbol
from capflow_gui.present.language.texts import _
from capflow_gui.ui.flow_views.choices import MOST_COMPARED
from capflow_gui.ui.window.chart_slot import ChartSlot
from capflow_gui.ui.window.keys import Action, ActionScope


def chart_actions(chart: ChartSlot, selected: Callable[[], Sequence[Symbol]]) -> list[Action]:
    """Order sizes stacked, the price, the money in and out, lines counted from a minute, symbols compared."""
    return [*_view_actions(chart), *_compare_actions(chart, selected)]


def _compare_actions(chart: ChartSlot, selected: Callable[[], Sequence[Symbol]]) -> list[Action]:
    """The comparison of symbols; the selected one can be put into it, and taken out."""
    compared, compare = chart.views.choices.compared, chart.views.compare
    view, words = partial(Action, scope=ActionScope.CHART), _("together share of turnover")

    def toggle() -> None:
        symbols = list(selected())
        if chart.views.choices.compared:
            compare(())
        elif len(symbols) < 2:
            chart.said.emit(_("Select two to six rows of the list, then compare them."))
        else:
            compare(symbols)

    name = _("End the comparison") if compared else _("Compare the selected symbols")
    what = _("Shows net flow of up to six selected symbols together, as shares of their turnover.")
    actions = [view(toggle, name, ("X",), 2, what=what, words=words)]
    chosen = list(selected())
    symbol = chosen[0] if len(chosen) == 1 else None
    if compared and symbol is not None and symbol in compared:
        less = [each for each in compared if each != symbol]
        name = _("Take {symbol} out of the comparison").format(symbol=symbol)
        actions.append(view(lambda: compare(less), name, words=words))
    elif compared and symbol is not None and len(compared) < MOST_COMPARED:
        name = _("Add {symbol} to the comparison").format(symbol=symbol)
        actions.append(view(lambda: compare([*compared, symbol]), name, words=words))
    return actions


def _view_actions(chart: ChartSlot) -> list[Action]:
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
            lambda: None if chart.chart is None else chart.chart.toggle_anchor(),
            _("Count the lines from the crosshair's minute"),
            ("O",),
            what=_("Shows what flowed since the minute under the crosshair; again, or Esc: since the open."),
            words=_("anchor since origin"),
        ),
    ]
