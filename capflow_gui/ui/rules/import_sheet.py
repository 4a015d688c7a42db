"""What an import of rules would do, before it does it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from capflow_gui.domain.typed.rule_entry import RuleEntry
from capflow_gui.present.language.texts import _, ngettext
from capflow_gui.present.numbers import counted
from capflow_gui.present.rules.words import import_words
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.layouts import beside, push_button, stacked, text_label
from capflow_gui.ui.theme import Role, Theme


class ImportSheet(Sheet):
    """Emits `chosen(the rules that are new or differ)`."""

    chosen = Signal(list)

    def __init__(
        self,
        name: str,
        entries: Sequence[RuleEntry],
        known: Mapping[str, RuleEntry],
        theme: Theme,
        parent: QWidget | None = None,
        *,
        channels: Collection[str] = (),
    ) -> None:
        """`known` are the rules there are, by id, `channels` the names of the channels that are set up."""
        super().__init__(_("Import rules"), theme, parent, (560, 320))
        self.wanted = [entry for entry in entries if entry.rule is not None and known.get(entry.id) != entry]
        unread = sum(entry.rule is None for entry in entries)
        said = _("{name} has {rules}, of which {new} would be new here.").format(
            name=name, rules=counted(len(entries), "rule"), new=len(self.wanted)
        )
        if unread:
            left = ngettext(
                "{count} rule cannot be read and stays out.", "{count} rules cannot be read and stay out.", unread
            )
            said = f"{said} {left.format(count=unread)}"
        line = text_label(said, self, theme.font(Role.SENTENCE), "dim", wrap=True)
        self.list = QListWidget(self)
        self.list.setAccessibleName(_("Rules of the file"))
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFont(theme.font(Role.CELL))
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPointSizeF(theme.font(Role.CELL).pointSizeF())
        for entry in entries:
            what, text = import_words(entry, known.get(entry.id), channels)
            item = QListWidgetItem(f"{text}\n{what}")
            if entry.rule is None:
                item.setForeground(theme.alert_text)
                item.setFont(fixed)  # a caret stands under the fault
            self.list.addItem(item)
        cancel = push_button(_("Cancel"), self, auto_default=False)
        self.take = push_button(
            _("Import {count}").format(count=len(self.wanted)) if self.wanted else _("Import"), self, "primary"
        )
        self.take.setEnabled(bool(self.wanted))
        self.fill(stacked(line, (self.list, 1), spacing=9), beside(None, cancel, self.take))
        cancel.clicked.connect(self.reject)
        self.take.clicked.connect(self._accept)

    def _accept(self) -> None:
        self.chosen.emit(self.wanted)
        self.accept()
