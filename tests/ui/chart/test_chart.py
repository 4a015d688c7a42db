"""The chart under mouse and keys, and what it says in each state."""

from __future__ import annotations

import dataclasses
import math
from datetime import datetime, timedelta

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import MAIN, NET, Flag, FlowSeries, Period
from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.errors import UnknownSymbol
from capflow_gui.feed.board import Freshness, HistoryState
from capflow_gui.ui.chart import FlowChart
from capflow_gui.ui.chart.crosshair import Readout
from capflow_gui.ui.theme import Theme, build_theme
from tests.ui import market_day as md

THRESHOLD = -2e8


@pytest.fixture
def chart(qtbot: QtBot, theme: Theme) -> FlowChart:
    """A chart at 14:32 of a day that breached its threshold."""
    widget = FlowChart(theme)
    qtbot.addWidget(widget)
    widget.resize(813, 618)
    with qtbot.waitExposed(widget):
        widget.show()
    series = md.flow(243)
    widget.show_row(md.row(series, threshold=THRESHOLD, alert=md.breach(series, THRESHOLD)), 0.0)
    settle()
    return widget


def settle() -> None:
    for _ in range(4):
        QApplication.processEvents()


def send_mouse(chart: FlowChart, kind: QEvent.Type, x: float, y: float, *, down: bool) -> None:
    viewport = chart.plot.viewport()
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind is QEvent.Type.MouseMove else left
    at = QPointF(x, y)
    event = QMouseEvent(
        kind, at, viewport.mapToGlobal(at), button, left if down else none, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(viewport, event)
    settle()


def drag(chart: FlowChart, start: tuple[float, float], end: tuple[float, float]) -> None:
    send_mouse(chart, QEvent.Type.MouseMove, *start, down=False)
    send_mouse(chart, QEvent.Type.MouseButtonPress, *start, down=True)
    for share in (0.25, 0.5, 0.75, 1.0):
        point = tuple(a + (b - a) * share for a, b in zip(start, end, strict=True))
        send_mouse(chart, QEvent.Type.MouseMove, *point, down=True)
    send_mouse(chart, QEvent.Type.MouseButtonRelease, *end, down=False)


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


def test_every_axis_has_its_labels(chart: FlowChart) -> None:
    assert 5 <= len(chart.plot.money.drawing().texts) <= 10
    assert "0" in chart.plot.money.texts
    assert "0" in chart.plot.bars_money.texts
    times = chart.plot.time.texts
    assert {"09:30", "12:00", "13:00", "16:00"} <= set(times)
    assert len(times) == 13


def test_a_label_under_a_tag_is_hidden(chart: FlowChart) -> None:
    assert "−200" not in chart.plot.money.texts, "the threshold's tag stands there"
    chart.show_row(md.row(md.flow(243)), 0.0)
    assert "−200" in chart.plot.money.texts


def test_the_money_axis_is_wide_enough_for_its_labels(chart: FlowChart) -> None:
    axis = chart.plot.money
    assert all(x + text.width <= axis.size().width() for x, _, text in axis.drawing().texts)


def test_dragging_the_line_reports_once_when_dropped(qtbot: QtBot, chart: FlowChart) -> None:
    frame = chart.plot.lines_frame
    reported: list[float] = []
    chart.threshold_changed.connect(reported.append)
    at = frame.at_y(THRESHOLD)
    drag(chart, (400, at), (400, at - 60))
    assert len(reported) == 1
    assert reported[0] == pytest.approx(frame.value(at - 60), abs=frame.size_of_pixels(3))
    assert reported[0] < 0


def test_dragging_the_tag_moves_the_line_and_shows_the_live_value(chart: FlowChart) -> None:
    frame = chart.plot.lines_frame
    at = frame.at_y(THRESHOLD)
    x = frame.right + 20
    seen: list[tuple[float, bool]] = []
    chart.plot.threshold_moved.connect(lambda value, final: seen.append((value, final)))
    drag(chart, (x, at), (x, at + 40))
    assert [final for _, final in seen] == [False] * 4 + [True]
    assert chart.plot.line.value() == seen[-1][0] == pytest.approx(frame.value(at + 40), abs=frame.size_of_pixels(2))


def test_a_threshold_cannot_be_dragged_to_an_inflow(chart: FlowChart) -> None:
    reported: list[float] = []
    chart.threshold_changed.connect(reported.append)
    frame = chart.plot.lines_frame
    drag(chart, (400, frame.at_y(THRESHOLD)), (400, frame.top + 4))
    assert reported
    assert reported[0] < 0


def test_a_modifier_and_an_arrow_step_the_threshold_by_one_per_cent(chart: FlowChart) -> None:
    reported: list[float] = []
    chart.threshold_changed.connect(reported.append)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
        QTest.keyClick(chart, key)
    assert reported == [], "an arrow alone moves no level"
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
        QTest.keyClick(chart, key, Qt.KeyboardModifier.AltModifier)
    assert reported == [pytest.approx(-1.98e8), pytest.approx(-2.02e8)]


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


def test_t_sets_a_rule_at_the_crosshair(chart: FlowChart) -> None:
    reported: list[float] = []
    chart.threshold_changed.connect(reported.append)
    QTest.keyClick(chart, Qt.Key.Key_T)
    assert not reported, "no crosshair, no rule"
    chart.pointer.stand(206)
    QTest.keyClick(chart, Qt.Key.Key_T)
    assert reported == [pytest.approx(md.flow(243).net[206], rel=1e-3)]


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


def test_the_first_outflow_of_a_day_of_inflows_is_in_view(chart: FlowChart) -> None:
    values = np.full((6, 60), np.nan)
    values[0] = np.arange(60) * 1e6
    for net in (59e6, 57.5e6):
        values[0, -1] = net
        series = msgspec.structs.replace(md.flow(60, classes=False), values=values.copy())
        chart.show_row(dataclasses.replace(md.row(series), symbol=Symbol(Market.HK, "5")), 0.0)
    assert chart.plot.bars_frame.y.low < -0.5e6


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


def test_zoom_keys_and_back(chart: FlowChart) -> None:
    whole = chart.plot.lines_frame.x
    chart.pointer.stand(100)
    QTest.keyClick(chart, Qt.Key.Key_Plus)
    assert chart.plot.lines_frame.x.size < whole.size
    assert chart.plot.bars_frame.x == chart.plot.lines_frame.x
    QTest.keyClick(chart, Qt.Key.Key_0)
    assert chart.plot.lines_frame.x == whole


def test_the_level_of_another_rule_is_no_line(chart: FlowChart) -> None:
    series = md.flow(243)
    alert = dataclasses.replace(md.breach(series, THRESHOLD), rule="net/turnover <= -3%", threshold=-0.03)
    chart.show_row(md.row(series, alert=alert), 0.0)
    assert not chart.plot.line.isVisible()
    assert chart.plot.state.fired is not None
    chart.show_row(md.row(series, alert=md.breach(series, THRESHOLD)), 0.0)
    assert chart.plot.line.value() == THRESHOLD


def whole_button(chart: FlowChart) -> QPushButton:
    return next(button for button in chart.findChildren(QPushButton) if button.text() == "Show all")


def test_a_double_click_shows_the_whole_session_again(chart: FlowChart) -> None:
    whole = chart.plot.lines_frame
    assert not whole_button(chart).isVisible()
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


def test_the_height_follows_what_a_zoomed_chart_shows(chart: FlowChart) -> None:
    values = np.full((6, 243), np.nan)
    values[0] = np.linspace(0, -300e6, 243)
    series = msgspec.structs.replace(md.flow(243, classes=False), values=values)
    chart.show_row(dataclasses.replace(md.row(series), symbol=Symbol(Market.HK, "5")), 0.0)
    plot = chart.plot
    whole = plot.lines_frame.y
    plot.zoom(0.15, 60)
    near = plot.lines_frame
    shown = series.net[max(math.floor(near.x.low), 0) : math.ceil(near.x.high) + 1]
    assert near.y.low <= shown.min() <= shown.max() <= near.y.high
    assert near.y.size < 3 * (shown.max() - shown.min())
    plot.lines_plot.getViewBox().translateBy(x=100)
    settle()
    assert plot.lines_frame.y.high < near.y.high, "and after a pan"
    plot.zoom(0)
    assert plot.lines_frame.y == whole


def test_names_stay_at_the_lines_of_a_zoomed_chart(chart: FlowChart) -> None:
    names = set(chart.plot.marks.boxes("name "))
    chart.plot.zoom(0.2, 60)
    settle()
    boxes = chart.plot.marks.boxes("name ")
    assert set(boxes) == names
    frame = chart.plot.lines_frame
    assert all(frame.left <= box.left() and box.right() <= frame.right + 1 for box in boxes.values())


def test_bars_of_periods_fit_their_height_and_come_back_by_a_double_click(chart: FlowChart) -> None:
    series = history(Period.DAY)
    values = series.values.copy()
    values[:, 10] *= 40
    series = msgspec.structs.replace(series, values=values)
    chart.show_history(HistoryState(series=series), Period.DAY)
    settle()
    plot = chart.history
    whole = plot.frame(plot.bars_plot)
    plot.bars_plot.getViewBox().scaleBy(x=0.3, center=(50, 0))
    settle()
    assert plot.frame(plot.bars_plot).y.size < whole.y.size / 3
    assert whole_button(chart).isVisible()
    QTest.mouseDClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    settle()
    assert plot.frame(plot.bars_plot) == whole
    assert not whole_button(chart).isVisible()


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


def test_a_click_on_a_name_lets_that_class_stand_alone(chart: FlowChart) -> None:
    box = chart.plot.marks.box(f"name {chart.plot.columns[0]}")
    assert box is not None
    viewport = chart.plot.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=QPoint(*map(round, box.center().toTuple())))
    assert chart.plot.solo == chart.plot.columns[0]
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=QPoint(*map(round, box.center().toTuple())))
    assert chart.plot.solo is None or chart.plot.marks.box("name 5") != box


