"""Nine steps of the share of turnover, and ink that can be read on each."""

from __future__ import annotations

import pytest

from capflow_gui.ui.theme import build_theme, contrast
from capflow_gui.ui.wall.colors import EDGES, fills, ink_on, step_of


def test_a_step_begins_at_the_figure_that_is_shown() -> None:
    assert [step_of(edge) for edge in EDGES] == [1, 2, 3, 4]
    assert [step_of(-edge) for edge in EDGES] == [-1, -2, -3, -4]
    shares = (0.0, 0.0044, -0.0044, 0.0046, -0.0146, 0.3)
    assert [step_of(share) for share in shares] == [0, 0, 0, 1, -2, 4]


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("palette", ["green_up", "red_up", "colour_blind"])
def test_every_step_can_be_read_and_told_from_its_neighbours(scheme: str, palette: str) -> None:
    theme = build_theme(scheme, palette)
    steps = fills(theme)
    assert list(steps) == list(range(-4, 5))
    assert min(contrast(ink_on(fill), fill) for fill in steps.values()) >= 4.48
    assert len({fill.name() for fill in steps.values()}) == 9


@pytest.mark.usefixtures("qapp")
def test_red_up_swaps_the_two_sides() -> None:
    usual, swapped = fills(build_theme("dark", "green_up")), fills(build_theme("dark", "red_up"))
    assert [usual[step] for step in range(-4, 5)] == [swapped[-step] for step in range(-4, 5)]
