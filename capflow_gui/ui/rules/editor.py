"""The dialog that edits a rule: fields and text are two views of it, with what it would have done so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from capflow_gui.domain.alert_grammar import Rule, Scope
from capflow_gui.domain.typed.rule import parse_rule
from capflow_gui.domain.typed.rule_entry import TEMPLATES, RuleEntry
from capflow_gui.errors import InvalidInput
from capflow_gui.present.language.texts import N_, _
from capflow_gui.present.rules.words import TEMPLATE_WORDS, rule_sentence, said_already
from capflow_gui.present.sentences import input_fault, rule_words
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.dialogs.small_days import SmallDays
from capflow_gui.ui.fitting import into_sight
from capflow_gui.ui.layouts import beside, push_button, stacked, text_label
from capflow_gui.ui.rules.form import RuleForm
from capflow_gui.ui.rules.telling import RuleTelling
from capflow_gui.ui.rules.text import RuleText
from capflow_gui.ui.theme import Role, Theme

if TYPE_CHECKING:
    from capflow_gui.playback.trial import TriedDay

# Asks what a rule would have done; words and sessions come later, unless what it returns is called first.
AskRule = Callable[[Rule, Callable[[str, "Sequence[TriedDay]"], None]], Callable[[], None]]
_TRYING = N_("Trying it on the recorded sessions …")
_LEAST_WIDTH = 620


class RuleEditor(Sheet):
    """Emits `chosen(RuleEntry)`, and `understood(Rule, or None)` when the text changed.

    It never accepts what cannot be read, or what another rule says already. While the text cannot be read, the fields
    show no rule and cannot be used.
    `others` are the other rules. `money` is the currency of a scope's amounts, `channels` are the names of those that
    are set up, None where nothing is sent. `locked` says why the rule can only be looked at.
    """

    chosen = Signal(object)
    understood = Signal(object)

    takes_input = True

    def __init__(
        self,
        title: str,
        entry: RuleEntry,
        scopes: Sequence[Scope],
        theme: Theme,
        *,
        others: Sequence[RuleEntry],
        locked: str = "",
        channels: Sequence[str] | None = (),
        money: Callable[[Scope], str],
        ask_past: AskRule | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`ask_past` None: nothing is recorded to try it on."""
        super().__init__(title, theme, parent, (_LEAST_WIDTH, 0))
        self._entry, self._others, self._money, self._locked = entry, others, money, locked
        self._ask_past, self._tried = ask_past, ""
        self._forget_past: Callable[[], None] = lambda: None
        self.rule: Rule | None = None  # what the text says; None: it cannot be read
        page = self._page
        self.templates = [push_button(_(name), page, "link", auto_default=False) for name in TEMPLATES]
        self.form = RuleForm(scopes, theme, page)
        self.text = RuleText(theme, page)
        self.telling = RuleTelling(channels, theme, page)
        self.said = text_label("", page, theme.font(Role.SENTENCE), wrap=True)
        self.today = text_label("", page, theme.font(Role.SENTENCE), "dim", wrap=True)
        self.past = text_label("", page, theme.font(Role.SENTENCE), "dim", wrap=True)
        self.days = SmallDays(theme, page)
        for part in (self.past, self.days):
            part.setVisible(ask_past is not None)
        self.save = push_button(_("Save"), self, "primary")
        self._build(theme)
        self.text.show_text(entry.text)
        self.telling.show_entry(entry)
        self._begun = self._written()
        for control in (*self.templates, self.telling, self.save) if locked else ():
            control.setEnabled(False)
            control.setToolTip(locked)
        self.text.setReadOnly(bool(locked))

    def _build(self, theme: Theme) -> None:
        caption = theme.font(Role.CAPTION)
        cancel = push_button(_("Cancel"), self, auto_default=False)
        self.said.setMinimumHeight(theme.px(51))
        self.today.setMinimumHeight(theme.px(34))
        self.past.setMinimumHeight(theme.px(17))
        begin = text_label(_("Begin with"), self._page, caption, "dim")
        rows = stacked(
            beside(begin, *self.templates, None, spacing=8),
            self.form,
            4,
            text_label(_("As text, the same rule in files and on the command line"), self._page, caption, "dim"),
            self.text,
            self.said,
            self.today,
            4,
            self.past,
            self.days,
            4,
            self.telling,
            8,
            spacing=7,
        )
        self.fill(rows, beside(None, cancel, self.save))
        for button, (name, condition) in zip(self.templates, TEMPLATES.items(), strict=True):
            button.setToolTip(f"{rule_words(condition)}\n{_(TEMPLATE_WORDS[name])}")
            button.setAccessibleDescription(button.toolTip())
            button.clicked.connect(lambda _on=False, condition=condition: self._begin(condition))
        self.form.edited.connect(self._form_edited)
        self.text.edited.connect(self._read)
        self.text.entered.connect(self._accept)
        self.telling.edited.connect(self._judge)
        self.save.clicked.connect(self._accept)
        cancel.clicked.connect(self.reject)
        self.finished.connect(lambda _result: self._forget_past())

    def _begin(self, condition: str) -> None:
        """Take a template, for whom the rule is now."""
        self.text.show_text(f"{self.form.scope.currentData()}: {condition}")
        self._read(self.text.text())

    def _form_edited(self) -> None:
        """The text follows the fields; where they say a rule, in its own words."""
        text = self.form.text()
        rule = self._understand(text)
        self.text.show_text(text if rule is None else rule.text)
        self.form.mark_fault("" if rule is not None else self._meant)

    def _read(self, text: str) -> None:
        """The fields follow the text, where it is a rule."""
        rule = self._understand(text)
        self.form.mark_fault("")
        self.form.setEnabled(rule is not None and not self._locked)
        if rule is not None:
            self.form.show_rule(rule)
        else:
            into_sight(self.said)

    def _understand(self, text: str) -> Rule | None:
        """Say what a text means, or what is wrong with it and where."""
        rule, place = None, None
        try:
            rule = parse_rule(text)
        except InvalidInput as error:
            said, place = input_fault(error), error.position
        else:
            said = rule_sentence(rule, self._money(rule.scope))
        self.rule = rule
        other = "" if rule is None else said_already(rule, self._others)
        self._usable, self._meant = rule is not None and not other, other or said
        self.text.mark(place)
        self.text.setAccessibleDescription("" if self._usable else said)
        self._judge()
        self.today.clear()
        self.understood.emit(rule)
        self._try(rule)
        return rule

    def _judge(self) -> None:
        """Say what the rule means, or what stands in its way."""
        fault = self.telling.fault() if self._usable else ""
        usable = self._usable and not fault
        self.said.setText(f"{fault or self._meant} {self._locked}".strip())
        self.said.setProperty("role", "dim" if usable else "trouble")
        self.said.style().unpolish(self.said)
        self.said.style().polish(self.said)
        self.save.setEnabled(usable and not self._locked)

    def show_today(self, words: str) -> None:
        """Say what the rule did in the session that the chart shows."""
        self.today.setText(words)

    def _try(self, rule: Rule | None) -> None:
        """Say and draw what the rule would have done, once that is known; until then the days stand without it."""
        text = "" if rule is None else rule.text
        if self._ask_past is None or text == self._tried:
            return
        self._tried = text
        self._forget_past()
        self._forget_past = lambda: None
        self.past.setText("" if rule is None else _(_TRYING))
        self.days.forget_level()
        if rule is not None:
            self._forget_past = self._ask_past(rule, lambda words, days: self._show_past(rule, words, days))

    def _show_past(self, rule: Rule, words: str, days: Sequence[TriedDay]) -> None:
        self.past.setText(words)
        self.days.show_days(days, rule.level)

    def has_unsaved(self) -> bool:
        """What is chosen counts, too."""
        return super().has_unsaved() or self._written() != self._begun

    def _written(self) -> RuleEntry:
        return self.telling.told(self._entry.written(self.text.text()))

    def _accept(self) -> None:
        if self.save.isEnabled():
            self.chosen.emit(self._written())
            self.accept()

    def begin(self) -> None:
        """Read the text it begins with, and give the amount the keyboard, which is what is changed most."""
        self._read(self.text.text())
        field = self.form.amount if self.form.isEnabled() else self.text
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        field.selectAll()