def test_c_gives_the_room_to_the_minutes(chart: FlowChart) -> None:
    before = chart.plot.bars_frame.height
    QTest.keyClick(chart, Qt.Key.Key_C)
    settle()
    assert chart.plot.bars_frame.height > before * 3


def test_figures_that_are_not_true_now_lose_their_colour(chart: FlowChart) -> None:
    series = md.flow(243)
    for freshness, true in ((Freshness.STALE, False), (Freshness.LIVE, True), (Freshness.CLOSED, True)):
        chart.show_row(md.row(series, threshold=THRESHOLD, freshness=freshness), 0.0)
        assert chart.plot.look.true is true
    chart.show_row(md.row(series, flagged=True), 0.0)
    assert not chart.plot.look.true
    chart.show_row(md.row(series), 0.0, link_ready=False)
    assert not chart.plot.look.true


def test_narrow_charts_show_net_and_main(qtbot: QtBot, chart: FlowChart) -> None:
    chart.resize(460, 400)
    settle()
    assert chart.plot.columns == (MAIN, NET)


def test_a_source_without_classes_shows_net_alone(chart: FlowChart) -> None:
    chart.show_row(md.row(md.flow(243, classes=False)), 0.0)
    assert chart.plot.columns == (NET,)


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


def history(period: Period, count: int = 60) -> FlowSeries:
    rng = np.random.default_rng(3)
    values = np.full((6, count), np.nan)
    values[2:] = rng.standard_normal((4, count)) * 1e8
    values[0] = values[2:].sum(axis=0)
    values[1] = values[2] + values[3]
    first = datetime(2026, 9, 22, tzinfo=md.HK)
    step = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 31}[period]
    days = [first + timedelta(days=step * (n - count + 60)) for n in range(count)]
    stamps = np.array([int(day.timestamp()) for day in days])
    return FlowSeries(md.TENCENT, "opend", period, stamps, values)


