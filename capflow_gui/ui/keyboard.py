"""Single keys under any keyboard layout, and when they are commands; where Tab goes."""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

# Where signs lie on a keyboard, as scan codes (X11 and Wayland add 8) and as virtual keys of macOS.
_ROWS = {2: "123456789", 16: "QWERTYUIOP", 30: "ASDFGHJKL", 44: "ZXCVBNM,"}
_SCAN_CODES = {first + place: sign for first, row in _ROWS.items() for place, sign in enumerate(row)}
_MAC_KEYS = dict(enumerate("ASDFHGZXCV")) | dict(zip((11, 12, 13, 14, 15, 16, 17), "BQWERYT", strict=True))
_MAC_KEYS |= {31: "O", 32: "U", 34: "I", 35: "P", 37: "L", 38: "J", 40: "K", 45: "N", 46: "M", 43: ","}
_MAC_KEYS |= dict(zip((18, 19, 20, 21, 23, 22, 26, 28, 25), _ROWS[2], strict=True))
_WITH_SIGNS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def key_of(event: QKeyEvent) -> Qt.Key:
    """The key of an event; one that types a letter of another script is the Latin letter at its place.

    Layouts with Latin letters go by the letter, wherever it lies: A is the key that types an a. With Ctrl or Alt the
    keys of the digits are digits, also where they need Shift to type one.
    """
    key = Qt.Key(event.key())
    if sys.platform == "darwin":
        sign = _MAC_KEYS.get(event.nativeVirtualKey(), "")
    else:
        sign = _SCAN_CODES.get(event.nativeScanCode() - (0 if sys.platform == "win32" else 8), "")
    foreign = 0x80 <= key.value < Qt.Key.Key_Escape.value and chr(key.value).isalpha()
    shifted = bool(event.modifiers() & _WITH_SIGNS) and sign.isdigit()
    return Qt.Key(ord(sign)) if sign and (foreign or shifted) else key


def tab_after(first: QWidget, second: QWidget) -> None:
    """Let Tab go from the last of a widget and its parts to another and its parts."""
    before = _tabbed(first)[-1]
    for each in _tabbed(second):
        QWidget.setTabOrder(before, each)
        before = each


def _tabbed(widget: QWidget) -> list[QWidget]:
    parts = [widget, *widget.findChildren(QWidget)]
    return [each for each in parts if each.focusPolicy() & Qt.FocusPolicy.TabFocus]
