from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.settings import Settings
from capflow_gui.settings.declared import leaves
from capflow_gui.ui.choice import Choice
from capflow_gui.ui.settings.rows import SettingRow
from capflow_gui.ui.theme import Theme


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_typed_number_is_taken_with_enter_or_when_the_field_is_left(page: QWidget, theme: Theme) -> None:
    row = SettingRow(leaves(Settings)["archive.final_days"], theme, page)
    row.show_value(730, 730)
    row.show()
    chosen: list[object] = []
    row.chosen.connect(lambda key, value: chosen.append((key, value)))
    assert isinstance(row.control, QLineEdit)
    row.control.setText("365")
    QTest.keyClick(row.control, Qt.Key.Key_Return)
    row.show_value(365, 730)
    row.control.setText("90")
    row.control.editingFinished.emit()
    row.show_value(90, 730)
    row.control.editingFinished.emit()
    assert chosen == [("archive.final_days", 365), ("archive.final_days", 90)]
    assert row.mark.text() == "Changed."
    assert row.reset.text() == "Reset to 730 days"


def test_what_is_wrong_goes_with_the_next_letter(page: QWidget, theme: Theme) -> None:
    row = SettingRow(leaves(Settings)["alerts.volume"], theme, page)
    row.show_value(70, 70)
    row.show()
    assert isinstance(row.control, QLineEdit)
    QTest.keyClicks(row.control, "0")
    QTest.keyClick(row.control, Qt.Key.Key_Return)
    assert row.fault.isVisible()
    assert row.control.property("fault")
    QTest.keyClick(row.control, Qt.Key.Key_Backspace)
    assert not row.fault.isVisible()


def test_a_value_that_is_not_offered_is_offered_where_it_holds(page: QWidget, theme: Theme) -> None:
    row = SettingRow(leaves(Settings)["appearance.font_scale"], theme, page)
    row.show_value(1.33, 1.0)
    assert isinstance(row.control, Choice)
    assert row.control.currentText() == "133 %"
    row.show_value(1.5, 1.0)
    assert row.control.currentText() == "150 %"
