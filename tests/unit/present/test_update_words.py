from __future__ import annotations

from datetime import date

import pytest

from capflow_gui.present.update_words import update_reminder
from capflow_gui.settings import UpdateSettings

TODAY = date(2026, 11, 22)
NOT_YET = "You have not looked for updates of Capflow yet."


@pytest.mark.parametrize(
    ("updates", "said"),
    [
        (UpdateSettings(), ""),
        (UpdateSettings(remind=False, looked="2020-01-01"), ""),
        (UpdateSettings(remind=True), NOT_YET),
        (UpdateSettings(remind=True, looked="2026-10-24"), ""),
        (UpdateSettings(remind=True, looked="2026-10-23"), "You last looked for updates of Capflow 30 days ago."),
        (UpdateSettings(remind=True, looked="2026-09-22", reminded="2026-11-01"), ""),
        (
            UpdateSettings(remind=True, looked="2026-09-22", reminded="2026-10-22"),
            "You last looked for updates of Capflow 61 days ago.",
        ),
        (UpdateSettings(remind=True, reminded="2026-11-21"), ""),
        (UpdateSettings(remind=True, reminded="2026-10-20"), NOT_YET),
        # A clock that was wrong for a day must not silence it for ever.
        (UpdateSettings(remind=True, looked="2062-01-01"), NOT_YET),
    ],
)
def test_a_reminder_comes_when_it_is_due(updates: UpdateSettings, said: str) -> None:
    assert update_reminder(updates, TODAY) == said
