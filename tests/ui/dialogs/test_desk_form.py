"""The form of a desk: what is filled in, tested, kept and connected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from capflow_gui.errors import SettingsError
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import DeskSettings
from capflow_gui.ui.dialogs.desk_form import DeskForm
from capflow_gui.ui.dialogs.held_forms import hold_desk
from capflow_gui.ui.ports import ConnectionReport
from capflow_gui.ui.theme import build_theme
from tests.ui.window_fixture import start_now

KEPT = DeskSettings("10.0.0.5", 4222, "ws01", "/ca.pem")


@dataclass
class Access:
    tested: list[tuple[DeskSettings, str]] = field(default_factory=list)
    kept: list[tuple[DeskSettings, str]] = field(default_factory=list)
    fault: Exception | None = None

    async def test(self, desk: DeskSettings, secret: str) -> ConnectionReport:
        self.tested.append((desk, secret))
        return ConnectionReport(True, "The desk answered.", "A collector is there.", 0.02)

    async def keep(self, desk: DeskSettings, secret: str) -> None:
        if self.fault is not None:
            raise self.fault
        self.kept.append((desk, secret))


@dataclass
class Rig:
    form: DeskForm
    access: Access
    connected: list[DeskSettings] = field(default_factory=list)


@pytest.fixture
def rig(qtbot) -> Iterator[Rig]:
    access = Access()
    found = Rig(DeskForm(KEPT, access, start_now, build_theme("dark", "green_up")), access)
    qtbot.addWidget(found.form)
    found.form.connect_requested.connect(found.connected.append)
    return found


def press(button) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_what_is_kept_is_filled_in_and_the_secret_is_never_shown(rig: Rig):
    form = rig.form
    shown = [edit.text() for edit in (form.host, form.port, form.user, form.ca)]
    assert shown == ["10.0.0.5", "4222", "ws01", "/ca.pem"]
    assert form.secret.text() == ""
    assert form.secret.echoMode() is QLineEdit.EchoMode.Password
    assert form.values() == KEPT


def test_a_test_is_made_with_what_is_typed(rig: Rig):
    rig.form.secret.setText(" s3cret ")
    press(rig.form.test_button)
    assert rig.access.tested == [(KEPT, "s3cret")]
    assert rig.form.said() == "The desk answered. A collector is there."
    assert rig.form.answered.text() == "answered in 20 ms"
    QTest.keyClicks(rig.form.user, "x")
    assert rig.form.answered.text() == ""


def test_connecting_keeps_a_new_secret_first(rig: Rig):
    press(rig.form.connect_button)
    assert (rig.connected, rig.access.kept) == ([KEPT], [])
    rig.form.secret.setText("s3cret")
    press(rig.form.connect_button)
    assert (rig.connected, rig.access.kept) == ([KEPT, KEPT], [(KEPT, "s3cret")])


def test_a_secret_that_cannot_be_kept_is_said_and_nothing_is_connected(rig: Rig):
    rig.access.fault = SettingsError("keyring", Reason.of(Code.NO_KEYRING))
    rig.form.secret.setText("s3cret")
    press(rig.form.connect_button)
    assert rig.connected == []
    assert "could not be kept" in rig.form.said()
    assert "s3cret" not in rig.form.said()
    assert rig.form.connect_button.isEnabled()


@pytest.mark.parametrize("name", ["test_button", "connect_button"])
def test_a_button_that_is_pressed_keeps_the_keyboard(rig: Rig, qtbot, name: str):
    """Else Enter would press what comes next, on the first page the demo."""
    rig.access.fault = SettingsError("keyring", Reason.of(Code.NO_KEYRING))
    rig.form.secret.setText("s3cret")
    with qtbot.waitActive(rig.form):
        rig.form.show()
    button = getattr(rig.form, name)
    button.setFocus()
    press(button)
    assert rig.form.said()
    assert button.hasFocus()


@pytest.mark.parametrize(
    ("field_name", "text", "said"),
    [
        ("host", "a b", "host"),
        ("host", "", "host"),
        ("port", "0", "port"),
        ("user", "a.b", "user"),
        ("user", "", "user"),
    ],
)
def test_what_cannot_be_used_is_said_before_anything_is_asked(rig: Rig, field_name: str, text: str, said: str):
    getattr(rig.form, field_name).setText(text)
    press(rig.form.test_button)
    press(rig.form.connect_button)
    assert said in rig.form.said()
    assert (rig.access.tested, rig.connected) == ([], [])


def test_what_a_policy_locks_is_grey(rig: Rig):
    hold_desk(rig.form, ["desk.host", "desk.ca"])
    assert [edit.isEnabled() for edit in (rig.form.host, rig.form.port, rig.form.ca)] == [False, True, False]
