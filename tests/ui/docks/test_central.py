"""List, chart and tables are where they are wanted, and every size comes back."""

from __future__ import annotations

import json
from itertools import product

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtWidgets import QApplication, QSplitter, QWidget

from capflow_gui.ui.theme import apply_theme, build_theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.window_fixture import arranged


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
    assert arranged(window).views.central.tables_below == "window"
    window.restore(before)
    arranged(window)
    assert isinstance(window.detail.parentWidget(), QSplitter)
    assert window.detail.parentWidget() is window.views.central.inner
    window.restore(layout)
    assert arranged(window).state() == layout
    window.views.show(1)
    QApplication.processEvents()
    assert window.watchlist.height() == list_height


def test_list_and_chart_stand_below_each_other_where_there_is_no_room_and_come_back_as_they_were(
    window: MainWindow,
) -> None:
    central, across = window.views.central, Qt.Orientation.Horizontal
    central.outer.setSizes([700, 900])
    settle(window, 1600)
    sizes, kept = central.outer.sizes(), central.sizes()
    settle(window, 640)
    assert central.outer.orientation() is not across
    assert corner(window, window.watchlist)[1] < corner(window, window.views.place)[1]
    assert central.list_at == "left", "what is kept is the arrangement that was chosen"
    assert central.sizes().startswith(kept)
    settle(window, 1600)
    assert (central.outer.orientation(), central.outer.sizes()) == (across, sizes)
    settle(window, 1000)
    assert central.outer.orientation() is across
    before, large = window.dialogs.theme, build_theme("dark", "green_up", 2.0)
    for theme in (large, before):
        apply_theme(QApplication.instance(), theme)  # type: ignore[arg-type]
        window.set_theme(theme)
        assert (central.outer.orientation() is across) == (theme is before), "larger text asks for more room"


class _Sizes(QObject):
    """Counts how often each of some widgets is given another size."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self.counted = dict.fromkeys(widgets, 0)
        for each in widgets:
            each.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and isinstance(watched, QWidget):
            self.counted[watched] += 1
        return False


def test_what_the_parts_hold_is_laid_out_once_where_they_change_their_places(window: MainWindow) -> None:
    settle(window, 1600)
    inside = window.watchlist.table.parentWidget(), window.views.place.currentWidget(), window.detail.alerts
    sizes = _Sizes(*inside)
    for act in (
        lambda: settle(window, 640),
        lambda: settle(window, 1600),
        lambda: window.views.arrange("top", "window"),
        lambda: window.views.arrange("left", "chart"),
    ):
        sizes.counted = dict.fromkeys(inside, 0)
        act()
        QApplication.processEvents()
        assert max(sizes.counted.values()) == 1, list(sizes.counted.values())


def test_what_is_chosen_or_restored_without_room_waits_for_it(window: MainWindow) -> None:
    central, across = window.views.central, Qt.Orientation.Horizontal
    first = central.outer.sizes(), central.inner.sizes()
    central.outer.setSizes([700, 900])
    settle(window, 1600)
    kept, sizes = central.sizes(), central.outer.sizes()
    window.views.arrange("right", "chart")
    settle(window, 640)
    assert corner(window, window.watchlist)[1] < corner(window, window.views.place)[1]
    window.restore({**window.state(), "splitter": kept, "list_at": "left"})
    arranged(window)
    assert not central.restore_sizes("what|ever…")
    window.views.show(4)
    settle(window, 640)
    window.views.show(1)
    settle(window, 1600)
    assert (central.outer.orientation(), central.outer.sizes()) == (across, sizes)
    settle(window, 640)
    window.views.arrange("left", "chart")
    settle(window, 1600)
    assert (central.outer.sizes(), central.inner.sizes()) == first, "an arrangement begins with its first sizes"


def test_a_docked_view_leaves_less_room_and_gives_it_back(window: MainWindow) -> None:
    central, across = window.views.central, Qt.Orientation.Horizontal
    settle(window, 1000)
    assert central.outer.orientation() is across
    dock = window.views.docks.open({"kind": "chart", "symbol": "3690.HK"})
    assert dock is not None
    settle(window, 1000)
    assert central.outer.orientation() is not across
    dock.close()
    settle(window, 1000)
    assert central.outer.orientation() is across


def settle(window: MainWindow, width: int) -> None:
    """Give the window a width, in pixels, and its parts their places."""
    window.resize(width, 1000)
    QApplication.processEvents()
