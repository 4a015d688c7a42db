"""The words on the panes stand where they are true, and not over each other."""

from __future__ import annotations

import dataclasses
from datetime import date

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from capflow_gui.domain.flow import NET
from capflow_gui.ui.chart.chart import FlowChart
from capflow_gui.ui.flow_views.marked import Marked
from capflow_gui.ui.history.recorded import OtherSession
from tests.ui import market_day as md
from tests.ui.chart.gestures import settle


def test_a_wide_gap_says_what_it_brought_and_over_how_long(chart: FlowChart) -> None:
    whole = md.flow(200)
    keep = np.r_[0:90, 161:200]
    parts = {name: getattr(whole, name)[keep].copy() for name in ("timestamps", "confirmed", "line_flags")}
    series = msgspec.structs.replace(whole, values=whole.values[:, keep].copy(), **parts)
    chart.show_row(md.row(series), 0.0)
    box = chart.plot.marks.box("gap 161")
    assert box is not None
    frame = chart.plot.lines_frame
    assert frame.at_x(89) < box.left()
    assert box.right() < frame.at_x(161)
    others = chart.plot.marks.boxes("name ") | chart.plot.marks.boxes("caption ")
    assert not any(box.intersects(other) for other in others.values())
    chart.plot.zoom(0.3, 30)
    assert chart.plot.marks.box("gap 161") is None, "it is out of view"
    chart.show_row(md.row(md.flow(200)), 0.0)
    assert not chart.plot.marks.boxes("gap ")


def test_names_stay_at_the_lines_of_a_zoomed_chart(chart: FlowChart) -> None:
    names = set(chart.plot.marks.boxes("name "))
    chart.plot.zoom(0.2, 60)
    settle()
    boxes = chart.plot.marks.boxes("name ")
    assert set(boxes) == names
    frame = chart.plot.lines_frame
    assert all(frame.left <= box.left() and box.right() <= frame.right + 1 for box in boxes.values())


def test_a_click_on_a_name_lets_that_class_stand_alone(chart: FlowChart) -> None:
    box = chart.plot.marks.box(f"name {chart.plot.columns[0]}")
    assert box is not None
    viewport = chart.plot.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=QPoint(*map(round, box.center().toTuple())))
    assert chart.plot.solo == chart.plot.columns[0]
    assert not chart.plot.lines_frame.y.holds(chart.plot.data.values[NET, chart.plot.data.last])
    leaders = chart.plot.marks.box("leaders")
    assert leaders is not None
    frame = chart.plot.lines_frame
    assert frame.top <= leaders.top() < leaders.bottom() <= frame.bottom, "none leads to a line that is out of view"
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=QPoint(*map(round, box.center().toTuple())))
    assert chart.plot.solo is None or chart.plot.marks.box("name 5") != box


def test_the_mark_of_an_alert_raised_elsewhere_names_its_source(chart: FlowChart) -> None:
    series = md.flow()
    alert = md.breach(series, -100e6)
    chart.show_row(md.row(series, threshold=-100e6, alert=alert), 0.0)
    settle()
    assert not chart.plot.marks.boxes("breach source")
    chart.show_row(md.row(series, threshold=-100e6, alert=dataclasses.replace(alert, source="longport")), 0.0)
    settle()
    assert chart.plot.marks.boxes("breach source")
    assert chart.plot.state.fired_at == "Longport"


@pytest.mark.parametrize(("width", "valued"), [(1100, True), (640, False)])
def test_names_stand_beside_a_session_that_is_over_and_not_on_its_curves(
    chart: FlowChart, width: int, valued: bool
) -> None:
    chart.resize(width, 600)
    chart.show_row(md.row(md.flow(331)), 0.0)
    settle()
    plot, frame = chart.plot, chart.plot.lines_frame
    boxes = plot.marks.boxes("name ")
    assert len(boxes) == len(plot.columns)
    assert all(frame.at_x(330) < box.left() and box.right() <= frame.right + 2 for box in boxes.values())
    assert plot.names_valued is valued
    assert frame.at_x(0) - frame.left == pytest.approx(24, abs=1)


