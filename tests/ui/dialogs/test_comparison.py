"""Two sources' figures of one symbol beside each other."""

from __future__ import annotations

import numpy as np
import pytest

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
    drawn = [curve.getData()[1] for curve in dialog.curves]
    assert [float(np.nanmin(values)) for values in drawn] == pytest.approx([-4.0, -3.0])
    assert "% of the turnover so far" in dialog.caption.text()
    assert dialog.words.text().startswith("Same sign in 99")
    two.answers.error = ConnectionLost("longport", said("the network went away"), sent=False)
    dialog.again.click()
    assert "network went away" in dialog.words.text()
    assert dialog.again.isEnabled()
    dialog.close()
