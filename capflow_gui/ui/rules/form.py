"""A rule as fields. What is in them is the rule's text, and the other way round."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QLineEdit, QWidget

from capflow_gui.domain.alert_grammar import DEFAULT_REARM, Kind, Rule, Scope, level_rule
from capflow_gui.domain.flow import COLUMNS
from capflow_gui.domain.money import MINUS, format_amount
from capflow_gui.domain.typed.level import OFFERED, format_percent
from capflow_gui.present.language.texts import N_, _, pgettext
from capflow_gui.present.rules.words import metric_words, scope_words
from capflow_gui.ui.choice import Choice
from capflow_gui.ui.layouts import NO_MARGINS, beside, stacked, text_label
from capflow_gui.ui.theme import Role, Theme

F = TypeVar("F", bound=QWidget)
_KINDS = (
    (Kind.SHARE, N_("as a share of turnover")),
    (Kind.LEVEL, N_("as an amount")),
    (Kind.CHANGE, N_("changed over minutes")),
    (Kind.DRAWDOWN, N_("fell from its high by")),
    (Kind.CROSSES, N_("crosses")),
    (Kind.UNUSUAL, N_("changed unusually")),
    (Kind.DIVERGENCE, N_("went against the price")),
)
_OPERATORS = (("<=", N_("at or below")), (">=", N_("at or above")))
# By kind: what the amount begins with where another kind was shown before, and the fields it has besides.
_EXAMPLES = {
    Kind.SHARE: "-2%",
    Kind.LEVEL: "-200M",
    Kind.CHANGE: "-20M",
    Kind.DRAWDOWN: "150M",
    Kind.CROSSES: "0",
    Kind.UNUSUAL: "3",
    Kind.DIVERGENCE: "0.3%",
}
# What the amount is called where it is none.
_AMOUNTS = {
    Kind.SHARE: N_("Share of turnover"),
    Kind.UNUSUAL: N_("Deviations"),
    Kind.DIVERGENCE: N_("Flow of turnover"),
}
_FIELDS = {
    Kind.SHARE: ("operator", "rearm", "again"),
    Kind.LEVEL: ("operator", "rearm", "again"),
    Kind.CHANGE: ("operator", "minutes", "rearm", "again"),
    Kind.DRAWDOWN: ("rearm", "again"),
    Kind.CROSSES: ("band",),
    Kind.UNUSUAL: ("minutes", "floor", "rearm", "again"),
    Kind.DIVERGENCE: ("minutes", "price", "rearm", "again"),
}
_OF_SOME = frozenset(name for names in _FIELDS.values() for name in names)
# So many fields stand side by side from that width of the screen on, in pixels at 100 %.
_ROOM = ((4, 700), (2, 440))


_FLOOR, _PRICE = 5e6, 0.005


def _shown(text: str) -> str:
    return text.replace("-", MINUS)


class RuleForm(QWidget):
    """Emits `edited` when the user changed a field. `scopes` are offered by their names, as rules write them."""

    edited = Signal()

    def __init__(self, scopes: Sequence[Scope], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._showing = False
        self._edited: QLineEdit | None = None
        # In the order of the screen, which is that of the keyboard.
        self._holders: dict[QWidget, QWidget] = {}
        choices = (self._held(Choice) for __ in range(4))
        lines = (self._held(QLineEdit) for __ in range(14))
        self.scope, self.measured, self.kind, self.operator = choices
        self.amount, self.minutes, self.band, self.floor, self.price = islice(lines, 5)
        self.hold, self.rearm, self.again, self.cooldown = islice(lines, 4)
        self.begin, self.end, self.skip_first, self.skip_last, self.until = lines
        self._written = (
            *(self.amount, self.minutes, self.band, self.floor, self.price),
            *(self.hold, self.rearm, self.again, self.cooldown),
            *(self.begin, self.end, self.skip_first, self.skip_last, self.until),
        )
        self.once = QCheckBox(_("At most once a session"), self)
        self.early = QCheckBox(_("Mark early, before the minute is over"), self)
        for field, words in (
            (self.hold, "1"),
            (self.again, _("never")),
            (self.cooldown, pgettext("no time", "none")),
            (self.begin, _("the open")),
            (self.end, _("the close")),
            (self.skip_first, pgettext("no time", "none")),
            (self.skip_last, pgettext("no time", "none")),
            (self.until, _("for good, or 2026-12-31")),
        ):
            field.setPlaceholderText(words)
        for scope in scopes:
            self._offer(scope)
        for metric in COLUMNS:
            self.measured.addItem(_capital(metric_words(metric)), metric)
        for kind, name in _KINDS:
            self.kind.addItem(_(name), kind)
        for operator, name in _OPERATORS:
            self.operator.addItem(_(name), operator)
        self._build()
        self._connect()

    def _build(self) -> None:
        self._captioned = {
            field: self._caption(name, field)
            for name, field in (
                (_("For"), self.scope),
                (_("When"), self.measured),
                (_("How"), self.kind),
                (_("Side"), self.operator),
                (_("Amount"), self.amount),
                (_("Over minutes"), self.minutes),
                (_("Band"), self.band),
                (_("Floor"), self.floor),
                (_("Price"), self.price),
                (_("Confirmed minutes"), self.hold),
                (_("Re-arm after"), self.rearm),
                (_("Again at each further"), self.again),
                (_("Cooldown, minutes"), self.cooldown),
                (_("From"), self.begin),
                (_("To"), self.end),
                (_("Skip first minutes"), self.skip_first),
                (_("Skip last minutes"), self.skip_last),
                (_("Until the session of"), self.until),
            )
        }
        columns = self._columns()
        self._lines = (
            (QGridLayout(), (self.scope, self.measured, self.kind), min(columns, 3)),
            (QGridLayout(), (self.operator, self.amount, self.minutes, self.band, self.floor, self.price), columns),
            (QGridLayout(), (self.hold, self.rearm, self.again, self.cooldown), columns),
            (QGridLayout(), (self.begin, self.end, self.skip_first, self.skip_last), columns),
            (QGridLayout(), (self.until,), 1),
        )
        for grid, _fields, count in self._lines:
            grid.setHorizontalSpacing(10)
            grid.setVerticalSpacing(8)
            for column in range(count):
                grid.setColumnStretch(column, 1)
        self._fit()
        *grids, last = (line[0] for line in self._lines)
        checks = stacked(None, self.once, self.early, spacing=4)
        end = beside((last, 1), (checks, 1), spacing=10) if columns > 1 else stacked(last, checks, spacing=8)
        stacked(*grids, end, of=self, margins=NO_MARGINS, spacing=10)

    def _columns(self) -> int:
        """How many fields the screen has room for side by side."""
        room = self.screen().availableGeometry().width() / self._theme.scale
        return next((columns for columns, needed in _ROOM if room >= needed), 1)

    def _held(self, kind: type[F]) -> F:
        """A field in the part that will hold its caption, too: Qt styles what moves into another part anew."""
        holder = QWidget(self)
        field = kind(holder)
        self._holders[field] = holder
        return field

    def _caption(self, name: str, field: QWidget) -> QWidget:
        holder = self._holders[field]
        caption = text_label(name, holder, self._theme.font(Role.CAPTION), "dim")
        field.setAccessibleName(name)
        stacked(caption, field, of=holder, margins=NO_MARGINS, spacing=3)
        return holder

    def _connect(self) -> None:
        for choice in (self.scope, self.measured, self.operator):
            choice.activated.connect(lambda _index: self._changed())
        self.kind.activated.connect(lambda _index: self._kind_chosen())
        for line in self._written:
            line.textEdited.connect(lambda _text, line=line: self._changed(line))
        for box in (self.once, self.early):
            box.clicked.connect(lambda _checked: self._changed())

    def _offer(self, scope: Scope) -> None:
        self.scope.addItem(_capital(scope_words(scope)), str(scope))

    def mark_fault(self, said: str) -> None:
        """Mark the field that was edited last as the one that cannot be read, and say why; empty: none is."""
        for line in self._written:
            fault = said if line is self._edited else ""
            if line.toolTip() != fault:
                line.setToolTip(fault)
                line.setAccessibleDescription(fault)
                line.setProperty("fault", "true" if fault else "false")
                line.style().unpolish(line)
                line.style().polish(line)

    # the rule into the fields

    def show_rule(self, rule: Rule) -> None:
        """Show a rule; nobody edited it then."""
        self._showing = True
        if self.scope.findData(str(rule.scope)) < 0:
            self._offer(rule.scope)
        for choice, value in (
            (self.scope, str(rule.scope)),
            (self.measured, rule.metric),
            (self.kind, rule.kind),
            (self.operator, rule.operator),
        ):
            choice.setCurrentIndex(choice.findData(value))
        self._write(self.amount, rule.amount_text(rule.level))
        self._write(self.floor, format_amount(rule.floor or _FLOOR))
        self._write(self.price, format_percent(rule.price or _PRICE))
        self._write(self.band, format_amount(rule.band) if rule.band else "")
        self._write(self.rearm, format_percent(rule.rearm))
        self._write(self.again, "" if rule.again is None else rule.amount_text(rule.again))
        part = rule.part
        self._write(self.begin, "" if part.begin is None else f"{part.begin:%H:%M}")
        self._write(self.end, "" if part.end is None else f"{part.end:%H:%M}")
        self._write(self.skip_first, str(part.skip_first or ""))
        self._write(self.skip_last, str(part.skip_last or ""))
        if self.until.text().strip() != (until := "" if rule.until is None else rule.until.isoformat()):
            self.until.setText(until)
        self.early.setChecked(rule.early)
        self._write(self.minutes, str(rule.minutes or 5))
        self._write(self.hold, str(rule.hold))
        self._write(self.cooldown, str(rule.cooldown or ""))
        self.once.setChecked(rule.once)
        self._fit()
        self._showing = False

    @staticmethod
    def _write(line: QLineEdit, text: str) -> None:
        if line.text() != _shown(text):
            line.setText(_shown(text))

    def _fit(self) -> None:
        """Only the fields of the chosen kind, side by side."""
        useful = _FIELDS[self.kind.currentData()]
        name = _(_AMOUNTS.get(self.kind.currentData(), N_("Amount")))
        self._captioned[self.amount].findChildren(QLabel)[0].setText(name)
        self.amount.setAccessibleName(name)
        useless = [getattr(self, name) for name in _OF_SOME if name not in useful]
        for grid, fields, columns in self._lines:
            shown = [field for field in fields if field not in useless]
            for field in fields:
                grid.removeWidget(self._captioned[field])
                self._captioned[field].setVisible(field in shown)
            for place, field in enumerate(shown):
                grid.addWidget(self._captioned[field], *divmod(place, columns))

    # the fields into text

    def text(self) -> str:
        """The rule that the fields say, as text; it may not be readable."""
        kind, metric, operator = self.kind.currentData(), self.measured.currentData(), self.operator.currentData()
        amount, minutes = self.amount.text().strip(), f"{self.minutes.text().strip()}m"
        match kind:
            case Kind.SHARE:
                measure = f"{metric}/turnover {operator} {amount}"
            case Kind.CHANGE:
                measure = f"{metric} change {minutes} {operator} {amount}"
            case Kind.DRAWDOWN:
                measure = f"{metric} drawdown >= {amount}"
            case Kind.CROSSES:
                band = self.band.text().strip()
                measure = f"{metric} crosses {amount}" + (f" band {band}" if band else "")
            case Kind.UNUSUAL:
                measure = f"{metric} change {minutes} unusual {amount} floor {self.floor.text().strip()}"
            case Kind.DIVERGENCE:
                measure = f"{metric} divergence {minutes} price {self.price.text().strip()} flow {amount}"
            case _:
                measure = f"{metric} {operator} {amount}"
        return " ".join([f"{self.scope.currentData()}: {measure}", *self._options(kind)])

    def _options(self, kind: Kind) -> list[str]:
        """In the order of the canonical text."""
        hold, cooldown = self.hold.text().strip(), self.cooldown.text().strip()
        options = [] if hold in ("", "1") else [f"for {hold}m"]
        if kind != Kind.CROSSES:  # Qt gives the plain text back
            options += self._rearm_options()
        if cooldown not in ("", "0"):
            options.append(f"cooldown {cooldown}m")
        if self.once.isChecked():
            options.append("once")
        for word, field in (("from", self.begin), ("to", self.end)):
            options += [f"{word} {text}"] if (text := field.text().strip()) else []
        skipped = (("first", self.skip_first.text().strip()), ("last", self.skip_last.text().strip()))
        skips = [f"{word} {text}m" for word, text in skipped if text not in ("", "0")]
        options += ["skip", *skips] if skips else []
        if until := self.until.text().strip():
            options.append(f"until {until}")
        return [*options, "early"] if self.early.isChecked() else options

    def _rearm_options(self) -> list[str]:
        rearm, again = self.rearm.text().strip(), self.again.text().strip()
        standard = rearm in ("", format_percent(DEFAULT_REARM))
        return [*([] if standard else [f"rearm {rearm}"]), *([f"again {again}"] if again else [])]

    def _changed(self, line: QLineEdit | None = None) -> None:
        if not self._showing:
            self._edited = line
            self.edited.emit()

    def _kind_chosen(self) -> None:
        """An amount of another kind would not be understood: begin with one that is."""
        kind = self.kind.currentData()
        self._write(self.amount, _EXAMPLES[kind])
        self._write(self.again, "")
        if kind == Kind.SHARE:  # as the threshold that is offered
            offered = level_rule(OFFERED)
            self._write(self.rearm, format_percent(offered.rearm))
            self._write(self.skip_first, str(offered.part.skip_first))
        self._fit()
        self._changed()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
