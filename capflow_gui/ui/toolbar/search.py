"""The search box: add symbols by typing or pasting, jump to a row, run an action, ask the broker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from capflow_gui.domain.quote import SearchHit
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.symbols import LONG_TEXT, read_symbols, words_of
from capflow_gui.domain.typed.text import folded
from capflow_gui.present.language.texts import _, said_together
from capflow_gui.present.numbers import counted
from capflow_gui.ui import shapes
from capflow_gui.ui.ports import Questions, Start
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.toolbar.ranking import Asked

WAIT_MS = 250
_SHOWN = 9
_REMEMBERED = 20
_ENTRY_PADDING, _HINT_GAP = 8, 24
_AROUND = 34  # the box around its text, in pixels
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Command:
    """Something the window can do, offered by name. `key` is shown beside it, `words` find it too.

    `why_not`: why it can do nothing now, shown in the place of the key; `run` says that too.
    """

    name: str
    key: str
    run: Callable[[], object]
    words: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line under the box."""

    text: str
    hint: str
    run: Callable[[], None]
    able: bool = True


def _matches(wanted: str, symbol: Symbol, name: str) -> bool:
    return wanted in str(symbol).casefold() or wanted in name.casefold()


def _begins(wanted: str, symbol: Symbol, name: str) -> bool:
    return str(symbol).casefold().startswith(wanted) or name.casefold().startswith(wanted)


def _is_of_words(text: str) -> bool:
    """Whether nothing in a text says that it is a code: a digit, a full stop or a capital letter."""
    return not any(each.isdecimal() or each.isupper() or each == "." for each in folded(text))


