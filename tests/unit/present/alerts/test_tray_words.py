"""What the icon in the tray says."""

from __future__ import annotations

import pytest

from capflow_gui.present.alerts.tray_words import badge_words, tray_words


@pytest.mark.parametrize(("waiting", "words"), [(0, "no alert waits"), (1, "1 alert waits"), (40, "40 alerts wait")])
def test_it_says_how_many_alerts_wait(waiting: int, words: str) -> None:
    assert tray_words(waiting, 0, simulated=False) == f"Capflow: {words}"


def test_troubles_have_a_line() -> None:
    assert tray_words(0, 1, simulated=True).split("\n") == [
        "Capflow · SIMULATED: no alert waits",
        "1 trouble, see the status bar",
    ]
    assert "2 troubles" in tray_words(0, 2, simulated=False)


def test_a_large_count_stays_short() -> None:
    assert [badge_words(count) for count in (0, 1, 9, 10, 400)] == ["", "1", "9", "9+", "9+"]
