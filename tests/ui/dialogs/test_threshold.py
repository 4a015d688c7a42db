"""The threshold editor reads amounts as people write them, and shows what it will keep."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from capflow_gui.domain.symbol import Symbol
from capflow_gui.ui.dialogs.threshold import ThresholdDialog
from capflow_gui.ui.theme import Theme

TENCENT = Symbol.parse("700.HK")


def opened(theme: Theme, qtbot: QtBot, current: float = -200e6) -> ThresholdDialog:
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


@pytest.mark.parametrize("level", [-151_234_567.0, -147.25e6, -1.234e6, -1e13])
def test_setting_it_unchanged_keeps_the_level_exactly(theme: Theme, qtbot: QtBot, level: float) -> None:
    assert opened(theme, qtbot, level).choice() == level
