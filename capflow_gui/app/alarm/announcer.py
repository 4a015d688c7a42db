"""How alerts make themselves known beside the list: the bell, the tray and taskbar, the desktop's notifications."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QApplication

from capflow_gui.app.alarm.player import SoundPlayer
from capflow_gui.app.alarm.tones import Tone
from capflow_gui.clock import Clock
from capflow_gui.domain.alert_record import AlertChange, AlertRecord
from capflow_gui.domain.link import LinkPhase
from capflow_gui.feed.board import BoardView, Subscription
from capflow_gui.feed.events import AlertEvent, LinkEvent
from capflow_gui.present.alerts.handling import SAID_BY_LINK, SNOOZES, health_words
from capflow_gui.reason import Reason
from capflow_gui.settings import AlertSettings
from capflow_gui.ui.access.read_aloud import announce
from capflow_gui.ui.bell import Bell
from capflow_gui.ui.theme import Theme
from capflow_gui.ui.window.frame import Frame

if TYPE_CHECKING:
    from capflow_gui.delivery.desktop import Action, NotificationPort
    from capflow_gui.ui.alerts.tray import Tray
    from capflow_gui.ui.window.main_window import MainWindow

_TONES = {
    AlertChange.RAISED: Tone.ALERT,
    AlertChange.ESCALATED: Tone.WORSE,
    AlertChange.CANNOT_JUDGE: Tone.CANNOT_JUDGE,
}
# By this name Qt finds what the desktop gave, on Wayland: without it a window may not come to the front.
_TOKEN = "XDG_ACTIVATION_TOKEN"  # noqa: S105 - no secret


class Announcer:
    """Lives on the thread of the window. `alerts` gives the settings as they are, `windows` those that are open."""

    def __init__(
        self,
        app: QApplication,
        board: BoardView,
        clock: Clock,
        alerts: Callable[[], AlertSettings],
        *,
        windows: Sequence[MainWindow],
        frame: Frame,
    ) -> None:
        self._app = app
        self._board = board
        self._alerts = alerts
        self._windows = windows
        self._frame = frame
        self._player = SoundPlayer(partial(asyncio.get_running_loop().call_soon_threadsafe, app.beep))
        self._bell = Bell(clock.monotonic, self._sound)
        self._tray: Tray | None = None

    async def follow(self, events: Subscription, ready: Callable[[], None]) -> None:
        """Announce every alert: one sound, and in each window. When a source has connected, `ready` is called.

        What a window raises goes to the log, and the next alert is announced.
        """
        async for event in events:
            if isinstance(event, LinkEvent) and event.state.phase is LinkPhase.READY:
                ready()
            if isinstance(event, AlertEvent) and event.announced and not event.is_of_lost_source:
                if self._alerts().sound:
                    self._bell.ring(_TONES[event.change])
                self._announce(event.record)

    def _announce(self, record: AlertRecord) -> None:
        for window in self._windows:  # not in `follow`, which would hold the last one until the next alert
            asyncio.get_running_loop().call_soon(window.announce, record)

    def tell_health(self, problem: Reason, over: bool) -> None:
        """Say that a source is lost, or answers again: one sound, and a sentence in each window."""
        words = health_words(problem, over=over)
        if not over and self._alerts().sound:
            self._bell.ring(_TONES[AlertChange.CANNOT_JUDGE])
        for window in self._windows:
            if problem.code not in SAID_BY_LINK:
                window.notice.say(words, stay=not over)
            asyncio.get_running_loop().call_soon(announce, window, words)

    def _sound(self, tone: Tone) -> None:
        alerts = self._alerts()
        if alerts.sounds == "system":
            self._app.beep()
        else:
            self._player.play(tone, alerts.volume)

    # the tray

    def open_tray(self, theme: Theme, stop: Callable[[], None]) -> SignalInstance:
        """The icon in the system's tray; the way to the window, however it is hidden. Gives `Tray.counted`."""
        from capflow_gui.ui.alerts.tray import Tray  # noqa: PLC0415 - after the first paint

        self._tray = Tray(self._board, self._app, theme)
        self._tray.show_requested.connect(self._come_up)
        self._tray.acknowledge_all.connect(self._acknowledge_all)
        self._tray.quit_requested.connect(stop)
        return self._tray.counted

    def set_theme(self, theme: Theme) -> None:
        """Another amber in the tray."""
        if self._tray is not None:
            self._tray.set_theme(theme)

    def _come_up(self, incident: str = "") -> None:
        """Bring the window to the front; with the minute of an alert where it is one that is listed."""
        if not self._windows:
            return
        self._frame.come_up()
        for record in self._board.alerts:
            if record.id == incident:
                self._windows[0].show_alert(record)

    def _acknowledge_all(self) -> None:
        for window in self._windows[:1]:
            window.intents.acknowledge_all()

    # notifications

    def port(self) -> NotificationPort:
        """What the window adds to notifications of the desktop."""
        from capflow_gui.delivery.desktop import NotificationPort  # noqa: PLC0415 - after the first paint
        from capflow_gui.present.alerts.tray_words import notification_labels  # noqa: PLC0415

        return NotificationPort(notification_labels(), self._pressed, self._show_in_tray)

    def _pressed(self, action: Action, incident: str, token: str) -> None:
        """Do what was pressed on a notification as if it had been asked for in the window."""
        if action.name == "SHOW":
            os.environ[_TOKEN] = token
            self._come_up(incident)
            del os.environ[_TOKEN]
            return
        found = [each for each in self._board.alerts if each.id == incident]
        for window in self._windows[:1]:
            if action.name == "ACKNOWLEDGE":
                window.alerts.acknowledge(found)
            elif found:
                window.alerts.snooze(found, SNOOZES[0])

    def _show_in_tray(self, title: str, text: str, incident: str) -> bool:
        return self._tray is not None and self._tray.say(title, text, incident)

    # closing

    def close_tray(self) -> None:
        """Take the icon away."""
        tray, self._tray = self._tray, None
        if tray is not None:
            tray.close()

    def close(self) -> None:
        """Wait for the end of a sound. May take seconds: to be called in another thread."""
        self._player.close()
