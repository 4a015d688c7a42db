"""Each chart as rows: the same figures, their unit in the header, and what is to be known of a row."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import Flag, Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import Freshness, HistoryState
from capflow_gui.ui.chart.chart import FlowChart
from capflow_gui.ui.chart_table.tables import Table, chart_table, in_out_table, wall_table
from capflow_gui.ui.flow_views.in_out import InOutPanel
from capflow_gui.ui.flow_views.marked import Marked
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.wall.view import WallView
from tests.ui import market_day as md
from tests.ui.boards import HandBoard, row_of
from tests.ui.chart.test_history import history
from tests.ui.flow_views.test_in_out import AT, FOUR


@pytest.fixture
def chart(qtbot: QtBot, theme: Theme) -> FlowChart:
    made = FlowChart(theme)
    qtbot.addWidget(made)
    made.resize(900, 620)
    return made


def table_of(chart: FlowChart) -> Table:
    found = chart_table(chart)
    assert found is not None
    return found


def test_a_session_is_its_minutes_with_totals_steps_and_notes(chart: FlowChart) -> None:
    assert chart_table(chart) is None
    series = md.flow(243)
    chart.show_row(md.row(series), float(md.at(14, 32)), marked=Marked(revised=[md.at(9, 40)]))
    table = table_of(chart)
    assert table.headers == (
        "Time (Asia/Hong_Kong)",
        *(f"{name} (M HKD)" for name in ("Net", "Main", "Extra-large", "Large", "Medium", "Small")),
        *(f"{name} per minute (M HKD)" for name in ("Net", "Main", "Extra-large", "Large", "Medium", "Small")),
        "Notes",
    )
    assert (len(table.places), table.true) == (243, True)
    newest, first = table.rows()[0], table.rows()[-1]
    assert (newest[0], newest[-1]) == ("14:32", "provisional")
    assert newest[1] == f"{series.net[-1] / 1e6:,.2f}".replace("-", "−")
    assert newest[7] == f"{(series.net[-1] - series.net[-2]) / 1e6:+,.2f}".replace("-", "−")
    assert first == ("09:30", *["0.00"] * 6, *["–"] * 6, "")
    assert {row[0]: row[-1] for row in table.rows()}["09:40"] == "revised"


def test_a_step_over_more_minutes_and_a_line_that_failed_are_said(chart: FlowChart) -> None:
    series = md.flow(60)
    lines = np.r_[:30, 34:60]
    flags = np.zeros(len(lines), np.uint16)
    flags[3] = Flag.BEYOND.value
    holes = msgspec.structs.replace(
        series,
        timestamps=series.timestamps[lines],
        values=series.values[:, lines],
        confirmed=series.confirmed[lines],
        line_flags=flags,
    )
    chart.show_row(md.row(holes, freshness=Freshness.STALE), float(md.at(10, 40)))
    table = table_of(chart)
    notes = {row[0]: row for row in table.rows()}
    assert notes["10:04"][-1] == "over 5 min"
    assert notes["10:04"][7] == f"{(series.net[34] - series.net[29]) / 1e6:+,.2f}".replace("-", "−")
    assert notes["09:33"][-1] == "check failed"
    assert "09:58" in notes
    assert "10:01" not in notes
    assert not table.true


def test_lines_counted_from_a_minute_and_a_price_are_in_the_table(chart: FlowChart) -> None:
    chart.show_row(md.row(md.flow(60)), float(md.at(10, 30)))
    before = table_of(chart)
    chart.set_anchor(30)
    assert (table_of(chart).rows()[-1][:2], len(table_of(chart).places)) == (("10:00", "0.00"), 30)
    assert table_of(chart).key != before.key


def test_snapshots_of_order_sizes_are_said_and_have_no_minutes(chart: FlowChart) -> None:
    derived = md.flow(80, classes=False)
    told = replace(md.row(derived), class_flow=md.snapshots((10, 5, 3), (10, 20, 9), series=derived), classes=False)
    chart.show_row(told, float(md.at(10, 50)))
    table = table_of(chart)
    assert not any("Large per minute" in header for header in table.headers)
    assert [row[0] for row in table.rows() if "snapshot" in row[-1]] == ["10:20", "10:05"]


def test_bars_are_rows_of_periods(chart: FlowChart) -> None:
    chart.show_row(md.row(md.flow(60)), float(md.at(10, 30)))
    chart.show_history(HistoryState(series=history(Period.DAY)), Period.DAY, recorded={3: ()})
    table = table_of(chart)
    assert table.headers[:2] == ("Period", "Net (M HKD)")
    assert len(table.places) == 60
    assert (table.rows()[0][0], table.rows()[0][-1]) == ("Fri 20 Nov 2026", "still open")
    assert table.rows()[-4][-1].startswith("recorded here")


def test_a_table_says_what_it_was_made_of_while_the_chart_shows_something_else(
    chart: FlowChart, theme: Theme, qtbot: QtBot
) -> None:
    """Also where that is shorter: a table is asked once more before it is made anew."""
    full, few = history(Period.DAY), msgspec.structs.replace
    series = few(full, timestamps=full.timestamps[:5], values=full.values[:, :5], confirmed=full.confirmed[:5])
    chart.show_row(md.row(md.flow(60)), float(md.at(10, 30)))
    chart.show_history(HistoryState(series=full), Period.DAY, recorded={3: ()})
    periods = table_of(chart)
    said = periods.rows()
    chart.show_history(HistoryState(series=series), Period.DAY)
    assert periods.rows() == said
    assert table_of(chart).stamp != periods.stamp
    chart.show_row(md.row(md.flow(243)), float(md.at(14, 32)), marked=Marked(revised=[md.at(9, 40)]))
    minutes = table_of(chart)
    said = minutes.rows()
    chart.show_row(md.row(md.flow(10)), float(md.at(9, 40)))
    assert minutes.rows() == said
    panel = InOutPanel(theme)
    qtbot.addWidget(panel)
    panel.show_row(replace(md.row(md.flow(243)), distribution=FOUR), AT + 9, link_ready=True)
    money = in_out_table(panel)
    assert money is not None
    said = money.rows()
    panel.show_row(md.row(md.flow(243)), AT + 9, link_ready=True)
    assert money.rows() == said


def test_a_comparison_has_a_column_a_symbol(chart: FlowChart) -> None:
    other = replace(md.row(md.flow(40)), symbol=Symbol.parse("9988.HK"), turnover=None)
    chart.show_compared([(md.row(md.flow(60)), True), (other, True)])
    table = table_of(chart)
    assert table.headers == ("Time (Asia/Hong_Kong)", "700.HK (% of turnover)", "9988.HK (turnover not known)")
    assert len(table.places) == 60
    assert table.rows()[0][2] == "–"


def test_money_in_and_out_is_a_row_an_order_size(theme: Theme, qtbot: QtBot) -> None:
    panel = InOutPanel(theme)
    qtbot.addWidget(panel)
    assert in_out_table(panel) is None
    panel.show_row(replace(md.row(md.flow(243)), distribution=FOUR), AT + 9, link_ready=True)
    table = in_out_table(panel)
    assert table is not None
    assert table.headers == ("Order size", "In (HKD)", "Share of all in", "Out (HKD)", "Share of all out", "Net (HKD)")
    assert table.rows()[0] == ("Extra-large", "+40.0", "40%", "−60.0", "60%", "−20.0")
    assert table.rows()[-1][0] == "All"


def test_the_wall_is_a_row_a_tile_in_its_own_currency(theme: Theme, qtbot: QtBot) -> None:
    board = HandBoard.of(
        row_of("700.HK", "Tencent", -5e6, 1e8),
        row_of("AAPL.US", "Apple", 3e6, 1e8, currency="USD", freshness=Freshness.CLOSED),
    )
    wall = WallView(board, theme)
    qtbot.addWidget(wall)
    wall.resize(900, 600)
    table = wall_table(wall)
    assert table.headers == ("Symbol", "Name", "% of turnover", "Net", "Currency", "State", "Alert")
    assert table.rows()[0] == ("700.HK", "Tencent", "−5.00%", "−5.0M", "HKD", "live", "")
    assert table.rows()[1][4:6] == ("USD", "closed")
