"""What the user does with the list and its groups, by hand, key and name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QApplication, QMenu

from capflow_gui.domain.lists.groups import COLORS, Group, free_name, group_name
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.symbols import read_symbols
from capflow_gui.errors import InvalidInput
from capflow_gui.feed.board import BoardView
from capflow_gui.present.language.texts import _
from capflow_gui.present.numbers import counted
from capflow_gui.present.sentences import error_sentence
from capflow_gui.ui.layouts import passing_menu
from capflow_gui.ui.models.columns import SortOrder
from capflow_gui.ui.toolbar.search import SearchBox
from capflow_gui.ui.watchlist.columns_menu import column_actions
from capflow_gui.ui.watchlist.group_tabs import group_of, key_of_group
from capflow_gui.ui.watchlist.panel import WatchlistPanel
from capflow_gui.ui.window.dialogs import WindowDialogs
from capflow_gui.ui.window.intents import WindowIntents
from capflow_gui.ui.window.keys import Action

_TO_LEFT, _TO_RIGHT = "Ctrl+[", "Ctrl+]"
_FEW_WORDS = 3
_NOT_A_GROUP = "This tab is no group of your own: + beside the tabs makes one."
Act = Callable[..., None]


class ListActions(QObject):
    """Has the intents carry out what is asked for in the panel, by key and by name.

    `live` wraps what changes the live list, for while recorded sessions are shown.
    """

    def __init__(
        self,
        panel: WatchlistPanel,
        board: BoardView,
        intents: WindowIntents,
        dialogs: WindowDialogs,
        *,
        search: SearchBox,
        live: Callable[[Act], Act],
    ) -> None:
        super().__init__(panel)
        self._panel, self._board, self._intents, self._dialogs, self._search = panel, board, intents, dialogs, search
        self._live = live
        self._pending: list[Symbol] = []
        tabs = panel.tabs
        panel.remove_requested.connect(live(self.remove))
        panel.reorder_requested.connect(live(self.reorder))
        panel.dropped.connect(live(self._dropped))
        panel.add_requested.connect(search.begin)
        panel.groups_requested.connect(dialogs.open_groups)
        panel.more_entries = self._fill_row_menu
        tabs.named.connect(live(self._named))
        tabs.moved.connect(live(self._move))
        tabs.menu_requested.connect(self._open_menu)
        search.symbols_typed.connect(self.add_typed)
        intents.shown.connect(panel.show_symbol)
        intents.unread.connect(search.correct)
        intents.sort_restored.connect(panel.sort)

    def actions(self) -> list[Action]:
        """For the keys, the menu and the search box."""
        panel, live = self._panel, self._live
        group, chosen = panel.group(), panel.table.selected_symbols()
        which = "the group" if group is None else group
        others = [each.name for each in self._board.groups if each.name != group]
        what = _what(chosen)
        return [
            Action(self._search.begin, "Add symbols", ("Ctrl+K",), 1),
            *(Action(partial(self._search.begin, digit), "", (digit,)) for digit in "0123456789"),
            Action(live(self.new_group), "New group…", section=1),
            Action(live(lambda: self.rename(panel.tabs.current())), f"Rename {which}…", ("F2",)),
            Action(live(partial(self.delete, group)), f"Delete {which}"),
            Action(live(partial(self._step, -1)), f"Move {which} to the left", (_TO_LEFT,)),
            Action(live(partial(self._step, 1)), f"Move {which} to the right", (_TO_RIGHT,)),
            *(
                Action(live(partial(self.color, group, each)), f"Colour of {group}: {each or 'none'}")
                for each in (("", *COLORS) if group is not None else ())
            ),
            Action(self._dialogs.open_groups, "Import groups from the broker…", section=1),
            Action(panel.open_filter, "Filter the list", ("/", "Ctrl+F")),
            Action(panel.open_sort_menu, "Sort the list…", ("S",)),
            Action(panel.toggle_pinned, _("Pin the row at the top, or unpin it"), ("I",)),
            Action(panel.open_columns, _("Columns…"), ("O",)),
            *column_actions(panel.table),
            Action(lambda: panel.table.set_dense(not panel.table.dense), "Dense rows, or comfortable ones"),
            Action(self.paste, keys=("Ctrl+V",)),
            Action(self._intents.undo, "Undo", ("Ctrl+Z",)),
            *(Action(partial(panel.choose_tab, place), keys=(f"Ctrl+{place + 1}",)) for place in range(9)),
            *(Action(live(partial(self.copy, chosen, each)), f"Copy {what} to {each}") for each in others if chosen),
            *(
                Action(live(partial(self.move, chosen, each)), f"Move {what} to {each}")
                for each in others
                if chosen and group is not None
            ),
        ]

    # symbols

    def add_typed(self, text: str) -> None:
        """Add what was typed to the group shown; of many words, show first what they were understood as."""
        typed, name = read_symbols(text), self._panel.group()
        if len(typed.read) <= _FEW_WORDS or not typed.symbols:
            self._intents.add_typed(text, name)
            return
        from capflow_gui.ui.watchlist.pasted import PastedSheet  # noqa: PLC0415 - when many are first added

        board, theme, parent = self._board, self._dialogs.theme, self._panel.window()
        group = board.groups.get(name)
        held = frozenset(board.symbols if group is None else group.symbols)
        names = {symbol: board.row(symbol).name for symbol in board.symbols}
        sheet = PastedSheet(text, names, theme, parent, group=name, held=held)
        sheet.chosen.connect(lambda symbols: self._intents.add(symbols, name))
        self._dialogs.show_dialog(sheet)

    def paste(self) -> None:
        """Add the symbols on the clipboard to the group shown."""
        self.add_typed(QApplication.clipboard().text())

    def remove(self, symbols: list[Symbol], whole: bool) -> None:
        """Take symbols out of the group shown, or off the list."""
        group = self._panel.group()
        if whole or group is None:
            self._intents.remove(symbols)
            return
        said = f"Took {_what(symbols)} out of {group}. On the list {'it stays' if len(symbols) == 1 else 'they stay'}."
        self._intents.set_groups(self._board.groups.taken_out(group, symbols), said)

    def reorder(self, order: list[Symbol], sort: SortOrder) -> None:
        """Keep the order of the tab shown."""
        self._intents.reorder(order, sort, self._panel.group())

    def copy(self, symbols: Sequence[Symbol], name: str) -> None:
        """Put symbols into a group, and leave them where they are."""
        self._put(symbols, name, "Copied")

    def move(self, symbols: Sequence[Symbol], name: str) -> None:
        """Put symbols into a group, and take them out of the one shown."""
        self._put(symbols, name, "Moved", self._panel.group())

    def _put(self, symbols: Sequence[Symbol], name: str, verb: str, out_of: str | None = None) -> None:
        before = self._board.groups
        groups = before.put(name, symbols)
        if out_of is not None:
            groups = groups.taken_out(out_of, symbols)
        if groups == before:
            self._intents.say(f"{_what(symbols)} {'is' if len(symbols) == 1 else 'are'} in {name} already.")
        self._intents.set_groups(groups, f"{verb} {_what(symbols)} to {name}.")

    def _dropped(self, symbols: list[Symbol], key: object, copied: bool) -> None:
        name = group_of(key)
        if name is not None:
            (self.copy if copied or self._panel.group() is None else self.move)(symbols, name)

    def _fill_row_menu(self, menu: QMenu, symbols: list[Symbol]) -> None:
        group = self._panel.group()
        verbs = [("Copy to", self.copy), *([("Move to", self.move)] if group is not None else [])]
        for words, act in verbs:
            into = menu.addMenu(words)
            for name in [each.name for each in self._board.groups if each.name != group]:
                into.addAction(name, partial(self._live(act), symbols, name))
            if act == self.copy:
                into.addAction("New group…", partial(self._live(self.new_group), symbols))
            into.setEnabled(bool(into.actions()))

    # groups

    def new_group(self, symbols: Sequence[Symbol] = ()) -> None:
        """Ask for the name of a new group, which symbols are to be in."""
        self._panel.tabs.begin_new()
        self._pending = list(symbols)

    def rename(self, key: object) -> None:
        """Ask for another name of a group, in the place of its tab."""
        if group_of(key) is None:
            self._intents.say(_NOT_A_GROUP)
        self._panel.tabs.begin_rename(key)

    def _named(self, key: object, typed: str) -> None:
        """A name was typed for a group, or (key None) for a new one."""
        groups, tabs, old = self._board.groups, self._panel.tabs, group_of(key)
        try:
            name = group_name(typed, [each.name for each in groups if each.name != old])
        except InvalidInput as error:
            self._intents.say(error_sentence(error))
            return
        tabs.end_naming()
        if old is None:
            pending, self._pending = tuple(self._pending), []
            self._intents.set_groups(groups.with_group(Group(name, pending)), f"Made the group {name}.")
            tabs.choose(key_of_group(name))
        elif (group := groups.get(old)) is not None and name != old:
            self._intents.as_one(partial(self._rename, group, name))

    def _rename(self, group: Group, name: str) -> None:
        """The rules that are for the group go with it."""
        rules = [each for each in self._board.rules if each.rule is not None and each.rule.scope.group == group.name]
        said = f"{group.name} is called {name} now."
        self._intents.set_groups(self._board.groups.changed(group.name, replace(group, name=name)), said)
        if rules:
            changed = [each.written(f"@{name}{each.text.removeprefix(f'@{group.name}')}") for each in rules]
            self._intents.set_rules(changed, f"{said} {counted(len(rules), 'rule')} for it changed with it.")

    def delete(self, name: str | None) -> None:
        """Delete a group, and leave its symbols on the list."""
        group = self._board.groups.get(name)
        if group is None:
            self._intents.say(_NOT_A_GROUP)
            return
        said = [f"Deleted the group {group.name}."]
        if group.symbols:
            said.append(f"Its {counted(len(group.symbols), 'symbol')} stay on the list.")
        rules = sum(each.rule is not None and each.rule.scope.group == name for each in self._board.rules)
        if rules:
            hold = f"{counted(rules, 'rule')} for @{name} {'holds' if rules == 1 else 'hold'}"
            said.append(f"{hold} for the broker's group of that name, if there is one.")
        self._intents.set_groups(self._board.groups.without(group.name), " ".join(said))

    def color(self, name: str | None, color: str) -> None:
        """Give a group another colour, "" for none."""
        group = self._board.groups.get(name)
        if group is not None:
            said = f"{group.name} has the colour {color} now." if color else f"{group.name} has no colour now."
            self._intents.set_groups(self._board.groups.changed(group.name, replace(group, color=color)), said)

    def _move(self, key: object, place: int) -> None:
        name = group_of(key)
        if name is not None:
            self._intents.set_groups(self._board.groups.moved(name, place), f"Moved the group {name}.")

    def _step(self, step: int) -> None:
        names, shown = [each.name for each in self._board.groups], self._panel.group()
        if shown not in names:
            self._intents.say(_NOT_A_GROUP)
        elif 0 <= (place := names.index(shown) + step) < len(names):
            self._move(key_of_group(shown), place)

    def _open_menu(self, key: object, at: QPoint) -> None:
        menu, name, live = passing_menu(self._panel), group_of(key), self._live
        if name is not None:
            menu.addAction("Rename…\tF2", partial(live(self.rename), key))
            colors = menu.addMenu("Colour")
            group = self._board.groups.get(name)
            for each in ("", *COLORS):
                entry = colors.addAction(each.capitalize() or "None", partial(live(self.color), name, each))
                entry.setCheckable(True)
                entry.setChecked(group is not None and group.color == each)
            menu.addAction(f"Delete {name}", partial(live(self.delete), name))
            menu.addSeparator()
        menu.addAction("New group…", live(self.new_group))
        menu.addAction("Import groups from the broker…", self._dialogs.open_groups)
        menu.popup(at)

    def import_groups(self, chosen: Sequence[tuple[str, Sequence[Symbol]]]) -> None:
        """Make an own group of each of the broker's, of the same name; one there is already gets the members."""
        groups, listed = self._board.groups, frozenset(self._board.symbols)
        for name, symbols in chosen:
            names = {each.name.casefold(): each.name for each in groups}
            same = names.get(" ".join(name.split()).casefold())
            if same is None:
                groups = groups.with_group(Group(free_name(name, list(names.values())), tuple(dict.fromkeys(symbols))))
            else:
                groups = groups.put(same, symbols)
        new = len({each for each in groups.symbols if each not in listed})
        said = f"Imported {chosen[0][0]}" if len(chosen) == 1 else f"Imported {counted(len(chosen), 'group')}"
        self._intents.set_groups(groups, f"{said}: {counted(new, 'new symbol')}.")


def _what(symbols: Sequence[Symbol]) -> str:
    return str(symbols[0]) if len(symbols) == 1 else counted(len(symbols), "symbol")
