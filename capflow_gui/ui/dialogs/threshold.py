"""The net-outflow threshold of one symbol, or the default for all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QRadioButton, QWidget

from capflow_gui.domain.money import MINUS
from capflow_gui.domain.symbol import Symbol
from capflow_gui.domain.typed.level import (
    OFFERED,
    Choice,
    Level,
    Share,
    ThresholdChoice,
    format_level,
    level_condition,
    level_size,
    parse_level,
)
from capflow_gui.domain.typed.text import folded
from capflow_gui.errors import InvalidInput
from capflow_gui.present import numbers
from capflow_gui.present.language.texts import N_, _, full_stop
from capflow_gui.present.rules.words import TEMPLATE_WORDS
from capflow_gui.present.sentences import input_fault, rule_words
from capflow_gui.reason import Code, Reason
from capflow_gui.ui.dialogs.sheets import Sheet
from capflow_gui.ui.dialogs.small_days import SmallDays
from capflow_gui.ui.layouts import beside, push_button, stacked, text_label
from capflow_gui.ui.locked import BY_ADMINISTRATOR
from capflow_gui.ui.settings.changed import ChangedMark
from capflow_gui.ui.theme import Role, Theme

if TYPE_CHECKING:
    from capflow_gui.playback.trial import TriedDay


def read_level(text: str) -> Level:
    """A net-outflow level: below zero however it was typed. Raises InvalidInput."""
    typed = folded(text).removeprefix("≤").removeprefix("<=").lstrip()
    if typed[:1] in ("-", "+"):
        typed = typed[0] + typed[1:].lstrip()  # `− 5M`, as it is typeset
    level = parse_level(typed)
    if level_size(level) == 0:
        raise InvalidInput(text, Reason.of(Code.ZERO_IS_NO_OUTFLOW), Reason.of(Code.FOR_EXAMPLE, example="3% or 200M"))
    return Share(-abs(level.fraction)) if isinstance(level, Share) else -abs(level)


def shown_level(level: Level) -> str:
    """A level as the text field has it; read_level reads it back."""
    return format_level(level).replace("-", MINUS)


def read_and_say(text: str, currency: str) -> tuple[Level | None, str]:
    """A level and when it alerts; None and what is wrong where it cannot be read."""
    try:
        level = read_level(text)
    except InvalidInput as error:
        return None, input_fault(error)
    if isinstance(level, Share):
        return (
            level,
            _("Alert when net ≤ {shown_level} of the session's turnover so far, from its 30th minute on.").format(
                shown_level=shown_level(level)
            ),
        )
    return level, _("Alert when net ≤ {amount} {currency}.").format(amount=numbers.exact(level), currency=currency)


def offered_words() -> str:
    """What the level that is offered does on the simulator's days."""
    return full_stop(f"{shown_level(OFFERED)}: {_(TEMPLATE_WORDS['Normal'])}")


# Asks what a level would have done; words and sessions come later, unless what it returns is called first.
AskPast = Callable[[Level, Callable[[str, "Sequence[TriedDay]"], None]], Callable[[], None]]
_TRYING = N_("Trying it on the recorded sessions …")
_LEAST_WIDTH, _LEAST_WIDTH_WITH_DAYS = 420, 560


