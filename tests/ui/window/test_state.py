"""What is kept of a window, and brought back."""

from __future__ import annotations

import base64

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.domain.flow import Period
from capflow_gui.domain.symbol import Symbol
from capflow_gui.settings import Settings
from capflow_gui.ui.theme import Theme
from tests.ui.boards import HandBoard
from tests.ui.window_fixture import open_window, shut


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
