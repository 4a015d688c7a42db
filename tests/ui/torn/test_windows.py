"""The set of windows torn off: kept, brought back, closed with the main one."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from capflow_gui.domain.lists.groups import Group
from capflow_gui.settings import Settings
from capflow_gui.ui.theme import Theme, build_theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.window_fixture import TENCENT, open_window, shut


def test_what_was_open_comes_back_at_the_next_start_at_its_place(
    window: MainWindow, board: HandBoard, theme: Theme
) -> None:
    for state in ({"kind": "chart", "symbol": "3690.HK"}, {"kind": "wall"}, {"kind": "nothing"}):
        window.views.torn.open(state)
    chart, _wall = window.views.torn.open_ones
    chart.resize(640, 480)
    kept = window.kept_state().torn
    assert [state["kind"] for state in kept] == ["chart", "wall"]
    again = open_window(board, Settings())
    odd = {"kind": "chart", "symbol": 7, "geometry": 9, "period": "decade"}
    assert [*again.views.restore_torn([*kept, {"kind": 4}, odd])] == [None] * 4
    opened = again.views.torn.open_ones
    assert [each.content.kind for each in opened] == ["chart", "wall", "chart"]
    assert (opened[0].width(), opened[0].height()) == (640, 480)
    assert opened[0].windowTitle().startswith("3690.HK")
    again.set_theme(build_theme("light"))
    shut(again)
    assert not any(each.isVisible() for each in opened)
    assert chart.isVisible()
    window.set_theme(theme)


def test_ctrl_t_tears_the_selected_chart_off_or_that_of_the_active_tile(window: MainWindow) -> None:
    tear = next(action for action in window._actions() if action.key == "Ctrl+T")
    tear.run()
    window.views.show(4)
    window.views.grid().tile(0).entered.emit()
    tear.run()
    assert [each.state()["symbol"] for each in window.views.torn.open_ones] == ["700.HK", "3690.HK"]


def test_over_an_empty_group_keys_are_for_the_symbol_of_the_chart(window: MainWindow, board: HandBoard) -> None:
    window.intents.set_groups(board.groups.with_group(Group("Tech", ())), "Made the group Tech.")
    window.watchlist.choose_tab(window.watchlist.tabs.all_keys().index("@Tech"))
    window.views.refresh()
    assert window.watchlist.table.current_symbol() is None
    assert window.chart.symbol == TENCENT
    actions = {action.name: action for action in window._actions()}
    assert actions["Tear off the chart"].why_not == ""
    actions["Tear off the chart"].run()
    assert [each.state()["symbol"] for each in window.views.torn.open_ones] == ["700.HK"]
    actions["Threshold of the selected symbol…"].run()
    assert window.dialogs.current is not None
    window.dialogs.current.close()


def test_what_needs_a_symbol_says_that_there_is_none(window: MainWindow, board: HandBoard) -> None:
    window.intents.remove(list(board.symbols))
    window.bridge.drain()
    assert window.current_symbol() is None
    actions = {action.name: action for action in window._actions()}
    assert actions["Tear off the chart"].why_not.startswith("No symbol is selected")
    for name in (
        *("Tear off the chart", "Threshold of the selected symbol…", "Session before", "Recorded sessions"),
        *("Calendar of recorded sessions…", "Pin the row at the top, or unpin it"),
    ):
        window.notice.dismiss()
        actions[name].run()
        assert window.notice.text().startswith("No symbol is selected"), name
    actions["Acknowledge the selected symbol's alerts"].run()
    assert window.notice.text() == "The selection has no alert that stands or waits."
    assert not [*window.views.torn.open_ones]


def test_a_window_that_the_user_closes_while_another_layout_is_brought_is_closed_once(
    window: MainWindow,
) -> None:
    torn = window.views.torn
    for _window in range(3):
        torn.open({"kind": "chart", "symbol": "700.HK", "geometry": ""})
    steps = torn.restore([])
    next(steps)
    torn.open_ones[0].close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert [*steps] == [None]
    assert torn.open_ones == []
