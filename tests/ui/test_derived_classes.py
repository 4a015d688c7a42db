"""Classes that a source gives in snapshots alone: shown as what they are, never as lines, never as OpenD's."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.domain.calibration import Calibration, Kind, Scale, Sign
from capflow_gui.domain.flow import LARGE, MEDIUM, NET, SMALL, Flag, FlowSeries, Period
from capflow_gui.feed.board import HistoryState, Row
from capflow_gui.ui.chart.chart import FlowChart
from capflow_gui.ui.chart.session_data import session_data
from capflow_gui.ui.models.columns import Column, SortOrder
from capflow_gui.ui.models.figures import Look, figures_of, spark_points
from capflow_gui.ui.models.watchlist_model import WatchlistModel
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.watchlist.footer import breadth
from capflow_gui.ui.window.chart_head import ChartHead
from tests.ui import market_day as md
from tests.ui.boards import HandBoard, row_of

CLOCKS = ((10, 32, 5), (10, 33, 8), (10, 40, 0))
MEASURE = Calibration(Scale.PLAIN, Sign.SAME, Kind.RUNNING_TOTAL, 0.9)


def longport_row(*clocks: tuple[int, int, int], lines: int = 80, flags: Flag = Flag.NONE) -> Row:
    """A row of a source with a total a minute, and snapshots at these Hong Kong times."""
    series = msgspec.structs.replace(md.flow(lines, classes=False), source="longport", last_valid=None, flags=flags)
    told = md.snapshots(*clocks) if clocks else None
    facts = {"source": "longport", "classes": False, "class_flow": told, "calibration": MEASURE}
    return replace(md.row(series, flagged=bool(flags)), **facts)


@pytest.fixture
def chart(qtbot: QtBot, theme: Theme) -> FlowChart:
    widget = FlowChart(theme)
    qtbot.addWidget(widget)
    widget.resize(813, 618)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.show_row(longport_row(*CLOCKS), 0.0)
    settle()
    return widget


def settle() -> None:
    for _ in range(4):
        QApplication.processEvents()


def test_classes_are_known_in_the_minutes_of_snapshots_alone() -> None:
    row = longport_row(*CLOCKS)
    assert row.series is not None
    data = session_data(row.series, md.hk_day(), row.class_flow)
    assert data.snapshots.tolist() == [62, 63, 70]
    for column in (LARGE, MEDIUM, SMALL):
        assert [i for i in range(331) if not math.isnan(data.values[column, i])] == [62, 63, 70]
    assert not data.classes
    assert (data.newest(NET), data.newest(LARGE)) == (79, 70)
    assert [data.snapshots_at(index) for index in (61, 62, 69, 70)] == [(None, None), (62, None), (63, 62), (70, 63)]


def test_a_snapshot_newer_than_the_newest_line_waits_for_it() -> None:
    row = longport_row((10, 32, 5), (10, 55, 0))
    assert row.series is not None
    assert session_data(row.series, md.hk_day(), row.class_flow).snapshots.tolist() == [62]


def test_the_chart_says_that_they_are_derived(chart: FlowChart) -> None:
    assert chart.plot.columns == (SMALL, MEDIUM, LARGE, NET)
    assert "large, medium and small derived from snapshots, newest 10:40" in chart.accessibleDescription()
    assert chart.notes._texts["lines unit"].text.endswith("order sizes derived from snapshots, newest 10:40")
    assert set(chart.plot.marks.boxes("name ")) == {f"name {column}" for column in (NET, LARGE, MEDIUM, SMALL)}
    chart.resize(460, 400)
    settle()
    assert chart.plot.columns == (NET,)
    assert chart.notes._texts["lines unit"].text == "HKD M"


def test_no_leader_leads_from_an_old_snapshot_to_now(chart: FlowChart) -> None:
    assert chart.plot.marks.boxes("leaders")["leaders"].height() < 10  # net's alone
    chart.show_row(longport_row(*CLOCKS, (10, 49, 0)), 0.0)
    settle()
    assert chart.plot.marks.boxes("leaders")["leaders"].height() > 100


def test_the_table_says_which_snapshot_it_is(chart: FlowChart) -> None:
    data = chart.plot.data
    assert data is not None
    at = {index: chart.pointer.readout(data, index) for index in (61, 62, 63, 68, 70)}
    assert [line.name for line in at[62].lines] == ["Net", "Large", "Medium", "Small"]
    assert at[61].note == "no snapshot of the order sizes yet"
    assert at[61].lines[1].figures == ("–", "–")
    assert (at[62].title, at[62].note) == ("10:32", "order sizes at 10:32, snapshot")
    assert at[63].lines[1].values[1] == pytest.approx(data.values[LARGE, 63] - data.values[LARGE, 62])
    assert (at[68].note, at[68].lines[1].figures[1]) == ("order sizes at 10:33, snapshot", "–")
    assert at[70].lines[1].figures[1].endswith(" in 7 min")


def test_none_of_them_stands_alone(chart: FlowChart) -> None:
    chart.plot.set_solo(LARGE)
    assert chart.plot.solo is None
    chart.show_row(md.row(md.flow(80)), 0.0)
    chart.plot.set_solo(LARGE)
    chart.show_row(longport_row(*CLOCKS), 0.0)
    assert chart.plot.solo is None


def test_they_are_never_main_nor_sorted_nor_summed() -> None:
    figures = figures_of(longport_row(*CLOCKS), link_ready=True)
    assert figures.snapshot is not None
    assert all(math.isnan(each) for each in (*figures.classes, figures.main))
    assert breadth([figures]).main is None
    assert figures.snapshot == pytest.approx([part * figures.snapshot[2] for part in (6, 3, 1)])


def test_the_mix_of_a_snapshot_is_hollow_and_explains_itself(theme: Theme, qtbot: QtBot) -> None:
    told = replace(longport_row(*CLOCKS), symbol=row_of("5.HK", "HSBC", -1e6, 1e9).symbol)
    board = HandBoard.of(row_of("700.HK", "Tencent", -5e6, 1e9), told)
    model = WatchlistModel(board)
    model.set_sort(SortOrder(Column.MIX))
    assert [each.row.source for each in model.shown()] == ["opend", "longport"]
    mix = model.columns.index(Column.MIX)
    tips = [model.data(model.index(row, mix), Qt.ItemDataRole.ToolTipRole) for row in (0, 1)]
    assert tips[0] is None
    assert "derived from Longport's snapshot at 10:40" in tips[1]
    assert "large is not extra-large plus large" in tips[1]
    assert model.data(model.index(1, 0), Qt.ItemDataRole.ToolTipRole).startswith("5.HK")


def test_a_snapshot_long_before_the_newest_line_is_old() -> None:
    assert figures_of(longport_row((10, 32, 5), lines=70), link_ready=True).snapshot_is_old is False
    assert figures_of(longport_row((10, 32, 5), lines=80), link_ready=True).snapshot_is_old is True


def test_bars_of_another_source_say_whose_they_are(chart: FlowChart) -> None:
    """Longport has no history: with both brokers connected the days are OpenD's."""
    labels = np.array([md.at(0, 0, day=md.DAY - timedelta(days=back)) for back in range(59, -1, -1)], np.int64)
    days = FlowSeries(md.TENCENT, "opend", Period.DAY, labels, np.vstack([np.arange(60.0)] * 6))
    chart.show_history(HistoryState(days), Period.DAY)
    assert chart.accessibleDescription() == "Net inflow per day, 60 periods, from OpenD"
    assert "from OpenD" in chart.history.marks._marks["caption"].stamp
    chart.show_row(md.row(md.flow(80)), 0.0)
    chart.show_history(HistoryState(days), Period.DAY)
    assert chart.accessibleDescription() == "Net inflow per day, 60 periods"


