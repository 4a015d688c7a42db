"""What one chart's view is made of: the choices of its user, and what they need beside a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QBoxLayout

from capflow_gui.domain.link import LinkPhase
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import BoardView, Row
from capflow_gui.present.language.texts import _
from capflow_gui.ui.flow_views.choices import MOST_COMPARED, ViewChoices
from capflow_gui.ui.flow_views.marked import Marked, marked_of
from capflow_gui.ui.history.playback import Playback
from capflow_gui.ui.history.recorded import RecordedView
from capflow_gui.ui.late import Late
from capflow_gui.ui.ports import RecordedSession
from capflow_gui.ui.theme import Theme

if TYPE_CHECKING:
    from capflow_gui.domain.quote import PriceTrack
    from capflow_gui.ui.chart.chart import FlowChart
    from capflow_gui.ui.flow_views.in_out import InOutPanel

# Prices of this run that begin later after the open may have earlier ones in the archive.
_LATE_S = 120.0


class FlowViews(QObject):
    """The choices of a chart's view; `changed` when one did. `attach` gives them to the chart once it is built."""

    changed = Signal()

    def __init__(
        self, board: BoardView, theme: Theme, recorded: RecordedView, playback: Playback, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._board, self._recorded, self._playback = board, recorded, playback
        self._chart: FlowChart | None = None
        self._earlier: tuple[object, PriceTrack | None] = None, None
        self._revised: tuple[RecordedSession | None, list[int]] = None, []
        self.choices = ViewChoices()
        self._theme = theme
        self.in_out = Late(self._make_in_out)

    def _make_in_out(self) -> InOutPanel:
        from capflow_gui.ui.flow_views.in_out import InOutPanel  # noqa: PLC0415 - when first shown

        return InOutPanel(self._theme)

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self._theme = theme
        if self.in_out.made is not None:
            self.in_out.made.set_theme(theme)

    def attach(self, chart: FlowChart) -> None:
        """Give the chart what was chosen, from now on."""
        self._chart = chart
        chart.per_minute_changed.connect(self._take_per_minute)
        self._apply()

    def choose(self, choices: ViewChoices) -> None:
        """Look at the chart otherwise."""
        if choices != self.choices:
            self.choices = choices
            self._apply()
            self.changed.emit()

    def toggle(self, flag: str) -> None:
        """The other way round in one point, a field of ViewChoices."""
        self.choose(self.choices.toggled(flag))

    def restore(self, state: Mapping[str, object]) -> None:
        """Bring kept choices back; what is not understood is left at the first view's."""
        self.choose(ViewChoices.restored(state))

    def _apply(self) -> None:
        if self._chart is not None:
            plot = self._chart.plot
            plot.set_stacked(self.choices.stacked)
            plot.set_priced(self.choices.price)
            plot.set_per_minute(self.choices.per_minute)

    def _take_per_minute(self, on: bool) -> None:
        self.choices = replace(self.choices, per_minute=on)

    def show_in_out(self, symbol: Symbol | None, below: QBoxLayout, *, past: bool) -> None:
        """Show the money in and out of a symbol's running session, where it is wanted, first of what is `below`.

        None: there is no room. `past`: another session is shown, of which it is not known.
        """
        shown = self.choices.in_out and symbol is not None and symbol in self._board.symbols
        if shown and self.in_out.made is None:
            below.insertWidget(0, self.in_out())
        self.in_out.show(shown)
        if symbol is None or not shown:
            return
        row = self._board.row(symbol)
        link = next((link for link in self._board.links if link.source == row.source), None)
        ready = link is not None and link.phase is LinkPhase.READY
        absence = _("Not recorded: it is known of the running session alone.") if past else ""
        self.in_out().show_row(row, self._board.market_now(row.source), link_ready=ready, absence=absence)

    # what the chart is given beside a row

    def compared(self, row: Row) -> list[tuple[Row, bool]]:
        """The rows whose shares of turnover are shown together, that of `row` first; whether each can be asked now.

        None where nothing is compared, or only itself.
        """
        others = [each for each in self.choices.compared if each != row.symbol and each in self._board.symbols]
        rows = [row, *map(self._board.row, others[: MOST_COMPARED - 1])]
        ready = {link.source for link in self._board.links if link.phase is LinkPhase.READY}
        return [(each, each.source in ready) for each in rows] if others else []

    @property
    def compared_symbols(self) -> frozenset[Symbol]:
        """Whose news the chart shows beside its own symbol's."""
        return frozenset(self.choices.compared)

    def compare(self, symbols: Sequence[Symbol]) -> None:
        """Show shares of turnover of symbols together, the first six; none ends the comparison."""
        self.choose(replace(self.choices, compared=tuple(symbols[:MOST_COMPARED])))

    def live(self, row: Row) -> Row:
        """A running row with the prices of earlier runs before those of this one."""
        if not self.choices.price or row.day is None:
            return row
        prices, key = row.prices, (row.symbol, row.source, row.day.day)
        late = prices is None or not len(prices) or prices.times[0] > row.day.open + _LATE_S
        if late and self._earlier[0] != key:
            found = self._recorded.session(row.day.day, row.source)
            if found is not None:
                self._earlier = key, found.prices
        earlier = self._earlier[1] if self._earlier[0] == key else None
        if not late or earlier is None:
            return row
        return replace(row, prices=earlier if prices is None else prices.after(earlier))

    def played(self, row: Row) -> Row:
        """A row of a playback with the prices known until then."""
        session = self._playback.session
        prices = None if session is None else session.prices
        return replace(row, prices=None if prices is None else prices.upto(self._playback.now))

    def marked(self, row: Row, session: RecordedSession | None = None) -> Marked:
        """What is marked in a row's session beside its own alert; of a recorded one, every revision kept."""
        if session is None:
            return marked_of(self._board, row)
        if self._revised[0] is not session:
            from capflow_gui.archive.quality import revisions  # noqa: PLC0415 - when a recorded session is shown

            self._revised = session, [each.label for each in revisions(session.states)]
        return Marked(revised=self._revised[1])
