"""Single keys under any keyboard layout, and when they are commands; where Tab goes."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QCoreApplication, QEvent, QRect, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QRadioButton, QWidget

from capflow_gui.domain.typed.text import fold

Run = Callable[[], object]
_Group = tuple[QRect, list[QWidget]]  # where a part is in the one around it, and what Tab reaches there
_OVERLAP = 3  # pixels by which lines and columns may reach into each other
SHIFT = "⇧"
# Where signs lie on a US keyboard, as scan codes (X11 and Wayland add 8) and as virtual keys of macOS.
_ROWS = {2: "1234567890", 16: "QWERTYUIOP[]", 30: "ASDFGHJKL;'", 44: "ZXCVBNM,./"}
_SCAN_CODES = {first + place: sign for first, row in _ROWS.items() for place, sign in enumerate(row)}
_MAC_KEYS = dict(enumerate("ASDFHGZXCV")) | dict(zip((11, 12, 13, 14, 15, 16, 17), "BQWERYT", strict=True))
_MAC_KEYS |= {31: "O", 32: "U", 34: "I", 35: "P", 37: "L", 38: "J", 40: "K", 45: "N", 46: "M"}
_MAC_KEYS |= {30: "]", 33: "[", 39: "'", 41: ";", 43: ",", 44: "/", 47: "."}
_MAC_KEYS |= dict(zip((18, 19, 20, 21, 23, 22, 26, 28, 25, 29), _ROWS[2], strict=True))
_WITH_SHIFT = {"[": "{", "]": "}", ",": "<", ".": ">", "/": "?"}
# What a Chinese input method types for signs in its wide style.
_WIDE = {"、": "/", "【": "[", "】": "]", "「": "[", "」": "]", "『": "{", "』": "}", "《": "<", "》": ">"}
# Signs that Greek and Hebrew have at the place of a letter, and no Latin layout has there.
_SIGNS_OF_SCRIPTS = {"Q": tuple(map(ord, ";:/")), "W": (ord("'"),)}
_SCRIPTS_FROM = 0x370  # Greek, the first script after the Latin letters and their accents
_MODIFIERS = Qt.KeyboardModifier
_WITH_SIGNS = _MODIFIERS.ControlModifier | _MODIFIERS.AltModifier
_NAMED = {
    "↑": Qt.Key.Key_Up,
    "↓": Qt.Key.Key_Down,
    "←": Qt.Key.Key_Left,
    "→": Qt.Key.Key_Right,
    "−": Qt.Key.Key_Minus,
    "Enter": Qt.Key.Key_Return,
    "PgDn": Qt.Key.Key_PageDown,
}


def _place_of(event: QKeyEvent) -> str:
    """What a US keyboard has at the place of the key, "" for a key of no sign."""
    if sys.platform == "darwin":
        return _MAC_KEYS.get(event.nativeVirtualKey(), "")
    return _SCAN_CODES.get(event.nativeScanCode() - (0 if sys.platform == "win32" else 8), "")


def _foreign(key: int, place: str) -> bool:
    """Whether a key types a letter or vowel sign of another script, or one of its signs at a letter's place."""
    if key in _SIGNS_OF_SCRIPTS.get(place, ()):
        return True
    if not _SCRIPTS_FROM <= key < Qt.Key.Key_Escape.value:
        return False
    return unicodedata.category(chr(key))[0] in "LM" and not unicodedata.name(chr(key), "").startswith("LATIN")


def _sign_of(event: QKeyEvent) -> str:
    """The sign that is typed, in its narrow form; "" where a command is meant by Ctrl or Alt.

    AltGr, which some layouts need for brackets, is Ctrl+Alt on Windows and Alt on macOS.
    """
    commanded = event.modifiers() & (_WITH_SIGNS | _MODIFIERS.MetaModifier)
    alt_gr = {"win32": _WITH_SIGNS, "darwin": _MODIFIERS.AltModifier}.get(sys.platform)
    text = event.text()
    if len(text) != 1 or (commanded and commanded != alt_gr):
        return ""
    return _WIDE.get(text) or fold(text)


def key_of(event: QKeyEvent) -> Qt.Key:
    """The key of an event; one that types a letter of another script is what a US keyboard has at its place.

    Layouts with Latin letters go by the letter, wherever it lies: A is the key that types an a. With Ctrl or Alt the
    keys of the digits are digits, also where they need Shift to type one.
    """
    key, place = Qt.Key(event.key()), _place_of(event)
    commanded = bool(event.modifiers() & _WITH_SIGNS)
    return Qt.Key(ord(place)) if place and (_foreign(key.value, place) or (commanded and place.isdigit())) else key


@cache
def read_key(written: str) -> tuple[Qt.Key, Qt.KeyboardModifier]:
    """A key as it is written on the sheet: `Ctrl+K`, `A`, `⇧A`, `Alt+←`, `/`."""
    modifiers, name = _MODIFIERS.NoModifier, written
    for word, modifier in (
        ("Ctrl+", _MODIFIERS.ControlModifier),
        ("Alt+", _MODIFIERS.AltModifier),
        (SHIFT, _MODIFIERS.ShiftModifier),
    ):
        if name.startswith(word):
            modifiers, name = modifiers | modifier, name.removeprefix(word)
    if name in _NAMED:
        return _NAMED[name], modifiers
    return QKeySequence(name)[0].key(), modifiers  # type: ignore[index]


