"""A recorded session played in the window: loading it, and a timer that moves a player on in short turns."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from capflow_gui.errors import CapflowError
from capflow_gui.playback.board import PlayedBoard, ShownBoard
from capflow_gui.present.language.texts import _
from capflow_gui.present.recorded_words import (
    NO_MORE_ALERTS,
    NO_MORE_REVISIONS,
    NOTHING_TO_PLAY,
    ON_THE_WAY,
    PLAYED_TO_END,
    alert_told,
    loading,
    played_sentence,
    session_time,
)
from capflow_gui.present.row_sentence import row_sentence
from capflow_gui.present.sentences import Sentence, error_sentence
from capflow_gui.ui.ports import RecordedDays, RecordedSession, Start

if TYPE_CHECKING:
    from capflow_gui.archive.model import DayKey  # after the first paint
    from capflow_gui.domain.symbol import Symbol
    from capflow_gui.feed.board import BoardView, Row
    from capflow_gui.playback.player import PlayedEvent, Player  # loads the alert engine
    from capflow_gui.playback.recording import Recording

SPEEDS = (1, 2, 5, 10, 30, 60, 120)
_TURN_MS = 100
# The player is stopped after so long; what is left goes on in the next turn of the loop. To take what was played, and
# to paint what was shown before, takes as long again.
_SLICE_S = 0.003
_LOADED_AT_ONCE = 4
# Where nothing comes for so many market seconds while the market is closed, playing goes on shortly before the next
# reply, or at the next opening. Trading time is played at the speed chosen, whether replies came or not.
_QUIET_S = 300.0
_BEFORE_S = 2.0
# While time goes on, a way of more market seconds than this was asked for, and it is said that it takes a while.
_FAR_S = 600.0

# Whether to stop after what happened in a step, and the symbol whose confirmed lines it revised.
_Found = Callable[["list[PlayedEvent]", str], bool]


def played_words(board: BoardView, row: Row) -> Sentence | None:
    """What the head of a chart says of a row of a playback: how it was then; None of a row of the live board."""
    if not isinstance(board, ShownBoard) or board.played is None or row.day is None:
        return None
    now = board.market_now(row.source)
    return played_sentence(now, row.day, row_sentence(row, None, now, now, row.day.zone))


class Playback(QObject):
    """Plays a recorded session of all its symbols: while there is a player, `shown` answers with its board.

    changed  what is to be drawn differs
    told     what happened last, in words
    symbol   the one in the chart, whose revisions are looked for
    slice_s  seconds the player may take at a time
    """

    changed = Signal()

    def __init__(
        self, days: RecordedDays | None, start: Start | None, shown: ShownBoard, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._days, self._start, self._shown = days, start, shown
        self._cancel: Callable[[], None] | None = None
        self._session: RecordedSession | None = None
        self._player: Player | None = None
        self._place = SPEEDS.index(60)
        self.slice_s = _SLICE_S
        self.told = ""
        self.left_out: list[Symbol] = []  # whose recordings are damaged
        self.symbol: Symbol | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_TURN_MS)
        self._timer.timeout.connect(self._turn)
        self._elapsed = QElapsedTimer()
        self._rest = QTimer(self)  # of a way that takes more than one turn
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._go_on)
        self._shows = QTimer(self)  # while time goes on, what was played is shown in a turn of its own
        self._shows.setSingleShot(True)
        self._shows.timeout.connect(self.changed)
        self._drawn_at = 0.0
        self._stand_at: float | None = None
        self._goal: tuple[float, _Found | None, Callable[[], None]] | None = None

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
        """What was chosen to be played; the sessions of other symbols are played with it."""
        return self._session

    @property
    def board(self) -> PlayedBoard | None:
        """What it has come to; None until there is a player."""
        return self._shown.played

    def live_row(self, row: Row) -> Row:
        """The live row of the same symbol; the row itself where the symbol is not on the live list."""
        live = self._shown.live
        return live.row(row.symbol) if row.symbol in live.symbols else row

    # opening

    def open(self, session: RecordedSession, at: float | None = None) -> None:
        """Play a session from its start, or stand at a market time, with those of all symbols recorded then."""
        self.close()
        self._stand_at = at
        if not session.states:
            self.told = _(NOTHING_TO_PLAY)
            self.changed.emit()
            return
        self._session = session
        days, key = self._days, session.summary.key
        if days is not None:
            self.told = loading(0, 0)
            self._ask(lambda: days.companions(key), lambda keys: self._load(days, keys, []))
        self.changed.emit()

    def _ask(self, job: Callable[[], Any], take: Callable[[Any], None]) -> None:
        if self._start is not None:
            self._cancel = self._start(job, take, self._failed)

    def _load(self, days: RecordedDays, keys: list[DayKey], loaded: list[Recording], done: int = 0) -> None:
        """Load some more, and say how far that is."""
        some = keys[done : done + _LOADED_AT_ONCE]
        if not some:
            self._loaded(days, keys, loaded)
            return
        self.told = loading(done, len(keys))
        self.changed.emit()
        self._ask(lambda: days.recordings(some), lambda more: self._load(days, keys, loaded + more, done + len(some)))

    def _loaded(self, days: RecordedDays, keys: list[DayKey], recordings: list[Recording]) -> None:
        session, found = self._session, {each.key for each in recordings}
        self.left_out = [key.symbol for key in keys if key not in found]
        if session is None or session.summary.key not in found:
            self.close()
            self.told = _(NOTHING_TO_PLAY)
            self.changed.emit()
            return
        self._ask(lambda: days.player(recordings), self._opened)

    def _opened(self, made: Player) -> None:
        self._cancel = None
        self._player = made
        self._shown.played = PlayedBoard(made, self._shown.live)
        self.told = ""
        if self._stand_at is None:
            self.resume()
        else:
            self.changed.emit()
            self.seek(self._stand_at)

    def _failed(self, error: Exception) -> None:
        self.close()
        self.told = error_sentence(error) if isinstance(error, CapflowError) else _("Details are in the log.")
        self.changed.emit()

    def close(self) -> None:
        """Leave it."""
        was_active = self.active
        self._stand()
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        self._session = self._player = self._shown.played = None
        self.told = ""
        if was_active:
            self.changed.emit()

    # what the user does

    def resume(self) -> None:
        """Let time go on; from the start again, where it was over."""
        player = self._player
        if player is None:
            return
        if player.now >= player.end:
            self.seek(player.start)
        self._elapsed.start()
        self._timer.start()
        self.changed.emit()

    def pause(self) -> None:
        """Let time stand, on the way to somewhere too."""
        self._stand()
        if self.told == _(ON_THE_WAY):
            self.told = ""
        self.changed.emit()

    def _stand(self) -> None:
        self._timer.stop()
        self._rest.stop()
        self._shows.stop()
        self._goal = None

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
        player = self._player
        if player is not None:
            self._go(min(max(at, player.start), player.end))

    def step_minute(self) -> None:
        """Play one minute, and stand."""
        if self._player is not None:
            self._timer.stop()
            self._go(self._player.next_minute)

    def next_alert(self) -> None:
        """Play until an alert is raised, and stand; stay where there is none."""
        from capflow_gui.playback.player import raises  # noqa: PLC0415 - there is a player

        self._jump(lambda happened, _revised: raises(happened), _(NO_MORE_ALERTS))

    def next_revision(self) -> None:
        """Play until a confirmed line of `symbol` is revised, and stand; stay where there is none."""
        self._jump(lambda _happened, revised: revised == str(self.symbol), _(NO_MORE_REVISIONS))

    def _jump(self, found: _Found, none: str) -> None:
        player = self._player
        if player is None:
            return
        self._timer.stop()
        before = player.now

        def stay() -> None:
            self.told = none
            self.changed.emit()

        self._go(player.end, found, lambda: self._go(before, None, stay))

    # on the way

    def _go(self, until: float, found: _Found | None = None, passed: Callable[[], None] = lambda: None) -> None:
        """Go to a time; `passed` is called where it is reached, and `found` stopped nothing on the way."""
        player, board = self._player, self.board
        if player is None or board is None:
            return
        if until < player.now:
            player.restart()
            board.restarted()
        self._goal = until, found, passed
        self._go_on()

    def _go_on(self) -> None:
        player, board, goal = self._player, self.board, self._goal
        if player is None or board is None or goal is None:
            return
        (until, found, passed), enough = goal, perf_counter() + self.slice_s
        is_found = late = False

        def stop(happened: list[PlayedEvent], revised: str) -> bool:
            nonlocal is_found, late
            is_found = is_found or (found is not None and found(happened, revised))
            late = perf_counter() > enough
            return is_found or late

        board.take(player.play_on(until, stop))
        if late and not is_found and player.now < until:
            if not self.running or until - player.now > _FAR_S:
                self.told = _(ON_THE_WAY)
            self._rest.start(0)
            if perf_counter() - self._drawn_at >= _TURN_MS / 1000:
                self._drawn_at = perf_counter()
                self._show()
            return
        self._goal = None
        self._tell(player, board)
        self._show()
        if not is_found:
            passed()

    def _show(self) -> None:
        if self.running:
            self._shows.start(0)
        else:
            self.changed.emit()

    def _tell(self, player: Player, board: PlayedBoard) -> None:
        raised, session = board.raised, self._session
        self.told = "" if raised is None or session is None else alert_told(raised, session.summary.day)
        if player.now >= player.end:
            self._timer.stop()
            self.told = _(PLAYED_TO_END)

    def _turn(self) -> None:
        """Time goes on, from where the way before has ended."""
        player = self._player
        if player is not None and self._goal is None:
            until = player.now + self._elapsed.restart() / 1000 * self.speed
            self._go(min(max(until, self._closed_until(player)), player.end))

    def _closed_until(self, player: Player) -> float:
        """To when nothing comes and the market is closed, UTC epoch seconds; the played time where neither is so."""
        now, following, session = player.now, player.next_at, self._session
        if session is None or following is None or following - now <= _QUIET_S:
            return now
        periods = session.summary.day.periods
        if any(begin <= now < end for begin, end in periods):
            return now
        return min([following - _BEFORE_S, *(begin for begin, __ in periods if begin > now)])
