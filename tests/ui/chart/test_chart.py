"""The whole chart: its keys, its focus, and what it says in each state."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import NET
from capflow_gui.errors import UnknownSymbol
from capflow_gui.feed.board import Freshness
from capflow_gui.ui.chart.chart import FlowChart
from capflow_gui.ui.chart.session_data import Since
from capflow_gui.ui.theme import Theme, build_theme
from tests.ui import market_day as md
from tests.ui.chart.gestures import THRESHOLD, settle


def test_figures_may_come_before_the_first_layout(qtbot: QtBot, theme: Theme) -> None:
    """As where the chart is built into a window that is hidden, or about to close."""
    widget = FlowChart(theme)
    qtbot.addWidget(widget)
    widget.show_row(md.row(md.flow(243), threshold=THRESHOLD), 0.0)
    settle()
    assert widget.plot.data is not None
    widget.resize(813, 618)
    with qtbot.waitExposed(widget):
        widget.show()
    assert len(widget.plot.money.drawing().texts) >= 5


def test_a_modifier_and_an_arrow_step_the_threshold_by_one_per_cent(chart: FlowChart) -> None:
    reported: list[float] = []
    chart.threshold_changed.connect(reported.append)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
        QTest.keyClick(chart, key)
    assert reported == [], "an arrow alone moves no level"
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
        QTest.keyClick(chart, key, Qt.KeyboardModifier.AltModifier)
    assert reported == [pytest.approx(-1.98e8), pytest.approx(-2.02e8)]


def test_t_sets_a_rule_at_the_crosshair(chart: FlowChart) -> None:
    reported: list[float] = []
    chart.threshold_changed.connect(reported.append)
    QTest.keyClick(chart, Qt.Key.Key_T)
    assert not reported, "no crosshair, no rule"
    chart.pointer.stand(206)
    QTest.keyClick(chart, Qt.Key.Key_T)
    assert reported == [pytest.approx(md.flow(243).net[206], rel=1e-3)]


def test_zoom_keys_and_back(chart: FlowChart) -> None:
    whole = chart.plot.lines_frame.x
    chart.pointer.stand(100)
    QTest.keyClick(chart, Qt.Key.Key_Plus)
    assert chart.plot.lines_frame.x.size < whole.size
    assert chart.plot.bars_frame.x == chart.plot.lines_frame.x
    QTest.keyClick(chart, Qt.Key.Key_0)
    assert chart.plot.lines_frame.x == whole


def test_n_lets_one_line_after_the_other_stand_alone(chart: FlowChart) -> None:
    seen = []
    for _ in range(6):
        QTest.keyClick(chart, Qt.Key.Key_N)
        seen.append(chart.plot.solo)
    assert seen == [*reversed(chart.plot.columns), None]
    QTest.keyClick(chart, Qt.Key.Key_N)
    assert chart.accessibleDescription().startswith("Net alone.")


def test_the_ring_shows_focus_that_came_without_the_mouse(chart: FlowChart) -> None:
    other = QPushButton(chart)
    other.show()
    for reason in (Qt.FocusReason.OtherFocusReason, Qt.FocusReason.ShortcutFocusReason, Qt.FocusReason.TabFocusReason):
        other.setFocus()
        assert not chart._ring.isVisible()
        chart.setFocus(reason)
        assert chart._ring.isVisible()
    other.setFocus()
    chart.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not chart._ring.isVisible()
    QTest.keyClick(chart, Qt.Key.Key_Left)
    assert chart._ring.isVisible(), "a key needs to know where it goes"


def test_figures_that_are_not_true_now_lose_their_colour(chart: FlowChart) -> None:
    series = md.flow(243)
    for freshness, true in ((Freshness.STALE, False), (Freshness.LIVE, True), (Freshness.CLOSED, True)):
        chart.show_row(md.row(series, threshold=THRESHOLD, freshness=freshness), 0.0)
        assert chart.plot.look.true is true
    chart.show_row(md.row(series, flagged=True), 0.0)
    assert not chart.plot.look.true
    chart.show_row(md.row(series), 0.0, link_ready=False)
    assert not chart.plot.look.true


def test_without_figures_and_a_source_it_says_what_the_row_says(chart: FlowChart) -> None:
    chart.show_row(md.row(None, freshness=Freshness.NEVER_POLLED), 0.0, link_ready=False, absence="OpenD connecting")
    assert chart.accessibleDescription() == "700.HK · OpenD connecting"


def test_what_failed_its_checks_reaches_no_threshold(chart: FlowChart) -> None:
    series = md.flow(243)
    chart.show_row(md.row(series, threshold=THRESHOLD), 0.0)
    assert chart.plot.state.reached
    amber = chart.plot.look.breach.color()
    chart.show_row(md.row(series, threshold=THRESHOLD, flagged=True), 0.0)
    assert not chart.plot.state.reached
    assert chart.plot.look.breach.color() != amber


def test_the_alert_of_another_rule_is_marked_and_not_said_of_the_threshold(chart: FlowChart) -> None:
    series = md.flow(243)
    alert = replace(md.breach(series, THRESHOLD / 2), rule_id="rule:1", rule="net change 5m <= -2M")
    for threshold in (-9e9, None):
        chart.show_row(md.row(series, threshold=threshold, alert=alert), 0.0)
        settle()
        assert (len(chart.plot.state.fired), chart.plot.state.reached) == (1, "")
        assert chart.plot.marks.boxes("breach")
    chart.show_row(md.row(series, threshold=-9e9, alert=replace(alert, rule_id="own:700.HK")), 0.0)
    assert chart.plot.state.reached


def test_absence_is_a_sentence(chart: FlowChart) -> None:
    chart.show_row(md.row(None, freshness=Freshness.NEVER_POLLED), 0.0)
    assert "first answer" in chart.accessibleDescription()
    error = UnknownSymbol("opend", -1, "Unknown stock 7000.HK")
    chart.show_row(md.row(None, freshness=Freshness.ERROR, error=error), 0.0)
    assert "Unknown stock 7000.HK" in chart.accessibleDescription()


def test_the_chart_can_be_heard(chart: FlowChart) -> None:
    assert chart.accessibleName() == "Flow chart of 700.HK"
    assert "14:32" in chart.accessibleDescription()


def test_another_theme_repaints(chart: FlowChart) -> None:
    before = chart.grab().toImage()
    chart.set_theme(build_theme("light"))
    settle()
    assert chart.grab().toImage() != before
    assert chart.plot.backgroundBrush().color() == build_theme("light").panel


def test_a_click_counts_the_lines_from_its_minute_and_escape_from_the_open(chart: FlowChart) -> None:
    net, frame = md.flow(243).net, chart.plot.lines_frame
    told: list[Since | None] = []
    chart.since_changed.connect(told.append)
    chart.plot.tapped.emit(frame.at_x(72), frame.top + 60)
    settle()
    data = chart.plot.data
    assert data is not None
    assert (data.anchor, data.values[NET, 72], data.values[NET, 242]) == (72, 0.0, pytest.approx(net[-1] - net[72]))
    assert np.isnan(data.values[:, 71]).all(), "nothing is said of the time before"
    assert told == [Since("10:42", pytest.approx(net[-1] - net[72]), pytest.approx(data.values[1, 242]))]
    assert chart.plot.state.threshold is None, "a level of net since the open has no line there"
    assert "Since 10:42" in chart.accessibleDescription()
    assert open_button(chart).isVisible()
    chart.pointer.stand(100)
    assert chart.pointer.readout(data, 100).heads[0] == "since 10:42"
    chart.show_row(md.row(md.flow(244), threshold=THRESHOLD), 0.0)
    assert chart.plot.data.anchor == 72, "a reply ends nothing"
    QTest.keyClick(chart, Qt.Key.Key_Escape)
    assert chart.plot.data.anchor is None, "one press is enough, wherever the mouse is"
    assert chart.pointer.index == 100
    QTest.keyClick(chart, Qt.Key.Key_Escape)
    assert chart.pointer.index is None
    assert told[-1] is None
    assert not open_button(chart).isVisible()
    assert chart.plot.state.threshold == THRESHOLD


def test_o_counts_from_the_crosshairs_minute_and_back(chart: FlowChart) -> None:
    chart.pointer.stand(206)
    for anchor in (206, None):
        QTest.keyClick(chart, Qt.Key.Key_O)
        assert chart.plot.data is not None
        assert chart.plot.data.anchor == anchor


def test_lines_are_counted_from_a_minute_that_has_one(chart: FlowChart) -> None:
    """In a gap it is the one before; another day's session has no such minute and begins at its open."""
    series = md.flow(243)
    part = [*range(40), *range(90, 243)]
    confirmed, flags = series.confirmed[part].copy(), series.line_flags[part].copy()
    holed = msgspec.structs.replace(
        series,
        timestamps=series.timestamps[part].copy(),
        values=series.values[:, part].copy(),
        confirmed=confirmed,
        line_flags=flags,
    )
    chart.show_row(md.row(holed), 0.0)
    chart.set_anchor(60)
    assert chart.plot.data is not None
    assert chart.plot.data.anchor == 39
    chart.show_row(md.row(md.flow(243, day=md.us_day()), day=md.us_day()), 0.0)
    assert chart.plot.data.anchor is None
    chart.set_anchor(60)
    derived = md.flow(243, classes=False)
    chart.show_row(replace(md.row(derived), class_flow=md.snapshots((10, 5, 3), (11, 0, 9), series=derived)), 0.0)
    chart.set_anchor(60)
    assert chart.plot.columns == (NET,), "classes known at snapshots have no figure at the minute"


def test_a_double_click_counts_from_nowhere_new(chart: FlowChart) -> None:
    QTest.mouseClick(chart.plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    assert chart.plot.data is not None
    assert chart.plot.data.anchor is not None
    QTest.mouseDClick(chart.plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    assert chart.plot.data.anchor is None


def open_button(chart: FlowChart) -> QPushButton:
    return next(button for button in chart.findChildren(QPushButton) if button.text() == "From the open")