class KeyTable:
    """What is done by which key, under any keyboard layout. Keys are written as on the sheet.

    Letters are keys, so that Caps Lock changes nothing. Signs are what is typed, however a layout types them.
    """

    def __init__(self) -> None:
        self._by_key: dict[tuple[int, Qt.KeyboardModifier], Run] = {}
        self._by_sign: dict[str, Run] = {}

    def add(self, written: str, run: Run) -> None:
        """Let a key do something."""
        if len(written) == 1 and written not in _NAMED and not written.isalpha():
            self._by_sign[written] = run
        else:
            key, modifiers = read_key(written)
            self._by_key[key.value, modifiers] = run

    def find(self, event: QKeyEvent) -> Run | None:
        """What a key does; None for a key that is not in the table."""
        modifiers = event.modifiers() & ~(_MODIFIERS.KeypadModifier | _MODIFIERS.GroupSwitchModifier)
        typed = self._by_sign.get(_sign_of(event)) or self._by_key.get((key_of(event).value, modifiers))
        return typed or self._by_place(event, modifiers)

    def _by_place(self, event: QKeyEvent, modifiers: Qt.KeyboardModifier) -> Run | None:
        """Signs that the layout has nowhere or needs Shift for: by their place on a US keyboard."""
        place, key = _place_of(event), event.key()
        if not place or place.isalpha() or (key < 0x80 and chr(key).isalnum()):
            return None
        if modifiers & _WITH_SIGNS:
            return self._by_key.get((ord(place), modifiers))
        shift = modifiers == _MODIFIERS.ShiftModifier
        if _foreign(key, place):
            return self._by_sign.get(_WITH_SHIFT.get(place, "") if shift else place)
        return self._by_sign.get(place) if place.isdigit() and not shift else None


def press(widget: QWidget, written: str) -> None:
    """Give a widget the keyboard, and a key as if it had been pressed there."""
    key, modifiers = read_key(written)
    focus = QApplication.focusWidget()
    if focus is None or not (focus is widget or widget.isAncestorOf(focus)):
        widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
    text = written if len(written) == 1 and modifiers == _MODIFIERS.NoModifier else ""
    QCoreApplication.sendEvent(widget, QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text))


def tab(window: QWidget, *, forward: bool) -> bool:
    """Let Tab go to the next part of a window, or to the one before, as one reads it; False where there is none.

    Qt goes in the order in which widgets were made, and past all between a widget and what stands for its focus.
    """
    stops, here = tab_stops(window), window.focusWidget()
    if not stops:
        return False
    if here in stops:
        place = stops.index(here) + (1 if forward else -1)
    else:  # in a part that is no stop: into that, or to the first one
        inside = (place for place, each in enumerate(stops) if here is not None and here.isAncestorOf(each))
        place = next(inside, 0)
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    stops[place % len(stops)].setFocus(reason)
    return True


def tab_stops(part: QWidget) -> list[QWidget]:
    """What Tab reaches in a part: line by line, and what stands together in a column before what is beside it."""
    groups = []
    for child in part.children():
        if isinstance(child, QWidget) and not child.isWindow() and child.isVisible() and child.isEnabled():
            stops = [*([child] if _is_stop(child) else []), *tab_stops(child)]
            if stops:
                groups.append((child.geometry(), stops))
    return [stop for _box, stops in _as_read(groups) for stop in stops]


def _is_stop(widget: QWidget) -> bool:
    """Of buttons of which one is chosen, the chosen one is reached by Tab, and the others from there."""
    if not widget.focusPolicy() & Qt.FocusPolicy.TabFocus or widget.focusProxy() is not None:
        return False
    if not isinstance(widget, QRadioButton) or widget.isChecked() or not widget.autoExclusive():
        return True
    group, parent = widget.group(), widget.parentWidget()
    others = group.buttons() if group is not None else parent.findChildren(QRadioButton)
    return not any(each.isChecked() for each in others)


def _as_read(groups: list[_Group]) -> list[_Group]:
    """Cut into lines, those into columns, and so on; what cannot be cut is read from its upper left corner."""
    if len(groups) < 2:
        return groups
    for start, end in ((QRect.top, QRect.bottom), (QRect.left, QRect.right)):
        parts: list[list[_Group]] = []
        reached = 0
        for group in sorted(groups, key=lambda each: start(each[0])):
            if not parts or start(group[0]) > reached - _OVERLAP:
                parts.append([])
                reached = end(group[0])
            parts[-1].append(group)
            reached = max(reached, end(group[0]))
        if len(parts) > 1:
            return [group for part in parts for group in _as_read(part)]
    return sorted(groups, key=lambda each: (each[0].top(), each[0].left()))
