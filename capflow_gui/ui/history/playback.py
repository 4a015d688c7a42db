"""A recorded session played in the window: a player, a timer that moves it on, and the row the chart shows of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from capflow_gui.errors import CapflowError
from capflow_gui.feed.board import Row
from capflow_gui.playback.seen import Seen
from capflow_gui.present.recorded_words import (
    NO_MORE_ALERTS,
    NO_MORE_REVISIONS,
    NOTHING_TO_PLAY,
    PLAYED_TO_END,
    alert_told,
    session_time,
)
from capflow_gui.present.sentences import error_sentence
from capflow_gui.ui.history.recorded import recorded_row
from capflow_gui.ui.ports import RecordedDays, RecordedSession, Start

if TYPE_CHECKING:
    from capflow_gui.archive.model import DayKey  # after the first paint
    from capflow_gui.playback.player import PlayedEvent, Player  # loads the alert engine

SPEEDS = (1, 2, 5, 10, 30, 60, 120)
_TURN_MS = 100
# Where nothing comes for so many market seconds while the market is closed, playing goes on shortly before the next
# reply, or at the next opening. Trading time is played at the speed chosen, whether replies came or not.
_QUIET_S = 300.0
_BEFORE_S = 2.0


class Playback(QObject):
    """Plays one recorded session. `changed`: what is to be drawn differs; `told` is what happened last, in words."""

    changed = Signal()

    def __init__(self, days: RecordedDays | None, start: Start | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._days, self._start = days, start
        self._cancel: Callable[[], None] | None = None
        self._session: RecordedSession | None = None
        self._player: Player | None = None
        self._seen = Seen()
        self._received: list[float] = []
        self._place = SPEEDS.index(60)
        self.told = ""
        self._timer = QTimer(self)
        self._timer.setInterval(_TURN_MS)
        self._timer.timeout.connect(self._turn)
        self._elapsed = QElapsedTimer()

    # what there is

    @property
    def active(self) -> bool:
        """Whether a session is being played, or about to be."""
        return self._session is not None

    @property
    def ready(self) -> bool:
        """Whether there is a player yet."""
        return self._player is not None

    @property
    def running(self) -> bool:
        """Whether time goes on."""
        return self._timer.isActive()

    @property
    def speed(self) -> int:
        """Market seconds a second."""
        return SPEEDS[self._place]

    @property
    def now(self) -> float:
        """How far it has played, UTC epoch seconds."""
        return 0.0 if self._player is None else self._player.now

    @property
    def time_told(self) -> str:
        """The same on the exchange's clock; empty where nothing is played."""
        return "" if self._session is None else session_time(self.now, self._session.summary.day)

    @property
    def span(self) -> tuple[float, float]:
        """Market times of the start and the end."""
        return (0.0, 1.0) if self._player is None else (self._player.start, self._player.end)

    @property
    def session(self) -> RecordedSession | None:
        """What is played."""
        return self._session

    def row(self, live: Row) -> Row:
        """The row as it was at the played time."""
        session, player = self._session, self._player
        if session is None or player is None:
            return live
        key, place = session.summary.key, bisect_right(self._received, player.now) - 1
        turnover = session.states[place].turnover if place >= 0 else None
        level, own = player.rules.threshold(key.symbol)
        series = self._seen.series
        true_at = None if series is None else series.last_valid
        return replace(
            recorded_row(live, session),
            series=series,
            freshness=self._seen.freshness,
            age_s=None if true_at is None else max(0.0, player.now - true_at),
            threshold=level,
            threshold_own=own,
            alert=player.book.standing(key.symbol),
            turnover=None if turnover is None else turnover.amount,
        )

    # what the user does

    def open(self, session: RecordedSession, at: float | None = None) -> None:
        """Play a session from its start, or go to a time of it."""
        self.close()
        if not session.states:
            self.told = NOTHING_TO_PLAY
            self.changed.emit()
            return
        self._session = session
        self._received = [state.received for state in session.states]
        days, start = self._days, self._start
        if days is not None and start is not None:
            key = session.summary.key
            self._cancel = start(lambda: days.player(key), lambda made: self._opened(key, made, at), self._failed)
        self.changed.emit()

    def _opened(self, key: DayKey, made: Player | None, at: float | None) -> None:
        if self._session is None or self._session.summary.key != key:
            return
        self._cancel = None
        if made is None:
            self.close()
            self.told = NOTHING_TO_PLAY
            self.changed.emit()
            return
        self._player = made
        if at is not None:
            self._take(lambda player: player.seek(min(max(at, player.start), player.end)))
        self.resume()

    def _failed(self, error: Exception) -> None:
        self.close()
        self.told = error_sentence(error) if isinstance(error, CapflowError) else "Details are in the log."
        self.changed.emit()

    def close(self) -> None:
        """Leave it."""
        self._timer.stop()
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        self._session = self._player = None
        self._seen.forget()
        self.told = ""

    def resume(self) -> None:
        """Let time go on; from the start again, where it was over."""
        player = self._player
        if player is None:
            return
        if player.now >= player.end:
            self._take(lambda player: player.seek(player.start))
        self._elapsed.start()
        self._timer.start()
        self.changed.emit()

    def pause(self) -> None:
        """Let time stand."""
        self._timer.stop()
        self.changed.emit()

    def toggle(self) -> None:
        """Pause, or go on."""
        if self.running:
            self.pause()
        else:
            self.resume()

    def change_speed(self, steps: int) -> None:
        """Faster or slower by so many of SPEEDS."""
        self._place = min(max(self._place + steps, 0), len(SPEEDS) - 1)
        self.changed.emit()

    def seek(self, at: float) -> None:
        """Go to a market time of the recording."""
        self._take(lambda player: player.seek(min(max(at, player.start), player.end)))
        self.changed.emit()

    def step_minute(self) -> None:
        """Play one minute, and stand."""
        self._jump(lambda player: player.step_minute(), "")

    def next_alert(self) -> None:
        """Play until an alert is raised, and stand; stay where there is none."""
        self._jump(lambda player: player.play_to_alert(), NO_MORE_ALERTS)

    def next_revision(self) -> None:
        """Play until a confirmed line is revised, and stand; stay where there is none."""
        self._jump(lambda player: player.play_to_revision(), NO_MORE_REVISIONS)

    def _jump(self, play: Callable[[Player], Sequence[PlayedEvent]], none: str) -> None:
        player = self._player
        if player is None:
            return
        self._timer.stop()
        found = self._take(play)
        if none and not found:
            self.told = none
        self.changed.emit()

    def _turn(self) -> None:
        player = self._player
        if player is None:
            return
        until = player.now + self._elapsed.restart() / 1000 * self.speed
        until = min(max(until, self._closed_until(player)), player.end)
        self._take(lambda player: player.play_to(until))
        if player.now >= player.end:
            self._timer.stop()
        self.changed.emit()

    def _closed_until(self, player: Player) -> float:
        """To when nothing comes and the market is closed, UTC epoch seconds; the played time where neither is so."""
        now, following, session = player.now, player.next_at, self._session
        if session is None or following is None or following - now <= _QUIET_S:
            return now
        periods = session.summary.day.periods
        if any(begin <= now < end for begin, end in periods):
            return now
        return min([following - _BEFORE_S, *(begin for begin, _ in periods if begin > now)])

    def _take(self, play: Callable[[Player], Sequence[PlayedEvent]]) -> Sequence[PlayedEvent]:
        player, session = self._player, self._session
        if player is None or session is None:
            return ()
        before = player.now
        events = play(player)
        if player.now < before:  # played once more from the start
            self._seen.forget()
        self._seen.take(events)
        raised = self._seen.raised
        self.told = "" if raised is None else alert_told(raised, session.summary.day)
        if player.now >= player.end:
            self.told = PLAYED_TO_END
        return events
