"""Another language makes the window anew: what was shown, docked, torn off and played is there again."""

from __future__ import annotations

import json
from datetime import date

from PySide6.QtWidgets import QApplication

from capflow_gui.app.language.renewal import WhatIsShown
from capflow_gui.settings import Settings
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.main_window import MainWindow
from tests.ui.boards import HandBoard
from tests.ui.recorded_days import TENCENT, HandDays, minute_by_minute, recorded
from tests.ui.window_fixture import Answers, open_window, shut

DAY = date(2026, 11, 19)


def test_a_new_window_plays_on_beside_the_windows_and_docks_of_the_old_one(board: HandBoard, theme: Theme) -> None:
    answers = Answers(recorded=HandDays.of([minute_by_minute(recorded(TENCENT, DAY, -120e6))]))
    old = open_window(board, Settings(), answers)
    old.setGeometry(4, 30, 790, 740)
    old.go_to(TENCENT)
    old.views.torn.open({"kind": "chart", "symbol": "700.HK", "geometry": ""})
    old.views.docks.open({"kind": "tape"})
    old.panels.open_budget()
    play(old)
    old.playback.seek(old.playback.span[0] + 600)
    QApplication.processEvents()
    layout, shown = json.loads(json.dumps(old.state())), WhatIsShown.taken_from(old)
    shut(old)
    new = open_window(board, Settings(window=shown.window), answers, size=(790, 740))
    new.places.restore_beside(shown.window)
    new.playback.slice_s = float("inf")
    shown.bring_back(new)
    QApplication.processEvents()
    (torn,), (dock,) = new.views.torn.open_ones, new.views.docks.open_ones
    assert new.playback.now == shown.played_to
    assert new.state() == layout
    assert new.panels.budget().isVisible()
    assert torn.windowTitle() == "700.HK Tencent Holdings – PLAYBACK – Capflow"
    assert "Playback 09:40" in torn.content._slot.head.accessibleDescription()
    assert dock.view.kind == "tape"
    shut(new)


def play(window: MainWindow) -> None:
    """A recorded session, paused at its start."""
    window.playback.slice_s = float("inf")
    window.chart.show_date(DAY)
    window.chart.play_or_pause()
    window.playback.pause()
