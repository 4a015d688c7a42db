"""To whom the alerts of a rule are told, and when: its channels, its quiet hours, and whether it is urgent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QGridLayout, QLineEdit, QWidget

from capflow_gui.domain.typed.rule_entry import RuleEntry
from capflow_gui.present.language.texts import _
from capflow_gui.present.rules.words import ALL_CHANNELS, NO_CHANNEL, NOTHING_SENT, QUIET_FAULT, channel_name
from capflow_gui.settings.channels import Hours
from capflow_gui.ui.layouts import NO_MARGINS, beside, stacked, text_label
from capflow_gui.ui.theme import Role, Theme

_LEAST_NAME = 130


class RuleTelling(QWidget):
    """Emits `edited` when the user changed something.

    channels  those that are set up, by name; None: nothing is sent in this profile
    """

    edited = Signal()

    def __init__(self, channels: Sequence[str] | None, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._known = theme, tuple(channels or ())
        self.all = QCheckBox(_(ALL_CHANNELS), self)
        self.boxes: dict[str, QCheckBox] = {}
        self.quiet = QLineEdit(self)
        self.quiet.setPlaceholderText(_("none, or 22:00-07:00"))
        self.quiet.setAccessibleName(_("Quiet hours of this rule, by this computer's clock"))
        self.urgent = QCheckBox(_("Urgent: told in quiet hours too"), self)
        caption = theme.font(Role.CAPTION)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(14)
        self._none = text_label(
            _(NOTHING_SENT) if channels is None else _(NO_CHANNEL), self, theme.font(Role.SENTENCE), "dim", wrap=True
        )
        hours = stacked(text_label(_("Quiet hours of this rule"), self, caption, "dim"), self.quiet, spacing=3)
        self._when = beside((hours, 1), (self.urgent, 1), spacing=10)
        stacked(
            text_label(_("Its alerts are sent to"), self, caption, "dim"),
            self._none,
            self._grid,
            self._when,
            of=self,
            margins=NO_MARGINS,
            spacing=7,
        )
        self.all.clicked.connect(lambda _on: self._changed())
        self.urgent.clicked.connect(lambda _on: self._changed())
        self.quiet.textEdited.connect(lambda _text: self._changed())
        for name in self._known:
            self._offer(name)

    def _offer(self, name: str) -> None:
        box = self.boxes[name] = QCheckBox(channel_name(name, known=name in self._known), self)
        box.clicked.connect(lambda _on: self._changed())

    def show_entry(self, entry: RuleEntry) -> None:
        """Show what a rule has; channels that it names and that are not set up stand behind the others."""
        for name in entry.channels or ():
            if name not in self.boxes:
                self._offer(name)
        for name, box in self.boxes.items():
            box.setChecked(entry.channels is None or name in entry.channels)
        self.all.setChecked(entry.channels is None)
        self.quiet.setText(entry.quiet)
        self.urgent.setChecked(entry.urgent)
        self._lay()

    def _lay(self) -> None:
        room = self.screen().availableGeometry().width() / self._theme.scale
        columns = max(min(round(room) // _LEAST_NAME - 1, 4), 1)
        direction = QBoxLayout.Direction.LeftToRight if columns > 2 else QBoxLayout.Direction.TopToBottom
        self._when.setDirection(direction)
        for place, box in enumerate([self.all, *self.boxes.values()]):
            self._grid.addWidget(box, *divmod(place, columns))
            box.setVisible(bool(self.boxes))
        self._none.setVisible(not self.boxes)
        self._enable()

    def _enable(self) -> None:
        for box in self.boxes.values():
            box.setEnabled(not self.all.isChecked())

    def fault(self) -> str:
        """What is wrong with the quiet hours; empty: nothing."""
        try:
            msgspec.convert(self.quiet.text().strip(), Hours)
        except msgspec.ValidationError:
            return _(QUIET_FAULT)
        return ""

    def told(self, entry: RuleEntry) -> RuleEntry:
        """The rule with what is chosen here."""
        chosen = tuple(name for name, box in self.boxes.items() if box.isChecked())
        channels = None if self.all.isChecked() else chosen
        return replace(entry, channels=channels, quiet=self.quiet.text().strip(), urgent=self.urgent.isChecked())

    def _changed(self) -> None:
        self._enable()
        fault = "true" if self.fault() else "false"
        if self.quiet.property("fault") != fault:
            self.quiet.setProperty("fault", fault)
            self.quiet.style().unpolish(self.quiet)
            self.quiet.style().polish(self.quiet)
        self.edited.emit()
