"""The wall: places that never move, a group of one's own, and what a click and a key do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from capflow_gui.domain.lists.groups import Group, Groups
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import Freshness
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.wall.view import WallView
from tests.ui.boards import NOW, HandBoard, row_of

CODES = ("700.HK", "3690.HK", "AAPL.US", "1211.HK", "600519.SH", "000858.SZ")
SYMBOLS = [Symbol.parse(code) for code in CODES]


@pytest.fixture
def board() -> HandBoard:
    made = HandBoard.of(*(row_of(code, f"name of {code}", -5e6 * place, 1e8) for place, code in enumerate(CODES)))
    made.set_groups(Groups((Group("core", (SYMBOLS[3], SYMBOLS[0]), ""),)))
    return made


@pytest.fixture
def wall(board: HandBoard, theme: Theme, qtbot: QtBot) -> WallView:
    made = WallView(board, theme)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    QApplication.processEvents()
    return made


def clicked(wall: WallView, symbol: Symbol) -> None:
    box = wall.place(symbol)
    assert box is not None
    QTest.mouseClick(wall, Qt.MouseButton.LeftButton, pos=box.center().toPoint())


def test_places_follow_the_list_by_market_and_no_figure_moves_them(wall: WallView, board: HandBoard) -> None:
    assert [str(symbol) for symbol in wall.symbols()] == [
        "700.HK",
        "3690.HK",
        "1211.HK",
        "AAPL.US",
        "600519.SH",
        "000858.SZ",
    ]
    before = {symbol: wall.place(symbol) for symbol in SYMBOLS}
    board.put(row_of("1211.HK", "BYD", 9e7, 1e8))
    wall.refresh({SYMBOLS[3]})
    assert wall.tile(SYMBOLS[3]).figures.net == pytest.approx(9e7)
    assert {symbol: wall.place(symbol) for symbol in SYMBOLS} == before


def test_a_group_of_its_own_is_chosen_from_the_menu_and_brought_back(wall: WallView, qtbot: QtBot) -> None:
    changes = []
    wall.changed.connect(lambda: changes.append(wall.symbols()))
    wall._groups.click()
    menu = wall.findChild(QMenu)
    assert menu is not None
    names = [action.text() for action in menu.actions()]
    assert names[0].startswith("All")
    menu.actions()[1].trigger()
    menu.close()
    assert wall.symbols() == [SYMBOLS[3], SYMBOLS[0]]
    assert changes == [wall.symbols()]
    other = wall.state()
    wall.restore({"group": "@gone"})
    assert len(wall.symbols()) == 6
    wall.restore(other)
    assert wall.symbols() == [SYMBOLS[3], SYMBOLS[0]]
    wall.restore({})
    assert len(wall.symbols()) == 6


def test_a_click_opens_a_chart_and_keys_go_from_tile_to_tile(wall: WallView) -> None:
    chosen, acknowledged = list[Symbol](), list[Symbol]()
    wall.chosen.connect(chosen.append)
    wall.acknowledged.connect(acknowledged.append)
    clicked(wall, SYMBOLS[1])
    assert chosen == [SYMBOLS[1]]
    QTest.mouseClick(wall, Qt.MouseButton.LeftButton, pos=QPoint(3, 400))
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Return, Qt.Key.Key_Down, Qt.Key.Key_A):
        QTest.keyClick(wall, key)
    assert chosen == [SYMBOLS[1], SYMBOLS[0]]
    assert acknowledged == [SYMBOLS[2]]
    assert wall.accessibleDescription().startswith("AAPL.US name of AAPL.US · −10.00%")


def test_a_tile_that_stales_says_since_when_every_second(wall: WallView, board: HandBoard) -> None:
    board.put(replace(board.rows[SYMBOLS[0]], freshness=Freshness.STALE))
    wall.refresh()
    first = wall.tile(SYMBOLS[0]).state
    assert first.startswith("stale")
    board._stood.now = NOW + 60
    wall.tick()
    assert wall.tile(SYMBOLS[0]).state not in ("", first)
    assert not wall.tile(SYMBOLS[0]).true


def test_what_has_no_room_is_counted_and_said(wall: WallView, board: HandBoard) -> None:
    for number in range(2000, 2400):
        board.put(row_of(f"{number}.HK", "", 1e6, 1e8))
    wall.reload()
    wall.resize(600, 400)
    QApplication.processEvents()
    assert wall.hidden_count == 406 - len(wall.symbols()) > 100
    shown = wall.grab().toImage()
    wall.resize(4000, 2400)
    assert wall.hidden_count == 0
    assert not shown.isNull()


def test_marks_stand_on_the_wall(wall: WallView) -> None:
    wall.set_marks(("SIMULATED",))


def test_a_heading_says_the_state_that_its_rows_share_now(wall: WallView, board: HandBoard) -> None:
    painted: list[QRect] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if isinstance(event, QPaintEvent):
                painted.extend(event.region())
            return super().eventFilter(watched, event)

    watch = Watch(wall)
    wall.installEventFilter(watch)
    assert wall.headings[0] == "Hong Kong · HKD · live"
    top = wall._layout.headings[0]
    assert top is not None
    for symbol in SYMBOLS:
        board.put(replace(board.rows[symbol], freshness=Freshness.CLOSED))
    wall.refresh(SYMBOLS)
    QApplication.processEvents()
    assert wall.headings[0] == "Hong Kong · HKD · closed"
    assert any(each.contains(30, int(top) + 4) for each in painted)
    board.put(replace(board.rows[SYMBOLS[0]], freshness=Freshness.STALE))
    wall.refresh([SYMBOLS[0]])
    assert wall.headings[0] == "Hong Kong · HKD"
