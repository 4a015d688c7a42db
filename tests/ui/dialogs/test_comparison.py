"""Two sources' figures of one symbol beside each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from capflow_gui.domain.comparison import Comparison
from capflow_gui.errors import ConnectionLost
from capflow_gui.feed.board import ComparedSources
from capflow_gui.ui.dialogs.comparison import ComparisonDialog
from tests.reasons import said
from tests.ui.boards import trading_day
from tests.ui.two_brokers import TENCENT, Two


def test_two_sources_are_compared_as_shares_of_turnover(two: Two) -> None:
    shares = np.full(331, np.nan)
    first, second = shares.copy(), shares.copy()
    first[:200], second[:200] = np.linspace(0, -0.04, 200), np.linspace(0, -0.03, 200)
    found = Comparison(first, second, 200, 0.99, 0.9, 0, 0)
    two.answers.compared = ComparedSources(TENCENT, ("opend", "longport"), trading_day(), 8e9, found)
    two.window.go_to(TENCENT)
    two.window.dialogs.open_comparison()
    dialog = two.window.dialogs.current
    assert isinstance(dialog, ComparisonDialog)
    assert two.answers.asked == [("compare", TENCENT)]
    assert [line.name for line in dialog.plot.lines] == ["OpenD", "Longport"]
    assert [dialog.plot.share_told(place) for place in (0, 1)] == ["−4.00%", "−3.00%"]
    QTest.keyClick(dialog.plot, Qt.Key.Key_Left)
    assert dialog.plot.index == 199
    QTest.keyClick(dialog.plot, Qt.Key.Key_Escape)
    assert dialog.plot.index is None
    assert dialog.isVisible(), "Esc takes the crosshair away first"
    two.answers.compared = replace(two.answers.compared, turnover=None)
    dialog.again.click()
    assert dialog.plot.share_told(0) == "−0.04", "amounts as given, where no share is known"
    assert dialog.words.text().startswith("Same sign in 99")
    two.answers.error = ConnectionLost("longport", said("the network went away"), sent=False)
    dialog.again.click()
    assert "network went away" in dialog.words.text()
    assert dialog.again.isEnabled()
    dialog.close()
