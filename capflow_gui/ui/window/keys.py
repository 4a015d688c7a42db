"""What the window does by key, menu and name: one table for shortcuts, menu, search box and the sheet of keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QWidget

from capflow_gui.ui.keyboard import key_of
from capflow_gui.ui.layouts import passing_menu
from capflow_gui.ui.toolbar.search import Command

_SHIFT = "⇧"
_ARROWS = str.maketrans({"←": "Left", "→": "Right"})


@dataclass(frozen=True, slots=True)
class Action:
    """Something the window does.

    `name` is how menu and search box call it, empty for a key alone. `keys` are written as on the sheet: `Ctrl+K`,
    `A`, `⇧A`, `/`. `section` is the part of the menu it stands in, 0 for none. `choices` makes a menu of its own: what
    each is called, whether it holds now, what it does. `able`: whether it can do anything now; where it cannot, the
    menu's entry is disabled, and `run` says why.
    """

    run: Callable[[], object]
    name: str = ""
    keys: tuple[str, ...] = ()
    section: int = 0
    choices: Sequence[tuple[str, bool, Callable[[], object]]] = ()
    able: bool = True

    @property
    def key(self) -> str:
        """The key that is written beside its name."""
        return self.keys[0] if self.keys else ""


# The sheet of keys: how each is written, and what it does.
KEYS = (
    ("Ctrl+K", "search: add, find, do"),
    ("0…9", "search for a code"),
    ("Ctrl+V", "paste codes into the list"),
    ("/  or  Ctrl+F", "filter the list"),
    ("S", "sort the list"),
    ("O", "columns of the list"),
    ("I", "pin the row at the top"),
    ("Ctrl+1…9", "list, group, market"),
    ("F2", "rename the group"),
    ("Ctrl+[   Ctrl+]", "move the group"),
    ("↑ ↓  or  j k", "next row"),
    ("Enter", "to the chart"),
    ("Alt+↑ ↓", "move the row"),
    ("Del   ⇧Del", "out of the group, the list"),
    ("Ctrl+Z", "undo"),
    ("A   ⇧A", "acknowledge, all"),
    ("Z   ⇧Z", "snooze: 15 min, the session"),
    ("M   ⇧M", "mute the rule here, everywhere"),
    ("Y", "why was it raised?"),
    ("L   ⇧L", "to the alerts, their log"),
    ("E", "threshold of the row"),
    ("R   ⇧R", "to the rules, new rule"),
    ("E   Ctrl+D   Del", "in the rules: edit, copy, delete"),
    ("Space   M", "in the rules: on and off, mute"),
    ("Alt+1…4", "intraday, day, week, month"),
    ("H   ⇧H", "recorded sessions, calendar"),
    ("Alt+←   Alt+→", "session before, after"),
    ("B", "back to live"),
    ("G", "session before, behind"),
    ("⇧P", "play back, pause"),
    (".", "playback: a minute"),
    ("]   }", "playback: alert, revision"),
    ("<   >", "playback: slower, faster"),
    ("V", "to the tape"),
    ("D", "quality of the session"),
    ("Ctrl+C", "copy the table"),
    ("Ctrl+E   Ctrl+S", "save as CSV, picture"),
    ("Ctrl+Shift+C   Ctrl+Shift+E", "copy the list, save as CSV"),
    ("← →   ⇧", "in the chart: minute, ten"),
    ("Home End", "in the chart: open, newest"),
    ("+ − 0", "in the chart: zoom, all"),
    ("Alt+↑ ↓", "in the chart: threshold by 1 %"),
    ("T", "in the chart: threshold here"),
    ("N", "in the chart: next line alone"),
    ("C", "in the chart: per minute"),
    ("Ctrl+,", "settings"),
    ("F10", "menu"),
    ("?  or  F1", "this sheet"),
    ("Ctrl+Q", "quit"),
    ("Esc", "back"),
)


class WindowKeys(QObject):
    """Shortcuts with modifiers are Qt's. Single keys work wherever no text is being typed.

    `actions` is asked again whenever a menu opens: what is offered depends on the sources and the selection.
    `lists` would search their rows for what is typed; their single keys are the window's as well.
    """

    def __init__(self, window: QWidget, actions: Callable[[], Sequence[Action]], lists: Sequence[QWidget]) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        for widget in (window, *lists):
            widget.installEventFilter(self)
        self._plain: dict[tuple[int, Qt.KeyboardModifier] | str, Callable[[], object]] = {}
        for action in actions():
            for key in action.keys:
                self._bind(key, action.run)

    def _bind(self, key: str, run: Callable[[], object]) -> None:
        letter = key.removeprefix(_SHIFT)
        if key == "Esc":
            # No shortcut: a pop-up, the filter or the crosshair goes first.
            self._plain[(Qt.Key.Key_Escape.value, Qt.KeyboardModifier.NoModifier)] = run
        elif len(letter) > 1:
            sequence = QKeySequence(key.translate(_ARROWS))
            QShortcut(sequence, self._window).activated.connect(run)
            combined = sequence[0]  # type: ignore[index]
            if combined.key().value < 0x80:  # where the layout has no such letter, by its place
                self._plain[(combined.key().value, combined.keyboardModifiers())] = run
        elif letter.isalpha():
            # By key and not by text: Caps Lock must not acknowledge every alert.
            shift = Qt.KeyboardModifier.ShiftModifier if letter != key else Qt.KeyboardModifier.NoModifier
            self._plain[(ord(letter), shift)] = run
        else:
            self._plain[letter] = run

    def commands(self) -> tuple[Command, ...]:
        """What the search box offers by name."""
        named = (each for each in self._actions() if each.name and not each.choices)
        return tuple(Command(each.name.removesuffix("…"), each.key, each.run) for each in named)

    def fill(self, menu: QMenu) -> None:
        """Put what the window does into a menu."""
        section = 1
        for each in sorted((each for each in self._actions() if each.section), key=lambda each: each.section):
            if each.section != section:
                menu.addSeparator()
                section = each.section
            if not each.choices:
                entry = menu.addAction(f"{each.name}\t{each.key}" if each.key else each.name, each.run)
                entry.setEnabled(each.able)
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
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            run = self._plain.get((key_of(event).value, event.modifiers())) or self._plain.get(event.text())
            if run is not None:
                run()
                return True
        return super().eventFilter(watched, event)
