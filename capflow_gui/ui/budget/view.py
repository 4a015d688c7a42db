"""The poll budget: what each source's quota is spent on, who is next, and what more symbols would cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QLabel, QWidget

from capflow_gui.feed.board import LiveBoard
from capflow_gui.present.language.texts import _
from capflow_gui.present.panels import poll_words
from capflow_gui.ui.budget.strip import AgeColumns, CallStrip, ShareBar
from capflow_gui.ui.budget.turns import TurnsTable
from capflow_gui.ui.layouts import NO_MARGINS, beside, push_button, stacked, text_label
from capflow_gui.ui.tab_strip import PAD, TabStrip
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.words import source_label

if TYPE_CHECKING:
    from capflow_gui.feed.board import PollBudget

_SPANS = (30.0, 60.0)
_SIDE, _LEAST = 320, 220
_FACTS, _FACTS_NARROW = 5, 3
_NARROW = 820  # pixels at a font size of 100 %, below which parts are below each other
_MARGIN, _BETWEEN, _GAP = 18, 24, 8


class PollBudgetView(QWidget):
    """Reads the board when `refresh` is called: once a second while it is looked at."""

    def __init__(self, board: LiveBoard, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._board, self._theme = board, theme
        self._shown: PollBudget | None = None
        self.sources = TabStrip(theme, self)
        self.sources.chosen.connect(lambda _source: self.refresh())
        self.used = text_label("", self)
        self._of = text_label("", self, role="dim")
        self._facts = [(text_label("", self), text_label("", self, role="dim")) for _each in range(_FACTS)]
        self._trouble = text_label("", self, role="trouble", wrap=True)
        self._caption = text_label(poll_words.strip_caption(), self, role="dim", wrap=True)
        self._span = push_button("", self, "link")
        self._span.clicked.connect(self._change_span)
        self.strip = CallStrip(theme, self)
        self.turns = TurnsTable(theme, self)
        self._rows = text_label("", self, role="dim", wrap=True)
        self._cost = text_label(_("What would more symbols cost?"), self, role="dim")
        self._cycles = [text_label(name, self, role="dim") for name in poll_words.cycle_headers()]
        self._costs = [_Cost(theme, self) for _each in range(poll_words.COSTS)]
        self._note = text_label(poll_words.cost_note(), self, role="dim", wrap=True)
        self._ages = text_label("", self, role="dim", wrap=True)
        self._late = text_label("", self, role="trouble", wrap=True)
        self.ages = AgeColumns(theme, self)
        self._fact_boxes: list[QWidget] = []
        self._fact_grid = QGridLayout()
        self._others = text_label(_("Who shares the quota?"), self, role="dim")
        self._neighbours = text_label("", self, wrap=True)
        self._quotas = text_label("", self, role="dim", wrap=True)
        self._build()
        self.set_theme(theme)

    def _build(self) -> None:
        for value, name in self._facts:
            fact = QWidget(self)
            stacked(name, value, None, of=fact, margins=NO_MARGINS, spacing=2)
            self._fact_boxes.append(fact)
        self._fact_grid.setHorizontalSpacing(22)
        low = Qt.AlignmentFlag.AlignBottom
        used = beside((self.used, low), _GAP, (self._of, low), None, spacing=0)
        self._head = beside(used, 30, self._fact_grid, None, spacing=0)
        caption = beside((self._caption, 1), self._span)
        left = stacked(self.turns, 6, self._rows, None, spacing=0)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        right = Qt.AlignmentFlag.AlignRight
        for place, header in enumerate(self._cycles):
            grid.addWidget(header, 0, 2 + place, right)
        for place, cost in enumerate(self._costs, 1):
            grid.addWidget(cost.added, place, 0)
            grid.addWidget(cost.bar, place, 1, Qt.AlignmentFlag.AlignVCenter)
            for column, label in enumerate(cost.cycles):
                grid.addWidget(label, place, 2 + column, right)
        grid.setColumnStretch(1, 1)
        self._right = QWidget(self)
        stacked(
            *(self._cost, 6, grid, 6, self._note, 18, self._ages, self._late, 6, self.ages, 18),
            *(self._others, 6, self._neighbours, 6, self._quotas, None),
            of=self._right,
            margins=NO_MARGINS,
            spacing=0,
        )
        self._body = beside((left, 1), _BETWEEN, self._right, spacing=0)
        parts = (self._head, 4, self._trouble, 14, caption, 6, self.strip, 16, (self._body, 1))
        inner = stacked(*parts, margins=(_MARGIN, 0, _MARGIN, 0), spacing=0)
        sources = beside(self.sources, None, margins=(_MARGIN - PAD, 0, _MARGIN, 0))
        stacked(sources, 10, (inner, 1), of=self, margins=(0, 8, 0, 14), spacing=0)

    def _arrange(self) -> None:
        """In a narrow place one part is below the other."""
        beside_each_other = self.turns.wanted_width + _BETWEEN + self._theme.px(_SIDE) + 2 * _MARGIN
        narrow = self.width() < max(self._theme.px(_NARROW), beside_each_other)
        side = self._theme.px(_SIDE)
        self._right.setMinimumWidth(0 if narrow else side)
        self._right.setMaximumWidth(self.maximumWidth() if narrow else side)
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        for layout in (self._head, self._body):
            layout.setDirection(down if narrow else across)
        for place, fact in enumerate(self._fact_boxes):
            self._fact_grid.addWidget(fact, *(divmod(place, _FACTS_NARROW) if narrow else (0, place)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the parts where they have room."""
        super().resizeEvent(event)
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        """As wide as one part, where they are below each other."""
        head = self.used.minimumSizeHint().width() + _GAP + self._of.minimumSizeHint().width()
        parts = self._theme.px(_LEAST), self.turns.minimumWidth(), self.strip.minimumSizeHint().width()
        widest = max(head, *parts)
        return QSize(widest + 2 * _MARGIN, super().minimumSizeHint().height())

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        for part in (self.sources, self.strip, self.turns, self.ages):
            part.set_theme(theme)
        for cost in self._costs:
            cost.set_theme(theme)
        self.used.setFont(theme.font(Role.CHART_NET))
        self._of.setFont(theme.font(Role.CELL))
        for value, name in self._facts:
            value.setFont(theme.font(Role.FIGURE))
            name.setFont(theme.font(Role.CAPTION))
        for label in (self._trouble, self._note, self._ages, self._late, self._neighbours, self._quotas, self._rows):
            label.setFont(theme.font(Role.SENTENCE))
        for label in (self._cost, self._others):
            label.setFont(theme.font(Role.CAPTION_STRONG))
        for label in (self._caption, *self._cycles):
            label.setFont(theme.font(Role.CAPTION))
        self._arrange()
        if self.isVisible():  # else it is read once it is shown
            self.refresh()

    def choose_source(self, source: str) -> None:
        """Show a source's quota, where it has one."""
        self.refresh()
        self.sources.choose(source)

    def refresh(self) -> None:
        """Read the board again."""
        budgets = {budget.source: budget for budget in self._board.poll_budgets}
        self.sources.set_tabs([(source, source_label(source)) for source in budgets])
        self.sources.setVisible(len(budgets) > 1)
        chosen = self.sources.current()
        budget = budgets.get(chosen) if isinstance(chosen, str) else None
        self._shown = budget
        if budget is None:
            self._of.setText(_("No source is connected yet."))
            return
        self._show_head(budget)
        self.strip.show_budget(budget)
        calendar = self._board.calendar
        self.turns.show_rows(poll_words.turn_rows(budget, calendar, self._board.market_now(budget.source)))
        self._show_costs(budget)
        self._rows.setText(poll_words.rows_words(budget))
        self._ages.setText(poll_words.ages_words(budget))
        self._put(self._late, poll_words.late_words(budget))
        self.ages.show_bins(*poll_words.age_bins(budget))
        self._neighbours.setText("\n".join([*poll_words.neighbour_words(budget), poll_words.shared_note()]))
        self._put(self._quotas, poll_words.quota_words(budget))
        self._arrange()

    def _show_head(self, budget: PollBudget) -> None:
        self.used.setText(str(budget.used))
        self.used.setAccessibleName(f"{budget.used} {poll_words.used_words(budget)}")
        self._of.setText(poll_words.used_words(budget))
        facts = [*poll_words.facts(budget)]
        for place, (value, name) in enumerate(self._facts):
            said = facts[place] if place < len(facts) else ("", "")
            name.setText(said[0])
            value.setText(said[1])
            value.setAccessibleName(" ".join(said))
        self._put(self._trouble, "\n".join(poll_words.troubles(budget)))
        span = next(each for each in _SPANS if each != self.strip.span_s)
        self._span.setText(_("Show {seconds:.0f} s").format(seconds=span))

    def _show_costs(self, budget: PollBudget) -> None:
        rows = poll_words.cycle_rows(budget)
        most = max((seconds for *_words, seconds in rows), default=0.0) or 1.0
        for place, (cost, (added, *cycles, seconds)) in enumerate(zip(self._costs, rows, strict=True)):
            cost.show(added, cycles, seconds / most, now=not place)

    @staticmethod
    def _put(label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    def _change_span(self) -> None:
        self.strip.span_s = next(each for each in _SPANS if each != self.strip.span_s)
        self.refresh()

    def state(self) -> dict[str, Any]:
        """What is chosen in it."""
        return {"source": self.sources.current() or "", "span": int(self.strip.span_s)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Choose it again; what cannot be understood stays as it is."""
        if state.get("span") in _SPANS:
            self.strip.span_s = float(state["span"])
        if isinstance(state.get("source"), str):
            self.choose_source(state["source"])
        self.refresh()


class _Cost:
    """One line of the costs: how many more, a bar, the cycles."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        self.added = text_label("", parent)
        self.bar = ShareBar(theme, parent)
        self.cycles = [text_label("", parent) for _name in poll_words.cycle_headers()]

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self.added.setFont(theme.font(Role.SENTENCE_STRONG))
        for label in self.cycles:
            label.setFont(theme.font(Role.SENTENCE_STRONG))
        self.bar.set_theme(theme)

    def show(self, added: str, cycles: Sequence[str], share: float, *, now: bool) -> None:
        """Show them."""
        self.added.setText(added)
        self.bar.show_share(share, strong=now)
        said = [f"{name} {cycle}" for name, cycle in zip(poll_words.cycle_headers(), cycles, strict=True)]
        self.bar.setAccessibleName(f"{added}: {', '.join(said)}")
        for label, cycle, words in zip(self.cycles, cycles, said, strict=True):
            label.setText(cycle)
            label.setAccessibleName(words)
