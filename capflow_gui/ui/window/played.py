"""The window while a recorded session is played: its list, chart and alerts are the played ones, and marked."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QSplitter

from capflow_gui.playback.board import ShownBoard
from capflow_gui.present.language.texts import _
from capflow_gui.present.numbers import full_day
from capflow_gui.present.recorded_words import NO_ALERT_PLAYED, NOT_WHILE_PLAYING, PLAYBACK, played_facts
from capflow_gui.present.tape.words import NO_EVENT, NO_EVENT_PLAYED
from capflow_gui.ui.alerts.table import NO_ALERT
from capflow_gui.ui.history.playback import Playback
from capflow_gui.ui.late import Late
from capflow_gui.ui.ports import RecordedSession
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.watchlist.panel import WatchlistPanel
from capflow_gui.ui.window.chart_slot import ChartSlot
from capflow_gui.ui.window.detail_tabs import DetailTabs

if TYPE_CHECKING:
    from capflow_gui.ui.history.banner import DayBanner


class PlayedParts(QObject):
    """Shows the played board in a window's parts, with a frame around them and a word over the list.

    What is live goes on: the sources, the quota, and in the toolbar the alerts.

    followed  the parts show what has been played; True while there is something
    """

    followed = Signal(bool)

    def __init__(
        self, playback: Playback, shown: ShownBoard, parts: tuple[WatchlistPanel, ChartSlot, DetailTabs]
    ) -> None:
        self._watchlist, self._chart, self._detail = parts
        super().__init__(self._watchlist)
        self._playback, self._shown = playback, shown
        self._was_ready, self._records = False, 0
        self._splitter: QSplitter | None = None
        self.theme = self._chart.theme
        self.banner, self.frame = Late(self._make_banner), Late(self._make_frame)
        playback.changed.connect(self._follow)

    def frame_around(self, splitter: QSplitter) -> None:
        """Lay the frame around the list, the chart and the alerts."""
        self._splitter = splitter

    def _make_banner(self) -> DayBanner:
        from capflow_gui.ui.history.banner import DayBanner  # noqa: PLC0415 - when first shown

        banner = DayBanner(self.theme, self._watchlist)
        banner.left.connect(lambda: self._chart.show_date(None))
        layout = self._watchlist.layout()
        assert isinstance(layout, QBoxLayout)  # noqa: S101
        layout.insertWidget(0, banner)
        return banner

    def _make_frame(self) -> QFrame:
        splitter = self._splitter
        frame = QFrame(None if splitter is None else splitter.parentWidget())
        frame.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        frame.setStyleSheet(self._border())
        if splitter is not None:
            frame.setGeometry(splitter.geometry())
            splitter.installEventFilter(self)
        return frame

    def _border(self) -> str:
        return f"border: {self.theme.px(3)}px solid {self.theme.text.name()};"

    def set_theme(self, theme: Theme) -> None:
        """Colours and fonts."""
        self.theme = theme
        if self.banner.made is not None:
            self.banner.made.set_theme(theme)
        if self.frame.made is not None:
            self.frame.made.setStyleSheet(self._border())

    def play(self, session: RecordedSession, at: float) -> None:
        """Show a recorded session played up to a market time, UTC epoch seconds."""
        key = session.summary.key
        self._watchlist.show_symbol(key.symbol)
        self._chart.show_date(key.session)
        self._playback.open(session, at)

    def live_only(self, act: Callable[..., object]) -> Callable[..., None]:
        """What changes the live list or its alerts: refused, and said, while other ones are shown."""

        @wraps(act)
        def acted(*arguments: Any) -> None:
            if self._playback.active:
                self._watchlist.notice.say(_(NOT_WHILE_PLAYING))
            else:
                act(*arguments)

        return acted

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The frame goes with what it is around."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move) and isinstance(watched, QSplitter):
            self.frame().setGeometry(watched.geometry())
        return super().eventFilter(watched, event)

    def _follow(self) -> None:
        playback, board = self._playback, self._shown.played
        if self._was_ready != playback.ready:
            self._was_ready, self._records = playback.ready, -1
            self._watchlist.reload()
            live, played = (_(NO_ALERT), _(NO_EVENT)), (_(NO_ALERT_PLAYED), _(NO_EVENT_PLAYED))
            self._detail.say_where_empty(*(live if board is None else played))
            self._detail.reload()
            self._detail.reload_tape()
            self._chart.show_symbol(self._watchlist.table.current_symbol())
        elif board is not None and (changed := board.changes()):
            self._watchlist.refresh(changed, soon=playback.running)
            self._detail.reload_tape()
        if board is not None and self._records != (count := board.player.book.change_count):
            self._records = count
            self._detail.reload()
        self.frame.show(board is not None)
        self.banner.show(board is not None)
        if board is not None and playback.session is not None:
            self.frame().raise_()
            day = playback.session.summary.key.session
            facts = played_facts(len(board.symbols), playback.time_told, playback.left_out)
            self.banner().say(_(PLAYBACK), full_day(day), facts)
        self.followed.emit(board is not None)
