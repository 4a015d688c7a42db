"""A channel as a form, made of what the settings know of its kind."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from capflow_gui.present.alerts.channel_words import KIND_NAMES, NEW_NAME, field_fault, field_words
from capflow_gui.present.language.texts import _
from capflow_gui.present.sentences import error_sentence
from capflow_gui.reason import Code, Reason
from capflow_gui.settings.channels import KINDS, ChannelSettings
from capflow_gui.settings.reader import channel_faults
from capflow_gui.ui.channels.fields import Field, Line, SecretField, field_for
from capflow_gui.ui.dialogs.answer_box import AnswerBox
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.fitting import into_sight
from capflow_gui.ui.layouts import beside, push_button, stacked
from capflow_gui.ui.ports import Channels, Start
from capflow_gui.ui.theme import Theme

# What is of every kind stands below what is of one.
_LAST = ("server", "proxy", "proxy_user", "proxy_password", "quiet", "per_minute", "cleared", "enabled")


class ChannelForm(Sheet):
    """Emits `saved(name, ChannelSettings, whether a secret changed)` once the keyring holds the secrets."""

    saved = Signal(str, object, bool)

    takes_input = True

    def __init__(
        self,
        kind: str,
        channels: Channels,
        start: Start,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        name: str = "",
        settings: ChannelSettings | None = None,
        taken: Collection[str] = (),
    ) -> None:
        """`settings` and `name` are those of a channel to change; `taken` are names that a new one cannot have."""
        title = _(KIND_NAMES[kind])
        super().__init__(
            f"{title}: {name}" if name else _("New channel: {title}").format(title=title), theme, parent, (560, 380)
        )
        self._kind = kind
        self._channels = channels
        self._start = start
        self._taken = taken
        self._cancel: Callable[[], None] | None = None
        self._own = name
        self.name = Line(_("Name"), _(NEW_NAME), theme, self, value=name, kind=str)
        self.fields: dict[str, Field] = {}
        known = {field.name: field for field in msgspec.structs.fields(KINDS[kind])}
        for each in sorted(known, key=lambda each: _LAST.index(each) if each in _LAST else -1):
            field = known[each]
            default = None if field.required else field.default
            # A new channel is meant to be used, a command too.
            value = getattr(settings, each) if settings is not None else True if each == "enabled" else default
            made = self.fields[each] = field_for(
                field.type, *field_words(kind, each), value, required=field.required, theme=theme, parent=self
            )
            if not field.required and not isinstance(made, SecretField):
                made.offer_default(value if each == "enabled" and settings is None else default)
        self.answer = AnswerBox(theme, self)
        self.save_button = push_button(_("Save"), self, "primary")
        cancel = push_button(_("Cancel"), self, auto_default=False)
        self.name.setVisible(not name)
        rows = stacked(self.name, *self.fields.values(), self.answer, None, spacing=14)
        self.fill(rows, beside(None, cancel, self.save_button))
        cancel.clicked.connect(self.reject)
        self.save_button.clicked.connect(self.save)
        self.finished.connect(lambda _result: self._rest())
        first = self.name if not name else next(iter(self.fields.values()))
        first.take_keyboard()

    def document(self) -> dict[str, Any]:
        """What is entered, as the settings file would have it; what is empty is left out."""
        table = {name: field.value for name, field in self.fields.items()}
        return {"kind": self._kind, **{name: value for name, value in table.items() if value is not None}}

    def save(self) -> None:
        """Put the secrets into the keyring and say so; or show what cannot be used, and keep it as it is."""
        name = self._own or self.name.edit.text().strip()
        if not self._check(name, self.document()):
            return
        secrets: dict[str, str | None] = {}
        for field, control in self.fields.items():
            if isinstance(control, SecretField):
                control.note(field, secrets)
        if not secrets:
            self._kept(name, changed=False)
            return
        self._rest()
        self.save_button.setEnabled(False)
        self._cancel = self._start(
            lambda: self._channels.keep(name, secrets),
            lambda _none: self._kept(name, changed=True),
            self._failed,
        )

    def _check(self, name: str, document: dict[str, Any]) -> bool:
        """Whether all can be used; the first field that cannot is given the keyboard."""
        reasons = dict(channel_faults(name, document))
        if not self._own and name in self._taken:
            reasons[""] = Reason.of(Code.NAME_TAKEN)
        fields: dict[str, Field] = {"": self.name, **{f".{name}": field for name, field in self.fields.items()}}
        for key, field in fields.items():
            variable = isinstance(field, SecretField) and field.named
            field.say(field_fault(reasons[key], variable=variable) if key in reasons else "")
        first = next((field for key, field in fields.items() if key in reasons), None)
        if first is not None:
            first.take_keyboard()
            into_sight(first)
        return first is None

    def _kept(self, name: str, *, changed: bool) -> None:
        self._cancel = None
        settings = msgspec.convert(self.document(), ChannelSettings)
        self.forget_secrets()
        self.saved.emit(name, settings, changed)
        self.accept()

    def forget_secrets(self) -> None:
        """Empty the fields of secrets."""
        for field in self.fields.values():
            if isinstance(field, SecretField):
                field.edit.clear()

    def _failed(self, error: Exception) -> None:
        self._cancel = None
        self.save_button.setEnabled(True)
        self.answer.say(_("The channel is not saved."), error_sentence(error), trouble=True)

    def _rest(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
