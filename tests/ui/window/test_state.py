"""What is kept of a window, and brought back."""

from __future__ import annotations

import base64
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.settings import Settings, WindowSettings
from capflow_gui.ui.models.columns import SortOrder
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.main_window import MainWindow
from capflow_gui.ui.window.state import layout_of, with_layout
from tests.ui.boards import HandBoard
from tests.ui.window_fixture import arranged, open_window, shut


def test_the_window_comes_back_as_it_was(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    window = open_window(board, size=(1300, 900))
    window.views.central.outer.setSizes([500, 800])
    window.choose_period(Period.DAY)
    window.go_to(Symbol.parse("3690.HK"))
    window.toolbar.search.begin("tour")
    window.toolbar.search.entries()[0].run()
    lately = window.toolbar.search.recent
    QApplication.processEvents()
    kept, sizes = window.kept_state(), window.views.central.outer.sizes()
    shut(window)
    again = open_window(board, Settings(window=kept), size=(1300, 900))
    assert again.views.central.outer.sizes() == sizes
    assert again.chart.period is Period.DAY
    assert again.current_symbol() == Symbol.parse("3690.HK")
    assert again.toolbar.search.recent == lately == ["Tour of the window"]
    assert "recent" not in again.state(), "a layout arranges the desk alone"
    shut(again)


@pytest.mark.parametrize("geometry", ["not base64!", base64.b64encode(b"rubbish").decode()])
def test_a_state_that_cannot_be_read_is_left_out(board: HandBoard, theme: Theme, qtbot: QtBot, geometry: str) -> None:
    settings = Settings()
    kept = replace_window(settings, geometry)
    window = open_window(board, kept)
    assert window.isVisible()
    shut(window)


def replace_window(settings: Settings, geometry: str) -> Settings:
    state = msgspec.structs.replace(settings.window, geometry=geometry, splitter=f"{geometry}|{geometry}", sort="x:y")
    return msgspec.structs.replace(settings, window=state)


def arrange_oddly(window: MainWindow) -> dict[str, Any]:
    """Another layout than the first in every point; what JSON makes of it."""
    window.setGeometry(4, 30, 780, 700)
    window.views.central.outer.setSizes([380, 400])
    window.watchlist.sort(SortOrder.parse("net:desc"))
    window.watchlist.table.set_dense(True)
    window.chart.views.restore({"stacked": True, "compared": ["700.HK", "3690.HK"]})
    window.recorded.set_ghost(True)
    window.choose_period(Period.DAY)
    window.detail.focus_tape()
    window.views.show(4)
    window.views.torn.open({"kind": "chart", "symbol": "3690.HK"})
    window.panels.open_budget()
    window.panels.budget().setGeometry(20, 40, 500, 400)
    window.views.show(0)
    QApplication.processEvents()
    layout: dict[str, Any] = json.loads(json.dumps(window.state()))
    return layout


def test_a_layout_is_plain_values_that_arrange_another_window_alike_and_lead_back(
    window: MainWindow, board: HandBoard
) -> None:
    window.setGeometry(4, 30, 790, 740)
    window.watchlist.model.set_pinned([Symbol.parse("3690.HK")])
    first, selected = window.state(), window.current_symbol()
    layout = arrange_oddly(window)
    same = {name for name in first if first[name] == layout[name]}
    assert same == {"columns", "delta_minutes", "docks", "list_at", "tab", "tables_below"}
    window.restore(layout)
    arranged(window)
    assert window.state() == layout
    window.restore(first)
    arranged(window)
    back = window.state()
    assert {name for name in first if back[name] != first[name]} <= {"grid", "panels"}
    assert not window.panels.budget().isVisible()
    assert window.views.view == 1
    assert window.kept_state().pinned == ["3690.HK"]
    assert window.current_symbol() == selected


@pytest.mark.parametrize("turns", [1, 3, 5])
def test_a_layout_is_taken_in_turns_and_at_each_of_them_what_it_becomes_is_kept_unless_another_is_chosen(
    window: MainWindow, turns: int
) -> None:
    first = window.state()
    layout = arrange_oddly(window)
    window.restore(first)
    arranged(window)
    back, went = window.state(), []
    window.restore(layout)
    for _turn in range(turns):
        assert window.places.arranging
        assert {name for name in layout if window.state()[name] != layout[name]} <= {"grid", "panels"}
        before = window.chart.period, window.watchlist.table.dense, window.detail.tabs.current()
        window.places._turns._next()
        now = window.chart.period, window.watchlist.table.dense, window.detail.tabs.current()
        went.append(sum(was != is_now for was, is_now in zip(before, now, strict=True)))
    assert max(went, default=0) <= 1
    window.restore(back)
    assert {name for name in back if window.state()[name] != back[name]} <= {"grid", "panels"}
    arranged(window)
    assert window.chart.period is Period.INTRADAY
    assert {name for name in back if window.state()[name] != back[name]} <= {"grid", "panels"}
    assert not window.panels.budget().isVisible()


def test_a_window_that_is_closed_while_it_takes_a_layout_keeps_the_layout_and_the_users_selection(
    board: HandBoard, theme: Theme, qtbot: QtBot
) -> None:
    window = open_window(board, size=(780, 700))
    layout = window.state() | {"period": "day", "dense": True, "grid": {"view": 4}}
    window.restore(layout)
    window.go_to(Symbol.parse("3690.HK"))
    shut(window)
    kept = window.kept_state()
    assert (kept.period, kept.dense, kept.grid["view"], kept.selected) == ("day", True, 4, "3690.HK")


ODD = (None, True, -1, 10**9, 0.5, "", "AAAA", "A|B", "week", [], ["net", 7, {}], {}, {"open": 1}, [{"kind": 1}, 3])
PLAIN = ("columns", "sort", "period", "dense", "ghost", "views", "compared", "below", "tab", "delta_minutes")


WANTED = {"sort": "net:desc", "period": "day", "ghost": True, "below": "tape"}


@settings(max_examples=30, deadline=None)
@given(
    damage=st.dictionaries(
        st.sampled_from([*PLAIN, "geometry", "splitter", "torn", "panels", "new"]), st.sampled_from(ODD)
    )
)
def test_what_is_damaged_in_a_layout_takes_nothing_else_along(damage: dict[str, Any]) -> None:
    kept = with_layout(WindowSettings(pinned=["700.HK"]), {**WANTED, **damage, "pinned": [], "selected": "1.HK"})
    layout = layout_of(kept)
    assert layout == json.loads(json.dumps(layout))
    assert layout == {**layout, **{name: value for name, value in WANTED.items() if name not in damage}}
    assert (kept.pinned, kept.selected) == (["700.HK"], None)
    assert kept == msgspec.convert(msgspec.to_builtins(kept), WindowSettings)


def test_a_layout_of_odd_words_leaves_a_window_that_works(window: MainWindow) -> None:
    words = {"geometry": "AAAA", "splitter": "A|B", "sort": "?", "columns": ["?", 7], "tab": "@gone", "below": "?"}
    nested = {"grid": {"view": [], "around": "AAAA|x", "wall": 1}, "torn": [{"kind": 1}, 3], "panels": {"log": 1}}
    window.restore({**WANTED, **words, **nested, "compared": ["?", 4, "700.HK"], "views": ["?"]})
    shown = arranged(window).state()
    assert (shown["period"], shown["ghost"], shown["compared"], shown["torn"]) == ("day", True, ["700.HK"], [])
    assert window.views.view == 1
