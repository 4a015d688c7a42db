"""What a field of a channel's form gives for what is entered."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.present.language.catalogues import speak
from capflow_gui.settings.channels import Filled, Secret
from capflow_gui.ui.channels.fields import Field, Line, Lines, Options, SecretField, Switch, field_for
from capflow_gui.ui.theme import Theme


@pytest.fixture
def around(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def field_of(kind: Any, value: Any, theme: Theme, around: QWidget, *, required: bool = False) -> Field:
    return field_for(kind, "Caption", "Hint.", value, required=required, theme=theme, parent=around)


def test_each_type_has_a_control(theme: Theme, around: QWidget) -> None:
    box = field_of(bool, True, theme, around)
    assert (type(box), box.value) == (Switch, True)
    words = field_of(Literal["tls", "none"], "none", theme, around)
    assert (type(words), words.value) == (Options, "none")
    speak("zh_CN")
    try:
        words = field_of(Literal["tls", "none"], "none", theme, around)
    finally:
        speak("en")
    assert isinstance(words, Options)
    assert not any(words.choice.itemText(place).isascii() for place in range(words.choice.count()))
    several = field_of(list[Filled], ["a", "b"], theme, around)
    assert (type(several), several.value) == (Lines, ["a", "b"])
    assert field_of(list[Filled], None, theme, around).value is None


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (str, " a b ", "a b"),
        (str, " ", None),
        (int | None, "7", 7),
        (int | None, "", None),
        (int | None, "7.5", "7.5"),
        (float, "7.5", 7.5),
        (float, "long", "long"),
    ],
)
def test_what_is_no_number_stays_a_text(theme: Theme, around: QWidget, kind: Any, text: str, value: object) -> None:
    line = field_of(kind, None, theme, around)
    assert isinstance(line, Line)
    line.edit.setText(text)
    assert line.value == value


def test_a_fault_is_read_aloud_and_goes(theme: Theme, around: QWidget) -> None:
    line = field_of(str, None, theme, around)
    line.say("It is missing.")
    assert (line.fault.text(), line.control.accessibleDescription()) == ("It is missing.", "It is missing.")
    line.say("")
    assert (line.fault.text(), line.control.accessibleDescription()) == ("", "Hint.")


def test_what_was_typed_for_one_place_of_a_secret_never_shows_in_another(theme: Theme, around: QWidget) -> None:
    field = field_of(Secret | None, None, theme, around)
    assert isinstance(field, SecretField)
    assert (field.value, field.named) == (None, False)
    field.choice.setCurrentIndex(field.choice.findData("keyring"))
    field.edit.setText("hush")
    assert field.value == "keyring"
    field.choice.setCurrentIndex(field.choice.findData("env"))
    assert (field.edit.text(), field.value, field.named) == ("", None, True)
    field.edit.setText("NAME")
    assert field.value == "env:NAME"


def test_only_an_optional_secret_may_be_nowhere(theme: Theme, around: QWidget) -> None:
    assert field_of(Secret, "keyring", theme, around, required=True).choice.findData("") == -1
