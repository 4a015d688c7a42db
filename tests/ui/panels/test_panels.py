"""What opens the panels of a window, and brings them back."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTextBrowser

from capflow_gui.ui.theme import Role, build_theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.budget.budgets import poll_budget
from tests.ui.budget.test_view import opened
from tests.ui.window_fixture import open_window, shut


def test_a_click_on_a_sources_meter_shows_its_quota(window: MainWindow, board: HandBoard) -> None:
    board.poll_budgets = (poll_budget("longport", used=3), poll_budget())
    window._tick()
    window.status.grab()
    QTest.mouseMove(window.status, QPoint(40, 10))
    QTest.mouseClick(window.status, Qt.MouseButton.LeftButton, pos=QPoint(40, 10))
    QApplication.processEvents()
    view = opened(window)
    assert (view.sources.current(), view.used.text()) == ("opend", "28")
    view.sources.choose("longport")
    assert view.used.text() == "3"
    window.panels.budget().close()
    right = window.status.width() - 4
    QTest.mouseClick(window.status, Qt.MouseButton.LeftButton, pos=QPoint(right, 10))
    assert not window.panels.budget().isVisible()


def test_what_is_chosen_comes_back_and_what_is_odd_is_left_out(window: MainWindow, board: HandBoard) -> None:
    board.poll_budgets = (poll_budget(), poll_budget("longport"))
    panels = window.panels
    assert panels.state() == {}
    panels.open_budget("longport")
    QApplication.processEvents()
    opened(window)._span.click()
    kept = panels.state()
    assert kept["budget"]["view"] == {"source": "longport", "span": 60}
    panels.budget().close()
    other = open_window(board)
    steps = other.panels.restore({"gone": {}, **kept})
    next(steps)
    assert not other.panels.budget().isVisible(), "it is made in one turn, and shown in the next"
    assert [*steps] == [None]
    assert other.panels.budget().isVisible()
    assert opened(other).state() == {"source": "longport", "span": 60}
    odd = {"budget": {"open": 1, "geometry": 7, "view": {"source": 4, "span": 17}}}
    assert [*other.panels.restore({**odd, "budget": {**odd["budget"], "geometry": "?"}})] == [None]
    assert [*other.panels.restore(odd)] == [None]
    assert other.panels.budget().isVisible()
    assert opened(other).state() == {"source": "longport", "span": 60}
    assert [*other.panels.restore({})] == []
    assert not other.panels.budget().isVisible()
    shut(other)


def test_a_panel_that_was_closed_is_made_as_it_was_once_it_is_opened(window: MainWindow, board: HandBoard) -> None:
    board.poll_budgets = (poll_budget(), poll_budget("longport"))
    window.panels.open_budget("longport")
    QApplication.processEvents()
    window.panels.budget().close()
    kept = window.panels.state()
    other = open_window(board)
    assert [*other.panels.restore(kept)] == []
    assert other.panels.budget.made is None
    assert other.panels.state() == kept
    other.panels.open_budget()
    QApplication.processEvents()
    assert opened(other).state()["source"] == "longport"
    assert other.panels.state()["budget"]["open"]
    shut(other)


def test_a_closed_panel_that_is_left_comes_back_as_it_was_and_an_open_one_stays(
    window: MainWindow, board: HandBoard
) -> None:
    board.poll_budgets = (poll_budget(), poll_budget("longport"))
    window.panels.open_budget("longport")
    QApplication.processEvents()
    window.panels.log().open()
    window.panels.budget().close()
    kept, log = window.panels.state(), window.panels.log()
    window.panels.leave_closed()
    assert window.panels.budget.made is None
    assert window.panels.state() == kept
    assert window.panels.log() is log
    assert log.isVisible()
    window.panels.open_budget()
    QApplication.processEvents()
    assert opened(window).state() == kept["budget"]["view"]
    window.panels.budget().close()
    log.close()
    window.panels.leave_closed()
    assert window.panels.state()["budget"]["view"] == kept["budget"]["view"]


def test_panels_are_given_another_theme_one_by_one_but_for_those_that_are_docked(window: MainWindow) -> None:
    window.panels.log().open()
    window.panels.clocks().open()
    window.views.docks.open({"kind": "clocks"})
    light = build_theme("light", font_scale=1.5)
    log = window.panels.log()
    assert [*window.panels.themed()] == [window.panels, log]
    assert log in window.themed()
    for part in window.themed():
        part.set_theme(light)
    text = window.panels.figures().findChild(QTextBrowser)  # made after it
    assert text is not None
    assert text.document().defaultFont() == light.font(Role.CELL)


def test_a_budget_that_was_asked_for_is_not_opened_once_the_window_rests(window: MainWindow) -> None:
    window.panels.open_budget()
    window.panels.rest()
    QApplication.processEvents()
    assert not window.panels.budget().isVisible()
    window.panels.leave_closed()
    window.panels.open_budget()
    window.panels.leave_closed()  # as another theme does
    QApplication.processEvents()
    assert window.panels.budget().isVisible()
