"""The threshold editor reads amounts as people write them, and shows what it will keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Choice, Level, Share, ThresholdChoice
from capflow_gui.playback.trial import TriedDay
from capflow_gui.ui.dialogs.threshold import ThresholdDialog, read_level, shown_level
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.recorded_days import trial
from tests.ui.window_fixture import TENCENT


def opened(theme: Theme, qtbot: QtBot, current: ThresholdChoice = -200e6) -> ThresholdDialog:
    dialog = ThresholdDialog(TENCENT, current, None, currency="HKD", theme=theme)
    qtbot.addWidget(dialog)
    return dialog


@pytest.mark.parametrize(
    "text", ["－２亿", "–200M", "—２００Ｍ", "200M", "≤ −200M", "\u200b-200\u00a0M\ufeff", "-200,000,000"]
)
def test_every_way_to_write_an_amount_is_understood(theme: Theme, qtbot: QtBot, text: str) -> None:
    dialog = opened(theme, qtbot, -5e6)
    dialog.amount.setText(text)
    assert dialog.choice() == -200e6
    assert "−200,000,000 HKD" in dialog.said.text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("-200.000", "This amount can be read in two ways. Write -200K or -200."),
        ("-200 000", "Only commas group thousands, and the decimal mark is a point. Write -200K, if that is meant."),
        ("200m", "M is minutes; million is a capital M."),
    ],
)
def test_an_amount_that_cannot_be_read_says_the_way_out(theme: Theme, qtbot: QtBot, text: str, said: str) -> None:
    dialog = opened(theme, qtbot)
    dialog.amount.setText(text)
    assert dialog.choice() is None
    assert dialog.said.text().startswith(said)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        (" - 5 M", -5e6),
        ("− 5M", -5e6),
        ("<= 5M", -5e6),
        ("+5M", -5e6),
        ("\u202e-5M", -5e6),
        ("٥M", -5e6),
        ("５万", -5e4),
        ("5億", -5e8),
        ("- 3 %", Share(-0.03)),
    ],
)
def test_odd_ways_to_write_a_level_are_understood(theme: Theme, qtbot: QtBot, text: str, amount: Level) -> None:
    dialog = opened(theme, qtbot, -7e6)
    dialog.amount.setText(text)
    assert dialog.choice() == amount


NO_LEVELS = (
    *("", "   ", "0", "-0", "0%", "1e400", "nan", "inf", "1,5", " - 5 m", "--5M", "+-5M", "- -5M", "≤≤5M", "9" * 300),
    *("😀", "5😀", "5 USD", "$5M", "½M", "101%", "1e-5%", "5百万", "一亿", "5,000,000,00", "\x00", "-", "%"),
)


@pytest.mark.parametrize("symbol", [TENCENT, None])
def test_what_is_no_level_is_said_kept_and_not_taken(theme: Theme, qtbot: QtBot, symbol: Symbol | None) -> None:
    dialog = ThresholdDialog(symbol, -7e6, None, currency="HKD", theme=theme)
    qtbot.addWidget(dialog)
    dialog.show()
    chosen: list[object] = []
    dialog.chosen.connect(lambda *level: chosen.append(level))
    for text in NO_LEVELS:
        dialog.amount.setText(text)
        typed = dialog.amount.text()
        QTest.keyClick(dialog.amount, Qt.Key.Key_Return)
        assert (text, dialog.choice(), dialog._ok.isEnabled(), chosen) == (text, None, False, [])
        assert (dialog.isVisible(), dialog.amount.text()) == (True, typed)
        assert 20 < len(dialog.said.text()) < 160


@pytest.mark.parametrize("text", ["3%", "-3 %", "≤ −3%", "－３％", "—3.0%"])
def test_every_way_to_write_a_share_is_understood(theme: Theme, qtbot: QtBot, text: str) -> None:
    dialog = opened(theme, qtbot, -5e6)
    dialog.amount.setText(text)
    assert dialog.choice() == Share(-0.03)
    assert dialog.said.text() == "Alert when net ≤ −3% of the session's turnover so far, from its 30th minute on."


def test_a_share_is_offered_first_for_all_symbols(theme: Theme, qtbot: QtBot) -> None:
    dialog = ThresholdDialog(None, Choice.NONE, None, currency="in each symbol's currency", theme=theme)
    qtbot.addWidget(dialog)
    assert (dialog.none.isChecked(), dialog.amount.text(), dialog.choice()) == (True, "−2%", Choice.NONE)
    assert dialog.amount.toolTip().startswith("−2%: About 0.8 alerts a symbol and week of calm days; 96% of sudden")
    dialog.own.click()
    assert dialog.choice() == Share(-0.02)


@pytest.mark.parametrize("level", [-151_234_567.0, -147.25e6, -1.234e6, -1e13, Share(-0.03), Share(-0.00125)])
def test_setting_it_unchanged_keeps_the_level_exactly(theme: Theme, qtbot: QtBot, level: Level) -> None:
    assert opened(theme, qtbot, level).choice() == level


@given(st.one_of(st.floats(-1e14, -0.01, allow_nan=False), st.builds(Share, st.floats(-1.0, -1e-9, allow_nan=False))))
def test_any_level_the_dialog_shows_is_read_back(level: Level) -> None:
    assert read_level(shown_level(level)) == level


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
    board.set_threshold(None, -90e6)
    dialog = open_threshold(window)
    assert dialog.inherit.text() == "Like all others: net ≤ −90M"
    dialog.inherit.click()
    assert dialog.choice() is Choice.INHERIT
    dialog._ok.click()
    assert board.rows[TENCENT].threshold == -90e6
    dialog = open_threshold(window)
    assert dialog.inherit.isChecked()
    dialog.none.click()
    assert dialog.choice() is Choice.NONE
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


class Asked:
    """Takes what the dialog asks; the test answers."""

    def __init__(self) -> None:
        self.levels: list[Level] = []
        self.told: list[Callable[[str, Sequence[TriedDay]], None]] = []
        self.forgotten: list[Level] = []

    def __call__(self, level: Level, tell: Callable[[str, Sequence[TriedDay]], None]) -> Callable[[], None]:
        self.levels.append(level)
        self.told.append(tell)
        return lambda: self.forgotten.append(level)


def test_it_says_what_the_level_would_have_done_and_forgets_older_questions(theme: Theme, qtbot: QtBot) -> None:
    asked = Asked()
    dialog = ThresholdDialog(TENCENT, -200e6, None, currency="HKD", theme=theme, ask_past=asked)
    qtbot.addWidget(dialog)
    assert asked.levels == [-200e6]
    asked.told[0]("It would have alerted once.", trial(-100e6).days)
    assert dialog.past.text() == "It would have alerted once."
    assert dialog.days.accessibleDescription().count("\n") == 9
    dialog.amount.setText("3%")
    assert dialog.past.text() == "Trying it on the recorded sessions …"
    assert dialog.days.accessibleDescription() == ""
    assert asked.levels == [-200e6, Share(-0.03)]
    assert asked.forgotten == [-200e6]
    dialog.amount.setText("-3.0%")  # the same level in other words
    assert len(asked.levels) == 2
    dialog.none.setChecked(True)
    assert dialog.past.text() == ""
    assert asked.forgotten == [-200e6, Share(-0.03)]
    assert len(asked.levels) == 2


def test_it_grows_where_what_is_said_of_the_past_needs_two_lines(theme: Theme, qtbot: QtBot) -> None:
    asked = Asked()
    dialog = ThresholdDialog(TENCENT, -200e6, None, currency="HKD", theme=theme, ask_past=asked)
    qtbot.addWidget(dialog)
    dialog.show()
    before = dialog.height()
    asked.told[0]("It could not always be judged in the recorded sessions. " * 3, trial(-100e6).days)
    assert dialog.height() > before
    assert dialog.height() >= dialog.sizeHint().height()


def test_the_threshold_of_all_symbols_is_tried_where_a_symbol_follows_it(theme: Theme, qtbot: QtBot) -> None:
    asked = Asked()
    dialog = ThresholdDialog(TENCENT, Choice.INHERIT, Share(-0.02), currency="HKD", theme=theme, ask_past=asked)
    qtbot.addWidget(dialog)
    assert asked.levels == [Share(-0.02)]
    dialog.own.setChecked(True)
    dialog.amount.setText("-50M")
    dialog.inherit.setChecked(True)
    assert asked.levels == [Share(-0.02), -50e6, Share(-0.02)]
    assert asked.forgotten == asked.levels[:-1]
    none = ThresholdDialog(TENCENT, Choice.INHERIT, None, currency="HKD", theme=theme, ask_past=asked)
    qtbot.addWidget(none)
    assert len(asked.levels) == 3
    assert none.past.text() == ""


def test_where_nothing_is_recorded_it_has_no_room_for_that(theme: Theme, qtbot: QtBot) -> None:
    dialog = opened(theme, qtbot)
    assert dialog.past.isHidden()
    assert dialog.days.isHidden()
