"""The tour points at parts of the real window."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from capflow_gui.ui.theme import Theme
from tests.ui.boards import HandBoard, row_of
from tests.ui.window_fixture import open_window, shut


def test_the_tour_of_the_window_is_asked_for_by_name_and_leads_to_every_part(theme: Theme, qtbot: QtBot) -> None:
    window = open_window(HandBoard.of(row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6)))
    assert window.guide.tour is None
    tour = next(command for command in window.keys.commands() if command.name == "Tour of the window")
    tour.run()
    assert window.guide.tour is not None
    titles = []
    while window.guide.tour is not None:
        titles.append(window.guide.tour.step.title)
        assert window.rect().contains(window.guide.tour.card.geometry())
        window.guide.tour.move(1)
    assert titles[0] == "Your list"
    assert len(titles) == 7
    assert window.watchlist.table.hasFocus()
    shut(window)
