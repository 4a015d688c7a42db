"""What a window does is offered in one order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from capflow_gui.ui.actions.offered import actions_of
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard, row_of
from tests.ui.window_fixture import open_window, shut


@pytest.fixture
def window(theme: Theme, qtbot: QtBot) -> Iterator[MainWindow]:
    opened = open_window(HandBoard.of(row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6)))
    yield opened
    shut(opened)


def test_the_list_comes_first_and_the_settings_last(window: MainWindow) -> None:
    names = [action.name for action in actions_of(window)]
    (first, *_rest), settings = window.lists.actions(), [name for name in names if name.startswith("Setting: ")]
    assert names[0] == first.name
    assert settings
    assert names[-len(settings) :] == settings


def test_no_key_does_two_things_in_the_window(window: MainWindow) -> None:
    keys = [key for action in actions_of(window) if not action.scope.is_local for key in action.keys]
    assert "Ctrl+K" in keys
    assert len(keys) == len(set(keys))
