"""What is not as it is at first is marked in every form, and led back."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.domain.typed.level import OFFERED, Choice
from capflow_gui.settings import OpendSettings
from capflow_gui.ui.channels.fields import field_for
from capflow_gui.ui.dialogs.connection_form import ConnectionForm
from capflow_gui.ui.dialogs.threshold import ThresholdDialog
from capflow_gui.ui.settings.changed import ChangedMark
from capflow_gui.ui.theme import Theme
from tests.ui.window_fixture import TENCENT, Answers, start_now


def shown(within: QWidget) -> list[str]:
    """What the marks that can be seen lead back to."""
    return [each.text() for each in buttons(within)]


def buttons(within: QWidget) -> list[QPushButton]:
    marks = [mark for mark in within.findChildren(ChangedMark) if not mark.isHidden()]
    return [each for mark in marks for each in mark.findChildren(QPushButton) if not each.isHidden()]


def press(within: QWidget) -> None:
    buttons(within)[0].click()


def test_a_mark_of_what_nobody_may_change_leads_nowhere(theme: Theme, qtbot: QtBot) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    mark = ChangedMark(theme, around)
    mark.follow("Port", "11111", differs=False)
    assert mark.isHidden()
    assert not mark.children()
    mark.follow("Port", "11111", differs=True, held=True)
    assert (mark.isHidden(), shown(around)) == (False, [])
    mark.follow("Port", "11111", differs=True)
    assert shown(around) == ["Reset to 11111"]
    assert buttons(around)[0].accessibleName() == "Port: Reset to 11111"
    mark.follow("Port", "11111", differs=False)
    assert mark.isHidden()


@pytest.mark.parametrize(
    ("kind", "value", "default", "words"),
    [
        (bool, True, False, "off"),
        (str, "night", "", "nothing"),
        (int | None, 9, None, "nothing"),
        (int, 25, 465, "465"),
        (Literal["tls", "none"], "none", "tls", None),
        (list[str], ["a"], ["b", "c"], "b, c"),
    ],
)
def test_a_channels_field_is_marked_and_led_back(
    kind: Any, value: Any, default: Any, words: str | None, theme: Theme
) -> None:
    around = QWidget()
    field = field_for(kind, "Caption", "", value, required=False, theme=theme, parent=around)
    assert shown(field) == []
    field.offer_default(default)
    (said,) = shown(field)
    assert said.startswith("Reset to ")
    assert words is None or said == f"Reset to {words}"
    press(field)
    assert shown(field) == []
    assert (field.value or None) == (default or None)
    field.put(value)
    assert shown(field) == [said]


def test_a_connection_names_each_field_that_is_another(theme: Theme, qtbot: QtBot) -> None:
    answers = Answers()
    form = ConnectionForm(OpendSettings("10.0.0.2", 11111), answers.test, start_now, theme)
    qtbot.addWidget(form)
    assert shown(form) == ["Reset to 127.0.0.1"]
    assert not form._marks.isHidden()
    form.port.setText("22222")
    form.key.setText("key.pem")
    assert shown(form) == ["Reset to 127.0.0.1", "Reset to 11111", "Reset to nothing"]
    press(form)
    press(form)
    press(form)
    assert (form.host.text(), form.port.text(), form.key.text(), shown(form)) == ("127.0.0.1", "11111", "", [])
    assert form._marks.isHidden()


def test_a_threshold_of_ones_own_is_marked_and_led_back(theme: Theme, qtbot: QtBot) -> None:
    own = ThresholdDialog(TENCENT, -200e6, None, currency="HKD", theme=theme)
    qtbot.addWidget(own)
    assert shown(own) == ["Reset to that of all others"]
    press(own)
    assert (own.choice(), shown(own)) == (Choice.INHERIT, [])
    everybody = ThresholdDialog(None, -5e6, -5e6, currency="HKD", theme=theme)
    qtbot.addWidget(everybody)
    assert shown(everybody) == ["Reset to −2%"]
    press(everybody)
    assert (everybody.choice(), shown(everybody)) == (OFFERED, [])
    everybody.amount.setText("nonsense")
    assert shown(everybody) == []
    held = ThresholdDialog(TENCENT, -200e6, None, currency="HKD", theme=theme, locked=True)
    qtbot.addWidget(held)
    assert shown(held) == []
