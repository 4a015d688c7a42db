from __future__ import annotations

import pytest
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.access.read_aloud import announce, is_read_aloud


@pytest.mark.parametrize("read", [True, False])
def test_it_is_said_where_somebody_listens(read: bool, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[QAccessibleAnnouncementEvent] = []
    monkeypatch.setattr(QAccessible, "isActive", lambda: read)
    monkeypatch.setattr(QAccessible, "updateAccessibility", heard.append)
    widget = QWidget()
    qtbot.addWidget(widget)
    announce(widget, "Alert")
    assert is_read_aloud() is read
    assert len(heard) == read
