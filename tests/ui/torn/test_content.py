"""The parts in windows of their own, and what they ask of the main one."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.ui import chart_import
from capflow_gui.ui.grid.tile import GridTile
from capflow_gui.ui.torn.content import CONTENTS, Content
from capflow_gui.ui.window.chart_slot import ChartSlot
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.window_fixture import TENCENT

MEITUAN = Symbol.parse("3690.HK")


def content(window: MainWindow, kind: str, **state: object) -> Content:
    made = CONTENTS[kind](window.views.home, state)
    made.widget.setParent(window)
    made.reload()
    return made


def test_a_chart_asks_for_its_own_periods_and_moves_its_own_threshold(window: MainWindow, board: HandBoard) -> None:
    asked, chosen = list[tuple[object, object]](), list[tuple[object, object]]()
    window.intents.history_requested.connect(lambda *what: asked.append(what))
    window.intents.threshold_chosen.connect(lambda *what: chosen.append(what))
    made = content(window, "chart", symbol="3690.HK", period="week")
    assert asked == [(MEITUAN, Period.WEEK)]
    assert made.find(TENCENT)
    assert asked[-1] == (TENCENT, Period.WEEK)
    made.widget.threshold_changed.emit(-5e6)  # type: ignore[attr-defined]
    assert chosen == [(TENCENT, -5e6)]
    made.histories_changed(frozenset({(TENCENT, Period.WEEK)}))
    made.rest()


def test_without_a_symbol_of_its_own_a_chart_takes_the_selected_one(window: MainWindow) -> None:
    assert content(window, "chart").symbols() == [TENCENT]
    gone = content(window, "chart", symbol="1.HK")
    assert gone.title() == "1.HK"
    assert gone.symbol() == Symbol.parse("1.HK")


def test_a_chart_has_views_of_its_own_and_the_crosshair_of_all(window: MainWindow, qtbot: QtBot) -> None:
    made = content(window, "chart", symbol="3690.HK", stacked=True)
    slot = made.widget
    assert isinstance(slot, ChartSlot)
    slot.resize(700, 500)
    slot.show()
    qtbot.waitUntil(lambda: slot.chart is not None and window.chart.chart is not None)
    assert slot.chart.plot.stacks
    assert not window.chart.chart.plot.stacked
    next(action for action in made.actions() if action.key == "P").run()
    assert made.state() == {"kind": "chart", "symbol": "3690.HK", "period": "intraday", "stacked": True, "price": True}
    window.chart.chart.pointer.stand(60)
    assert slot.chart.pointer.index == 60
    made.rest()


def test_a_grid_moves_the_threshold_of_a_tile_and_takes_what_is_found(window: MainWindow) -> None:
    chosen = list[tuple[object, object]]()
    window.intents.threshold_chosen.connect(lambda *what: chosen.append(what))
    made = content(window, "grid")
    made.widget.threshold_changed.emit(MEITUAN, -7e6)  # type: ignore[attr-defined]
    made.widget.threshold_changed.emit(MEITUAN, 7e6)  # type: ignore[attr-defined]
    assert chosen == [(MEITUAN, -7e6)]
    assert made.find(MEITUAN)
    assert made.symbol() == MEITUAN
    assert not made.escape()


def test_a_grid_makes_no_chart_before_what_it_needs_is_imported(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = threading.Event()
    monkeypatch.setattr(chart_import, "_import_without_qt", ready.wait)
    made = content(window, "grid", size=4)
    made.widget.show()
    waits = list[bool]()
    for _turn in range(20):
        QCoreApplication.processEvents()
        waits.append(all(tile.waits for tile in made.widget.findChildren(GridTile)))
    assert made.widget.isVisible()
    assert waits == [True] * 20
    ready.set()
    qtbot.waitUntil(lambda: not any(tile.waits for tile in made.widget.findChildren(GridTile)))
    made.rest()


def test_tables_and_the_wall_lead_to_the_main_window(window: MainWindow, board: HandBoard) -> None:
    content(window, "alerts").widget.symbol_chosen.emit(MEITUAN)  # type: ignore[attr-defined]
    assert window.current_symbol() == MEITUAN
    content(window, "wall").widget.chosen.emit(TENCENT)  # type: ignore[attr-defined]
    assert window.current_symbol() == TENCENT
    board.fill_tape()
    tape = content(window, "tape")
    tape.tape_changed()
    event = next(each for each in board.tape if each.symbol == MEITUAN)
    tape.widget.line_chosen.emit(event)  # type: ignore[attr-defined]
    assert window.current_symbol() == MEITUAN
    assert tape.lists() == (tape.widget,)
