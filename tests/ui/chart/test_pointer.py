"""The minute that the crosshair is on, by mouse and keys, and what is said of it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from capflow_gui.present.numbers import compact
from capflow_gui.ui.chart.chart import FlowChart
from capflow_gui.ui.chart.crosshair import Readout
from capflow_gui.ui.theme import build_theme
from tests.ui import market_day as md
from tests.ui.chart.gestures import send_mouse, settle
from tests.visual.measured_texts import recorded


def test_the_crosshair_moves_by_keys(chart: FlowChart) -> None:
    QTest.keyClick(chart, Qt.Key.Key_Left)
    assert chart.pointer.index == 242
    QTest.keyClick(chart, Qt.Key.Key_Left)
    QTest.keyClick(chart, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert chart.pointer.index == 231
    QTest.keyClick(chart, Qt.Key.Key_Home)
    assert chart.pointer.index == 0
    QTest.keyClick(chart, Qt.Key.Key_End)
    assert chart.pointer.index == 242
    QTest.keyClick(chart, Qt.Key.Key_Escape)
    assert chart.pointer.index is None


def test_the_crosshair_follows_the_mouse_over_both_panes(chart: FlowChart) -> None:
    frame = chart.plot.lines_frame
    send_mouse(chart, QEvent.Type.MouseMove, frame.at_x(100) + 0.3, frame.top + 80, down=False)
    assert chart.pointer.index == 100
    send_mouse(chart, QEvent.Type.MouseMove, frame.at_x(40), chart.plot.bars_frame.top + 20, down=False)
    assert chart.pointer.index == 40
    send_mouse(chart, QEvent.Type.MouseMove, frame.at_x(320), frame.top + 80, down=False)
    assert chart.pointer.index == 242, "the future has no minutes to show"


def test_the_readout_says_since_open_and_this_minute(chart: FlowChart) -> None:
    data = chart.plot.data
    assert data is not None
    readout = chart.pointer.readout(data, 206)
    assert readout.title == "13:56"
    assert [line.name for line in readout.lines] == ["Net", "Extra-large", "Large", "Medium", "Small"]
    series = md.flow(243)
    assert readout.lines[0].values == (series.net[206], pytest.approx(series.net[206] - series.net[205]))


def test_a_low_chart_hands_its_readout_out(qtbot: QtBot, chart: FlowChart) -> None:
    handed: list[Readout | None] = []
    chart.readout_changed.connect(handed.append)
    chart.resize(813, 250)
    settle()
    chart.pointer.stand(50)
    assert isinstance(handed[-1], Readout)
    chart.pointer.leave()
    assert handed[-1] is None


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_tag_of_the_crosshair_leaves_that_of_the_threshold_in_sight(chart: FlowChart, scale: float) -> None:
    chart.set_theme(build_theme(font_scale=scale))
    series = md.flow(243)
    level = float(series.net[-1]) * 1.02
    chart.show_row(md.row(series, threshold=level), 0.0)
    settle()
    kept = chart.plot.tags.box("tag threshold")
    assert kept is not None
    beside = 0
    for minute in range(243):
        chart.pointer.stand(minute)
        aim = chart.pointer._aim
        assert aim is not None
        box = chart.pointer._cross._value.box
        assert not box.adjusted(0, 2, 0, -2).intersects(kept)
        assert aim.tag_y is not None
        beside += aim.tag_y != aim.y
    assert beside > 5


def test_no_name_stands_half_under_the_table_of_a_minute(chart: FlowChart) -> None:
    chart.resize(560, 420)
    settle()
    names, seen = set(chart.plot.marks.boxes("name ")), set()
    for minute in range(0, 243, 5):
        chart.pointer.stand(minute)
        settle()
        with recorded() as painted:
            chart.plot.viewport().grab()
        words = {each.text for each in painted}
        table = chart.pointer._cross._readout.box
        boxes = chart.plot.marks.boxes("name ").items()
        covered = {key for key, box in boxes if box.intersects(table)}
        values = {key: compact(float(chart.plot.data.values[int(key.split()[1]), 242])) for key in names}
        assert {key for key, value in values.items() if value not in words} == covered, minute
        seen.add(len(covered))
    assert len(seen) > 1
    chart.pointer.leave()
    assert not chart.plot.marks._hidden


def test_the_tag_of_net_is_never_half_under_that_of_the_crosshair(chart: FlowChart) -> None:
    plot, seen = chart.plot, set()
    kept = plot.tags.box("tag net")
    assert kept is not None
    for minute in range(0, 243, 6):
        chart.pointer.stand(minute)
        covered = chart.pointer._cross.value_box.intersects(kept)
        assert ("tag net" in plot.tags._hidden) is covered
        seen.add(covered)
    assert seen == {True, False}
    chart.pointer.leave()
    assert not plot.tags._hidden
