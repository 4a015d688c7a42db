"""The words on the panes stand where they are true, and not over each other."""

from __future__ import annotations

import dataclasses

import msgspec
import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from capflow_gui.ui.chart import FlowChart
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
