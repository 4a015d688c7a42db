"""Three ways into Longport."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLineEdit

from capflow_gui.errors import AuthFailed
from capflow_gui.settings import LongportSettings
from capflow_gui.ui.ports import LongportEntry, LongportStanding
from tests.ui.source_rig import Rig
from tests.ui.two_brokers import Two


def test_the_browser_is_the_first_way_and_needs_nothing_filled_in(two: Two) -> None:
    form = two.form()
    form.test_button.click()
    assert two.answers.asked == [("longport", LongportEntry("browser", LongportSettings()))]
    assert form.said() == "Longport answered. Totals by the minute."


def test_a_key_needs_all_three_and_hides_its_secrets(two: Two) -> None:
    form = two.form()
    form.ways["key"].click()
    assert [edit.echoMode() for edit in (form.secret, form.token)] == [QLineEdit.EchoMode.Password] * 2
    form.key.setText("k")
    form.connect_button.click()
    assert form.said().startswith("App secret is missing.")
    assert two.answers.asked == []


def test_connect_keeps_the_secrets_and_hands_on_settings_alone(two: Two) -> None:
    form, changed = two.form(), list[object]()
    two.window.intents.connection_changed.connect(changed.append)
    form.ways["key"].click()
    form.region.setCurrentIndex(form.region.findData("mainland"))
    for edit, text in ((form.key, "\ufeffk"), (form.secret, "s\u200b"), (form.token, "\u00a0t\u200e ")):
        edit.setText(text)
    form.connect_button.click()
    place = LongportSettings(region="mainland")
    assert two.answers.asked == [("keep", LongportEntry("key", place, key="k", secret="s", token="t"))]
    assert changed == [place]
    assert form.secret.text() == ""


def test_a_refusal_stays_on_the_form(two: Two) -> None:
    form = two.form()
    two.answers.error = AuthFailed("longport", 401004, "token invalid")
    form.ways["environment"].click()
    form.connect_button.click()
    assert "paste it anew" in form.said()
    assert two.window.dialogs.current is not None


def test_what_is_signed_in_already_is_offered_first_and_kept(rig: Rig) -> None:
    form = rig.dialog().longport
    assert form.way == "kept"
    form.test_button.click()
    form.connect_button.click()
    entry = LongportEntry("kept", LongportSettings())
    assert rig.answers.asked == [("longport", entry), ("keep", entry)]


class Waiting:
    """ui.ports.Start that never answers, and remembers who was dropped."""

    def __init__(self) -> None:
        self.dropped = 0

    def __call__(
        self,
        job: Callable[[], Coroutine[Any, Any, Any]],
        on_done: Callable[[Any], None],
        on_error: Callable[[Exception], None],
    ) -> Callable[[], None]:
        del job, on_done, on_error

        def drop() -> None:
            self.dropped += 1

        return drop


@pytest.mark.parametrize("button", ["test_button", "connect_button"])
def test_waiting_for_the_browser_can_be_cancelled(rig: Rig, button: str) -> None:
    waiting = Waiting()
    rig.window.dialogs.services = replace(rig.window.services, start=waiting)
    form = rig.dialog().longport
    form.ways["browser"].click()
    assert not form.cancel_button.isVisible()
    getattr(form, button).setFocus()
    getattr(form, button).click()
    assert (form.cancel_button.isVisible(), form.test_button.isEnabled()) == (True, False)
    assert form.window().focusWidget() is form.cancel_button
    assert form.answered.text() == "waiting for the browser …"
    form.cancel_button.click()
    assert (waiting.dropped, form.window().focusWidget()) == (1, form.test_button)
    assert (form.cancel_button.isVisible(), form.test_button.isEnabled(), form.answered.text()) == (False, True, "")
    assert (form.way, form.said()) == ("browser", "")
    assert rig.window.dialogs.current is not None


def test_closing_the_dialog_drops_what_waits(rig: Rig) -> None:
    waiting = Waiting()
    rig.window.dialogs.services = replace(rig.window.services, start=waiting)
    dialog = rig.dialog()
    dialog.longport.ways["browser"].click()
    dialog.longport.test_button.click()
    dialog.reject()
    assert waiting.dropped == 2  # the sign-in, and the question how things stand


def test_where_there_is_no_keyring_the_form_says_how_long_it_keeps_a_secret(rig: Rig) -> None:
    rig.answers.standing = LongportStanding(None, keyring=False)
    form = rig.dialog().longport
    form.ways["key"].click()
    QApplication.processEvents()
    assert form._hints["key"].text().endswith("keeps this until it ends, and asks again at its next start.")
    assert form._hints["key"].isVisible()
