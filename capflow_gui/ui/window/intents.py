"""What the user does to the list, the alerts, rules and thresholds: signals out, and the way back kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from capflow_gui.domain.alert_grammar import Kind
from capflow_gui.domain.lists.groups import Groups
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Choice, Level, Share, ThresholdChoice, level_condition
from capflow_gui.domain.typed.symbols import read_symbols
from capflow_gui.feed.board import AlertRecord, BoardView
from capflow_gui.present.alerts.handling import NOTHING_STANDS, snooze_done
from capflow_gui.present.language.texts import N_, _, ngettext, one_after_other
from capflow_gui.present.numbers import counted
from capflow_gui.present.sentences import not_added, rule_words
from capflow_gui.ui.late import later
from capflow_gui.ui.locked import RULES_LOCKED
from capflow_gui.ui.models.columns import SortOrder
from capflow_gui.ui.window.notice import Notice

if TYPE_CHECKING:
    from capflow_gui.domain.typed.rule_entry import RuleEntry

_UNDO = N_("Undo (Ctrl+Z)")
_UNDO_STEPS = 50
_AT_ONCE = 500  # alerts acknowledged or snoozed in 10 ms


class WindowIntents(QObject):
    """Signals are intents; their effect comes back over the board.

    groups_set(Groups): all of the user's own groups ·
    rule_set(RuleEntry, the place of a new one, or None: the end) · rule_removed(its id) ·
    threshold_chosen(Symbol or None for the default, ThresholdChoice) · acknowledged(list of ids, or None for all) ·
    snoozed(list of ids, minutes: 0 for no longer, None until the next session) ·
    settings_chosen(new values of settings, by their keys) · copies_wanted(): of the files of settings and rules ·
    channels_chosen(all channels by name, the names of those with other secrets) ·
    updates_looked: the page of new versions was opened ·
    connection_changed(OpendSettings or LongportSettings) ·
    disconnect_requested(source, what the user still has to do, or nothing) ·
    source_chosen(Symbol, source or None for automatic) · home_wanted: from the demo to one's own list.
    For the window: changed: the board has something new · shown(Symbol): a row to select ·
    unread(str): typed words that are no symbols · sort_restored(SortOrder).
    """

    symbols_added = Signal(list)
    symbols_removed = Signal(list)
    reordered = Signal(list)
    groups_set = Signal(object)
    threshold_chosen = Signal(object, object)
    rule_set = Signal(object, object)
    rule_removed = Signal(str)
    acknowledged = Signal(object)
    snoozed = Signal(list, object)
    history_requested = Signal(object, object)
    reconnect_requested = Signal(str)
    settings_chosen = Signal(dict)
    copies_wanted = Signal()
    channels_chosen = Signal(object, list)
    updates_looked = Signal()
    connection_changed = Signal(object)
    disconnect_requested = Signal(str, str)
    source_chosen = Signal(object, object)
    home_wanted = Signal()
    changed = Signal()
    shown = Signal(object)
    unread = Signal(str)
    sort_restored = Signal(object)

    def __init__(self, board: BoardView, notice: Notice, locks: Collection[str], parent: QObject) -> None:
        super().__init__(parent)
        self._board = board
        self._notice = notice
        self._locks = locks
        self._undo: deque[Callable[[], None]] = deque(maxlen=_UNDO_STEPS)
        self._to_snooze: dict[str, float | None] = {}  # alerts that wait for their turn, by id, and for how long
        self._stepped: tuple[Symbol | None, str, ThresholdChoice] | None = None
        self._default: Callable[[], Level | None] = lambda: None
        self.rules_locked = False

    # the list

    def add_typed(self, text: str, group: str | None = None) -> None:
        """Add what was typed or pasted, to the list where `group` is None; what cannot be read goes back to the box."""
        typed = read_symbols(text)
        new = self._added(typed.symbols, group)
        said = [_added_words(new, group)] if new else []
        if len(new) < len(typed.symbols):
            known = len(typed.symbols) - len(new)
            said.append(_there_already(known, group))
        if typed.faults:
            said.append(not_added(typed))
            self.unread.emit(typed.rest)
        if said:
            undo = (_(_UNDO), self.undo) if new else ()
            self._notice.say(one_after_other(said), *undo, stay=bool(typed.faults))
        if typed.symbols:
            self.shown.emit(typed.symbols[0])

    def add(self, symbols: list[Symbol], group: str | None = None) -> None:
        """Add symbols chosen elsewhere to a group or (None) the list."""
        new = self._added(symbols, group)
        if new:
            self._notice.say(_added_words(new, group), _(_UNDO), self.undo)
            self.shown.emit(new[0])

    def _added(self, symbols: Collection[Symbol], group: str | None) -> list[Symbol]:
        """Put symbols into a group or (None) on the list, with the way back; those that are new there."""
        found = self._board.groups.get(group)
        new = [each for each in symbols if each not in (self._board.symbols if found is None else found.symbols)]
        if found is not None:
            self._regroup(self._board.groups.put(found.name, new))
        elif new:
            self.symbols_added.emit(new)
            self._undo.append(partial(self._take_off, new))
            self.changed.emit()
        return new

    def _take_off(self, symbols: list[Symbol]) -> None:
        self.symbols_removed.emit(symbols)
        self.changed.emit()

    def remove(self, symbols: list[Symbol]) -> None:
        """Take symbols off the list, and out of every group, with the way back on screen."""
        before, groups = self._board.symbols, self._board.groups

        def back() -> None:
            order = restored(symbols, before, self._board.symbols)
            self.symbols_added.emit(symbols)
            self.reordered.emit(order)
            self.groups_set.emit(groups)
            self.changed.emit()
            self.shown.emit(symbols[0])

        self.symbols_removed.emit(symbols)
        self._did(_("Removed {named}.").format(named=_named(symbols)), back)

    def set_groups(self, groups: Groups, said: str) -> None:
        """Have other groups, and say so, with the way back; what is in one and not on the list is put on it."""
        if self._regroup(groups):
            self._notice.say(said, _(_UNDO), self.undo)

    def _regroup(self, groups: Groups) -> bool:
        before, symbols = self._board.groups, self._board.symbols
        if groups == before:
            return False
        listed = [each for each in groups.symbols if each not in symbols]

        def back() -> None:
            self.groups_set.emit(before)
            if listed:
                self.symbols_removed.emit(listed)
            self.changed.emit()

        self.groups_set.emit(groups)
        self._undo.append(back)
        self.changed.emit()
        return True

    def reorder(self, order: list[Symbol], sort: SortOrder, group: str | None = None) -> None:
        """Give a group, or (None) some or all of the list, an order by hand; `sort` is the one shown until now."""
        before, groups = self._board.symbols, self._board.groups
        found = groups.get(group)

        def back() -> None:
            if found is None:
                self.reordered.emit([symbol for symbol in before if symbol in self._board.symbols])
            else:
                self.groups_set.emit(groups)
            self.changed.emit()
            self.sort_restored.emit(sort)

        if found is None:
            part, those = iter(order), frozenset(order)
            self.reordered.emit([next(part) if symbol in those else symbol for symbol in before])
        else:
            self.groups_set.emit(groups.changed(found.name, replace(found, symbols=tuple(order))))
        if sort.column is None:
            self._undo.append(back)
            self.changed.emit()
        else:
            whose = _("The list") if found is None else found.name
            self._did(_("{whose} is in your own order now, no longer sorted.").format(whose=whose), back)

    def undo(self) -> None:
        """Undo the last change."""
        if self._undo:
            self._notice.dismiss()
            self._undo.pop()()

    def as_one(self, act: Callable[[], None]) -> None:
        """Do several things that are undone together."""
        kept, self._undo, self._stepped = self._undo, deque(), None
        act()
        steps, self._undo = [*self._undo], kept

        def back() -> None:
            for step in reversed(steps):
                step()

        if steps:
            self._undo.append(back)

    def _did(self, said: str, back: Callable[[], None]) -> None:
        self._undo.append(back)
        self._notice.say(said, _(_UNDO), self.undo)
        self.changed.emit()

    # alerts

    def acknowledge_all(self) -> None:
        """⇧A."""
        waiting = [each.id for each in self._board.alerts if not (each.acknowledged or each.snoozed)]
        if len(waiting) > _AT_ONCE:
            # The oldest first: what the rows show, the newest, changes once, at the end.
            self.acknowledge(waiting[::-1])
        else:
            self.acknowledged.emit(None)
            self.changed.emit()

    def acknowledge(self, ids: Sequence[str]) -> None:
        """Some alerts by id. Of thousands some in each turn of the event loop, so that the window stays quick.

        What thousands change is shown by the bridge, in turns of its own.
        """
        if ids:
            self.acknowledged.emit(list(ids[:_AT_ONCE]))
        if rest := ids[_AT_ONCE:]:
            later(self, partial(self.acknowledge, rest))
        elif ids:
            self.changed.emit()

    def snooze(self, records: Sequence[AlertRecord], minutes: float | None) -> None:
        """Snooze those of some alerts that stand, for minutes or (None) until the next session; with the way back."""
        standing = [each for each in records if each.standing]
        if not standing:
            self._notice.say(_(NOTHING_STANDS))
            return
        self._snooze([each.id for each in standing], minutes)
        self._did(
            snooze_done(standing, minutes),
            lambda: self.wake(standing),
        )

    def wake(self, records: Sequence[AlertRecord]) -> None:
        """Snooze alerts no longer."""
        self._snooze([each.id for each in records], 0)
        self.changed.emit()

    def _snooze(self, ids: Sequence[str], minutes: float | None) -> None:
        """Snooze alerts, or wake them; of thousands some in each turn. What was said of an alert last holds."""
        begun = bool(self._to_snooze)
        for each in reversed(ids):  # the oldest first, as they are acknowledged
            self._to_snooze.pop(each, None)
            self._to_snooze[each] = minutes
        if not begun:
            self._snooze_some()

    def _snooze_some(self) -> None:
        """Snooze the next ones that are snoozed for one time."""
        waiting = self._to_snooze
        minutes = next(iter(waiting.values()))
        some = [*islice((each for each, wanted in waiting.items() if wanted == minutes), _AT_ONCE)]
        for each in some:
            del waiting[each]
        self.snoozed.emit(some, minutes)
        if waiting:
            later(self, self._snooze_more)

    def _snooze_more(self) -> None:
        self._snooze_some()
        if not self._to_snooze:
            self.changed.emit()

    # rules

    def say(self, text: str) -> None:
        """A sentence about what was done, or could not be."""
        self._notice.say(text)

    def _refuses_rules(self) -> bool:
        if self.rules_locked:
            self._notice.say(_(RULES_LOCKED))
        return self.rules_locked

    def set_rule(self, entry: RuleEntry, said: str) -> None:
        """Add a rule, or change the one of its id; say so, with the way back."""
        self.set_rules([entry], said)

    def set_rules(self, entries: Sequence[RuleEntry], said: str) -> None:
        """Add or change several rules as one act."""
        if self._refuses_rules():
            return
        before = {entry.id: entry for entry in self._board.rules}

        def back() -> None:
            for entry in reversed(entries):
                if entry.id in before:
                    self.rule_set.emit(before[entry.id], None)
                else:
                    self.rule_removed.emit(entry.id)
            self.changed.emit()

        for entry in entries:
            self.rule_set.emit(entry, None)
        self._did(said, back)

    def take_import(
        self, before: dict[str, Any], values: dict[str, Any], rules: Sequence[RuleEntry], said: str
    ) -> None:
        """Take over settings and new rules of a file as one act; the files as they were are kept first."""
        self.copies_wanted.emit()

        def back() -> None:
            for entry in reversed(rules):
                self.rule_removed.emit(entry.id)
            self.settings_chosen.emit(before)
            self.changed.emit()

        self.settings_chosen.emit(values)
        for entry in rules:
            self.rule_set.emit(entry, None)
        self._did(said, back)

    def remove_rule(self, entry: RuleEntry) -> None:
        """Take a rule out, with the way back to its place."""
        if self._refuses_rules():
            return
        own = [each.id for each in self._board.rules if not each.is_threshold]
        if entry.id not in own:  # another program took it out
            return
        place = own.index(entry.id)

        def back() -> None:
            self.rule_set.emit(entry, place)
            self.changed.emit()

        self.rule_removed.emit(entry.id)
        self._did(_("Deleted the rule {rule}.").format(rule=rule_words(entry.text)), back)

    # thresholds

    def set_default_source(self, default: Callable[[], Level | None]) -> None:
        """Whom to ask for the default threshold."""
        self._default = default

    def default_threshold(self) -> Level | None:
        """The level that holds for every symbol without one of its own."""
        return self._default()

    def threshold_of(self, symbol: Symbol | None) -> ThresholdChoice:
        """What is set for a symbol itself, or (None) for all."""
        if symbol is None:
            default = self._default()
            return Choice.NONE if default is None else default
        if symbol not in self._board.symbols:
            return self._kept_threshold(symbol)
        row = self._board.row(symbol)
        if not row.threshold_own:
            return Choice.INHERIT
        return Choice.NONE if row.threshold is None else row.threshold

    def _kept_threshold(self, symbol: Symbol) -> ThresholdChoice:
        """What is set for a symbol that is not on the list: its threshold stays among the rules."""
        for entry in self._board.rules:
            if not entry.is_threshold or entry.rule is None:
                continue
            if entry.rule.scope.symbol == symbol:
                level = entry.rule.level
                return Share(level) if entry.rule.kind is Kind.SHARE else level
            if symbol in entry.muted:
                return Choice.NONE
        return Choice.INHERIT

    def threshold_locked(self, symbol: Symbol | None) -> bool:
        """Whether a policy has locked a symbol's own threshold, or (None) the default."""
        return ("thresholds.default" if symbol is None else "thresholds.symbols") in self._locks

    def choose_threshold(self, symbol: Symbol | None, choice: ThresholdChoice) -> None:
        """Set a level, none, or the default's; say so, with the way back."""
        before = self.threshold_of(symbol)
        if self.threshold_locked(symbol):
            self._notice.say(_("Set by your administrator: this threshold stays as it is."))
            self.changed.emit()
        elif choice != before:
            moved = not (isinstance(before, Choice) or isinstance(choice, Choice))
            if moved and self._stepped is not None and self._stepped[:2] == (symbol, self._notice.text()):
                # Steps of a level in a row are one change: a single undo leads back to where they began.
                before = self._stepped[2]
                self._undo.pop()

            def back() -> None:
                self.threshold_chosen.emit(symbol, before)
                self.changed.emit()

            self.threshold_chosen.emit(symbol, choice)
            own = _("Threshold of {symbol}: {before} → {now}.").format(
                symbol=symbol, before=_level(before), now=_level(choice)
            )
            default = _("Threshold for all symbols: {before} → {now}.").format(
                before=_level(before), now=_level(choice)
            )
            said = default if symbol is None else own
            self._stepped = (symbol, said, before) if moved else None
            self._did(said, back)


