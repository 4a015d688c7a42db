"""The flow chart as the window sees it: a row or a history in, threshold and readout out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPixmap
from PySide6.QtWidgets import QWidget

from capflow_gui.domain.flow import MAIN, NET, Flag, Floats, Period
from capflow_gui.domain.session import TradingDay
from capflow_gui.feed.board import Freshness, HistoryState, Row
from capflow_gui.present.language.texts import _, listed, said_together
from capflow_gui.present.sentences import error_sentence
from capflow_gui.ui.access.read_aloud import announce
from capflow_gui.ui.chart.annotations import Annotations
from capflow_gui.ui.chart.crosshair import Readout
from capflow_gui.ui.chart.history import NONE_RECORDED, HistoryPlot, Recorded
from capflow_gui.ui.chart.intraday import IntradayPlot
from capflow_gui.ui.chart.labels import clock
from capflow_gui.ui.chart.layers.chart_stack import ChartStack
from capflow_gui.ui.chart.layers.compared import ComparePlot, compared_line
from capflow_gui.ui.chart.layers.one_pane import OnePane
from capflow_gui.ui.chart.layers.plot_state import PlotState, plot_state
from capflow_gui.ui.chart.layers.price import on_minutes
from capflow_gui.ui.chart.layers.spoken import freshness_words, minute_words, spoken
from capflow_gui.ui.chart.look import NAMES, Look, build_look
from capflow_gui.ui.chart.pointer import Pointer
from capflow_gui.ui.chart.session_data import Beside, SessionData, Since, beside, session_data
from capflow_gui.ui.flow_views.crosshair_hub import CrosshairHub
from capflow_gui.ui.flow_views.marked import Marked
from capflow_gui.ui.history.recorded import OtherSession
from capflow_gui.ui.keyboard import key_of
from capflow_gui.ui.models.figures import Look as FigureLook
from capflow_gui.ui.models.figures import figures_of
from capflow_gui.ui.rules.tried import TriedRule
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.words import source_label

_THRESHOLD_STEP = 0.01


class FlowChart(ChartStack):
    """One symbol's flow, live or by day, week, month.

    threshold_changed(object)  the line was dropped at, or stepped to, this Level (negative)
    readout_changed(object)    a Readout to show outside the chart, where there is no room for it inside; or None
    per_minute_changed(bool)   the larger pane is that of single minutes, or not any more
    since_changed(object)      what flowed Since a minute the user chose; None: lines are counted from the open
    """

    threshold_changed = Signal(object)
    readout_changed = Signal(object)
    since_changed = Signal(object)
    per_minute_changed = Signal(bool)
    day_chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._looks = self._build_looks()
        self._row: Row | None = None
        self._link_ready, self._absence = True, ""
        self._market_now = 0.0
        self._other: OtherSession | None = None
        self._laid: tuple[object, Beside | None] = None, None
        self._priced: tuple[object, Floats | None] = None, None
        self._session = ""
        self._marked = Marked()
        self._data: SessionData | None = None  # counted from the open
        self._anchor: int | None = None  # the label that lines are counted from
        self._anchor_before: int | None = None
        self._since: Since | None = None
        self._hub: CrosshairHub | None = None
        self.tried = TriedRule()
        self._period = Period.INTRADAY
        self.plot = IntradayPlot(self._looks[True], self)
        self.notes = Annotations(self.plot)
        self.pointer = Pointer(self.plot, self.readout_changed.emit)
        self._walking = self.plot.walking_keys(self.pointer)
        self.plot.walked.connect(self._read_out)
        self._history: HistoryPlot | None = None
        self._compare: ComparePlot | None = None
        self.stack.addWidget(self.plot)
        self.plot.placed.connect(self.notes.place)
        self.plot.placed.connect(self.pointer.refresh)
        self.plot.threshold_moved.connect(self._threshold_moved)
        self.plot.drag_cancelled.connect(self._drag_cancelled)
        self.plot.tapped.connect(self._tapped)
        self.plot.double_clicked.connect(lambda: self._set_anchor(self._anchor_before))
        self.pointer.moved = self._tell_hub
        self.plot.zoom_changed.connect(self.place_ways_back)
        self.set_theme(theme)
        self._say("", "")
        self.setAccessibleName(_("Flow chart"))

    @property
    def history(self) -> HistoryPlot:
        """The chart of periods, made when first asked for."""
        if self._history is None:
            self._history = HistoryPlot(self._looks[True], self)
            self._history.readout_changed.connect(self.readout_changed)
            self._history.day_chosen.connect(self.day_chosen)
            self._history.zoom_changed.connect(self.place_ways_back)
            self._history.walked.connect(self._read_out)
            self._history.moved = self._tell_hub
            self.stack.addWidget(self._history)
        return self._history

    @property
    def compare(self) -> ComparePlot:
        """The chart of several symbols, made when first asked for."""
        if self._compare is None:
            self._compare = ComparePlot(self._looks[True], self)
            self._compare.zoom_changed.connect(self.place_ways_back)
            self._compare.walked.connect(self._read_out)
            self._compare.moved = self._tell_hub
            self.stack.addWidget(self._compare)
        return self._compare

    def show_compared(self, rows: Sequence[tuple[Row, bool]]) -> None:
        """Show several symbols as shares of their turnover on the first one's session; each with its link's readiness.

        Of the rows the first that has a session gives the axis.
        """
        day = next((row.day for row, _ready in rows if row.day is not None), None)
        if day is None:
            self._say(_("Waiting for the first answer"), "")
            return
        self.pointer.leave()
        lines = [compared_line(row, day, link_ready=ready) for row, ready in rows]
        self.compare.show_lines(lines, day)
        self.stack.setCurrentWidget(self.compare)
        self._tell_since()
        shares = (f"{each.name} {each.lacks or self.compare.share_told(place)}" for place, each in enumerate(lines))
        self.tell(_("Shares of turnover: {shares}").format(shares=listed(shares)))

    def _build_looks(self) -> dict[bool, Look]:
        ratio = self.devicePixelRatioF()
        return {true: build_look(self._theme, true=true, ratio=ratio) for true in (True, False)}

    def event(self, event: QEvent) -> bool:
        """On a screen of another scale pens have another width."""
        if event.type() is QEvent.Type.DevicePixelRatioChange:
            self.set_theme(self._theme)
        return super().event(event)

    def picture(self) -> QPixmap | None:
        """What `plotted` shows, without what offers to be dragged."""
        shown = self.plotted
        if shown is None:
            return None
        self.notes.still = True
        self.notes.place()
        taken: QPixmap = shown.grab()
        self.notes.still = False
        self.notes.place()
        return taken

    def set_theme(self, theme: Theme) -> None:
        """Change colours and fonts."""
        self._theme = theme
        self._looks = self._build_looks()
        self.notes.forget()
        super().set_theme(theme)
        self.plot.set_look(self._looks[self.plot.look.true])
        for plot in (self._history, self._compare):
            if plot is not None:
                plot.set_look(self._looks[True])

    def show_row(
        self,
        row: Row,
        market_now: float,
        *,
        link_ready: bool = True,
        absence: str = "",
        session: str = "",
        other: OtherSession | None = None,
        marked: Marked | None = None,
    ) -> None:
        """Show a row's session; `market_now` in UTC epoch seconds, `link_ready` whether its source can be asked.

        `absence` is said where there are no figures, for the source cannot be asked.
        `session` says which one it is where it is not the running one, the net of `other` is drawn behind it. `marked`
        is what is marked in it beside the row's own alert.
        """
        self._row, self._link_ready, self._session, self._other = row, link_ready, session, other
        self._absence, self._marked = absence, marked or Marked()
        self._market_now = market_now
        if self._period is not Period.INTRADAY:
            return
        if row.series is None or row.day is None or not len(row.series):
            self._data = None
            self._show_absence(row)
            return
        if row.series.flags & Flag.PER_MINUTE:
            self._say(_("Not drawn as a running total"), _("These lines behave like amounts of single minutes."))
            return
        data = session_data(row.series, row.day, row.class_flow)
        if data.last < 0:
            self._say(_("No line of this session yet"), "")
            return
        true = figures_of(row, link_ready=link_ready).look is FigureLook.TRUE
        look = self._looks[true]
        if look is not self.plot.look:
            self.plot.set_look(look)
        self.stack.setCurrentWidget(self.plot)
        self._data = data
        self._draw(row, data)
        self._describe(row, data)

    def _draw(self, row: Row, data: SessionData) -> None:
        """Draw a session, counted from the open or from the minute that was chosen."""
        state, behind = self._state(row, data), self._beside(data.day)
        counted = None if self._anchor is None else data.since(round(data.day.index(self._anchor)))
        if counted is None or counted.anchor is None or not data.day.open <= (self._anchor or 0) <= data.day.close:
            self._anchor = None
            self.plot.show_session(data, state, behind, self._prices(row, data.day))
        else:
            behind = None if behind is None else behind.since(counted.anchor)
            self.plot.show_session(counted, state.since(counted.anchor), behind, self._prices(row, data.day))
        self._tell_since()

    def _prices(self, row: Row, day: TradingDay) -> Floats | None:
        """A row's prices on the axis of its session; laid once, for the plot compares by identity."""
        if self._priced[0] != (row.prices, day.day):
            self._priced = (row.prices, day.day), on_minutes(row.prices, day)
        return self._priced[1]

    def _tell_since(self) -> None:
        """Tell what flowed since the minute that was chosen, where that is something new."""
        data, since = self.plot.data, None
        if data is not None and data.anchor is not None and self.stack.currentWidget() is self.plot:
            net, main = (float(data.values[row, data.last]) for row in (NET, MAIN))
            since = Since(_hour(data, data.anchor), net, main)
        if since != self._since:
            self._since = since
            self.since_changed.emit(since)
            self.offer_the_open(lambda: self.set_anchor(None), offered=since is not None)

    def set_anchor(self, index: int | None) -> bool:
        """Count the lines from a session minute on; None, or the same again: from the open. Whether one was before."""
        data, was_counted = self._data, self._since is not None
        if data is None or self.stack.currentWidget() is not self.plot:
            return False
        label = None if index is None else data.day.label(min(max(index, 0), data.last))
        self._set_anchor(None if label == self._anchor else label)
        return was_counted

    def _set_anchor(self, label: int | None) -> None:
        if label == self._anchor:
            return
        self._anchor = label
        if self._row is not None and self._data is not None:
            self._draw(self._row, self._data)
            self._describe(self._row, self._data)

    def link(self, hub: CrosshairHub) -> None:
        """Let the crosshair stand where those of other charts stand; to be called once."""
        self._hub = hub
        hub.moved.connect(self._follow)

    @property
    def _crosshair(self) -> Pointer | OnePane | None:
        """That of the plot that is shown."""
        shown = self.plotted
        return self.pointer if shown is self.plot else shown if isinstance(shown, OnePane) else None

    def _tell_hub(self, index: int | None) -> None:
        crosshair = self._crosshair
        if self._hub is not None and crosshair is not None:
            self._hub.moved.emit(self, None if index is None else crosshair.label(index))

    def _follow(self, chart: object, label: object) -> None:
        """Another chart's crosshair moved: stand on the same time, or period, where it is shown here."""
        crosshair = self._crosshair
        if chart is not self and crosshair is not None and self.isVisible():
            crosshair.follow(None if label is None else crosshair.place(label))

    def tick(self, market_now: float) -> None:
        """A second has passed: what depends on the time alone is brought up to date."""
        self._market_now = market_now

    def show_period(self, period: Period) -> None:
        """Turn to a period; DAY, WEEK and MONTH wait for `show_history`."""
        if period is self._period:
            return
        self._period = period
        self.pointer.leave()
        if period is Period.INTRADAY and self._row is not None:
            self.show_row(
                self._row,
                self._market_now,
                link_ready=self._link_ready,
                absence=self._absence,
                session=self._session,
                other=self._other,
            )
        elif period is not Period.INTRADAY:
            self._say(_("Waiting for the first answer"), "")

    def show_history(self, state: HistoryState, period: Period, recorded: Recorded = NONE_RECORDED) -> None:
        """Show DAY, WEEK or MONTH lines, or why there are none; `recorded`: which are the archive's own."""
        self.show_period(period)
        if state.series is None or not len(state.series):
            if state.error is not None:
                self._say(_("No history"), str(error_sentence(state.error)))
            elif state.loading:
                self._say(_("Waiting for the first answer"), "")
            elif self._row is not None and period not in self._row.periods:
                source = source_label(self._row.source)
                self._say(
                    _("No history"),
                    _("{source} gives the running session alone. Connect OpenD for days and longer.").format(
                        source=source
                    ),
                )
            else:
                self._say(_("The source has no lines for this period"), "")
            return
        row = self._row
        currency = row.money if row is not None else ""
        zone = row.day.zone if row is not None and row.day is not None else None
        lender = state.series.source if row is not None and row.source != state.series.source else ""
        note = _("from {source}").format(source=source_label(lender)) if lender else ""
        self.history.show_series(
            state.series, currency, zone, running=self._running_day(), note=note, recorded=recorded
        )
        self.stack.setCurrentWidget(self.history)
        told = _("Net inflow per {value}, {count} periods").format(value=period.value, count=len(state.series))
        self.tell(said_together(filter(None, (told, note, self.history.lacking()))))

    def _running_day(self) -> date | None:
        row = self._row
        if row is None or row.day is None or row.freshness in (Freshness.CLOSED, Freshness.PREVIOUS_SESSION):
            return None
        return row.day.day

    def _state(self, row: Row, data: SessionData) -> PlotState:
        tried = None if self._session else self.tried.state(row, data)
        return tried if tried is not None else plot_state(row, data, self._session, self._marked)

    def _beside(self, day: TradingDay) -> Beside | None:
        """The other session on this one's axis; laid once, for the plot draws another one anew."""
        other = self._other
        if self._laid[0] != (other, day.day):
            made = None
            if other is not None:
                made = beside(other.series, other.day, day, other.name, compared=other.compared)
            self._laid = (other, day.day), made
        return self._laid[1]

    def point_at(self, label: int) -> None:
        """Put the crosshair on the line of a label, UTC epoch seconds, of the session shown."""
        data = self.plot.data
        if data is not None:
            self.pointer.stand(round(data.day.index(label)))

    def say(self, title: str, text: str = "") -> None:
        """A sentence in place of a session that is not there."""
        self._row = None
        self._say(title, text)

    def _show_absence(self, row: Row) -> None:
        if row.error is not None:
            self._say(str(row.symbol), str(error_sentence(row.error)))
        elif not self._link_ready:
            self._say(str(row.symbol), self._absence)
        else:
            self._say(_("Waiting for the first answer"), "")

    def _say(self, title: str, text: str) -> None:
        self.pointer.leave()
        self.message.say(title, text)
        self.stack.setCurrentWidget(self.message)
        self._tell_since()
        self.tell(" · ".join(filter(None, (title, text))))

    def _describe(self, row: Row, data: SessionData) -> None:
        self.setAccessibleName(_("Flow chart of {symbol}").format(symbol=row.symbol))
        fresh = "" if self._session else freshness_words(row, self._market_now, link_ready=self._link_ready)
        text = spoken(row, data, self._since, "" if self._other is None else self._other.name, fresh)
        if self._session:
            text = f"{self._session}. {text}"
        if self.plot.solo is not None:
            text = f"{_('{curve} alone').format(curve=_(NAMES[self.plot.solo]))}. {text}"
        self.tell(text, (row.symbol, self._session, self._anchor, self.plot.solo))

    def _threshold_moved(self, value: float, final: bool) -> None:
        self.notes.dragged = None if final else value
        if final:
            self.threshold_changed.emit(self.plot.state.level_at(value))
        self.notes.place()

    def _drag_cancelled(self) -> None:
        self.notes.dragged = None
        self.notes.place()

    def _tapped(self, x: float, y: float) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        for key, box in self.plot.marks.boxes("name ").items():
            if box.contains(x, y):
                column = int(key.removeprefix("name "))
                if column in self.plot.columns:
                    self.plot.set_solo(None if self.plot.solo == column else column)
                return
        frame = self.plot.lines_frame
        self._anchor_before = self._anchor
        if self.plot.in_grid:  # a click there only says which chart is meant
            return
        if frame.contains(x, y) and 0 <= round(frame.index(x)) <= (-1 if self._data is None else self._data.last):
            self.set_anchor(round(frame.index(x)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """← → minute (⇧ ten), Home End session, + − 0 zoom, Alt+↑ ↓ threshold, C, N, O, T, Esc."""
        self._ring.show()
        plot = self.plotted
        handled = self._session_key(event) if plot is None or plot is self.plot else plot.handle_key(event)
        if not handled:
            super().keyPressEvent(event)

    def _session_key(self, event: QKeyEvent) -> bool:
        keys, plot = Qt.Key, self.plot
        if plot.data is None or self.stack.currentWidget() is not plot:
            return False
        key = key_of(event)
        if event.modifiers() == Qt.KeyboardModifier.AltModifier:
            if key in (keys.Key_Up, keys.Key_Down):
                self._step_threshold(1 if key is keys.Key_Down else -1)
            return key in (keys.Key_Up, keys.Key_Down)
        actions: dict[int, Callable[[], object]] = {
            keys.Key_C: self._toggle_per_minute,
            keys.Key_N: self._next_solo,
            keys.Key_O: self.toggle_anchor,
            keys.Key_T: self._rule_at_crosshair,
        }
        if key is keys.Key_Escape:
            return self._escape()
        action = self._walking.find(event) or actions.get(key)
        if action is not None:
            action()
        return action is not None

    def _read_out(self, readout: Readout) -> None:
        announce(self, minute_words(readout))

    def _escape(self) -> bool:
        """Take back what is under way: a drag, then the minute that lines are counted from, then the crosshair.

        The crosshair comes last: it is wherever the mouse is.
        """
        dragged, has_crosshair = self.plot.hand.cancel(), self.pointer.index is not None
        if not dragged and self.set_anchor(None):
            return True
        self.pointer.leave()
        return dragged or has_crosshair

    def _toggle_per_minute(self) -> None:
        self.plot.set_per_minute(not self.plot.per_minute)
        self.per_minute_changed.emit(self.plot.per_minute)

    def toggle_anchor(self) -> None:
        """Count the lines from the crosshair's minute on; from the open again where there is none."""
        self.set_anchor(self.pointer.index)

    def _next_solo(self) -> None:
        """One line after the other alone, from net down, and then all of them."""
        data = self.plot.data
        lines = [None, *(each for each in reversed(self.plot.columns) if data is not None and each not in data.derived)]
        place = lines.index(self.plot.solo) + 1 if self.plot.solo in lines else 0
        self.plot.set_solo(lines[place % len(lines)])
        if self._row is not None and data is not None:
            self._describe(self._row, data)

    def _step_threshold(self, direction: int) -> None:
        value = self.plot.state.threshold
        if value is not None and not self._session:
            stepped = _whole(value * (1 + direction * _THRESHOLD_STEP))
            self.threshold_changed.emit(self.plot.state.level_at(stepped))

    def _rule_at_crosshair(self) -> None:
        data, index = self._data, self.pointer.index
        if data is None or index is None or self._session:  # a rule is set on what runs
            return
        net = float(data.values[NET, index])
        if net < 0:
            self.threshold_changed.emit(_whole(net))


def _hour(data: SessionData, index: int) -> str:
    return clock(data.day.label(index), ZoneInfo(data.day.zone))


def _whole(value: float) -> float:
    """An amount a rule can show without a tail: four significant digits."""
    return float(f"{value:.4g}")
