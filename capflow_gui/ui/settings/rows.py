"""One setting: its name, its control, what it does, what is wrong with what was typed, and the way to its default."""

from __future__ import annotations

from functools import cached_property
from typing import Any, get_args

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QLabel, QLineEdit, QPushButton, QWidget

from capflow_gui.errors import InvalidInput
from capflow_gui.present.language.texts import _, one_after_other
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
_BELOW = ("fault", "sentence", "note", "lock")  # from top to bottom
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
        self._locked = locked
        self._value: QLabel | None = None  # what holds, where a dialog of its own changes it
        self._below: dict[str, QLabel] = {}  # the texts below the control that there are, by their names in _BELOW
        self._texts, self._foot = stacked(spacing=4), beside(None, spacing=4)
        self.control: QWidget = self._make()
        self._build()
        if locked:
            self.lock.show()
        self.control.setEnabled(not locked)
        self.control.setAccessibleName(setting_name(item))

    # A part that most rows do without is made when it is first wanted: each costs Qt a look through the style sheet.

    def _text_below(self, name: str, text: str, role: str) -> QLabel:
        label = text_label(text, self, self._theme.font(Role.SENTENCE), role, wrap=True)
        label.hide()
        self._texts.insertWidget(sum(each in self._below for each in _BELOW[: _BELOW.index(name)]), label)
        self._below[name] = label
        return label

    @cached_property
    def fault(self) -> QLabel:
        """What is wrong with what was typed."""
        return self._text_below("fault", "", "trouble")

    @cached_property
    def note(self) -> QLabel:
        """One more sentence."""
        return self._text_below("note", "", "dim")

    @cached_property
    def lock(self) -> QLabel:
        """Who holds it as it is, and why."""
        return self._text_below("lock", self._locked, "dim")

    @cached_property
    def mark(self) -> QLabel:
        """That it is not the default."""
        mark = text_label(_("Changed."), self, self._theme.font(Role.SENTENCE), "dim")
        mark.hide()
        self._foot.insertWidget(0, mark)
        return mark

    @cached_property
    def reset(self) -> QPushButton:
        """The way to the default."""
        reset = push_button("", self, "link", auto_default=False)
        reset.hide()
        reset.clicked.connect(lambda: self._choose(self._default))
        self._foot.insertWidget(self._foot.count() - 1, reset)
        return reset

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
        name, unit = setting_name(self.item), unit_words(self.item) if isinstance(self.control, QLineEdit) else ""
        cell = self._theme.font(Role.CELL)
        self._cells: list[QLabel] = []
        if not isinstance(self.control, QCheckBox):
            self._cells.append(text_label(name, self, cell, wrap=True))
        if isinstance(self.control, QCheckBox | PaletteChoices):
            head: list[QWidget | QBoxLayout] = [*self._cells, self.control]
        else:
            self._value = text_label("", self, cell, "dim", wrap=True) if self.item.setting.page else None
            beside_it = [text_label(unit, self, cell, "dim")] if unit else []
            parts = [(each, 1) for each in (*self._cells, self._value) if each is not None]
            head = [beside(*parts, self.control, *beside_it, spacing=10)]
            self._cells += [each for each in (self._value, *beside_it) if each is not None]
        self.sentence = self._text_below("sentence", setting_sentence(self.item), "faint")
        self.sentence.show()
        stacked(*head, self._texts, self._foot, of=self, margins=NO_MARGINS, spacing=4)
        self._fit_control(self._theme)

    def set_theme(self, theme: Theme) -> None:
        """Fonts, and light or dark for the choices of palette."""
        self._theme = theme
        for label in self.findChildren(QLabel):
            label.setFont(theme.font(Role.CELL if label in self._cells else Role.SENTENCE))
        self._fit_control(theme)

    def _fit_control(self, theme: Theme) -> None:
        if isinstance(self.control, PaletteChoices):
            self.control.set_scheme(theme)
        if isinstance(self.control, QLineEdit):
            wide = str in (self.item.bare, *get_args(self.item.bare))
            self.control.setMinimumWidth(theme.px(_LINE_WIDTH * (2 if wide else 1)))
            self.control.setMaximumWidth(theme.px(_LINE_WIDTH * (4 if wide else 1)))

    def show_value(self, value: Any, default: Any) -> None:
        """What holds, and what would hold if nothing were chosen. A text that cannot be used stays in its field."""
        kept = self._has("fault") and value == self._shown
        self._shown, self._default = value, default
        if not kept:
            self._say("")
            self._put(value)
        words = value_words(self.item, value)
        if self._value is not None:
            self._value.setText(words)
            self.control.setAccessibleName(f"{setting_name(self.item)}: {words}")
        differs = value != default
        if differs or "mark" in vars(self):
            self.mark.setVisible(differs)
        if differs or "reset" in vars(self):
            self.reset.setText(_("Reset to {default}").format(default=value_words(self.item, default)))
            self.reset.setAccessibleName(f"{setting_name(self.item)}: {self.reset.text()}")
            self.reset.setVisible(differs and not self.item.setting.page and not self._locked)

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

    def _has(self, name: str) -> bool:
        return name in self._below and bool(self._below[name].text())

    def _say(self, fault: str) -> None:
        if fault or self._has("fault"):
            self.fault.setText(fault)
            self.fault.setVisible(bool(fault))
            self.control.setProperty("fault", bool(fault))
            self.control.style().polish(self.control)
        about = fault or one_after_other((self.sentence.text(), self._locked))
        self.control.setAccessibleDescription(about)

    def say_note(self, text: str) -> None:
        """One more sentence below it, or none."""
        if text or self._has("note"):
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
