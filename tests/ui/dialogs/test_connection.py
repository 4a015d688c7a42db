"""The dialog of the connections under the keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from capflow_gui.settings import LongportSettings
from tests.ui.source_rig import Rig


def test_tab_goes_from_top_to_bottom(rig: Rig) -> None:
    dialog = rig.dialog("opend")
    form = dialog.form
    expected = [form.host, form.port, form.key, form.choose_button, form.test_button, form.connect_button]
    assert dialog.focusWidget() is form.host
    met = []
    for _ in expected:
        met.append(dialog.focusWidget())
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    assert met == expected


def test_enter_connects_what_is_in_front(rig: Rig) -> None:
    dialog = rig.dialog()
    changed: list[object] = []
    rig.window.intents.connection_changed.connect(changed.append)
    QTest.keyClick(dialog.longport.ways["kept"], Qt.Key.Key_Return)
    assert changed == [LongportSettings()]
