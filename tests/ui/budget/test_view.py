"""The poll budget on screen: opened by key and click, read while it is looked at, brought back as it was."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from capflow_gui.feed.poll_budget import CallMark
from capflow_gui.ui.budget.view import PollBudgetView
from capflow_gui.ui.theme import build_theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.budget.budgets import poll_budget
from tests.ui.typed_keys import press
from tests.ui.window_fixture import open_window, shut


def opened(window: MainWindow) -> PollBudgetView:
    view = window.panels.budget().findChild(PollBudgetView)
    assert view is not None
    return view


def test_its_key_opens_it_and_escape_closes_it(window: MainWindow, board: HandBoard) -> None:
    board.poll_budgets = (poll_budget(),)
    assert window.panels.budget.made is None
    press(Qt.Key.Key_B, Qt.KeyboardModifier.ShiftModifier)
    panel = window.panels.budget()
    assert panel.isVisible()
    assert panel.windowTitle() == "Poll budget – Capflow"
    assert panel._timer.isActive()
    view = opened(window)
    assert view.used.text() == "28"
    assert view.sources.isHidden()
    board.poll_budgets = (poll_budget(used=12),)
    panel._timer.timeout.emit()
    assert view.used.accessibleName() == "12 of 30 requests in the last 30 s"
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert not panel._timer.isActive()


def test_it_is_among_the_commands_and_a_simulator_is_marked(window: MainWindow, board: HandBoard) -> None:
    board.simulated = True
    (command,) = [each for each in window.keys.commands() if each.name == "Poll budget"]
    command.run()
    assert window.panels.budget().windowTitle() == "SIMULATED · Poll budget – Capflow"
    assert window.panels.budget()._simulated.isVisible()
    board.simulated = False
    window._tick()
    assert not window.panels.budget()._simulated.isVisible()


def test_a_click_on_a_sources_meter_shows_its_quota(window: MainWindow, board: HandBoard) -> None:
    board.poll_budgets = (poll_budget("longport", used=3), poll_budget())
    window._tick()
    window.status.grab()
    QTest.mouseMove(window.status, QPoint(40, 10))
    QTest.mouseClick(window.status, Qt.MouseButton.LeftButton, pos=QPoint(40, 10))
    view = opened(window)
    assert (view.sources.current(), view.used.text()) == ("opend", "28")
    view.sources.choose("longport")
    assert view.used.text() == "3"
    window.panels.budget().close()
    right = window.status.width() - 4
    QTest.mouseClick(window.status, Qt.MouseButton.LeftButton, pos=QPoint(right, 10))
    assert not window.panels.budget().isVisible()


def test_before_any_source_it_says_so(window: MainWindow) -> None:
    window.panels.open_budget()
    assert opened(window)._of.text() == "No source is connected yet."


def test_what_is_chosen_comes_back_and_what_is_odd_is_left_out(window: MainWindow, board: HandBoard) -> None:
    board.poll_budgets = (poll_budget(), poll_budget("longport"))
    panels = window.panels
    assert panels.state() == {}
    panels.open_budget("longport")
    opened(window)._span.click()
    kept = panels.state()
    assert kept["budget"]["view"] == {"source": "longport", "span": 60}
    panels.budget().close()
    other = open_window(board)
    other.panels.restore({"gone": {}, **kept})
    assert other.panels.budget().isVisible()
    assert opened(other).state() == {"source": "longport", "span": 60}
    odd = {"budget": {"open": 1, "size": [1, "x"], "view": {"source": 4, "span": 17}}}
    other.panels.restore({**odd, "budget": {**odd["budget"], "size": [10, 10**9]}})
    other.panels.restore(odd)
    assert opened(other).state() == {"source": "longport", "span": 60}
    shut(other)


def test_each_part_can_be_read_aloud(window: MainWindow, board: HandBoard) -> None:
    board.poll_budgets = (poll_budget(),)
    window.panels.open_budget()
    view = opened(window)
    assert view.strip.accessibleName() == "Calls of the last 30 s"
    assert view.strip.accessibleDescription().startswith("Flow 20, History 2")
    assert view.ages.accessibleDescription().endswith("80 s: 1")
    assert view._costs[1].bar.accessibleName() == "+20: on screen 10 s, off screen 57 s"
    turns = view.turns.turns
    assert turns.data(turns.index(1, 3)) == "on screen"
    assert turns.data(turns.index(0, 0), Qt.ItemDataRole.EditRole) is None


def test_the_table_follows_without_losing_its_place(window: MainWindow, board: HandBoard) -> None:
    board.poll_budgets = (poll_budget(),)
    window.panels.open_budget()
    view = opened(window)
    view.turns.selectRow(3)
    now = board.poll_budgets[0]
    board.poll_budgets = (replace(now, turns=now.turns[::-1]),)
    view.refresh()
    assert [index.row() for index in view.turns.selectionModel().selectedRows()] == [3]
    board.poll_budgets = (replace(now, turns=(), waiting=(), calls=(CallMark("capital_flow", 99.0, refused=True),)),)
    view.refresh()
    assert view.turns.turns.rowCount() == 0
    view.strip.grab()


def test_it_takes_another_theme(window: MainWindow, board: HandBoard) -> None:
    board.poll_budgets = (poll_budget(),)
    window.panels.open_budget()
    window.set_theme(build_theme("light", "green_up", 1.5))
    QApplication.processEvents()
    assert opened(window).minimumSizeHint().width() > 900
