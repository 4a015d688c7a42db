"""The slot of the toolbar that names the newest alert."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from capflow_gui.domain.symbol import Market, Symbol
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.toolbar.attention import AttentionSlot
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HONG_KONG, HandBoard, alert_of
from tests.ui.window_fixture import TENCENT, open_window, shut


def test_a_click_on_the_slot_or_the_log_shows_the_symbol(window: MainWindow, board: HandBoard) -> None:
    other = Symbol.parse("3690.HK")
    board.raise_alert(alert_of(board.rows[other], level=-150e6))
    window.bridge.drain()
    window.toolbar.attention.grab()
    place = window.toolbar.attention._places[0][0].center().toPoint()
    QTest.mouseClick(window.toolbar.attention, Qt.MouseButton.LeftButton, pos=place)
    assert window.current_symbol() == other


def test_the_slot_names_symbol_rule_and_minute_in_a_low_window(board: HandBoard, theme: Theme) -> None:
    board.raise_alert(alert_of(board.rows[TENCENT]))
    window = open_window(board, size=(1280, 720))
    slot = window.toolbar.attention
    slot.grab()
    place = slot._places[0][0]
    assert place.width() > QFontMetricsF(theme.sized_font(10, 450)).horizontalAdvance("700.HK net ≤ −200M 14:26")
    shut(window)


def test_a_storm_is_named_up_to_what_fits_on_a_screen(window: MainWindow, board: HandBoard) -> None:
    alerts = [alert_of(board.rows[TENCENT], number=number) for number in range(40)]
    window.toolbar.attention.show_alerts(alerts)
    lines = window.toolbar.attention.toolTip().split("\n")
    assert (len(lines), lines[-1]) == (21, "and 20 more")


def test_of_very_many_alerts_the_newest_alone_are_worded(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    asked: list[Market] = []

    def zone_of(market: Market) -> ZoneInfo:
        asked.append(market)
        return HONG_KONG

    slot = AttentionSlot(theme, zone_of)
    qtbot.addWidget(slot)
    slot.show_alerts([alert_of(board.rows[TENCENT], number=number) for number in range(1000)])
    assert len(asked) == 20
    assert slot.toolTip().endswith("and 980 more")
    slot.resize(4000, 32)
    slot.grab()
    assert len(asked) == 20
