"""Screens are told of when they have come to rest."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capflow_gui.domain.arrangement.screens import Rect, Screen, Screens
from capflow_gui.ui.arrangement.screen_watch import ScreenWatch

ONE = (Screen("A", Rect(0, 0, 800, 600), Rect(0, 0, 800, 600)),)
TWO = (*ONE, Screen("B", Rect(800, 0, 800, 600), Rect(800, 0, 800, 600)))


def test_several_changes_are_told_once_and_none_where_all_is_as_before(qtbot: QtBot) -> None:
    parent, now, told = QObject(), ONE, []

    def read() -> Screens:
        return now

    watch = ScreenWatch(parent, read)
    watch._settling.setInterval(0)
    watch.changed.connect(lambda before, after: told.append((before, after)))
    assert watch.is_at_rest
    now = TWO
    assert not watch.is_at_rest
    for _change in range(3):
        QApplication.primaryScreen().geometryChanged.emit(QApplication.primaryScreen().geometry())
    qtbot.waitUntil(lambda: bool(told))
    assert told == [(ONE, TWO)]
    assert watch.is_at_rest
    watch.wait()
    assert not watch.is_at_rest
    watch.rest()
    watch.look()
    assert len(told) == 1
    parent.deleteLater()
