"""One tour at a time, left by Esc."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from capflow_gui.ui.window.main_window import MainWindow


def test_a_tour_asked_for_again_begins_anew_and_esc_leaves_it(window: MainWindow) -> None:
    assert not window.guide.end()
    window.start_tour()
    first = window.guide.tour
    assert first is not None
    first.move(1)
    window.start_tour()
    assert window.guide.tour is not None
    assert window.guide.tour is not first
    window.watchlist.setFocus()
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_Escape)
    assert window.guide.tour is None
