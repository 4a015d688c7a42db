"""Export and import of settings: what is to be in the file, what an import would change, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QListWidget, QWidget

from capflow_gui.domain.typed.rule_entry import RuleEntry
from capflow_gui.errors import SettingsError
from capflow_gui.present.language.texts import N_, _
from capflow_gui.present.sentences import error_sentence
from capflow_gui.present.settings.exchange import import_lines, import_problems, imported_words
from capflow_gui.settings import Settings
from capflow_gui.settings.declared import value_at
from capflow_gui.settings.exchange import (
    LISTS,
    PARTS,
    RULES,
    SETTINGS,
    Imported,
    exported,
    merged,
    new_rules,
    read_export,
)
from capflow_gui.ui.dialogs.files import ask_for_file, ask_for_place
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.layouts import beside, push_button, stacked, text_label
from capflow_gui.ui.ports import WindowServices
from capflow_gui.ui.theme import Theme

_LEAST = 560, 380
_KINDS = N_("Settings (*.toml)")


def _part_name(part: str) -> str:
    return {SETTINGS: _("Settings and channels"), LISTS: _("Watchlist, groups and thresholds"), RULES: _("Rules")}[part]


class _Parts(QObject):
    """A box for each part of a file."""

    changed = Signal()

    def __init__(self, parent: QWidget, present: Collection[str] = PARTS) -> None:
        super().__init__(parent)
        self.boxes = {part: QCheckBox(_part_name(part), parent) for part in PARTS if part in present}
        for box in self.boxes.values():
            box.setChecked(True)
            box.toggled.connect(lambda _on: self.changed.emit())

    @property
    def chosen(self) -> list[str]:
        """The parts that are ticked."""
        return [part for part, box in self.boxes.items() if box.isChecked()]


class ExportSheet(Sheet):
    """Emits `chosen(the parts wanted)`."""

    chosen = Signal(list)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(_("Export settings"), theme, parent, (480, 0))
        self.parts = _Parts(self._page)
        said = text_label(
            _(
                "The file has no secret, no key file and no sign-in, and nothing of recordings and alerts. "
                "Of channels it says where their secrets are, not what they are."
            ),
            self._page,
            role="dim",
            wrap=True,
        )
        self.save = push_button(_("Save…"), self, "primary")
        cancel = push_button(_("Cancel"), self, auto_default=False)
        self.fill(stacked(*self.parts.boxes.values(), said, spacing=9), beside(None, cancel, self.save))
        self.parts.changed.connect(lambda: self.save.setEnabled(bool(self.parts.chosen)))
        cancel.clicked.connect(self.reject)
        self.save.clicked.connect(self._accept)

    def _accept(self) -> None:
        chosen = self.parts.chosen
        self.accept()
        self.chosen.emit(chosen)


class ImportSheet(Sheet):
    """Emits `chosen(new values by their keys, new rules)`. Until then nothing has changed."""

    chosen = Signal(dict, list)

    def __init__(
        self,
        name: str,
        imported: Imported,
        settings: Settings,
        rules: Collection[RuleEntry],
        theme: Theme,
        *,
        parent: QWidget | None = None,
        locks: Collection[str] = (),
    ) -> None:
        """`settings` and `rules` are those that hold now; what a policy has locked stays."""
        super().__init__(_("Import settings"), theme, parent, _LEAST)
        self._imported = imported
        self._settings = settings
        self._rules = rules
        self._locks = locks
        self.parts = _Parts(self._page, PARTS if imported.rules else (SETTINGS, LISTS))
        self.list = QListWidget(self._page)
        self.list.setAccessibleName(_("What would change"))
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        title = text_label(_("What {name} would change:").format(name=name), self._page, wrap=True)
        held = [key for key in imported.values if key in locks]
        self.problems = text_label(import_problems(imported.problems, held), self._page, role="trouble", wrap=True)
        if not self.problems.text():
            self.problems.hide()
        self.take = push_button("", self, "primary")
        cancel = push_button(_("Cancel"), self, auto_default=False)
        content = stacked(*self.parts.boxes.values(), title, (self.list, 1), self.problems, spacing=9)
        self.fill(content, beside(None, cancel, self.take))
        self.parts.changed.connect(self._follow)
        cancel.clicked.connect(self.reject)
        self.take.clicked.connect(self._accept)
        self._follow()

    def _wanted(self) -> tuple[dict[str, Any], list[RuleEntry]]:
        parts = self.parts.chosen
        values = merged(self._settings, self._imported, parts, self._locks)
        return values, new_rules(self._rules, self._imported.rules) if RULES in parts else []

    def _follow(self) -> None:
        values, rules = self._wanted()
        lines = import_lines(self._settings, values, rules)
        self.list.clear()
        self.list.addItems(lines or [_("Nothing: all of it holds already.")])
        self.take.setText(_("Import {count}").format(count=len(lines)) if lines else _("Import"))
        self.take.setEnabled(bool(lines))

    def _accept(self) -> None:
        wanted = self._wanted()
        self.accept()
        self.chosen.emit(*wanted)


class Exchange(QObject):
    """Asks for files, and shows first what they would do.

    taken(values before, values now, rules, what to say)
    """

    taken = Signal(dict, dict, list, str)

    def __init__(
        self,
        parent: QWidget,
        services: WindowServices,
        *,
        theme: Callable[[], Theme],
        now: Callable[[], tuple[Settings, Sequence[RuleEntry]]],
        show: Callable[[Sheet], None],
        say: Callable[[str], None],
    ) -> None:
        """`now` gives the settings and rules that hold; `show` opens a dialog, `say` says a sentence."""
        super().__init__(parent)
        self._window = parent
        self._services = services
        self._theme = theme
        self._now = now
        self._show = show
        self._say = say

    def export(self) -> None:
        """Ask what is to be in the file, then where it is to be."""
        sheet = ExportSheet(self._theme(), self._window)
        sheet.chosen.connect(self._ask_where)
        self._show(sheet)

    def _ask_where(self, parts: list[str]) -> None:
        ask_for_place(
            self._window,
            _("Export settings"),
            _(_KINDS),
            "capflow-settings.toml",
            lambda path: self.export_to(path, parts),
        )

    def export_to(self, path: str, parts: Collection[str]) -> None:
        """Write a file, and say how it went."""
        settings, rules = self._now()
        save = self._services.save
        if save is not None:
            own = [entry for entry in rules if not entry.is_threshold]
            content = exported(settings, own, parts, self._services.locks)
            saved = _("Saved {path}.").format(path=path)
            self._services.start(lambda: save(path, content), lambda _none: self._say(saved), self._failed)

    def choose(self) -> None:
        """Ask for a file to import."""
        ask_for_file(self._window, _("Import settings"), self.import_from, _(_KINDS))

    def import_from(self, path: str) -> None:
        """Read a file, and show what it would change."""
        read, name = self._services.read, path.replace("\\", "/").rpartition("/")[2]
        if read is not None:
            self._services.start(lambda: read(path), lambda raw: self._preview(name, raw), self._failed)

    def _preview(self, name: str, raw: bytes) -> None:
        try:
            imported = read_export(raw, name)
        except SettingsError as error:
            self._failed(error)
            return
        settings, rules = self._now()
        sheet = ImportSheet(
            name, imported, settings, rules, self._theme(), parent=self._window, locks=self._services.locks
        )
        sheet.chosen.connect(lambda values, new: self._take(name, values, new))
        self._show(sheet)

    def _take(self, name: str, values: dict[str, Any], rules: list[RuleEntry]) -> None:
        settings, _rules = self._now()
        before = {key: value_at(settings, key) for key in values}
        self.taken.emit(before, values, rules, imported_words(len(values) + len(rules), name))

    def _failed(self, error: Exception) -> None:
        self._say(error_sentence(error))
