from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from capflow_gui.domain.calibration import Calibration, Kind, Scale, Sign
from capflow_gui.domain.comparison import Comparison
from capflow_gui.feed.board import ComparedSources
from capflow_gui.present.comparison_words import comparison_words
from tests.unit.alerts.test_book import DAY, TENCENT

SHARES = np.zeros(331)
FOUND = Comparison(SHARES, SHARES, 240, 0.93, 0.91, 1, 0)
VERDICT = Calibration(Scale.PLAIN, Sign.SAME, Kind.RUNNING_TOTAL, 0.8)


def words(**changes: object) -> list[str]:
    found = replace(FOUND, **changes)  # type: ignore[arg-type]
    return comparison_words(ComparedSources(TENCENT, ("opend", "longport"), DAY, 8e9, found, (None, VERDICT)))


def test_two_that_agree() -> None:
    said = words()
    assert said[0] == "Same sign in 93% of the 240 minutes both have."
    assert said[1].startswith("They move alike: correlation 0.91")
    assert said[2] == "Neither is behind by more than a minute's label."
    assert said[3] == "Their amounts are of the same unit."
    assert said[4] == "Longport: unit fits the turnover, sign checked, running totals."


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"lag": 3}, "Longport is 3 minutes behind."),
        ({"lag": -4}, "OpenD is 4 minutes behind."),
        ({"lag": 0}, "Neither is behind."),
        ({"scale": 1}, "Amounts of OpenD are about 10,000 times those of Longport: another unit."),
        ({"scale": -1}, "Amounts of Longport are about 10,000 times those of OpenD: another unit."),
        ({"scale": None}, "The difference of their amounts is not one of units."),
        ({"correlation": None}, "Too few minutes in common to compare how they move."),
        ({"sign_agreement": None}, "Nothing has flowed yet."),
    ],
)
def test_where_they_differ(changes: dict[str, object], sentence: str) -> None:
    assert sentence in words(**changes)


def test_with_nothing_in_common_nothing_else_is_said() -> None:
    assert words(common=0) == ["OpenD and Longport have no minute in common yet."]


@pytest.mark.parametrize("changes", [{}, {"sign_agreement": 0.1, "correlation": -0.5, "scale": None}, {"scale": 2}])
def test_nobody_is_called_wrong(changes: dict[str, object]) -> None:
    text = " ".join(words(**changes)).lower()
    assert not any(word in text for word in ("wrong", "incorrect", "mistake", "false"))
