"""Keys, pressed where the keyboard is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from capflow_gui.domain.symbol import Symbol

TENCENT, MEITUAN, BYD = map(Symbol.parse, ("700.HK", "3690.HK", "1211.HK"))


ALT, CTRL, NONE = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    """A key, where the keyboard is."""
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, key, modifiers)
