"""A window over two weeks of recorded days."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.recorded_days import TENCENT, HandDays, two_weeks
from tests.ui.window_fixture import Answers, open_window, shut


@pytest.fixture
def days() -> HandDays:
    return two_weeks()


@pytest.fixture
def answers(days: HandDays) -> Answers:
    return Answers(recorded=days)


@pytest.fixture
def window(board: HandBoard, answers: Answers, theme: Theme, qtbot: QtBot) -> Iterator[MainWindow]:
    opened = open_window(board, answers=answers)
    opened.go_to(TENCENT)
    qtbot.waitUntil(lambda: opened.chart.chart is not None)
    yield opened
    shut(opened)