def test_periods_are_bars_with_a_readout(chart: FlowChart) -> None:
    chart.show_history(HistoryState(loading=True), Period.DAY)
    assert "first answer" in chart.accessibleDescription()
    series = history(Period.DAY)
    chart.show_history(HistoryState(series=series), Period.DAY)
    settle()
    assert "0" in chart.history.money.texts
    assert chart.history.time.texts
    QTest.keyClick(chart, Qt.Key.Key_Left)
    assert chart.history.index == 59
    readout = chart.history.readout(series, 59)
    assert readout.lines[0].values == (series.net[59],)
    chart.show_period(Period.INTRADAY)
    assert chart.pointer.index is None
    assert "since the open" in chart.accessibleDescription()


def test_the_period_that_still_runs_is_hollow(chart: FlowChart) -> None:
    series = history(Period.DAY)
    assert datetime.fromtimestamp(int(series.timestamps[-1]), md.HK).date() == md.DAY
    chart.show_history(HistoryState(series=series), Period.DAY)
    assert chart.history.bars.hollow == len(series) - 1
    closed = md.row(md.flow(331), freshness=Freshness.CLOSED)
    chart.show_row(closed, 0.0)
    chart.show_history(HistoryState(series=msgspec.structs.replace(series)), Period.DAY)
    assert chart.history.bars.hollow == -1


def with_newest(amount: float, flag: Flag) -> FlowSeries:
    """The usual day, its newest three lines replaced by figures that cannot be."""
    series = md.flow(120)
    values, flags = series.values.copy(), series.line_flags.copy()
    values[:, -3:], flags[-3:] = amount, flag.value
    return msgspec.structs.replace(series, values=values, line_flags=flags, flags=flag)


@pytest.mark.parametrize(
    ("amount", "flag"),
    [(1.7e308, Flag.BEYOND), (-1.7e308, Flag.BEYOND), (-11.2e12, Flag.TURNOVER), (9e13, Flag.TURNOVER)],
)
def test_figures_that_cannot_be_neither_freeze_the_chart_nor_set_its_axes(
    chart: FlowChart, amount: float, flag: Flag
) -> None:
    for series in (md.flow(120), with_newest(amount, flag), md.flow(121)):
        chart.show_row(md.row(series, threshold=-200e6), 0.0)
        settle()
        chart.grab()
        assert max(map(abs, chart.plot.money.range)) < 1e9
        assert max(map(abs, chart.plot.bars_money.range)) < 1e9


def test_figures_flagged_after_they_were_drawn_give_the_axes_back(chart: FlowChart) -> None:
    series = with_newest(-11.2e9, Flag.NONE)
    chart.show_row(md.row(series), 0.0)
    settle()
    assert chart.plot.money.range[0] < -10e9
    flags = series.line_flags.copy()
    flags[-3:] = Flag.TURNOVER.value
    chart.show_row(md.row(msgspec.structs.replace(series, line_flags=flags, flags=Flag.TURNOVER), flagged=True), 0.0)
    settle()
    assert chart.plot.money.range[0] > -2e9


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
