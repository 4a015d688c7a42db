"""The fields of a channel's form, one kind of control for each type of setting."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPlainTextEdit, QWidget

from capflow_gui.present.alerts.channel_words import ITS_NAME, KEPT, KEYRING, NOWHERE, OPTIONS, VARIABLE
from capflow_gui.present.language.texts import _
from capflow_gui.settings.channels import marks
from capflow_gui.ui.choice import Choice
from capflow_gui.ui.layouts import NO_MARGINS, stacked, text_label
from capflow_gui.ui.settings.changed import ChangedMark
from capflow_gui.ui.theme import Role, Theme

_PLACE_KEYRING = "keyring"
_LIST_LINES = 3


class Field(QWidget):
    """A caption, a control, a hint, and a sentence where what was entered cannot be used.

    value  what the settings would have: None where nothing is entered
    """

    def __init__(self, caption: str, hint: str, control: QWidget, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.control = control
        self.edited: Callable[[], None] = lambda: None  # something else is entered
        # What shows a fault, and has the keyboard then.
        self.edits: tuple[QWidget, ...] = (control,)
        control.setAccessibleName(caption)
        control.setAccessibleDescription(hint)
        sentence = theme.font(Role.SENTENCE)
        self.fault = text_label("", self, sentence, "trouble", wrap=True)
        self.fault.hide()
        self._hint = hint
        rows = stacked(of=self, margins=NO_MARGINS, spacing=4)
        if not isinstance(control, QCheckBox):
            rows.addWidget(text_label(caption, self, theme.font(Role.CAPTION), "dim", wrap=True))
        rows.addWidget(control)
        rows.addWidget(self.fault)
        if hint:
            rows.addWidget(text_label(hint, self, sentence, "faint", wrap=True))
        self._caption = caption
        self._changed = ChangedMark(theme, self)
        rows.addWidget(self._changed)

    def offer_default(self, default: Any) -> None:
        """Say where what is entered is not `default`, and lead back to it; called once."""
        self._changed.reset_wanted.connect(lambda: self.put(default))
        self.edited = lambda: self._changed.follow(
            self._caption, _shown(default), differs=(self.value or None) != (default or None)
        )
        self.edited()

    def put(self, value: Any) -> None:
        """Enter a value; only where one may be offered."""
        raise NotImplementedError

    @property
    def value(self) -> Any:
        """See above."""
        raise NotImplementedError

    def say(self, fault: str) -> None:
        """Show what is wrong, or nothing."""
        self.fault.setText(fault)
        self.fault.setVisible(bool(fault))
        for edit in self.edits:
            edit.setProperty("fault", bool(fault))
            edit.style().polish(edit)
            edit.setAccessibleDescription(fault or self._hint)

    def take_keyboard(self) -> None:
        """Give it the keyboard."""
        self.edits[0].setFocus(Qt.FocusReason.OtherFocusReason)


class Switch(Field):
    """Yes or no."""

    def __init__(self, caption: str, hint: str, value: bool, theme: Theme, parent: QWidget) -> None:
        self.box = QCheckBox(caption, parent)
        self.box.setChecked(value)
        super().__init__(caption, hint, self.box, theme, parent)
        self.box.toggled.connect(lambda _on: self.edited())

    def put(self, value: Any) -> None:
        """Switch it."""
        self.box.setChecked(value)

    @property
    def value(self) -> bool:
        """Whether it is on."""
        return self.box.isChecked()


class Line(Field):
    """A text or a number."""

    def __init__(self, caption: str, hint: str, theme: Theme, parent: QWidget, *, value: object, kind: Any) -> None:
        self.edit = QLineEdit("" if value is None else str(value), parent)
        self._number = next((each for each in (int, float) if each in _bare(kind)), None)
        super().__init__(caption, hint, self.edit, theme, parent)
        self.edit.textChanged.connect(lambda _text: self.edited())

    def put(self, value: Any) -> None:
        """Write it."""
        self.edit.setText("" if value is None else str(value))

    @property
    def value(self) -> object:
        """What cannot be read as a number stays a text, and is refused as such."""
        text = self.edit.text().strip()
        if self._number is not None:
            try:
                return self._number(text) if text else None
            except ValueError:
                return text
        return text or None


class Options(Field):
    """One of a few words."""

    def __init__(self, caption: str, hint: str, theme: Theme, parent: QWidget, *, value: str, kind: Any) -> None:
        self.choice = Choice(parent)
        for each in get_args(kind):
            self.choice.addItem(_(OPTIONS[each]), each)
        self.choice.setCurrentIndex(self.choice.findData(value))
        super().__init__(caption, hint, self.choice, theme, parent)
        self.choice.currentIndexChanged.connect(lambda _place: self.edited())

    def put(self, value: Any) -> None:
        """Choose it."""
        self.choice.setCurrentIndex(self.choice.findData(value))

    @property
    def value(self) -> str:
        """The word of the settings."""
        return str(self.choice.currentData())


class Lines(Field):
    """Several texts, one a line."""

    def __init__(self, caption: str, hint: str, value: list[str], theme: Theme, parent: QWidget) -> None:
        self.edit = QPlainTextEdit("\n".join(value), parent)
        self.edit.setTabChangesFocus(True)
        self.edit.setFixedHeight(self.edit.fontMetrics().lineSpacing() * _LIST_LINES + 20)
        super().__init__(caption, hint, self.edit, theme, parent)
        self.edit.textChanged.connect(self._tell_edited)

    def _tell_edited(self) -> None:
        self.edited()

    def put(self, value: Any) -> None:
        """Write them."""
        self.edit.setPlainText("\n".join(value or ()))

    @property
    def value(self) -> list[str] | None:
        """The lines that are not empty."""
        return [line.strip() for line in self.edit.toPlainText().splitlines() if line.strip()] or None


class SecretField(Field):
    """Where a secret is: in the keyring, under a variable's name, or, where it may be left out, nowhere.

    A secret that is kept is never shown again.
    """

    def __init__(
        self, caption: str, hint: str, place: str | None, *, required: bool, theme: Theme, parent: QWidget
    ) -> None:
        both = QWidget(parent)
        self.choice = Choice(both)
        self.edit = QLineEdit(both)
        self._kept = place == _PLACE_KEYRING
        super().__init__(caption, hint, both, theme, parent)
        both.setAccessibleName("")
        self.choice.addItem(_(KEYRING), _PLACE_KEYRING)
        self.choice.addItem(_(VARIABLE), "env")
        if not required:
            self.choice.addItem(_(NOWHERE), "")
        stacked(self.choice, self.edit, of=both, margins=NO_MARGINS, spacing=4)
        shown = place or (_PLACE_KEYRING if required else "")
        self.choice.setCurrentIndex(self.choice.findData(shown.partition(":")[0]))
        self.choice.setAccessibleName(_("{caption}: where it is").format(caption=caption))
        self.edits = (self.edit, self.choice)
        self._follow()
        self.edit.setText(shown.partition(":")[2])
        self.choice.currentIndexChanged.connect(lambda _place: self._follow())

    def _follow(self) -> None:
        place = self.choice.currentData()
        self.edit.clear()
        self.edit.setVisible(bool(place))
        self.edit.setEchoMode(QLineEdit.EchoMode.Password if place == _PLACE_KEYRING else QLineEdit.EchoMode.Normal)
        kept = place == _PLACE_KEYRING and self._kept
        self.edit.setPlaceholderText(_(KEPT) if kept else _(ITS_NAME) if place == "env" else "")
        name = self.choice.accessibleName().partition(":")[0]
        self.edit.setAccessibleName(name if place == _PLACE_KEYRING else f"{name}: {_(ITS_NAME)}")

    @property
    def value(self) -> str | None:
        """As the settings have it: None where nothing is entered, and nothing is kept."""
        place, text = self.choice.currentData(), self.edit.text().strip()
        if place == "env":
            return f"env:{text}" if text else None
        return place if place and (text or self._kept) else None

    @property
    def named(self) -> bool:
        """Whether a variable is to be named."""
        return bool(self.choice.currentData() == "env")

    def note(self, name: str, secrets: dict[str, str | None]) -> None:
        """Put down what the keyring is to keep under a name, or to forget (None); nothing where it stays as it is."""
        text = self.edit.text().strip()
        if self.value == _PLACE_KEYRING:
            if text:
                secrets[name] = text
        elif self._kept:
            secrets[name] = None


def field_for(
    kind: Any, caption: str, hint: str, value: Any, *, required: bool, theme: Theme, parent: QWidget
) -> Field:
    """The field of a setting's type; `required`: a channel needs it."""
    bare = _bare(kind)
    if "secret" in marks(kind):
        return SecretField(caption, hint, value, required=required, theme=theme, parent=parent)
    if bool in bare:
        return Switch(caption, hint, bool(value), theme, parent)
    if any(get_origin(each) is list for each in bare):
        return Lines(caption, hint, value or [], theme, parent)
    for each in bare:
        if get_origin(each) is Literal:
            return Options(caption, hint, theme, parent, value=value, kind=each)
    return Line(caption, hint, theme, parent, value=value, kind=kind)


def _shown(default: Any) -> str:
    """A default in words."""
    if isinstance(default, bool):
        return _("on") if default else _("off")
    if isinstance(default, list):
        return ", ".join(default)
    if not default:
        return _("nothing")
    return _(OPTIONS[default]) if default in OPTIONS else str(default)


def _bare(kind: Any) -> tuple[Any, ...]:
    """The types a value may have, without what is marked on them."""
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        return tuple(each for part in get_args(kind) for each in _bare(part))
    return (kind,)
