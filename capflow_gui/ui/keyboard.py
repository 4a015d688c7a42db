"""Single keys under any keyboard layout, and when they are commands."""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

# Where letters lie on a keyboard, as scan codes (X11 and Wayland add 8) and as macOS' virtual keys.
_ROWS = {16: "QWERTYUIOP", 30: "ASDFGHJKL", 44: "ZXCVBNM"}
_SCAN_CODES = {first + place: letter for first, row in _ROWS.items() for place, letter in enumerate(row)}
_MAC_KEYS = dict(enumerate("ASDFHGZXCV")) | dict(zip((11, 12, 13, 14, 15, 16, 17), "BQWERYT", strict=True))
_MAC_KEYS |= {31: "O", 32: "U", 34: "I", 35: "P", 37: "L", 38: "J", 40: "K", 45: "N", 46: "M"}


def key_of(event: QKeyEvent) -> Qt.Key:
    """The key of an event; one that types a letter of another script is the Latin letter at its place.

    Layouts with Latin letters go by the letter, wherever it lies: A is the key that types an a.
    """
    key = Qt.Key(event.key())
    if not 0x80 <= key.value < Qt.Key.Key_Escape.value or not event.text().isalpha():
        return key
    if sys.platform == "darwin":
        letter = _MAC_KEYS.get(event.nativeVirtualKey())
    else:
        letter = _SCAN_CODES.get(event.nativeScanCode() - (0 if sys.platform == "win32" else 8))
    return key if letter is None else Qt.Key(ord(letter))
