"""The watchlist with what stands around it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import Freshness
from capflow_gui.ui.models.figures import Figures
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.watchlist import panel
from capflow_gui.ui.watchlist.footer import Breadth, breadth
from capflow_gui.ui.watchlist.panel import RESORT_S
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, row_of
from tests.ui.two_brokers import Two
from tests.ui.window_fixture import open_window, shut
from tests.visual.measured_texts import recorded


def test_the_menu_names_the_source_of_the_selected_row(two: Two, qtbot: QtBot) -> None:
    chosen: list[tuple[object, object]] = []
    two.window.intents.source_chosen.connect(lambda symbol, source: chosen.append((symbol, source)))
    two.window.go_to(Symbol.parse("3690.HK"))
    menu = QMenu()
    qtbot.addWidget(menu)
    two.window.keys.fill(menu)
    actions = next(action.menu() for action in menu.actions() if action.text() == "Source of 3690.HK").actions()
    assert [(action.text(), action.isChecked()) for action in actions] == [
        ("Automatic", False),
        ("OpenD", False),
        ("Longport", True),
    ]
    actions[0].trigger()
    assert chosen == [(Symbol.parse("3690.HK"), None)]


def test_a_row_takes_its_place_at_its_first_figure_and_then_moves_every_ten_seconds(
    theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row_of("700.HK", "Tencent", -1e8, 7e9), row_of("3690.HK", "Meituan", -2e8, 3e9)]
    tencent, meituan = (row.symbol for row in rows)
    board = HandBoard.of(rows[0], replace(rows[1], series=None, quote=None, freshness=Freshness.NEVER_POLLED))
    window = open_window(board)
    monkeypatch.setattr(window.watchlist.table, "busy", lambda: False)

    def order_after(net: float) -> list[Symbol]:
        board.monotonic += 1.0
        board.put(row_of("3690.HK", "Meituan", net, 3e9))
        window.bridge.drain()
        window.watchlist.tick()
        return [figures.row.symbol for figures in window.watchlist.model.shown()]

    assert order_after(-2e8) == [meituan, tencent]
    assert order_after(2e8) == [meituan, tencent], "two moves within ten seconds"
    board.monotonic += RESORT_S
    assert order_after(2e8) == [tencent, meituan]
    shut(window)


def test_a_long_name_gives_way_to_the_source(two: Two) -> None:
    meituan = Symbol.parse("3690.HK")
    two.board.put(replace(two.board.rows[meituan], name="A holding company with a name that no column can hold"))
    two.window.bridge.drain()
    with recorded() as painted:
        two.window.watchlist.table.grab()
    assert [text.text for text in painted if text.text.startswith("A hold") and text.text.endswith("… · Longport")]


def test_the_sums_are_made_again_where_a_row_has_changed_and_only_there(
    board: HandBoard, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Breadth] = []

    def counted(rows: list[Figures]) -> Breadth:
        made.append(breadth(rows))
        return made[-1]

    monkeypatch.setattr(panel, "breadth", counted)
    window.watchlist.tick()
    window.watchlist.tick()
    assert not made
    board.put(row_of("1211.HK", "BYD", -21.2e6, 2355e6, change=0.0082))
    window.bridge.drain()
    window.watchlist.tick()
    window.watchlist.tick()
    assert [(each.out, each.into) for each in made] == [(3, 0)]
    board.put(replace(board.rows[Symbol.parse("1211.HK")], name="BYD Company"))
    window.bridge.drain()
    window.watchlist.tick()
    assert len(made) == 1


def test_rows_wait_for_a_new_order_only_where_what_they_are_sorted_by_is_new(
    board: HandBoard, window: MainWindow
) -> None:
    model, byd = window.watchlist.model, Symbol.parse("1211.HK")
    lines = model.lines
    board.put(replace(board.rows[byd], age_s=7.0, name="BYD Company"))
    window.bridge.drain()
    assert (model.unsorted, model.lines) == (False, lines)
    board.put(row_of("1211.HK", "BYD", -99.2e6, 2355e6))
    window.bridge.drain()
    assert model.unsorted
    series = [figures.row.series for figures in model.all_figures()]
    assert model.lines == sum(len(each) for each in series if each is not None)


def test_of_many_rows_those_on_screen_are_read_at_once_and_the_rest_in_later_turns(
    theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panel, "AT_ONCE", 10)
    rows = [row_of(f"{number}.HK", "", number * -1e6, 1e9) for number in range(1, 61)]
    board = HandBoard.of(*rows)
    window = open_window(board)
    model, turns = window.watchlist.model, list[int]()
    refresh = model.refresh
    monkeypatch.setattr(model, "refresh", lambda some: (turns.append(len(some)), refresh(some)))
    last = window.watchlist.table.visible_symbols()[-1]
    for row in rows:
        board.put(replace(row, turnover=2e9))
    window.bridge.drain()
    assert turns == [10]
    on_screen = window.watchlist.table.visible_symbols()[:10]
    assert {each.row.symbol for each in model.all_figures() if each.row.turnover == 2e9} == set(on_screen)
    board.put(replace(board.row(last), turnover=3e9))
    window.bridge.drain()
    qtbot.waitUntil(lambda: sum(turns) >= 60)
    assert max(turns) == 10
    assert {each.row.turnover for each in model.all_figures()} == {2e9, 3e9}
    assert model.figures(model.view_row(last)).row.turnover == 3e9
    for row in rows:
        board.put(row)
    window.bridge.drain()
    board.remove_symbols([row.symbol for row in rows[30:]])  # among them rows that wait to be read
    window.bridge.drain()
    assert len(model.all_figures()) == 30
    qtbot.waitUntil(lambda: {each.row.turnover for each in model.all_figures()} == {1e9})
    assert max(turns) == 10
    shut(window)


def test_where_symbols_come_only_those_are_read_at_once_and_the_others_in_later_turns(
    theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panel, "AT_ONCE", 10)
    board = HandBoard.of(*(row_of(f"{number}.HK", "", number * -1e6, 1e9) for number in range(1, 31)))
    window = open_window(board)
    model, turns = window.watchlist.model, [0]
    read, some = model._read, window.watchlist._read_some

    def counted(*arguments: Any) -> Figures:
        turns[-1] += 1
        return read(*arguments)

    monkeypatch.setattr(model, "_read", counted)
    monkeypatch.setattr(window.watchlist, "_read_some", lambda: (turns.append(0), some()))
    board.add_symbols([Symbol.parse("100.HK"), Symbol.parse("101.HK")])
    window.bridge.drain()
    assert turns == [2], "in this turn"
    assert len(model.all_figures()) == 32
    qtbot.waitUntil(lambda: sum(turns[1:]) >= 32)
    assert max(turns) == 10
    shut(window)
