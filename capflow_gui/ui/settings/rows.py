"""One setting: its name, its control, what it does, what is wrong with what was typed, and the way to its default."""

from __future__ import annotations

from typing import Any, get_args

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QLabel, QLineEdit, QWidget

from capflow_gui.errors import InvalidInput
from capflow_gui.present.language.texts import _
from capflow_gui.present.sentences import input_fault
from capflow_gui.present.settings.words import (
    number_text,
    setting_name,
    setting_sentence,
    unit_words,
    value_words,
)
from capflow_gui.settings.declared import Item
from capflow_gui.settings.reader import usable
from capflow_gui.ui.choice import Choice
from capflow_gui.ui.dialogs.first_run import PaletteChoices
from capflow_gui.ui.layouts import NO_MARGINS, beside, push_button, stacked, text_label
from capflow_gui.ui.theme import Role, Theme

_PALETTE = "appearance.palette"
_LINE_WIDTH = 110  # pixels at a font size of 100 %


class SettingRow(QWidget):
    """Emits chosen(key, value) with what can be used, and page_wanted(its dialog).

    Any other text stays in its field, with what is wrong below it.
    """

    chosen = Signal(str, object)
    page_wanted = Signal(str)

    def __init__(self, item: Item, theme: Theme, parent: QWidget, *, locked: str = "") -> None:
        """`locked`: who holds it as it is, and why; empty where the user may change it."""
        super().__init__(parent)
        self.item = item
        self._default: Any = None
        self._shown: Any = None
        self._theme = theme
        name = setting_name(item)
        self.control: QWidget = self._make()
        self._unit = text_label(unit_words(item) if isinstance(self.control, QLineEdit) else "", self, role="dim")
        self._value = text_label("", self, role="dim", wrap=True)
        self._name = text_label("" if isinstance(self.control, QCheckBox) else name, self, wrap=True)
        self.sentence = text_label(setting_sentence(item), self, wrap=True, role="faint")
        self.lock = text_label(locked, self, wrap=True, role="dim")
        self.fault = text_label("", self, wrap=True, role="trouble")
        self.note = text_label("", self, wrap=True, role="dim")
        self.mark = text_label(_("Changed."), self, role="dim")
        self.reset = push_button("", self, "link", auto_default=False)
        self.reset.clicked.connect(lambda: self._choose(self._default))
        self._build()
        for label in (self.lock, self._unit):
            if not label.text():
                label.hide()
        self.control.setEnabled(not locked)
        self.control.setAccessibleName(name)
        self.fault.hide()
        self.note.hide()
        self.set_theme(theme)

    def _make(self) -> QWidget:
        item = self.item
        if item.setting.page:
            button = push_button(_("Change…"), self, auto_default=False)
            button.clicked.connect(lambda: self.page_wanted.emit(item.setting.page))
            return button
        if item.key == _PALETTE:
            palettes = PaletteChoices("", self._theme, self)
            palettes.chosen.connect(self._choose)
            return palettes
        if item.bare is bool:
            box = QCheckBox(setting_name(item), self)
            box.clicked.connect(self._choose)
            return box
        if item.setting.values or item.setting.offered:
            choice = Choice(self)
            for value in item.setting.values or item.setting.offered:
                choice.addItem(value_words(item, value), value)
            choice.activated.connect(lambda _index: self._choose(choice.currentData()))
            return choice
        edit = QLineEdit(self)
        edit.editingFinished.connect(self._typed)
        edit.textEdited.connect(lambda _text: self._say(""))
        edit.installEventFilter(self)
        return edit

    def _build(self) -> None:
        if isinstance(self.control, QCheckBox | PaletteChoices):
            head: list[QWidget | QBoxLayout] = [*([self._name] if self._name.text() else []), self.control]
        else:
            head = [beside((self._name, 1), (self._value, 1), self.control, self._unit, spacing=10)]
        self._value.setVisible(bool(self.item.setting.page))
        foot = beside(self.mark, self.reset, None, spacing=4)
        texts = (self.fault, self.sentence, self.note, self.lock)
        stacked(*head, *texts, foot, of=self, margins=NO_MARGINS, spacing=4)

    def set_theme(self, theme: Theme) -> None:
        """Fonts, and light or dark for the choices of palette."""
        self._theme = theme
        for label in self.findChildren(QLabel):
            label.setFont(theme.font(Role.SENTENCE))
        self._name.setFont(theme.font(Role.CELL))
        self._value.setFont(theme.font(Role.CELL))
        self._unit.setFont(theme.font(Role.CELL))
        if isinstance(self.control, PaletteChoices):
            self.control.set_scheme(theme)
        if isinstance(self.control, QLineEdit):
            wide = str in (self.item.bare, *get_args(self.item.bare))
            self.control.setMinimumWidth(theme.px(_LINE_WIDTH * (2 if wide else 1)))
            self.control.setMaximumWidth(theme.px(_LINE_WIDTH * (4 if wide else 1)))

    def show_value(self, value: Any, default: Any) -> None:
        """What holds, and what would hold if nothing were chosen. A text that cannot be used stays in its field."""
        kept = bool(self.fault.text()) and value == self._shown
        self._shown, self._default = value, default
        if not kept:
            self._say("")
            self._put(value)
        words = value_words(self.item, value)
        if self.item.setting.page:
            self._value.setText(words)
            self.control.setAccessibleName(f"{setting_name(self.item)}: {words}")
        differs = value != default
        self.mark.setVisible(differs)
        self.reset.setText(_("Reset to {default}").format(default=value_words(self.item, default)))
        self.reset.setAccessibleName(f"{setting_name(self.item)}: {self.reset.text()}")
        self.reset.setVisible(differs and not self.item.setting.page and not self.lock.text())

    def _put(self, value: Any) -> None:
        control = self.control
        if isinstance(control, PaletteChoices):
            control.choose(value)
        elif isinstance(control, QCheckBox):
            control.setChecked(value)
        elif isinstance(control, Choice):
            if control.findData(value) < 0:
                control.addItem(value_words(self.item, value), value)
            control.setCurrentIndex(control.findData(value))
        elif isinstance(control, QLineEdit):
            control.setText(number_text(self.item, value))

    def _typed(self) -> None:
        assert isinstance(self.control, QLineEdit)  # noqa: S101  nothing else is typed into
        text = self.control.text().strip()
        if text != number_text(self.item, self._shown):
            self._choose(_number(self.item, text))

    def _choose(self, value: object) -> None:
        try:
            taken = usable(self.item, value)
        except InvalidInput as error:
            self._say(input_fault(error))
        else:
            self._say("")
            self.chosen.emit(self.item.key, taken)

    def _say(self, fault: str) -> None:
        self.fault.setText(fault)
        self.fault.setVisible(bool(fault))
        self.control.setProperty("fault", bool(fault))
        self.control.style().polish(self.control)
        about = fault or " ".join(filter(None, (self.sentence.text(), self.lock.text())))
        self.control.setAccessibleDescription(about)

    def say_note(self, text: str) -> None:
        """One more sentence below it, or none."""
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ctrl+Z in a field in which nothing was typed is the dialog's."""
        if not (isinstance(event, QKeyEvent) and isinstance(watched, QLineEdit)):
            return super().eventFilter(watched, event)
        if event.type() is QEvent.Type.ShortcutOverride and event.matches(QKeySequence.StandardKey.Undo):
            if watched.text().strip() == number_text(self.item, self._shown):
                event.ignore()
                return True
        elif event.type() is QEvent.Type.KeyPress and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._typed()
            return True
        return super().eventFilter(watched, event)


def _number(item: Item, text: str) -> object:
    """What was typed, as a file would have it; what is no number stays a text, and is refused as such."""
    kinds = (item.bare, *get_args(item.bare))
    for kind in (int, float):
        if kind in kinds:
            try:
                number = kind(text)
            except ValueError:
                return text
            return number / 100 if item.setting.percent else number
    return text
