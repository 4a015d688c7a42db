"""The flow chart as the window sees it: a row or a history in, threshold and readout out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QStackedLayout, QWidget

from capflow_gui.domain.flow import LARGE, NET, Flag, Period
from capflow_gui.domain.session import TradingDay
from capflow_gui.domain.typed.level import Share, level_condition
from capflow_gui.domain.typed.rule_entry import is_threshold_id
from capflow_gui.feed.board import Freshness, HistoryState, Row
from capflow_gui.present.numbers import compact
from capflow_gui.present.row_sentence import alert_source
from capflow_gui.present.sentences import error_sentence, rule_words
from capflow_gui.ui.chart.annotations import Annotations
from capflow_gui.ui.chart.geometry import first_breach
from capflow_gui.ui.chart.history import HistoryPlot
from capflow_gui.ui.chart.intraday import IntradayPlot, PlotState
from capflow_gui.ui.chart.labels import clock
from capflow_gui.ui.chart.look import NAMES, Look, build_look
from capflow_gui.ui.chart.pointer import Pointer
from capflow_gui.ui.chart.session_data import Beside, SessionData, beside, session_data
from capflow_gui.ui.history.recorded import OtherSession
from capflow_gui.ui.keyboard import key_of
from capflow_gui.ui.layouts import push_button, stacked, text_label
from capflow_gui.ui.models.figures import Look as FigureLook
from capflow_gui.ui.models.figures import figures_of
from capflow_gui.ui.rules.tried import TriedRule
from capflow_gui.ui.theme import Role, Theme
from capflow_gui.ui.words import source_label

_ZOOM_STEP = 0.7
_THRESHOLD_STEP = 0.01


class FlowChart(QWidget):
    """One symbol's flow, live or by day, week, month.

    threshold_changed(object)  the line was dropped at, or stepped to, this Level (negative)
    readout_changed(object)    a Readout to show outside the chart, where there is no room for it inside; or None
    """

    threshold_changed = Signal(object)
    readout_changed = Signal(object)
    day_chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)  # single keys are commands here
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 120)
        self._theme = theme
        self._looks = self._build_looks()
        self._row: Row | None = None
        self._link_ready, self._absence = True, ""
        self._market_now = 0.0
        self._other: OtherSession | None = None
        self._laid: tuple[object, Beside | None] = None, None
        self._session = ""
        self.tried = TriedRule()
        self._period = Period.INTRADAY
        self.plot = IntradayPlot(self._looks[True], self)
        self.notes = Annotations(self.plot)
        self.pointer = Pointer(self.plot, self.notes, self.readout_changed.emit)
        self._history: HistoryPlot | None = None
        self._message = _Message(theme, self)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self._message)
        self._stack.addWidget(self.plot)
        self._whole = push_button("Show all", self, "link")
        self._whole.setToolTip("The whole session (0, or a double click)")
        self._whole.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._whole.clicked.connect(self._show_all)
        self._whole.hide()
        self._ring = QFrame(self)
        self._ring.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._ring.hide()
        self.plot.placed.connect(self.notes.place)
        self.plot.placed.connect(self.pointer.refresh)
        self.plot.threshold_moved.connect(self._threshold_moved)
        self.plot.drag_cancelled.connect(self._drag_cancelled)
        self.plot.tapped.connect(self._tapped)
        self.plot.zoom_changed.connect(self._place_whole)
        self._stack.currentChanged.connect(self._place_whole)
        self.set_theme(theme)
        self._say("", "")

    @property
    def history(self) -> HistoryPlot:
        """The chart of periods, made when first asked for."""
        if self._history is None:
            self._history = HistoryPlot(self._looks[True], self)
            self._history.readout_changed.connect(self.readout_changed)
            self._history.day_chosen.connect(self.day_chosen)
            self._history.zoom_changed.connect(self._place_whole)
            self._stack.addWidget(self._history)
        return self._history

    def _build_looks(self) -> dict[bool, Look]:
        ratio = self.devicePixelRatioF()
        return {true: build_look(self._theme, true=true, ratio=ratio) for true in (True, False)}

    def event(self, event: QEvent) -> bool:
        """On a screen of another scale pens have another width."""
        if event.type() is QEvent.Type.DevicePixelRatioChange:
            self.set_theme(self._theme)
        return super().event(event)

    def _shown_plot(self) -> IntradayPlot | HistoryPlot | None:
        shown = self._stack.currentWidget()
        return shown if isinstance(shown, IntradayPlot | HistoryPlot) else None

    def _show_all(self) -> None:
        plot = self._shown_plot()
        if plot is not None:
            plot.show_all()

    def _place_whole(self, *_: object) -> None:
        """The way back from a zoom, at the top of the chart."""
        plot = self._shown_plot()
        self._whole.setVisible(plot is not None and plot.zoomed)
        self._whole.adjustSize()
        self._whole.move((self.width() - self._whole.width()) // 2, 2)
        self._whole.raise_()

    @property
    def plotted(self) -> QWidget | None:
        """The chart alone; None where a sentence stands in its place."""
        return self._shown_plot()

    def picture(self) -> QPixmap | None:
        """What `plotted` shows, without what offers to be dragged."""
        shown = self.plotted
        if shown is None:
            return None
        self.notes.still = True
        self.notes.place()
        taken = shown.grab()
        self.notes.still = False
        self.notes.place()
        return taken

    def set_theme(self, theme: Theme) -> None:
        """Change colours and fonts."""
        self._theme = theme
        self._looks = self._build_looks()
        self.notes.forget()
        self._message.set_theme(theme)
        self._ring.setStyleSheet(f"border: 2px solid {theme.accent.name()}; background: transparent;")
        self.plot.set_look(self._looks[self.plot.look.true])
        if self._history is not None:
            self._history.set_look(self._looks[True])

    def show_row(
        self,
        row: Row,
        market_now: float,
        *,
        link_ready: bool = True,
        absence: str = "",
        session: str = "",
        other: OtherSession | None = None,
    ) -> None:
        """Show a row's session; `market_now` in UTC epoch seconds, `link_ready` whether its source can be asked.

        `absence` is said where there are no figures, for the source cannot be asked.
        `session` says which one it is where it is not the running one, the net of `other` is drawn behind it.
        """
        self._row, self._link_ready, self._session, self._other = row, link_ready, session, other
        self._absence = absence
        self._market_now = market_now
        if self._period is not Period.INTRADAY:
            return
        if row.series is None or row.day is None or not len(row.series):
            self._show_absence(row)
            return
        if row.series.flags & Flag.PER_MINUTE:
            self._say("Not drawn as a running total", "These lines behave like amounts of single minutes.")
            return
        data = session_data(row.series, row.day, row.class_flow)
        if data.last < 0:
            self._say("No line of this session yet", "")
            return
        true = figures_of(row, link_ready=link_ready).look is FigureLook.TRUE
        look = self._looks[true]
        if look is not self.plot.look:
            self.plot.set_look(look)
        self._stack.setCurrentWidget(self.plot)
        self.plot.show_session(data, self._state(row, data), self._beside(data.day))
        self._describe(row, data)

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
            self._say("Waiting for the first answer", "")

    def show_history(self, state: HistoryState, period: Period, recorded: Sequence[int] = ()) -> None:
        """Show DAY, WEEK or MONTH lines, or why there are none; `recorded` are the places of the archive's own."""
        self.show_period(period)
        if state.series is None or not len(state.series):
            if state.error is not None:
                self._say("No history", str(error_sentence(state.error)))
            elif state.loading:
                self._say("Waiting for the first answer", "")
            elif self._row is not None and period not in self._row.periods:
                source = source_label(self._row.source)
                self._say("No history", f"{source} gives the running session alone. Connect OpenD for days and longer.")
            else:
                self._say("The source has no lines for this period", "")
            return
        row = self._row
        currency = row.money if row is not None else ""
        zone = row.day.zone if row is not None and row.day is not None else None
        lender = state.series.source if row is not None and row.source != state.series.source else ""
        note = f"from {source_label(lender)}" if lender else ""
        self.history.show_series(
            state.series, currency, zone, running=self._running_day(), note=note, recorded=recorded
        )
        self._stack.setCurrentWidget(self.history)
        told = f"Net inflow per {period.value}, {len(state.series)} periods"
        self.setAccessibleDescription(", ".join(filter(None, (told, note))))

    def _running_day(self) -> date | None:
        row = self._row
        if row is None or row.day is None or row.freshness in (Freshness.CLOSED, Freshness.PREVIOUS_SESSION):
            return None
        return row.day.day

    def _state(self, row: Row, data: SessionData) -> PlotState:
        tried = None if self._session else self.tried.state(row, data)
        if tried is not None:
            return tried
        threshold = row.level
        alert = row.alert
        fired: int | None = None
        if alert is not None and not alert.cannot_judge and alert.session == data.day.day.isoformat():
            fired = round(data.day.index(alert.line_time))
            if row.threshold is None and alert.rule.startswith("net <="):  # another rule's level is no amount of net
                threshold = alert.threshold
        of_threshold = alert is None or not alert.rule_id or is_threshold_id(alert.rule_id)
        reached = fired if of_threshold else None
        # What failed its checks reaches nothing, and a share had another level at every minute before.
        if reached is None and threshold is not None and not (row.flagged or isinstance(row.threshold, Share)):
            reached = first_breach(data.values[NET], threshold)
        hour = "" if reached is None else _hour(data, reached)
        elsewhere = alert_source(row) if fired is not None else None
        return PlotState(
            key=(row.symbol, row.source, data.day.day),
            currency=row.money,
            threshold=threshold,
            share=row.threshold if isinstance(row.threshold, Share) else None,
            fired=() if fired is None else (fired,),
            reached=hour,
            fired_at="" if elsewhere is None else source_label(elsewhere),
            session=self._session,
        )

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
            self._say("Waiting for the first answer", "")

    def _say(self, title: str, text: str) -> None:
        self.pointer.leave()
        self._message.say(title, text)
        self._stack.setCurrentWidget(self._message)
        self.setAccessibleDescription(" · ".join(filter(None, (title, text))))

    def _describe(self, row: Row, data: SessionData) -> None:
        self.setAccessibleName(f"Flow chart of {row.symbol}")
        net = data.values[NET, data.last]
        text = f"Net inflow since the open {compact(float(net))} {row.money} at {_hour(data, data.last)}"
        if row.threshold is not None:
            share = f"{rule_words(level_condition(row.threshold))}, now " if isinstance(row.threshold, Share) else ""
            text += f"; threshold {share}{compact(row.level)}"
        if data.derived:
            text += f"; large, medium and small derived from snapshots, newest {_hour(data, data.newest(LARGE))}"
        if self._other is not None:
            text += f"; beside it {self._other.name}"
        if self._session:
            text = f"{self._session}. {text}"
        if self.plot.solo is not None:
            text = f"{NAMES[self.plot.solo]} alone. {text}"
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

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
                self.plot.set_solo(None if self.plot.solo == column else column)
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """← → minute (⇧ ten), Home End session, + − 0 zoom, Alt+↑ ↓ threshold, C, N, T, Esc."""
        self._ring.show()
        if self._stack.currentWidget() is self._history and self._history is not None:
            handled = self._history.handle_key(event)
        else:
            handled = self._session_key(event)
        if not handled:
            super().keyPressEvent(event)

    def _session_key(self, event: QKeyEvent) -> bool:
        keys, pointer, plot = Qt.Key, self.pointer, self.plot
        if plot.data is None or self._stack.currentWidget() is not plot:
            return False
        key = key_of(event)
        if event.modifiers() == Qt.KeyboardModifier.AltModifier:
            if key in (keys.Key_Up, keys.Key_Down):
                self._step_threshold(1 if key is keys.Key_Down else -1)
            return key in (keys.Key_Up, keys.Key_Down)
        ten = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        last = plot.data.last
        actions: dict[int, Callable[[], object]] = {
            keys.Key_Left: lambda: pointer.step(-ten),
            keys.Key_Right: lambda: pointer.step(ten),
            keys.Key_Home: lambda: pointer.stand(0),
            keys.Key_End: lambda: pointer.stand(last),
            keys.Key_Plus: lambda: plot.zoom(_ZOOM_STEP, pointer.index),
            keys.Key_Equal: lambda: plot.zoom(_ZOOM_STEP, pointer.index),
            keys.Key_Minus: lambda: plot.zoom(1 / _ZOOM_STEP, pointer.index),
            keys.Key_0: plot.show_all,
            keys.Key_C: lambda: plot.set_per_minute(not plot.per_minute),
            keys.Key_N: self._next_solo,
            keys.Key_T: self._rule_at_crosshair,
        }
        if key is keys.Key_Escape:
            if not plot.cancel_drag() and pointer.index is None:
                return False
            pointer.leave()
            return True
        action = actions.get(key)
        if action is None:
            return False
        action()
        return True

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
        data, index = self.plot.data, self.pointer.index
        if data is None or index is None or self._session:  # a rule is set on what runs
            return
        net = float(data.values[NET, index])
        if net < 0:
            self.threshold_changed.emit(_whole(net))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click gives the chart the keyboard."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus ring to who came by keyboard."""
        super().focusInEvent(event)
        self._ring.setVisible(event.reason() is not Qt.FocusReason.MouseFocusReason)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the focus ring away."""
        super().focusOutEvent(event)
        self._ring.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the focus ring around the chart."""
        super().resizeEvent(event)
        self._ring.setGeometry(self.rect())
        self._ring.raise_()
        self._place_whole()


class _Message(QWidget):
    """A sentence where figures would be."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._title, self._text = text_label("", self, wrap=True), text_label("", self, wrap=True)
        for each in (self._title, self._text):
            each.setAlignment(Qt.AlignmentFlag.AlignCenter)
        stacked(None, self._title, self._text, None, of=self)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        self._title.setFont(theme.font(Role.CELL))
        self._text.setFont(theme.font(Role.SENTENCE))
        self._title.setStyleSheet(f"color: {theme.text.name()};")
        self._text.setStyleSheet(f"color: {theme.dim.name()};")

    def say(self, title: str, text: str) -> None:
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))


def _hour(data: SessionData, index: int) -> str:
    return clock(data.day.label(index), ZoneInfo(data.day.zone))


def _whole(value: float) -> float:
    """An amount a rule can show without a tail: four significant digits."""
    return float(f"{value:.4g}")
