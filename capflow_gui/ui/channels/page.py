"""The channels of the profile: how each did, and adding, changing, testing and deleting one."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import msgspec
from PySide6.QtCore import QKeyCombination, QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from capflow_gui.present.alerts.channel_words import (
    KIND_NAMES,
    NO_CHANNEL,
    ChannelNews,
    ChannelTest,
    channel_line,
)
from capflow_gui.present.language.texts import N_, _
from capflow_gui.present.names import channel_title
from capflow_gui.present.sentences import error_sentence
from capflow_gui.settings.channels import ChannelSettings, DesktopSettings, kind_of, secret_fields
from capflow_gui.ui.channels.form import ChannelForm
from capflow_gui.ui.dialogs.answer_box import AnswerBox
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.keyboard import key_of
from capflow_gui.ui.layouts import beside, passing_menu, push_button, stacked, text_label
from capflow_gui.ui.ports import Channels, Start
from capflow_gui.ui.theme import Role, Theme

T = TypeVar("T")
_SHOWN, _CHANNELS_SHOWN = 3, 4
_NO_MESSAGE = N_("No message has been sent to it yet.")


class _Lines(QStyledItemDelegate):
    """Leaves a line its room where another one is higher, as Chinese is: rounding takes a part of a pixel each."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """A pixel more a line."""
        return super().sizeHint(option, index) + QSize(0, str(index.data()).count("\n") + 1)


class _Listing(QListWidget):
    """A list whose lines wrap; `keys` do something of their own."""

    def __init__(self, name: str, theme: Theme, parent: QWidget, shown: int = _SHOWN) -> None:
        super().__init__(parent)
        self._shown = shown
        self.keys: dict[QKeyCombination, Callable[[], None]] = {}
        self.setAccessibleName(name)
        self.setWordWrap(True)
        self.setItemDelegate(_Lines(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFont(theme.font(Role.CELL))
        self.setSpacing(3)
        self.setMinimumHeight(theme.px(96))

    def sizeHint(self) -> QSize:
        """As high as `shown` of its lines, which may be two each; where there is less room it scrolls."""
        shown = sum(self.sizeHintForRow(row) + 2 * self.spacing() for row in range(min(self.count(), self._shown)))
        return QSize(super().sizeHint().width(), max(self.minimumHeight(), shown + 2 * self.frameWidth() + 2))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of its own, and else those of every list."""
        without_keypad = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        run = self.keys.get(QKeyCombination(without_keypad, key_of(event)))
        if run is not None:
            run()
        else:
            super().keyPressEvent(event)


