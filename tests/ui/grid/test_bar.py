"""The line over the grid: what is chosen, and what gives way where there is little room."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.grid.bar import GridBar
from capflow_gui.ui.theme import Theme


@pytest.mark.parametrize("whole", [True, False])
def test_it_says_what_is_chosen_and_offers_one_chart_and_the_wall_in_the_main_window_alone(
    theme: Theme, qtbot: QtBot, whole: bool
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    bar = GridBar(theme, parent, whole=whole)
    parent.show()
    sizes, minutes = list[object](), list[object]()
    bar.size_chosen.connect(sizes.append)
    bar.minutes_chosen.connect(minutes.append)
    for key in list(bar.sizes._buttons):
        bar.sizes._buttons[key].click()
    bar.minutes._buttons[True].click()
    bar.shares_chosen.connect(minutes.append)
    bar.shares._buttons[True].click()
    assert sizes == ([1, 4, 9, 16, 0] if whole else [4, 9, 16])
    assert minutes == [True, True]
    parent.resize(1200, 60)
    bar.resize(1200, 40)
    assert not bar._fill.isHidden()
    assert bar._tear.isHidden() is not whole
    bar.resize(bar.minimumSizeHint())
    assert bar._fill.isHidden()
    assert bar.minutes.isHidden()
