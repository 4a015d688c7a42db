"""Import the broker's own watchlist groups: choose some."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from capflow_gui.domain.quote import StaticInfo, SymbolGroup
from capflow_gui.domain.symbol import Symbol
from capflow_gui.present.language.texts import _
from capflow_gui.present.numbers import counted
from capflow_gui.present.sentences import error_sentence
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.layouts import beside, push_button, stacked, text_label
from capflow_gui.ui.ports import Questions, Start
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.words import source_label

_ROW_HEIGHT = 32
_Key = tuple[str, str]  # source and name of a group


class _TickedRow(QStyledItemDelegate):
    """A row of its own height, ticked by a click anywhere on it."""

    def __init__(self, height: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._height = height

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(super().sizeHint(option, index).width(), self._height)

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        if isinstance(event, QMouseEvent):
            if event.type() is QEvent.Type.MouseButtonRelease and event.button() is Qt.MouseButton.LeftButton:
                ticked = Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)) is Qt.CheckState.Checked
                other = Qt.CheckState.Unchecked if ticked else Qt.CheckState.Checked
                return model.setData(index, other, Qt.ItemDataRole.CheckStateRole)
            return False
        return super().editorEvent(event, model, option, index)


class GroupsDialog(Sheet):
    """Emits `chosen` with the name and the symbols of each chosen group."""

    chosen = Signal(list)

    def __init__(
        self,
        watched: frozenset[Symbol],
        questions: Questions,
        start: Start,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(_("Import groups from the broker"), theme, parent, (420, 460))
        self._watched = watched
        self._questions = questions
        self._start = start
        self._cancels: list[Callable[[], None]] = []
        self._members: dict[_Key, tuple[Symbol, ...]] = {}
        self._waiting: list[_Key] = []
        self.said = text_label(_("Asking the broker for your groups …"), self, role="dim", wrap=True)
        self.list = QListWidget(self)
        self.list.setAccessibleName(_("Groups"))
        self.list.setItemDelegate(_TickedRow(theme.px(_ROW_HEIGHT), self.list))
        self.add_button = push_button(_("Import"), self, "primary")
        self.add_button.setEnabled(False)
        cancel = push_button(_("Cancel"), self)
        self.fill(stacked(self.said, (self.list, 1), spacing=12), beside(None, cancel, self.add_button))
        cancel.clicked.connect(self.reject)
        self.add_button.clicked.connect(self._accept)
        self.list.itemChanged.connect(lambda _item: self._count())
        self.finished.connect(lambda _result: self.rest())
        self._cancels.append(start(questions.groups, self._listed, self._failed))

    def rest(self) -> None:
        """Ask nothing more."""
        for cancel in self._cancels:
            cancel()
        self._cancels.clear()

    def groups(self) -> list[tuple[str, tuple[Symbol, ...]]]:
        """The ticked groups whose members are known."""
        return [(key[1], self._members[key]) for key in self._ticked() if key in self._members]

    def symbols(self) -> list[Symbol]:
        """What would be new on the list: every symbol of the ticked groups once, those already watched left out."""
        found: dict[Symbol, None] = {}
        for key in self._ticked():
            found.update(dict.fromkeys(symbol for symbol in self._members.get(key, ()) if symbol not in self._watched))
        return list(found)

    def _ticked(self) -> list[_Key]:
        items = (self.list.item(place) for place in range(self.list.count()))
        return [_key(item) for item in items if item.checkState() is Qt.CheckState.Checked]

    def _listed(self, groups: list[SymbolGroup]) -> None:
        if not groups:
            self.said.setText(_("The broker keeps no groups for this account."))
            return
        self.said.setText(
            _("Each becomes a group of your own, of the same name. What is on the list stays where it is.")
        )
        for group in sorted(groups, key=lambda group: not group.custom):
            key = group.source, group.name
            item = QListWidgetItem(_titled(key, "…"))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked)
            item.setData(Qt.ItemDataRole.UserRole, key)
            self.list.addItem(item)
            self._waiting.append(key)
        self._ask_next()

    def _ask_next(self) -> None:
        """One group after the other: the interface has a small quota."""
        if not self._waiting:
            return
        key = self._waiting.pop(0)
        source, name = key
        self._cancels.append(
            self._start(
                lambda: self._questions.group_symbols(name, source),
                lambda members: self._counted(key, members),
                lambda error: self._uncounted(key, error),
            )
        )

    def _counted(self, key: _Key, members: list[StaticInfo]) -> None:
        self._members[key] = tuple(dict.fromkeys(info.symbol for info in members))
        self._retitle(key, f"{len(self._members[key])}")
        self._ask_next()

    def _uncounted(self, key: _Key, error: Exception) -> None:
        self._retitle(key, error_sentence(error))
        self._ask_next()

    def _retitle(self, key: _Key, note: str) -> None:
        for place in range(self.list.count()):
            item = self.list.item(place)
            if _key(item) == key:
                item.setText(_titled(key, note))
        self._count()

    def _count(self) -> None:
        groups, new = len(self.groups()), len(self.symbols())
        words = _("Import {groups}").format(groups=counted(groups, "group")) if groups else _("Import")
        self.add_button.setText(f"{words} · {counted(new, 'new symbol')}" if new else words)
        self.add_button.setEnabled(groups > 0)

    def _failed(self, error: Exception) -> None:
        self.said.setText(error_sentence(error))

    def _accept(self) -> None:
        self.chosen.emit(self.groups())
        self.accept()


def _key(item: QListWidgetItem) -> _Key:
    source, name = item.data(Qt.ItemDataRole.UserRole)
    return source, name


def _titled(key: _Key, note: str) -> str:
    source, name = key
    return f"{name} · {source_label(source)}   {note}" if source else f"{name}   {note}"