def test_a_source_without_days_says_so(chart: FlowChart) -> None:
    chart.show_row(replace(longport_row(*CLOCKS), periods=frozenset({Period.INTRADAY})), 0.0)
    chart.show_history(HistoryState(), Period.DAY)
    said = "No history · Longport gives the running session alone. Connect OpenD for days and longer."
    assert chart.accessibleDescription() == said


def test_lines_found_to_be_per_minute_are_drawn_nowhere_as_a_total(
    chart: FlowChart, qtbot: QtBot, theme: Theme
) -> None:
    row = longport_row(*CLOCKS, flags=Flag.PER_MINUTE)
    chart.show_row(row, 0.0)
    assert chart.accessibleDescription().startswith("Not drawn as a running total")
    assert not chart.plot.isVisible()
    figures = figures_of(row, link_ready=True)
    assert figures.look is Look.GREY
    assert math.isnan(figures.delta)
    assert len(spark_points(figures)[0]) == 0
    head = ChartHead(theme)
    qtbot.addWidget(head)
    head.show_row(row, None, 0.0, 100.0)
    captions = [column.caption for column in head._columns(row, figures)]
    assert captions[0].startswith("Newest line")
    assert not {"Last 5 min", "Off the high"} & set(captions)
    chart.show_row(longport_row(*CLOCKS), 0.0)
    assert chart.plot.isVisible()
