"""The poll budget: what each source's quota is spent on, who is next, and what more symbols would cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from capflow_gui.feed.board import LiveBoard
from capflow_gui.feed.poll_budget import ADDED, PollBudget
from capflow_gui.present import poll_words
from capflow_gui.present.language.texts import _
from capflow_gui.ui.budget.strip import AgeColumns, CallStrip, ShareBar
from capflow_gui.ui.budget.turns import TurnsTable
from capflow_gui.ui.layouts import NO_MARGINS, beside, push_button, stacked, text_label
from capflow_gui.ui.tab_strip import TabStrip
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.words import source_label

_SPANS = (30.0, 60.0)
_SIDE = 340


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
        self._facts = text_label("", self, wrap=True)
        self._trouble = text_label("", self, role="trouble", wrap=True)
        self._caption = text_label(_("Each mark is one call, at the moment its answer was seen"), self, role="dim")
        self._caption.setWordWrap(True)
        self._span = push_button("", self, "link")
        self._span.clicked.connect(self._change_span)
        self.strip = CallStrip(theme, self)
        self.turns = TurnsTable(theme, self)
        self._rows = text_label("", self, role="dim", wrap=True)
        self._cost = text_label(_("What would more symbols cost?"), self, role="dim")
        self._costs = [_Cost(theme, self) for _each in (0, *ADDED)]
        self._note = text_label(poll_words.cost_note(), self, role="dim", wrap=True)
        self._ages = text_label("", self, role="dim", wrap=True)
        self._late = text_label("", self, role="trouble", wrap=True)
        self.ages = AgeColumns(theme, self)
        self._others = text_label(_("Who shares the quota?"), self, role="dim")
        self._neighbours = text_label("", self, wrap=True)
        self._quotas = text_label("", self, role="dim", wrap=True)
        self._build()
        self.set_theme(theme)

    def _build(self) -> None:
        head = beside(self.used, self._of, 18, (self._facts, 1), spacing=8)
        caption = beside((self._caption, 1), self._span)
        left = stacked(self.turns, 6, self._rows, None, spacing=0)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        for place, cost in enumerate(self._costs):
            grid.addWidget(cost.added, 2 * place, 0)
            grid.addWidget(cost.bar, 2 * place, 1, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(cost.words, 2 * place + 1, 1)
        grid.setColumnStretch(1, 1)
        self._right = QWidget(self)
        stacked(
            *(self._cost, 6, grid, 6, self._note, 18, self._ages, self._late, 6, self.ages, 18),
            *(self._others, 6, self._neighbours, 6, self._quotas, None),
            of=self._right,
            margins=NO_MARGINS,
            spacing=0,
        )
        body = beside((left, 1), 24, self._right, spacing=0)
        parts = (self.sources, 10, head, 4, self._trouble, 14, caption, 6, self.strip, 16, (body, 1))
        stacked(*parts, of=self, margins=(18, 8, 18, 14), spacing=0)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        for part in (self.sources, self.strip, self.turns, self.ages, *self._costs):
            part.set_theme(theme)
        self.used.setFont(theme.font(Role.CHART_NET))
        for label in (self._of, self._facts):
            label.setFont(theme.font(Role.CELL))
        for label in (self._trouble, self._note, self._ages, self._late, self._neighbours, self._quotas, self._rows):
            label.setFont(theme.font(Role.SENTENCE))
        for label in (self._caption, self._cost, self._others):
            label.setFont(theme.font(Role.CAPTION_STRONG))
        self._right.setFixedWidth(theme.px(_SIDE))
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

    def _show_head(self, budget: PollBudget) -> None:
        self.used.setText(str(budget.used))
        self.used.setAccessibleName(f"{budget.used} {poll_words.used_words(budget)}")
        self._of.setText(poll_words.used_words(budget))
        self._facts.setText("   ".join(f"{name} {value}" for name, value in poll_words.facts(budget)))
        self._put(self._trouble, "\n".join(poll_words.troubles(budget)))
        span = next(each for each in _SPANS if each != self.strip.span_s)
        self._span.setText(_("Show {seconds:.0f} s").format(seconds=span))

    def _show_costs(self, budget: PollBudget) -> None:
        rows = poll_words.cycle_rows(budget)
        most = max((seconds for _added, _words, seconds in rows), default=0.0) or 1.0
        for place, (cost, (added, words, seconds)) in enumerate(zip(self._costs, rows, strict=True)):
            cost.show(added, words, seconds / most, now=not place)

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
        self.words = text_label("", parent, role="dim", wrap=True)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self.added.setFont(theme.font(Role.SENTENCE_STRONG))
        self.words.setFont(theme.font(Role.SENTENCE))
        self.bar.set_theme(theme)

    def show(self, added: str, words: str, share: float, *, now: bool) -> None:
        """Show them."""
        self.added.setText(added)
        self.words.setText(words)
        self.bar.show_share(share, strong=now)
        self.bar.setAccessibleName(f"{added}: {words}")
