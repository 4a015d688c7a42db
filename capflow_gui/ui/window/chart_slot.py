"""The chart's place in the window: pyqtgraph is imported behind the first paint, then the chart is built."""

from __future__ import annotations

import importlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPixmap
from PySide6.QtWidgets import QWidget

from capflow_gui.domain.flow import Period
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.domain.symbol import Symbol
from capflow_gui.feed.board import BoardView, Row
from capflow_gui.playback.board import ShownBoard
from capflow_gui.present.language.texts import _
from capflow_gui.present.numbers import full_day, long_day
from capflow_gui.present.recorded_words import (
    BARS_NOT_PLAYED,
    NEWEST_IS_SHOWN,
    NEWEST_NOT_PLAYED,
    NOTHING_TO_PLAY,
    PLAYBACK,
    RECORDED,
    UNDERNEATH,
    WAITING,
    played_sentence,
    recorded_sentence,
    session_facts,
)
from capflow_gui.present.row_sentence import row_message, row_sentence
from capflow_gui.present.sentences import Sentence
from capflow_gui.ui.chart_import import MODULE, ChartImport
from capflow_gui.ui.flow_views.views import FlowViews
from capflow_gui.ui.history.period_bars import period_bars
from capflow_gui.ui.history.playback import Playback, played_words
from capflow_gui.ui.history.recorded import RecordedView, recorded_row, session_title
from capflow_gui.ui.late import Late
from capflow_gui.ui.layouts import NO_MARGINS, stacked
from capflow_gui.ui.ports import RecordedSession
from capflow_gui.ui.rules.tried import TriedRule
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.chart_head import HEIGHT, LOW_HEIGHT, ChartHead
from capflow_gui.ui.words import NO_SYMBOL

if TYPE_CHECKING:
    from capflow_gui.ui.chart.chart import FlowChart
    from capflow_gui.ui.history.banner import DayBanner
    from capflow_gui.ui.history.exports import Shown
    from capflow_gui.ui.history.playback_bar import PlaybackBar
    from capflow_gui.ui.history.strip import CalendarStrip

# Below this the strip is there only when it is asked for.
_LEAST_HEIGHT_WITH_STRIP = 380
_LEAST_WIDTH, _LEAST_HEIGHT = 320, 230
_LEAST_WIDTH_WITH_IN_OUT, _LEAST_HEIGHT_WITH_IN_OUT = 480, 440
# A chart that is lower takes the head's height under a banner.
_LEAST_CHART = 240


