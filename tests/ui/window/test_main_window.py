"""The window as a whole: alerts on all its parts, themes, rest and close."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.ui.dialogs.connection import ConnectionDialog
from capflow_gui.ui.dialogs.sheets import Sheet, UnsavedQuestion
from capflow_gui.ui.dialogs.threshold import ThresholdDialog
from capflow_gui.ui.settings.dialog import SettingsDialog
from capflow_gui.ui.theme import Theme, build_theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, alert_of, unjudged_of
from tests.ui.window_fixture import TENCENT, open_window, shut


def test_an_alert_flags_row_chart_tab_and_toolbar(window: MainWindow, board: HandBoard, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.chart.chart is not None)
    record = alert_of(board.rows[TENCENT])
    board.raise_alert(record)
    window.bridge.drain()
    assert (
        window.watchlist.model.data(window.watchlist.model.index(1, 0)) == "700.HK Tencent Holdings, alert net ≤ −200M"
    )
    assert window.detail.tabs.tab("alerts").accessibleName() == "Alerts, 1"
    assert window.toolbar.attention.accessibleName() == "1 alert"
    log = window.detail.alerts.alerts
    words = [log.data(log.index(0, column)) for column in range(log.columnCount())]
    assert words == ["Active", "14:26:08", "700.HK", "net ≤ −200M", "−209.0M", "−263.2M"]
    assert window.chart.chart is not None
    assert window.chart.chart.plot.state.fired


def test_a_acknowledges_the_selected_row_and_shift_a_all(window: MainWindow, board: HandBoard) -> None:
    other = Symbol.parse("3690.HK")
    board.raise_alert(alert_of(board.rows[TENCENT], number=1))
    board.raise_alert(alert_of(board.rows[other], number=2, level=-150e6))
    window.bridge.drain()
    QTest.keyClicks(window.watchlist.table, "a")
    assert {alert.id: alert.acknowledged for alert in board.alerts} == {"1": True, "2": False}
    assert window.toolbar.attention.accessibleName() == "1 alert"
    QTest.keyClick(window.watchlist.table, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    assert all(alert.acknowledged for alert in board.alerts)
    assert window.toolbar.attention.accessibleName() == "No alerts"


def test_every_alert_flashes_and_no_window_sounds(
    window: MainWindow, board: HandBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(QApplication, "beep", lambda: said.append("beep"))
    monkeypatch.setattr(QApplication, "alert", lambda *_: said.append("flash"))
    active = alert_of(board.rows[TENCENT])
    unjudged = unjudged_of(board.rows[TENCENT], "no quote right", number=2)
    for record in (active, unjudged):
        window.announce(record)
    assert said == ["flash", "flash"]


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("scale", [0.9, 1.5])
def test_another_theme_reaches_every_part(window: MainWindow, scheme: str, scale: float) -> None:
    theme = build_theme(scheme, "red_up", scale)
    window.set_theme(theme)
    QApplication.processEvents()
    image = window.grab().toImage()
    assert image.pixelColor(window.width() // 2, window.toolbar.height() // 2).lightness() in range(
        theme.bg.lightness() - 3, theme.bg.lightness() + 4
    )
    assert window.watchlist.table.verticalHeader().defaultSectionSize() == round(48 * max(1.0, scale))


def test_minimised_both_timers_rest_and_alerts_do_not(window: MainWindow, board: HandBoard) -> None:
    assert window.bridge.running
    window.showMinimized()
    QApplication.processEvents()
    assert not window.bridge.running
    record = alert_of(board.rows[TENCENT])
    board.raise_alert(record)
    window.announce(record)
    assert window.toolbar.attention.accessibleName() == "No alerts"
    window.showNormal()
    QApplication.processEvents()
    assert window.bridge.running
    assert window.toolbar.attention.accessibleName() == "1 alert"


def test_closing_asks_first_and_then_closes(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    window = open_window(board)
    with qtbot.waitSignal(window.closing):
        window.close()
    assert window.isVisible()
    shut(window)
    assert not window.isVisible()


def open_sheet(kind: type[Sheet]) -> Sheet:
    (sheet,) = (each for each in QApplication.topLevelWidgets() if type(each) is kind and each.isVisible())
    assert isinstance(sheet, Sheet)
    return sheet


def question() -> UnsavedQuestion | None:
    found = [each for each in QApplication.topLevelWidgets() if isinstance(each, UnsavedQuestion) and each.isVisible()]
    return found[0] if found else None


def type_threshold(window: MainWindow) -> None:
    window.dialogs.open_threshold(Symbol.parse("700.HK"))
    sheet = open_sheet(ThresholdDialog)
    assert isinstance(sheet, ThresholdDialog)
    QTest.keyClicks(sheet.amount, "5M")


def choose_no_threshold(window: MainWindow) -> None:
    window.dialogs.open_threshold(Symbol.parse("700.HK"))
    sheet = open_sheet(ThresholdDialog)
    assert isinstance(sheet, ThresholdDialog)
    sheet.none.click()


def type_connection(window: MainWindow) -> None:
    window.dialogs.open_connection()
    field = open_sheet(ConnectionDialog).findChildren(QLineEdit)[0]
    QTest.keyClicks(field, "x")


def type_bad_setting(window: MainWindow) -> None:
    window.dialogs.open_settings("archive.final_days")
    sheet = open_sheet(SettingsDialog)
    assert isinstance(sheet, SettingsDialog)
    QTest.keyClicks(sheet.row("archive.final_days").control, "x")


@pytest.mark.parametrize("type_something", [type_threshold, choose_no_threshold, type_connection, type_bad_setting])
def test_closing_asks_once_where_typed_input_would_be_lost(
    window: MainWindow, qtbot: QtBot, type_something: Callable[[MainWindow], None]
) -> None:
    left: list[bool] = []
    window.closing.connect(lambda: left.append(True))
    type_something(window)
    sheet = window.dialogs.current
    assert sheet is not None
    window.close()
    window.close()
    asked = question()
    assert asked is not None
    QTest.keyClick(asked, Qt.Key.Key_Escape)
    assert (left, question(), sheet.isVisible()) == ([], None, True)
    window.close()
    asked = question()
    assert asked is not None
    asked.discard.click()
    assert left == [True]
    sheet.close()


def test_closing_does_not_ask_where_nothing_was_typed_or_the_program_is_ended(window: MainWindow) -> None:
    left: list[bool] = []
    window.closing.connect(lambda: left.append(True))
    for open_one in (
        lambda: window.dialogs.open_threshold(None),
        window.dialogs.open_connection,
        window.dialogs.open_settings,
        window.dialogs.open_about,
    ):
        open_one()
        window.close()
        assert question() is None
    assert len(left) == 4
    type_threshold(window)
    window.may_close()
    window.close()
    assert question() is None


def test_the_clock_of_a_simulated_market_stands_still_until_it_has_answered(
    board: HandBoard, theme: Theme, qtbot: QtBot
) -> None:
    board.simulated = True
    board.links = (LinkState("opend", LinkPhase.CONNECTING, 0.0),)
    window = open_window(board)
    window.go_to(TENCENT)
    window._show_time()
    before = window.toolbar.clock.grab().toImage()
    assert window.toolbar.clock.accessibleName() == ""
    board.links = (LinkState("opend", LinkPhase.READY, 0.0),)
    rows = [board.row(symbol) for symbol in board.symbols]
    for row in rows:
        board.put(replace(row, polled_at=None))
    window._show_time()
    assert window.toolbar.clock.accessibleName() == "", "connected, and its time is not known yet"
    board.put(rows[0])
    window._show_time()
    assert window.toolbar.clock.accessibleName().startswith("HK 14:32:08")
    assert window.toolbar.clock.grab().toImage() != before
    shut(window)


def test_a_window_made_in_turns_is_the_one_that_is_made_at_once(
    board: HandBoard, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = open_window(board)
    looks = QApplication.processEvents

    def between() -> None:
        """What happens between two turns is shown in the end."""
        if not board.alerts:
            board.raise_alert(alert_of(board.rows[TENCENT]))
        looks()

    monkeypatch.setattr(QApplication, "processEvents", between)
    made = open_window(board, in_turns=True)
    monkeypatch.undo()
    assert vars(made).keys() == vars(whole).keys()
    assert made.toolbar.attention.accessibleName() == "1 alert"
    whole.bridge.drain()
    assert made.state() == whole.state()
    assert made.toolbar.grab().toImage() == whole.toolbar.grab().toImage()
    for each in (made, whole):
        shut(each)
