"""A window over three rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, row_of
from tests.ui.window_fixture import open_window, shut


@pytest.fixture
def board() -> HandBoard:
    return HandBoard.of(
        row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6, change=-0.0184, threshold=-300e6, threshold_own=True),
        row_of("3690.HK", "Meituan-W", -151.8e6, 2919e6, change=-0.0291),
        row_of("1211.HK", "BYD", 21.2e6, 2355e6, change=0.0082),
    )


@pytest.fixture
def window(board: HandBoard, theme: Theme, qtbot: QtBot) -> Iterator[MainWindow]:
    opened = open_window(board)
    yield opened
    shut(opened)
