"""Which key an event means, under layouts of other scripts and on other systems."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from capflow_gui.ui.keyboard import key_of

NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


def event(key: int, scan: int = 0, virtual: int = 0, modifiers: Qt.KeyboardModifier = NONE) -> QKeyEvent:
    return QKeyEvent(QEvent.Type.KeyPress, key, modifiers, scan, virtual, 0)


@pytest.mark.parametrize("place", [("linux", 38, 0x6C6), ("win32", 30, 0x41), ("darwin", 0, 0)], ids=str)
@pytest.mark.parametrize("letter", ["Ф", "Α", "ש"])
@pytest.mark.parametrize("modifiers", [NONE, SHIFT, CTRL])
def test_a_letter_of_another_script_is_the_one_at_its_place(
    monkeypatch: pytest.MonkeyPatch, place: tuple[str, int, int], letter: str, modifiers: Qt.KeyboardModifier
) -> None:
    system, scan, virtual = place
    monkeypatch.setattr(sys, "platform", system)
    assert key_of(event(ord(letter), scan, virtual, modifiers)) == Qt.Key.Key_A


@pytest.mark.parametrize("key", [Qt.Key.Key_Q, Qt.Key.Key_Slash, Qt.Key.Key_Left, Qt.Key.Key_1, Qt.Key.Key_unknown])
def test_what_has_a_key_of_its_own_keeps_it(monkeypatch: pytest.MonkeyPatch, key: Qt.Key) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert key_of(event(key.value, 38)) == key


def test_a_letter_beside_the_latin_ones_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the German ö, right of L."""
    monkeypatch.setattr(sys, "platform", "linux")
    assert key_of(event(ord("Ö"), 47)).value == ord("Ö")


def test_with_a_modifier_the_keys_of_the_digits_are_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    french = Qt.Key.Key_Ampersand.value
    assert key_of(event(french, 10, 0, ALT)) == Qt.Key.Key_1
    assert key_of(event(french, 10)) == Qt.Key.Key_Ampersand
    monkeypatch.setattr(sys, "platform", "darwin")
    assert key_of(event(french, 0, 25, CTRL)) == Qt.Key.Key_9
