"""Which key an event means, under layouts of other scripts and on other systems."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from capflow_gui.ui.keyboard import KeyTable, key_of, read_key

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


WRITTEN = [
    *"AEJKLQMW0123456789/?.[]{}<>",
    "⇧A",
    "⇧W",
    "Ctrl+K",
    "Ctrl+Q",
    "Ctrl+,",
    "Ctrl+[",
    "Ctrl+1",
    "Alt+2",
    "Ctrl+Alt+2",
]
# What a layout sends, as X11 numbers its keys: the scan code, Qt's key, the modifiers, the text; and the key it is.
KEYS: dict[str, list[tuple[int, int, Qt.KeyboardModifier, str, str | None]]] = {
    "US": [
        (38, ord("A"), NONE, "a", "A"),
        (38, ord("A"), SHIFT, "A", "⇧A"),
        (38, ord("A"), NONE, "A", "A"),  # Caps Lock
        (10, ord("1"), NONE, "1", "1"),
        (10, ord("!"), SHIFT, "!", None),
        (61, ord("?"), SHIFT, "?", "?"),
        (34, ord("["), CTRL, "", "Ctrl+["),
        (61, ord("/"), CTRL, "/", None),
    ],
    "Russian": [
        (38, 0x424, NONE, "ф", "A"),
        (38, 0x424, SHIFT, "Ф", "⇧A"),
        (45, 0x41B, CTRL, "", "Ctrl+K"),
        (34, 0x425, NONE, "х", "["),
        (35, 0x42A, SHIFT, "Ъ", "}"),
        (35, 0x42A, NONE, "ъ", "]"),
        (59, 0x411, SHIFT, "Б", "<"),
        (60, 0x42E, NONE, "ю", "."),
        (59, 0x411, CTRL, "", "Ctrl+,"),
        (61, ord("."), NONE, ".", "."),
        (51, ord("/"), SHIFT, "/", "/"),
        (16, ord("?"), SHIFT, "?", "?"),
    ],
    "Greek": [
        (38, 0x391, NONE, "α", "A"),
        (45, 0x39A, CTRL, "", "Ctrl+K"),
        (61, ord("?"), SHIFT, "?", "?"),
        (24, ord(";"), NONE, ";", "Q"),
        (24, ord(";"), CTRL, ";", "Ctrl+Q"),
        (24, ord(":"), SHIFT, ":", None),
    ],
    "Hebrew": [
        (38, 0x5E9, NONE, "ש", "A"),
        (24, ord("/"), NONE, "/", "/"),  # at the place of Q: what it types
        (24, ord("/"), CTRL, "/", "Ctrl+Q"),
        (25, ord("'"), NONE, "'", "W"),
        (24, ord("/"), CTRL, "/", "Ctrl+Q"),
        (61, ord("."), NONE, ".", "."),
    ],
    "Thai": [
        (38, 0xE1F, NONE, "ฟ", "A"),
        (32, 0xE19, NONE, "น", None),
        (44, 0xE48, NONE, "่", "J"),  # a mark above a letter
        (11, ord("/"), NONE, "/", "/"),
        (14, 0xE20, NONE, "ภ", "5"),
    ],
    "Chinese": [
        (61, ord("?"), SHIFT, "？", "?"),
        (61, 0x3001, NONE, "、", "/"),
        (60, 0x3002, NONE, "。", "."),
        (34, 0x3010, NONE, "【", "["),
        (35, 0x300D, SHIFT, "』", "}"),
        (59, 0x300A, SHIFT, "《", "<"),
        (38, ord("A"), NONE, "a", "A"),
        (19, 0xFF10, NONE, "０", "0"),
    ],
    "French": [
        (38, ord("Q"), NONE, "q", "Q"),
        (24, ord("A"), NONE, "a", "A"),
        (10, ord("&"), NONE, "&", "1"),
        (10, ord("1"), SHIFT, "1", "1"),
        (11, 0xC9, NONE, "é", "2"),
        (19, 0xC0, NONE, "à", "0"),
        (10, ord("&"), CTRL, "&", "Ctrl+1"),
        (11, 0xC9, ALT, "é", "Alt+2"),
        (11, 0xC9, CTRL | ALT, "", "Ctrl+Alt+2"),
        (58, ord(","), NONE, ",", None),  # at the place of M, which mutes
        (34, Qt.Key.Key_Dead_Circumflex.value, CTRL, "", "Ctrl+["),
        (60, ord("/"), SHIFT, "/", "/"),
        (58, ord("?"), SHIFT, "?", "?"),
    ],
    "German": [
        (34, 0xDC, CTRL, "", "Ctrl+["),
        (34, 0xDC, NONE, "ü", None),
        (18, ord("]"), Qt.KeyboardModifier.GroupSwitchModifier, "]", "]"),
        (19, ord("}"), NONE, "}", "}"),
        (94, ord(">"), SHIFT, ">", ">"),
        (16, ord("/"), SHIFT, "/", "/"),
        (20, ord("?"), SHIFT, "?", "?"),
        (47, 0xD6, NONE, "ö", None),
    ],
    "Czech": [(11, 0x11A, NONE, "ě", "2"), (11, 0x11A, ALT, "ě", "Alt+2"), (10, ord("+"), CTRL, "", "Ctrl+1")],
    "Dvorak": [
        (24, ord("'"), CTRL, "", None),  # at the place of Q, which quits
        (53, ord("Q"), CTRL, "", "Ctrl+Q"),
        (25, ord(","), CTRL, "", "Ctrl+,"),
    ],
}


@pytest.mark.parametrize("layout", list(KEYS))
def test_keys_are_found_on_every_layout(monkeypatch: pytest.MonkeyPatch, layout: str) -> None:
    """Each key is found by its letter, its sign, or its place, and nothing by a key that only lies there."""
    table = KeyTable()
    for written in WRITTEN:
        table.add(written, lambda written=written: written)
    monkeypatch.setattr(sys, "platform", "linux")
    for scan, key, modifiers, text, wanted in KEYS[layout]:
        run = table.find(QKeyEvent(QEvent.Type.KeyPress, key, modifiers, scan, 0, 0, text))
        assert (None if run is None else run()) == wanted, text
        if modifiers in (NONE, SHIFT):  # Windows numbers keys as X11 does, less 8
            monkeypatch.setattr(sys, "platform", "win32")
            run = table.find(QKeyEvent(QEvent.Type.KeyPress, key, modifiers, scan - 8, 0, 0, text))
            assert (None if run is None else run()) == wanted, text
            monkeypatch.setattr(sys, "platform", "linux")


@pytest.mark.parametrize(("system", "modifiers"), [("win32", CTRL | ALT), ("darwin", ALT)])
def test_a_bracket_may_need_the_modifiers_that_alt_gr_is_elsewhere(
    monkeypatch: pytest.MonkeyPatch, system: str, modifiers: Qt.KeyboardModifier
) -> None:
    table = KeyTable()
    table.add("]", lambda: True)
    bracket = QKeyEvent(QEvent.Type.KeyPress, ord("]"), modifiers, 10, 25, 0, "]")
    monkeypatch.setattr(sys, "platform", system)
    assert table.find(bracket) is not None
    monkeypatch.setattr(sys, "platform", "linux")
    assert table.find(bracket) is None


@pytest.mark.parametrize(
    ("written", "key", "modifiers"),
    [
        ("Ctrl+K", Qt.Key.Key_K, CTRL),
        ("⇧Del", Qt.Key.Key_Delete, SHIFT),
        ("Alt+←", Qt.Key.Key_Left, ALT),
        ("−", Qt.Key.Key_Minus, NONE),
        ("+", Qt.Key.Key_Plus, NONE),
        ("PgDn", Qt.Key.Key_PageDown, NONE),
        ("Ctrl+Alt+4", Qt.Key.Key_4, CTRL | ALT),
        ("F11", Qt.Key.Key_F11, NONE),
        ("Esc", Qt.Key.Key_Escape, NONE),
    ],
)
def test_a_key_is_read_as_it_is_written(written: str, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    assert read_key(written) == (key, modifiers)
