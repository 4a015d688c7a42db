"""What the user does with the list and its groups, by hand, key and name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QApplication, QMenu

from capflow_gui.domain.lists.groups import COLORS, Group, free_name, group_name
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.symbols import LONG_TEXT, read_symbols
from capflow_gui.errors import InvalidInput
from capflow_gui.feed.board import BoardView
from capflow_gui.present.language.texts import N_, _, full_stop, ngettext, one_after_other
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
from capflow_gui.ui.window.keys import Action, ActionScope
from capflow_gui.ui.words import color_name

_TO_LEFT, _TO_RIGHT = "Ctrl+[", "Ctrl+]"
_FEW_WORDS = 3
_TAB_KEYS = 9
_NOT_A_GROUP = N_("This tab is no group of your own: + beside the tabs makes one.")
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
        return [*self._find_actions(), *self._list_actions(), *self._tab_actions(), *self._group_actions()]

    def _find_actions(self) -> list[Action]:
        find = partial(Action, scope=ActionScope.FIND)
        begin, paste = self._search.begin, self.paste
        digit = _("Begins a search with a digit of a code.")
        everything = _("Goes to the search box: symbols, groups, settings and all that the window does.")
        pasted = _("Adds the symbols on the clipboard to the list and the group shown.")
        return [
            find(begin, _("Add symbols"), ("Ctrl+K",), 1, what=everything, words=_("search find palette command")),
            *(find(partial(begin, each), keys=(each,), what=digit) for each in "0123456789"),
            find(paste, _("Paste codes into the list"), ("Ctrl+V",), what=pasted, words=_("add clipboard import")),
        ]

    def _list_actions(self) -> list[Action]:
        panel, of_list = self._panel, partial(Action, scope=ActionScope.LIST)
        some = _("Shows only the rows that have the words typed, of code, name, source or state.")
        dense = _("Gives each row one line, or two.")
        pinned = _("Keeps the selected rows at the top, whatever the order.")
        columns = _("Offers the columns of the list: which, in which order, how wide.")
        undone = _("Takes back the last change of list, groups, rules or thresholds.")
        return [
            of_list(panel.open_filter, _("Filter the list"), ("/", "Ctrl+F"), what=some, words=_("find narrow")),
            of_list(panel.open_sort_menu, _("Sort the list…"), ("S",), what=_("Offers the orders of the list.")),
            of_list(panel.toggle_pinned, _("Pin the row at the top, or unpin it"), ("⇧I",), what=pinned),
            of_list(panel.open_columns, _("Columns…"), ("⇧O",), what=columns, words=_("show hide width order")),
            *column_actions(panel.table, panel.open_columns),
            of_list(
                lambda: panel.table.set_dense(not panel.table.dense), _("Dense rows, or comfortable ones"), what=dense
            ),
            of_list(self._intents.undo, _("Undo"), ("Ctrl+Z",), what=undone, words=_("back revert")),
        ]

    def _tab_actions(self) -> list[Action]:
        tabs, choose = self._panel.tabs, self._panel.choose_tab
        names = [_("Show {tab}").format(tab=tabs.tab(key).text()) for key in tabs.all_keys()]
        names += [""] * (_TAB_KEYS - len(names))
        shows = partial(Action, what=_("Shows a tab of the list: all, a group, a market."), scope=ActionScope.GROUPS)
        words = _("group market tab list")
        return [
            shows(partial(choose, at), name, (f"Ctrl+{at + 1}",) if at < _TAB_KEYS else (), words=words)
            for at, name in enumerate(names)
        ]

    def _group_actions(self) -> list[Action]:
        panel, live, of_group = self._panel, self._live, partial(Action, scope=ActionScope.GROUPS)
        group, chosen = panel.group(), panel.table.selected_symbols()
        own = partial(of_group, why_not=_(_NOT_A_GROUP) if group is None else "")
        which = _("the group") if group is None else group
        others = [each.name for each in self._board.groups if each.name != group] if chosen else []
        symbols = _what(chosen)
        left, right, delete = (live(partial(self._step, -1)), live(partial(self._step, 1)), live(self.delete))
        rename = live(lambda: self.rename(panel.tabs.current()))
        made, brought = _("Makes a group of your own."), _("Makes own groups of those you have at the broker.")
        copied, moved = _("Copy {symbols} to {group}"), _("Move {symbols} to {group}")
        return [
            of_group(live(self.new_group), _("New group…"), section=1, what=made, words=_("create add tab")),
            own(rename, _("Rename {group}…").format(group=which), ("F2",), what=_("Gives the group another name.")),
            own(left, _("Move {group} to the left").format(group=which), (_TO_LEFT,), what=_("Moves the group's tab.")),
            own(right, _("Move {group} to the right").format(group=which), (_TO_RIGHT,), what=_("Moves the tab on.")),
            own(
                partial(delete, group),
                _("Delete {group}").format(group=which),
                what=_("Deletes the group. Its symbols stay on the list."),
            ),
            *(
                own(
                    live(partial(self.color, group, each)),
                    _("Colour of {group}: {color}").format(group=group, color=each or _("none")),
                    what=_("Colours the group's tab."),
                )
                for each in (("", *COLORS) if group is not None else ())
            ),
            of_group(self._dialogs.open_groups, _("Import groups from the broker…"), section=1, what=brought),
            *(
                of_group(
                    live(partial(act, chosen, each)),
                    name.format(symbols=symbols, group=each),
                    what=_("Puts the selected symbols into a group."),
                )
                for act, name in ((self.copy, copied), *([(self.move, moved)] if group is not None else []))
                for each in others
            ),
        ]

    # symbols

    def add_typed(self, text: str) -> None:
        """Add what was typed to the group shown; of many words, show first what they were understood as."""
        typed, name = None if len(text) > LONG_TEXT else read_symbols(text), self._panel.group()
        if typed is not None and (len(typed.read) <= _FEW_WORDS or not typed.symbols):
            self._intents.add_typed(text, name)
            return
        from capflow_gui.ui.watchlist.pasted import PastedSheet  # noqa: PLC0415 - when many are first added

        board, theme, parent = self._board, self._dialogs.theme, self._panel.window()
        group = board.groups.get(name)
        held = frozenset(board.symbols if group is None else group.symbols)
        names = self._panel.names_on(board)
        sheet = PastedSheet(text, typed, names, theme, parent, group=name, held=held)
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
        said = ngettext(
            "Took {what} out of {group}. On the list it stays.",
            "Took {what} out of {group}. On the list they stay.",
            len(symbols),
        ).format(what=_what(symbols), group=group)
        self._intents.set_groups(self._board.groups.taken_out(group, symbols), said)

    def reorder(self, order: list[Symbol], sort: SortOrder) -> None:
        """Keep the order of the tab shown."""
        self._intents.reorder(order, sort, self._panel.group())

    def copy(self, symbols: Sequence[Symbol], name: str) -> None:
        """Put symbols into a group, and leave them where they are."""
        self._put(symbols, name, _("Copied {what} to {group}."))

    def move(self, symbols: Sequence[Symbol], name: str) -> None:
        """Put symbols into a group, and take them out of the one shown."""
        self._put(symbols, name, _("Moved {what} to {group}."), self._panel.group())

    def _put(self, symbols: Sequence[Symbol], name: str, said: str, out_of: str | None = None) -> None:
        before = self._board.groups
        groups = before.put(name, symbols)
        if out_of is not None:
            groups = groups.taken_out(out_of, symbols)
        if groups == before:
            self._intents.say(
                ngettext("{what} is in {group} already.", "{what} are in {group} already.", len(symbols)).format(
                    what=_what(symbols), group=name
                )
            )
        self._intents.set_groups(groups, said.format(what=_what(symbols), group=name))

    def _dropped(self, symbols: list[Symbol], key: object, copied: bool) -> None:
        name = group_of(key)
        if name is not None:
            (self.copy if copied or self._panel.group() is None else self.move)(symbols, name)

    def _fill_row_menu(self, menu: QMenu, symbols: list[Symbol]) -> None:
        group = self._panel.group()
        verbs = [(_("Copy to"), self.copy), *([(_("Move to"), self.move)] if group is not None else [])]
        for words, act in verbs:
            into = menu.addMenu(words)
            for name in [each.name for each in self._board.groups if each.name != group]:
                into.addAction(name, partial(self._live(act), symbols, name))
            if act == self.copy:
                into.addAction(_("New group…"), partial(self._live(self.new_group), symbols))
            into.setEnabled(bool(into.actions()))

    # groups

    def new_group(self, symbols: Sequence[Symbol] = ()) -> None:
        """Ask for the name of a new group, which symbols are to be in."""
        self._panel.tabs.begin_new()
        self._pending = list(symbols)

    def rename(self, key: object) -> None:
        """Ask for another name of a group, in the place of its tab."""
        if group_of(key) is None:
            self._intents.say(_(_NOT_A_GROUP))
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
            self._intents.set_groups(
                groups.with_group(Group(name, pending)), _("Made the group {name}.").format(name=name)
            )
            tabs.choose(key_of_group(name))
            self._panel.setFocus(Qt.FocusReason.OtherFocusReason)  # what comes next is symbols
        elif (group := groups.get(old)) is not None and name != old:
            self._intents.as_one(partial(self._rename, group, name))

    def _rename(self, group: Group, name: str) -> None:
        """The rules that are for the group go with it."""
        rules = [each for each in self._board.rules if each.rule is not None and each.rule.scope.group == group.name]
        said = _("{old} is called {new} now.").format(old=group.name, new=name)
        self._intents.set_groups(self._board.groups.changed(group.name, replace(group, name=name)), said)
        if rules:
            changed = [each.written(f"@{name}{each.text.removeprefix(f'@{group.name}')}") for each in rules]
            more = _("{rules} for it changed with it.").format(rules=counted(len(rules), "rule"))
            self._intents.set_rules(changed, one_after_other((said, more)))

    def delete(self, name: str | None) -> None:
        """Delete a group, and leave its symbols on the list."""
        group = self._board.groups.get(name)
        if group is None:
            self._intents.say(_(_NOT_A_GROUP))
            return
        said = [_("Deleted the group {name}.").format(name=group.name)]
        if group.symbols:
            said.append(_("Its {symbols} stay on the list.").format(symbols=counted(len(group.symbols), "symbol")))
        rules = sum(each.rule is not None and each.rule.scope.group == name for each in self._board.rules)
        if rules:
            hold = ngettext(
                "{count} rule for @{group} holds for the broker's group of that name, if there is one.",
                "{count} rules for @{group} hold for the broker's group of that name, if there is one.",
                rules,
            )
            said.append(hold.format(count=rules, group=name))
        self._intents.set_groups(self._board.groups.without(group.name), one_after_other(said))

    def color(self, name: str | None, color: str) -> None:
        """Give a group another colour, "" for none."""
        group = self._board.groups.get(name)
        if group is not None:
            said = (
                _("{group} has the colour {color} now.").format(group=group.name, color=color_name(color))
                if color
                else _("{group} has no colour now.").format(group=group.name)
            )
            self._intents.set_groups(self._board.groups.changed(group.name, replace(group, color=color)), said)

    def _move(self, key: object, place: int) -> None:
        name = group_of(key)
        if name is not None:
            self._intents.set_groups(
                self._board.groups.moved(name, place), _("Moved the group {name}.").format(name=name)
            )

    def _step(self, step: int) -> None:
        names, shown = [each.name for each in self._board.groups], self._panel.group()
        if shown not in names:
            self._intents.say(_(_NOT_A_GROUP))
        elif 0 <= (place := names.index(shown) + step) < len(names):
            self._move(key_of_group(shown), place)

    def _open_menu(self, key: object, at: QPoint) -> None:
        menu, name, live = passing_menu(self._panel), group_of(key), self._live
        if name is not None:
            menu.addAction(_("Rename…\tF2"), partial(live(self.rename), key))
            colors = menu.addMenu(_("Colour"))
            group = self._board.groups.get(name)
            for each in ("", *COLORS):
                entry = colors.addAction(color_name(each).capitalize(), partial(live(self.color), name, each))
                entry.setCheckable(True)
                entry.setChecked(group is not None and group.color == each)
            menu.addAction(_("Delete {name}").format(name=name), partial(live(self.delete), name))
            menu.addSeparator()
        menu.addAction(_("New group…"), live(self.new_group))
        menu.addAction(_("Import groups from the broker…"), self._dialogs.open_groups)
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
        said = (
            _("Imported {chosen}").format(chosen=chosen[0][0])
            if len(chosen) == 1
            else _("Imported {count}").format(count=counted(len(chosen), "group"))
        )
        self._intents.set_groups(groups, full_stop(f"{said}: {counted(new, 'new symbol')}"))


def _what(symbols: Sequence[Symbol]) -> str:
    return str(symbols[0]) if len(symbols) == 1 else counted(len(symbols), "symbol")
