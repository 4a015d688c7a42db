"""The window around the list: alerts, thresholds, keys, chart, what rests and what is kept."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from capflow_gui.domain.alert_record import AlertState
from capflow_gui.domain.flow import Period
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.errors import ConnectFailed
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import Appearance, OpendSettings, Settings
from capflow_gui.ui.alerts.model import AlertColumn
from capflow_gui.ui.bell import Bell
from capflow_gui.ui.dialogs.connection import ConnectionDialog
from capflow_gui.ui.dialogs.settings import SettingsDialog
from capflow_gui.ui.dialogs.threshold import ThresholdDialog
from capflow_gui.ui.models.threshold_choice import INHERIT, NONE
from capflow_gui.ui.ports import ConnectionReport
from capflow_gui.ui.theme import Role, Theme, build_theme
from capflow_gui.ui.toolbar.session_clock import next_words
from capflow_gui.ui.window.keys import KEYS
from capflow_gui.ui.window.main_window import MainWindow
from capflow_gui.ui.words import pill_texts
from tests.reasons import said
from tests.ui.boards import CALENDAR, NOW, HandBoard, alert_of, row_of, unjudged_of
from tests.ui.window_fixture import Answers, open_window, shut

TENCENT = Symbol.parse("700.HK")


@pytest.fixture
def board() -> HandBoard:
    return HandBoard.of(
        row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6, threshold=-200e6, threshold_own=True),
        row_of("3690.HK", "Meituan-W", -151.8e6, 2919e6),
    )


@pytest.fixture
def window(board: HandBoard, theme: Theme, qtbot: QtBot) -> Iterator[MainWindow]:
    opened = open_window(board)
    opened.go_to(TENCENT)
    yield opened
    shut(opened)


# alerts


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
    assert window.chart.chart.plot.state.fired is not None


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


def test_a_click_on_the_slot_or_the_log_shows_the_symbol(window: MainWindow, board: HandBoard) -> None:
    other = Symbol.parse("3690.HK")
    board.raise_alert(alert_of(board.rows[other], level=-150e6))
    window.bridge.drain()
    window.toolbar.attention.grab()
    place = window.toolbar.attention._places[0][0].center().toPoint()
    QTest.mouseClick(window.toolbar.attention, Qt.MouseButton.LeftButton, pos=place)
    assert window.current_symbol() == other


def test_a_rule_that_cannot_be_judged_says_so(window: MainWindow, board: HandBoard) -> None:
    board.raise_alert(unjudged_of(board.rows[TENCENT], "no quote right"))
    window.bridge.drain()
    log = window.detail.alerts.alerts
    words = [log.data(log.index(0, column)) for column in range(log.columnCount())]
    assert words[0] == "Cannot judge"
    assert words[3] == "net ≤ −200M · no quote right"
    assert words[4] == "–"
    assert window.watchlist.model.figures(1).alerting


def test_an_alert_that_cleared_unseen_stays_amber_until_it_is_acknowledged(
    window: MainWindow, board: HandBoard
) -> None:
    raised = alert_of(board.rows[TENCENT])
    board.raise_alert(replace(raised, state=AlertState.CLEARED, cleared_at=NOW))
    window.bridge.drain()
    log = window.detail.alerts.alerts
    assert log.data(log.index(0, 0)) == "Cleared 14:32, not seen"
    assert pill_texts(board.rows[TENCENT]) == (("net ≤ −200M, cleared", "cleared"), True)
    assert window.watchlist.model.figures(1).alerting
    assert window.toolbar.attention.accessibleName() == "1 alert"
    assert window.detail.tabs.tab("alerts").accessibleName() == "Alerts, 1"
    window.intents.acknowledge_all()
    assert window.toolbar.attention.accessibleName() == "No alerts"
    assert log.data(log.index(0, 0)) == "Cleared 14:32"
    assert not window.watchlist.model.figures(1).alerting


def test_a_burst_of_alerts_sounds_once_and_flashes_each_time(
    window: MainWindow, board: HandBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(QApplication, "beep", lambda: said.append("beep"))
    monkeypatch.setattr(QApplication, "alert", lambda *_: said.append("flash"))
    window.bell = Bell(board.monotonic_now, QApplication.beep)
    active = alert_of(board.rows[TENCENT])
    unjudged = unjudged_of(board.rows[TENCENT], "no quote right", number=2)
    for record in (active, unjudged):
        window.announce(record)
    assert said == ["flash", "beep", "flash"]
    board.monotonic += 1.0
    window.announce(replace(unjudged, id="3"))
    assert said[3:] == ["flash", "beep"]


def test_the_rule_is_whole_in_a_low_window_and_no_row_is_cut(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    reason = "the source's time is not moving"
    board.raise_alert(unjudged_of(board.rows[TENCENT], reason))
    window = open_window(board, size=(1280, 720))
    table = window.detail.alerts
    assert table.isColumnHidden(AlertColumn.FIRED)
    metrics = QFontMetricsF(theme.font(Role.CELL))
    assert table.columnWidth(AlertColumn.RULE) > metrics.horizontalAdvance(f"net ≤ −200M · {reason}") + 14
    rows = table.viewport().height() / table.verticalHeader().defaultSectionSize()
    assert rows == int(rows) >= 2
    window.resize(1600, 1000)
    qtbot.waitUntil(lambda: not table.isColumnHidden(AlertColumn.FIRED))
    shut(window)


def test_the_slot_names_symbol_rule_and_minute_in_a_low_window(board: HandBoard, theme: Theme) -> None:
    board.raise_alert(alert_of(board.rows[TENCENT]))
    window = open_window(board, size=(1280, 720))
    slot = window.toolbar.attention
    slot.grab()
    place = slot._places[0][0]
    assert place.width() > QFontMetricsF(theme.sized_font(10, 450)).horizontalAdvance("700.HK net ≤ −200M 14:26")
    shut(window)


def test_the_log_gives_colour_to_what_is_true_now(window: MainWindow, board: HandBoard) -> None:
    record = alert_of(board.rows[TENCENT])
    board.raise_alert(record)
    assert window.detail.alerts.alerts.now_true(record)
    board.links = (LinkState("opend", LinkPhase.WAITING, 0.0),)
    assert not window.detail.alerts.alerts.now_true(record)


# thresholds


def open_threshold(window: MainWindow) -> ThresholdDialog:
    QTest.keyClicks(window.watchlist.table, "e")
    dialog = window.dialogs.current
    assert isinstance(dialog, ThresholdDialog)
    return dialog


@pytest.mark.parametrize(
    ("typed", "level"), [("250M", -250e6), ("-1.5B", -1.5e9), ("−300M", -300e6), ("2.5亿", -2.5e8), ("80万", -8e5)]
)
def test_a_threshold_is_set_however_it_is_written(
    window: MainWindow, board: HandBoard, typed: str, level: float
) -> None:
    dialog = open_threshold(window)
    # QTest types Latin letters only.
    dialog.amount.setText(typed)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert board.rows[TENCENT].threshold == level


@pytest.mark.parametrize("typed", ["abc", "12x", "200m", "0", "--5M"])
def test_a_bad_threshold_is_explained_and_not_taken(window: MainWindow, board: HandBoard, typed: str) -> None:
    dialog = open_threshold(window)
    dialog.amount.clear()
    QTest.keyClicks(dialog.amount, typed)
    assert dialog.said.property("role") == "trouble"
    assert len(dialog.said.text()) > 10
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert board.rows[TENCENT].threshold == -200e6
    dialog.reject()


def test_a_symbol_follows_the_default_or_has_none(window: MainWindow, board: HandBoard) -> None:
    board.default = -90e6
    dialog = open_threshold(window)
    assert dialog.inherit.text() == "Like all others: net ≤ −90.0M"
    dialog.inherit.click()
    assert dialog.choice() is INHERIT
    dialog._ok.click()
    assert board.rows[TENCENT].threshold == -90e6
    dialog = open_threshold(window)
    assert dialog.inherit.isChecked()
    dialog.none.click()
    assert dialog.choice() is NONE
    dialog._ok.click()
    assert board.rows[TENCENT].threshold is None


def test_the_default_for_all(window: MainWindow, board: HandBoard) -> None:
    window.dialogs.open_threshold(None)
    dialog = window.dialogs.current
    assert isinstance(dialog, ThresholdDialog)
    assert not dialog.inherit.isVisible()
    QTest.keyClicks(dialog.amount, "100M")
    dialog._ok.click()
    assert board.default == -100e6


def test_the_line_in_the_chart_is_the_threshold(window: MainWindow, board: HandBoard, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.chart.chart is not None)
    assert window.chart.chart is not None
    window.chart.chart.threshold_changed.emit(-222e6)
    assert board.rows[TENCENT].threshold == -222e6


# chart


def test_the_chart_is_built_behind_the_first_paint(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    window = open_window(board)
    with qtbot.waitSignal(window.chart.built, timeout=10_000):
        assert window._painted
    shut(window)


def test_periods_are_asked_for_when_they_are_looked_at(window: MainWindow, qtbot: QtBot) -> None:
    asked: list[tuple[object, object]] = []
    window.intents.history_requested.connect(lambda symbol, period: asked.append((symbol, period)))
    QTest.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    window.go_to(Symbol.parse("3690.HK"))
    assert asked == [(TENCENT, Period.WEEK), (Symbol.parse("3690.HK"), Period.WEEK)]
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert window.chart.period is Period.INTRADAY
    assert len(asked) == 2


# keys, dialogs, look


def test_letters_are_letters_in_a_text_field(window: MainWindow, board: HandBoard) -> None:
    window.toolbar.search.begin()
    QTest.keyClicks(window.toolbar.search, "aej?/")
    assert window.toolbar.search.text() == "aej?/"
    assert window.dialogs.current is None
    assert board.said == []


def test_the_sheet_lists_every_key(window: MainWindow) -> None:
    QTest.keyClicks(window.watchlist.table, "?")
    sheet = window.dialogs.current
    assert sheet is not None
    texts = {label.text() for label in sheet.findChildren(QLabel)}
    assert {shown for shown, _ in KEYS} <= texts
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert window.dialogs.current is None


def test_every_key_that_does_something_is_on_the_sheet(window: MainWindow) -> None:
    written = " ".join(shown for shown, _ in KEYS)
    keys = {key for action in window._actions() for key in action.keys}
    ranges = {f"Ctrl+{place}" for place in range(1, 10)} | {f"Alt+{place}" for place in range(1, 5)}
    assert {"Ctrl+1…9", "Alt+1…4"} <= {shown for shown, _ in KEYS}
    assert [key for key in keys - ranges if key not in written] == []


def test_actions_are_found_by_name(window: MainWindow) -> None:
    QTest.keyClicks(window.toolbar.search, "threshold for all")
    assert [entry.text for entry in window.toolbar.search.entries()][-1] == "Threshold for all symbols"
    QTest.keyClick(window.toolbar.search, Qt.Key.Key_Up)
    QTest.keyClick(window.toolbar.search, Qt.Key.Key_Return)
    assert isinstance(window.dialogs.current, ThresholdDialog)
    window.dialogs.current.reject()


def test_settings_change_the_look_at_once(window: MainWindow) -> None:
    changes: list[tuple[str, object]] = []
    window.intents.setting_chosen.connect(lambda name, value: changes.append((name, value)))
    window.dialogs.open_settings()
    dialog = window.dialogs.current
    assert isinstance(dialog, SettingsDialog)
    dialog.scheme.setCurrentIndex(1)
    dialog.scheme.activated.emit(1)
    dialog.palettes._buttons[1].click()
    assert changes[-1] == ("appearance", Appearance("light", "red_up", 1.0))
    dialog.accept()


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


def test_simulated_is_on_the_window(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    board.simulated = True
    window = open_window(board)
    assert window.windowTitle() == "SIMULATED – Capflow"
    assert window.toolbar.simulated.isVisible()
    shut(window)


def test_real_data_is_not(window: MainWindow) -> None:
    assert window.windowTitle() == "Capflow"
    assert not window.toolbar.simulated.isVisible()


def test_the_status_bar_says_what_is_spent_and_what_is_wrong(window: MainWindow, board: HandBoard) -> None:
    board.troubles = (Reason.of(Code.VERBATIM, text="1 stale 883.HK 2m 14s"),)
    window._tick()
    words = window.status.words()
    assert words.startswith("OpenD 28/30; cycle 37 s for 2 open, 12 resting; oldest reply 36s; next 3690.HK")
    assert words.endswith("1 stale 883.HK 2m 14s")


@pytest.mark.parametrize(
    ("hour", "words"),
    [(14.5, "closes in 1 h 30 m"), (12.5, "resumes in 30 m"), (9.0, "opens in 30 m"), (20.0, "opens in 2 d 13 h")],
)
def test_the_clock_says_what_comes_next(hour: float, words: str) -> None:
    from capflow_gui.domain.symbol import Market

    midnight = NOW - (14 * 3600 + 32 * 60 + 8)
    now = midnight + hour * 3600
    assert next_words(CALENDAR.now(Market.HK, now), now) == words


# connection


def open_connection(answers: Answers, board: HandBoard) -> tuple[MainWindow, ConnectionDialog]:
    window = open_window(board, answers=answers)
    window.dialogs.open_connection()
    dialog = window.dialogs.current
    assert isinstance(dialog, ConnectionDialog)
    return window, dialog


def test_a_test_says_how_it_went(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    report = ConnectionReport(False, "OpenD answered, but is not logged in.", "Log in inside the OpenD window.", 0.8)
    answers = Answers(report=report)
    window, dialog = open_connection(answers, board)
    dialog.form.test_button.click()
    assert answers.asked == [("test", "127.0.0.1", 11111, None)]
    assert dialog.form.answered.text() == "answered in 800 ms"
    assert dialog.form.said() == "OpenD answered, but is not logged in. Log in inside the OpenD window."
    dialog.reject()
    shut(window)


def test_a_test_that_breaks_says_so(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    window, dialog = open_connection(Answers(error=ConnectFailed("opend", said("refused"))), board)
    dialog.form.test_button.click()
    assert dialog.form.said().startswith("The test could not be made.")
    dialog.reject()
    shut(window)


@pytest.mark.parametrize(("host", "port"), [("", "11111"), ("a b", "11111"), ("127.0.0.1", ""), ("127.0.0.1", "0")])
def test_a_form_filled_in_badly_asks_nobody(board: HandBoard, theme: Theme, qtbot: QtBot, host: str, port: str) -> None:
    answers = Answers()
    window, dialog = open_connection(answers, board)
    dialog.form.host.setText(host)
    dialog.form.port.setText(port)
    dialog.form.test_button.click()
    dialog.form.connect_button.click()
    assert answers.asked == []
    assert dialog.form.said()
    assert dialog.isVisible()
    dialog.reject()
    shut(window)


def test_connect_hands_over_what_was_filled_in(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    window, dialog = open_connection(Answers(), board)
    changed: list[OpendSettings] = []
    window.intents.connection_changed.connect(changed.append)
    dialog.form.host.setText("10.0.0.5")
    dialog.form.port.setText("22222")
    dialog.form.key.setText("/keys/rsa.pem")
    dialog.form.connect_button.click()
    assert changed == [OpendSettings("10.0.0.5", 22222, "/keys/rsa.pem")]
    shut(window)


# life


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


def test_the_window_comes_back_as_it_was(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    window = open_window(board, size=(1300, 900))
    window.splitter.setSizes([500, 800])
    window.choose_period(Period.DAY)
    window.go_to(Symbol.parse("3690.HK"))
    QApplication.processEvents()
    kept, sizes = window.kept_state(), window.splitter.sizes()
    shut(window)
    again = open_window(board, Settings(window=kept), size=(1300, 900))
    assert again.splitter.sizes() == sizes
    assert again.chart.period is Period.DAY
    assert again.current_symbol() == Symbol.parse("3690.HK")
    shut(again)


@pytest.mark.parametrize("geometry", ["not base64!", base64.b64encode(b"rubbish").decode()])
def test_a_state_that_cannot_be_read_is_left_out(board: HandBoard, theme: Theme, qtbot: QtBot, geometry: str) -> None:
    settings = Settings()
    kept = replace_window(settings, geometry)
    window = open_window(board, kept)
    assert window.isVisible()
    shut(window)


def replace_window(settings: Settings, geometry: str) -> Settings:
    import msgspec

    state = msgspec.structs.replace(settings.window, geometry=geometry, splitter=f"{geometry}|{geometry}", sort="x:y")
    return msgspec.structs.replace(settings, window=state)


def test_a_window_left_on_a_screen_that_is_gone_is_brought_back(board: HandBoard, theme: Theme, qtbot: QtBot) -> None:
    window = open_window(board)
    window.move(QPoint(9000, 9000))
    QApplication.processEvents()
    kept = window.kept_state()
    shut(window)
    again = open_window(board, Settings(window=kept))
    screen = QApplication.primaryScreen().availableGeometry()
    assert screen.contains(again.pos())
    shut(again)
