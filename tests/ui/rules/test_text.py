"""The text of a rule: Enter is the dialog's, and a caret stands under what cannot be read."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from capflow_gui.ui.rules.text import RuleText
from capflow_gui.ui.theme import Theme


@pytest.fixture
def text(theme: Theme, qtbot: QtBot) -> RuleText:
    made = RuleText(theme)
    qtbot.addWidget(made)
    made.resize(420, made.sizeHint().height())
    made.show()
    return made


def test_only_what_the_user_writes_is_told(text: RuleText) -> None:
    told: list[str] = []
    text.edited.connect(told.append)
    text.show_text("*: net <= -2M")
    assert told == []
    text.moveCursor(text.textCursor().MoveOperation.End)
    QTest.keyClicks(text, "00")
    assert told == ["*: net <= -2M0", "*: net <= -2M00"]


def test_enter_breaks_no_line(text: RuleText) -> None:
    entered: list[bool] = []
    text.entered.connect(lambda: entered.append(True))
    text.show_text("*: net <= -2M")
    QTest.keyClick(text, Qt.Key.Key_Return)
    assert (text.text(), entered) == ("*: net <= -2M", [True])
    text.setPlainText("*: net\n<= -2M")  # pasted
    assert text.text() == "*: net <= -2M"


def test_the_caret_stands_under_the_fault(text: RuleText, theme: Theme) -> None:
    text.show_text("*: net <= -200Q")
    assert text.fault_point() is None
    text.mark(14)
    tip = text.fault_point()
    assert tip is not None
    before = text.fontMetrics().horizontalAdvance("*: net <= -200")
    assert abs(tip.x() - before) < text.fontMetrics().horizontalAdvance("Q") + 8
    image = text.viewport().grab().toImage()
    assert image.pixelColor(round(tip.x()), round(tip.y()) + 3) == theme.alert_text
    text.mark(99)
    end = text.fault_point()
    assert end is not None
    assert end.x() > tip.x()
