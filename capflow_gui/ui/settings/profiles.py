"""The profiles of the user: listed, made, opened in a window of their own, renamed and deleted."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLineEdit, QListWidget, QListWidgetItem, QPushButton, QWidget

from capflow_gui.present.language.texts import _
from capflow_gui.present.sentences import error_sentence
from capflow_gui.present.settings.profiles import deletion_words, profile_line, profile_title
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.layouts import NO_MARGINS, beside, push_button, stacked, text_label
from capflow_gui.ui.ports import ProfileFacts, ProfileShelf, Start
from capflow_gui.ui.theme import Theme

_LEAST = 460, 380


class ProfilesDialog(Sheet):
    """Asks `shelf`, and shows what it answers. Nothing is deleted before what goes was said."""

    takes_input = True

    def __init__(self, shelf: ProfileShelf, start: Start, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(_("Profiles"), theme, parent, _LEAST)
        self._shelf = shelf
        self._start = start
        self._cancels: list[Callable[[], None]] = []
        self._act: Callable[[], None] = self.reject
        self.list = QListWidget(self._page)
        self.list.setAccessibleName(_("Profiles"))
        self.name = QLineEdit(self._page)
        self.name.setAccessibleName(_("Name"))
        self.name.setPlaceholderText(_("Name"))
        self.copy = QCheckBox(_("With the settings, rules and lists of this profile"), self._page)
        self.said = text_label(
            _("A profile has settings, rules, lists, alerts and recordings of its own."),
            self._page,
            role="dim",
            wrap=True,
        )
        self.ok = push_button("", self._page, "primary", auto_default=False)
        self.cancel = push_button(_("Cancel"), self._page, auto_default=False)
        self.open_button = self._button(_("Open"), self._open)
        self.new_button = self._button(_("New…"), self._ask_new)
        self.rename_button = self._button(_("Rename…"), self._ask_name)
        self.delete_button = self._button(_("Delete…"), self._ask_delete)
        close = push_button(_("Close"), self, auto_default=False)
        close.clicked.connect(self.accept)
        self.question = QWidget(self._page)
        stacked(self.name, self.copy, beside(None, self.cancel, self.ok), of=self.question, margins=NO_MARGINS)
        tools = beside(self.open_button, self.new_button, self.rename_button, self.delete_button, None, spacing=9)
        self.fill(stacked((self.list, 1), tools, self.said, self.question, spacing=12), beside(None, close))
        self.list.currentItemChanged.connect(lambda _now, _before: self._follow())
        self.list.itemActivated.connect(lambda _item: self._open())
        self.ok.clicked.connect(self._run)
        self.cancel.clicked.connect(self._rest)
        self.finished.connect(lambda _result: self._end())
        self.question.hide()
        self._ask(self._shelf.all, self._listed)
        self.list.setFocus()

    def _button(self, text: str, run: Callable[[], None]) -> QPushButton:
        made = push_button(text, self._page, auto_default=False)
        made.clicked.connect(run)
        made.setEnabled(False)
        return made

    def _ask(self, job: Callable[[], Coroutine[Any, Any, Any]], done: Callable[[Any], None]) -> None:
        self._cancels.append(self._start(job, done, self._failed))

    def _end(self) -> None:
        for cancel in self._cancels:
            cancel()

    def _failed(self, error: Exception) -> None:
        self.said.setText(error_sentence(error))

    # the list

    def profiles(self) -> list[ProfileFacts]:
        """Those that are listed."""
        return [self.list.item(place).data(Qt.ItemDataRole.UserRole) for place in range(self.list.count())]

    def _listed(self, profiles: Sequence[ProfileFacts]) -> None:
        chosen = self._current
        self.list.clear()
        for each in profiles:
            item = QListWidgetItem(profile_line(each.name, here=each.here, is_open=each.is_open))
            item.setData(Qt.ItemDataRole.UserRole, each)
            self.list.addItem(item)
            if each.here if chosen is None else each.id == chosen.id:
                self.list.setCurrentItem(item)
        self._follow()

    @property
    def _current(self) -> ProfileFacts | None:
        item = self.list.currentItem()
        found: ProfileFacts | None = None if item is None else item.data(Qt.ItemDataRole.UserRole)
        return found

    def _follow(self) -> None:
        current = self._current
        self._rest()
        self.new_button.setEnabled(True)
        self.rename_button.setEnabled(current is not None)
        self.open_button.setEnabled(current is not None and not current.here)
        self.delete_button.setEnabled(current is not None and bool(current.id) and not current.is_open)

    # what is done

    def _run(self) -> None:
        self._act()

    def _rest(self) -> None:
        self.question.hide()

    def _question(self, text: str, act: Callable[[], None], *, named: bool = False, copied: bool = False) -> None:
        self._act = act
        self.ok.setText(text)
        self.ok.setDefault(named)  # nothing is deleted by Enter in the list
        self.name.setVisible(named)
        self.copy.setVisible(copied)
        self.question.show()
        self.grow()
        (self.name if named else self.cancel).setFocus(Qt.FocusReason.OtherFocusReason)

    def _open(self) -> None:
        current = self._current
        if current is not None and not current.here:
            opened = _("“{name}” opens in a window of its own.").format(name=profile_title(current.name))
            self._ask(lambda: self._shelf.open(current.id), lambda _none: self.said.setText(opened))

    def _ask_new(self) -> None:
        self.name.clear()
        self.said.setText(_("What is the new profile called?"))
        self._question(_("Create"), self._create, named=True, copied=True)

    def _create(self) -> None:
        name, copied = self.name.text(), self.copy.isChecked()
        self._ask(lambda: self._shelf.create(name, copied=copied), lambda made: self._done(_("Created."), made.id))

    def _ask_name(self) -> None:
        current = self._current
        if current is not None:
            self.name.setText(current.name)
            self.name.selectAll()
            self.said.setText(_("What is it to be called?"))
            self._question(_("Rename"), lambda: self._rename(current), named=True)

    def _rename(self, profile: ProfileFacts) -> None:
        name = self.name.text()
        self._ask(lambda: self._shelf.rename(profile.id, name), lambda _made: self._done(_("Renamed."), profile.id))

    def _ask_delete(self) -> None:
        current = self._current
        if current is not None:
            self.said.setText(deletion_words(current.name, current.symbols, current.size))
            self._question(_("Delete for good"), lambda: self._delete(current))

    def _delete(self, profile: ProfileFacts) -> None:
        said = _("“{name}” was deleted.").format(name=profile_title(profile.name))
        self._ask(lambda: self._shelf.delete(profile.id), lambda _none: self._done(said, None))

    def _done(self, said: str, chosen: str | None) -> None:
        self.said.setText(said)
        self._rest()

        def listed(profiles: Sequence[ProfileFacts]) -> None:
            self._listed(profiles)
            for place, each in enumerate(profiles):
                if each.id == chosen:
                    self.list.setCurrentRow(place)

        self._ask(self._shelf.all, listed)
