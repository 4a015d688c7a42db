"""A window's choices of how its chart is looked at: by key, kept, and what they bring along."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import Period
from capflow_gui.domain.quote import Distribution, PriceTrack, Turnover
from capflow_gui.ui.chart.chart import FlowChart
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import NOW, HandBoard, trading_day
from tests.ui.window_fixture import TENCENT

MONEY = {"extra_large": 4e8, "large": 3e8, "medium": 2e8, "small": 1e8}


def track(*minutes: int) -> PriceTrack:
    day = trading_day()
    return PriceTrack.of([Turnover(1e9, day.label(minute) - 30.0, 400.0 + minute / 100) for minute in minutes])


@pytest.fixture
def chart(window: MainWindow, board: HandBoard, qtbot: QtBot) -> FlowChart:
    """The window's chart, with a symbol whose prices and money in and out are known."""
    qtbot.waitUntil(lambda: window.chart.chart is not None)
    found = Distribution(TENCENT, NOW - 40, MONEY, MONEY)
    board.put(replace(board.rows[TENCENT], prices=track(*range(1, 200)), distribution=found))
    window.bridge.drain()
    window.go_to(TENCENT)
    assert window.chart.chart is not None
    return window.chart.chart


def test_keys_change_the_view_and_the_next_window_has_it(window: MainWindow, chart: FlowChart) -> None:
    plot, keys = chart.plot, Qt.Key
    assert (plot.stacks, plot.prices_shown, window.chart.views.in_out.is_shown) == (False, None, False)
    for key in (keys.Key_U, keys.Key_P, keys.Key_I):
        QTest.keyClick(window, key)
    QTest.keyClick(chart, keys.Key_C)
    assert plot.stacks
    assert plot.prices_shown is not None
    assert plot.per_minute
    panel = window.chart.views.in_out
    assert panel.is_shown
    assert "Large: in 300.0" in panel().accessibleDescription()
    state = window.chart.state()
    assert state == {
        "kind": "chart",
        "symbol": "700.HK",
        "period": "intraday",
        "stacked": True,
        "price": True,
        "in_out": True,
        "per_minute": True,
    }
    assert window.kept_state().views == ["stacked", "price", "in_out", "per_minute"]
    window.chart.restore({"period": "week", "stacked": "perhaps"})
    assert window.chart.period is Period.WEEK
    assert (plot.stacked, plot.priced, plot.per_minute, panel.is_shown) == (False,) * 4
    window.chart.restore(state)
    assert window.chart.period is Period.INTRADAY
    assert plot.stacks
    assert panel.is_shown


def test_prices_of_an_earlier_run_come_from_the_archive(
    window: MainWindow, board: HandBoard, chart: FlowChart, monkeypatch: pytest.MonkeyPatch
) -> None:
    views, row = window.chart.views, replace(board.rows[TENCENT], prices=track(100, 101))
    assert views.live(row) is row, "nobody wants to see them"
    views.toggle("price")
    asked = []

    class Kept:
        prices = track(1, 2, 100)

    monkeypatch.setattr(window.recorded, "session", lambda day, source: asked.append((day, source)) or Kept())
    for _time in range(2):
        found = views.live(row).prices
        assert found is not None
        assert [round(price - 400, 2) for price in found.prices] == [0.01, 0.02, 1.0, 1.01]
    assert len(asked) == 1, "the archive is read once a session"
    early = replace(row, prices=track(1, 2))
    assert views.live(early) is early