class ChannelsPage(Sheet):
    """Emits `chosen(channels by name, names of those with other secrets)` with every change.

    forget_failed(Exception): the keyring still has the secrets of a deleted channel.
    """

    chosen = Signal(object, list)
    forget_failed = Signal(object)

    def __init__(
        self,
        settings: Mapping[str, ChannelSettings],
        channels: Channels,
        start: Start,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        desktop: bool = True,
        locked: str = "",
    ) -> None:
        """`desktop` is the setting of that name: whether channels of the desktop are used at all.

        `locked` says why the channels can only be looked at and tested.
        """
        super().__init__(_("Channels"), theme, parent, (760, 480))
        self._desktop, self._locked = desktop, locked
        self._theme = theme
        self._channels = channels
        self._start = start
        self._settings = dict(settings)
        self._news: Mapping[str, ChannelNews] = {}
        self._deleted: list[tuple[str, ChannelSettings, int]] = []
        self._cancels: list[Callable[[], None]] = []
        self.form: ChannelForm | None = None
        self.list = _Listing(_("Channels"), theme, self, _CHANNELS_SHOWN)
        self.none = text_label(_(NO_CHANNEL), self, theme.font(Role.SENTENCE), "dim", wrap=True)
        self.caption = text_label("", self, theme.font(Role.CAPTION), "dim", wrap=True)
        self.answer = AnswerBox(theme, self)
        self.lock = text_label(locked, self, theme.font(Role.SENTENCE), "dim", wrap=True)
        self.lock.setVisible(bool(locked))
        # Tab goes in the order in which they are made, which is the order in which they stand.
        self.edit_button = self._button(_("Edit…"))
        self.switch_button = self._button(_("Switch off"))
        self.test_button = self._button(_("Test"))
        self.delete_button = self._button(_("Delete"))
        self.messages = _Listing(_("Last messages of the channel"), theme, self)
        self.messages.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.undo_button = self._button(_("Undo"), "link")
        self.add_button = self._button(_("Add…"))
        self.close_button = self._button(_("Close"))
        self._build()
        for button in self._changing() if locked else ():
            button.setToolTip(locked)
            button.setAccessibleDescription(locked)
        self._connect()
        self._show()
        self.read()

    def _button(self, text: str, look: str = "") -> QPushButton:
        return push_button(text, self, look, auto_default=False)

    def _changing(self) -> tuple[QPushButton, ...]:
        return self.edit_button, self.switch_button, self.delete_button, self.add_button

    def _build(self) -> None:
        acts = beside(self.edit_button, self.switch_button, self.test_button, self.delete_button, None, spacing=9)
        below = (acts, self.answer, self.caption, (self.messages, 1))
        self.fill(
            # The messages alone give way to an answer, so that no other button comes under the pointer.
            stacked(self.lock, self.none, self.list, *below, spacing=10),
            beside(self.undo_button, None, self.add_button, self.close_button, spacing=9),
        )

    def _connect(self) -> None:
        self.list.currentRowChanged.connect(lambda _row: self._offer())
        self.close_button.clicked.connect(self.reject)
        self.test_button.clicked.connect(self.test)
        self.finished.connect(lambda _result: self._leave())
        if self._locked:
            return
        self.list.itemDoubleClicked.connect(lambda _item: self.edit())
        self.add_button.clicked.connect(self._open_kinds)
        self.edit_button.clicked.connect(self.edit)
        self.switch_button.clicked.connect(self.switch)
        self.delete_button.clicked.connect(self.delete)
        self.undo_button.clicked.connect(self.undo)
        self.list.keys = {
            QKeyCombination(Qt.Key.Key_Delete): self.delete,
            QKeyCombination(Qt.Key.Key_Space): self.switch,
            QKeyCombination(Qt.Key.Key_Insert): self._open_kinds,
            QKeyCombination(Qt.Key.Key_Return): self.edit,
            QKeyCombination(Qt.Key.Key_Enter): self.edit,
            QKeyCombination(Qt.KeyboardModifier.ControlModifier, Qt.Key.Key_Z): self.undo,
        }

    # what is shown

    def read(self) -> None:
        """Have it looked up how the channels did."""
        names = list(self._settings)
        if names:
            self._begin(lambda: self._channels.news(names), self._take_news, self._unread)

    def _take_news(self, news: Mapping[str, ChannelNews]) -> None:
        self._news = news
        self._show()

    def _unread(self, error: Exception) -> None:
        self.answer.say(_("What was sent cannot be read."), error_sentence(error), trouble=True)

    def _show(self) -> None:
        """The channels, and the chosen one's messages."""
        chosen = self.current()
        self.list.clear()
        for name, settings in self._settings.items():
            news = self._news.get(name)
            line = channel_line(name, settings, held=self._is_held(settings))
            item = QListWidgetItem(f"{line}\n{news.last if news else ''}", self.list)
            item.setForeground(self._theme.alert_text if news and news.trouble else self._theme.text)
        self.list.updateGeometry()
        names = list(self._settings)
        if names:
            self.list.setCurrentRow(names.index(chosen) if chosen in names else 0)
        self._offer()

    def _is_held(self, settings: ChannelSettings) -> bool:
        return isinstance(settings, DesktopSettings) and not self._desktop

    def current(self) -> str:
        """The name of the chosen channel; "" where there is none."""
        item = self.list.currentItem()
        return item.text().partition(" · ")[0] if item is not None else ""

    def _offer(self) -> None:
        name = self.current()
        there = name in self._settings
        self.list.setVisible(bool(self._settings))
        self.none.setVisible(not self._settings)
        for button in (self.edit_button, self.switch_button, self.test_button, self.delete_button):
            button.setVisible(there)
            button.setEnabled(there)
        self.switch_button.setEnabled(there and not self._is_held(self._settings[name]))
        for button in self._changing() if self._locked else ():
            button.setEnabled(False)
        self.undo_button.setVisible(bool(self._deleted))
        self.undo_button.setText(
            _("Bring back {deleted}").format(deleted=self._deleted[-1][0]) if self._deleted else ""
        )
        self.switch_button.setText(_("Switch off") if not there or self._settings[name].enabled else _("Switch on"))
        self.caption.setVisible(there)
        self.messages.setVisible(there)
        if there:
            self.caption.setText(_("Last messages to {name}").format(name=channel_title(name)))
            self.messages.clear()
            if name in self._news:
                self.messages.addItems(self._news[name].messages or (_(_NO_MESSAGE),))

    # what the user does

    def _open_kinds(self) -> None:
        menu = passing_menu(self)
        for kind, title in KIND_NAMES.items():
            menu.addAction(_(title), partial(self.add, kind))
        menu.popup(self.add_button.mapToGlobal(QPoint(0, self.add_button.height() + 2)))

    def add(self, kind: str) -> None:
        """A form for a new channel."""
        self._open_form(ChannelForm(kind, self._channels, self._start, self._theme, self, taken=list(self._settings)))

    def edit(self) -> None:
        """The form of the chosen channel."""
        name = self.current()
        if name in self._settings:
            kept = self._settings[name]
            self._open_form(
                ChannelForm(kind_of(kept), self._channels, self._start, self._theme, self, name=name, settings=kept)
            )

    def _open_form(self, form: ChannelForm) -> None:
        self.form = form
        form.saved.connect(self._saved)
        form.finished.connect(lambda _result: self._form_closed())
        form.open()

    def _form_closed(self) -> None:
        self.form = None

    def _saved(self, name: str, settings: ChannelSettings, changed: bool) -> None:
        self._settings[name] = settings
        self._deleted = [each for each in self._deleted if each[0] != name]
        self._tell([name] if changed else [])
        self.list.setCurrentRow(list(self._settings).index(name))
        self.answer.hide()
        if name not in self._news:
            self.read()

    def switch(self) -> None:
        """The chosen channel is told of alerts, or no longer."""
        name = self.current()
        if name in self._settings and not self._is_held(self._settings[name]):
            kept = self._settings[name]
            self._settings[name] = msgspec.structs.replace(kept, enabled=not kept.enabled)
            self._tell()

    def delete(self) -> None:
        """Take the chosen channel out. Its secrets stay in the keyring while it can be brought back."""
        name = self.current()
        if name in self._settings:
            self._deleted.append((name, self._settings[name], list(self._settings).index(name)))
            del self._settings[name]
            self._tell()

    def undo(self) -> None:
        """Bring back the channel that was deleted last, in its place."""
        if self._deleted:
            name, settings, place = self._deleted.pop()
            entries = list(self._settings.items())
            self._settings = dict([*entries[:place], (name, settings), *entries[place:]])
            self._tell()
            self.list.setCurrentRow(place)

    def test(self) -> None:
        """Send a test to the chosen channel, on or off."""
        name = self.current()
        if name in self._settings:
            settings = self._settings[name]
            # A button that is disabled hands the keyboard to the next one, and that deletes.
            self.list.setFocus()
            self.test_button.setEnabled(False)
            self.answer.say(_("Testing {name} …").format(name=channel_title(name)), "", trouble=False)
            self._begin(lambda: self._channels.test(name, settings), self._tested, self._failed)

    def _tested(self, test: ChannelTest) -> None:
        self._offer()
        self.answer.say(test.title, test.advice, trouble=not test.sent)

    def _failed(self, error: Exception) -> None:
        self._offer()
        self.answer.say(_("The test was not sent."), error_sentence(error), trouble=True)

    def _tell(self, anew: Sequence[str] = ()) -> None:
        self._show()
        self.chosen.emit(dict(self._settings), list(anew))

    def _begin(
        self, job: Callable[[], Coroutine[Any, Any, T]], done: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> None:
        self._cancels.append(self._start(job, done, failed))

    def _leave(self) -> None:
        """Wait for nothing more, and forget the secrets of what stays deleted."""
        for cancel in self._cancels:
            cancel()
        for name, settings, _place in self._deleted:
            kept = {field: None for field, place in secret_fields(settings) if place == "keyring"}
            if kept:
                self._start(partial(self._channels.keep, name, kept), lambda _none: None, self.forget_failed.emit)
