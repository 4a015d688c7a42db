"""Where the keyboard is when a dialog opens, and what Enter presses there; a dialog without a line here fails."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.theme import apply_theme, build_theme
from tests.visual.window_scenes import DIALOGS, scenes

# Dialog → what has the keyboard first, and the button that Enter presses there; "" where the field or list uses Enter
# itself, or nothing is pressed. Nothing that cannot be undone is pressed unasked.
FIRST = {
    "rule": ("The rule as text", "Save"),
    "rule at fault": ("The rule as text", "Save"),
    "why": ("Why this alert was raised", "Close"),
    "log": ("Symbol or rule", "Go to the minute"),
    "channels": ("Channels", ""),
    "no channel": ("Add…", "Add…"),
    "channel": ("Name", "Save"),
    "channel at fault": ("Chat", "Save"),
    "settings": ("Search settings", ""),
    "settings found": ("Search settings", ""),
    "profiles": ("Cancel", "Cancel"),
    "import": ("Settings and channels", "Import 4"),
    "layouts": ("Layouts", ""),
    "threshold": ("Share of turnover, or amount", "Set"),
    "threshold of all": ("Share of turnover, or amount", "Set"),
    "connection": ("Host", "Connect"),
    "longport": ("Sign in with the browser", "Connect"),
    "groups": ("Groups", "Import"),
    "pasted": ("Add 3 symbols", "Add 3 symbols"),
    "about": ("Copy details", "Copy details"),
    "report": ("Files of the report", "Save…"),
    "keys": ("Search keys and actions", ""),
    "keys found": ("Search keys and actions", ""),
    "figures": ("Search figures and states", ""),
    "comparison": ("Ask again", "Ask again"),
}


def first_field(dialog: QWidget) -> tuple[str, str]:
    """What has the keyboard, and what Enter presses, as they are called."""
    dialog.activateWindow()
    QApplication.processEvents()
    field = dialog.focusWidget()
    assert field is not None
    if isinstance(field, QPushButton):
        return field.text(), field.text()
    default = [each.text() for each in dialog.findChildren(QPushButton) if each.isDefault() and each.isVisible()]
    text = field.text() if isinstance(field, QAbstractButton) else ""
    return field.accessibleName() or text, "".join(default)


def test_each_dialog_begins_at_its_first_field_and_enter_does_what_it_is_for(qtbot: QtBot) -> None:
    app, theme = QApplication.instance(), build_theme()
    assert isinstance(app, QApplication)
    apply_theme(app, theme)
    found = {
        name: first_field(dialog)
        for name, dialog in scenes(
            tuple(DIALOGS), theme, (1600, 1000), lambda true: qtbot.waitUntil(true, timeout=9000)
        )
    }
    app.setStyleSheet("")
    assert found == FIRST


def test_what_cannot_be_undone_is_no_default(qtbot: QtBot) -> None:
    theme = build_theme()
    for name, dialog in scenes(("profiles",), theme, (1600, 1000), lambda true: qtbot.waitUntil(true, timeout=9000)):
        (delete,) = (each for each in dialog.findChildren(QPushButton) if each.text() == "Delete for good")
        assert (name, delete.isVisible(), delete.isDefault()) == ("profiles", True, False)
