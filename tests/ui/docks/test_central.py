"""List, chart and tables are where they are wanted, and every size comes back."""

from __future__ import annotations

import json
from itertools import product

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QSplitter, QWidget

from capflow_gui.ui.window.main_window import MainWindow


def corner(window: MainWindow, part: QWidget) -> tuple[int, int]:
    """The left upper corner of a part in the window, in pixels."""
    at = part.mapTo(window, QPoint())
    return at.x(), at.y()


def test_each_part_is_where_it_was_put_from_the_menu_and_all_is_as_before_when_it_is_put_back(
    window: MainWindow,
) -> None:
    central, views = window.views.central, window.views
    first = central.outer.sizes(), central.inner.sizes()
    chosen = {each.name: each.run for each in window.keys.commands() if each.name.startswith("Place of")}
    assert len(chosen) == 6
    for list_at, tables_below in product(("left", "right", "top"), ("chart", "list", "window")):
        views.arrange(list_at, tables_below)
        QApplication.processEvents()
        of_list, chart, tables = (corner(window, part) for part in (window.watchlist, views.place, window.detail))
        assert (of_list[0] < chart[0], of_list[0] > chart[0], of_list[1] < chart[1]) == (
            list_at == "left",
            list_at == "right",
            list_at == "top",
        )
        above = {"chart": chart, "list": of_list, "window": min(chart, of_list)}[tables_below]
        assert (tables[0], tables[1] > above[1]) == (above[0], True)
        assert min(part.height() for part in (window.watchlist, views.place, window.detail)) >= 100
        dividers = [each.handle(1).accessibleName() for each in (central.outer, central.inner)]
        assert dividers == ["Divider", "Divider"]
    chosen["Place of the list: At the left"]()
    views.arrange("left", "chart")
    QApplication.processEvents()
    assert (central.outer.sizes(), central.inner.sizes()) == first


def test_an_arrangement_is_part_of_the_layout_also_around_a_grid(window: MainWindow) -> None:
    before = window.state()
    window.views.arrange("top", "window")
    QApplication.processEvents()
    list_height = window.watchlist.height()
    window.views.show(4)
    QApplication.processEvents()
    assert window.watchlist.height() < list_height
    layout = json.loads(json.dumps(window.state()))
    assert (layout["list_at"], layout["tables_below"]) == ("top", "window")
    window.restore({**before, "tables_below": "nowhere"})
    assert window.views.central.tables_below == "window"
    window.restore(before)
    assert isinstance(window.detail.parentWidget(), QSplitter)
    assert window.detail.parentWidget() is window.views.central.inner
    window.restore(layout)
    QApplication.processEvents()
    assert window.state() == layout
    window.views.show(1)
    QApplication.processEvents()
    assert window.watchlist.height() == list_height
