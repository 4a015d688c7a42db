"""Money in and out by order size: the figures, when they have colour, and what is said without them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from capflow_gui.domain.quote import Distribution
from capflow_gui.feed.board import Freshness, Row
from capflow_gui.ui.flow_views.in_out import InOut, InOutPanel, in_out_lines, is_true
from capflow_gui.ui.theme import Theme
from tests.ui import market_day as md
from tests.visual.approved import channels

AT = float(md.at(14, 31, 20))
FOUR = Distribution(
    md.TENCENT,
    AT,
    {"extra_large": 40.0, "large": 30.0, "medium": 20.0, "small": 10.0},
    {"extra_large": 60.0, "large": 20.0, "medium": 20.0, "small": 0.0},
)
THREE = Distribution(
    md.TENCENT,
    AT,
    {"extra_large": None, "large": 3e6, "medium": None, "small": 1e6},
    {"extra_large": None, "large": 1e6, "medium": None, "small": 1e6},
)


def row(**facts: object) -> Row:
    return replace(md.row(md.flow(243)), distribution=FOUR, **facts)  # type: ignore[arg-type]


def test_shares_are_of_each_side_and_the_last_line_is_all_of_it() -> None:
    lines = in_out_lines(FOUR)
    assert [line.size for line in lines] == ["extra_large", "large", "medium", "small", ""]
    assert lines[0] == InOut("extra_large", 40.0, 60.0, 0.4, 0.6)
    assert (lines[-1].inflow, lines[-1].outflow, lines[-1].net) == (100.0, 100.0, 0.0)
    assert [line.net for line in lines[:2]] == [-20.0, 10.0]


def test_a_size_that_is_not_given_is_no_zero() -> None:
    assert [line.size for line in in_out_lines(THREE)] == ["large", "small", ""]
    half = replace(THREE, outflow={"large": None, "small": 1e6})
    assert math.isnan(in_out_lines(half)[0].net)
    assert in_out_lines(half)[0].out_share is None
    assert in_out_lines(Distribution(md.TENCENT, AT, {}, {})) == []


@pytest.mark.parametrize(
    ("facts", "now", "ready", "true"),
    [
        ({}, AT + 60, True, True),
        ({}, AT + 181, True, False),
        ({}, AT + 60, False, False),
        ({"freshness": Freshness.STALE}, AT + 60, True, False),
        ({"flagged": True}, AT + 60, True, False),
        ({"freshness": Freshness.CLOSED}, AT + 86_400, True, True),
        ({"freshness": Freshness.LUNCH, "distribution": replace(FOUR, time=AT - 600)}, AT, True, False),
        ({"distribution": None}, AT, True, False),
    ],
)
def test_it_is_true_while_its_row_is_and_it_is_no_older(
    facts: dict[str, object], now: float, *, ready: bool, true: bool
) -> None:
    found = replace(row(), **facts)  # type: ignore[arg-type]
    assert is_true(found, now, link_ready=ready) is true


def colours(panel: InOutPanel) -> int:
    """How many points have a hue of their own."""
    shown = channels(panel.grab().toImage()).astype(int)
    return int((np.ptp(shown, axis=2) > 60).sum())


def test_the_panel_loses_its_colour_with_its_truth_and_says_what_is_missing(qtbot: QtBot, theme: Theme) -> None:
    panel = InOutPanel(theme)
    qtbot.addWidget(panel)
    panel.resize(700, panel.sizeHint().height())
    panel.show_row(row(), AT + 20, link_ready=True)
    panel.resize(700, panel.sizeHint().height())
    assert "true at 14:31:20" in panel.accessibleDescription()
    assert "Large: in 30.0, out 20.0" in panel.accessibleDescription()
    assert colours(panel) > 2000
    panel.show_row(row(freshness=Freshness.STALE), AT + 20, link_ready=True)
    assert colours(panel) == 0
    for narrow in (490, 330):
        panel.resize(narrow, panel.height())
        panel.grab()
    high = panel.sizeHint().height()
    panel.show_row(replace(row(), distribution=None), AT, link_ready=True)
    assert panel.accessibleDescription() == "No distribution from this source yet."
    assert panel.sizeHint().height() < high
    panel.show_row(row(), AT, link_ready=True, absence="Not recorded.")
    assert panel.accessibleDescription() == "Not recorded."
    panel.show_row(replace(row(), distribution=THREE, classes=False, source="longport"), AT, link_ready=True)
    assert "Longport" in panel._title
