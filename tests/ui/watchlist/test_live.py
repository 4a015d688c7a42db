"""What of a row time alone changes."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import NoQuoteRight, UnknownSymbol
from capflow_gui.feed.board import Freshness
from capflow_gui.ui.models.figures import AgeTone, age_cell
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.reasons import said
from tests.ui.boards import HONG_KONG, NOW, HandBoard, failed_row, flagged_row
from tests.ui.watchlist.seen_rows import BYD, has_color, right_part, row_image
from tests.ui.window_fixture import open_window, shut


def test_what_was_never_connected_is_not_lost(window: MainWindow, board: HandBoard) -> None:
    board.links = (LinkState("opend", LinkPhase.WAITING, 90.0, reason=said("refused"), attempt=2, retry_at=108.0),)
    window._links_changed()
    assert window.toolbar.badge("opend").text_shown() == "OpenD not connected · try 3 in 8 s"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, ("20s", AgeTone.FAINT)),
        ({"cycle_s": 10.0}, ("20s", AgeTone.TEXT)),
        ({"freshness": Freshness.STALE}, ("20s", AgeTone.AMBER)),
        ({"freshness": Freshness.LUNCH}, ("lunch", AgeTone.DIM)),
        ({"freshness": Freshness.CLOSED}, ("closed", AgeTone.DIM)),
        ({"freshness": Freshness.HALTED}, ("halted", AgeTone.DIM)),
        ({"freshness": Freshness.PREVIOUS_SESSION}, ("Fri 20", AgeTone.DIM)),
        ({"freshness": Freshness.NEVER_POLLED, "series": None}, ("…", AgeTone.DIM)),
        (
            {"freshness": Freshness.NEVER_POLLED, "polled_at": None},
            ("14:31", AgeTone.DIM),
        ),  # recorded by an earlier run
    ],
)
def test_the_age_cell_says_the_state(
    window: MainWindow, board: HandBoard, facts: dict[str, object], expected: tuple[str, AgeTone]
) -> None:
    row = board.rows[BYD]
    assert row.series is not None
    board.put(replace(row, **{"series": msgspec.structs.replace(row.series, last_valid=NOW - 20)} | facts))
    window.bridge.drain()
    place = window.watchlist.model.view_row(BYD)
    assert place is not None
    assert age_cell(window.watchlist.model.figures(place), NOW, HONG_KONG) == expected


def test_rows_without_figures_are_a_sentence_with_an_action(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    unknown = failed_row("7000.HK", UnknownSymbol("opend", -1, "unknown stock code"))
    denied = failed_row("6666.HK", NoQuoteRight("opend", -1, "no HK LV1 quote right"), Freshness.NO_PERMISSION)
    for row in (unknown, denied, flagged_row("941.HK")):
        board.put(row)
    window = open_window(board)
    table = window.watchlist.table
    table.viewport().grab()
    box = table._live.actions[unknown.symbol]
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
    assert unknown.symbol not in board.symbols
    assert has_color(row_image(window, denied.symbol), theme.accent)
    assert has_color(row_image(window, Symbol.parse("941.HK")), theme.alert_text)
    assert not has_color(right_part(row_image(window, Symbol.parse("941.HK"))), theme.down)
    shut(window)


def test_a_second_paints_the_ages_that_moved_and_nothing_else(
    window: MainWindow, board: HandBoard, qtbot: QtBot
) -> None:
    painted: list[QRect] = []

    class Watch(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            if event.type() is QEvent.Type.Paint:
                painted.append(event.rect())  # type: ignore[attr-defined]
            return False

    table = window.watchlist.table
    watch = Watch()
    QApplication.processEvents()
    table.viewport().installEventFilter(watch)
    table.tick()
    QApplication.processEvents()
    assert painted == []
    board.now += 7
    table.tick()
    qtbot.waitUntil(lambda: bool(painted))
    assert min(rect.left() for rect in painted) > table.viewport().width() - 100
    table.tick()
    QApplication.processEvents()
    assert len(painted) == 1
    table.viewport().removeEventFilter(watch)
