from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.layouts import beside, push_button, stacked
from capflow_gui.ui.theme import Theme


def sheet_of(theme: Theme, qtbot: QtBot, height: int) -> tuple[Sheet, QPushButton]:
    sheet = Sheet("Long", theme, None, (300, 200))
    qtbot.addWidget(sheet)
    content, buttons = QVBoxLayout(), QHBoxLayout()
    label = QLabel("x")
    label.setMinimumHeight(height)
    content.addWidget(label)
    button = QPushButton("OK")
    buttons.addWidget(button)
    sheet.fill(content, buttons)
    return sheet, button


def test_its_size_is_its_content_s_and_never_below_the_least(theme: Theme, qtbot: QtBot) -> None:
    small, _ = sheet_of(theme, qtbot, 10)
    assert (small.sizeHint().width(), small.sizeHint().height()) == (theme.px(300), theme.px(200))
    large, _ = sheet_of(theme, qtbot, 450)
    assert large.sizeHint().height() > 450


def test_on_a_small_screen_its_buttons_stay_in_sight(theme: Theme, qtbot: QtBot) -> None:
    screen = QGuiApplication.primaryScreen().availableGeometry()
    sheet, button = sheet_of(theme, qtbot, screen.height() * 3)
    sheet.show()
    assert screen.contains(sheet.frameGeometry())
    foot = button.mapTo(sheet, button.rect().bottomLeft()).y()
    assert 0 < foot < sheet.height()
    sheet.reject()


def test_it_opens_in_the_middle_of_its_window(theme: Theme, qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    owner.setGeometry(240, 200, 400, 300)
    owner.show()
    for parent in (owner, QLabel("inside", owner)):
        sheet = Sheet("Over it", theme, parent, (200, 120))
        sheet.fill(stacked(QLabel("x", sheet)))
        sheet.open()
        off = sheet.frameGeometry().center() - owner.frameGeometry().center()
        assert abs(off.x()) <= 2
        assert abs(off.y()) <= sheet.fontMetrics().height()  # half of a frame's height that is guessed
        sheet.reject()


def test_enter_presses_the_button_that_has_the_keyboard_and_not_the_default_one(theme: Theme, qtbot: QtBot) -> None:
    sheet = Sheet("Buttons", theme)
    qtbot.addWidget(sheet)
    pressed: list[str] = []
    cancel, save = push_button("Cancel", sheet, auto_default=False), push_button("Save", sheet, "primary")
    field = QLineEdit(sheet)
    for button in (cancel, save):
        button.clicked.connect(lambda _on=False, button=button: pressed.append(button.text()))
    sheet.fill(stacked(field), beside(cancel, save))
    sheet.show()
    for widget, key in ((cancel, Qt.Key.Key_Return), (cancel, Qt.Key.Key_Enter), (save, Qt.Key.Key_Return)):
        widget.setFocus()
        QTest.keyClick(widget, key)
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert pressed == ["Cancel", "Cancel", "Save", "Save"]