def _named(symbols: list[Symbol]) -> str:
    return str(symbols[0]) if len(symbols) == 1 else counted(len(symbols), "symbol")


def _added_words(new: list[Symbol], group: str | None) -> str:
    if group is None:
        return _("Added {what}.").format(what=_named(new))
    return _("Added {what} to {group}.").format(what=_named(new), group=group)


def _there_already(known: int, group: str | None) -> str:
    if group is None:
        text = ngettext("{count} symbol was on the list already.", "{count} symbols were on the list already.", known)
        return text.format(count=known)
    text = ngettext("{count} symbol was in {group} already.", "{count} symbols were in {group} already.", known)
    return text.format(count=known, group=group)


def _level(choice: ThresholdChoice) -> str:
    if choice is Choice.INHERIT:
        return _("like all others")
    return _("none") if isinstance(choice, Choice) else rule_words(level_condition(choice))


def restored(removed: Collection[Symbol], before: Sequence[Symbol], now: Sequence[Symbol]) -> list[Symbol]:
    """The list `now` with the removed symbols back at their places in `before`; later additions stay, in order."""
    result = list(now)
    for place, symbol in enumerate(before):
        if symbol not in removed or symbol in result:
            continue
        followers = (result.index(other) for other in before[place + 1 :] if other in result)
        result.insert(next(followers, len(result)), symbol)
    return result
