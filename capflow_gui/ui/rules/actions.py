"""What the user does with rules: add, edit, duplicate, switch, mute, delete, import and export."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QApplication, QWidget

from capflow_gui.domain.alert_grammar import Scope
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import Choice
from capflow_gui.domain.typed.rule_entry import TEMPLATES, RuleEntry, new_entry
from capflow_gui.errors import SettingsError
from capflow_gui.feed.board import BoardView
from capflow_gui.present.language.texts import N_, _
from capflow_gui.present.numbers import counted
from capflow_gui.present.rules.words import CLIPBOARD, CLIPBOARD_EMPTY, NEEDS_RECORDING, cannot_mute
from capflow_gui.present.sentences import error_sentence, rule_words
from capflow_gui.ui.dialogs.files import ask_for_file, ask_for_place
from capflow_gui.ui.late import later
from capflow_gui.ui.layouts import passing_menu
from capflow_gui.ui.locked import RULES_LOCKED
from capflow_gui.ui.rules.tried import TriedRule
from capflow_gui.ui.window.dialogs import WindowDialogs
from capflow_gui.ui.window.intents import WindowIntents
from capflow_gui.ui.window.keys import Action, ActionScope

if TYPE_CHECKING:
    from capflow_gui.domain.alert_grammar import Rule
    from capflow_gui.playback.trial import Trial, TriedDay
    from capflow_gui.ui.rules.editor import AskRule, RuleEditor

_FILES = N_("Rules (*.toml)")


class RuleActions(QObject):
    """Opens the dialogs of rules, and has the intents carry out what was chosen.

    `selected` is the list's current symbol. `live` keeps an act from being done while a recorded session is played.
    """

    def __init__(
        self,
        window: QWidget,
        board: BoardView,
        dialogs: WindowDialogs,
        intents: WindowIntents,
        *,
        selected: Callable[[], Symbol | None],
        live: Callable[[Callable[..., object]], Callable[..., None]],
    ) -> None:
        super().__init__(window)
        self._window, self._board, self._dialogs, self._intents = window, board, dialogs, intents
        self._selected = selected
        self._tried, self._show = TriedRule(), _nothing
        self._forget_today: Callable[[], None] = _nothing
        self._editor: RuleEditor | None = None
        self._acts = {
            "new": live(lambda _entry: self.new()),
            "edit": live(self.edit),
            "duplicate": live(self.duplicate),
            "switch": live(self.switch),
            "mute": live(lambda entry: self.mute(entry, self._selected())),
            "delete": live(self.delete),
        }

    def show_in(self, tried: TriedRule, show: Callable[[], None]) -> None:
        """Let the chart show the rule that is being edited; `show` has it drawn anew."""
        self._tried, self._show = tried, show

    def _try(self, rule: Rule | None) -> None:
        """Show the rule that is edited in the chart, and say what it did there; None: none is."""
        tried, symbol = self._tried, self._selected()
        tried.rule, tried.recorded = rule, None
        tried.symbols = () if rule is None else self._board.covered(RuleEntry(rule))
        self._forget_today()
        self._forget_today = _nothing
        self._show_today()
        dry_runs = self._dialogs.services.dry_runs
        if rule is None or symbol not in tried.symbols or dry_runs is None or rule.kind not in NEEDS_RECORDING:
            return
        if rule.scope.symbol is None:  # else it is tried on that one's sessions anyway
            self._forget_today = self._dialogs.services.start(
                lambda: dry_runs((symbol,), rule),
                lambda trial: self._recorded(symbol, trial),
                lambda _error: None,  # said where the recorded sessions are
            )

    def _recorded(self, symbol: Symbol, trial: Trial) -> None:
        """What the rule did in a symbol's session on screen, where that is recorded."""
        shown = self._board.row(symbol).day if symbol in self._tried.symbols else None
        for each in trial.days:
            if shown is not None and each.day.day == shown.day:
                self._tried.recorded = symbol, [label for label, __ in each.fired], next(iter(each.unjudged), None)
                self._show_today()

    def _show_today(self) -> None:
        self._show()
        symbol = self._selected()
        if self._editor is not None and symbol is not None and symbol in self._tried.symbols:
            found = self._tried.preview(self._board.row(symbol))
            self._editor.show_today("" if found is None else found.words)

    def act(self, what: str, entry: RuleEntry | None) -> None:
        """Do what was asked for in the table; where a policy has locked the rules, one can be looked at."""
        if self._intents.rules_locked and (what != "edit" or entry is None or entry.is_threshold):
            self._intents.say(_(RULES_LOCKED))
        else:
            self._acts[what](entry)

    def actions(self, show: Callable[[], None]) -> list[Action]:
        """For the keys, the menu and the search box; `show` goes to the table."""
        of_rule = partial(Action, scope=ActionScope.RULES)
        new, text = lambda: self.act("new", None), _("Reads rules from a file, a line each.")
        made = _("Makes a rule: when to raise an alert, in a form or as a text.")
        told = _("Says who is told of alerts besides this window.")
        return [
            of_rule(new, _("New rule…"), ("⇧R",), 2, what=made, words=_("add alert condition when")),
            of_rule(show, _("Go to the rules"), ("R",), what=_("Shows the rules below the chart.")),
            of_rule(self.import_rules, _("Import rules…"), section=2, what=text, words=_("file load")),
            of_rule(self.paste_rules, _("Paste rules…"), section=2, what=_("Reads rules from the clipboard.")),
            of_rule(self.export_rules, _("Export rules…"), section=2, what=_("Writes all rules into a file.")),
            of_rule(
                self._dialogs.open_channels,
                _("Channels…"),
                section=2,
                what=told,
                words=_("e-mail telegram webhook send"),
            ),
        ]

    def open_menu(self, entry: RuleEntry | None, place: QPoint) -> None:
        """What can be done with a rule, and with all."""
        menu = passing_menu(self._window)
        locked = self._intents.rules_locked
        menu.setToolTipsVisible(locked)

        def change(name: str, run: Callable[[], None]) -> None:
            action = menu.addAction(name, run)
            if locked:
                action.setEnabled(False)
                action.setToolTip(_(RULES_LOCKED))

        def offer(name: str, what: str, key: str) -> None:
            change(f"{name}\t{key}", lambda: self.act(what, entry))

        if entry is not None:
            if locked and not entry.is_threshold:
                menu.addAction(_("Show…\tE"), lambda: self.act("edit", entry))
            else:
                offer(_("Edit…"), "edit", "E")
            if entry.rule is not None:
                offer(_("Duplicate…"), "duplicate", "Ctrl+D")
                offer(_("Switch off") if entry.enabled else _("Switch on"), "switch", "Space")
            symbol = self._selected()
            if symbol is not None and not self._unmuted(entry, symbol):
                muted = symbol in entry.muted
                offer(
                    _("Judge {symbol} again").format(symbol=symbol)
                    if muted
                    else _("Mute for {symbol}").format(symbol=symbol),
                    "mute",
                    "M",
                )
            offer(_("Delete"), "delete", "Del")
            menu.addSeparator()
        offer(_("New rule…"), "new", "⇧R")
        change(_("Import rules…"), self.import_rules)
        change(_("Paste rules…"), self.paste_rules)
        menu.addAction(_("Export rules…"), self.export_rules)
        menu.addAction(_("Channels…"), self._dialogs.open_channels)
        menu.popup(place)

    # one rule

    def new(self) -> None:
        """A new rule: a share of turnover, which fits every currency, for the selected symbol."""
        symbol = self._selected()
        self._write(_("New rule"), new_entry(f"{symbol or '*'}: {TEMPLATES['Normal']}"), self._add)

    def duplicate(self, entry: RuleEntry) -> None:
        """A new rule that begins as another one."""
        self._write(_("New rule"), replace(entry, muted=frozenset()), self._add)

    def _add(self, entry: RuleEntry) -> None:
        rule = new_entry(entry.text, [each.id for each in self._board.rules]).rule
        self._intents.set_rule(
            replace(entry, rule=rule, enabled=True), _("Added the rule {rule}.").format(rule=rule_words(entry.text))
        )

    def edit(self, entry: RuleEntry) -> None:
        """Change a rule's text; of a threshold, its level."""
        if entry.is_threshold and entry.rule is not None:
            self._dialogs.open_threshold(entry.rule.scope.symbol)
            return

        def change(changed: RuleEntry) -> None:
            was, now = rule_words(entry.text), rule_words(changed.text)
            same = changed.text == entry.text
            self._intents.set_rule(
                changed,
                _("Changed the rule {now}.").format(now=now)
                if same
                else _("Rule {was} → {now}.").format(was=was, now=now),
            )

        self._write(_("Rule"), entry, change, but=entry.id)

    def _write(self, title: str, entry: RuleEntry, take: Callable[[RuleEntry], None], but: str = "") -> None:
        from capflow_gui.ui.rules.editor import RuleEditor  # noqa: PLC0415 - when a rule is first edited

        board = self._board
        groups = {entry.rule.scope for entry in board.rules if entry.rule is not None and entry.rule.scope.group}
        groups |= {Scope(group=group.name) for group in board.groups}
        editor = RuleEditor(
            title,
            entry,
            [Scope(), *(Scope(symbol=symbol) for symbol in board.symbols), *sorted(groups, key=str)],
            self._dialogs.theme,
            others=[other for other in board.rules if other.id != but],
            locked=_(RULES_LOCKED) if self._intents.rules_locked else "",
            channels=None if self._dialogs.services.channels is None else list(self._dialogs.settings.channels),
            money=lambda scope: self._dialogs.money(scope.symbol),
            ask_past=self._ask_past(),
            parent=self._window,
        )
        editor.chosen.connect(take)
        self._editor = editor
        editor.finished.connect(lambda _result: self._close(editor))
        editor.begin()
        self._dialogs.show_dialog(editor)
        later(editor, lambda: self._follow(editor))  # what it did in the charts is seen once the editor is

    def _follow(self, editor: RuleEditor) -> None:
        """Try what is written in the editor, now and from now on."""
        if self._editor is editor:
            editor.understood.connect(self._try)
            self._try(editor.rule)

    def _close(self, editor: RuleEditor) -> None:
        if self._editor is editor:
            self._editor = None
            self._try(None)

    def _ask_past(self) -> AskRule | None:
        """What a rule would have done is told by the recorded sessions of the symbols on the list it is for."""
        start, dry_runs = self._dialogs.services.start, self._dialogs.services.dry_runs
        if dry_runs is None:
            return None
        board = self._board

        def ask(rule: Rule, tell: Callable[[str, Sequence[TriedDay]], None]) -> Callable[[], None]:
            from capflow_gui.present.check_lines import expectation_words  # noqa: PLC0415 - loads the dry run

            named = rule.scope.symbol
            symbols = board.covered(RuleEntry(rule)) if named is None else (named,)

            def tried(trial: Trial) -> None:
                tell(expectation_words(trial), trial.days)
                if named is not None:
                    self._recorded(named, trial)

            return start(
                lambda: dry_runs(symbols, rule),
                tried,
                lambda error: tell(error_sentence(error), ()),
            )

        return ask

    def switch(self, entry: RuleEntry) -> None:
        """Switch a rule off, or on again. A threshold that is off is none."""
        if entry.is_threshold:
            self.delete(entry)
        elif entry.rule is not None:
            said = _("Rule {rule} is off.") if entry.enabled else _("Rule {rule} is on.")
            self._intents.set_rule(
                replace(entry, enabled=not entry.enabled),
                said.format(rule=rule_words(entry.text)),
            )

    def mute(self, entry: RuleEntry, symbol: Symbol | None) -> None:
        """Do not judge a rule on one symbol, or judge it there again; says why where it is not judged there anyway."""
        if symbol is None:
            return
        if why := self._unmuted(entry, symbol):
            self._intents.say(why)
            return
        muted = symbol in entry.muted
        if entry.is_threshold:
            self._intents.choose_threshold(symbol, Choice.INHERIT if muted else Choice.NONE)
            return
        said = _("Rule {rule} is judged again on {symbol}.") if muted else _("Rule {rule} is muted for {symbol}.")
        self._intents.set_rule(
            replace(entry, muted=entry.muted ^ {symbol}),
            said.format(rule=rule_words(entry.text), symbol=symbol),
        )

    def _unmuted(self, entry: RuleEntry, symbol: Symbol) -> str:
        """Why a rule cannot be muted for a symbol; empty where it can, or is."""
        judged = symbol in entry.muted or symbol in self._board.covered(replace(entry, enabled=True))
        return "" if judged and _has_many(entry) else cannot_mute(entry, symbol)

    def delete(self, entry: RuleEntry) -> None:
        """Take a rule out; of a threshold of one symbol, go back to the one for all."""
        if entry.is_threshold and entry.rule is not None:
            symbol = entry.rule.scope.symbol
            self._intents.choose_threshold(symbol, Choice.NONE if symbol is None else Choice.INHERIT)
        else:
            self._intents.remove_rule(entry)

    # files

    def import_rules(self) -> None:
        """Read rules from a file the user names, and show first what would change."""
        ask_for_file(self._window, _("Import rules"), self.import_from, _(_FILES))

    def import_from(self, path: str) -> None:
        """Read a file, and show what it has."""
        services = self._dialogs.services
        if services.read is not None:
            read = services.read
            name = path.replace("\\", "/").rpartition("/")[2]
            services.start(lambda: read(path), lambda content: self._show_import(name, content), self._failed)

    def paste_rules(self) -> None:
        """Read rules from the clipboard, a `[[rule]]` table or a line each, and show first what would change."""
        text = QApplication.clipboard().text()
        if text.strip():
            self._show_import(_(CLIPBOARD), text.encode())
        else:
            self._intents.say(_(CLIPBOARD_EMPTY))

    def _show_import(self, name: str, content: bytes) -> None:
        from capflow_gui.settings.rules import read_imported  # noqa: PLC0415 - when rules are first imported
        from capflow_gui.ui.rules.import_sheet import ImportSheet  # noqa: PLC0415

        try:
            entries = read_imported(content, name)
        except SettingsError as error:
            self._failed(error)
            return
        known = {entry.id: entry for entry in self._board.rules}
        channels = self._dialogs.settings.channels
        sheet = ImportSheet(name, entries, known, self._dialogs.theme, self._window, channels=channels)
        sheet.chosen.connect(self._take)
        self._dialogs.show_dialog(sheet)

    def _take(self, entries: list[RuleEntry]) -> None:
        self._intents.set_rules(entries, _("Imported {rules}.").format(rules=counted(len(entries), "rule")))

    def export_rules(self) -> None:
        """Write the user's rules to a file the user names."""
        ask_for_place(self._window, _("Export rules"), _(_FILES), "rules.toml", self.export_to)

    def export_to(self, path: str) -> None:
        """Write a file, and say how it went."""
        from capflow_gui.settings.rules import rules_toml  # noqa: PLC0415 - when rules are first exported

        services = self._dialogs.services
        content = rules_toml(entry for entry in self._board.rules if not entry.is_threshold)
        if services.save is not None:
            save = services.save
            services.start(
                lambda: save(path, content),
                lambda _none: self._intents.say(_("Saved {path}.").format(path=path)),
                self._failed,
            )

    def _failed(self, error: Exception) -> None:
        self._intents.say(error_sentence(error))


def _nothing() -> None:
    """Nothing to do."""


def _has_many(entry: RuleEntry) -> bool:
    """Whether a rule is for more symbols than one, so that it can be muted for one."""
    return entry.rule is not None and entry.rule.scope.symbol is None