class ThresholdDialog(Sheet):
    """Emits `chosen(symbol or None, ThresholdChoice)`. Never accepts what it cannot read."""

    chosen = Signal(object, object)

    takes_input = True

    def __init__(
        self,
        symbol: Symbol | None,
        current: ThresholdChoice,
        default: Level | None,
        *,
        currency: str,
        theme: Theme,
        locked: bool = False,
        ask_past: AskPast | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`locked`: a policy decides, and the dialog only shows. `ask_past` None: nothing is recorded to try it on."""
        width = _LEAST_WIDTH if ask_past is None else _LEAST_WIDTH_WITH_DAYS
        super().__init__(
            _("Threshold of {symbol}").format(symbol=symbol) if symbol else _("Threshold for all symbols"),
            theme,
            parent,
            (width, 0),
        )
        self._symbol = symbol
        self._default = default
        self._currency = currency
        self._locked = locked
        self._ask_past, self._tried = ask_past, object()
        self._forget_past: Callable[[], None] = lambda: None
        self.own = QRadioButton(_("Alert when net inflow is at or below"), self)
        self.inherit = QRadioButton(
            _("Like all others: no threshold")
            if default is None
            else _("Like all others: {rule}").format(rule=rule_words(level_condition(default))),
            self,
        )
        self.none = QRadioButton(_("No threshold"), self)
        self.amount = QLineEdit(self)
        self.said = text_label("", self, theme.font(Role.SENTENCE), wrap=True)
        self.past = text_label("", self, theme.font(Role.SENTENCE), wrap=True)
        self.past.setProperty("role", "dim")
        self.days = SmallDays(theme, self)
        for part in (self.past, self.days):
            part.setVisible(ask_past is not None)
        self._changed = ChangedMark(theme, self)
        self._changed.reset_wanted.connect(self._reset)
        self.finished.connect(lambda _result: self._forget_past())
        self._ok = push_button(_("Set"), self, "primary")
        self._build(theme)
        self._show(current)
        self._parse()
        self._begun = self._chosen_way()
        if locked:
            for control in (self.own, self.inherit, self.none, self.amount):
                control.setEnabled(False)
                control.setToolTip(_(BY_ADMINISTRATOR))
            self.amount.deselect()

    def _build(self, theme: Theme) -> None:
        self.amount.setPlaceholderText(_("for example −2% or −200M"))
        self.amount.setAccessibleName(_("Share of turnover, or amount"))
        self.amount.setToolTip(offered_words())
        self.said.setMinimumHeight(theme.px(34))
        self.inherit.setVisible(self._symbol is not None)
        cancel = push_button(_("Cancel"), self, auto_default=False)
        self.past.setMinimumHeight(theme.px(17))
        chosen = (self.own, self.amount, self.said, self.inherit, self.none, self._changed)
        rows = stacked(*chosen, 4, self.past, self.days, 8, spacing=9)
        self.fill(rows, beside(None, cancel, self._ok))
        cancel.clicked.connect(self.reject)
        self._ok.clicked.connect(self._accept)
        self.amount.textEdited.connect(lambda _text: self.own.setChecked(True))
        self.amount.textChanged.connect(lambda _text: self._parse())
        for radio in (self.own, self.inherit, self.none):
            radio.toggled.connect(lambda _on: self._parse())

    def _show(self, current: ThresholdChoice) -> None:
        if not isinstance(current, Choice):
            self.own.setChecked(True)
        elif current is Choice.INHERIT and self._symbol is not None:
            self.inherit.setChecked(True)
        else:
            self.none.setChecked(True)
        offered = OFFERED if self._symbol is None else None
        level = offered if isinstance(current, Choice) else current
        self.amount.setText("" if level is None else shown_level(level))
        self.amount.selectAll()
        self.amount.setFocus()

    def _chosen_way(self) -> tuple[bool, ...]:
        return self.own.isChecked(), self.inherit.isChecked(), self.none.isChecked()

    def has_unsaved(self) -> bool:
        """Another way chosen counts, too."""
        return super().has_unsaved() or self._chosen_way() != self._begun

    def choice(self) -> ThresholdChoice | None:
        """What is chosen; None where the amount cannot be read."""
        if self.inherit.isChecked():
            return Choice.INHERIT
        if self.none.isChecked():
            return Choice.NONE
        return read_and_say(self.amount.text(), self._currency)[0]

    def _usual(self) -> ThresholdChoice:
        """What holds where nothing is chosen: for a symbol that of all others, for all what a new profile has."""
        return OFFERED if self._symbol is None else Choice.INHERIT

    def _reset(self) -> None:
        usual = self._usual()
        if isinstance(usual, Choice):
            self.inherit.setChecked(True)
        else:
            self.own.setChecked(True)
            self.amount.setText(shown_level(usual))

    def _parse(self) -> None:
        fault, level = False, None
        if not self.own.isChecked():
            text = _("No alert.") if self.none.isChecked() else ""
            level = self._default if self.inherit.isChecked() else None
        elif not self.amount.text().strip():
            text = _("A share of turnover, −2%, or an amount: K is thousand, M million, B billion; 万 and 亿 work too.")
        else:
            level, text = read_and_say(self.amount.text(), self._currency)
            fault = level is None
        self.said.setText(text)
        self.said.setProperty("role", "trouble" if fault else "dim")
        self.amount.setProperty("fault", "true" if fault else "false")
        for widget in (self.said, self.amount):
            widget.style().unpolish(widget)
            widget.style().polish(widget)
        if self._locked:
            self.said.setText(f"{_(BY_ADMINISTRATOR)}. {self.said.text()}")
        self._ok.setEnabled(not self._locked and self.choice() is not None)
        usual, choice = self._usual(), self.choice()
        words = _("that of all others") if isinstance(usual, Choice) else shown_level(usual)
        differs = choice is not None and choice != usual
        self._changed.follow(self._title, words, differs=differs, held=self._locked)
        self._try(level)

    def _try(self, level: Level | None) -> None:
        """Say and draw what the level would have done, once that is known; until then the days stand without it."""
        if self._ask_past is None or level == self._tried:
            return
        self._tried = level
        self._forget_past()
        self._forget_past = lambda: None
        self.past.setText("" if level is None else _(_TRYING))
        self.days.forget_level()
        if level is not None:
            self._forget_past = self._ask_past(level, lambda words, days: self._show_past(level, words, days))

    def _show_past(self, level: Level, words: str, days: Sequence[TriedDay]) -> None:
        self.past.setText(words)
        self.days.show_days(days, level_size(level))
        if self.isVisible():
            self.grow()

    def _accept(self) -> None:
        choice = self.choice()
        if choice is not None:
            self.chosen.emit(self._symbol, choice)
            self.accept()
