"""What is marked on a session's lines."""

from __future__ import annotations

from dataclasses import replace

from capflow_gui.ui.chart.layers.plot_state import plot_state
from capflow_gui.ui.chart.session_data import session_data
from capflow_gui.ui.flow_views.marked import Marked
from tests.ui import market_day as md
from tests.ui.chart.gestures import THRESHOLD


def test_every_alert_of_the_session_is_marked_and_the_rows_own_is_named() -> None:
    series = md.flow(243)
    own = md.breach(series, THRESHOLD)
    early = replace(own, id="2", line_time=md.at(10, 30), rule_id="rule:1")
    others = (early, replace(early, id="3", session="2026-11-19"), replace(early, id="4", cannot_judge=True), own)
    data = session_data(series, md.hk_day())
    row = md.row(series, threshold=THRESHOLD, alert=own)
    state = plot_state(row, data, marked=Marked(others, revised=(md.at(11, 0), md.at(11, 0), md.at(10, 0))))
    assert state.fired == (60, round(md.hk_day().index(own.line_time)))
    assert state.revised == (30, 90)
    assert state.reached
    since = state.since(60)
    assert (since.threshold, since.reached, since.fired, since.revised) == (None, "", state.fired[1:], (90,))
