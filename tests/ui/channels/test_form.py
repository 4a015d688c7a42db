"""The form of a channel: fields by its kind, faults at their fields, secrets that are never shown again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from capflow_gui.errors import SettingsError
from capflow_gui.present.alerts.channel_words import ITS_NAME, KEPT, KIND_NAMES
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.channels import KINDS, ChannelSettings, EmailSettings, TelegramSettings, WebhookSettings
from capflow_gui.ui.channels.fields import SecretField
from capflow_gui.ui.channels.form import ChannelForm
from capflow_gui.ui.theme import Theme
from tests.ui.window_fixture import Answers, start_now

Make = Callable[..., ChannelForm]


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def make(theme: Theme, answers: Answers, qtbot: QtBot) -> Make:
    def form(kind: str, **facts: object) -> ChannelForm:
        made = ChannelForm(kind, answers.desk, start_now, theme, **facts)
        qtbot.addWidget(made)
        made.show()
        return made

    return form


def saved_by(form: ChannelForm) -> list[tuple[str, ChannelSettings, bool]]:
    found: list[tuple[str, ChannelSettings, bool]] = []
    form.saved.connect(lambda *what: found.append(what))
    return found


def secret(form: ChannelForm, name: str) -> SecretField:
    field = form.fields[name]
    assert isinstance(field, SecretField)
    return field


def faults(form: ChannelForm) -> dict[str, str]:
    named = {"name": form.name, **form.fields}
    return {name: field.fault.text() for name, field in named.items() if field.fault.text()}


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_has_a_form_that_knows_all_its_fields(make: Make, kind: str) -> None:
    form = make(kind)
    assert set(form.fields) == set(KINDS[kind].__struct_fields__)
    assert KIND_NAMES[kind] in form.windowTitle()


def test_a_secret_goes_to_the_keyring_and_only_its_place_to_the_settings(make: Make, answers: Answers) -> None:
    form = make("telegram")
    found = saved_by(form)
    form.name.edit.setText("phone")
    token = secret(form, "token")
    assert token.edit.echoMode() is QLineEdit.EchoMode.Password
    token.edit.setText("123:secret")
    form.fields["chat"].edit.setText(" -1001 ")
    form.fields["thread"].edit.setText("7")
    form.save_button.click()
    assert answers.asked == [("keep", "phone", {"token": "123:secret"})]
    assert found == [("phone", TelegramSettings(token="keyring", chat="-1001", thread=7), True)]
    assert token.edit.text() == ""


def test_a_kept_secret_is_not_shown_and_stays_where_nothing_is_written(make: Make, answers: Answers) -> None:
    kept = TelegramSettings(token="keyring", chat="-1001", enabled=False)
    form = make("telegram", name="phone", settings=kept)
    token = secret(form, "token")
    assert (token.edit.text(), token.edit.placeholderText(), form.name.isVisible()) == ("", KEPT, False)
    found = saved_by(form)
    form.save()
    assert (answers.asked, found) == ([], [("phone", kept, False)])


def test_a_secret_that_is_no_longer_in_the_keyring_is_forgotten_there(make: Make, answers: Answers) -> None:
    form = make("webhook", name="desk", settings=WebhookSettings(address="keyring", secret="keyring"))
    found = saved_by(form)
    address, signing = secret(form, "address"), secret(form, "secret")
    address.choice.setCurrentIndex(address.choice.findData("env"))
    address.edit.setText("DESK_HOOK")
    signing.choice.setCurrentIndex(signing.choice.findData(""))
    assert not signing.edit.isVisible()
    form.save()
    assert answers.asked == [("keep", "desk", {"address": None, "secret": None})]
    assert found == [("desk", WebhookSettings(address="env:DESK_HOOK"), True)]


def test_each_fault_stands_at_its_field_and_nothing_is_lost(make: Make, answers: Answers) -> None:
    form = make("email", taken=["night"])
    found = saved_by(form)
    form.name.edit.setText("night")
    entered = {"host": "smtp.example.com", "port": "70000", "quiet": "10 pm", "per_minute": "many"}
    for name, text in entered.items():
        form.fields[name].edit.setText(text)
    form.save()
    assert faults(form) == {
        "name": "Another channel has this name.",
        "port": "Write a whole number from 1 to 65535.",
        "sender": "It is missing.",
        "to": "It is missing.",
        "quiet": "Write it as 22:00-07:00.",
        "per_minute": "Write a whole number from 1 to 600.",
    }
    assert form.focusWidget() is form.name.edit
    assert form.name.edit.accessibleDescription() == "Another channel has this name."
    assert {name: form.fields[name].edit.text() for name in entered} == entered
    form.name.edit.setText("post")
    for name, text in {"port": "587", "sender": "a@b.c", "quiet": "22:00-07:00", "per_minute": ""}.items():
        form.fields[name].edit.setText(text)
    form.fields["to"].edit.setPlainText("d@e.f\n\n g@h.i ")
    form.save()
    assert faults(form) == {}
    settings = EmailSettings(
        host="smtp.example.com", port=587, sender="a@b.c", to=["d@e.f", "g@h.i"], quiet="22:00-07:00"
    )
    assert (answers.asked, found) == ([], [("post", settings, False)])


def test_a_variable_is_asked_for_by_its_name(make: Make) -> None:
    form = make("slack")
    form.name.edit.setText("desk")
    address = secret(form, "address")
    form.save()
    assert faults(form) == {"address": "It is missing."}
    address.choice.setCurrentIndex(address.choice.findData("env"))
    assert address.edit.placeholderText() == ITS_NAME
    address.edit.setText("https://hooks.example.com/secret")
    form.save()
    assert faults(form) == {"address": "Write the variable's name: letters, digits and _, no digit first."}


def test_without_a_keyring_the_form_stays_as_it_is(make: Make, answers: Answers) -> None:
    form = make("slack")
    found = saved_by(form)
    form.name.edit.setText("desk")
    secret(form, "address").edit.setText("https://hooks.example.com/secret")
    answers.error = SettingsError("desk", Reason.of(Code.NO_KEYRING), Reason.of(Code.NAME_A_VARIABLE))
    form.resize(form.width(), 300)
    form.save()
    assert "keyring" in form.answer.said()
    assert form.answer.visibleRegion().boundingRect() == form.answer.rect()
    assert "hooks.example.com" not in form.answer.said()
    assert (found, secret(form, "address").edit.text()) == ([], "https://hooks.example.com/secret")
    assert form.save_button.isEnabled()


def test_a_new_command_is_meant_to_be_used(make: Make) -> None:
    assert make("command").document() == {"kind": "command", "enabled": True, "cleared": False, "timeout": 10.0}
