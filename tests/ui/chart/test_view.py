"""The mouse in a chart: dragging the threshold, zooming and the way back."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from capflow_gui.ui.chart.chart import FlowChart
from capflow_gui.ui.theme import Theme
from tests.ui import market_day as md
from tests.ui.chart.gestures import THRESHOLD, send_mouse, settle, whole_button
from tests.ui.chart.screens import make_plot


def drag(chart: FlowChart, start: tuple[float, float], end: tuple[float, float]) -> None:
    send_mouse(chart, QEvent.Type.MouseMove, *start, down=False)
    send_mouse(chart, QEvent.Type.MouseButtonPress, *start, down=True)
    for share in (0.25, 0.5, 0.75, 1.0):
        point = tuple(a + (b - a) * share for a, b in zip(start, end, strict=True))
        send_mouse(chart, QEvent.Type.MouseMove, *point, down=True)
    send_mouse(chart, QEvent.Type.MouseButtonRelease, *end, down=False)


def test_dragging_the_line_reports_once_when_dropped(qtbot: QtBot, chart: FlowChart) -> None:
    frame = chart.plot.lines_frame
    reported: list[float] = []
    chart.threshold_changed.connect(reported.append)
    at = frame.at_y(THRESHOLD)
    drag(chart, (400, at), (400, at - 60))
    assert len(reported) == 1
    assert reported[0] == pytest.approx(frame.value(at - 60), abs=3 * frame.y.size / frame.height)
    assert reported[0] < 0


def test_dragging_the_tag_moves_the_line_and_shows_the_live_value(chart: FlowChart) -> None:
    frame = chart.plot.lines_frame
    at = frame.at_y(THRESHOLD)
    x = frame.right + 20
    seen: list[tuple[float, bool]] = []
    chart.plot.threshold_moved.connect(lambda value, final: seen.append((value, final)))
    drag(chart, (x, at), (x, at + 40))
    assert [final for _, final in seen] == [False] * 4 + [True]
    assert (
        chart.plot.line.value()
        == seen[-1][0]
        == pytest.approx(frame.value(at + 40), abs=2 * frame.y.size / frame.height)
    )


def test_rows_that_are_dragged_over_a_chart_are_none_of_its_business(chart: FlowChart) -> None:
    """QGraphicsView takes drops otherwise, and warns of a drag that came before the chart was shown there."""
    assert not chart.plot.acceptDrops()
    assert not chart.plot.viewport().acceptDrops()


def test_a_threshold_cannot_be_dragged_to_an_inflow(chart: FlowChart) -> None:
    reported: list[float] = []
    chart.threshold_changed.connect(reported.append)
    frame = chart.plot.lines_frame
    drag(chart, (400, frame.at_y(THRESHOLD)), (400, frame.top + 4))
    assert reported
    assert reported[0] < 0


def test_a_line_let_go_outside_the_chart_stays_where_it_was(chart: FlowChart) -> None:
    reported: list[float] = []
    chart.threshold_changed.connect(reported.append)
    frame = chart.plot.lines_frame
    at = frame.at_y(THRESHOLD)
    for x in (400.0, frame.right + 20):  # the line, and its tag
        drag(chart, (x, at), (x, -40))
        assert reported == []
        assert chart.plot.line.value() == THRESHOLD
        assert chart.notes.dragged is None


def test_escape_lets_a_dragged_line_go_back(chart: FlowChart) -> None:
    reported: list[float] = []
    chart.threshold_changed.connect(reported.append)
    frame = chart.plot.lines_frame
    x, at = frame.right + 20, frame.at_y(THRESHOLD)
    send_mouse(chart, QEvent.Type.MouseButtonPress, x, at, down=True)
    send_mouse(chart, QEvent.Type.MouseMove, x, at - 40, down=True)
    assert chart.plot.line.value() != THRESHOLD
    QTest.keyClick(chart, Qt.Key.Key_Escape)
    assert chart.plot.line.value() == THRESHOLD
    send_mouse(chart, QEvent.Type.MouseMove, x, at - 50, down=True)
    send_mouse(chart, QEvent.Type.MouseButtonRelease, x, at - 50, down=False)
    assert reported == []
    drag(chart, (x, at), (x, at - 40))
    assert len(reported) == 1, "the next drag counts again"


def test_a_double_click_shows_the_whole_session_again(chart: FlowChart) -> None:
    whole = chart.plot.lines_frame
    assert chart.findChildren(QPushButton) == []  # it is made when it is needed
    chart.plot.zoom(0.3, 60)
    assert whole_button(chart).isVisible()
    QTest.mouseDClick(chart.plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    settle()
    assert chart.plot.lines_frame == whole
    assert not whole_button(chart).isVisible()
    chart.plot.zoom(0.3, 60)
    QTest.mouseClick(whole_button(chart), Qt.MouseButton.LeftButton)
    settle()
    assert chart.plot.lines_frame == whole


def test_the_wheel_zooms_too_and_the_way_back_is_seen(chart: FlowChart) -> None:
    box = chart.plot.lines_plot.getViewBox()
    box.scaleBy(x=0.4, center=(50, 0))
    settle()
    assert whole_button(chart).isVisible()
    width = chart.plot.lines_frame.x.size
    chart.resize(900, 618)
    settle()
    assert chart.plot.lines_frame.x.size == pytest.approx(width, rel=0.02), "another size of window ends no zoom"


def turn(chart: FlowChart, x: int, across: int, down: int, modifiers: Qt.KeyboardModifier) -> None:
    at = QPointF(x, 200)
    where = chart.plot.viewport().mapToGlobal(at)
    moved = QPoint(across, down)
    phase, none = Qt.ScrollPhase.NoScrollPhase, Qt.MouseButton.NoButton
    wheel = QWheelEvent(at, where, QPoint(), moved, none, modifiers, phase, False)
    QApplication.sendEvent(chart.plot.viewport(), wheel)
    settle()


def test_the_wheel_zooms_about_the_pointer_and_sideways_moves_along(chart: FlowChart) -> None:
    none, plot = Qt.KeyboardModifier.NoModifier, chart.plot
    minute = plot.lines_frame.index(400)
    turn(chart, 400, 0, 120, none)
    assert plot.zoomed
    assert plot.lines_frame.index(400) == pytest.approx(minute)
    for _notch in range(8):
        turn(chart, 400, 0, 120, none)
    x = plot.lines_frame.x
    turn(chart, 400, 120, 0, none)
    assert plot.lines_frame.x.low < x.low, "towards the open"
    assert plot.lines_frame.x.size == pytest.approx(x.size)
    turn(chart, 400, 0, -120, Qt.KeyboardModifier.ShiftModifier)
    assert plot.lines_frame.x.low == pytest.approx(x.low)


def test_keys_take_the_view_along_and_a_crosshair_out_of_it_is_not_drawn(chart: FlowChart) -> None:
    plot, pointer = chart.plot, chart.pointer
    pointer.stand(100)
    for _press in range(4):
        QTest.keyClick(chart, Qt.Key.Key_Plus)
    for key, minute in ((Qt.Key.Key_End, 242), (Qt.Key.Key_Home, 0)):
        QTest.keyClick(chart, key)
        assert pointer.index == minute
        assert plot.lines_frame.x.holds(minute)
    assert plot.cross.is_shown
    plot.pan(3.0)
    settle()
    assert not plot.lines_frame.x.holds(0)
    assert not plot.cross.is_shown


def test_a_view_of_the_newest_minute_goes_along_with_the_day(chart: FlowChart) -> None:
    plot = chart.plot
    plot.zoom(0.1, 242)
    plot.lines_plot.getViewBox().setXRange(210, 242.5, padding=0)
    chart.show_row(md.row(md.flow(260)), 0.0)
    settle()
    assert plot.lines_frame.x.holds(259)
    plot.lines_plot.getViewBox().setXRange(20, 60, padding=0)
    chart.show_row(md.row(md.flow(262)), 0.0)
    assert plot.lines_frame.x.high == pytest.approx(60)


def test_a_plot_makes_no_widgets_for_menus(theme: Theme, qtbot: QtBot) -> None:
    before = len(QApplication.allWidgets())
    plot = make_plot(qtbot, theme, (700, 500), antialias=True)
    assert len(QApplication.allWidgets()) - before <= 12
    assert plot.lines_plot.getViewBox().menu is None


def test_zoom_keys_are_found_by_their_place_where_the_layout_types_digits_with_shift(
    chart: FlowChart, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a French keyboard, in each kind of chart."""
    monkeypatch.setattr(sys, "platform", "linux")
    chart.show_compared([(md.row(md.flow(243)), True), (md.row(md.flow(243, seed=3)), True)])
    compare, session = chart.compare, chart.plot
    zero = QKeyEvent(QEvent.Type.KeyPress, 0xC0, Qt.KeyboardModifier.NoModifier, 19, 0, 0, "à")
    for plot in (compare, session):
        chart.stack.setCurrentWidget(plot)
        plot.zoom(0.3, 60)
        assert plot.zoomed
        QApplication.sendEvent(chart, zero)
        assert not plot.zoomed
    chart.stack.setCurrentWidget(compare)
    QTest.keyClick(chart, Qt.Key.Key_Plus)
    assert compare.zoomed
    for _ in range(3):
        QTest.keyClick(chart, Qt.Key.Key_Minus)
    assert not compare.zoomed