class _WithHint(QStyledItemDelegate):
    """The words of an entry at the left, its hint at the right."""

    def __init__(self, parent: SearchBox) -> None:
        super().__init__(parent)
        self._box = parent

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Words end before the hint."""
        super().initStyleOption(option, index)
        room = option.rect.width() - 2 * _ENTRY_PADDING - self._hint_width(option, index)
        if option.rect.isValid():
            option.text = option.fontMetrics.elidedText(option.text, Qt.TextElideMode.ElideRight, room)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The entry, then its hint."""
        super().paint(painter, option, index)
        painter.setFont(option.font)
        painter.setPen(self._box.hint_color)
        place = option.rect.adjusted(_ENTRY_PADDING, 0, -_ENTRY_PADDING, 0)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._hint(index))

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Room for both."""
        return super().sizeHint(option, index) + QSize(self._hint_width(option, index), 0)

    @staticmethod
    def _hint(index: Index) -> str:
        return str(index.data(Qt.ItemDataRole.UserRole) or "")

    def _hint_width(self, option: QStyleOptionViewItem, index: Index) -> int:
        hint = self._hint(index)
        return option.fontMetrics.horizontalAdvance(hint) + _HINT_GAP if hint else 0


class SearchBox(QLineEdit):
    """Emits `symbols_typed` with what was typed when it is to be added, `symbol_found` to jump to a row.

    `strict`: a word in small letters is added only where the broker knows it, and that nothing fits is said. For a
    window that has few of the actions: the name of another one is no symbol.
    `begun`: it has the keyboard, and `set_known` is to tell what is known by now
    `left`: after Esc or for an action, it is empty again.
    """

    begun = Signal()
    left = Signal()
    symbols_typed = Signal(str)
    symbol_found = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, strict: bool = False) -> None:
        super().__init__(parent)
        self._theme, self._strict = theme, strict
        self._known: Mapping[Symbol, str] = {}
        self._commands: Sequence[Command] = ()
        self._group: str | None = None
        self._questions: Questions | None = None
        self._start: Start | None = None
        self._cancel: Callable[[], None] | None = None
        self._hits: list[SearchHit] = []
        self._entries: list[Entry] = []
        self.recent: list[str] = []  # names of commands, the newest first
        self._popup: QFrame | None = None
        self._list = QListWidget(self)
        self._list.hide()
        self._list.setAccessibleName(_("Suggestions"))
        self._list.setItemDelegate(_WithHint(self))
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self._ask)
        self.setToolTip(_("Add or find a symbol, an action or a setting (Ctrl+K)"))
        self.setAccessibleName(_("Search: add or find a symbol, an action or a setting"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setTextMargins(0, 0, 4, 0)
        self.textEdited.connect(self._edited)
        self.returnPressed.connect(self._enter)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        self.setFixedHeight(theme.px(32))
        self._list.setStyleSheet(
            "QListWidget { background: transparent; }"
            f"QListWidget::item {{ padding: 5px {_ENTRY_PADDING}px; border-radius: 4px; }}"
            f"QListWidget::item:selected {{ background: {theme.line2.name()}; }}"
        )
        self.update()

    @property
    def hint_color(self) -> QColor:
        """What hints are written in."""
        return self._theme.dim

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for as much as there is room to say."""
        super().resizeEvent(event)
        asked, room = _("Add or find a symbol or action"), self.width() - _AROUND
        whole = self.fontMetrics().horizontalAdvance(asked) <= room
        self.setPlaceholderText(asked if whole else _("Add or find"))

    def sizeHint(self) -> QSize:
        """Room for what it asks for, and its key."""
        return QSize(self._theme.px(262), self.maximumHeight())

    def begin(self, text: str = "") -> None:
        """Take the keyboard; with `text` as if it had been typed here."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if text:
            self.correct(text)
            self._edited(text)
        else:
            self.selectAll()

    def correct(self, text: str) -> None:
        """Show words that could not be read, to be corrected."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.setText(text)

    def set_questions(self, questions: Questions, start: Start) -> None:
        """Whom to ask for symbols by name."""
        self._questions, self._start = questions, start

    def set_known(self, names: Mapping[Symbol, str], commands: Sequence[Command], group: str | None = None) -> None:
        """The rows to jump to, the actions to run, and the group that symbols are added to; None: the list."""
        self._known, self._commands, self._group = names, commands, group

    def entries(self) -> list[Entry]:
        """What is offered for the present text."""
        return self._entries

    def rest(self) -> None:
        """Close the list and ask nothing more."""
        self._wait.stop()
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        if self._popup is not None:
            self._popup.hide()

    # text

    def _edited(self, text: str) -> None:
        self._hits = []
        self._offer()
        if text.strip() and len(text) <= LONG_TEXT and len(words_of(text)) <= 3:
            self._wait.start()
        else:
            self._wait.stop()

    def _ask(self) -> None:
        text = folded(self.text())
        if self._questions is None or self._start is None or not text:
            return
        if self._cancel is not None:
            self._cancel()
        questions = self._questions
        self._cancel = self._start(lambda: questions.search(text), self._found, self._not_found)

    def _found(self, hits: list[SearchHit]) -> None:
        self._cancel = None
        self._hits = hits
        self._offer()

    def _not_found(self, error: Exception) -> None:
        """The broker cannot be asked now: typed codes still work, and the source badge says why."""
        del error
        self._cancel = None

    def _offer(self) -> None:
        text = self.text()
        self._entries = self._entries_for(text)[:_SHOWN] if text.strip() else []
        if self._strict and text.strip() and not self._entries:
            words = _("No symbol and no action of this window: {text}").format(text=folded(text))
            self._entries = [Entry(words, "", lambda: None, able=False)]
        self._show_list()

    def _offer_all(self) -> None:
        """Everything the window does, what was used lately first."""
        self._entries = self._commands_for("")
        self._show_list()

    def _entries_for(self, text: str) -> list[Entry]:
        """Entries in order: codes typed in full, known names and actions, then guesses from a few letters."""
        if len(text) > LONG_TEXT:
            return [Entry(_("Show what the pasted text is understood as"), "", lambda: self._add(text))]
        wanted = folded(text).casefold()
        typed = read_symbols("" if self._strict and _is_of_words(text) else text)
        actions = self._commands_for(wanted)
        if len(typed.symbols) > 1 or (typed.symbols and typed.faults):
            hint = _("{count} not usable").format(count=len(typed.faults)) if typed.faults else ""
            where = _("the list") if self._group is None else self._group
            words = _("Add {symbols} to {where}").format(symbols=counted(len(typed.symbols), "symbol"), where=where)
            return [*actions, Entry(words, hint, lambda: self._add(text))]
        # Digits and a market leave no doubt; letters alone may also begin a name or an action.
        certain = typed.symbols if not wanted.isalpha() else ()
        known = {symbol: name for symbol, name in self._known.items() if _matches(wanted, symbol, name)}
        known = dict(sorted(known.items(), key=lambda each: not _begins(wanted, *each)))
        found = {hit.symbol: hit.name for hit in self._hits}
        ranked = dict.fromkeys((*certain, *known))
        guessed = dict.fromkeys((*found, *typed.symbols))
        names = {**found, **self._known}

        def entries(symbols: Iterable[Symbol]) -> list[Entry]:
            return [self._symbol_entry(symbol, names.get(symbol, "")) for symbol in symbols]

        first = max(_SHOWN - len(actions), _SHOWN // 2, len(certain))
        shown = [*ranked][:first]
        return [*entries(shown), *actions, *entries(each for each in guessed if each not in ranked)]

    def _commands_for(self, wanted: str) -> list[Entry]:
        """The actions that fit, the best first; of equally good ones those used lately."""
        asked = Asked(wanted)
        fitting = [asked.rank(each.name, each.key, each.words) for each in self._commands]
        lately = {name: place for place, name in enumerate(self.recent)}
        ranked = sorted(
            (
                (rank, lately.get(each.name, len(lately)), place)
                for place, (rank, each) in enumerate(zip(fitting, self._commands, strict=True))
                if rank is not None
            )
        )
        return [self._command_entry(self._commands[place]) for _rank, _lately, place in ranked]

    def _command_entry(self, command: Command) -> Entry:
        def run() -> None:
            self.recent = [command.name, *(each for each in self.recent if each != command.name)][:_REMEMBERED]
            self._leave(lambda: self._run(command))

        return Entry(command.name, command.why_not or command.key, run, able=not command.why_not)

    def _run(self, command: Command) -> None:
        """The keyboard goes back first: the next key is one of the window's, and what runs may take it elsewhere."""
        self.left.emit()
        command.run()

    def _symbol_entry(self, symbol: Symbol, name: str) -> Entry:
        text = f"{symbol}  {name}".rstrip()
        if symbol in self._known:
            return Entry(text, _("on the list"), lambda: self._go(symbol))
        hint = _("add") if self._group is None else _("add to {group}").format(group=self._group)
        return Entry(text, hint, lambda: self._add(str(symbol)))

    def _add(self, text: str) -> None:
        """The box keeps the keyboard: another symbol may follow."""
        self._leave(lambda: self.symbols_typed.emit(text))

    def _go(self, symbol: Symbol) -> None:
        self._leave(lambda: self.symbol_found.emit(symbol))

    def _leave(self, run: Callable[[], object]) -> None:
        self.rest()
        self.clear()
        self._entries = []
        run()

    def _enter(self) -> None:
        chosen = self._list.currentRow()
        if self._entries and 0 <= chosen < len(self._entries):
            self._entries[chosen].run()
        elif self.text().strip():
            self._add(self.text())

    # the list below

    def _show_list(self) -> None:
        if not self._entries:
            if self._popup is not None:
                self._popup.hide()
            return
        popup = self._popup or self._make_popup()
        self._list.clear()
        for entry in self._entries:
            item = QListWidgetItem(entry.text)
            item.setData(Qt.ItemDataRole.UserRole, entry.hint)
            told = said_together([entry.text, entry.hint]) if entry.hint else entry.text
            item.setToolTip(told)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, told)
            if not entry.able:
                item.setForeground(self._theme.none)
            self._list.addItem(item)
        self._list.setCurrentRow(0)
        below = self.mapTo(self.window(), QPoint(0, self.height() + 4))
        needed, frame = self._list.sizeHintForColumn(0), 24
        wide = min(max(self.width(), self._theme.px(380), needed + frame), self.window().width() - below.x() - 4)
        height = min(
            self._list.sizeHintForRow(0) * min(len(self._entries), _SHOWN) + 14, self.window().height() - below.y() - 4
        )
        popup.setGeometry(below.x(), below.y(), wide, height)
        popup.show()
        popup.raise_()

    def _make_popup(self) -> QFrame:
        popup = QFrame(self.window())
        popup.setProperty("look", "card")
        layout = QVBoxLayout(popup)
        layout.setContentsMargins(5, 5, 5, 5)
        self._list.setParent(popup)
        self._list.show()
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setUniformItemSizes(True)
        self._list.itemClicked.connect(lambda _item: self._enter())
        layout.addWidget(self._list)
        self._popup = popup
        self.window().installEventFilter(self)
        return popup

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click elsewhere closes the list."""
        if event.type() is QEvent.Type.MouseButtonPress and self._popup is not None:
            self._popup.hide()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down walk the list, Esc leaves and empties the box. Down in the empty box offers every action."""
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        key = Qt.Key(event.key())
        if key is Qt.Key.Key_Down and not self.text() and not self._popup_open():
            self._offer_all()
        elif key in steps and self._entries:
            self._list.setCurrentRow((self._list.currentRow() + steps[key]) % len(self._entries))
        elif key is Qt.Key.Key_Escape:
            self._leave(self.left.emit)
        else:
            super().keyPressEvent(event)

    def _popup_open(self) -> bool:
        return self._popup is not None and self._popup.isVisible()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """What is searched for may be known by another name than at the last time."""
        super().focusInEvent(event)
        self.begun.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Typing elsewhere closes the list."""
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.rest()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box, and its key while it is empty."""
        super().paintEvent(event)
        if self.text() or self.hasFocus() or self.width() < self.sizeHint().width():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shapes.draw_key(painter, self.width() - 7.0, self.height(), "Ctrl K", self._theme)
