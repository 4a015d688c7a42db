"""The keys of the window, and the sheet that lists them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import Period
from capflow_gui.present.recorded_words import NOT_PLAYING
from capflow_gui.ui.dialogs.threshold import ThresholdDialog
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.keys import ActionScope, key_lines
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, alert_of, row_of
from tests.ui.typed_keys import ALT, CTRL, MEITUAN, NONE, TENCENT, press
from tests.ui.window_fixture import open_window, shut

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def board() -> HandBoard:
    return HandBoard.of(
        row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6, threshold=-200e6, threshold_own=True),
        row_of("3690.HK", "Meituan-W", -151.8e6, 2919e6),
        row_of("1211.HK", "BYD", 21.2e6, 2355e6),
    )


@pytest.fixture
def window(board: HandBoard, theme: Theme, qtbot: QtBot) -> Iterator[MainWindow]:
    opened = open_window(board)
    qtbot.waitUntil(lambda: opened.chart.chart is not None)
    yield opened
    shut(opened)


def test_letters_are_letters_in_a_text_field(window: MainWindow, board: HandBoard) -> None:
    window.toolbar.search.begin()
    QTest.keyClicks(window.toolbar.search, "aej?/")
    assert window.toolbar.search.text() == "aej?/"
    assert window.dialogs.current is None
    assert board.said == []


def test_no_key_does_two_things(window: MainWindow) -> None:
    """A part's own keys go before the window's; among themselves each is one's alone."""
    everywhere = [key for action in window._actions() if not action.scope.is_local for key in action.keys]
    assert sorted(everywhere) == sorted(set(everywhere))
    for scope in filter(lambda scope: scope.is_local, ActionScope):
        keys = [key for action in window._actions() if action.scope is scope for key in action.keys]
        assert sorted(keys) == sorted(set(keys))


def test_every_action_is_described_and_offered_by_the_search_box_with_the_reason_against_it(window: MainWindow) -> None:
    actions = window._actions()
    assert [action.name or action.keys for action in actions if not action.what.endswith(".")] == []
    names = [action.name.removesuffix("…") for action in actions if action.name]
    assert sorted(names) == sorted(set(names))
    window.toolbar.search.begin()
    offered = {command.name: command.why_not for command in window.toolbar.search._commands}
    assert {action.name.removesuffix("…") for action in actions if not action.choices} <= {*offered, ""}
    assert {f"{action.name}: {name}" for action in actions for name, *_ in action.choices} <= set(offered)
    assert {"Zoom in", "Duplicate the rule", "Next row", "Quit"} <= set(offered)
    assert offered["Playback: slower"] == NOT_PLAYING
    assert offered["Rename the group"].startswith("This tab is no group")
    assert offered["Settings"] == ""


def test_the_guide_lists_every_key(window: MainWindow) -> None:
    guide = (ROOT / "packaging" / "docs" / "user-guide.md").read_text(encoding="utf-8")
    table = guide.partition("\n## Keyboard\n")[2].partition("\n## ")[0]
    rows, before = [], ""
    for line in key_lines(window._actions()):
        if line.keys:
            rows.append(f"| {'' if line.scope.title == before else line.scope.title} | `{line.keys}` | {line.text} |")
            before = line.scope.title
    wanted = "\n".join(rows)
    assert wanted in table, f"the guide's table of keys is to be:\n{wanted}"


def letter(widget: QWidget, key: int, scan_code: int, text: str) -> None:
    """A key of a keyboard whose letters are not Latin, as X11 reports it."""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(widget, QKeyEvent(kind, key, NONE, scan_code, key, 0, text))


