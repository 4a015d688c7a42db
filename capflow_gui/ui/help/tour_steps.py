"""What the tour of the window points at."""

from __future__ import annotations

from capflow_gui.present.language.texts import _
from capflow_gui.ui.help.tour import Step
from capflow_gui.ui.toolbar.bar import Toolbar
from capflow_gui.ui.watchlist.panel import WatchlistPanel
from capflow_gui.ui.window.chart_slot import ChartSlot
from capflow_gui.ui.window.detail_tabs import DetailTabs


def tour_steps(watchlist: WatchlistPanel, toolbar: Toolbar, chart: ChartSlot, detail: DetailTabs) -> list[Step]:
    """The steps, in their order."""
    return [
        Step(
            lambda: watchlist,
            _("Your list"),
            _(
                "Each row is a symbol, the worst share of turnover first. Click a header for another order; rest on a"
                " header or a figure, and it says what it is."
            ),
        ),
        Step(
            lambda: toolbar.search,
            _("Add, find, do"),
            _(
                "Type or paste codes in either style, 700.HK or HK.00700, or type what you want to do. Ctrl+K leads "
                "here from everywhere."
            ),
        ),
        Step(
            lambda: watchlist.tabs,
            _("Groups"),
            _("Tabs for groups of your own, and one for each market. + makes a group; drag rows onto its tab."),
        ),
        Step(
            lambda: chart,
            _("The session so far"),
            _(
                "Net since the open, and the order sizes where the broker gives them. Drag the dashed line: from "
                "there on you get an alert."
            ),
        ),
        Step(
            lambda: chart.head,
            _("How true is it?"),
            _(
                "At its right end stands how true the figures are. What is not true now is grey, everywhere. ⇧F1 "
                "explains every figure."
            ),
        ),
        Step(
            lambda: detail,
            _("Alerts, rules, tape"),
            _(
                "Alerts wait here until you acknowledge them (A). Rules say when to raise one; the tape notes what "
                "happened without any."
            ),
        ),
        Step(
            lambda: toolbar.menu_button,
            _("Everything else"),
            _("Settings, connections and this tour are in the menu. The ? key lists every key."),
        ),
    ]
