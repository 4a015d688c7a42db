from __future__ import annotations

from datetime import date

import pytest

from capflow_gui.domain.period import date_window
from capflow_gui.errors import InvalidInput

TODAY = date(2022, 6, 8)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (None, None, (date(2021, 6, 8), TODAY)),
        (None, date(2022, 1, 31), (date(2021, 1, 31), date(2022, 1, 31))),
        (date(2022, 3, 1), None, (date(2022, 3, 1), date(2023, 3, 1))),
        (date(2022, 3, 1), date(2022, 3, 1), (date(2022, 3, 1), date(2022, 3, 1))),
        (date(2022, 3, 1), date(2022, 3, 2), (date(2022, 3, 1), date(2022, 3, 2))),
    ],
)
def test_the_brokers_table(start: date | None, end: date | None, expected: tuple[date, date]) -> None:
    assert date_window(start, end, TODAY) == expected


def test_start_after_end_is_refused() -> None:
    with pytest.raises(InvalidInput, match="start_after_end"):
        date_window(date(2022, 3, 2), date(2022, 3, 1), TODAY)
