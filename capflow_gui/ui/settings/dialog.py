"""The settings, made from their declarations: in sections, searched, each with the way back to its default."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QTabBar, QVBoxLayout, QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.present.settings.words import is_found, nothing_found, setting_name
from capflow_gui.settings import Settings
from capflow_gui.settings.declared import Item, Section, leaves, replaced, value_at
from capflow_gui.ui.dialogs.sheets import Sheet, is_typed
from capflow_gui.ui.fitting import into_sight
from capflow_gui.ui.late import Slices
from capflow_gui.ui.layouts import beside, push_button, stacked, text_label
from capflow_gui.ui.locked import by_administrator
from capflow_gui.ui.settings.rows import SettingRow
from capflow_gui.ui.theme import Role, Theme

_LEAST = 560, 683  # room for the first rows, which come one after the other
AT_ONCE = 1  # so many rows are made in a turn that has the window wait for them
_LAST_OF_ARCHIVE = "archive.final_days"
_REMINDER = "updates.remind"


class SettingsDialog(Sheet):
    """Emits chosen(values by their keys) with every choice, and page_wanted(another dialog).

    `items` are the settings there are, section by section; `rows` shows those that have come into sight. `begun` has
    what each changed setting was when the dialog opened.
    """

    chosen = Signal(dict)
    page_wanted = Signal(str)

    takes_input = True

    def __init__(
        self,
        settings: Settings,
        theme: Theme,
        *,
        defaults: Settings | None = None,
        locks: Collection[str] = (),
        lock_words: Callable[[str], str] = by_administrator,
        note: str = "",
        updates: bool = False,
        more: Mapping[str, str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`defaults` is what a reset brings back; `locks` are the keys that a policy has locked, and `lock_words` says
        of each who did it and why. `note` says whose settings these are. Without `updates` nothing speaks of them.
        `more` are further dialogs that are offered below, by name.
        """
        super().__init__(_("Settings"), theme, parent, size=_LEAST)
        self._settings = self._begun = settings
        self._defaults = defaults or Settings()
        self._theme = theme
        self._locks, self._lock_words, self._room = locks, lock_words, ""
        self._done: list[dict[str, object]] = []
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(_("Search settings"))
        self.search.setAccessibleName(_("Search settings"))
        self.tabs = QTabBar(self)
        self.tabs.setAccessibleName(_("Sections"))
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName(_("Sections"))
        named = {key: item for key, item in leaves(Settings).items() if updates or key != _REMINDER}
        self.items = {key: item for section in Section for key, item in named.items() if _stands_in(item, section)}
        self.rows: dict[str, SettingRow] = {}
        self._slices = Slices(self)
        self.finished.connect(self._slices.clear)  # a row is made for nobody then
        self._heads: dict[Section, QLabel] = {}
        self._nothing = text_label("", self._page, wrap=True, role="dim")
        self.undo_button = push_button(_("Undo"), self, auto_default=False)
        self.reset_button = push_button(_("Reset all to defaults"), self, auto_default=False)
        self._build(note, more or {})
        self._connect()
        self._show()
        self._filter()
        self.search.setFocus()

    def _build(self, note: str, more: Mapping[str, str]) -> None:
        self._content = content = stacked(spacing=16)
        for section in Section:
            self.tabs.addTab(_(section.value))
            head = self._heads[section] = text_label(_(section.value), self._page, self._theme.font(Role.ROW_SYMBOL))
            content.addWidget(head)
        content.addWidget(self._nothing)
        content.addStretch(1)
        self.note = text_label(note, self, self._theme.font(Role.SENTENCE), "faint", wrap=True)
        self.note.setVisible(bool(note))
        done = push_button(_("Close"), self, auto_default=False)
        done.clicked.connect(self.accept)
        self.more: dict[str, QPushButton] = {}
        for name, text in more.items():
            button = self.more[name] = push_button(text, self, "link", auto_default=False)
            button.clicked.connect(lambda _checked=False, name=name: self.page_wanted.emit(name))
        links = beside(*self.more.values(), None, spacing=4)
        buttons: QVBoxLayout = stacked(
            self.note, links, beside(self.undo_button, self.reset_button, None, done, spacing=9), spacing=9
        )
        self.fill(content, buttons, head=stacked(self.search, self.tabs, spacing=6))

    def _of(self, section: Section) -> dict[str, Item]:
        return {key: item for key, item in self.items.items() if _stands_in(item, section)}

    def row(self, key: str) -> SettingRow:
        """A setting's row; made when it is first asked for."""
        if key not in self.rows:
            self.rows[key] = self._make_row(key, self.items[key])
        return self.rows[key]

    def _make_row(self, key: str, item: Item) -> SettingRow:
        """Make a row, below those before it."""
        row = SettingRow(item, self._theme, self._page, locked=self._lock_words(key) if key in self._locks else "")
        row.chosen.connect(lambda key, value: self._take({key: value}))
        row.page_wanted.connect(self.page_wanted)
        row.show_value(value_at(self._settings, key), value_at(self._defaults, key))
        row.say_note(self._room if key == _LAST_OF_ARCHIVE else "")
        row.setVisible(self._is_wanted(item))
        keys, sections = list(self.items), list(Section)
        heads = sections.index(item.setting.section or Section.PROGRAM) + 1
        self._content.insertWidget(heads + sum(each in self.rows for each in keys[: keys.index(key)]), row)
        return row

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda _text: self._filter())
        self.tabs.currentChanged.connect(lambda _place: self._choose_section())
        self.undo_button.clicked.connect(self.undo)
        self.reset_button.clicked.connect(self._reset)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self).activated.connect(self.undo)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(lambda: self.search.setFocus(Qt.FocusReason.ShortcutFocusReason))

    # what is in sight

    def _choose_section(self) -> None:
        self.search.clear()
        self._filter()

    def _is_wanted(self, item: Item) -> bool:
        text = self.search.text().strip()
        return is_found(item, text) if text else _stands_in(item, list(Section)[self.tabs.currentIndex()])

    def _filter(self) -> None:
        """Show what is searched for, or else the section of the tab; most of the rows not yet made in later turns."""
        wanted = [key for key, item in self.items.items() if self._is_wanted(item)]
        for key, row in self.rows.items():
            row.setVisible(key in wanted)
        missing = [key for key in wanted if key not in self.rows]
        self._slices.clear()  # what was to be made for another section, or another text
        for place, key in enumerate(missing):
            make = partial(self.row, key)
            if place < AT_ONCE:
                make()
            else:
                self._slices.put(key, make)
        self._slices.put(Sheet.widen, self.widen)  # a row made later can be wider than those it opened with
        text = self.search.text().strip()
        for section, head in self._heads.items():
            head.setVisible(bool(text) and not self._of(section).keys().isdisjoint(wanted))
        self._nothing.setText("" if wanted else nothing_found(list(self.items.values()), text))
        self._nothing.setVisible(not wanted)

    def show_setting(self, key: str) -> None:
        """Bring a setting into sight, and give it the keyboard."""
        self.search.clear()
        self.tabs.setCurrentIndex(list(Section).index(self.items[key].setting.section or Section.PROGRAM))
        row = self.row(key)
        row.control.setFocus(Qt.FocusReason.OtherFocusReason)
        self._slices.put(into_sight, partial(into_sight, row))

    def show_room(self, text: str) -> None:
        """How much room the archive takes."""
        self._room = text
        if _LAST_OF_ARCHIVE in self.rows:
            self.rows[_LAST_OF_ARCHIVE].say_note(text)

    def set_theme(self, theme: Theme) -> None:
        """The fonts; the window grows with them, as far as the screen has room."""
        if theme is self._theme:
            return
        self._theme = theme
        for row in self.rows.values():
            row.set_theme(theme)
        for head in self._heads.values():
            head.setFont(theme.font(Role.ROW_SYMBOL))
        self.note.setFont(theme.font(Role.SENTENCE))
        self.set_least(theme, _LEAST)
        self.grow()

    @property
    def filling(self) -> bool:
        """Whether rows that are to be in sight are still to be made."""
        return len(self._slices) > 0

    def has_unsaved(self) -> bool:
        """What cannot be a setting's value is not saved; all else is as soon as it is typed."""
        return any(is_typed(each) for row in self.rows.values() for each in row.findChildren(QLineEdit))

    # what is chosen

    def follow(self, settings: Settings) -> None:
        """Show settings that were changed elsewhere."""
        self._settings = settings
        self._show()

    def _show(self) -> None:
        for key, row in self.rows.items():
            row.show_value(value_at(self._settings, key), value_at(self._defaults, key))
        self.undo_button.setEnabled(bool(self._done))
        last = setting_name(self.items[next(iter(self._done[-1]))]) if self._done else ""
        self.undo_button.setToolTip(last)
        self.undo_button.setAccessibleDescription(last)
        self.reset_button.setEnabled(bool(self._resettable()))

    def _take(self, values: dict[str, object]) -> None:
        before = {key: value_at(self._settings, key) for key in values}
        if before != values:
            self._done.append(before)
            self._change(values)

    def _change(self, values: dict[str, object]) -> None:
        self._settings = replaced(self._settings, values)
        self._show()
        self.chosen.emit(values)

    def undo(self) -> None:
        """Take the last change back."""
        if self._done:
            self._change(self._done.pop())

    def _reset(self) -> None:
        self._take({key: value_at(self._defaults, key) for key in self._resettable()})

    def _resettable(self) -> list[str]:
        return [key for key, item in self.items.items() if self._may_reset(key, item)]

    def _may_reset(self, key: str, item: Item) -> bool:
        differs = value_at(self._settings, key) != value_at(self._defaults, key)
        return differs and not item.setting.page and key not in self._locks

    @property
    def begun(self) -> dict[str, object]:
        """See above."""
        keys = dict.fromkeys(key for before in self._done for key in before)
        was = {key: value_at(self._begun, key) for key in keys}
        return {key: value for key, value in was.items() if value != value_at(self._settings, key)}


def _stands_in(item: Item, section: Section) -> bool:
    return bool(item.setting.name) and item.setting.section is section
