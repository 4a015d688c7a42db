"""The controls give way in a narrow chart, and do what their keys do."""

from __future__ import annotations

import math

from pytestqt.qtbot import QtBot

from capflow_gui.playback.board import ShownBoard
from capflow_gui.ui.history.playback import Playback
from capflow_gui.ui.history.playback_bar import PlaybackBar
from capflow_gui.ui.theme import Theme
from tests.ui.boards import HandBoard
from tests.ui.recorded_days import HandDays, minute_by_minute, recorded
from tests.ui.window_fixture import start_now


def test_controls_without_room_give_way_and_keep_their_tooltips(qtbot: QtBot, board: HandBoard, theme: Theme) -> None:
    session = minute_by_minute(recorded())
    playback = Playback(HandDays.of([session]), start_now, ShownBoard(board))
    playback.slice_s = math.inf
    bar = PlaybackBar(playback, theme)
    qtbot.addWidget(bar)
    bar.refresh()
    assert not any(button.isEnabled() for button in bar.buttons)
    playback.open(session)
    playback.pause()
    bar.refresh()
    assert all(button.isEnabled() for button in bar.buttons)
    bar.show()
    for width, least in ((900, 6), (330, 3)):
        bar.resize(width, bar.sizeHint().height())
        shown = [button for button in bar.buttons if button.isVisible()]
        assert least <= len(shown)
        assert sum(button.sizeHint().width() for button in shown) < width
    assert all(button.toolTip().endswith(")") for button in bar.buttons)
    bar.buttons[1].click()
    assert playback.now % 60 == 0
    bar.buttons[4].click()
    assert playback.speed == 30
    playback.close()