@pytest.mark.parametrize("layout", ["ru", "el", "he"])
def test_letters_work_by_their_place_on_layouts_of_other_scripts(
    window: MainWindow, board: HandBoard, layout: str
) -> None:
    # The keys A, E, L and J K of a US keyboard, as X11 numbers them.
    places = {"A": 38, "E": 26, "J": 44, "K": 45, "L": 46}
    texts = {
        "ru": {"A": "ф", "E": "у", "J": "о", "K": "л", "L": "д"},
        "el": {"A": "α", "E": "ε", "J": "ξ", "K": "κ", "L": "λ"},
        "he": {"A": "ש", "E": "ק", "J": "ח", "K": "ל", "L": "ך"},
    }[layout]
    table = window.watchlist.table

    def type_key(name: str) -> None:
        letter(table, ord(texts[name].upper()), places[name], texts[name])

    window.go_to(MEITUAN)
    type_key("J")
    assert window.current_symbol() == TENCENT
    type_key("K")
    assert window.current_symbol() == MEITUAN
    board.raise_alert(alert_of(board.rows[MEITUAN], level=-150e6))
    window.bridge.drain()
    type_key("A")
    assert board.alerts[0].acknowledged
    type_key("E")
    assert isinstance(window.dialogs.current, ThresholdDialog)
    window.dialogs.current.reject()
    type_key("L")
    assert window.detail.alerts.hasFocus()


def test_shortcuts_work_where_the_layout_has_no_latin_letter(window: MainWindow) -> None:
    table = window.watchlist.table
    QApplication.sendEvent(table, QKeyEvent(QEvent.Type.KeyPress, ord("Л"), CTRL, 45, 0x6CC, 0, "\x0b"))
    assert window.toolbar.search.hasFocus()
    table.setFocus()
    # The key of the 2 on a French keyboard types é.
    QApplication.sendEvent(table, QKeyEvent(QEvent.Type.KeyPress, ord("É"), ALT, 11, 0xE9, 0, "é"))
    assert window.chart.period is Period.DAY


def test_a_latin_layout_goes_by_the_letter(window: MainWindow, board: HandBoard) -> None:
    """On a French keyboard Q lies where A lies on a US one."""
    board.raise_alert(alert_of(board.rows[MEITUAN], level=-150e6))
    window.bridge.drain()
    letter(window.watchlist.table, Qt.Key.Key_Q.value, 38, "q")
    assert not board.alerts[0].acknowledged
    letter(window.watchlist.table, Qt.Key.Key_A.value, 24, "a")
    assert board.alerts[0].acknowledged


def test_lists_and_chart_take_no_part_in_an_input_method(window: MainWindow) -> None:
    for widget in (window.watchlist.table, window.detail.alerts, window.chart.chart):
        assert widget is not None
        assert not widget.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)


def test_a_digit_begins_a_code_wherever_no_text_is_typed(window: MainWindow, board: HandBoard) -> None:
    search, detail = window.toolbar.search, window.detail
    for take in (window.watchlist.setFocus, detail.focus_alerts, detail.focus_rules, detail.focus_tape):
        take()
        press(Qt.Key.Key_7)
        assert search.hasFocus()
        assert search.text() == "7"
        search.clear()
    board.remove_symbols(board.symbols)
    window.bridge.drain()
    window.watchlist.setFocus()
    press(Qt.Key.Key_5)
    assert search.text() == "5"


def test_enter_presses_the_button_of_an_empty_list(window: MainWindow, board: HandBoard) -> None:
    board.remove_symbols(board.symbols)
    window.bridge.drain()
    window.watchlist.setFocus()
    press(Qt.Key.Key_Return)
    assert window.toolbar.search.hasFocus()


def test_enter_presses_the_button_that_acknowledges_all(window: MainWindow, board: HandBoard) -> None:
    board.raise_alert(alert_of(board.rows[MEITUAN], level=-150e6))
    window.bridge.drain()
    window.toolbar.attention._button.setFocus()
    press(Qt.Key.Key_Return)
    assert board.alerts[0].acknowledged


def test_signs_have_keys_that_every_layout_has(window: MainWindow, qtbot: QtBot) -> None:
    press(Qt.Key.Key_F, CTRL)
    assert window.watchlist.filter.hasFocus()
    press(Qt.Key.Key_Escape)
    press(Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: window.dialogs.current is not None)  # it is made in a few turns
    assert window.dialogs.current is not None
    window.dialogs.current.close()