class ChartSlot(QWidget):
    """Head and chart of one symbol; until `built` only room for a chart. `said` tells why something cannot be done."""

    threshold_changed = Signal(object)
    period_chosen = Signal(object)
    action_clicked = Signal(object)
    built = Signal()
    said = Signal(str)

    def __init__(
        self,
        board: BoardView,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        recorded: RecordedView | None = None,
        playback: Playback | None = None,
    ) -> None:
        super().__init__(parent)
        self.tried = TriedRule()
        self.recorded = recorded or RecordedView(None, None, self)
        self.recorded.changed.connect(self._show)
        self.playback = playback or Playback(None, None, ShownBoard(board), self)
        self.playback.changed.connect(self._show)
        self._board = board
        self.theme = theme
        self.views = FlowViews(board, theme, self.recorded, self.playback, self)
        self.views.changed.connect(self._show)
        self._symbol: Symbol | None = None
        self.period = Period.INTRADAY
        self.head = ChartHead(theme, self)
        self.banner = Late(self._make_banner)
        self.strip = Late(self._make_strip)
        self._strip_wanted: bool | None = None
        self.controls = Late(self._make_controls)
        self.chart: FlowChart | None = None
        self._import = ChartImport(self)
        self._import.finished.connect(self._build)
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("Flow chart"))
        self._above, self._below = stacked(spacing=0), stacked(spacing=0)
        self._rows = stacked(self._above, self.head, of=self, margins=NO_MARGINS, spacing=0, choose=self._show_around)
        self._rows.addStretch(0)
        self._rows.addLayout(self._below)
        self.head.period_changed.connect(self.period_chosen)
        self.head.action.connect(lambda _label: self.action_clicked.emit(self._symbol))
        self.set_theme(theme)

    def _make_banner(self) -> DayBanner:
        from capflow_gui.ui.history.banner import DayBanner  # noqa: PLC0415 - when first shown

        banner = DayBanner(self.theme, self)
        banner.left.connect(lambda: self.show_date(None))
        banner.played.connect(self.play_or_pause)
        banner.compare_ended.connect(lambda: self.recorded.compare(None))
        self._above.addWidget(banner)
        return banner

    def _make_strip(self) -> CalendarStrip:
        from capflow_gui.ui.history.strip import CalendarStrip  # noqa: PLC0415 - when first shown

        strip = CalendarStrip(self.recorded, self.theme, self)
        strip.show_chosen.connect(self.show_date)
        strip.compare_chosen.connect(self.recorded.compare)
        self._below.addWidget(strip)
        return strip

    def _make_controls(self) -> PlaybackBar:
        from capflow_gui.ui.history.playback_bar import PlaybackBar  # noqa: PLC0415 - when first shown

        controls = PlaybackBar(self.playback, self.theme, self)
        self._below.insertWidget(0, controls)
        return controls

    def build_soon(self) -> None:
        """Begin to import; once only."""
        self._import.start()

    def _build(self) -> None:
        module = importlib.import_module(MODULE)
        self.chart = module.FlowChart(self.theme, self)
        self.chart.tried = self.tried
        self.chart.threshold_changed.connect(self.threshold_changed)
        self.chart.readout_changed.connect(self.head.show_readout)
        self.chart.since_changed.connect(self.head.show_since)
        self.chart.day_chosen.connect(self.show_date)
        self._rows.insertWidget(self._rows.count() - 1, self.chart, 1)
        self.setFocusProxy(self.chart)
        self.chart.show_period(self.period)
        self.views.attach(self.chart)
        self._show()
        self.built.emit()

    def rest(self) -> None:
        """Nobody waits for the chart any more."""
        self._import.stop()
        self.recorded.rest()
        self.playback.close()

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self.theme = theme
        for part in (self.head, self.chart, self.banner.made, self.strip.made, self.controls.made, self.views):
            if part is not None:
                part.set_theme(theme)
        self.setMinimumSize(max(theme.px(_LEAST_WIDTH), self.head.least_width()), theme.px(_LEAST_HEIGHT))

    @property
    def symbol(self) -> Symbol | None:
        """What it shows, while that is on the list."""
        return self._symbol if self._symbol in self._board.symbols else None

    def show_symbol(self, symbol: Symbol | None) -> None:
        """Show a symbol, or show it again with what is new."""
        self._symbol = self.playback.symbol = symbol
        self.recorded.set_symbol(symbol)
        self._show()

    def set_period(self, period: Period) -> None:
        """Intraday, or bars of days, weeks, months."""
        self.period = period
        self.head.set_period(period)
        if self.chart is not None:
            self.chart.show_period(period)
        self._show()

    def flows_changed(self, symbols: Collection[Symbol]) -> None:
        """Replies came in."""
        if self._symbol in symbols or not self.views.compared_symbols.isdisjoint(symbols):
            self._show()

    def histories_changed(self, pairs: frozenset[tuple[Symbol, Period]]) -> None:
        """Bars came in."""
        if self._symbol is not None and (self._symbol, self.period) in pairs:
            self._show()

    def tick(self) -> None:
        """A second passed."""
        self.recorded.tick(self._board.monotonic_now())
        symbol = self.symbol
        if symbol is None:
            return
        row = self._board.row(symbol)
        if self._shown_date is None and not self.playback.active:
            self._show_head(row)
        now = self._board.market_now(row.source)
        if self.strip.is_shown and self.strip().today != self._board.calendar.session_date(symbol.market, now):
            self._show_strip()
        if self.views.in_out.is_shown:
            self._show_in_out()
        if self.chart is not None:
            self.chart.tick(now)

    @property
    def _shown_date(self) -> date | None:
        """The recorded session that is to be shown; None while it is the live one, or bars of days."""
        return self.recorded.date if self.period is Period.INTRADAY else None

    def _show_head(self, row: Row, said: Sentence | None = None) -> LinkState | None:
        link = next((link for link in self._board.links if link.source == row.source), None)
        if self.recorded.dates():
            row = replace(row, periods=frozenset(Period))
        now, mono = self._board.market_now(row.source), self._board.monotonic_now()
        said = said or played_words(self._board, row)
        self.head.show_row(row, link if said is None else None, now, mono, said)
        return link

    def _show(self) -> None:
        symbol = self._symbol
        shown = symbol is not None and symbol in self._board.symbols
        self.head.setVisible(shown)
        if self.chart is not None:
            self.chart.setVisible(shown)
        playing = shown and self.playback.active
        self.banner.show(playing or (shown and self._shown_date is not None))
        self.controls.show(playing)
        self._show_around()
        if symbol is None or not shown:
            return
        row = self._board.row(symbol)
        if playing:
            self._show_played(row)
            return
        if self._shown_date is not None:
            self._show_recorded(row, self._shown_date)
            return
        now = self._board.market_now(row.source)
        link = self._show_head(row)
        if self.chart is None:
            return
        ready, other = link is not None and link.phase is LinkPhase.READY, self.recorded.behind(row.day, row.source)
        absence = str(row_message(row, link, self._board.monotonic_now()) or "")
        if self.period is Period.INTRADAY and (rows := self.views.compared(row)):
            self.chart.show_compared(rows)
            return
        marked = self.views.marked(row)
        self.chart.show_row(self.views.live(row), now, link_ready=ready, absence=absence, other=other, marked=marked)
        if self.period is not Period.INTRADAY:
            self._show_bars(self.chart, row)

    def _show_bars(self, chart: FlowChart, row: Row) -> None:
        state, recorded = period_bars(self._board, self.recorded.totals(), row, self.period)
        chart.show_history(state, self.period, recorded)

    def _show_around(self) -> None:
        """The strip, the money in and out, and how high what is over and under the chart is."""
        self._show_strip()
        self._show_in_out()
        self._share_height()

    def _show_in_out(self) -> None:
        """The money in and out of the running session, where it is wanted and there is room for it."""
        symbol, px = self._symbol, self.theme.px
        room = self.width() >= px(_LEAST_WIDTH_WITH_IN_OUT) and self.height() >= px(_LEAST_HEIGHT_WITH_IN_OUT)
        past = self._shown_date is not None or self.playback.active
        self.views.show_in_out(symbol if room and self.period is Period.INTRADAY else None, self._below, past=past)

    def _share_height(self) -> None:
        """Under a banner, and over the controls of playback, the head takes one line where the chart would be low."""
        banner = self.banner.is_shown
        extra = self.banner().height() if banner else 0
        extra += sum(each().sizeHint().height() for each in (self.controls, self.views.in_out) if each.is_shown)
        strip = self.strip().height() if self.strip.is_shown else 0
        left = self.height() - extra - strip - self.theme.px(HEIGHT)
        self.head.set_low(banner and left < self.theme.px(_LEAST_CHART))
        spared = self.theme.px(HEIGHT) - self.theme.px(LOW_HEIGHT) if banner else 0
        self.setMinimumHeight(self.theme.px(_LEAST_HEIGHT) + extra + strip - spared)

    def _show_recorded(self, row: Row, day: date) -> None:
        """A session of the archive in place of the live one, and never the live one's figures beside its date."""
        found = self.recorded.session(day, row.source)
        compared = self.recorded.other
        beside = "" if compared is None else _("compared with {day}").format(day=long_day(compared))
        if found is None:
            missing = self.recorded.missing(row.symbol, day)
            self.banner().say(_(RECORDED), full_day(day), beside, compared=compared is not None)
            self._show_head(replace(row, series=None, quote=None, error=None), Sentence(_("No figures"), ""))
            if self.chart is not None:
                self.chart.say(missing)
            return
        facts = " · ".join(filter(None, (self.playback.told, beside, session_facts(found.summary))))
        playable = found.summary.journal
        self.banner().say(_(RECORDED), full_day(day), facts, compared=compared is not None, playable=playable)
        then = recorded_row(row, found)
        self._show_head(then, recorded_sentence(found.summary))
        if self.chart is not None:
            behind = self.recorded.behind(found.summary.day, row.source)
            at, title = found.summary.last_received, session_title(day)
            self.chart.show_row(then, at, session=title, other=behind, marked=self.views.marked(then, found))
            if (line := self.recorded.take_line()) is not None:
                self.chart.point_at(line)

    def _show_played(self, row: Row) -> None:
        """A recorded session as far as it has been played, as it was then."""
        playback, session = self.playback, self.playback.session
        if session is None:
            return
        day, now, bars = session.summary.day, playback.now, self.period is not Period.INTRADAY
        self.banner().say(_(PLAYBACK), full_day(day.day), _(BARS_NOT_PLAYED) if bars else _(UNDERNEATH))
        self.controls().refresh()
        if not playback.ready:
            row = replace(row, series=None, quote=None, error=None)
        self._show_head(row, played_sentence(now, day, row_sentence(row, None, now, now, day.zone)))
        if self.chart is None:
            return
        if bars:
            live = playback.live_row(row)
            self.chart.show_row(live, now)
            self._show_bars(self.chart, live)
        elif playback.ready:
            title = _("{session}, playback").format(session=session_title(day.day))
            behind = self.recorded.behind(day, row.source)
            marked = self.views.marked(row)
            self.chart.show_row(self.views.played(row), now, session=title, other=behind, marked=marked)
        else:
            self.chart.say(_(WAITING))

    def play_or_pause(self) -> None:
        """Play the recorded session that is shown; pause and go on while it plays."""
        if self.playback.active:
            self.playback.toggle()
            return
        found, obstacle = self.shown_session(), self.no_playing()
        if obstacle:
            self.said.emit(obstacle)
        if found is None or self.recorded.date is None:
            return
        if self.period is not Period.INTRADAY:
            self.period_chosen.emit(Period.INTRADAY)
        if self.recorded.other is not None:
            self.recorded.compare(None)
        self.playback.open(found)

    def no_playing(self) -> str:
        """Why the session shown cannot be played; empty where it can, or is being played."""
        symbol, day = self._symbol, self.recorded.date
        if self.playback.active:
            return ""
        if symbol is None or day is None:
            return _(NEWEST_NOT_PLAYED)
        found = self.shown_session()
        if found is None:
            return self.recorded.missing(symbol, day)
        return "" if found.states else _(NOTHING_TO_PLAY)

    def no_before(self) -> str:
        """Why there is no session before the one shown; empty where there is one."""
        symbol, day = self.symbol, self.recorded.date
        if symbol is None:
            return _(NO_SYMBOL)
        live = self._board.row(symbol).day
        day = day or (None if live is None else live.day)
        if self.recorded.has_before(day):
            return ""
        return self.recorded.none_before(symbol)

    def toggle_ghost(self) -> None:
        """Draw the session before behind the one shown, or not any more."""
        if obstacle := self.no_before():
            self.said.emit(obstacle)
        else:
            self.recorded.set_ghost(not self.recorded.ghost)

    def _show_strip(self, *, hidden: bool = False) -> None:
        """Show the calendar strip where it is wanted; `hidden`: bring it up to date where it is not, too."""
        symbol = self._symbol
        room = self.height() >= self.theme.px(_LEAST_HEIGHT_WITH_STRIP)
        wanted = self._strip_wanted if self._strip_wanted is not None else room and not self.playback.active
        something = bool(self.recorded.dates() or self.recorded.fault)
        known = symbol is not None and symbol in self._board.symbols and something
        self.strip.show(known and wanted)
        if symbol is None or self.strip.made is None or not known or not (wanted or hidden):
            return
        row = self._board.row(symbol)
        now, calendar = self._board.market_now(row.source), self._board.calendar
        live = row.day if row.day is not None else calendar.now(symbol.market, now).last_day
        today = calendar.session_date(symbol.market, now)
        self.strip.made.show_days(calendar, symbol.market, live.day, today, row.source)

    def shown(self) -> Shown | None:
        """The lines the chart shows; None where it shows none."""
        from capflow_gui.ui.history.exports import shown_lines  # noqa: PLC0415 - when first taken out

        return shown_lines(self._board, self.recorded, self.playback, self._symbol, self.period)

    def state(self) -> dict[str, object]:
        """What is looked at and how, as plain values."""
        symbol = {} if self._symbol is None else {"symbol": str(self._symbol)}
        return {"kind": "chart", **symbol, "period": self.period.value, **self.views.choices.state()}

    def restore(self, state: Mapping[str, object]) -> None:
        """Bring back how it was looked at; the symbol is the window's to choose. What is odd is left as it is."""
        self.views.restore(state)
        kept = next((each for each in Period if each.value == state.get("period")), self.period)
        if kept is not self.period:
            self.period_chosen.emit(kept)

    def pictured(self) -> tuple[QWidget, QPixmap] | None:
        """The head, and a picture of the chart; None while there is no chart."""
        plot = None if self.chart is None else self.chart.picture()
        return None if plot is None else (self.head, plot)

    def shown_session(self) -> RecordedSession | None:
        """What is recorded of the session the chart shows; None while it is on its way, or where nothing is."""
        symbol = self.symbol
        if symbol is None:
            return None
        row = self._board.row(symbol)
        live = None if row.day is None else row.day.day
        return self.recorded.session(live if self.recorded.date is None else self.recorded.date, row.source)

    def step(self, sessions: int) -> None:
        """The recorded session before (negative) or after the one shown; the live one is the last."""
        symbol = self.symbol
        obstacle = self.no_before() if sessions < 0 else _(NEWEST_IS_SHOWN) if self.recorded.date is None else ""
        if symbol is None or obstacle:
            self.said.emit(obstacle or _(NO_SYMBOL))
            return
        self.playback.close()
        live = self._board.row(symbol).day
        self.show_date(self.recorded.stepped(sessions, None if live is None else live.day))

    def show_date(self, day: date | None, line: int | None = None) -> None:
        """Show a recorded session's minutes, or (None) live; point at the line of a label once it is there."""
        if self.period is not Period.INTRADAY:
            self.period_chosen.emit(Period.INTRADAY)
        self.playback.close()
        self.recorded.show_date(day, line)
        self._show()

    def open_calendar(self) -> None:
        """Open the calendar of the recorded sessions over the strip, or at the foot where that is hidden."""
        if not self._says_nothing_recorded():
            strip = self.strip()
            self._show_strip(hidden=True)
            strip.open_calendar(self.mapToGlobal(QPoint(0, self.height())))

    def _says_nothing_recorded(self) -> bool:
        symbol = self.symbol
        if symbol is not None and self.recorded.dates():
            return False
        self.said.emit(_(NO_SYMBOL) if symbol is None else self.recorded.nothing(symbol))
        return True

    def toggle_strip(self) -> None:
        """Show the calendar strip and give it the keyboard; or hide it, where it has it."""
        if self._says_nothing_recorded():
            return
        self._strip_wanted = not self.strip().isAncestorOf(self.focusWidget() or self)
        self._show_around()
        if self.strip.is_shown:
            self.strip().focus_day()
        else:
            self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The chart takes the keyboard as soon as it is there."""
        super().focusInEvent(event)
        if self.chart is not None:
            self.chart.setFocus(event.reason())
