"""How alerts make themselves known: one sound, each window, the tray, and what is pressed on a notification."""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from capflow_gui.app.alarm.announcer import Announcer
from capflow_gui.delivery.desktop import Action
from capflow_gui.domain.alert_record import AlertChange, AlertRecord
from capflow_gui.domain.link import LinkPhase, LinkState
from capflow_gui.feed.events import AlertEvent, LinkEvent
from capflow_gui.reason import Code, Reason
from capflow_gui.settings import AlertSettings
from capflow_gui.ui.theme import Theme
from tests.ui.boards import alert_of, row_of

RECORD = alert_of(row_of("700.HK", "Tencent Holdings", -263.2e6, 7056e6))


class Window(SimpleNamespace):
    """A stand-in to which a weak reference can be had."""


class Scene:
    """An announcer over stand-ins that note what they are told."""

    def __init__(self, app: QApplication, alerts: AlertSettings | None = None, windows: int = 1) -> None:
        self.time = 0.0
        self.heard: list[object] = []
        self.did: list[tuple[object, ...]] = []
        board = SimpleNamespace(alerts=(RECORD,), troubles=(), simulated=False)
        self.windows: list[Any] = [self._window() for _ in range(windows)]
        frame = SimpleNamespace(come_up=lambda: self.did.append(("up", os.environ.get("XDG_ACTIVATION_TOKEN"))))
        clock: Any = SimpleNamespace(monotonic=lambda: self.time)
        self.announcer = Announcer(
            app,
            cast("Any", board),
            clock,
            lambda: alerts or AlertSettings(),
            windows=self.windows,
            frame=cast("Any", frame),
        )
        self.announcer._player = cast("Any", SimpleNamespace(play=lambda tone, _volume: self.heard.append(tone)))

    def _window(self) -> Any:
        def note(name: str) -> Callable[..., None]:
            return lambda *what, **how: self.did.append((name, *what, *how.values()))

        return Window(
            announce=note("announce"),
            show_alert=note("show"),
            notice=SimpleNamespace(say=note("say")),
            alerts=SimpleNamespace(acknowledge=note("acknowledge"), snooze=note("snooze")),
            intents=SimpleNamespace(acknowledge_all=note("all")),
        )

    async def tell(self, *events: object, apart: float = 0.0) -> None:
        async def subscribed() -> AsyncIterator[object]:
            for event in events:
                yield event
                self.time += apart

        await self.announcer.follow(cast("Any", subscribed()), lambda: self.did.append(("ready",)))
        await asyncio.sleep(0)


async def test_a_window_that_was_told_of_an_alert_may_go_before_the_next(qapp: QApplication) -> None:
    scene, told = Scene(qapp), asyncio.Event()

    async def subscribed() -> AsyncIterator[object]:
        yield raised()
        told.set()
        await asyncio.Event().wait()

    following = asyncio.create_task(scene.announcer.follow(cast("Any", subscribed()), lambda: None))
    await told.wait()
    await asyncio.sleep(0)
    window = weakref.ref(scene.windows.pop())
    assert scene.did
    assert window() is None
    following.cancel()
    await asyncio.wait([following])


def raised(record: AlertRecord = RECORD, change: AlertChange = AlertChange.RAISED) -> AlertEvent:
    return AlertEvent(0.0, change, record, 0, -2e8, -2e8, None)


async def test_a_storm_sounds_once_and_every_alert_of_it_is_shown(qapp: QApplication) -> None:
    scene = Scene(qapp)
    records = [alert_of(row_of(f"{code}.HK", "a company", -2e8, 7e9), number=code) for code in range(1, 41)]
    await scene.tell(*map(raised, records), apart=1.5)
    assert scene.heard == ["alert"]
    assert scene.did == [("announce", record) for record in records]


@pytest.mark.parametrize(("sound", "rung"), [(True, 1), (False, 0)])
async def test_an_alert_sounds_once_however_many_windows_show_it(qapp: QApplication, sound: bool, rung: int) -> None:
    scene = Scene(qapp, AlertSettings(sound=sound), windows=3)
    await scene.tell(raised())
    assert (len(scene.heard), scene.did) == (rung, [("announce", RECORD)] * 3)