def test_the_room_for_names_is_what_is_left_of_the_session_and_changes_in_steps(chart: FlowChart) -> None:
    chart.resize(900, 600)
    ends = []
    for lines in (60, 120, 302, 306, 311, 331):
        chart.show_row(md.row(md.flow(lines)), 0.0)
        settle()
        ends.append(chart.plot.lines_frame.x.high)
    early, noon, *late = ends
    assert early == noon
    assert late[0] == late[1] == late[2] > early
    assert late[3] > late[2]


def test_a_hint_that_would_stand_on_a_curve_goes(chart: FlowChart) -> None:
    notes, plot = chart.notes, chart.plot
    widths = []
    for level in (-90e6, -160e6):
        chart.show_row(md.row(md.flow(331), threshold=level), 0.0)
        settle()
        box = plot.marks.box("pill")
        assert box is not None
        assert plot.data is not None
        assert not notes._holds_curve(plot.data, box)
        widths.append(box.width())
    crossed, clear = widths
    assert clear > 2 * crossed


@pytest.mark.parametrize("seed", [3, 9, 21, 40])
def test_the_name_of_another_session_touches_no_part_of_its_curve(chart: FlowChart, seed: int) -> None:
    before = md.hk_day(date(2026, 11, 19))
    other = OtherSession("Thu 19 Nov", md.flow(331, seed=seed, day=before), before, compared=True)
    chart.show_row(md.row(md.flow(331)), 0.0, other=other)
    settle()
    plot, box = chart.plot, chart.plot.marks.box("beside")
    assert box is not None
    assert plot.beside_shown is not None
    frame = plot.lines_frame
    on = [frame.at_y(float(value)) for value in plot.beside_shown.values]
    assert not any(box.contains(frame.at_x(index), y) for index, y in enumerate(on))


def test_the_pill_of_a_tile_never_stands_on_the_newest_part_of_a_curve(chart: FlowChart) -> None:
    plot, notes = chart.plot, chart.notes
    plot.in_grid = True
    chart.setMinimumSize(0, 0)
    for (width, height), lines in (((250, 150), 243), ((430, 260), 331), ((640, 300), 70)):
        chart.resize(width, height)
        for level in (-20e6, -160e6, -900e6):
            chart.show_row(md.row(md.flow(lines), threshold=level), 0.0)
            settle()
            assert plot.data is not None
            box = plot.marks.box("pill")
            assert box is None or not notes._holds_curve(plot.data, box, lines - 31), (width, level)


@pytest.mark.parametrize("width", [120, 150, 190, 250, 330])
@pytest.mark.parametrize("lines", [20, 160, 243])
def test_no_name_in_a_narrow_tile_is_cut_off(chart: FlowChart, width: int, lines: int) -> None:
    chart.plot.in_grid = True
    chart.setMinimumSize(0, 0)
    chart.resize(width, 150)
    chart.show_row(md.row(md.flow(lines)), 0.0)
    settle()
    frame = chart.plot.lines_frame
    for name, box in chart.plot.marks.boxes("name ").items():
        assert frame.left - 2 <= box.left(), (name, width, lines)
        assert box.right() <= frame.right + 2, (name, width, lines)


def test_a_tile_with_room_beside_its_curves_has_a_pill(chart: FlowChart) -> None:
    chart.plot.in_grid = True
    chart.resize(640, 400)
    chart.show_row(md.row(md.flow(120), threshold=-900e6), 0.0)
    settle()
    assert chart.plot.marks.box("pill") is not None


def test_lines_that_were_revised_are_marked_and_said(chart: FlowChart) -> None:
    marked = Marked(revised=(md.at(10, 0), md.at(11, 0), md.at(15, 30)))
    chart.show_row(md.row(md.flow(243)), 0.0, marked=marked)
    settle()
    assert set(chart.plot.marks.boxes("revised")) == {"revised 30", "revised 90"}
    assert chart.pointer.readout(chart.plot.data, 30).note == "revised after it was confirmed"
    assert chart.pointer.readout(chart.plot.data, 31).note == ""
    chart.show_row(md.row(md.flow(243)), 0.0)
    assert not chart.plot.marks.boxes("revised")
