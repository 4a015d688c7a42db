"""What the window does by key, menu and name: one table for shortcuts, menu, search box and the sheet of keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QWidget

from capflow_gui.present.language.texts import N_, _
from capflow_gui.ui.keyboard import SHIFT, KeyTable
from capflow_gui.ui.layouts import passing_menu
from capflow_gui.ui.toolbar.search import Command

# What an entry of a menu of its own is called, whether it holds now, what it does.
Choice = tuple[str, bool, Callable[[], object]]
_FOR_QT = str.maketrans({"←": "Left", "→": "Right", "↑": "Up", "↓": "Down", SHIFT: "Shift+"})


class ActionScope(Enum):
    """What an action belongs to: the headings of the sheet, in its order.

    The keys of a scope that `is_local` work only while that part has the keyboard, where they go before the window's.
    """

    FIND = N_("Find and add")
    LIST = N_("List")
    IN_LIST = N_("In the list")
    GROUPS = N_("Groups")
    ALERTS = N_("Alerts")
    IN_ALERTS = N_("In the alerts and their log")
    RULES = N_("Rules")
    IN_RULES = N_("In the rules")
    CHART = N_("Chart")
    IN_CHART = N_("In the chart")
    SESSIONS = N_("Recorded sessions")
    IN_SESSIONS = N_("In the calendar")
    PLAYBACK = N_("Playback")
    TAPE = N_("Tape")
    IN_TAPE = N_("In the tape")
    WALL = N_("Grid and wall")
    IN_WALL = N_("On the wall")
    COPY = N_("Copy and save")
    WINDOW = N_("Window")

    @property
    def title(self) -> str:
        """The heading."""
        return _(self.value)

    @property
    def is_local(self) -> bool:
        """Whether its keys work only in its part."""
        return self.name.startswith("IN_")


@dataclass(frozen=True, slots=True)
class Action:
    """Something the window does.

    `name` is how menu, search box and sheet call it, `what` a sentence of what it does, `words` other words that find
    it in the search box. `keys` are written as on the sheet: `Ctrl+K`, `A`, `⇧A`, `/`. `section` is the part of the
    menu it stands in, 0 for none. `scope` is its place on the sheet. `choices` makes a menu of its own. `why_not`: why
    it can do nothing now; `run` says that too. An action without a name has keys alone.
    """

    run: Callable[[], object]
    name: str = ""
    keys: tuple[str, ...] = ()
    section: int = 0
    choices: Sequence[Choice] = ()
    what: str = ""
    scope: ActionScope = ActionScope.WINDOW
    words: str = ""
    why_not: str = ""

    @property
    def key(self) -> str:
        """The key that is written beside its name."""
        return self.keys[0] if self.keys else ""


@dataclass(slots=True)
class KeyLine:
    """A line of the sheet: keys as they are written, and what they do in few words and in a sentence."""

    scope: ActionScope
    keys: str
    text: str
    what: str
    words: str


def key_lines(actions: Sequence[Action]) -> list[KeyLine]:
    """The lines of the sheet in its order. A row of digits that do the same kind of thing is one line, `Ctrl+1…9`."""
    order = {scope: place for place, scope in enumerate(ActionScope)}
    lines: list[KeyLine] = []
    first = ""
    for action in sorted((each for each in actions if each.what), key=lambda each: order[each.scope]):
        line = KeyLine(action.scope, "  ".join(action.keys), action.name.removesuffix("…"), action.what, action.words)
        if line.keys[-1:].isdigit() and lines and (lines[-1].scope, lines[-1].what) == (line.scope, line.what):
            lines[-1].keys, lines[-1].text = f"{first}…{line.keys[-1]}", line.what
        elif line.keys or line.text:
            first = line.keys
            lines.append(line)
    return lines


class WindowKeys(QObject):
    """Shortcuts with modifiers are Qt's. Single keys work wherever no text is being typed.

    `actions` is asked again whenever a menu opens: what is offered depends on the sources and the selection.
    `lists` would search their rows for what is typed; their single keys are the window's as well. `inside` another
    window the keys work only while this part of it has the keyboard, where they go before those of the window.
    """

    def __init__(
        self,
        window: QWidget,
        actions: Callable[[], Sequence[Action]],
        lists: Sequence[QWidget],
        *,
        inside: bool = False,
    ) -> None:
        super().__init__(window)
        self._inside, self._shortcuts = inside, list[QShortcut]()
        self._window = window
        self.actions = actions
        self._table = KeyTable()
        for widget in (window, *lists):
            widget.installEventFilter(self)
        for action in actions():
            for key in action.keys if not action.scope.is_local else ():
                self._bind(key, action.run)

    def _bind(self, key: str, run: Callable[[], object]) -> None:
        # No shortcut for Esc: a pop-up, the filter or the crosshair goes first.
        if not self._inside and key != "Esc" and len(key.removeprefix(SHIFT)) > 1:
            shortcut = QShortcut(QKeySequence(key.translate(_FOR_QT)), self._window)
            shortcut.activated.connect(run)
            self._shortcuts.append(shortcut)
        self._table.add(key, run)

    def let_go(self) -> None:
        """The keys work no more."""
        for shortcut in self._shortcuts:
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        self._table = KeyTable()
        self.deleteLater()

    def commands(self) -> tuple[Command, ...]:
        """What the search box offers by name."""
        return tuple(command for each in self.actions() if each.name for command in _commands(each))

    def fill(self, menu: QMenu) -> None:
        """Put what the window does into a menu."""
        section = 1
        menu.setToolTipsVisible(True)
        for each in sorted((each for each in self.actions() if each.section), key=lambda each: each.section):
            if each.section != section:
                menu.addSeparator()
                section = each.section
            if not each.choices:
                entry = menu.addAction(f"{each.name}\t{each.key}" if each.key else each.name, each.run)
                entry.setEnabled(not each.why_not)
                entry.setToolTip(each.why_not or each.what)
                continue
            choices = menu.addMenu(each.name)
            for name, chosen, run in each.choices:
                choice = choices.addAction(name, run)
                choice.setCheckable(True)
                choice.setChecked(chosen)

    def open_menu(self, button: QWidget) -> None:
        """The menu below its button."""
        menu = passing_menu(self._window)
        self.fill(menu)
        menu.popup(button.mapToGlobal(QPoint(0, button.height() + 2)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Single keys, outside text fields."""
        if isinstance(event, QKeyEvent) and event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            run = self._table.find(event)
            if run is not None and event.type() is QEvent.Type.KeyPress:
                run()
                return True
            if run is not None and self._inside:
                event.accept()  # no shortcut of the window, but a key of this part
                return True
        return super().eventFilter(watched, event)


def _commands(action: Action) -> list[Command]:
    name = action.name.removesuffix("…")
    if action.choices:
        return [
            Command(f"{name}: {choice}", "", run, action.words, action.why_not) for choice, _on, run in action.choices
        ]
    return [Command(name, action.key, action.run, f"{action.words} {action.what}", action.why_not)]