async def test_the_systems_bell_is_the_users_choice(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    beeps: list[int] = []
    monkeypatch.setattr(QApplication, "beep", lambda *_: beeps.append(1))
    scene = Scene(qapp, AlertSettings(sounds="system"))
    await scene.tell(raised())
    assert (beeps, scene.heard) == ([1], [])


async def test_a_source_that_has_connected_is_told(qapp: QApplication) -> None:
    scene = Scene(qapp)
    states = [LinkState("opend", phase, 0.0) for phase in (LinkPhase.READY, LinkPhase.FAILED)]
    await scene.tell(*(LinkEvent(0.0, state, None) for state in states))
    assert scene.did == [("ready",)]


async def test_a_lost_source_sounds_once_and_its_rules_do_not(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken: list[str] = []
    monkeypatch.setattr("capflow_gui.app.alarm.announcer.announce", lambda _window, words: spoken.append(words))
    scene = Scene(qapp)
    why = Reason.of(Code.NOT_CONNECTED_BECAUSE, why=Reason.of(Code.CLOSED))
    blocked = replace(RECORD, cannot_judge=True, reason=why)
    await scene.tell(AlertEvent(0.0, AlertChange.CANNOT_JUDGE, blocked, None, None, -2e8, why))
    assert scene.heard == []
    lost = Reason.of(Code.SOURCE_LOST, source="opend", why=Reason.of(Code.CLOSED))
    refused = Reason.of(Code.SOURCE_REFUSED, source="opend", why=Reason.of(Code.CLOSED))
    for problem, over in ((lost, False), (lost, True), (refused, False)):
        scene.announcer.tell_health(problem, over)
    await asyncio.sleep(0)
    assert scene.heard == ["cannot_judge"]
    assert [said[2] for said in scene.did] == [True, False]
    assert len(spoken) == 3


async def test_what_is_pressed_on_a_notification_is_done_as_in_the_window(qapp: QApplication) -> None:
    scene = Scene(qapp)
    pressed = scene.announcer.port().pressed
    pressed(Action.ACKNOWLEDGE, RECORD.id, "")
    pressed(Action.SNOOZE, RECORD.id, "")
    assert scene.did == [("acknowledge", [RECORD]), ("snooze", [RECORD], 15)]
    scene.did.clear()
    pressed(Action.SHOW, RECORD.id, "a-token")
    pressed(Action.SHOW, "digest-7", "")
    assert scene.did == [("up", "a-token"), ("show", RECORD), ("up", "")]
    assert "XDG_ACTIVATION_TOKEN" not in os.environ
    scene.did.clear()
    # An alert that is no longer listed, and a window that has closed.
    pressed(Action.SNOOZE, "gone", "")
    scene.windows.clear()
    for action in Action:
        pressed(action, RECORD.id, "")
    assert scene.did == []


class HandTray(QObject):
    """A tray as a desktop would show it."""

    counted = Signal(object)
    show_requested = Signal(str)
    acknowledge_all = Signal()
    quit_requested = Signal()

    def __init__(self, *_made: object) -> None:
        super().__init__()
        self.did: list[object] = []

    def set_theme(self, theme: Theme) -> None:
        self.did.append(theme)

    def say(self, *what: str) -> bool:
        self.did.append(what)
        return True

    def close(self) -> None:
        self.did.append("closed")


async def test_the_tray_is_the_way_to_the_window_and_shows_what_no_service_does(
    qapp: QApplication, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capflow_gui.ui.alerts.tray.Tray", HandTray)
    scene = Scene(qapp)
    in_tray = scene.announcer.port().tray
    assert in_tray is not None
    assert not in_tray("title", "text", "aa11")
    scene.announcer.set_theme(theme)
    scene.announcer.close_tray()
    counted: list[object] = []
    scene.announcer.open_tray(theme, lambda: scene.did.append(("stop",))).connect(counted.append)
    tray = scene.announcer._tray
    assert isinstance(tray, HandTray)
    tray.counted.emit({"1"})
    tray.show_requested.emit("")
    tray.show_requested.emit(RECORD.id)
    tray.acknowledge_all.emit()
    tray.quit_requested.emit()
    assert scene.did == [("up", None), ("up", None), ("show", RECORD), ("all",), ("stop",)]
    assert in_tray("title", "text", "aa11")
    scene.announcer.set_theme(theme)
    scene.announcer.close_tray()
    assert (counted, tray.did) == ([{"1"}], [("title", "text", "aa11"), theme, "closed"])
    scene.windows.clear()
    scene.did.clear()
    tray.acknowledge_all.emit()
    tray.show_requested.emit("")
    assert scene.did == []
